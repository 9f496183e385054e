# SPDX-License-Identifier: Apache-2.0
"""``fanal audit prove``: the evidence bundle of one notice, sent or received.

Promise: a bundle leaves only after its export is a leaf under a signed checkpoint of our log, and the leaf
names the hash of what was handed out. What would not fit is refused before: no leaf tells of an export that
nobody could get. Without content or fields nothing of the notice's text is even opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.envelope import fields
from fanal.errors import FanalError
from fanal.keys.charter import parse_charter
from fanal.keys.documents import body_sha256, encode_document
from fanal.node import checkpoints, documents
from fanal.node.desk import provenlog
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.desk.provable import Gathered, gather
from fanal.node.errors import CONTENT_GONE, LANGUAGE_UNKNOWN
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes.leaves import export_leaf
from fanal.node.lanes.rows import content_of
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.proof.evidence import pack
from fanal.proof.evidence.layout import Item, Parts
from fanal.proof.evidence.proofs import LANGUAGES, Cover
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node

PIECE = 256 * 1024
"""Bytes of a bundle in one message."""


def prove(node: Node, actor: Actor, request: api.ProveRequest, patience: float = 0.0) -> list[api.ProveReply]:
    """The bundle in pieces, after its export is logged and anchored. Waits up to ``patience`` seconds for
    witnesses.

    Raises NOTICE_UNKNOWN, CONTENT_GONE, FIELD_UNKNOWN, LANGUAGE_UNKNOWN, PROOF_TOO_LARGE, and why no
    checkpoint may be signed; nothing is logged then.
    """
    language = request.lang or LANGUAGES[0]
    if language not in LANGUAGES:
        raise FanalError(LANGUAGE_UNKNOWN, found=language[:40], choices=", ".join(LANGUAGES))
    record = node.vault.notices.find(request.notice, node.now)
    parts, gathered = _parts(node, record, request, language)
    core = pack.prepare(parts)
    provenlog.check_room(node, core, gathered)
    checkpoints.check_may_sign(node)
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
    row = provenlog.cosigned_in_time(node, head, patience)
    bundle = pack.finish(core, provenlog.log_of(node, row, gathered, parts))
    return _pieces(bundle, f"{record.summary.ref}.zip")


def _pieces(bundle: bytes, name: str) -> list[api.ProveReply]:
    """The first one tells name and size of the whole, so that a reader knows when it has all."""
    pieces = [api.ProveReply(bundle=bundle[at : at + PIECE]) for at in range(0, len(bundle), PIECE)]
    pieces[0].name, pieces[0].size = name, len(bundle)
    return pieces


# --- the parts ------------------------------------------------------------------------------------


def _parts(
    node: Node, record: NoticeRecord, request: api.ProveRequest, language: str
) -> tuple[Parts, Gathered]:
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
    gathered = gather(node, [row] if withdrawal is None else [row, withdrawal])
    agencies = {node.agency, row.author, *gathered.authors}
    return Parts(
        cover=Cover(node.agency, shows, language),
        notice=item,
        withdrawal=withdrawn,
        receipts=tuple(gathered.receipts.values()),
        chain=tuple(gathered.chain.values()),
        charters=_charters(node),
        identities=provenlog.identities_of(node, agencies),
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
    content = content_of(row, record.content_key)
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
    held = [view.document for view in node.directory.charters()]
    known = {body_sha256(one): one for one in (*held, *documents.charters_after(node.ledger, 0))}
    ordered = sorted(known.values(), key=lambda one: parse_charter(one).version)
    return tuple(encode_document(one) for one in ordered)
