# SPDX-License-Identifier: Apache-2.0
"""Cases of what is checked after storage: wraps and contents."""

from __future__ import annotations

from typing import Any

from vectorkit.make_base import ANY, Collected, flipped
from vectorkit.make_envelopes import (
    AUTHOR,
    READER,
    Sent,
    a_notice,
    header_of,
    put,
    under,
)
from vectorkit.make_identities import UNKNOWN_FIELD
from vectorkit.world import Agency, drawn

from fanal.envelope import ciphers, commitments, padding
from fanal.envelope.commitments import sha256
from fanal.keys import ed25519, pae, strict
from fanal.v1.envelope_pb2 import (
    Content,
    Envelope,
    EnvelopeClass,
    Manifest,
    Statement,
)


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    _contents(out, world[AUTHOR], sent)
    _forged(out, world, sent)


def _opening(sent: Sent, reader: str = READER) -> dict[str, object]:
    return {
        **sent.given,
        "lane_key": sent.key.lane_key.key,
        "key_manifest_sha256": sent.key.manifest_sha256,
        "reader": reader,
    }


def _contents(out: Collected, ge: Agency, sent: Sent) -> None:
    given = _opening(sent)
    data = sent.notice.envelope_bytes
    out.accept("content", "notice", "A notice opened by a reader.", data, **given)
    out.accept("content", "by-its-author", "The author opens what it sent.", data, **_opening(sent, AUTHOR))
    told = out.cases["envelope/receipt"]
    out.accept("content", "receipts", "Receipts opened by the author of the notice.", told.data, **given)
    control = Content(control=b"hello", content_salt=drawn("control salt"))
    sealed = put(ge, sent.lane, sent.key.lane_key, control, "control", klass=EnvelopeClass.CONTROL)
    out.accept(
        "content", "control", "A control message, opaque in version 1.", sealed.envelope_bytes, **given
    )
    out.refuse(
        "content",
        "reader-outside",
        "A member outside opens it with a stolen lane key.",
        data,
        "FANAL-E0322",
        "audience",
        **_opening(sent, "MD-CUS"),
    )
    out.refuse(
        "content",
        "lane-key-wrong",
        "Another lane key.",
        data,
        "FANAL-E0316",
        "key",
        **(given | {"lane_key": drawn("other lane key")}),
    )
    out.wait(
        "content",
        "other-key-envelope",
        "The lane key of another KEY envelope is at hand.",
        data,
        "FANAL-E0315",
        "",
        **(given | {"key_manifest_sha256": drawn("other key envelope")}),
    )
    out.refuse(
        "content",
        "statement-used-before",
        "The statement was accepted in another envelope.",
        data,
        "FANAL-E0321",
        "statement once",
        **given,
        statement_accepted_in=drawn("another manifest"),
    )
    again = out.cases["envelope/notice"]
    out.accept(
        "content",
        "same-envelope-again",
        "The statement was accepted in this very envelope.",
        again.data,
        **given,
        statement_accepted_in=sent.notice.manifest_sha256,
    )


def sealed_anyhow(ge: Agency, sent: Sent, content: Content, label: str, **changes: Any) -> bytes:
    """Any content in a valid seal of its author: keys and commitments are right, or changed on purpose."""
    key = drawn(f"{label} content key")
    core = content.statement or content.receipts or content.control
    header = header_of(sent.notice)
    header.key_commitment = changes.get("key_commitment", ciphers.content_key_commitment(key))
    header.content_commitment = changes.get(
        "content_commitment", commitments.content_commitment(content.content_salt, core)
    )
    data = strict.encode(header)
    plain = changes.get("plain", padding.pad(strict.encode(content)))
    body = ciphers.seal_body(key, data, plain)
    own_wrap = ciphers.wrap(sent.key.lane_key.key, data, key)
    manifest = Manifest(
        header=data, body_sha256=sha256(body), body_length=len(body), own_wrap_sha256=sha256(own_wrap)
    )
    envelope = Envelope.FromString(under(ge, strict.encode(manifest), sent.notice))
    envelope.body, envelope.own_wrap = body, own_wrap
    return strict.encode(envelope)


def _signed_by(agency: Agency, use: str, statement: Statement, sent: Sent, **parts: bytes) -> Content:
    data = strict.encode(statement)
    signature = ed25519.sign(agency.seed(use), pae.pae(pae.STATEMENT, data))
    return _content(sent, statement=data, officer_signature=signature, **parts)


def _content(sent: Sent, **parts: Any) -> Content:
    content = sent.draft.content()
    for name, value in parts.items():
        content.ClearField(name)
        if value is not None:
            content.MergeFrom(Content(**{name: value}))
    return content


def statement_of(sent: Sent, **changes: Any) -> Statement:
    statement = Statement.FromString(sent.draft.statement)
    for name, value in changes.items():
        statement.ClearField(name)
        if value is not None:
            statement.MergeFrom(Statement(**{name: value}))
    return statement


