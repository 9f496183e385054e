# SPDX-License-Identifier: Apache-2.0
"""The checkpoint: a log's size and root, signed as a C2SP note under the log's own name.

Promise: a checkpoint is returned only when the log's key signed exactly these bytes for the log that was
asked for. Whether one size has two roots, and whether the log only grew, is for whoever holds two of them
(``fanal.proof.tree.verify_consistency``, ``fanal.proof.audit``). Source: https://c2sp.org/tlog-checkpoint.

The origin of log N of an agency is ``fanal/<32 hex digits of the hash of its root keys>/<agency>/logN``: a
schema-less URL, unique without a registry, and the same in every network the agency belongs to. 128 bits
keep anyone from making a second root whose logs share their names with this one's.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fanal.errors import FanalError, VerificationError
from fanal.keys.merkle import HASH_BYTES, MAX_SIZE
from fanal.proof import note as notes
from fanal.proof.errors import CHECKPOINT_MALFORMED, CHECKPOINT_ORIGIN, ORIGIN_MALFORMED
from fanal.proof.note_key import Ed25519Signer

MAX_TEXT_BYTES = 8192
_ROOT_BYTES = 16
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_AGENCY = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """A log's tree head: its origin, the number of leaves, the 32-byte root, and lines for extensions."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The note text. Raises VerificationError when it would not read back as this checkpoint."""
        root = base64.b64encode(self.root).decode("ascii")
        lines = (self.origin, str(self.size), root, *self.extensions)
        text = "".join(f"{line}\n" for line in lines).encode()
        if parse_text(text) != self:
            raise _malformed("a line holds a line end")
        return text


def origin(root_sha256: bytes, agency: str, log_number: int) -> str:
    """The origin and key name of an agency's log; ``root_sha256`` is 32 bytes, logs count from 1.

    Raises FanalError naming the part that is out of form.
    """
    if not 1 <= log_number < 2**31:
        raise FanalError(ORIGIN_MALFORMED, field="log number", form="1 or more")
    return key_name(root_sha256, agency, f"log{log_number}")


def key_name(root_sha256: bytes, agency: str, role: str) -> str:
    """The note key name of an agency in a ``role``: logN, witness or anchor. Raises FanalError."""
    if len(root_sha256) != HASH_BYTES:
        raise FanalError(ORIGIN_MALFORMED, field="hash of the root keys", form="32 bytes")
    if not _AGENCY.fullmatch(agency):
        raise FanalError(ORIGIN_MALFORMED, field="agency", form="an agency id such as GE-CUS")
    return f"fanal/{root_sha256[:_ROOT_BYTES].hex()}/{agency}/{role}"


def log_number(name: str) -> int:
    """N of an origin that ends in logN; 1 for one that does not say."""
    _, _, number = name.rpartition("/log")
    return int(number) if _NUMBER.fullmatch(number) else 1


def parse_text(text: bytes) -> Checkpoint:
    """The checkpoint that a note text says. Verifies no signature.

    Raises VerificationError for anything but an origin, a decimal size below 2**63, a root of 32 bytes in
    standard Base 64, and non-empty extension lines.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise _malformed(f"it is longer than {MAX_TEXT_BYTES} bytes")
    try:
        *lines, rest = text.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    if rest or len(lines) < 3 or not all(lines):
        raise _malformed("it needs three or more lines, none of them empty")
    name, size, root, *extensions = lines
    if not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
        raise _malformed("its size is not a plain decimal number below 2**63")
    decoded = notes.decode_base64(root)
    if decoded is None or len(decoded) != HASH_BYTES:
        raise _malformed("its root is not 32 bytes in Base 64")
    return Checkpoint(name, int(size), decoded, tuple(extensions))


def sign(checkpoint: Checkpoint, signer: Ed25519Signer, more: Sequence[notes.Signer] = ()) -> bytes:
    """The signed note, the log's Ed25519 line always first so that simple tools find it.

    The caller has made sure that no other root was ever signed for this size. Raises FanalError when the
    signer is not named after the checkpoint's origin.
    """
    if signer.name != checkpoint.origin:
        raise FanalError(CHECKPOINT_ORIGIN, expected=signer.name, found=checkpoint.origin)
    return notes.sign(checkpoint.text(), [signer, *more]).to_bytes()


def verify(data: bytes, keys: notes.Verifier | Iterable[notes.Verifier], expected_origin: str) -> Checkpoint:
    """The checkpoint of a note that a key of the log signed; ``keys`` is one key or all the log ever had.

    Raises VerificationError when the note is malformed, of another log, or not signed by such a key.
    """
    known = list(keys) if isinstance(keys, Iterable) else [keys]
    note = notes.parse(data)
    notes.verify(note, [key for key in known if key.name == expected_origin])
    checkpoint = parse_text(note.text)
    if checkpoint.origin != expected_origin:
        raise VerificationError(CHECKPOINT_ORIGIN, expected=expected_origin, found=checkpoint.origin)
    return checkpoint


def _malformed(reason: str) -> VerificationError:
    return VerificationError(CHECKPOINT_MALFORMED, reason=reason)
