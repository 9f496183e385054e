# SPDX-License-Identifier: Apache-2.0
"""What a proven fork is called in `fanal status` and `fanal doctor`. Ids FANAL-E0720..E0729."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

LANE_FORKED = ErrorKind(
    "FANAL-E0720",
    Exit.VERIFICATION_FAILED,
    _("{agency} signed two different envelopes for number {number} of lane {where}."),
    _("Both are kept as proof. Ask its operator: a machine cloned with its memory, or a stolen signing key?"),
)
OWN_LANE_FORKED = ErrorKind(
    "FANAL-E0721",
    Exit.VERIFICATION_FAILED,
    _(
        "This agency signed two different envelopes for number {number} of lane {where}. "
        "The lane goes on in a new incarnation."
    ),
    _(
        "No restore and no copy of a data folder does this: the node's signing key is in other hands, "
        "or a running machine was cloned with its memory. Stop the second machine, or revoke the key."
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
    _("{agency} went on twice from one point of lane {where}: once as if the other had not been."),
    _("Both are read and kept. It restored an older copy of its data folder, or runs a second one: ask it."),
)
OWN_LANE_SPLIT = ErrorKind(
    "FANAL-E0725",
    Exit.VERIFICATION_FAILED,
    _("This agency's node went on twice from one point of lane {where}: once as if the other had not been."),
    _(
        "This looks like a restored backup or a copied data folder. If you restored one, nothing is left to "
        "do: what was lost comes back from the peers. Stop any second machine that runs a copy. If it was "
        "neither, the node's signing key is in other hands: revoke it."
    ),
)
OWN_RETURNED = ErrorKind(
    "FANAL-E0726",
    Exit.VERIFICATION_FAILED,
    _(
        "This database lacked envelopes that this agency signed; peers gave them back, {peer} first: "
        "{count} so far."
    ),
    _(
        "This looks like a restored backup or a copied data folder. If you restored one, nothing is left to "
        "do: they are kept. Stop any second machine that runs a copy. If it was neither, the node's signing "
        "key is in other hands: revoke it."
    ),
)
