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
from fanal.proof.evidence.proofs import MAX_OTHERS
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
    asks_deletion: bool


def withdrawal_of(node: Node, record: NoticeRecord, row: EntryRow, shown: bool) -> TakenBack | None:
    """What withdraws the notice of ``row``, if anything does; ``shown``: its number may be shown. Of several
    the last one that asks for deletion, else the last one: no later word takes back that demand."""
    fit = [one for one in _all(node, record, row) if one.names_manifest or (shown and row.body)]
    return max(fit, key=lambda one: one.asks_deletion, default=None)


def others(node: Node, record: NoticeRecord, row: EntryRow, taken: TakenBack | None) -> tuple[str, ...]:
    """What else is here of the notice, for the cover of its bundle: other envelopes, and withdrawals that
    are not shown."""
    held = node.vault.notices.envelopes_of(record.summary.notice_id, row.author)
    newest = max((revision for _hash, revision, _erased in held), default=0)
    lines = [
        f"{digest.hex()} revision {revision} {_state(revision, newest, erased)}"
        for digest, revision, erased in held
        if digest != row.manifest_sha256
    ]
    shown = taken.row.manifest_sha256 if taken else b""
    told = [one.row.manifest_sha256 for one in _all(node, record, row)]
    lines += [f"{one.hex()} withdrawal" for one in told if one != shown]
    return tuple(lines[-MAX_OTHERS:])


def _state(revision: int, newest: int, erased: bool) -> str:
    return "erased" if erased else "replaced" if revision < newest else "issued"


def _all(node: Node, record: NoticeRecord, row: EntryRow) -> list[TakenBack]:
    """Its author's withdrawals of this notice, the one in force first. One that names the manifest under the
    number of another notice withdraws nothing here."""
    number = record.summary.notice_id
    recall = node.vault.notices.recall(number, row.author)
    last = [recall.manifest_sha256] if recall else []
    named = [*last, *node.vault.notices.withdrawals_naming(row.manifest_sha256)]
    found = [_taken(node, one, row, number) for one in dict.fromkeys(named)]
    return [one for one in found if one is not None]


def _taken(node: Node, manifest_sha256: bytes, row: EntryRow, number: str) -> TakenBack | None:
    found = node.ledger.entries.get(manifest_sha256=manifest_sha256)
    item = _item(node, found) if found is not None and found.author == row.author else None
    if found is None or item is None:
        return None
    said = {proof.path: proof.value for proof in item.fields}
    if number.encode() not in (said[path] for path in said if path.startswith("withdrawal.notice_ids[")):
        return None
    asks = said.get("withdrawal.delete_required") == b"true"
    return TakenBack(found, item, names_manifest(said, row.manifest_sha256), asks)


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
