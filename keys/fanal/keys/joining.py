# SPDX-License-Identifier: Apache-2.0
"""Joining a network: the invitation, the proofs that both sides hold it, and the digits read by telephone.

Promise: nobody without the invitation gets an answer, and nobody between the two sides can give either of
them another identity or charter without changing the digits. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from fanal.errors import FanalError, VerificationError
from fanal.keys.agency import is_agency
from fanal.keys.call_errors import INVITE_EXPIRED, INVITE_MALFORMED, JOIN_CODE, JOIN_MAC
from fanal.keys.certificate import MAX_CERTIFICATE, spki_sha256
from fanal.keys.identity_rules import is_endpoint
from fanal.keys.pae import (
    JOIN_CODE_DOMAIN,
    JOIN_OUTCOME_DOMAIN,
    JOIN_REPLY_DOMAIN,
    JOIN_REQUEST_DOMAIN,
)
from fanal.keys.strict import decode, encode
from fanal.v1 import invite_pb2

PREFIX = "fanal-invite-1:"
MAX_TEXT = 8192
TOKEN_ID_BYTES = 16
SECRET_BYTES = 32
_GROUPS, _DIGITS = 6, 4
_CHECKSUM = 4


@dataclass(frozen=True)
class Invite:
    """What an invitation says. ``network`` is the anchor from which the newcomer verifies every charter."""

    token_id: bytes
    secret: bytes = field(repr=False)
    network: bytes
    charter_version: int
    charter_sha256: bytes
    network_name: str
    inviter: str
    agency: str
    address: str
    certificate: bytes = field(repr=False)
    expires: int

    @property
    def spki_sha256(self) -> bytes:
        """The pinned key of the join listener. Raises VerificationError."""
        return spki_sha256(self.certificate)

    def check_valid(self, now: int) -> None:
        """Raise FanalError when the invitation has run out."""
        if now >= self.expires:
            raise FanalError(INVITE_EXPIRED)


def encode_invite(invite: Invite) -> str:
    """One line of text: ``fanal-invite-1:`` and base64url without padding. It holds the secret."""
    _check(invite)
    data = encode(invite_pb2.Invite(**{name: getattr(invite, name) for name in _FIELDS}))
    return PREFIX + base64.urlsafe_b64encode(data + _checksum(data)).rstrip(b"=").decode("ascii")


def decode_invite(text: str) -> Invite:
    """The invitation in a line of text; white space around it is ignored. Raises FanalError."""
    stripped = text.strip()
    if not stripped.startswith(PREFIX):
        raise _malformed(f"it does not start with {PREFIX}")
    if len(stripped) > MAX_TEXT:
        raise _malformed(f"over {MAX_TEXT} characters")
    encoded = stripped[len(PREFIX) :]
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        data, checksum = raw[:-_CHECKSUM], raw[-_CHECKSUM:]
        message = decode(invite_pb2.Invite, data, MAX_TEXT)
    except (binascii.Error, ValueError, VerificationError):
        raise _malformed("it was cut or mistyped") from None
    if checksum != _checksum(data):
        raise _malformed("it was cut or mistyped")
    invite = Invite(**{name: getattr(message, name) for name in _FIELDS})
    _check(invite)
    return invite


def _checksum(data: bytes) -> bytes:
    # Against slips of the hand only; the secret and the digits protect against people.
    return hashlib.sha256(data).digest()[:_CHECKSUM]


_FIELDS = tuple(f.name for f in invite_pb2.Invite.DESCRIPTOR.fields)


def _check(invite: Invite) -> None:
    sizes = {"token_id": TOKEN_ID_BYTES, "secret": SECRET_BYTES, "network": 32, "charter_sha256": 32}
    for name, size in sizes.items():
        if len(getattr(invite, name)) != size:
            raise _malformed(f"{name} is not {size} bytes long")
    if not is_agency(invite.inviter) or not is_agency(invite.agency):
        raise _malformed("an agency id is wrong")
    if not is_endpoint(invite.address):
        raise _malformed("the address is not host:port")
    if not 0 < len(invite.certificate) <= MAX_CERTIFICATE or invite.charter_version < 1:
        raise _malformed("certificate or charter version is missing")
    if not 0 < len(invite.network_name) <= 100 or not invite.network_name.isprintable():
        raise _malformed("the network's name is not 1 to 100 printable characters")


def _malformed(reason: str) -> FanalError:
    return FanalError(INVITE_MALFORMED, reason=reason)


# --- Both sides hold the invitation ------------------------------------------------------------------------


def request_mac(secret: bytes, identity_body: bytes) -> bytes:
    """What the newcomer sends with its identity: HMAC-SHA-256 under the invitation's secret."""
    return _mac(secret, JOIN_REQUEST_DOMAIN, identity_body)


def reply_mac(secret: bytes, identity_body: bytes, charter_body: bytes) -> bytes:
    """What the inviter sends with its own identity and the charter."""
    return _mac(secret, JOIN_REPLY_DOMAIN, identity_body, charter_body)


def outcome_mac(secret: bytes, identity_body: bytes) -> bytes:
    """What the newcomer sends when it asks for the outcome."""
    return _mac(secret, JOIN_OUTCOME_DOMAIN, identity_body)


def check_mac(expected: bytes, found: bytes) -> None:
    """Compare in constant time. Raises VerificationError."""
    if not hmac.compare_digest(expected, found):
        raise VerificationError(JOIN_MAC)


def _mac(secret: bytes, domain: bytes, *parts: bytes) -> bytes:
    # Each part under its length: two bodies cannot be cut at another place.
    message = domain + b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(secret, message, hashlib.sha256).digest()


# --- The digits read out by telephone ----------------------------------------------------------------------


def join_code(
    charter_sha256: bytes, inviter_identity_sha256: bytes, joiner_identity_sha256: bytes, token_id: bytes
) -> str:
    """Six groups of four digits, "1234 5678 ...", over both identities, the charter and the token.

    SHA-256 of domain and inputs, modulo 10^24 (about 80 bits). The secret is not part of it: the digits may
    be overheard.
    """
    for part, size in (
        (charter_sha256, 32),
        (inviter_identity_sha256, 32),
        (joiner_identity_sha256, 32),
        (token_id, TOKEN_ID_BYTES),
    ):
        if len(part) != size:
            raise ValueError("a part of the join code has the wrong length")
    parts = charter_sha256 + inviter_identity_sha256 + joiner_identity_sha256 + token_id
    number = int.from_bytes(hashlib.sha256(JOIN_CODE_DOMAIN + parts).digest(), "big")
    digits = f"{number % 10 ** (_GROUPS * _DIGITS):0{_GROUPS * _DIGITS}d}"
    return " ".join(digits[i : i + _DIGITS] for i in range(0, len(digits), _DIGITS))


def check_code(expected: str, typed: str) -> None:
    """Compare what the other side read out; spaces and hyphens do not matter. Raises VerificationError."""
    found = "".join(c for c in typed if not c.isspace() and c != "-")
    if not hmac.compare_digest(expected.replace(" ", "").encode(), found.encode()):
        raise VerificationError(JOIN_CODE)
