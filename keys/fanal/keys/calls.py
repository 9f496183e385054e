# SPDX-License-Identifier: Apache-2.0
"""Calls of officers to their node: each call is signed, for one method, one request and one minute.

A Unix socket tells nothing about who is behind it; the actor is the officer whose key signed. The signature
is Ed25519 over PAE of an ASCII text: one line each of method, SHA-256 of the request, key id, time, nonce.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.keys.call_errors import CALL_MALFORMED, CALL_REPLAYED, CALL_TIME, CALLS_TOO_MANY
from fanal.keys.keyid import KEY_ID_BYTES, ed25519_key, key_id
from fanal.keys.pae import CALL, pae

WINDOW_SECONDS = 60
"""How far the signing time may lie from the node's clock, either way."""
NONCE_BYTES = 16
MAX_NONCES = 10_000
KEY_FIELD = "fanal-key"
TIME_FIELD = "fanal-time"
NONCE_FIELD = "fanal-nonce"
SIGNATURE_FIELD = "fanal-signature"

Metadata = tuple[tuple[str, str], ...]


@dataclass
class NonceCache:
    """Calls seen within the window. Bounded: beyond ``limit`` calls are refused, never forgotten early.

    ``since``: the time at which the cache began. Calls signed before are refused, because what was seen
    before a restart is not known any more.
    """

    since: int
    limit: int = MAX_NONCES
    _seen: set[bytes] = field(default_factory=set, repr=False)
    _expiry: list[tuple[int, bytes]] = field(default_factory=list, repr=False)

    def begin_again(self, now: int) -> None:
        """The clock was set back: as after a restart, calls signed from now on are taken, no older ones."""
        self.since = min(self.since, now)

    def add(self, identifier: bytes, signed_at: int, now: int) -> None:
        """Remember a call. Raises FanalError: seen before, older than the cache, or no room."""
        while self._expiry and self._expiry[0][0] < now:
            self._seen.discard(heapq.heappop(self._expiry)[1])
        if signed_at < self.since:
            raise FanalError(CALL_TIME, found=self.since - signed_at, limit=0)
        if identifier in self._seen:
            raise FanalError(CALL_REPLAYED)
        if len(self._seen) >= self.limit:
            raise FanalError(CALLS_TOO_MANY, limit=self.limit)
        self._seen.add(identifier)
        heapq.heappush(self._expiry, (signed_at + WINDOW_SECONDS, identifier))


def sign_call(seed: bytes, method: str, request: bytes, now: int, nonce: bytes) -> Metadata:
    """The metadata of a call: key id, time, nonce and signature, all as ASCII text.

    ``method`` is the full path, for example "/fanal.v1.OfficerApi/Send"; ``request`` the exact bytes sent;
    ``nonce`` 16 random bytes.
    """
    identifier = key_id(ed25519_key(ed25519.public_of(seed)))
    signature = ed25519.sign(seed, _message(method, request, identifier, now, nonce))
    return (
        (KEY_FIELD, identifier.hex()),
        (TIME_FIELD, str(now)),
        (NONCE_FIELD, nonce.hex()),
        (SIGNATURE_FIELD, signature.hex()),
    )


def verify_call(
    metadata: Iterable[tuple[str, str | bytes]],
    method: str,
    request: bytes,
    find: Callable[[bytes], bytes],
    now: int,
    nonces: NonceCache,
) -> bytes:
    """The full id of the officer's key that signed this very call; a second time it is refused.

    ``find`` gives the Ed25519 public key of an officer's key id, or raises. Raises FanalError and
    VerificationError. A nonce is remembered only after the signature verified, so that strangers cannot fill
    the cache.
    """
    values = _values(metadata)
    identifier = _hex(values, KEY_FIELD, KEY_ID_BYTES)
    nonce = _hex(values, NONCE_FIELD, NONCE_BYTES)
    signature = _hex(values, SIGNATURE_FIELD, ed25519.SIGNATURE_BYTES)
    signed_at = _time(values)
    if abs(now - signed_at) > WINDOW_SECONDS:
        raise FanalError(CALL_TIME, found=abs(now - signed_at), limit=WINDOW_SECONDS)
    message = _message(method, request, identifier, signed_at, nonce)
    ed25519.verify(find(identifier), message, signature)
    nonces.add(identifier + nonce, signed_at, now)
    return identifier


def _message(method: str, request: bytes, identifier: bytes, signed_at: int, nonce: bytes) -> bytes:
    digest = hashlib.sha256(request).hexdigest()
    text = "\n".join((method, digest, identifier.hex(), str(signed_at), nonce.hex(), ""))
    return pae(CALL, text.encode("ascii"))


def _values(metadata: Iterable[tuple[str, str | bytes]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in metadata:
        if name in (KEY_FIELD, TIME_FIELD, NONCE_FIELD, SIGNATURE_FIELD):
            if name in values or not isinstance(value, str):
                raise FanalError(CALL_MALFORMED, field=name)
            values[name] = value
    return values


def _hex(values: dict[str, str], name: str, size: int) -> bytes:
    text = values.get(name, "")
    if len(text) != 2 * size or not set(text) <= set("0123456789abcdef"):
        raise FanalError(CALL_MALFORMED, field=name)
    return bytes.fromhex(text)


def _time(values: dict[str, str]) -> int:
    text = values.get(TIME_FIELD, "")
    if not 0 < len(text) <= 12 or not (text.isascii() and text.isdigit()) or text[0] == "0":
        raise FanalError(CALL_MALFORMED, field=TIME_FIELD)
    return int(text)
