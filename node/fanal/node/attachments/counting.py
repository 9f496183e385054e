# SPDX-License-Identifier: Apache-2.0
"""Files against their author's day and against the bytes that this node keeps of it.

Promise: a file is counted once, before its first byte is kept, in one commit of two settings of bounded size;
so neither a restart nor a transfer that goes on after one begins a new day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.attachments.errors import AUTHOR_FULL
from fanal.node.ledger.rows import Batch

if TYPE_CHECKING:
    from fanal.node.node import Node


def count(node: Node, author: str, attachment: bytes, length: int) -> None:
    """A ciphertext of ``length`` bytes is to be kept. Raises OVER_LIMIT, DAY_FULL and AUTHOR_FULL; then
    nothing is counted."""
    if not node.budget.take(author, attachment, length, node.clock()):
        return
    begun = node.attachments.progress(attachment).have > 0
    over = None if begun else node.quotas.hold(author, length, node.now)
    if over is not None:
        node.budget.give_back(author, attachment)
        raise FanalError(AUTHOR_FULL, author=author, limit=over.most)
    node.ledger.append(Batch(meta=(*node.budget.rows(author), *node.quotas.rows([author]))))


def give_back(node: Node, author: str, attachment: bytes, length: int) -> None:
    """It was not kept after all."""
    node.budget.give_back(author, attachment)
    node.quotas.freed(author, length)


def erase(node: Node, author: str, attachment: bytes) -> None:
    """Erase what is here of it: room for its author, and nothing of its day. Of two that do so at one moment,
    an erasure and who brings its last piece, only the one that found it gives the room."""
    length = node.attachments.progress(attachment).length
    if node.attachments.erase(attachment):
        node.quotas.freed(author, length)
