# SPDX-License-Identifier: Apache-2.0
"""C2SP signed notes: a text and the signature lines under it.

Promise: the text of a note is used only after a signature by a key the caller trusts has verified over the
note's exact bytes. Signatures of keys the caller does not know are ignored, even when they share a name or
an id with one it does; a second or a failing signature of a known key refuses the whole note (the
specification allows it). Source: https://c2sp.org/signed-note.

``Verifier`` and ``Signer`` are protocols: witness cosignatures are further implementations of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fanal.errors import FanalError, VerificationError
from fanal.proof.errors import (
    KEY_AMBIGUOUS,
    KEY_NAME,
    NOTE_DUPLICATE,
    NOTE_MALFORMED,
    NOTE_SIGNATURE,
    NOTE_TOO_LARGE,
    NOTE_UNSIGNED,
)

MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 32
"""The specification asks for 16 or more; post-quantum ones take up to 5 kB each."""
MAX_NAME_BYTES = 255
KEY_ID_BYTES = 4
_DASH = "— "


class Verifier(Protocol):
    """A key the caller trusts, found on a note by its name and key id."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise VerificationError unless ``signature`` is this key's over ``text``."""


class Signer(Protocol):
    """A key that signs notes; the signature comes without the key id."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def sign(self, text: bytes) -> bytes: ...


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: the key's name, its 4-byte id, and the signature bytes. Not yet verified."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> bytes:
        """The line on the note, with its LF."""
        blob = base64.b64encode(self.key_id + self.signature).decode("ascii")
        return f"{_DASH}{self.name} {blob}\n".encode()


@dataclass(frozen=True)
class Note:
    """A parsed note. ``text`` ends in LF and must not be used before ``verify``."""

    text: bytes
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as it travels and is stored."""
        return self.text + b"\n" + b"".join(signature.line() for signature in self.signatures)


def parse(data: bytes) -> Note:
    """Split a note into text and signature lines, verifying nothing.

    Raises VerificationError for anything but the exact format within MAX_NOTE_BYTES and MAX_SIGNATURES.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise VerificationError(NOTE_TOO_LARGE, expected=MAX_NOTE_BYTES, found=len(data), unit="bytes")
    _check_characters(data)
    head, blank, tail = data.rpartition(b"\n\n")
    if not blank or not tail.endswith(b"\n"):
        raise _malformed("it does not end in signature lines after a blank line")
    lines = tail[:-1].decode().split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise VerificationError(NOTE_TOO_LARGE, expected=MAX_SIGNATURES, found=len(lines), unit="signatures")
    return Note(head + b"\n", tuple(_parse_line(line) for line in lines))


def sign(text: bytes, signers: Sequence[Signer]) -> Note:
    """The note of ``text`` under one signature per signer, in that order.

    Raises FanalError for a text without a final LF or with characters a note cannot hold.
    """
    signed = Note(text, tuple(NoteSignature(s.name, s.key_id, s.sign(text)) for s in signers))
    if not text.endswith(b"\n") or parse(signed.to_bytes()) != signed:
        raise _malformed("the text does not end in a line end")
    return signed


def verify(note: Note, verifiers: Iterable[Verifier]) -> tuple[NoteSignature, ...]:
    """The signatures by known keys, all of them verified and at least one; the others are ignored.

    Raises VerificationError when none is by a known key, when one of a known key fails or comes twice, and
    when two known keys share name and id.
    """
    known = _by_identity(verifiers)
    verified: dict[tuple[str, bytes], NoteSignature] = {}
    for signature in note.signatures:
        identity = (signature.name, signature.key_id)
        if identity not in known:
            continue
        if identity in verified:
            raise VerificationError(NOTE_DUPLICATE, name=signature.name)
        _verify_one(known[identity], note.text, signature)
        verified[identity] = signature
    if not verified:
        names = ", ".join(sorted({name for name, _key_id in known})) or "-"
        raise VerificationError(NOTE_UNSIGNED, expected=names, found=len(note.signatures))
    return tuple(verified.values())


def check_name(name: str) -> None:
    """Raise FanalError unless ``name`` can name a key: one word, no '+', at most 255 bytes of UTF-8."""
    bad = not name or "+" in name or any(c.isspace() or c < " " for c in name)
    if bad or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        raise FanalError(KEY_NAME, expected=MAX_NAME_BYTES)


def decode_base64(text: str) -> bytes | None:
    """The bytes, or None when ``text`` is not the one standard Base 64 spelling of any (RFC 4648, 4)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def _check_characters(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    if any(byte < 0x20 and byte != 0x0A for byte in data):
        raise _malformed("it holds a control character (CR LF line ends?)")


def _parse_line(line: str) -> NoteSignature:
    name, space, blob = line.removeprefix(_DASH).partition(" ")
    decoded = decode_base64(blob)
    if not line.startswith(_DASH) or not space or decoded is None or len(decoded) <= KEY_ID_BYTES:
        raise _malformed("a signature line is not '— NAME BASE64'")
    try:
        check_name(name)
    except FanalError:
        raise _malformed("a key name is empty, too long, or holds a blank or '+'") from None
    return NoteSignature(name, decoded[:KEY_ID_BYTES], decoded[KEY_ID_BYTES:])


def _by_identity(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        identity = (verifier.name, verifier.key_id)
        if identity in known:
            raise VerificationError(KEY_AMBIGUOUS, name=verifier.name, key_id=verifier.key_id.hex())
        known[identity] = verifier
    return known


def _verify_one(verifier: Verifier, text: bytes, signature: NoteSignature) -> None:
    try:
        verifier.verify(text, signature.signature)
    except VerificationError as error:
        raise VerificationError(NOTE_SIGNATURE, name=signature.name) from error


def _malformed(reason: str) -> VerificationError:
    return VerificationError(NOTE_MALFORMED, reason=reason)
