# SPDX-License-Identifier: Apache-2.0
"""``fanal audit prove``: the evidence bundle of one notice, sent or received.

Promise: a bundle leaves only after its export is a leaf under a signed checkpoint of our log, and the leaf
names the hash of what was handed out. Without content or fields nothing of the notice's text is even opened.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fanal.envelope import ciphers, fields
from fanal.envelope import content as contents
from fanal.envelope.receipts import decode as decode_receipts
from fanal.errors import FanalError
from fanal.keys.documents import encode_document
from fanal.node import checkpoints, documents
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.errors import CONTENT_GONE, LANGUAGE_UNKNOWN
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes.leaves import export_leaf
from fanal.node.ledger.rows import Batch, Checkpoint, EntryRow
from fanal.node.witness import names, ownlog
from fanal.proof import note as notes
from fanal.proof.evidence import layout, pack
from fanal.proof.evidence.layout import Item, Log, LoggedLeaf, Parts, ReceiptItem
from fanal.proof.evidence.proofs import LANGUAGES, Consistency, Cover, Inclusion
from fanal.proof.evidence.told import MAX_LINKS
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.proof.tree import consistency_proof, inclusion_proof
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Content, Manifest, Receipts, StoredCoverage
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node

_PAGE = 2000
_LOOK = 512
"""Checkpoints that are looked through for the first one with its quorum."""
_POLL = 0.05
_RECEIPTS = (LeafType.RECEIPT_OUT, LeafType.RECEIPT_IN)


@dataclass
class _Gathered:
    """What the log and the lanes hold about the notice; ``notice`` is the index of its own leaf."""

    notice: int = 0
    leaves: list[tuple[int, bytes]] = field(default_factory=list)
    receipts: dict[bytes, ReceiptItem] = field(default_factory=dict)
    authors: set[str] = field(default_factory=set)
    chain: dict[bytes, bytes] = field(default_factory=dict)


def prove(node: Node, actor: Actor, request: api.ProveRequest, patience: float = 0.0) -> api.ProveReply:
    """The bundle, after its export is logged and anchored. Waits up to ``patience`` seconds for witnesses.

    Raises NOTICE_UNKNOWN, CONTENT_GONE, FIELD_UNKNOWN, LANGUAGE_UNKNOWN, and why no checkpoint may be signed.
    """
    language = request.lang or LANGUAGES[0]
    if language not in LANGUAGES:
        raise FanalError(LANGUAGE_UNKNOWN, found=language[:40], choices=", ".join(LANGUAGES))
    record = node.vault.notices.find(request.notice, node.now)
    parts, gathered = _parts(node, record, request, language)
    core = pack.prepare(parts)
    actor_mac = person_mac(node.keys.person_key, actor.officer_id)
    leaf = export_leaf(
        actor_mac, f"bundle-{parts.cover.disclosure}", record.envelope_id, core.digest, node.now
    )
    with node.writing:
        first = node.ledger.append(Batch(leaves=(leaf,))).first_leaf
        gathered.leaves.append((first, leaf.data))
        checkpoints.anchor_now(node)
        head = node.ledger.head().checkpoint
    assert head is not None  # anchor_now raises when there is none
    row = _cosigned_in_time(node, head, patience)
    bundle = pack.finish(core, _log(node, row, gathered, parts))
    return api.ProveReply(bundle=bundle, name=f"{record.summary.ref}.zip")


# --- the parts ------------------------------------------------------------------------------------


def _parts(
    node: Node, record: NoticeRecord, request: api.ProveRequest, language: str
) -> tuple[Parts, _Gathered]:
    row = _entry(node, record.manifest_sha256)
    shows = "content" if request.content else "fields" if request.fields else "proof"
    item, paths = _bare(row), list(dict.fromkeys(request.fields))
    if shows != "proof":
        item = _disclosed(node, row, None if request.content else paths)
    withdrawal = _withdrawal_row(node, record, row) if shows != "proof" else None
    withdrawn: Item | None = None
    if withdrawal is not None:
        withdrawn = _disclosed(node, withdrawal, _naming(node, withdrawal))
        if not request.content:
            item = _disclosed(node, row, list(dict.fromkeys([*paths, "notice_id"])))
    gathered = _gather(node, [row] if withdrawal is None else [row, withdrawal])
    agencies = {node.agency, row.author, *gathered.authors}
    return Parts(
        cover=Cover(node.agency, shows, language),
        notice=item,
        withdrawal=withdrawn,
        receipts=tuple(gathered.receipts.values()),
        chain=tuple(gathered.chain.values()),
        charters=_charters(node),
        identities=_identities(node, agencies),
    ), gathered


def _entry(node: Node, manifest_sha256: bytes) -> EntryRow:
    row = node.ledger.entries.get(manifest_sha256=manifest_sha256)
    assert row is not None  # the vault holds only what the ledger holds
    return row


def _bare(row: EntryRow) -> Item:
    return Item(row.manifest, row.signature)


def _disclosed(node: Node, row: EntryRow, paths: list[str] | None) -> Item:
    """The statement with the whole notice (None), or with these fields of it."""
    record = node.vault.notices.get(node.now, manifest_sha256=row.manifest_sha256)
    if record is None or not row.body or not record.content_key:
        raise FanalError(CONTENT_GONE, notice=record.summary.ref if record else row.envelope_id.hex())
    content = _content(row, record.content_key)
    item = replace(
        _bare(row),
        statement=content.statement,
        officer_signature=content.officer_signature,
        content_salt=content.content_salt,
    )
    if paths is None:
        return replace(
            item, notice=content.notice, notice_salt=content.notice_salt, field_salt=content.field_salt
        )
    notice = Notice.FromString(content.notice)
    proven = fields.prove(notice, content.field_salt, _scalars_of(notice, paths))
    return replace(item, fields=tuple(proven))


def _scalars_of(notice: Notice, paths: list[str]) -> list[str]:
    """The scalar fields that are meant: a path may name a message or a list, as ``issued_at`` does."""
    known = [path for path, _value in fields.scalars(notice)]
    meant: dict[str, None] = {}
    for path in paths:
        inside = [one for one in known if one == path or one.startswith((f"{path}.", f"{path}["))]
        meant |= dict.fromkeys(inside or [path])
    return list(meant)


def _content(row: EntryRow, content_key: bytes) -> Content:
    header = Manifest.FromString(row.manifest).header
    return contents.decode(ciphers.open_body(content_key, header, row.body or b""))


def _withdrawal_row(node: Node, record: NoticeRecord, row: EntryRow) -> EntryRow | None:
    """The originator's withdrawal of this notice, if it came and can still be opened."""
    recall = node.vault.notices.recall(record.summary.notice_id, row.author)
    found = node.ledger.entries.get(manifest_sha256=recall.manifest_sha256) if recall else None
    return found if found is not None and found.body else None


