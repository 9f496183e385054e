# SPDX-License-Identifier: Apache-2.0
"""Body and own wrap: ChaCha20-Poly1305 with keys derived per message, and the commitments of those keys.

Every secret key here is 32 random bytes. From it HKDF-SHA256 (RFC 5869) derives, per header, one cipher key
and one nonce: ``info`` is a domain and SHA-256(header). A header names a random envelope id, its place in the
lane and the commitments of key and content, so one (key, nonce) pair never meets two plaintexts: not when a
lane key wraps a thousand content keys, and not even if a broken random source repeats a content key.
ChaCha20-Poly1305 (RFC 8439) does not commit to its key: a ciphertext can be made that opens under two. The
key commitment in the signed header closes that; it is checked before anything is decrypted.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fanal.envelope import limits
from fanal.envelope.commitments import parts, sha256
from fanal.envelope.errors import COMMITMENT, WRONG_KEY
from fanal.errors import VerificationError
from fanal.keys.pae import (
    BODY_KEY_DOMAIN,
    KEY_COMMITMENT_DOMAIN,
    LANE_KEY_COMMITMENT_DOMAIN,
    OWN_WRAP_DOMAIN,
)

_NONCE = 12


def content_key_commitment(key: bytes) -> bytes:
    """The 32 bytes of a header that fix the content key."""
    return _derive(key, parts(KEY_COMMITMENT_DOMAIN), limits.HASH)


def lane_key_commitment(key: bytes) -> bytes:
    """The 32 bytes of a KEY envelope's header that fix the lane key."""
    return _derive(key, parts(LANE_KEY_COMMITMENT_DOMAIN), limits.HASH)


def check_content_key(expected: bytes, key: bytes) -> None:
    """Raise VerificationError unless the header commits to this content key."""
    if not hmac.compare_digest(expected, content_key_commitment(key)):
        raise VerificationError(COMMITMENT, field="content key")


def check_lane_key(expected: bytes, key: bytes) -> None:
    """Raise VerificationError unless the KEY envelope commits to this lane key."""
    if not hmac.compare_digest(expected, lane_key_commitment(key)):
        raise VerificationError(COMMITMENT, field="lane key")


def seal_body(content_key: bytes, header: bytes, padded: bytes) -> bytes:
    """The body of an envelope: ``padded`` and 16 bytes of tag, the exact header bytes as AAD."""
    cipher, nonce = _cipher(content_key, BODY_KEY_DOMAIN, header)
    return cipher.encrypt(nonce, padded, header)


def open_body(content_key: bytes, header: bytes, body: bytes) -> bytes:
    """The padded content; VerificationError if key, header or body is another."""
    cipher, nonce = _cipher(content_key, BODY_KEY_DOMAIN, header)
    try:
        return cipher.decrypt(nonce, body, header)
    except InvalidTag:
        raise VerificationError(WRONG_KEY, field="body") from None


def wrap(lane_key: bytes, header: bytes, content_key: bytes) -> bytes:
    """The own wrap: the content key under the lane key, 48 bytes, SHA-256(header) as AAD."""
    cipher, nonce = _cipher(lane_key, OWN_WRAP_DOMAIN, header)
    return cipher.encrypt(nonce, content_key, sha256(header))


def unwrap(lane_key: bytes, header: bytes, own_wrap: bytes) -> bytes:
    """The content key; VerificationError if lane key, header or wrap is another."""
    cipher, nonce = _cipher(lane_key, OWN_WRAP_DOMAIN, header)
    try:
        return cipher.decrypt(nonce, own_wrap, sha256(header))
    except InvalidTag:
        raise VerificationError(WRONG_KEY, field="own wrap") from None


def _cipher(key: bytes, domain: bytes, header: bytes) -> tuple[ChaCha20Poly1305, bytes]:
    derived = _derive(key, parts(domain, sha256(header)), limits.KEY + _NONCE)
    return ChaCha20Poly1305(derived[: limits.KEY]), derived[limits.KEY :]


def _derive(key: bytes, info: bytes, length: int) -> bytes:
    if len(key) != limits.KEY:
        raise ValueError(f"a key is {limits.KEY} bytes long")
    return HKDF(SHA256(), length, salt=None, info=info).derive(key)
