# SPDX-License-Identifier: Apache-2.0
"""Charters, identity documents and revocations in a running node: loaded, taken from peers, told to gossip.

Promise: the directory holds only what verified, and only what the ledger holds already, so both are the same
after a restart. The one that a node goes by never changes: another takes its place. A bad document of a peer
changes nothing and is logged; two where one may be are an incident.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from fanal.config.home import Home
from fanal.config.settings import Settings
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import CharterView, parse_charter
from fanal.keys.documents import MAX_DOCUMENT, body_sha256, decode_document, encode_document
from fanal.keys.errors import ForkError
from fanal.keys.files import read_private
from fanal.keys.pae import CHARTER as CHARTER_TYPE
from fanal.keys.pae import REVOCATION as REVOCATION_TYPE
from fanal.keys.trust import Directory
from fanal.node.damage import docdamage
from fanal.node.damage.doccopies import DocumentCopies
from fanal.node.damage.docdamage import Lost
from fanal.node.errors import CHARTER_NOT_TAKEN, DOCUMENT_FILE, NO_NETWORK
from fanal.node.gossip.entitlement import RelayView, Roster
from fanal.node.lanes.leaves import admin_leaf, incident_leaf, refusal_leaf
from fanal.node.ledger.document_rows import CHARTER, IDENTITY, REVOCATION, name_of
from fanal.node.ledger.heard import heard
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, DocumentRow, LeafRow
from fanal.v1.identity_pb2 import SignedDocument

log = logging.getLogger(__name__)

Admits = Callable[[Directory, SignedDocument], bool]
"""Whether a document may be taken into this directory now."""
_KINDS = {CHARTER_TYPE: CHARTER, REVOCATION_TYPE: REVOCATION}


def roster_of(charter: CharterView, settings: Settings, blocked: Collection[str] = ()) -> Roster:
    """What gossip judges entitlement by: the newest charter and our own trust list, without the blocked."""
    channels = {name: frozenset(view.members) for name, view in charter.channels.items()}
    carried: dict[str, set[str]] = {}
    for name, view in charter.channels.items():
        for agency in view.relays:
            carried.setdefault(agency, set()).add(name)
    relays = {
        agency: RelayView(
            agency,
            frozenset(carried.get(agency, ())),
            agency in charter.relays and charter.relays[agency].direct,
            frozenset(charter.relays[agency].serves if agency in charter.relays else ()),
        )
        for agency in {*charter.relays, *carried}
    }
    trusted = None if settings.peers == "*" else frozenset(settings.peers)
    if blocked:
        trusted = (frozenset(charter.members) if trusted is None else trusted) - frozenset(blocked)
    return Roster(frozenset(charter.members), channels, relays, trusted)


def load(
    ledger: Ledger, home: Home, agency: str, now: int, copies: DocumentCopies | None = None
) -> tuple[Directory, Lost]:
    """The directory of a starting node: what the ledger kept, and what joining left in the home's files. What
    the disk has changed of it is mended from ``copies`` and from the home's files, or lost.

    Raises NO_NETWORK when there is no charter, or none with this agency in it; DOCUMENT_FILE names the file
    that does not verify; DOCUMENT_LOST the damaged document without which nothing can be trusted.
    """
    rows = ledger.facts.documents()
    files = (
        *home.charter_files(),
        *home.peer_files(),
        *home.identity_files(),
        *home.revocation_files(),
    )
    fresh = {file: _read(file) for file in files}
    if not rows and not any(one.type == CHARTER_TYPE for one in fresh.values()):
        raise FanalError(NO_NETWORK, agency=agency)
    directory, lost = _stored(ledger, rows, list(fresh.values()), agency, now, copies or DocumentCopies())
    new = []
    for file, one in fresh.items():
        with _named(file):
            # What lies in the own folder is this agency's own: the root that signed it is believed.
            if lost.admits(directory, one) and _offer(directory, one, None):
                new.append(one)
    if not directory.newest.is_member(agency):
        raise FanalError(NO_NETWORK, agency=agency)
    if new:
        leaves = tuple(_taken(one, now) for one in new)
        ledger.append(Batch(documents=tuple(_row(one, now) for one in new), leaves=leaves))
    return directory, lost


def _stored(
    ledger: Ledger,
    rows: Sequence[DocumentRow],
    files: Sequence[SignedDocument],
    agency: str,
    now: int,
    copies: DocumentCopies,
) -> tuple[Directory, Lost]:
    """What the ledger kept, mended. ``files``: the home's own, which may be second copies."""
    by_hash = {body_sha256(one): one for one in files}

    def restore(found: Sequence[SignedDocument], refused: list[SignedDocument]) -> Directory:
        first = next((one for one in (*found, *files) if one.type == CHARTER_TYPE), None)
        network = body_sha256(first) if first is not None else b""
        return Directory.restore(network, found, heard(rows, agency), refused)

    def copy_of(sha256: bytes) -> SignedDocument | None:
        return copies.get(sha256) or by_hash.get(sha256)

    found = docdamage.restored(rows, copy_of, restore, agency, copies.path)
    if found.mended or found.lost.rows:
        ledger.append(docdamage.incidents(found.mended, found.lost, now))
    return found.directory, found.lost


