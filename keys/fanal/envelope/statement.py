# SPDX-License-Identifier: Apache-2.0
"""The officer's statement: what a person signs, on that person's own machine, about one notice.

Promise: a statement names network, charter, envelope, author, audience and handling, and commits to the exact
bytes of the notice and to each of its fields; nobody can put it on another envelope or show it to another
audience. Nothing here needs a cipher or a socket: the command line imports it, composes and signs::

    draft = compose_signed(notice, network=..., charter=CharterRef(3, sha256), envelope_id=..., ...)
    content = draft.content()        # what the node pads, encrypts and seals
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fanal.envelope import audience as audiences
from fanal.envelope import fields, limits
from fanal.envelope.commitments import DEFAULT_RNG, Rng, notice_commitment, sha256
from fanal.envelope.errors import CONTENT, FIELDS_UNDECIDED, STATEMENT, TOO_LARGE
from fanal.envelope.trust import Charter, CharterRef
from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, pae, strict
from fanal.keys.keyid import ed25519_key, key_id
from fanal.v1.envelope_pb2 import Audience, Content, Header, Statement, WarnReason
from fanal.v1.notice_pb2 import Notice, Tlp

_TOKEN: Final = re.compile(r"[A-Z0-9_]+")


class Frame(NamedTuple):
    """Where a statement belongs: the fields that header and statement share."""

    network: bytes
    charter: CharterRef
    author: str
    envelope_id: bytes
    audience: Audience

    @classmethod
    def of(cls, header: Header | Statement) -> Frame:
        """The frame that a header gives or a statement claims."""
        charter = CharterRef(header.charter_version, header.charter_sha256)
        return cls(header.network, charter, header.author, header.envelope_id, header.audience)


@dataclass(frozen=True)
class SignedDraft:
    """A notice under an officer's signature, not yet sealed. Everything in it is for readers only."""

    statement: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    notice: bytes = field(repr=False)
    notice_salt: bytes = field(repr=False)
    field_salt: bytes = field(repr=False)
    content_salt: bytes = field(repr=False)

    def content(self) -> Content:
        """The content of a NOTICE envelope; attachment keys are added by the caller."""
        return Content(
            statement=self.statement,
            officer_signature=self.signature,
            notice=self.notice,
            notice_salt=self.notice_salt,
            field_salt=self.field_salt,
            content_salt=self.content_salt,
        )


def compose_signed(
    notice_bytes: bytes,
    *,
    network: bytes,
    charter: CharterRef,
    envelope_id: bytes,
    author: str,
    audience: Audience,
    handling: str,
    officer_seed: bytes,
    now: int,
    reasons: Iterable[tuple[str, str]] = (),
    restates: bytes = b"",
    rng: Rng = DEFAULT_RNG,
) -> SignedDraft:
    """Build the statement for these notice bytes and sign it with the officer's Ed25519 seed.

    ``reasons`` are (code, text) of overridden warnings; ``restates`` is the SHA-256 of an earlier statement.
    Refuses what every reader would refuse: raises FanalError or VerificationError.
    """
    notice_salt, field_salt, content_salt = rng(limits.SALT), rng(limits.SALT), rng(limits.SALT)
    statement = Statement(
        network=network,
        charter_version=charter.version,
        charter_sha256=charter.sha256,
        envelope_id=envelope_id,
        author=author,
        officer_key_id=key_id(ed25519_key(ed25519.public_of(officer_seed))),
        audience=audience,
        handling=handling,
        signed_at=now,
        notice_commitment=notice_commitment(notice_salt, notice_bytes),
        fields_root=_fields_root(notice_bytes, field_salt),
        restates=restates,
        reasons=[WarnReason(code=code, text=text) for code, text in reasons],
    )
    check_shape(statement)
    check_against_notice(statement, fields.parse_notice(notice_bytes))
    data = strict.encode(statement)
    signature = ed25519.sign(officer_seed, pae.pae(pae.STATEMENT, data))
    return SignedDraft(data, signature, notice_bytes, notice_salt, field_salt, content_salt)


