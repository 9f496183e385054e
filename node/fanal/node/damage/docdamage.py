# SPDX-License-Identifier: Apache-2.0
"""Charters, identity documents and revocations that the disk has changed: found, never believed, mended.

Promise: a damaged document is written anew from a second copy with the same hash: the file beside the ledger,
the home's own, or what the running node holds verified. One of which no copy is left is no reason to believe
less than before: without a charter or an own document the node refuses to start; another agency of which the
newest identity or a revocation is lost is unknown, and its entries wait, until peers have sent at least what
was held. An older identity is only left out.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fanal.errors import FanalError
from fanal.keys.documents import body_sha256, decode_document, encode_document
from fanal.keys.identity import parse_identity
from fanal.keys.pae import IDENTITY as IDENTITY_TYPE
from fanal.keys.trust import Directory
from fanal.node.damage.doccopies import DocumentCopies
from fanal.node.damage.docerrors import DOCUMENT_LOST
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.ledger.document_rows import IDENTITY, REVOCATION, document_of, name_of
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, DocumentRow
from fanal.v1.identity_pb2 import SignedDocument

log = logging.getLogger("fanal.node.docdamage")

CopyOf = Callable[[bytes], SignedDocument | None]
"""A second copy of the document with this body hash."""
Restore = Callable[[Sequence[SignedDocument], list[SignedDocument]], Directory]
"""The directory of stored documents; what does not verify is put into the list."""


class Lost:
    """Documents of other agencies of which no good copy is here. ``rows``: every stored row. What is lost is
    replaced as a whole, for any thread may look at it."""

    def __init__(self, rows: Iterable[DocumentRow] = (), lost: Iterable[DocumentRow] = ()) -> None:
        self.rows = {row.sha256: row for row in lost}
        self._newest: dict[str, DocumentRow] = {}
        for row in sorted(rows, key=lambda one: one.serial):
            if row.kind == IDENTITY:
                self._newest[row.agency] = row

    @property
    def agencies(self) -> set[str]:
        """Those that are unknown until peers have sent what was held of them."""
        return {r.agency for r in self.rows.values() if r.kind == REVOCATION or r == self._newest[r.agency]}

    def admits(self, directory: Directory, document: SignedDocument) -> bool:
        """Whether a document may be taken: none that would bring back less than what was held."""
        if document.type != IDENTITY_TYPE or not self.rows:
            return True
        claimed = parse_identity(document)
        if claimed.agency not in self.agencies or claimed.agency in directory.agencies():
            return True
        revoked = {r.sha256 for r in self.rows.values() if (r.kind, r.agency) == (REVOCATION, claimed.agency)}
        if revoked - {one.sha256 for one in directory.revocations(claimed.agency)}:
            return False
        newest = self._newest.get(claimed.agency)
        return newest is None or claimed.serial > newest.serial or body_sha256(document) == newest.sha256


@dataclass(frozen=True)
class Restored:
    """What a start makes of the stored documents."""

    directory: Directory
    mended: tuple[DocumentRow, ...]
    """To be written anew."""
    lost: Lost


def restored(
    rows: Sequence[DocumentRow], copy_of: CopyOf, restore: Restore, agency: str, folder: str
) -> Restored:
    """The directory of the stored rows. ``folder``: of the copies, for a person. Raises DOCUMENT_LOST when
    nothing can be trusted without one of them."""
    found = {row.number: _candidate(row, copy_of) for row in rows}
    found, directory = _verified(rows, found, copy_of, restore)
    lost = [row for row in rows if found[row.number] is None]
    known = {member for charter in directory.charters() for member in charter.members}
    for row in lost:
        if row.kind not in (IDENTITY, REVOCATION) or row.agency not in known - {agency}:
            facts: dict[str, str | int] = {"kind": row.kind, "agency": row.agency, "number": row.serial}
            raise FanalError(DOCUMENT_LOST, path=folder, name=row.sha256.hex(), **facts)
    left = Lost(rows, lost)
    if left.agencies:
        good = [one for one in found.values() if one is not None and not _of(one, left.agencies)]
        directory = restore(good, [])
    mended = (_row(row, one) for row in rows if (one := found[row.number]) is not None and _differs(row, one))
    return Restored(directory, tuple(mended), left)


def incidents(rows: Iterable[DocumentRow], lost: Lost, now: int) -> Batch:
    """Mended rows, and what the log says of them and of the lost."""
    rows = tuple(rows)
    leaves = [incident_leaf("document-mended", now, row.agency or None, row.sha256) for row in rows]
    leaves += [incident_leaf("document-lost", now, one.agency, one.sha256) for one in lost.rows.values()]
    for row in rows:
        log.error("%s %s %d was damaged and is mended", row.kind, row.agency, row.serial)
    for row in lost.rows.values():
        log.error("%s %s %d is damaged, and so is its second copy", row.kind, row.agency, row.serial)
    return Batch(mended_documents=rows, leaves=tuple(leaves))


def look(directory: Directory, ledger: Ledger, copies: DocumentCopies, now: int) -> None:
    """Compare every stored document with what this node verified at its start or when it came; write damaged
    ones anew, and second copies that are missing or damaged."""
    held, rows = _held(directory), ledger.facts.documents()
    good = ((row, _good(row, held, copies.get)) for row in rows)
    mended = [_row(row, one) for row, one in good if one is not None and _differs(row, one)]
    if mended:
        ledger.append(incidents(mended, Lost(), now))
    copies.mend(row for row in rows if sound(row) is not None)


def copy(ledger: Ledger, copies: DocumentCopies) -> None:
    """Write the second copies that are missing of what came since the last time."""
    rows = ledger.facts.documents(after=copies.kept_to)
    copies.keep(row for row in copies.missing(rows) if sound(row) is not None)
    if rows:
        copies.kept_to = rows[-1].number


def arrived(directory: Directory, ledger: Ledger, lost: Lost, now: int) -> None:
    """Documents were taken: write anew what was lost, and take up again what depended on it."""
    held = _held(directory)
    back = [row for sha256, row in lost.rows.items() if sha256 in held]
    if not back:
        return
    ledger.append(incidents([_row(row, held[row.sha256]) for row in back], Lost(), now))
    lost.rows = {sha256: row for sha256, row in lost.rows.items() if sha256 not in held}
    agencies = {one.agency for one in back}
    older = (row for row in ledger.facts.documents(IDENTITY) if row.agency in agencies)
    for row in sorted(older, key=lambda one: -one.serial):
        document = sound(row)
        if document is not None:
            with contextlib.suppress(FanalError):
                directory.take_identity(document, stored=True)


def _verified(
    rows: Sequence[DocumentRow], found: dict[int, SignedDocument | None], copy_of: CopyOf, restore: Restore
) -> tuple[dict[int, SignedDocument | None], Directory]:
    """Without what does not verify; a copy may have the good signatures."""
    refused: list[SignedDocument] = []
    directory = restore([one for one in found.values() if one is not None], refused)
    if not refused:
        return found, directory
    found = {
        number: copy_of(body_sha256(one)) if one is not None and one in refused else one
        for number, one in found.items()
    }
    refused = []
    directory = restore([one for one in found.values() if one is not None], refused)
    return {n: None if one in refused else one for n, one in found.items()}, directory


def _candidate(row: DocumentRow, copy_of: CopyOf) -> SignedDocument | None:
    """The document of a row, its copy, or what can still be read: then hash or names beside it are damaged,
    and the signatures will tell."""
    document = sound(row) or copy_of(row.sha256)
    if document is None:
        with contextlib.suppress(FanalError):
            document = decode_document(row.document)
            name_of(document)
            return document
        return None
    return document


def sound(row: DocumentRow) -> SignedDocument | None:
    """The document, if its bytes, hash and names agree."""
    try:
        return document_of(row)
    except FanalError:
        return None


def _good(row: DocumentRow, held: dict[bytes, SignedDocument], copy_of: CopyOf) -> SignedDocument | None:
    """Of a running node: by the hash beside it, or, if that is damaged, by what can still be read."""
    found = held.get(row.sha256) or sound(row) or copy_of(row.sha256)
    if found is None:
        read = _candidate(row, copy_of)
        return None if read is None else held.get(body_sha256(read))
    return found


def _of(document: SignedDocument, agencies: set[str]) -> bool:
    return document.type == IDENTITY_TYPE and parse_identity(document).agency in agencies


def _row(row: DocumentRow, document: SignedDocument) -> DocumentRow:
    kind, agency, serial = name_of(document)
    data, sha256 = encode_document(document), body_sha256(document)
    return replace(row, kind=kind, agency=agency, serial=serial, sha256=sha256, document=data)


def _differs(row: DocumentRow, good: SignedDocument) -> bool:
    return _row(row, good) != row


def _held(directory: Directory) -> dict[bytes, SignedDocument]:
    """Every document that this process has verified, by the hash of its body."""
    views = [*directory.charters()]
    for agency in directory.agencies():
        views += [*directory.identities(agency), *directory.revocations(agency)]  # type: ignore[list-item]
    return {view.sha256: view.document for view in views}
