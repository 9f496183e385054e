# SPDX-License-Identifier: Apache-2.0
"""Cases of courier files (docs/courier.md) and of pieces of attachments (docs/protocol.md, Attachments)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from vectorkit.make_base import Collected, flipped
from vectorkit.make_envelopes import AUTHOR, OTHER, READER, Sent
from vectorkit.world import NOW, Agency, drawn

from fanal.envelope.pieces import PIECE, Pieces
from fanal.keys import ed25519, strict
from fanal.keys.pae import COURIER, pae
from fanal.v1.courier_pb2 import CourierHeader
from fanal.v1.envelope_pb2 import WrapProof
from fanal.v1.peer_pb2 import Entries, Frame, HelloMessage, Wraps

MAGIC = b"fanal-courier/1\n"
SEAL = 32 + 64
"""Hash and signature at the end of a file."""
DAMAGED, NOT_SIGNED, BAD_FRAME = "FANAL-E0862", "FANAL-E0868", "FANAL-E0869"
ATTACHMENT = "FANAL-E0327"
REST = 100
LENGTH = 2 * PIECE + REST


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    _files(out, world, sent)
    _pieces(out)


def _files(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, network = world[AUTHOR], sent.lane.charter.network
    given = {**sent.given, "reader": READER}
    header, parts, seed = _header(ge, network), _frames(sent), ge.seed("node")
    good, signature = _file(header, parts, seed), 8 * 64
    out.accept("courier", "good", "A lane key with its wrap, and a notice.", good, **given)
    out.accept("courier", "empty", "Nothing waits.", _file(header, [], seed), **given)
    what = "The frames in another order, and signed so: what is in them is judged one by one."
    out.accept("courier", "frames-in-another-order", what, _file(header, parts[::-1], seed), **given)
    elsewhere = _file(_header(ge, drawn("another network")), parts, seed)
    reordered = _body(header, parts[::-1]) + good[-SEAL:]
    by_another = _file(header, parts, world[OTHER].seed("node"))
    bit = flipped(good, 8 * len(good) - signature + 9)
    for name, what, data, error in (
        ("other-network", "Of another network.", elsewhere, "FANAL-E0864"),
        ("cut-in-the-seal", "One byte is missing at the end.", good[:-1], DAMAGED),
        ("cut-in-a-frame", "It ends in the middle.", good[: len(good) // 2], DAMAGED),
        ("goes-on", "A byte after the signature.", good + b"\0", DAMAGED),
        ("bit-of-a-frame", "One bit of a frame is another.", flipped(good, 8 * (len(good) - 200)), DAMAGED),
        ("bit-of-the-signature", "One bit of the signature is another.", bit, NOT_SIGNED),
        ("unsealed-order", "Two frames changed places under the seal of before.", reordered, DAMAGED),
        ("other-signer", "Signed by another member.", by_another, NOT_SIGNED),
        ("form-2", "A form that does not exist yet.", b"fanal-courier/2\n" + good[16:], "FANAL-E0861"),
        ("no-courier-file", "Something else.", b"PK\x03\x04" + bytes(300), "FANAL-E0860"),
        ("no-frame", "A part that is no frame, signed.", _file(header, [b"\xff" * 9], seed), BAD_FRAME),
    ):
        out.refuse("courier", name, what, data, error, **given)
    foreign = {**given, "reader": OTHER}
    out.refuse("courier", "other-reader", "For another agency.", good, "FANAL-E0865", **foreign)


def _header(ge: Agency, network: bytes) -> bytes:
    hello = HelloMessage(
        protocol=1,
        protocol_lowest=1,
        network=network,
        agency=AUTHOR,
        store_id=drawn("store", 16),
        incarnation=drawn("incarnation", 16),
        charter_version=1,
        software="test kit",
    )
    header = CourierHeader(hello=hello, addressee=READER, key_id=ge.key_id("node"), created=NOW, number=3)
    return strict.encode(header)


def _frames(sent: Sent) -> list[bytes]:
    wrap: WrapProof = sent.key.wraps[0]
    frames = (
        Frame(entries=Entries(envelopes=[strict.encode(sent.key.received.envelope)])),
        Frame(wraps=Wraps(wraps=[wrap])),
        Frame(entries=Entries(envelopes=[strict.encode(sent.notice.received.envelope)])),
    )
    return [frame.SerializeToString(deterministic=True) for frame in frames]


def _body(header: bytes, parts: Sequence[bytes]) -> bytes:
    return MAGIC + b"".join(len(one).to_bytes(4, "big") + one for one in (header, *parts)) + bytes(4)


def _file(header: bytes, parts: Sequence[bytes], seed: bytes) -> bytes:
    data = _body(header, parts)
    digest = hashlib.sha256(data).digest()
    return data + digest + ed25519.sign(seed, pae(COURIER, digest))


def _unsealed(header: bytes, parts: Sequence[bytes], good: bytes) -> bytes:
    return _body(header, parts[::-1]) + good[-96:]


def _pieces(out: Collected) -> None:
    """Of a ciphertext of three pieces the last and short one; any bytes will do, for no key is needed."""
    data, other = _stuff("ciphertext"), _stuff("another")
    tree, twin = Pieces(), Pieces()
    tree.feed(data)
    twin.feed(other)
    name, last, path = tree.name(), data[2 * PIECE :], list(tree.paths())[2]
    given: dict[str, Any] = {"attachment": name, "length": LENGTH, "index": 2, "path": b"".join(path)}

    def say(case: str, what: str, piece: bytes, error: str = ATTACHMENT, **more: Any) -> None:
        out.refuse("piece", case, what, piece, error, **{**given, **more})

    out.accept("piece", "last-of-three", "The short one at the end.", last, **given)
    alone = Pieces()
    alone.feed(last)
    short = {"attachment": alone.name(), "length": REST, "index": 0}
    out.accept("piece", "only-one", "A short file: no path.", last, **short)
    say("of-another-file", "The last piece of another file of this length.", other[2 * PIECE :])
    theirs = b"".join(list(twin.paths())[2])
    say("path-of-another-file", "Its own bytes with a path of the other file.", last, path=theirs)
    say("other-name", "Under the name of the other file.", last, attachment=twin.name())
    say("bit", "One bit of the piece is another.", flipped(last, 0))
    say("too-short", "A byte is missing.", last[:-1])
    say("other-place", "Given as the piece before.", last, index=1)
    say("behind-the-end", "Given as a piece that there is not.", last, "FANAL-E0402", index=3)
    say("other-length", "The file is said to be a byte longer.", last + b"\0", length=LENGTH + 1)
    say("no-bytes", "A file of no bytes has no piece.", b"", length=0)
    say("path-too-long", "A hash too many in the path.", last, "FANAL-E0403", path=given["path"] + bytes(32))


def _stuff(label: str) -> bytes:
    return drawn(f"{label} of an attachment", LENGTH)