def statement_sha256(statement: bytes) -> bytes:
    """How statements are named: by ``restates``, by ``previous_sha256`` of a revision, by the store."""
    return sha256(statement)


def handling_of(notice: Notice) -> str:
    """The TLP of a notice as a statement says it, for example AMBER; its number if it is not known here."""
    code = notice.handling.tlp
    return Tlp.Code.Name(code) if code in Tlp.Code.values() else str(int(code))


def decode(data: bytes) -> Statement:
    """Parse a statement strictly and check its shape. Raises VerificationError; verifies no signature."""
    statement = strict.decode(Statement, data, limits.STATEMENT)
    check_shape(statement)
    return statement


def check_shape(statement: Statement) -> None:
    """Raise VerificationError unless every field has its length and form."""
    for name in ("network", "charter_sha256", "officer_key_id", "notice_commitment", "fields_root"):
        _require(len(getattr(statement, name)) == limits.HASH, name)
    _require(len(statement.envelope_id) == limits.ENVELOPE_ID, "envelope_id")
    _require(len(statement.restates) in (0, limits.HASH), "restates")
    _require(statement.charter_version > 0, "charter_version")
    _require(0 < statement.signed_at <= limits.MAX_TIME, "signed_at")
    _require(_is_token(statement.handling), "handling")
    _require(len(statement.reasons) <= limits.REASONS, "reasons")
    for reason in statement.reasons:
        _require(_is_token(reason.code) and 0 < len(reason.text) <= limits.REASON_TEXT, "reasons")
    audiences.check(statement.audience, statement.author)


def check_against_frame(statement: Statement, frame: Frame) -> None:
    """Raise VerificationError unless the officer signed for exactly this place: the header's."""
    for name, signed, expected in zip(Frame._fields, Frame.of(statement), frame, strict=True):
        if signed != expected:
            raise VerificationError(STATEMENT, other="header", field=name)


def check_against_notice(statement: Statement, notice: Notice | None, charter: Charter | None = None) -> None:
    """Raise VerificationError unless author, handling and audience are those of the notice itself.

    A restatement may have another audience than the notice (notices.md). Without a charter a list of agencies
    that a channel contributes to cannot be compared. Bytes that are no notice are left to the notice rules.
    """
    if notice is None:
        return
    if notice.originator != statement.author:
        raise VerificationError(STATEMENT, other="notice", field="author")
    if handling_of(notice) != statement.handling:
        raise VerificationError(STATEMENT, other="notice", field="handling")
    if not statement.restates and not _same_audience(statement, notice, charter):
        raise VerificationError(STATEMENT, other="notice", field="audience")


def _same_audience(statement: Statement, notice: Notice, charter: Charter | None) -> bool:
    if statement.audience.channel:
        return notice.group == statement.audience.channel and not notice.recipients
    named = {statement.author, *notice.recipients}
    if notice.group and not notice.recipients:
        return False
    if notice.group and charter is None:
        return named <= set(statement.audience.agencies)
    if notice.group and charter is not None:
        named |= set(audiences.readers(Audience(channel=notice.group), charter))
    # A name that the charter does not know may have been left out by the sender, with a warning.
    left_out = named - set(statement.audience.agencies)
    unknown = {agency for agency in left_out if charter is None or not charter.is_member(agency)}
    return set(statement.audience.agencies) <= named and left_out == unknown


def _fields_root(notice_bytes: bytes, field_salt: bytes) -> bytes:
    if len(notice_bytes) > limits.ENVELOPE:
        raise FanalError(TOO_LARGE, what="notice", found=len(notice_bytes), limit=limits.ENVELOPE)
    notice = fields.parse_notice(notice_bytes)
    root = None if notice is None else fields.root(notice, field_salt)
    if root is None:
        raise FanalError(FIELDS_UNDECIDED, reason="unknown or too many fields, or no notice at all")
    return root


def _is_token(text: str) -> bool:
    return len(text) <= limits.REASON_CODE and _TOKEN.fullmatch(text) is not None


def _require(condition: bool, name: str) -> None:
    if not condition:
        raise VerificationError(CONTENT, reason=f"{name} of the statement has another length or form")