def _naming(node: Node, withdrawal: EntryRow) -> list[str]:
    """The fields of a withdrawal that say what is withdrawn and why."""
    record = node.vault.notices.get(node.now, manifest_sha256=withdrawal.manifest_sha256)
    if record is None:
        return []
    paths = [path for path, _value in fields.scalars(Notice.FromString(record.notice))]
    return [path for path in paths if path.startswith("withdrawal.")]


def _charters(node: Node) -> tuple[bytes, ...]:
    """Charter 1 to the newest, with the other branch of every fork that was settled."""
    stored = documents.charters_after(node.ledger, 0)
    known = stored or [view.document for view in node.directory.charters()]
    return tuple(encode_document(one) for one in known)


def _identities(node: Node, agencies: Iterable[str]) -> dict[str, bytes]:
    """Every identity document held of these agencies: old signatures need old documents."""
    return {
        layout.identity_name(agency, view.serial): encode_document(view.document)
        for agency in sorted(agencies)
        for view in node.directory.identities(agency)
    }


# --- what the log holds about it --------------------------------------------------------------------


def _gather(node: Node, rows: list[EntryRow]) -> _Gathered:
    gathered = _Gathered(rows[0].leaf or 0)
    for index, data in _leaves_about(node, rows):
        leaf = decode(data)
        if leaf.type in _RECEIPTS and not _take_receipt(node, gathered, leaf, rows):
            continue
        gathered.leaves.append((index, data))
    return gathered


def _leaves_about(node: Node, rows: list[EntryRow]) -> Iterator[tuple[int, bytes]]:
    """The leaves of these entries, of receipts about their places, and of their erasure."""
    marks = [f" manifest={row.manifest_sha256.hex()} ".encode() for row in rows]
    lanes = {f" lane={row.lane.hex()} incarnation={row.incarnation.hex()} ".encode(): row for row in rows}
    start = min(row.leaf or 0 for row in rows)
    while page := node.ledger.log.leaves(start, start + _PAGE):
        for index, data in enumerate(page, start):
            if any(mark in data for mark in marks) or any(
                place in data and b" receipt-" in data for place in lanes
            ):
                yield index, data
        start += len(page)


def _take_receipt(node: Node, gathered: _Gathered, leaf: Leaf, rows: list[EntryRow]) -> bool:
    """Whether the receipt is about one of the rows; it is then kept with what leads to its head."""
    first, last, envelope = leaf["first"], leaf["last"], leaf["envelope"]
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert isinstance(envelope, bytes)  # by the forms of the type
    if not any(first <= row.seq <= last and leaf["lane"] == row.lane for row in rows):
        return False
    if envelope in gathered.receipts:
        return True
    author = node.agency if leaf.type is LeafType.RECEIPT_OUT else str(leaf["peer"])
    row = node.ledger.entries.get(envelope_id=envelope, author=author)
    item = _receipt(node, row) if row is not None else None
    if row is None or item is None or not _names(gathered, node, decode_receipts(item.receipts), rows):
        return False
    gathered.receipts[envelope] = item
    gathered.authors.add(row.author)
    return True


