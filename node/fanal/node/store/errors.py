# SPDX-License-Identifier: Apache-2.0
"""What keeps the node from its database while nothing is wrong with the disk (FANAL-E0629 to E0631)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

STORE_GONE = ErrorKind(
    "FANAL-E0629",
    Exit.FAILED,
    _("{path} was moved, removed or replaced while the node runs: nothing is stored any more."),
    _(
        "If it was moved, move it back: the node goes on by itself. Else stop the node and restore the "
        "folder from its newest backup: peers return what they were sent."
    ),
)
STORE_BUSY = ErrorKind(
    "FANAL-E0630",
    Exit.FAILED,
    _("{path} is locked by another program that has it open; nothing was stored."),
    _(
        "End it; this shows which it is: fuser -v {path}. The node goes on by itself. Look at a copy "
        "instead, made with: fanal node backup DIR."
    ),
)
NO_DESCRIPTORS = ErrorKind(
    "FANAL-E0631",
    Exit.FAILED,
    _("{path} cannot be opened: this process may have {limit} files and connections open, and has them."),
    _("Raise the limit (ulimit -n, or LimitNOFILE= of the service), then start the node again."),
)
HELD_UP = (STORE_GONE, STORE_BUSY)
"""Nothing was begun, and the open connection is as good as before."""
PASSING = (*HELD_UP, NO_DESCRIPTORS)
"""What ends without anybody's doing in this program."""
VAULT_WANTING = ErrorKind(
    "FANAL-E0619",
    Exit.FAILED,
    _("The damaged vault is closed, and no new one could be begun: {reason} Nothing is opened or read here."),
    _("It is begun again every few seconds, and filled from the ledger. See to what stands in its way."),
)
