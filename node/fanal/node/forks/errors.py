# SPDX-License-Identifier: Apache-2.0
"""What a proven fork is called in `fanal status` and `fanal doctor`. Ids FANAL-E0720..E0729."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

LANE_FORKED = ErrorKind(
    "FANAL-E0720",
    Exit.VERIFICATION_FAILED,
    _("{agency} signed two different envelopes for number {number} of lane {where}."),
    _("Both are kept as proof. Ask its operator: a copied or restored data folder, or a stolen signing key?"),
)
OWN_LANE_FORKED = ErrorKind(
    "FANAL-E0721",
    Exit.VERIFICATION_FAILED,
    _(
        "This agency signed two different envelopes for number {number} of lane {where}. "
        "The lane goes on in a new incarnation."
    ),
    _(
        "Stop any second machine that runs a copy of this data folder. If there is none and no older copy "
        "was restored, the node's signing key is in other hands: revoke it."
    ),
)
LOG_FORKED = ErrorKind(
    "FANAL-E0722",
    Exit.VERIFICATION_FAILED,
    _("{agency} signed two different roots for size {number} of log {where}."),
    _("Both checkpoints are kept as proof. Ask its operator what happened, and export evidence from here."),
)
DOCUMENT_FORKED = ErrorKind(
    "FANAL-E0723",
    Exit.VERIFICATION_FAILED,
    _("Two different {where} documents with number {number} are validly signed ({agency})."),
    _("Both are kept as proof. Ask who holds the root keys. A charter's fork ends with the next charter."),
)
LANE_SPLIT = ErrorKind(
    "FANAL-E0724",
    Exit.VERIFICATION_FAILED,
    _("{agency} went on twice, in two new incarnations, from one point of lane {where}."),
    _("Both are read and kept. It restored an older copy of its data folder, or runs a second one: ask it."),
)
