# SPDX-License-Identifier: Apache-2.0
"""The author's withdrawal of a notice, for its evidence bundle.

Promise: it is put in only where an auditor can tie it to the notice: by the manifest that it names, or by the
number of a notice that is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.errors import CONTENT_GONE
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes import disclosing
from fanal.node.lanes.rows import content_of
from fanal.node.ledger.rows import EntryRow
from fanal.proof.evidence.layout import Item
from fanal.proof.evidence.withdrawal import names_manifest
from fanal.v1.envelope_pb2 import Content
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node


@dataclass(frozen=True)
class TakenBack:
    """A withdrawal as it is shown. Without ``names_manifest`` the number of the notice ties them."""

    row: EntryRow
    item: Item
    names_manifest: bool


def withdrawal_of(node: Node, record: NoticeRecord, row: EntryRow, shown: bool) -> TakenBack | None:
    """What withdraws the notice of ``row``, if anything does; ``shown``: its number may be shown."""
    recall = node.vault.notices.recall(record.summary.notice_id, row.author)
    found = node.ledger.entries.get(manifest_sha256=recall.manifest_sha256) if recall else None
    item = _item(node, found) if found is not None else None
    if found is None or item is None:
        return None
    named = {proof.path: proof.value for proof in item.fields}
    taken = TakenBack(found, item, names_manifest(named, row.manifest_sha256))
    return taken if taken.names_manifest or (shown and row.body) else None


def opened(node: Node, row: EntryRow) -> Content:
    """The content of a notice. Raises CONTENT_GONE."""
    record = node.vault.notices.get(node.now, manifest_sha256=row.manifest_sha256)
    if record is None or not row.body or not record.content_key:
        raise FanalError(CONTENT_GONE, notice=record.summary.ref if record else row.envelope_id.hex())
    return content_of(row, record.content_key)


def _item(node: Node, row: EntryRow) -> Item | None:
    """From what is kept of it; of one filed before anything was kept, from its content."""
    proof = node.vault.notices.withdrawal_proof(row.manifest_sha256)
    if proof is not None:
        return disclosing.kept(row, proof)
    if not row.body:
        return None
    content = opened(node, row)
    paths = disclosing.withdrawal_paths(Notice.FromString(content.notice))
    return disclosing.some(row, content, paths) if paths else None
