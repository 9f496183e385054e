# SPDX-License-Identifier: Apache-2.0
"""Cases of envelopes that a carrier damaged or put together anew."""

from __future__ import annotations

from collections.abc import Callable

from vectorkit.make_base import ANY, Collected, flipped
from vectorkit.make_envelopes import AUTHOR, Sent, again, header_of, under
from vectorkit.make_identities import UNKNOWN_FIELD
from vectorkit.world import Agency, drawn

from fanal.envelope.commitments import sha256
from fanal.keys import ed25519, pae, strict
from fanal.v1.envelope_pb2 import Envelope, Manifest


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge = world[AUTHOR]
    _bytes(out, sent)
    _flips(out, sent)
    _swapped(out, ge, sent)
    _manifests(out, sent)
    _neighbours(out, ge, sent)


def _bytes(out: Collected, sent: Sent) -> None:
    data, given = sent.notice.envelope_bytes, sent.given
    envelope = sent.notice.received.envelope
    start = data.index(envelope.manifest)
    borders = {
        "nothing": 0,
        "one-byte": 1,
        "manifest-tag": start - 1,
        "manifest-end": start + len(envelope.manifest),
        "signature-end": start + len(envelope.manifest) + 66,
        "half": len(data) // 2,
        "own-wrap-missing": len(data) - 50,
        "last-byte": len(data) - 1,
    }
    for name, length in borders.items():
        out.refuse(
            "envelope", f"cut-{name}", f"Cut after {length:,} bytes.", data[:length], ANY, ANY, **given
        )
    for number in range(6):
        length = int.from_bytes(drawn(f"cut {number}", 8)) % len(data)
        out.refuse(
            "envelope",
            f"cut-sample-{number}",
            f"Cut after {length:,} bytes.",
            data[:length],
            ANY,
            ANY,
            **given,
        )
    for number in range(16):
        bit = int.from_bytes(drawn(f"flip {number}", 8)) % (8 * len(data))
        out.refuse(
            "envelope",
            f"flip-sample-{number:02}",
            f"Bit {bit % 8} of byte {bit // 8:,} flipped.",
            flipped(data, bit),
            ANY,
            ANY,
            **given,
        )


def _flips(out: Collected, sent: Sent) -> None:
    data, given = sent.notice.envelope_bytes, sent.given
    envelope = sent.notice.received.envelope
    inside = {
        "signature": data.index(envelope.signature) + 5,
        "body": data.index(envelope.body) + 100,
        "own-wrap": data.index(envelope.own_wrap) + 20,
    }
    facts = {
        "signature": ("FANAL-E0203", "signature"),
        "body": ("FANAL-E0312", "body"),
        "own-wrap": ("FANAL-E0312", "body"),
    }
    for name, place in inside.items():
        out.refuse(
            "envelope",
            f"flip-{name}",
            f"One bit of the {name} flipped.",
            flipped(data, 8 * place),
            *facts[name],
            **given,
        )
    out.refuse(
        "envelope",
        "trailing-byte",
        "A byte behind the envelope.",
        data + b"\0",
        "FANAL-E0207",
        "decode",
        **given,
    )
    out.refuse(
        "envelope",
        "unknown-field",
        "A field that version 1 does not have, behind the envelope.",
        data + UNKNOWN_FIELD,
        "FANAL-E0208",
        "decode",
        **given,
    )
    out.refuse(
        "envelope",
        "field-twice",
        "The signature twice; the last one would win.",
        data + b"\x12\x40" + envelope.signature,
        "FANAL-E0209",
        "decode",
        **given,
    )
    out.refuse(
        "envelope",
        "varint-too-long",
        "A length in more bytes than it needs.",
        data.replace(b"\x12\x40" + envelope.signature, b"\x12\xc0\x00" + envelope.signature),
        "FANAL-E0209",
        "decode",
        **given,
    )
    out.refuse(
        "envelope",
        "too-large",
        "More than 64 KiB and 256 bytes.",
        data + bytes(65_793 - len(data)),
        "FANAL-E0302",
        "limits",
        **given,
    )


def _swapped(out: Collected, ge: Agency, sent: Sent) -> None:
    one, two = sent.notice.received.envelope, sent.second.received.envelope

    def mixed(**parts: bytes) -> bytes:
        envelope = Envelope()
        envelope.CopyFrom(one)
        for name, value in parts.items():
            setattr(envelope, name, value)
        return strict.encode(envelope)

    given, refuse = sent.given, out.refuse
    refuse(
        "envelope",
        "signature-of-another",
        "The signature of another notice.",
        mixed(signature=two.signature),
        "FANAL-E0203",
        "signature",
        **given,
    )
    refuse(
        "envelope",
        "body-of-another",
        "The body of another notice.",
        mixed(body=two.body),
        "FANAL-E0312",
        "body",
        **given,
    )
    refuse(
        "envelope",
        "own-wrap-of-another",
        "The own wrap of another notice.",
        mixed(own_wrap=two.own_wrap),
        "FANAL-E0312",
        "body",
        **given,
    )
    refuse(
        "envelope",
        "sections-swapped",
        "Body and manifest in each other's place.",
        mixed(manifest=one.body, body=one.manifest),
        ANY,
        "decode",
        **given,
    )
    refuse(
        "envelope",
        "fields-in-another-order",
        "The same fields, the body first.",
        _reordered(one),
        "FANAL-E0209",
        "decode",
        **given,
    )
    _swapped_signatures(out, ge, sent, mixed)


