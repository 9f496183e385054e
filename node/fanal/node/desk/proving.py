# SPDX-License-Identifier: Apache-2.0
"""``fanal audit prove``: the evidence bundle of one notice, sent or received.

Promise: a bundle leaves only after its export is a leaf under a signed checkpoint of our log, and the leaf
names the hash of what was handed out. What would not fit is refused before: no leaf tells of an export that
nobody could get. Without content or fields nothing of the notice is even opened. Its author's withdrawal is
always in it, as far as that says what is withdrawn and why. One key signs it: that which its cover names,
though another be taken up while witnesses are waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.envelope.seal import Signer
from fanal.errors import FanalError
from fanal.keys.charter import parse_charter
from fanal.keys.documents import body_sha256, encode_document
from fanal.node import checkpoints, documents
from fanal.node.desk import provenlog, takenback
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.desk.provable import Gathered, gather
from fanal.node.errors import LANGUAGE_UNKNOWN
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes import disclosing
from fanal.node.lanes.leaves import export_leaf
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.proof.evidence import pack
from fanal.proof.evidence.layout import Item, Parts, leaves_digest
from fanal.proof.evidence.proofs import LANGUAGES, Cover
from fanal.v1 import officer_pb2 as api

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
    record, signer = node.vault.notices.find(request.notice, node.now), node.keys.signer
    parts, gathered = _parts(node, record, request, language, signer)
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
    bundle = pack.finish(core, provenlog.log_of(node, row, gathered, parts), signer.seed)
    return _pieces(bundle, f"{record.summary.ref}.zip")


def _pieces(bundle: bytes, name: str) -> list[api.ProveReply]:
    """The first one tells name and size of the whole, so that a reader knows when it has all."""
    pieces = [api.ProveReply(bundle=bundle[at : at + PIECE]) for at in range(0, len(bundle), PIECE)]
    pieces[0].name, pieces[0].size = name, len(bundle)
    return pieces


# --- the parts ------------------------------------------------------------------------------------


def _parts(
    node: Node, record: NoticeRecord, request: api.ProveRequest, language: str, signer: Signer
) -> tuple[Parts, Gathered]:
    row = _entry(node, record.manifest_sha256)
    shows = "content" if request.content else "fields" if request.fields else "proof"
    paths = list(dict.fromkeys(request.fields))
    taken = takenback.withdrawal_of(node, record, row, shows != "proof")
    if taken is not None and not taken.names_manifest and "notice_id" not in paths:
        paths.append("notice_id")
    item = _shown(node, row, shows, paths)
    gathered = gather(node, [row] if taken is None else [row, taken.row])
    agencies = {node.agency, row.author, *gathered.authors}
    leaves = leaves_digest(data for _index, data in gathered.leaves)
    others = takenback.others(node, record, row, taken)
    return Parts(
        cover=Cover(node.agency, shows, language, leaves, signer.key_id.hex(), others),
        notice=item,
        withdrawal=taken.item if taken else None,
        receipts=tuple(gathered.receipts.values()),
        chain=tuple(gathered.chain.values()),
        charters=_charters(node),
        identities=provenlog.identities_of(node, agencies),
    ), gathered


def _entry(node: Node, manifest_sha256: bytes) -> EntryRow:
    row = node.ledger.entries.get(manifest_sha256=manifest_sha256)
    assert row is not None  # the vault holds only what the ledger holds
    return row


def _shown(node: Node, row: EntryRow, shows: str, paths: list[str]) -> Item:
    """The notice as far as it is asked for; of ``proof`` nothing is opened."""
    if shows == "proof":
        return disclosing.bare(row)
    content = takenback.opened(node, row)
    return disclosing.whole(row, content) if shows == "content" else disclosing.some(row, content, paths)


def _charters(node: Node) -> tuple[bytes, ...]:
    """Charter 1 to the newest, with the other branch of every fork that was settled."""
    held = [view.document for view in node.directory.charters()]
    known = {body_sha256(one): one for one in (*held, *documents.charters_after(node.ledger, 0))}
    ordered = sorted(known.values(), key=lambda one: parse_charter(one).version)
    return tuple(encode_document(one) for one in ordered)
