# SPDX-License-Identifier: Apache-2.0
"""Which file of a bundle holds what; docs/evidence-bundle.md writes it out.

Promise: every file of a bundle has a meaning or the bundle is refused, so that nothing can be carried along
under its seal. ``to_files`` and ``from_files`` are each other's inverse; nothing is verified here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from fanal.envelope.fields import FieldProof
from fanal.errors import VerificationError
from fanal.proof.evidence import proofs
from fanal.proof.evidence.errors import BUNDLE_FORM
from fanal.proof.evidence.proofs import Consistency, Cover, Inclusion

SUMS: Final = "SHA256SUMS"
SEAL: Final = "SHA256SUMS.sig"
README: Final = "README.txt"
SCRIPT: Final = "verify.sh"
COVER: Final = "bundle.txt"
NOTICE: Final = "notice"
WITHDRAWAL: Final = "withdrawal"
LOG: Final = "log/"
CHECKPOINT: Final = "log/checkpoint.note"
COSIGNED: Final = "log/cosigned.note"
CONSISTENCY: Final = "log/consistency.txt"
_DOCUMENT: Final = re.compile(r"(identities|log)/([A-Z]{2}-[A-Z0-9]{2,8}/[0-9]{4,19})\.doc", re.ASCII)


@dataclass(frozen=True)
class Item:
    """One notice as far as it is disclosed. Empty bytes: not disclosed."""

    manifest: bytes
    signature: bytes
    statement: bytes = b""
    officer_signature: bytes = b""
    content_salt: bytes = b""
    notice: bytes = field(default=b"", repr=False)
    notice_salt: bytes = field(default=b"", repr=False)
    field_salt: bytes = field(default=b"", repr=False)
    fields: tuple[FieldProof, ...] = ()


@dataclass(frozen=True)
class ReceiptItem:
    """A RECEIPT envelope: its signed manifest, and the receipts that it commits to under the salt."""

    manifest: bytes
    signature: bytes
    receipts: bytes
    content_salt: bytes


@dataclass(frozen=True)
class LoggedLeaf:
    """A leaf of the prover's log, byte for byte, and where it stands."""

    data: bytes
    proof: Inclusion


@dataclass(frozen=True)
class Log:
    """What the prover's log says, under ``checkpoint``; ``cosigned`` is an earlier one with cosignatures."""

    leaves: tuple[LoggedLeaf, ...]
    checkpoint: bytes
    cosigned: bytes = b""
    consistency: Consistency | None = None
    witnesses: Mapping[str, bytes] = field(default_factory=dict)
    """Identity documents of who cosigned, by ``AGENCY/SERIAL``: not known before the export is logged."""


@dataclass(frozen=True)
class Parts:
    """Everything in a bundle but its log, README, script and sums. ``chain``: manifests between the notice
    and the head of a receipt. ``documents``: SignedDocument bytes by file name."""

    cover: Cover
    notice: Item
    withdrawal: Item | None = None
    receipts: tuple[ReceiptItem, ...] = ()
    chain: tuple[bytes, ...] = ()
    charters: tuple[bytes, ...] = ()
    identities: Mapping[str, bytes] = field(default_factory=dict)
    """By ``AGENCY/SERIAL``."""


_ITEM: Final = {
    "manifest.bin": "manifest",
    "manifest.sig": "signature",
    "statement.bin": "statement",
    "statement.sig": "officer_signature",
    "content.salt": "content_salt",
    "notice.bin": "notice",
    "notice.salt": "notice_salt",
    "field.salt": "field_salt",
}
_RECEIPT: Final = {
    "manifest.bin": "manifest",
    "manifest.sig": "signature",
    "receipts.bin": "receipts",
    "content.salt": "content_salt",
}
FIELDS: Final = "fields.txt"


def identity_name(agency: str, serial: int) -> str:
    """The key of an identity document in ``Parts.identities``."""
    return f"{agency}/{serial:04}"


def core_files(parts: Parts, readme: bytes, script: bytes) -> dict[str, bytes]:
    """Every file but those of the log and the sums: what the export leaf vouches for."""
    files = {COVER: proofs.write_cover(parts.cover), README: readme, SCRIPT: script}
    files |= _item_files(NOTICE, parts.notice)
    if parts.withdrawal is not None:
        files |= _item_files(WITHDRAWAL, parts.withdrawal)
    for number, receipt in enumerate(parts.receipts, 1):
        files |= {f"receipts/{number:04}/{n}": getattr(receipt, a) for n, a in _RECEIPT.items()}
    files |= {f"chain/{number:04}.bin": one for number, one in enumerate(parts.chain, 1)}
    files |= {f"charters/{number:04}.doc": one for number, one in enumerate(parts.charters, 1)}
    return files | {f"identities/{name}.doc": one for name, one in parts.identities.items()}