def _swapped_signatures(out: Collected, ge: Agency, sent: Sent, mixed: Callable[..., bytes]) -> None:
    one, given, refuse = sent.notice.received.envelope, sent.given, out.refuse
    plain = ed25519.sign(ge.seed("node"), one.manifest)
    refuse(
        "envelope",
        "signed-without-type",
        "Signed over the manifest itself, without PAE.",
        mixed(signature=plain),
        "FANAL-E0203",
        "signature",
        **given,
    )
    typed = ed25519.sign(ge.seed("node"), pae.pae(pae.STATEMENT, one.manifest))
    refuse(
        "envelope",
        "signed-as-another-type",
        "Signed as a statement.",
        mixed(signature=typed),
        "FANAL-E0203",
        "signature",
        **given,
    )
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = (int.from_bytes(one.signature[32:], "little") + order).to_bytes(32, "little")
    refuse(
        "envelope",
        "signature-malleable",
        "The signature's scalar plus the group's order.",
        mixed(signature=one.signature[:32] + scalar),
        "FANAL-E0203",
        "signature",
        **given,
    )
    refuse(
        "envelope", "body-removed", "The body taken away.", mixed(body=b""), "FANAL-E0312", "body", **given
    )
    manifest = one.manifest + UNKNOWN_FIELD
    refuse(
        "envelope",
        "unknown-field-in-manifest",
        "A field smuggled under the author's signature.",
        under(ge, manifest, sent.notice),
        "FANAL-E0208",
        "decode",
        **given,
    )
    header = sent.notice.received.manifest.header + UNKNOWN_FIELD
    smuggled = Manifest()
    smuggled.CopyFrom(sent.notice.received.manifest)
    smuggled.header = header
    refuse(
        "envelope",
        "unknown-field-in-header",
        "A field smuggled into the signed header.",
        under(ge, strict.encode(smuggled), sent.notice),
        "FANAL-E0208",
        "decode",
        **given,
    )


def _reordered(envelope: Envelope) -> bytes:
    body = Envelope(body=envelope.body).SerializeToString()
    rest = Envelope()
    rest.CopyFrom(envelope)
    rest.ClearField("body")
    return body + strict.encode(rest)


def _manifests(out: Collected, sent: Sent) -> None:
    envelope, given = sent.notice.received.envelope, sent.given
    out.accept(
        "manifest",
        "notice",
        "The manifest of an erased notice still proves who sent it.",
        envelope.manifest,
        **given,
        signature=envelope.signature,
    )
    key = sent.key.received.envelope
    out.accept(
        "manifest", "key", "The manifest of a KEY envelope.", key.manifest, **given, signature=key.signature
    )
    out.refuse(
        "manifest",
        "signature-of-another",
        "The signature of another manifest.",
        envelope.manifest,
        "FANAL-E0203",
        "signature",
        **given,
        signature=key.signature,
    )
    out.refuse(
        "manifest",
        "cut",
        "A manifest without its last byte.",
        envelope.manifest[:-1],
        "FANAL-E0207",
        "decode",
        **given,
        signature=envelope.signature,
    )
    out.refuse(
        "manifest",
        "trailing-byte",
        "A byte behind the manifest.",
        envelope.manifest + b"\0",
        "FANAL-E0207",
        "decode",
        **given,
        signature=envelope.signature,
    )
    assert sha256(envelope.manifest) == sent.notice.manifest_sha256


def _neighbours(out: Collected, ge: Agency, sent: Sent) -> None:
    out.accept(
        "neighbour",
        "follows",
        "The next notice names the manifest before it.",
        sent.second.envelope_bytes,
        before="@envelope/notice",
    )
    out.refuse(
        "neighbour",
        "previous-hash-wrong",
        "It names another manifest before it.",
        again(ge, sent.second, header_of(sent.second, previous_manifest_sha256=drawn("other"))),
        "FANAL-E0313",
        "neighbour",
        before="@envelope/notice",
    )
    out.refuse(
        "neighbour",
        "a-number-between",
        "It is not the next number.",
        sent.second.envelope_bytes,
        "FANAL-E0313",
        "neighbour",
        before="@envelope/key",
    )
    out.refuse(
        "neighbour",
        "other-incarnation",
        "It is of another incarnation.",
        again(ge, sent.second, header_of(sent.second, incarnation=drawn("incarnation 2", 16))),
        "FANAL-E0313",
        "neighbour",
        before="@envelope/notice",
    )
