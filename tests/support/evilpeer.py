# SPDX-License-Identifier: Apache-2.0
"""A member that means ill, written from docs/protocol.md and the .proto files: no line of the node is in it.

It says what the page lets anybody say who holds a pinned key, and what the page forbids. Bytes are put
together by the generated code of the schema; hashes and PAE are the second implementation's (frompage*.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from frompage import h, key_id, leaf_hash, of_type, pae, sha256
from frompage_signed import SUITE

from fanal.v1 import envelope_pb2 as env
from fanal.v1 import identity_pb2, ledger_pb2, peer_pb2

Frame = peer_pb2.Frame
LARGEST_SEQ = 2**53 - 1
TICK = 0.01


@dataclass
class Stream:
    """One lane of the evil author, or one it pretends to."""

    author: str
    agencies: list[str]
    lane: bytes
    incarnation: bytes
    seq: int = 0
    previous: bytes = b""
    key: bytes = b""


@dataclass
class EvilPeer:
    """``tell`` writes a frame to a peer's link, ``after`` calls back later; whoever carries it gives both.

    ``hears`` is called with each frame that comes; without it the peer is deaf."""

    name: str
    seed: bytes
    network: bytes
    charter: tuple[int, bytes]
    now: Callable[[], float]
    tell: Callable[[str, peer_pb2.Frame], None]
    after: Callable[[float, Callable[[], None]], None]
    random: random.Random
    hears: Callable[[str, peer_pb2.Frame], None] | None = None
    seen: list[bytes] = field(default_factory=list)
    """Envelopes of others that came here."""
    wraps: list[env.WrapProof] = field(default_factory=list)
    sent: int = 0

    def frame(self, peer: str, frame: peer_pb2.Frame) -> None:
        """A frame has come."""
        if frame.HasField("entries") and len(self.seen) < 500:
            self.seen += frame.entries.envelopes
        if frame.HasField("wraps") and len(self.wraps) < 500:
            self.wraps += frame.wraps.wraps
        if self.hears is not None:
            self.hears(peer, frame)

    def rng(self, count: int) -> bytes:
        return self.random.randbytes(count)

    def pump(self, peers: list[str], make: Callable[[], Frame], rate: float, seconds: float) -> None:
        """Send a frame ``rate`` times a second to each of the peers."""
        ticks = round(seconds / TICK)

        def tick(left: int, owed: float) -> None:
            owed += rate * TICK
            for _ in range(int(owed)):
                for peer in peers:
                    self.say(peer, make())
            if left > 1:
                self.after(TICK, lambda: tick(left - 1, owed - int(owed)))

        tick(ticks, 0.0)

    def say(self, peer: str, frame: Frame) -> None:
        self.sent += 1
        self.tell(peer, frame)

    # --- what it signs

    def stream(self, readers: list[str], author: str = "") -> Stream:
        """A lane to these readers; of another author if it pretends to be one."""
        author = author or self.name
        agencies = sorted({author, *readers})
        audience = env.Audience(agencies=agencies).SerializeToString(deterministic=True)
        lane = h("fanal/lane/v1", self.network, author.encode(), audience)
        return Stream(author, agencies, lane, self.rng(16))

    def header(self, stream: Stream, klass: int) -> env.Header:
        now = int(self.now())
        return env.Header(
            network=self.network,
            version=1,
            suite=SUITE,
            charter_version=self.charter[0],
            charter_sha256=self.charter[1],
            author=stream.author,
            author_key_id=key_id(self._public()),
            lane=stream.lane,
            incarnation=stream.incarnation,
            seq=stream.seq,
            previous_manifest_sha256=stream.previous,
            envelope_id=self.rng(16),
            audience=env.Audience(agencies=stream.agencies),
            priority=2,
            created=now,
            expires=now + 86_400,
            envelope_class=klass,
            key_commitment=self.rng(32),
        )

    def key(self, stream: Stream) -> bytes:
        """A KEY envelope whose one wrap nobody can open."""
        header = self.header(stream, env.EnvelopeClass.KEY)
        root = leaf_hash(self.rng(40), "fanal/wraps/v1")
        manifest = env.Manifest(header=_bytes(header), wraps_root=root, wraps_count=1)
        raw = self._signed(stream, manifest, b"", b"")
        stream.key = stream.previous
        return raw

    def poisoned(
        self,
        stream: Stream,
        klass: int = env.EnvelopeClass.NOTICE,
        key_id: bytes = b"",
        priority: int = env.EnvelopePriority.ROUTINE,
    ) -> bytes:
        """Signed as it should be; what is inside is noise. Another's ``key_id``: a forgery."""
        header = self.header(stream, klass)
        header.priority = priority  # type: ignore[assignment]
        header.author_key_id = key_id or header.author_key_id
        header.key_envelope = stream.key or self.rng(32)
        header.content_commitment = self.rng(32)
        body, own_wrap = self.rng(1024 + 16), self.rng(48)
        manifest = env.Manifest(
            header=_bytes(header),
            body_sha256=sha256(body),
            body_length=len(body),
            own_wrap_sha256=sha256(own_wrap),
        )
        return self._signed(stream, manifest, body, own_wrap)

    def twins(self, stream: Stream) -> tuple[bytes, bytes]:
        """Two envelopes at one place: an equivocation."""
        place = (stream.seq, stream.previous)
        one = self.poisoned(stream)
        stream.seq, stream.previous = place
        return one, self.poisoned(stream)

    def _signed(self, stream: Stream, manifest: env.Manifest, body: bytes, own_wrap: bytes) -> bytes:
        raw = _bytes(manifest)
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(pae(of_type("manifest"), raw))
        stream.previous, stream.seq = sha256(raw), stream.seq + 1
        return _bytes(env.Envelope(manifest=raw, signature=signature, body=body, own_wrap=own_wrap))

    def _public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    # --- frames

    def entries(self, *envelopes: bytes, pushed: bool = False) -> Frame:
        return Frame(entries=peer_pb2.Entries(envelopes=envelopes, pushed=pushed))

    def heartbeat(self) -> Frame:
        return Frame(heartbeat=peer_pb2.Heartbeat(nonce=self.random.randrange(2**32)))

    def unknown(self) -> Frame:
        """A field of a version that does not exist."""
        return Frame.FromString(b"\xfa\x3e\x10" + self.rng(16))

    def want(self, lane: bytes, incarnation: bytes, start: int, stop: int) -> Frame:
        run = env.SeqRange(start=start, stop=stop)
        return Frame(want=peer_pb2.Want(lane=lane, incarnation=incarnation, ranges=[run]))

    def graft(self, lane: bytes, incarnation: bytes, start: int, stop: int) -> Frame:
        run = env.SeqRange(start=start, stop=stop)
        return Frame(graft=peer_pb2.Graft(lane=lane, incarnation=incarnation, ranges=[run]))

    def prune(self, *lanes: bytes) -> Frame:
        return Frame(prune=peer_pb2.Prune(lanes=lanes))

    def clock(self, lanes: list[bytes], incarnation: bytes, following: int) -> Frame:
        """It holds everything of these lanes up to ``following``, it says."""
        rows = [
            ledger_pb2.LaneClock(lane=lane, incarnation=incarnation, next=following, head=self.rng(32))
            for lane in lanes
        ]
        return Frame(clock=peer_pb2.Clock(rows=rows))

    def digest(self) -> Frame:
        return Frame(digest=peer_pb2.Digest(sha256=self.rng(32), lanes=1))

    def documents(self) -> Frame:
        noise = identity_pb2.SignedDocument(type=of_type("charter"), body=self.rng(64))
        return Frame(documents=peer_pb2.Documents(charters=[noise]))

    def fork(self) -> Frame:
        """A proof that proves nothing: noise."""
        entry = peer_pb2.EntryFork(
            manifest_a=self.rng(64),
            signature_a=self.rng(64),
            manifest_b=self.rng(64),
            signature_b=self.rng(64),
        )
        return Frame(fork=peer_pb2.ForkProof(entry=entry))

    def readdressed(self) -> Frame:
        """A wrap that it was given, under somebody else's name."""
        proof = env.WrapProof()
        proof.CopyFrom(self.wraps[-1])
        wrap = env.Wrap.FromString(proof.wrap)
        wrap.recipient = "AA-ANY"
        proof.wrap = _bytes(wrap)
        return Frame(wraps=peer_pb2.Wraps(wraps=[proof]))


def _bytes(message: object) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))  # type: ignore[attr-defined]


def of_envelope(raw: bytes) -> env.Header:
    return env.Header.FromString(env.Manifest.FromString(env.Envelope.FromString(raw).manifest).header)
