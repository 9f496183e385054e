# SPDX-License-Identifier: Apache-2.0
"""A small network without files: four agencies, one channel, every key known."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from google.protobuf.message import Message

from fanal.envelope import audience, ciphers, commitments, open, padding, receipts, seal, statement, verify
from fanal.envelope.seal import Lane, LaneKey, Position, Sealed, SealedKey, Signer
from fanal.envelope.statement import SignedDraft
from fanal.envelope.trust import CharterRef
from fanal.errors import VerificationError
from fanal.keys import ed25519, pae, strict, xwing
from fanal.keys.errors import CHARTER_UNKNOWN, IDENTITY_UNKNOWN, UnknownCharter, UnknownIdentity
from fanal.keys.identity import KeyView, OfficerView
from fanal.keys.keyid import ed25519_key, key_id, x_wing_key
from fanal.keys.trust import KeyStatus, KnownKey
from fanal.v1.envelope_pb2 import (
    Audience,
    Content,
    Envelope,
    EnvelopeClass,
    EnvelopePriority,
    Header,
    Manifest,
    Predecessor,
    Receipts,
)
from fanal.v1.identity_pb2 import Custody, KeyUse, OfficerRight
from fanal.v1.notice_pb2 import Notice

AUTHOR, READER, OTHER, STRANGER = "GE-CUS", "TR-CUS", "AZ-CUS", "IT-CGD"
AGENCIES = (AUTHOR, READER, OTHER, STRANGER)
WIDE = tuple(sorted({*(f"XX-{i:03d}" for i in range(499)), AUTHOR, READER}))
NOW = 1_760_000_000
INCARNATION = b"i" * 16


@dataclass
class TestCharter:
    """Four members, one channel of three."""

    __test__ = False

    network: bytes = b"n" * 32
    version: int = 3
    sha256: bytes = b"c" * 32
    suites: tuple[str, ...] = ("XWING-HKDF-SHA256-CHACHA20POLY1305",)
    members: tuple[str, ...] = AGENCIES
    channels: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "CASPIAN": (OTHER, AUTHOR, READER),
            "ALONE": (AUTHOR,),
            "WIDE": WIDE,
            "FOUR": tuple(sorted(AGENCIES)),
        }
    )

    def is_member(self, agency: str) -> bool:
        return agency in self.members

    def members_of(self, channel: str) -> tuple[str, ...]:
        return self.channels[channel]


class World:
    """The trust of every node, and the secrets of every agency."""

    def __init__(self) -> None:
        self.charters = {3: TestCharter()}
        self.newest = self.charters[3]
        self.random = random.Random(7)
        self.node = {a: self.rng(32) for a in AGENCIES}
        self.officers = {a: self.rng(32) for a in AGENCIES}
        self.encrypt = {a: self.rng(32) for a in AGENCIES}
        self.keys: dict[tuple[str, bytes], KnownKey] = {}
        both = frozenset({OfficerRight.AUTHOR, OfficerRight.READ})
        for agency in AGENCIES:
            self.enrol(agency, self.node[agency], KeyUse.NODE_SIGN)
            self.enrol(agency, self.officers[agency], KeyUse.OFFICER, both)

    def rng(self, count: int) -> bytes:
        return self.random.randbytes(count)

    def enrol(
        self,
        agency: str,
        seed: bytes,
        use: KeyUse.Code,
        rights: frozenset[OfficerRight.Code] = frozenset(),
        status: KeyStatus = KeyStatus.CURRENT,
    ) -> KnownKey:
        public = ed25519.public_of(seed)
        identifier = key_id(ed25519_key(public))
        person = OfficerView("o1", rights, Custody.OWN) if rights else None
        key = KeyView(identifier, use, public, 1, NOW, NOW + 1000, officer=person)
        self.keys[agency, identifier] = KnownKey(agency, key, status)
        return self.keys[agency, identifier]

    # --- Trust ---

    def charter(self, version: int, sha256: bytes) -> TestCharter:
        if version not in self.charters or self.charters[version].sha256 != sha256:
            raise UnknownCharter(CHARTER_UNKNOWN, version=version)
        return self.charters[version]

    def signing_key(
        self, agency: str, identifier: bytes, use: KeyUse.Code, now: int | None = None
    ) -> KnownKey:
        found = self.keys.get((agency, identifier))
        if found is None:
            raise UnknownIdentity(IDENTITY_UNKNOWN, agency=agency, key_id=identifier.hex())
        assert found.key.use == use
        return found

    def officer(self, agency: str, identifier: bytes, now: int | None = None) -> KnownKey:
        return self.signing_key(agency, identifier, KeyUse.OFFICER)

    # --- Doing ---

    def encryption_key(self, agency: str) -> tuple[bytes, bytes]:
        public = xwing.public_of(self.encrypt[agency])
        return key_id(x_wing_key(public)), public

    def seeds(self, agency: str) -> dict[bytes, bytes]:
        return {self.encryption_key(agency)[0]: self.encrypt[agency]}

    def signer(self, agency: str = AUTHOR) -> Signer:
        seed = self.node[agency]
        return Signer(agency, key_id(ed25519_key(ed25519.public_of(seed))), seed)

    def lane(self, to: Audience | None = None, author: str = AUTHOR) -> Lane:
        return Lane(self.newest, to or audience.explicit(author, [READER, OTHER]))

    def position(
        self, seq: int = 0, previous: bytes = b"p" * 32, predecessor: Predecessor | None = None
    ) -> Position:
        return Position(INCARNATION, seq, previous if seq else b"", predecessor)

    def seal_key(self, lane: Lane | None = None, author: str = AUTHOR, **changes: object) -> SealedKey:
        lane = lane or self.lane(author=author)
        readers = {a: self.encryption_key(a) for a in audience.readers(lane.audience, lane.charter)}
        arguments: dict[str, object] = {
            "lane": lane,
            "position": self.position(),
            "priority": EnvelopePriority.ROUTINE,
            "created": NOW,
            "expires": NOW + 1000,
            "signer": self.signer(author),
            "rng": self.rng,
        } | changes
        return seal.seal_key(readers, **arguments)  # type: ignore[arg-type]

    def notice(self, **changes: object) -> Notice:
        notice = Notice(
            notice_id="018ec697-7b00-7d8b-8c1b-fcf24bfb6747",
            ref="GE-CUS-2025-000001-11",
            revision=1,
            originator=AUTHOR,
            recipients=[OTHER, READER],
        )
        notice.handling.tlp = 3
        notice.handling.onward_to.extend(["KZ-CUS", "UZ-CUS"])
        notice.issued_at.seconds = NOW
        notice.issued_at.nanos = 5
        notice.MergeFrom(Notice(**changes))  # type: ignore[arg-type]
        return notice

    def draft(self, lane: Lane, notice: bytes | None = None, **changes: object) -> SignedDraft:
        arguments: dict[str, object] = {
            "network": lane.charter.network,
            "charter": CharterRef(lane.charter.version, lane.charter.sha256),
            "envelope_id": b"e" * 16,
            "author": AUTHOR,
            "audience": lane.audience,
            "handling": "AMBER",
            "officer_seed": self.officers[AUTHOR],
            "now": NOW,
            "rng": self.rng,
        } | changes
        data = self.notice().SerializeToString() if notice is None else notice
        return statement.compose_signed(data, **arguments)  # type: ignore[arg-type]

    def seal(
        self,
        content: object,
        key: LaneKey,
        lane: Lane | None = None,
        klass: EnvelopeClass.Code = EnvelopeClass.NOTICE,
        author: str = AUTHOR,
        **changes: object,
    ) -> Sealed:
        arguments: dict[str, object] = {
            "lane": lane or self.lane(author=author),
            "lane_key": key,
            "position": self.position(1),
            "priority": EnvelopePriority.ROUTINE,
            "created": NOW,
            "expires": NOW + 1000,
            "signer": self.signer(author),
            "envelope_id": b"e" * 16,
            "rng": self.rng,
        } | changes
        return seal.seal_content(content, klass, **arguments)  # type: ignore[arg-type]

    def officer_signs(self, statement: bytes, agency: str = AUTHOR) -> bytes:
        return ed25519.sign(self.officers[agency], pae.pae(pae.STATEMENT, statement))

    def sign(
        self,
        header: Header,
        body: bytes = b"",
        own_wrap: bytes = b"",
        author: str = AUTHOR,
        **manifest_changes: object,
    ) -> bytes:
        """A hostile author's envelope: whatever is in it, its signature is good."""
        manifest = Manifest(header=strict.encode(header))
        if header.envelope_class != EnvelopeClass.KEY:
            manifest.body_sha256, manifest.body_length = sha256(body), len(body)
            manifest.own_wrap_sha256 = sha256(own_wrap)
        manifest.MergeFrom(Manifest(**manifest_changes))  # type: ignore[arg-type]
        data = strict.encode(manifest)
        signature = ed25519.sign(self.node[author], pae.pae(pae.MANIFEST, data))
        return strict.encode(Envelope(manifest=data, signature=signature, body=body, own_wrap=own_wrap))

    def signed_again(self, sealed: Sealed | SealedKey, **header_changes: object) -> bytes:
        """The same envelope with another header, signed again by its author."""
        old = sealed.received
        header = Header()
        header.CopyFrom(old.header)
        change(header, **header_changes)
        if isinstance(sealed, Sealed):
            return self.sign(header, old.envelope.body, old.envelope.own_wrap)
        key = {"wraps_root": old.manifest.wraps_root, "wraps_count": old.manifest.wraps_count}
        return self.sign(header, old.envelope.body, old.envelope.own_wrap, **key)

    def forge(self, sealed: Sealed, key: LaneKey, plain: bytes, core: bytes, salt: bytes) -> bytes:
        """An envelope whose author seals any content under correct header, keys and commitments."""
        content_key = self.rng(32)
        header = Header()
        header.CopyFrom(sealed.header)
        header.key_commitment = ciphers.content_key_commitment(content_key)
        header.content_commitment = commitments.content_commitment(salt, core)
        data = strict.encode(header)
        body = ciphers.seal_body(content_key, data, plain)
        return self.sign(header, body, ciphers.wrap(key.key, data, content_key))

    def forge_content(self, sealed: Sealed, key: LaneKey, content: Content) -> bytes:
        """As ``forge``, from a content that may say anything."""
        core = content.statement or content.receipts or content.control
        return self.forge(sealed, key, padding.pad(strict.encode(content)), core, content.content_salt)

    def verify(self, envelope: bytes) -> verify.Verified:
        return verify.verify_received(verify.bound_and_decode(envelope), self)

    def open_key(self, sealed: SealedKey, me: str = READER, **changes: object) -> LaneKey:
        proof = next(p for p in sealed.wraps if me.encode() in p.wrap)
        return open.open_key(self.verify(sealed.envelope_bytes), proof, me, self.seeds(me), **changes)  # type: ignore[arg-type]

    def receipts(self) -> Receipts:
        return Receipts(stored=[receipts.coverage(b"l" * 32, INCARNATION, [(0, 4), (6, 7)], b"h" * 32)])


@pytest.fixture(scope="session")
def new_world() -> type[World]:
    return World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sent(world: World) -> tuple[SealedKey, Sealed]:
    """A KEY envelope and the notice after it in the same lane."""
    key = world.seal_key()
    return key, world.seal(world.draft(world.lane()).content(), key.lane_key)


Refused = Callable[..., VerificationError]


@pytest.fixture
def refused() -> Refused:
    """Runs a call that must be refused, and gives the error for a look at its step."""

    def run(step: str, call: Callable[..., object], *arguments: object, **named: object) -> VerificationError:
        with pytest.raises(VerificationError) as caught:
            call(*arguments, **named)
        assert caught.value.facts["step"] == step
        assert caught.value.sentence
        return caught.value

    return run


def change(message: Message, **changes: object) -> None:
    """Set fields of any kind; None clears one."""
    for name, value in changes.items():
        message.ClearField(name)
        if value is not None:
            message.MergeFrom(type(message)(**{name: value}))


@pytest.fixture
def altered() -> Callable[..., None]:
    return change


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
