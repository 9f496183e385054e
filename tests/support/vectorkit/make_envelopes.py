# SPDX-License-Identifier: Apache-2.0
"""Cases of envelopes before they are stored: limits, decoding, shape, membership, key, signature, body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vectorkit.make_base import Collected
from vectorkit.world import NOW, Agency, drawn, rng

from fanal.envelope import audience, receipts, seal
from fanal.envelope.seal import Lane, LaneKey, Position, Sealed, SealedKey, Signer
from fanal.envelope.statement import SignedDraft, compose_signed
from fanal.envelope.trust import CharterRef
from fanal.keys import ed25519, pae, strict
from fanal.keys.charter import first_charter
from fanal.keys.documents import decode_document
from fanal.keys.keyid import key_id, x_wing_key
from fanal.keys.xwing import public_of
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, EnvelopePriority, Header, Manifest
from fanal.v1.notice_pb2 import Notice

AUTHOR, READER, OTHER = "GE-CUS", "TR-CUS", "UA-CUS"
INCARNATION = drawn("incarnation", 16)


@dataclass(frozen=True)
class Sent:
    """One lane of the kit: its KEY envelope, two notices, and what made them."""

    lane: Lane
    key: SealedKey
    draft: SignedDraft
    notice: Sealed
    second: Sealed
    given: dict[str, object]


def signer(agency: Agency) -> Signer:
    return Signer(agency.name, agency.key_id("node"), agency.seed("node"))


def encryption(agency: Agency) -> tuple[bytes, bytes]:
    public = public_of(agency.seed("encrypt"))
    return key_id(x_wing_key(public)), public


def a_notice(number: int = 1, **changes: object) -> bytes:
    notice = Notice(
        notice_id=f"018ec697-7b00-7d8b-8c1b-fcf24bfb674{number}",
        ref=f"GE-CUS-2027-00000{number}-11",
        revision=1,
        originator=AUTHOR,
        group="BLACKSEA",
    )
    notice.handling.tlp = 3  # AMBER
    notice.issued_at.seconds = NOW
    for name, value in changes.items():
        if isinstance(value, list):
            getattr(notice, name).extend(value)
        else:
            setattr(notice, name, value)
    return notice.SerializeToString(deterministic=True)


def compose(ge: Agency, lane: Lane, notice: bytes, label: str, **changes: Any) -> SignedDraft:
    arguments: dict[str, Any] = {
        "network": lane.charter.network,
        "charter": CharterRef(lane.charter.version, lane.charter.sha256),
        "envelope_id": drawn(f"{label} envelope id", 16),
        "author": AUTHOR,
        "audience": lane.audience,
        "handling": "AMBER",
        "officer_seed": ge.seed("officer"),
        "now": NOW,
        "rng": rng(f"{label} salts"),
    }
    return compose_signed(notice, **(arguments | changes))


def put(ge: Agency, lane: Lane, key: LaneKey, content: Any, label: str, **changes: Any) -> Sealed:
    arguments: dict[str, Any] = {
        "lane": lane,
        "lane_key": key,
        "position": Position(INCARNATION, 1, drawn("before")),
        "priority": EnvelopePriority.ROUTINE,
        "created": NOW,
        "expires": NOW + 86_400,
        "signer": signer(ge),
        "envelope_id": drawn(f"{label} envelope id", 16),
        "rng": rng(f"{label} seal"),
    } | changes
    klass = arguments.pop("klass", EnvelopeClass.NOTICE)
    return seal.seal_content(content, klass, **arguments)


def make(out: Collected, world: dict[str, Agency], network: bytes) -> Sent:
    ge = world[AUTHOR]
    charter = first_charter(decode_document(out.cases["charter/one"].data))
    identities = " ".join(f"@identity/{name.lower()}" for name in (AUTHOR, READER, OTHER))
    given = {"network": network, "charters": "@charter/one", "identities": identities}
    lane = Lane(charter, audience.channel("BLACKSEA"))
    readers = {name: encryption(world[name]) for name in (AUTHOR, READER, OTHER)}
    key = seal.seal_key(
        readers,
        lane=lane,
        position=Position(INCARNATION, 0),
        priority=EnvelopePriority.ROUTINE,
        created=NOW,
        expires=NOW + 86_400,
        signer=signer(ge),
        rng=rng("lane key"),
    )
    draft = compose(ge, lane, a_notice(), "first")
    notice = put(
        ge,
        lane,
        key.lane_key,
        draft.content(),
        "first",
        position=Position(INCARNATION, 1, key.manifest_sha256),
    )
    second = put(
        ge,
        lane,
        key.lane_key,
        compose(ge, lane, a_notice(2), "second").content(),
        "second",
        position=Position(INCARNATION, 2, notice.manifest_sha256),
    )
    sent = Sent(lane, key, draft, notice, second, given)
    _accepted(out, world, sent)
    return sent


def _accepted(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, accept, given = world[AUTHOR], out.accept, sent.given
    accept(
        "envelope", "key", "A KEY envelope: manifest and signature only.", sent.key.envelope_bytes, **given
    )
    accept("envelope", "notice", "A notice to a channel.", sent.notice.envelope_bytes, **given)
    accept("envelope", "notice-second", "The next notice of the lane.", sent.second.envelope_bytes, **given)
    pair = Lane(sent.lane.charter, audience.explicit(AUTHOR, [READER]))
    told = receipts.Receipts(stored=[receipts.coverage(drawn("l"), INCARNATION, [(0, 3)], drawn("h"))])
    receipt = put(
        ge,
        pair,
        sent.key.lane_key,
        receipts.content_of(told, rng("receipt")),
        "receipt",
        klass=EnvelopeClass.RECEIPT,
    )
    accept("envelope", "receipt", "Receipts to a list of agencies.", receipt.envelope_bytes, **given)
    far = put(ge, sent.lane, sent.key.lane_key, sent.draft.content(), "first", expires=253_402_300_799)
    accept(
        "envelope",
        "expires-in-9999",
        "The latest time there is: nobody goes by the author's clock.",
        far.envelope_bytes,
        **given,
    )
    unknown = {**given, "charters": "@charter/one", "identities": f"@identity/{READER.lower()}"}
    out.wait(
        "envelope",
        "identity-not-yet-known",
        "The author's identity document is not here yet.",
        sent.notice.envelope_bytes,
        "FANAL-E0257",
        **unknown,
    )
    changed = header_of(sent.notice, charter_version=2, charter_sha256=drawn("charter 2"))
    out.wait(
        "envelope",
        "charter-not-yet-known",
        "Under a charter that is not here yet.",
        again(ge, sent.notice, changed),
        "FANAL-E0256",
        **given,
    )


def header_of(sealed: Sealed | SealedKey, **changes: Any) -> Header:
    header = Header.FromString(sealed.received.manifest.header)
    for name, value in changes.items():
        header.ClearField(name)
        if value is not None:
            header.MergeFrom(Header(**{name: value}))
    return header


def again(ge: Agency, sealed: Sealed | SealedKey, header: Header, **changes: Any) -> bytes:
    """The same envelope under another header, signed again by its author: a hostile author, no forger."""
    manifest = Manifest()
    manifest.CopyFrom(sealed.received.manifest)
    manifest.header = strict.encode(header)
    for name, value in changes.items():
        manifest.ClearField(name)
        if value is not None:
            manifest.MergeFrom(Manifest(**{name: value}))
    return under(ge, strict.encode(manifest), sealed)


def under(ge: Agency, manifest: bytes, sealed: Sealed | SealedKey) -> bytes:
    """Any manifest bytes under the author's signature, with the body of ``sealed``."""
    signature = ed25519.sign(ge.seed("node"), pae.pae(pae.MANIFEST, manifest))
    old = sealed.received.envelope
    return strict.encode(
        Envelope(manifest=manifest, signature=signature, body=old.body, own_wrap=old.own_wrap)
    )
