# SPDX-License-Identifier: Apache-2.0
"""What witnesses find, as `fanal status` and `fanal doctor` point at it. Ids FANAL-E0730..E0739."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

LOG_ROLLED_BACK = ErrorKind(
    "FANAL-E0730",
    Exit.VERIFICATION_FAILED,
    _(
        "{witness} holds a checkpoint that this agency signed over {size} entries (root {root}); the ledger "
        "here had {restored} entries when it was noticed and does not lead there. "
        "No checkpoint of {origin} is signed any more."
    ),
    _(
        "Stay linked: peers return what they were sent. If a newer copy of the data folder exists, stop the "
        "node and put it back. Else stop it, run 'fanal key new-log', and start it again."
    ),
)
CHECKPOINTS_WAIT = ErrorKind(
    "FANAL-E0731",
    Exit.FAILED,
    _("No checkpoint is signed yet: no witness has told how far it has seen this log."),
    _("Bring up a link to any member: 'fanal peer list'. Notices travel meanwhile."),
)
QUORUM_SHORT = ErrorKind(
    "FANAL-E0732",
    Exit.FAILED,
    _("For {minutes} minutes no checkpoint was cosigned by {expected} witnesses; the newest has {found}."),
    _("Bring up links to more members: 'fanal peer list'. Proofs stay undecided until then."),
)
WITNESS_CONFLICT = ErrorKind(
    "FANAL-E0733",
    Exit.VERIFICATION_FAILED,
    _("{agency} offered a checkpoint of {origin} that does not go on from the one witnessed here."),
    _("Its past was rewritten or forked. Both checkpoints are kept; ask its operator what happened."),
)
NOTHING_TO_ANCHOR = ErrorKind(
    "FANAL-E0734",
    Exit.FAILED,
    _("No checkpoint can be signed now."),
    _("'fanal doctor' tells why: the node is locked, waits for a witness, or its log was rolled back."),
)
LOG_BEGAN_ANEW = ErrorKind(
    "FANAL-E0735",
    Exit.VERIFICATION_FAILED,
    _(
        "{agency} began {origin} and did not show that it goes on from {before}, of which {size} entries "
        "(root {root}) are witnessed here."
    ),
    _(
        "It lost entries after a restore, which its own ledger says as an incident log-continued, or rewrote "
        "them: ask its operator. The checkpoint of the log before is kept."
    ),
)
