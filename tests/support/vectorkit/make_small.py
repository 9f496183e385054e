# SPDX-License-Identifier: Apache-2.0
"""Cases of the small parts: PAE, keys, lanes, padding, fields, invitations, keystores, archives."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile

from nacl import bindings
from vectorkit.make_base import ANY, Collected, flipped
from vectorkit.make_envelopes import AUTHOR, READER, a_notice
from vectorkit.make_identities import (
    IDENTITY_POINT,
    MIXED_ORDER,
    NON_CANONICAL,
    ORDER_8,
    UNKNOWN_FIELD,
)
from vectorkit.world import NOW, Agency, drawn

from fanal.envelope import fields, padding
from fanal.keys import joining, pae, strict
from fanal.keys.pae import KEYSTORE_DOMAIN
from fanal.proof.evidence import container
from fanal.v1.envelope_pb2 import Audience
from fanal.v1.notice_pb2 import Notice


def make(out: Collected, world: dict[str, Agency], network: bytes) -> None:
    _pae(out)
    _keys(out, world)
    _audiences(out, network)
    _padding(out)
    _fields(out)
    _invites(out, world, network)
    _keystores(out)
    _archives(out)


def _pae(out: Collected) -> None:
    out.accept("pae", "empty", "No bytes under a type.", b"", type=pae.MANIFEST)
    out.accept(
        "pae",
        "dsse-example",
        "The example of the DSSE specification.",
        b"hello world",
        type="http://example.com/HelloWorld",
    )
    out.accept("pae", "binary", "Every byte there is.", bytes(range(256)), type=pae.STATEMENT)


def _keys(out: Collected, world: dict[str, Agency]) -> None:
    key = world[AUTHOR].log().public_key
    out.accept("ed25519-key", "good", "A key of prime order.", key)
    bad = {
        "order-8": ("A point of order 8.", ORDER_8),
        "mixed-order": ("A good point and one of order 8, added.", MIXED_ORDER),
        "neutral": ("The neutral element.", IDENTITY_POINT),
        "zero": ("32 zero bytes, a point of order 4.", bytes(32)),
        "non-canonical": ("y = p, which is 0 in another spelling.", NON_CANONICAL),
        "not-on-curve": ("No point of the curve.", bytes([2]) + bytes(31)),
    }
    for name, (what, data) in bad.items():
        out.refuse("ed25519-key", name, what, data, "FANAL-E0202")
    out.refuse("ed25519-key", "cut", "31 bytes.", key[:-1], "FANAL-E0201")


def _audiences(out: Collected, network: bytes) -> None:
    given = {"network": network, "author": AUTHOR}
    both = Audience(agencies=[AUTHOR, READER])
    out.accept("audience", "channel", "A channel.", strict.encode(Audience(channel="BLACKSEA")), **given)
    out.accept("audience", "agencies", "A list of agencies.", strict.encode(both), **given)
    wide = sorted([AUTHOR, *(f"XX-{number:03}" for number in range(500))])
    out.accept(
        "audience",
        "recipients-500",
        "500 recipients beside the author.",
        strict.encode(Audience(agencies=wide)),
        **given,
    )
    cases = {
        "recipients-501": ("501 recipients.", Audience(agencies=[*wide, "XX-ZZZ"]), "FANAL-E0307"),
        "author-alone": ("Nobody but the author.", Audience(agencies=[AUTHOR]), "FANAL-E0305"),
        "agency-twice": ("One agency twice.", Audience(agencies=[AUTHOR, READER, READER]), "FANAL-E0306"),
        "no-agency-id": ("A name that is no agency.", Audience(agencies=[AUTHOR, "tr-cus"]), "FANAL-E0306"),
        "channel-lower-case": ("A channel in small letters.", Audience(channel="blacksea"), "FANAL-E0306"),
        "empty": ("Nobody.", Audience(), "FANAL-E0306"),
    }
    for name, (what, message, error) in cases.items():
        out.refuse("audience", name, what, strict.encode(message), error, **given)
    data = strict.encode(both)
    out.refuse(
        "audience",
        "varint-too-long",
        "A length in two bytes where one is enough.",
        data.replace(b"\x12\x06", b"\x12\x86\x00", 1),
        "FANAL-E0209",
        **given,
    )


def _padding(out: Collected) -> None:
    for length in (0, 1023, 1024, 5000):
        out.accept(
            "padding", f"of-{length}", f"{length:,} bytes, padded.", padding.pad(drawn("padding", length))
        )
    good = padding.pad(b"text")
    out.refuse("padding", "not-zero", "A one among the zeros.", good[:-1] + b"\1", "FANAL-E0318")
    out.refuse("padding", "no-mark", "Zeros only.", bytes(1024), "FANAL-E0318")
    out.refuse("padding", "too-long", "Another length than Padme's.", good + bytes(16), "FANAL-E0318")
    out.refuse("padding", "too-short", "Below the floor.", good[:512], "FANAL-E0318")


def _fields(out: Collected) -> None:
    salt, data = drawn("field salt"), a_notice()
    notice = Notice.FromString(data)
    root = fields.root(notice, salt)
    assert root is not None
    given = {"field_salt": salt, "root": root}
    out.accept("fields-root", "small", "Every scalar field of a small notice.", data, **given)
    out.accept(
        "fields-root",
        "unknown-field",
        "A field of a newer version: undecided, never refused.",
        data + UNKNOWN_FIELD,
        **given,
    )
    out.refuse(
        "fields-root",
        "other-salt",
        "Another salt.",
        data,
        "FANAL-E0323",
        **(given | {"field_salt": drawn("other salt")}),
    )
    out.refuse(
        "fields-root",
        "value-changed",
        "One letter changed.",
        data.replace(b"GE-CUS-2027", b"GE-CUS-2028"),
        "FANAL-E0323",
        **given,
    )
    for proof in fields.prove(notice, salt, ["originator", "handling.tlp", "issued_at.seconds"]):
        shown = {
            "root": root,
            "path": proof.path,
            "value": proof.value,
            "blind": proof.blind,
            "index": proof.index,
        }
        path = b"".join(proof.siblings)
        name = proof.path.replace(".", "-").replace("_", "-")
        out.accept("field-proof", name, f"The field {proof.path} shown alone.", path, **shown)
        if proof.path != "originator":
            continue
        bad = {
            "value-changed": ("Another value under the same proof.", path, {"value": b"TR-CUS"}),
            "path-changed": ("The value of another field.", path, {"path": "ref"}),
            "blind-of-another": ("Another blind.", path, {"blind": drawn("blind")}),
            "sibling-flipped": ("One bit of the path flipped.", flipped(path, 77), {}),
            "root-of-another": ("Another root.", path, {"root": drawn("root")}),
        }
        for title, (what, data_, changes) in bad.items():
            out.refuse("field-proof", title, what, data_, "FANAL-E0404", **(shown | changes))


def _invites(out: Collected, world: dict[str, Agency], network: bytes) -> None:
    invite = joining.Invite(
        token_id=drawn("token", 16),
        secret=drawn("token secret"),
        network=network,
        charter_version=1,
        charter_sha256=network,
        network_name="Black Sea",
        inviter=AUTHOR,
        agency="RO-CUS",
        address="node.example:7444",
        certificate=world[AUTHOR].certificate,
        expires=NOW + 3600,
    )
    text = joining.encode_invite(invite).encode()
    given = {"now": NOW}
    out.accept("invite", "good", "An invitation.", text, **given)
    out.accept(
        "invite", "white-space", "White space around it, as mail adds.", b"  " + text + b"\r\n", **given
    )
    raw = base64.urlsafe_b64decode(text[15:] + b"=" * (-len(text[15:]) % 4))
    message = raw[:-4] + UNKNOWN_FIELD
    smuggled = base64.urlsafe_b64encode(message + hashlib.sha256(message).digest()[:4]).rstrip(b"=")
    bad = {
        "letter-changed": (
            "One letter mistyped.",
            text[:40] + (b"A" if text[40:41] != b"A" else b"B") + text[41:],
        ),
        "cut": ("Its end is missing.", text[:-5]),
        "other-prefix": ("An invitation of version 2.", text.replace(b"-1:", b"-2:")),
        "standard-base64": ("Letters of the other Base 64.", text[:20] + b"+/" + text[22:]),
        "unknown-field": ("A field smuggled in, with a good check sum.", text[:15] + smuggled),
        "empty": ("No bytes.", b""),
    }
    for name, (what, data) in bad.items():
        out.refuse("invite", name, what, data, "FANAL-E0284", **given)
    out.refuse("invite", "run-out", "Its hour is over.", text, "FANAL-E0285", now=NOW + 3600)
    out.accept(
        "join-code",
        "digits",
        "The digits both people read out.",
        drawn("token", 16),
        charter=network,
        inviter=drawn("inviter"),
        joiner=drawn("joiner"),
    )


def _keystores(out: Collected) -> None:
    """Under a 32-byte key file: SHA-256(domain, salt, key), then XChaCha20-Poly1305."""
    key, salt, nonce = drawn("key file"), drawn("keystore salt", 16), drawn("keystore nonce", 24)
    entries = {"log": drawn("entry log"), "node-sign": drawn("entry node")}
    plain = b"".join(
        struct.pack(">HI", len(name), len(value)) + name.encode() + value for name, value in entries.items()
    )

    def keystore(magic: bytes = b"FANALKS1", slot: int = 2) -> bytes:
        head = struct.pack(">8sBII16s24sI", magic, slot, 0, 0, salt, nonce, len(plain) + 16)
        derived = hashlib.sha256(KEYSTORE_DOMAIN + salt + key).digest()
        sealed = head + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, head, nonce, derived)
        return sealed + hashlib.sha256(sealed).digest()

    good, given = keystore(), {"key_file": key}
    out.accept("keystore", "key-file", "Two keys under a key file.", good, **given)
    resealed = flipped(good[:-32], 8 * (len(good) - 40))
    bad = {
        "cut": ("Its end is missing.", good[:-1], "FANAL-E0265"),
        "empty": ("No bytes.", b"", ANY),
        "other-format": ("Another program's file.", b"PK\3\4" + good, "FANAL-E0266"),
        "version-two": ("A format of the future.", keystore(magic=b"FANALKS2"), "FANAL-E0266"),
        "flipped": ("One bit flipped.", flipped(good, 900), "FANAL-E0267"),
        "trailing-byte": ("A byte behind it.", good + b"\0", "FANAL-E0267"),
        "passphrase-slot": (
            "A keystore under a passphrase, opened with a key file.",
            keystore(slot=1),
            "FANAL-E0271",
        ),
        "altered-with-check-sum": (
            "Altered, and the check sum made again.",
            resealed + hashlib.sha256(resealed).digest(),
            "FANAL-E0270",
        ),
    }
    for name, (what, data, error) in bad.items():
        out.refuse("keystore", name, what, data, error, **given)
    out.refuse(
        "keystore",
        "wrong-key-file",
        "Another key file.",
        good,
        "FANAL-E0270",
        key_file=drawn("other key file"),
    )


def _archives(out: Collected) -> None:
    """The zip around an evidence bundle, and what hostile archives try."""
    files = {"README.en.txt": b"read me\n", "manifest.bin": drawn("manifest of a bundle", 64)}
    good = container.write(files)
    out.accept("archive", "two-files", "The one packing of two files.", good)

    def packed(name: str, data: bytes = b"x", method: int = zipfile.ZIP_STORED) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, method
            archive.writestr(info, data)
        return buffer.getvalue()

    bad = {
        "leads-outside": ("A name that leads outside (zip-slip).", packed("../../etc/cron.d/x")),
        "absolute": ("An absolute name.", packed("/etc/passwd")),
        "backslashes": ("A name with backslashes.", packed("..\\..\\x")),
        "drive-letter": ("A name with a drive letter.", packed("C:x")),
        "right-to-left": ("A name that shows in another order.", packed("a\u202etxt.exe")),
        "compressed": (
            "A compressed file: a bomb could be one.",
            packed("a", bytes(100_000), zipfile.ZIP_DEFLATED),
        ),
        "bytes-in-front": ("Bytes in front of the archive.", b"#!/bin/sh\n" + good),
        "bytes-behind": ("Bytes behind the archive.", good + b"x"),
        "bit-flipped": ("One bit flipped.", flipped(good, 8 * 50)),
        "cut": ("Its end is missing.", good[:-4]),
        "no-archive": ("No zip at all.", b"hello"),
        "empty": ("No bytes.", b""),
    }
    for name, (what, data) in bad.items():
        out.refuse("archive", name, what, data, "FANAL-E0461")
