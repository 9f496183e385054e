# SPDX-License-Identifier: Apache-2.0
"""The leaves that the node's acts leave in its log, each written in the transaction of the act."""

from __future__ import annotations

import hashlib

from fanal.envelope.verify import Received
from fanal.keys.pae import DETAIL_DOMAIN
from fanal.node.ledger.rows import LeafRow
from fanal.proof.leaf import Leaf, LeafType, encode
from fanal.proof.leaf_forms import Value
from fanal.v1.envelope_pb2 import EnvelopeClass, StoredCoverage

_CLASS = {
    EnvelopeClass.NOTICE: "notice",
    EnvelopeClass.RECEIPT: "receipt",
    EnvelopeClass.KEY: "key",
    EnvelopeClass.CONTROL: "control",
}


def entry_leaf(kind: LeafType, received: Received, peer: str, now: int, entry: int) -> LeafRow:
    """The leaf of entry number ``entry`` of the batch: written with it or not at all."""
    header = received.header
    fields: dict[str, Value] = {
        "time": now,
        "lane": header.lane,
        "incarnation": header.incarnation,
        "seq": header.seq,
        "envelope": header.envelope_id,
        "manifest": received.manifest_sha256,
        "author": header.author,
        "class": _CLASS[header.envelope_class],
    }
    if kind is not LeafType.ENVELOPE_OUT:
        fields["peer"] = peer
    return LeafRow(encode(Leaf.of(kind, fields)), entry=entry)


def coverage_leaf(
    kind: LeafType, name: str, coverage: StoredCoverage, receipt: bytes, envelope: bytes, peer: str, now: int
) -> LeafRow:
    """The leaf of a coverage receipt; ``receipt`` is the hash of the receipts' bytes it stands in."""
    return receipt_leaf(
        kind,
        name,
        (coverage.lane, coverage.incarnation, coverage.ranges[0].start, coverage.ranges[-1].stop - 1),
        receipt,
        envelope,
        peer,
        now,
    )


def receipt_leaf(
    kind: LeafType,
    name: str,
    where: tuple[bytes, bytes, int, int],
    receipt: bytes,
    envelope: bytes,
    peer: str,
    now: int,
) -> LeafRow:
    """A receipt about ``where`` (lane, incarnation, first, last); logged once however often it is offered."""
    lane, incarnation, first, last = where
    fields: dict[str, Value] = {
        "time": now,
        "kind": name,
        "lane": lane,
        "incarnation": incarnation,
        "first": first,
        "last": last,
        "receipt": receipt,
        "envelope": envelope,
        "peer": peer,
    }
    return LeafRow(encode(Leaf.of(kind, fields)), key=receipt_key(kind, name, peer, envelope, where))


def receipt_key(
    kind: LeafType, name: str, peer: str, envelope: bytes, where: tuple[bytes, bytes, int, int]
) -> bytes:
    """What such a leaf is found by, and told from another. An envelope id is its author's alone: the peer
    counts, or another member's receipt under the same id would stand for this one."""
    place = b"%b%b%d-%d" % where
    words = f"{kind.value}{name} {peer} ".encode()
    return hashlib.sha256(words + envelope + place).digest()


def access_leaf(
    actor: bytes, act: str, envelope: bytes | None, now: int, detail: bytes | None = None
) -> LeafRow:
    """A person saw something. ``actor`` is a ``person_mac``; a READ of an envelope names it."""
    fields: dict[str, Value] = {
        "time": now,
        "actor": actor,
        "act": act,
        "envelope": envelope,
        "detail": detail,
    }
    return LeafRow(encode(Leaf.of(LeafType.ACCESS, fields)))


def export_leaf(actor: bytes, scope: str, envelope: bytes | None, file: bytes, now: int) -> LeafRow:
    """A bundle about an envelope, or a copy of the ledger, is handed out; ``file`` is the hash of what it
    shows."""
    fields: dict[str, Value] = {
        "time": now,
        "actor": actor,
        "scope": scope,
        "envelope": envelope,
        "file": file,
    }
    return LeafRow(encode(Leaf.of(LeafType.EXPORT, fields)))


def admin_leaf(what: str, detail: bytes, now: int, actor: bytes | None = None) -> LeafRow:
    """A change of keys, charter, configuration or software; ``detail`` is a salted or public hash."""
    fields: dict[str, Value] = {"time": now, "actor": actor, "what": what, "detail": detail}
    return LeafRow(encode(Leaf.of(LeafType.ADMIN, fields)))


def refusal_leaf(
    code: str, now: int, envelope: bytes | None = None, peer: str | None = None, actor: bytes | None = None
) -> LeafRow:
    """Something was turned away. One event is one leaf, however often it is repeated."""
    fields: dict[str, Value] = {
        "time": now,
        "code": code,
        "envelope": envelope,
        "peer": peer,
        "actor": actor,
        "detail": None,
    }
    key = hashlib.sha256(f"refusal {code} {peer}".encode() + (envelope or b"") + (actor or b"")).digest()
    return LeafRow(encode(Leaf.of(LeafType.REFUSAL, fields)), key=key)


def incident_leaf(what: str, now: int, peer: str | None = None, evidence: bytes | None = None) -> LeafRow:
    """Something that an operator and an auditor must see."""
    fields: dict[str, Value] = {
        "time": now,
        "what": what,
        "peer": peer,
        "size": None,
        "root": None,
        "restored": None,
        "evidence": evidence,
        "detail": None,
    }
    key = hashlib.sha256(f"incident {what} {peer}".encode() + (evidence or b"")).digest()
    return LeafRow(encode(Leaf.of(LeafType.INCIDENT, fields)), key=key)


def detail(salt: bytes, *parts: bytes) -> bytes:
    """A salted hash: proves a detail to whoever is shown it, and tells nothing to anybody else."""
    digest = hashlib.sha256(DETAIL_DOMAIN + salt)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()
