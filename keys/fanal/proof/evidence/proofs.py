# SPDX-License-Identifier: Apache-2.0
"""The small text files of a bundle: inclusion proofs, a consistency proof, shown fields, and its cover.

Promise: each has one spelling; what ``read_...`` takes, ``write_...`` makes again. Inclusion proofs are those
of https://c2sp.org/tlog-proof (no extra data), so that tools which are not ours take them; the rest is lines
of ASCII that a shell reads with ``read``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from fanal.envelope.fields import FieldProof
from fanal.errors import VerificationError
from fanal.proof.evidence.errors import BUNDLE_FILE
from fanal.proof.note import decode_base64

_PROOF: Final = "c2sp.org/tlog-proof@v1"
_FIELDS: Final = "fanal-fields/v1"
_COVER: Final = "fanal-bundle/v1"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_PATH: Final = re.compile(r"[a-z0-9_]+(\[[0-9]+\])?(\.[a-z0-9_]+(\[[0-9]+\])?)*", re.ASCII)
_HEX: Final = re.compile(r"([0-9a-f]{2})+", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_AGENCY: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}", re.ASCII)
_OTHER: Final = re.compile(
    r"[0-9a-f]{64} (withdrawal|revision [1-9][0-9]{0,8} (issued|replaced|erased))", re.ASCII
)
MAX_OTHERS: Final = 100
"""Other envelopes of the notice that a cover names; the newest ones, where there are more."""
DISCLOSURES: Final = ("proof", "fields", "content")
LANGUAGES: Final = ("en", "fr", "ru", "ar")

T = TypeVar("T")


@dataclass(frozen=True)
class Inclusion:
    """That a leaf stands at ``index`` of the tree of ``note``, a checkpoint with its signature lines."""

    index: int
    path: tuple[bytes, ...]
    note: bytes


@dataclass(frozen=True)
class Consistency:
    """That the tree of ``old`` leaves is a prefix of the tree of ``new`` leaves."""

    old: int
    new: int
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class Cover:
    """Who made the bundle, how much it shows, and its README's language: claims, signed by nobody.

    ``leaves``: SHA-256 in hex over the leaves in it but the export's; the export's own leaf vouches for that.
    ``sealed``: the id in hex of the prover's key that signed the sums. Both are empty in a bundle of before
    they were written. ``others``: what else the prover holds of this notice, each ``MANIFEST-HEX withdrawal``
    or ``MANIFEST-HEX revision N issued|replaced|erased``.
    """

    prover: str
    disclosure: str
    language: str
    leaves: str = ""
    sealed: str = ""
    others: tuple[str, ...] = ()


def write_inclusion(proof: Inclusion) -> bytes:
    lines = [_PROOF, f"index {proof.index}", *map(_base64, proof.path), "", ""]
    return "\n".join(lines).encode() + proof.note


def read_inclusion(name: str, data: bytes) -> Inclusion:
    """Raises VerificationError (BUNDLE_FILE)."""
    head, blank, note = data.partition(b"\n\n")
    lines = _lines(name, head + b"\n")
    if not blank or len(lines) < 2 or lines[0] != _PROOF:
        raise _bad(name, "it is no tlog-proof@v1 without extra data")
    index = _number(name, lines[1].removeprefix("index "))
    return _same(name, data, Inclusion(index, _hashes(name, lines[2:]), note), write_inclusion)


def write_consistency(proof: Consistency) -> bytes:
    lines = [f"consistency {proof.old} {proof.new}", *map(_base64, proof.path), ""]
    return "\n".join(lines).encode()


def read_consistency(name: str, data: bytes) -> Consistency:
    """Raises VerificationError (BUNDLE_FILE)."""
    first, *rest = _lines(name, data)
    words = first.split(" ")
    if len(words) != 3 or words[0] != "consistency":
        raise _bad(name, "its first line is not 'consistency OLD NEW'")
    old, new = _number(name, words[1]), _number(name, words[2])
    return _same(name, data, Consistency(old, new, _hashes(name, rest)), write_consistency)


def write_fields(fields: Sequence[FieldProof]) -> bytes:
    lines = [_FIELDS]
    for one in fields:
        siblings = [sibling.hex() for sibling in one.siblings]
        words = ["field", one.path, str(one.index), one.blind.hex(), _base64(one.value) or "-", *siblings]
        lines.append(" ".join(words))
    return "\n".join([*lines, ""]).encode()


def read_fields(name: str, data: bytes) -> tuple[FieldProof, ...]:
    """Raises VerificationError (BUNDLE_FILE)."""
    first, *rest = _lines(name, data)
    if first != _FIELDS:
        raise _bad(name, f"it does not begin with {_FIELDS}")
    return _same(name, data, tuple(_field(name, line) for line in rest), write_fields)


def write_cover(cover: Cover) -> bytes:
    lines = [_COVER, f"prover {cover.prover}", f"shows {cover.disclosure}", f"language {cover.language}"]
    lines += [f"leaves {cover.leaves}"] if cover.leaves else []
    lines += [f"sealed {cover.sealed}"] if cover.sealed else []
    lines += [f"also {one}" for one in cover.others]
    return "\n".join([*lines, ""]).encode()


def read_cover(name: str, data: bytes) -> Cover:
    """Raises VerificationError (BUNDLE_FILE)."""
    lines = _lines(name, data)[1:]
    words = [line.partition(" ")[2] for line in lines if not line.startswith("also ")]
    others = tuple(line[5:] for line in lines if line.startswith("also "))
    if len(words) not in (3, 4, 5) or not _AGENCY.fullmatch(words[0]):
        raise _bad(name, "it does not name an agency, what is shown, and a language")
    if words[1] not in DISCLOSURES or words[2] not in LANGUAGES:
        raise _bad(name, "it shows something unknown, or in an unknown language")
    if not all(_DIGEST.fullmatch(one) for one in words[3:]):
        raise _bad(name, "it does not name the log entries or the key of its seal by a hash")
    if len(others) > MAX_OTHERS or not all(_OTHER.fullmatch(one) for one in others):
        raise _bad(name, "it does not name other revisions and withdrawals in the one way, or too many")
    leaves, sealed = (*words[3:], "", "")[:2]
    return _same(name, data, Cover(words[0], words[1], words[2], leaves, sealed, others), write_cover)


def _field(name: str, line: str) -> FieldProof:
    words = line.split(" ")
    if len(words) < 5 or words[0] != "field" or not _PATH.fullmatch(words[1]):
        raise _bad(name, "a line is not 'field PATH INDEX BLIND VALUE SIBLING...'")
    value = b"" if words[4] == "-" else decode_base64(words[4])
    if value is None or not all(_HEX.fullmatch(word) for word in (words[3], *words[5:])):
        raise _bad(name, "a value is not Base 64, or a hash not lower-case hex")
    blind, *siblings = (bytes.fromhex(word) for word in (words[3], *words[5:]))
    return FieldProof(words[1], value, blind, _number(name, words[2]), tuple(siblings))


def _lines(name: str, data: bytes) -> list[str]:
    if not data.isascii() or not data.endswith(b"\n"):
        raise _bad(name, "it is not lines of ASCII")
    return data[:-1].decode("ascii").split("\n")


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _bad(name, "a number is not plain decimal")
    return int(text)


def _hashes(name: str, lines: Sequence[str]) -> tuple[bytes, ...]:
    found = [decode_base64(line) for line in lines]
    if not all(value is not None and len(value) == 32 for value in found):
        raise _bad(name, "a hash is not 32 bytes in Base 64")
    return tuple(value for value in found if value is not None)


def _same(name: str, data: bytes, parsed: T, write: Callable[[T], bytes]) -> T:
    if write(parsed) != data:
        raise _bad(name, "it is not spelled in the one allowed way")
    return parsed


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bad(name: str, reason: str) -> VerificationError:
    return VerificationError(BUNDLE_FILE, name=name, reason=reason)