def log_files(log: Log) -> dict[str, bytes]:
    """The files of the log."""
    files = {CHECKPOINT: log.checkpoint}
    for number, leaf in enumerate(log.leaves, 1):
        files[f"log/{number:04}.leaf"] = leaf.data
        files[f"log/{number:04}.tlog-proof"] = proofs.write_inclusion(leaf.proof)
    if log.cosigned and log.consistency is not None:
        files[COSIGNED] = log.cosigned
        files[CONSISTENCY] = proofs.write_consistency(log.consistency)
    return files | {f"log/{name}.doc": one for name, one in log.witnesses.items()}


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """The lines that ``sha256sum --check`` reads, by name."""
    names = sorted(files.keys() - {SUMS, SEAL})
    return "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in names).encode()


def export_digest(files: Mapping[str, bytes]) -> bytes:
    """SHA-256 over the lines of the core files: the ``file`` of the export leaf, so that nothing can be
    taken out of the bundle or put into it afterwards."""
    return sha256(sums_of({n: d for n, d in files.items() if not n.startswith(LOG)})).digest()


def leaves_digest(leaves: Iterable[bytes]) -> str:
    """SHA-256 in hex over leaves in their order: what the cover says of all but the export's."""
    return sha256(b"".join(leaves)).hexdigest()


def from_files(files: Mapping[str, bytes]) -> tuple[Parts, Log]:
    """The parts of a bundle. Raises VerificationError (BUNDLE_FORM, BUNDLE_FILE)."""
    left = dict(files)
    for name in files:
        if not files[name]:
            raise VerificationError(BUNDLE_FORM, reason=f"file {name} is empty")
    for name in (SUMS, README, SCRIPT):
        _take(left, name)
    cover = proofs.read_cover(COVER, _take(left, COVER))
    if cover.sealed:
        _take(left, SEAL)
    notice = _item(left, NOTICE)
    withdrawal = _item(left, WITHDRAWAL) if f"{WITHDRAWAL}/manifest.bin" in left else None
    receipts = tuple(
        ReceiptItem(**{a: _take(left, f"receipts/{n:04}/{name}") for name, a in _RECEIPT.items()})
        for n in _numbers(left, "receipts/{:04}/manifest.bin")
    )
    chain = tuple(left.pop(f"chain/{n:04}.bin") for n in _numbers(left, "chain/{:04}.bin"))
    charters = tuple(left.pop(f"charters/{n:04}.doc") for n in _numbers(left, "charters/{:04}.doc"))
    identities, witnesses = _documents(left, "identities"), _documents(left, "log")
    log = replace(_log(left), witnesses=witnesses)
    if left:
        raise VerificationError(BUNDLE_FORM, reason=f"file {min(left)} has no meaning in a bundle")
    return Parts(cover, notice, withdrawal, receipts, chain, charters, identities), log


def _log(left: dict[str, bytes]) -> Log:
    leaves = []
    for number in _numbers(left, "log/{:04}.leaf"):
        name = f"log/{number:04}.tlog-proof"
        leaf = left.pop(f"log/{number:04}.leaf")
        leaves.append(LoggedLeaf(leaf, proofs.read_inclusion(name, _take(left, name))))
    checkpoint, cosigned, consistency = _take(left, CHECKPOINT), b"", None
    if COSIGNED in left:
        cosigned = left.pop(COSIGNED)
        consistency = proofs.read_consistency(CONSISTENCY, _take(left, CONSISTENCY))
    return Log(tuple(leaves), checkpoint, cosigned, consistency)


def _documents(left: dict[str, bytes], folder: str) -> dict[str, bytes]:
    found = {name: _DOCUMENT.fullmatch(name) for name in sorted(left)}
    return {m[2]: left.pop(name) for name, m in found.items() if m is not None and m[1] == folder}


def _item_files(folder: str, item: Item) -> dict[str, bytes]:
    files = {f"{folder}/{name}": getattr(item, attribute) for name, attribute in _ITEM.items()}
    if item.fields:
        files[f"{folder}/{FIELDS}"] = proofs.write_fields(item.fields)
    return {name: data for name, data in files.items() if data}


def _item(left: dict[str, bytes], folder: str) -> Item:
    for name in ("manifest.bin", "manifest.sig"):
        if f"{folder}/{name}" not in left:
            raise VerificationError(BUNDLE_FORM, reason=f"file {folder}/{name} is missing")
    values = {attribute: left.pop(f"{folder}/{name}", b"") for name, attribute in _ITEM.items()}
    name = f"{folder}/{FIELDS}"
    fields = proofs.read_fields(name, left.pop(name)) if name in left else ()
    return Item(**values, fields=fields)


def _numbers(left: Mapping[str, bytes], form: str) -> Sequence[int]:
    """1, 2, 3 ... as far as the files go; a gap leaves files without a meaning."""
    count = 0
    while form.format(count + 1) in left:
        count += 1
    return range(1, count + 1)


def _take(left: dict[str, bytes], name: str) -> bytes:
    if name not in left:
        raise VerificationError(BUNDLE_FORM, reason=f"file {name} is missing")
    return left.pop(name)
