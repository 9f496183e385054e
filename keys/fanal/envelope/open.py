# SPDX-License-Identifier: Apache-2.0
"""Everything that is checked after an envelope is stored, in the order of docs/protocol.md.

Promise: what comes out was signed by an officer for this envelope and this audience, and every reader of the
audience gets the same bytes. The first failing check raises VerificationError with its ``step``; the caller
keeps the envelope, marks it and answers REJECTED: a validly signed notice is never dropped. NO_KEY (an
ordinary FanalError) and UnknownIdentity mean "not yet"::

    lane_key = open_key(verified_key_envelope, wrap_proof, "GE-CUS", {key_id: seed})
    opened = open_content(verified, lane_key, "GE-CUS", directory)

Order: key, key commitment, decrypt, content, content commitment, statement, officer, statement once, own
place in the audience, notice commitment, fields root. Parsing by the notice rules is the caller's next step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fanal.envelope import audience as audiences
from fanal.envelope import ciphers, fields, officer, statement, wraps
from fanal.envelope import content as contents
from fanal.envelope.commitments import check_content, check_notice
from fanal.envelope.errors import NO_BODY, NO_KEY, REUSED, WRAP, Step, at
from fanal.envelope.officer import SigningOfficer
from fanal.envelope.receipts import decode as decode_receipts
from fanal.envelope.seal import LaneKey
from fanal.envelope.statement import Frame
from fanal.envelope.trust import Trust
from fanal.envelope.verify import Verified, verify_wrap
from fanal.errors import FanalError, VerificationError
from fanal.v1.envelope_pb2 import Content, EnvelopeClass, Receipts, Statement, WrapProof

AcceptedIn = Callable[[bytes], bytes | None]
"""SHA-256 of a statement -> SHA-256 of the manifest it was first accepted in, or None."""


@dataclass(frozen=True)
class OpenedNotice:
    """A notice that every check up to its parsing has passed. Plaintext: for the vault and readers only.

    ``fields_decided`` is False when the notice has fields of a newer version, or is no notice at all; the
    notice rules say which. ``content_key`` is for the vault, which wraps it again under its own key.
    """

    statement: Statement = field(repr=False)
    statement_bytes: bytes = field(repr=False)
    statement_sha256: bytes
    officer_signature: bytes = field(repr=False)
    officer: SigningOfficer
    notice_bytes: bytes = field(repr=False)
    fields_decided: bool
    content: Content = field(repr=False)
    content_key: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedReceipts:
    """Receipts of one node; what they say is checked by ``receipts.read_receipt`` and the caller."""

    receipts: Receipts
    content_key: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedControl:
    """A control message, opaque in version 1."""

    message: bytes = field(repr=False)
    content_key: bytes = field(repr=False)


Opened = OpenedNotice | OpenedReceipts | OpenedControl


def open_key(
    verified: Verified,
    proof: WrapProof,
    me: str,
    seeds: Mapping[bytes, bytes],
    original: Verified | None = None,
) -> LaneKey:
    """The lane key of a KEY envelope, from my wrap and my ENCRYPT seeds by key id.

    A KEY envelope that wraps an earlier lane key again needs that one as ``original``, so that both provably
    carry one key and nobody gets a key from before it became a reader. Raises VerificationError at step
    ``key`` or ``key commitment``; FanalError (NO_KEY) while seed or original is missing.
    """
    wrap = verify_wrap(verified, proof)
    with at(Step.KEY):
        if wrap.recipient != me:
            raise VerificationError(WRAP, reason=f"it is for {wrap.recipient}")
        _check_original(verified, original, me)
        if wrap.key_id not in seeds:
            raise FanalError(NO_KEY, reason="the wrap is for an encryption key that is not held")
        key = wraps.unseal(wrap, verified.received.manifest.header, seeds[wrap.key_id])
    with at(Step.KEY_COMMITMENT):
        ciphers.check_lane_key(verified.header.key_commitment, key)
    named = verified.header.key_envelope or verified.manifest_sha256
    return LaneKey(key, verified.header.key_commitment, named)


def open_content(
    verified: Verified,
    lane_key: LaneKey,
    me: str,
    trust: Trust,
    accepted_in: AcceptedIn | None = None,
    now: int | None = None,
) -> Opened:
    """Open a stored envelope with the key of its lane; every check in the reader's order.

    ``accepted_in`` asks the store whether a statement was accepted before: one is good for one envelope.
    Raises VerificationError with its ``step``; FanalError (NO_KEY) for the key of another KEY envelope,
    (NO_BODY) when only the manifest is held.
    """
    header = verified.header
    _check_body_held(verified)
    if header.key_envelope != lane_key.key_manifest_sha256:
        raise FanalError(NO_KEY, reason="the envelope is under another lane key")
    with at(Step.KEY):
        header_bytes = verified.received.manifest.header
        content_key = ciphers.unwrap(lane_key.key, header_bytes, verified.received.envelope.own_wrap)
    return open_with_content_key(verified, content_key, me, trust, accepted_in, now)


def open_with_content_key(
    verified: Verified,
    content_key: bytes,
    me: str,
    trust: Trust,
    accepted_in: AcceptedIn | None = None,
    now: int | None = None,
) -> Opened:
    """As ``open_content``, from the step ``key commitment`` on: for a content key kept in the vault."""
    _check_body_held(verified)
    with at(Step.KEY_COMMITMENT):
        ciphers.check_content_key(verified.header.key_commitment, content_key)
    with at(Step.DECRYPT):
        header_bytes = verified.received.manifest.header
        padded = ciphers.open_body(content_key, header_bytes, verified.received.envelope.body)
    with at(Step.CONTENT):
        content = contents.decode(padded)
        core = contents.core_of(content, verified.header.envelope_class)
        contents.check_attachments(content, list(verified.received.manifest.attachments))
    with at(Step.CONTENT_COMMITMENT):
        check_content(verified.header.content_commitment, content.content_salt, core)
    if verified.header.envelope_class == EnvelopeClass.NOTICE:
        return _open_notice(verified, content, content_key, me, trust, accepted_in, now)
    with at(Step.AUDIENCE):
        audiences.check_reader(me, verified.header.audience, verified.charter)
    if verified.header.envelope_class == EnvelopeClass.CONTROL:
        return OpenedControl(core, content_key)
    with at(Step.RECEIPTS):
        return OpenedReceipts(decode_receipts(core), content_key)


def _open_notice(
    verified: Verified,
    content: Content,
    content_key: bytes,
    me: str,
    trust: Trust,
    accepted_in: AcceptedIn | None,
    now: int | None,
) -> OpenedNotice:
    digest = statement.statement_sha256(content.statement)
    with at(Step.STATEMENT):
        parsed = statement.decode(content.statement)
        statement.check_against_frame(parsed, Frame.of(verified.header))
        notice = fields.parse_notice(content.notice)
        statement.check_against_notice(parsed, notice, verified.charter)
    with at(Step.OFFICER):
        signer = officer.check_statement(content.statement, content.officer_signature, parsed, trust, now)
    with at(Step.STATEMENT_ONCE):
        _check_once(digest, verified.manifest_sha256, accepted_in)
    with at(Step.AUDIENCE):
        audiences.check_reader(me, verified.header.audience, verified.charter)
    with at(Step.NOTICE_COMMITMENT):
        check_notice(parsed.notice_commitment, content.notice_salt, content.notice)
    with at(Step.FIELDS_ROOT):
        decided = notice is not None and fields.check_root(parsed.fields_root, notice, content.field_salt)
    return OpenedNotice(
        statement=parsed,
        statement_bytes=content.statement,
        statement_sha256=digest,
        officer_signature=content.officer_signature,
        officer=signer,
        notice_bytes=content.notice,
        fields_decided=decided,
        content=content,
        content_key=content_key,
    )


def _check_body_held(verified: Verified) -> None:
    if verified.received.is_key:
        raise ValueError("a KEY envelope has no content")
    if not verified.received.envelope.body:
        raise FanalError(NO_BODY)


def _check_once(digest: bytes, manifest_sha256: bytes, accepted_in: AcceptedIn | None) -> None:
    first = accepted_in(digest) if accepted_in else None
    if first is not None and first != manifest_sha256:
        raise VerificationError(REUSED, found=first.hex())


def _check_original(verified: Verified, original: Verified | None, me: str) -> None:
    named = verified.header.key_envelope
    if not named:
        return
    if original is None:
        raise FanalError(NO_KEY, reason="it wraps again the key of an envelope that is not here yet")
    if original.manifest_sha256 != named or not original.received.is_key or original.header.key_envelope:
        raise VerificationError(WRAP, reason="the envelope that it wraps again is another, or no first KEY")
    for name in ("lane", "author", "network", "key_commitment"):
        if getattr(original.header, name) != getattr(verified.header, name):
            raise VerificationError(WRAP, reason=f"it wraps another key than the one it names: {name}")
    audiences.check_reader(me, original.header.audience, original.charter)