_Cases = dict[str, tuple[str, Content, dict[str, Any], str, str]]


def _forged(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    """The author's node itself is hostile: every seal is right, what is in it is not."""
    ge, tr, given = world[AUTHOR], world[READER], _opening(sent)
    good = _content(sent)
    padded = padding.pad(strict.encode(good))
    cases: _Cases = {
        "key-commitment-wrong": (
            "A content key that the header does not commit to.",
            good,
            {"key_commitment": drawn("x")},
            "FANAL-E0317",
            "key commitment",
        ),
        "content-commitment-wrong": (
            "A content that the header does not commit to.",
            good,
            {"content_commitment": drawn("x")},
            "FANAL-E0317",
            "content commitment",
        ),
        "padding-wrong": (
            "Padding that ends in a one.",
            good,
            {"plain": padded[:-1] + b"\1"},
            "FANAL-E0318",
            "content",
        ),
        "padding-too-long": (
            "Padding longer than Padme.",
            good,
            {"plain": padded + bytes(64)},
            "FANAL-E0318",
            "content",
        ),
        "not-padded": ("No padding.", good, {"plain": strict.encode(good)}, ANY, "content"),
    }
    cases |= _parts(sent) | _officers(sent, ge, tr)
    for name, (what, content, changes, error, step) in cases.items():
        out.refuse(
            "content", name, what, sealed_anyhow(ge, sent, content, name, **changes), error, step, **given
        )
    unknown = statement_of(sent, officer_key_id=drawn("no officer"))
    stranger = _signed_by(ge, "officer", unknown, sent)
    out.wait(
        "content",
        "officer-not-yet-known",
        "An officer's key that no document held here names.",
        sealed_anyhow(ge, sent, stranger, "officer unknown"),
        "FANAL-E0257",
        "",
        **given,
    )


def _parts(sent: Sent) -> _Cases:
    """Contents with a part too many, too few, or in the wrong form."""
    good = _content(sent)
    return {
        "unknown-field": (
            "A field smuggled into the content.",
            good,
            {"plain": padding.pad(strict.encode(good) + UNKNOWN_FIELD)},
            "FANAL-E0208",
            "content",
        ),
        "receipts-beside-statement": (
            "A notice that holds receipts too.",
            _content(sent, receipts=b"r"),
            {},
            "FANAL-E0318",
            "content",
        ),
        "salt-missing": ("No notice salt.", _content(sent, notice_salt=None), {}, "FANAL-E0318", "content"),
        "salt-short": (
            "A field salt of 31 bytes.",
            _content(sent, field_salt=bytes(31)),
            {},
            "FANAL-E0318",
            "content",
        ),
        "notice-replaced": (
            "Another notice under the officer's statement.",
            _content(sent, notice=a_notice(3)),
            {},
            "FANAL-E0317",
            "notice commitment",
        ),
    }


def _officers(sent: Sent, ge: Agency, tr: Agency) -> _Cases:
    """What an officer did not sign, or not for this envelope."""
    good = _content(sent)

    def by(use: str = "officer", agency: Agency = ge, **changes: Any) -> Content:
        return _signed_by(agency, use, statement_of(sent, **changes), sent)

    return {
        "officer-signature-flipped": (
            "One bit of the officer's signature flipped.",
            _content(sent, officer_signature=flipped(good.officer_signature, 5)),
            {},
            "FANAL-E0203",
            "officer",
        ),
        "node-signs-for-officer": (
            "The node's key in the officer's place.",
            by("node"),
            {},
            "FANAL-E0203",
            "officer",
        ),
        "officer-without-right": (
            "An officer who may audit and not author.",
            by("auditor", officer_key_id=ge.key_id("auditor")),
            {},
            "FANAL-E0320",
            "officer",
        ),
        "statement-of-another-envelope": (
            "The statement of another envelope.",
            by(envelope_id=drawn("other", 16)),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "statement-to-another-audience": (
            "The officer signed for another audience.",
            by(audience={"channel": "PAIR"}),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "statement-of-another-network": (
            "The officer signed for another network.",
            by(network=drawn("n")),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "statement-of-another-charter": (
            "The officer signed under another charter.",
            by(charter_version=2),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "statement-of-another-author": (
            "The statement of another agency's officer.",
            by("officer", tr, author=READER, officer_key_id=tr.key_id("officer")),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "handling-other-than-notice": (
            "The officer signed another handling than the notice says.",
            by(handling="GREEN"),
            {},
            "FANAL-E0319",
            "statement",
        ),
        "fields-root-wrong": (
            "A fields root of other fields.",
            by(fields_root=drawn("root")),
            {},
            "FANAL-E0323",
            "fields root",
        ),
    }
