# SPDX-License-Identifier: Apache-2.0
"""Copies that leave the screen: a notice for paper, notices for a file, the ledger as a file.

Promise: whatever is handed out was logged before, in one transaction: a print and each exported notice as an
access of this officer, a copy of the ledger as an export with the hash of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk import shelf
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.errors import COPIES, FIELD_SIZE
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes.leaves import export_leaf
from fanal.node.ledger.rows import Batch, LeafRow
from fanal.proof.leaf import decode
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

MOST = 64
"""Notices that one call may ask for."""
ANSWER_BYTES = 32 * 1024
"""An answer takes no further notice once it has so many bytes: with one more it fits in any message."""
_LEDGER = "ledger"
_SHA256 = 32


def printed(node: Node, actor: Actor, request: api.PrintRequest) -> api.PrintReply:
    """One notice, logged as printed. Refuses what ``Show`` refuses."""
    record = shelf.find(node, request.notice, request.revision)
    logged = _log(node, actor, [shelf.access(node, actor, "print", record.envelope_id)])
    return api.PrintReply(shown=shelf.reply_of(node, record), logged=logged)


def exported(node: Node, actor: Actor, request: api.ExportRequest) -> api.ExportReply:
    """The first of these notices, as many as fit in an answer, each logged as exported.

    Raises COPIES for none or too many, and what ``Show`` refuses; then nothing is handed out.
    """
    if not 1 <= len(request.notices) <= MOST:
        raise FanalError(COPIES, field="notices", expected=f"1 to {MOST}", found=len(request.notices))
    records = _fitting(shelf.find(node, one) for one in request.notices)
    logged = _log(node, actor, [shelf.access(node, actor, "export", one.envelope_id) for one in records])
    return api.ExportReply(shown=[shelf.reply_of(node, one) for one in records], logged=logged)


def ledger_exported(node: Node, actor: Actor, request: api.LogExportRequest) -> api.LogExportReply:
    """Log that the ledger leaves as a file with this SHA-256."""
    if len(request.file) != _SHA256:
        raise FanalError(FIELD_SIZE, field="file", expected=_SHA256, found=len(request.file))
    person = person_mac(node.keys.person_key, actor.officer_id)
    leaf = export_leaf(person, _LEDGER, None, request.file, node.now)
    return api.LogExportReply(logged=_log(node, actor, [leaf]))


def _fitting(records: Iterable[NoticeRecord]) -> list[NoticeRecord]:
    found, size = list[NoticeRecord](), 0
    for record in records:
        found.append(record)
        size += len(record.notice) + len(record.statement)
        if size >= ANSWER_BYTES:
            break
    return found


def _log(node: Node, actor: Actor, leaves: list[LeafRow]) -> api.Logged:
    """All of it in one transaction."""
    first = node.ledger.append(Batch(leaves=tuple(leaves))).first_leaf
    leaf = decode(leaves[0].data)
    person, at = leaf["actor"], leaf["time"]
    assert isinstance(person, bytes)
    assert isinstance(at, int)  # by the forms of both types
    return api.Logged(person=person, at=at, leaf_index=first)