def _receipt(node: Node, row: EntryRow) -> ReceiptItem | None:
    """The opened receipts; None once the key of their lane is destroyed."""
    stored = node.vault.lane_key(key_manifest_sha256=row.key_envelope)
    if stored is None or not row.body:
        return None
    header = Manifest.FromString(row.manifest).header
    content = _content(row, ciphers.unwrap(stored.key, header, row.own_wrap))
    return ReceiptItem(row.manifest, row.signature, content.receipts, content.content_salt)


def _names(gathered: _Gathered, node: Node, told: Receipts, rows: list[EntryRow]) -> bool:
    hashes = {row.manifest_sha256 for row in rows}
    singles = [one.manifest_sha256 for one in told.rejected] + [one.manifest_sha256 for one in told.held]
    singles += [one.manifest_sha256 for one in told.recalls]
    found = any(one in hashes for one in singles)
    found |= any(digest in read.body for read in told.read for digest in hashes)
    for item in (*told.stored, *told.relayed):
        for row in rows:
            if _covers(item, row):
                _link(node, gathered, item, row)
                found = True
    return found


def _covers(item: StoredCoverage, row: EntryRow) -> bool:
    place = item.lane == row.lane and item.incarnation == row.incarnation
    return place and any(span.start <= row.seq < span.stop for span in item.ranges)


def _link(node: Node, gathered: _Gathered, item: StoredCoverage, row: EntryRow) -> None:
    """The manifests after the row's up to the head of the receipt, if they are few enough."""
    last = item.ranges[-1].stop - 1
    if last - row.seq >= MAX_LINKS:
        return
    for one in node.ledger.entries.range(row.lane, row.incarnation, row.seq + 1, last + 1, MAX_LINKS):
        gathered.chain[one.manifest_sha256] = one.manifest


# --- the log ----------------------------------------------------------------------------------------


def _cosigned_in_time(node: Node, head: Checkpoint, patience: float) -> Checkpoint:
    """The first checkpoint from ``head`` on that has its quorum, or ``head`` as it is when the time is up."""
    until = time.monotonic() + patience
    while True:
        row = node.ledger.head().checkpoint
        for _step in range(_LOOK):
            # Witnesses may be asked for a later checkpoint first: it covers this one as well.
            if row is None or row.size <= head.size or ownlog.quorum_of(node, row.note).passed:
                break
            row = node.ledger.log.checkpoint(row.size - 1)
        assert row is not None  # checkpoints are never deleted
        if ownlog.quorum_of(node, row.note).passed or time.monotonic() >= until:
            return row
        time.sleep(_POLL)


def _log(node: Node, row: Checkpoint, gathered: _Gathered, parts: Parts) -> Log:
    short, tree, notice = pack.short_note(row.note), node.ledger.log.node, gathered.notice
    logged = tuple(
        LoggedLeaf(data, Inclusion(index, tuple(inclusion_proof(index, row.size, tree)), short))
        for index, data in gathered.leaves
    )
    older = _first_seen(node, row, notice)
    seen = names_on(node, row.note) | (names_on(node, older.note) if older else set())
    witnesses = {n: d for n, d in _identities(node, seen).items() if n not in parts.identities}
    if older is None:
        return Log(logged, row.note, witnesses=witnesses)
    path = tuple(consistency_proof(older.size, row.size, tree))
    return Log(logged, row.note, older.note, Consistency(older.size, row.size, path), witnesses)


def _first_seen(node: Node, row: Checkpoint, index: int) -> Checkpoint | None:
    """The earliest checkpoint over the notice's leaf that has its quorum, if there is one before ``row``.

    The earliest, because it dates the notice: what a key signed counts for as long as the key was good.
    """
    size, reach = index + 1, 1
    for _step in range(_LOOK):
        found = node.ledger.log.checkpoint(min(size + reach - 1, row.size - 1))
        if found is None or found.size < size:
            if size + reach > row.size:
                return None
            reach *= 2
            continue
        found = _lowest(node, found, size)
        if ownlog.quorum_of(node, found.note).passed:
            return found
        size, reach = found.size + 1, 1
        if size >= row.size:
            return None
    return None


def _lowest(node: Node, found: Checkpoint, size: int) -> Checkpoint:
    """The smallest checkpoint of ``size`` leaves or more."""
    while True:
        before = node.ledger.log.checkpoint(found.size - 1)
        if before is None or before.size < size:
            return found
        found = before


def names_on(node: Node, note: bytes) -> set[str]:
    """The agencies whose witness lines stand on a checkpoint of ours."""
    lines = {(line.name, line.key_id) for line in notes.parse(note).signatures}
    known = names.witnesses(node.directory)
    return {agency for agency, keys in known.items() if any((k.name, k.key_id) in lines for k in keys)}
