# SPDX-License-Identifier: Apache-2.0
"""From which entry on this ledger has had no vault beside it: what a locked node stores, over all its starts.

Promise: `Vault.step_back` gets the newest number of the ledger as it was when the first of these runs began.
A vault that is newer than the ledger has passed the numbers that it gives anew, however often the node was
started before somebody unlocked it. The mark is in the transaction of what it is about; one that was not
taken away costs a second look at what was filed.
"""

from __future__ import annotations

import logging

from fanal.errors import FanalError
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch

log = logging.getLogger("fanal.node.inbox.unseen")
_NAME = "vault-unseen-from"


def since(ledger: Ledger) -> int:
    """The newest arrival number that the vault can have looked at in this ledger; at the start of a run."""
    known, last = ledger.facts.meta(_NAME), ledger.head().entries
    return last if known is None else min(last, int(known))


def mark(found: int) -> tuple[str, bytes | None]:
    """For the batch of entries that come while the vault is not open. ``found``: `since`, at the start."""
    return _NAME, b"%d" % found


def settle(ledger: Ledger) -> None:
    """The vault has stepped back."""
    if ledger.facts.meta(_NAME) is None:
        return
    try:
        ledger.append(Batch(meta=((_NAME, None),)))
    except FanalError as error:
        log.warning("the next start looks once more at what has come: %s", error)
