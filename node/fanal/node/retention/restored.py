# SPDX-License-Identifier: Apache-2.0
"""After a restore nothing that was erased comes back: the outside list is applied before anything is served.

The ledger remembers how much of the list it contains; a restored one remembers less. The inbox opens only
when the list, delete_by and the withdrawals of peers have been applied. A list that lost lines, of which the
ledger knows how many there were, gets them back from the ledger.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.attachments import tending
from fanal.node.lanes.leaves import admin_leaf
from fanal.node.ledger.rows import Batch, EntryRow, ErasureRow, LeafRow
from fanal.node.retention import erasing
from fanal.node.retention.errors import INBOX_CLOSED
from fanal.node.retention.outside import Erased

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.retention.restored")

_CLOSED = "inbox.closed"
_HARMLESS = ("", "created")
_PAGE = 64


def begin(node: Node) -> None:
    """At the start, before any peer is served: erase in the ledger what the list names and it still has."""
    reason = node.ledger.opened.reason
    applied = int.from_bytes(node.ledger.facts.meta(erasing.APPLIED) or b"")
    lost = applied > len(node.erasures.lines)
    if lost:
        _write_again(node)
    # Else the list may have another order than it had.
    counts = node.erasures.agree and reason in _HARMLESS and not lost
    missing = node.erasures.lines[applied if counts else 0 :]
    if missing and reason in _HARMLESS and not lost:
        reason = "erasures-missing"
    if reason not in _HARMLESS:
        node.ledger.append(Batch(meta=((_CLOSED, reason.encode("ascii")),)))
    for start in range(0, len(missing), _PAGE):
        _apply(node, missing[start : start + _PAGE])
    if missing:
        node.ledger.append(Batch(meta=erasing.mark(node)))


def _write_again(node: Node) -> None:
    log.warning("the list of erasures has lost lines: they are written again from the ledger")
    after = b""
    while page := node.ledger.facts.erasures(after, _PAGE):
        node.erasures.add(Erased(row.envelope_id, row.manifest_sha256, row.basis, row.at) for row in page)
        after = page[-1].manifest_sha256


def _apply(node: Node, lines: list[Erased]) -> None:
    entries: list[EntryRow] = []
    rows: list[ErasureRow] = []
    leaves: list[LeafRow] = []
    for line in lines:
        entry = node.ledger.entries.get(manifest_sha256=line.manifest_sha256)
        if entry is None or node.ledger.facts.erasure(line.manifest_sha256) is not None:
            continue
        row = ErasureRow(line.envelope_id, line.manifest_sha256, entry.key_envelope, line.basis, line.at)
        rows.append(row)
        entries.append(entry)
        leaves.append(erasing.leaf_of(row, node.now))
    if rows:
        tending.drop(node, entries)
        node.ledger.append(Batch(erased=tuple(rows), leaves=tuple(leaves)))


def closed(node: Node) -> str:
    """Why the inbox is closed, "" when it is open."""
    return (node.ledger.facts.meta(_CLOSED) or b"").decode("ascii", "replace")


def check_open(node: Node) -> None:
    """Raise INBOX_CLOSED while a restored node may still show what was erased or withdrawn meanwhile."""
    reason = closed(node)
    if reason:
        raise FanalError(INBOX_CLOSED, reason=reason)


def reopen(node: Node, actor: bytes | None = None) -> None:
    """Everything was applied; or ``actor`` (a person's HMAC) says that nobody is left to ask."""
    leaf = admin_leaf("inbox-reopened", hashlib.sha256(closed(node).encode()).digest(), node.now, actor)
    node.ledger.append(Batch(leaves=(leaf,), meta=((_CLOSED, None),)))