def take(
    directory: Directory,
    ledger: Ledger,
    documents: Iterable[SignedDocument],
    source: str,
    now: int,
    trusted: int,
    admits: Admits = lambda _directory, _document: True,
) -> tuple[Directory, bool]:
    """Verify what ``source`` sent and keep what is new and valid: the directory with it, and whether anything
    changed. The proof of a fork changes nothing the second time. Leaves bear ``now``, documents the
    ``trusted`` time.

    Charters come before identities, and revocations before the identity they come with. Nothing that was
    sent raises; only a failing ledger does.
    """
    rows: list[DocumentRow] = []
    leaves: list[LeafRow] = []
    trial, changed = directory.copy(), False
    for document in documents:
        kind = kind_of(document)
        try:
            if admits(trial, document) and _offer(trial, document, trusted if source else None):
                changed = True
                rows.append(_row(document, trusted))
                leaves.append(_taken(document, now))
        except ForkError as fork:
            leaves.append(incident_leaf(f"{kind}-fork", now, source or None, body_sha256(document)))
            rows += [_row(one, trusted) for one in (fork.first, fork.second)]
        except FanalError as error:
            leaves.append(refusal_leaf(error.kind.id.lower(), now, peer=source or None))
    if rows or leaves:
        ledger.append(Batch(documents=tuple(rows), leaves=tuple(leaves)))
    for row in rows if source else ():
        log.info("%s %s %d came from %s", row.kind, row.agency or "-", row.serial, source)
    return trial, changed or trial.fork != directory.fork


def take_or_refuse(
    directory: Directory,
    ledger: Ledger,
    charter: SignedDocument,
    now: int,
    adopt: Callable[[Directory], None],
) -> None:
    """Take a charter that an officer of this agency applies. Raises what speaks against it. ``adopt`` gets
    the directory with it, or with the fork that it makes, once that is stored."""
    trial = directory.copy()
    try:
        if not _offer(trial, charter, now):
            raise FanalError(CHARTER_NOT_TAKEN, version=parse_charter(charter).version)
    except ForkError as fork:
        rows = tuple(_row(one, now) for one in (fork.first, fork.second))
        incident = incident_leaf("charter-fork", now, None, body_sha256(charter))
        ledger.append(Batch(documents=rows, leaves=(incident,)))
        adopt(trial)
        raise
    leaf = admin_leaf("charter-applied", body_sha256(charter), now)
    ledger.append(Batch(documents=(_row(charter, now),), leaves=(leaf,)))
    adopt(trial)


def charters_after(ledger: Ledger, version: int) -> list[SignedDocument]:
    """Every stored charter above a version, lowest first; none that the disk has changed."""
    rows = sorted(ledger.facts.documents(CHARTER), key=lambda row: row.serial)
    found = (docdamage.sound(row) for row in rows if row.serial > version)
    return [one for one in found if one is not None]


def may_end_any_wait(agency: str, documents: Iterable[SignedDocument]) -> bool:
    """Whether among taken documents is a charter, or one that names this agency's own keys. Another agency's
    ends the waits `opening.FOR_DOCUMENTS` only."""
    for document in documents:
        with contextlib.suppress(FanalError):
            kind, who, _number = name_of(document)
            if kind == CHARTER or who == agency:
                return True
    return False


def kind_of(document: SignedDocument) -> str:
    """As what a document is stored: charter, revocation or identity."""
    return _KINDS.get(document.type, IDENTITY)


def _taken(document: SignedDocument, now: int) -> LeafRow:
    return admin_leaf(f"{kind_of(document)}-taken", body_sha256(document), now)


def _offer(directory: Directory, document: SignedDocument, heard: int | None) -> bool:
    """``heard`` None: from this agency itself, whose revocations count from their cut-off."""
    if document.type == CHARTER_TYPE:
        return directory.take_charter(document)
    if document.type == REVOCATION_TYPE:
        return directory.take_revocation(document, heard)
    return directory.take_identity(document)


def _read(file: Path) -> SignedDocument:
    data = read_private(file, MAX_DOCUMENT)
    with _named(file):
        return decode_document(data)


@contextlib.contextmanager
def _named(file: Path) -> Iterator[None]:
    """What is wrong with a document, with the name of its file; a fork carries both documents, and stays."""
    try:
        yield
    except ForkError:
        raise
    except VerificationError as error:
        raise VerificationError(DOCUMENT_FILE, path=str(file)) from error


def _row(document: SignedDocument, now: int) -> DocumentRow:
    kind, agency, serial = name_of(document)
    return DocumentRow(kind, agency, serial, body_sha256(document), encode_document(document), now)
