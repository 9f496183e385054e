# SPDX-License-Identifier: Apache-2.0
"""Charters, identity documents and revocations in a running node: loaded, taken from peers, told to gossip.

Promise: the directory holds only what verified, and only what the ledger holds already, so both are the same
after a restart. A bad document of a peer changes nothing and is logged; two where one may be are an incident.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from fanal.config.home import Home
from fanal.config.settings import Settings
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import CharterView, parse_charter
from fanal.keys.documents import MAX_DOCUMENT, body_sha256, decode_document, encode_document
from fanal.keys.errors import ForkError
from fanal.keys.files import read_private
from fanal.keys.identity import parse_identity
from fanal.keys.pae import CHARTER as CHARTER_TYPE
from fanal.keys.pae import REVOCATION as REVOCATION_TYPE
from fanal.keys.revocation import parse_revocation
from fanal.keys.trust import Directory
from fanal.node.errors import CHARTER_NOT_TAKEN, DOCUMENT_FILE, NO_NETWORK
from fanal.node.gossip.entitlement import RelayView, Roster
from fanal.node.lanes.leaves import admin_leaf, incident_leaf, refusal_leaf
from fanal.node.ledger.heard import REVOCATION, heard
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, DocumentRow, LeafRow
from fanal.v1.identity_pb2 import SignedDocument

log = logging.getLogger(__name__)

CHARTER = "charter"
IDENTITY = "identity"
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


def load(ledger: Ledger, home: Home, agency: str, now: int) -> Directory:
    """The directory of a starting node: what the ledger kept, and what joining left in the home's files.

    Raises NO_NETWORK when there is no charter, or none with this agency in it; DOCUMENT_FILE names the file
    that does not verify.
    """
    rows = ledger.facts.documents()
    stored = [decode_document(row.document) for row in rows]
    files = (
        *home.charter_files(),
        *home.peer_files(),
        *home.identity_files(),
        *home.revocation_files(),
    )
    fresh = {file: _read(file) for file in files}
    charters = [one for one in (*stored, *fresh.values()) if one.type == CHARTER_TYPE]
    if not charters:
        raise FanalError(NO_NETWORK, agency=agency)
    directory = Directory.restore(body_sha256(charters[0]), stored, heard(rows, agency))
    new = []
    for file, one in fresh.items():
        with _named(file):
            # What lies in the own folder is this agency's own: the root that signed it is believed.
            if _offer(directory, one, None):
                new.append(one)
    if not directory.newest.is_member(agency):
        raise FanalError(NO_NETWORK, agency=agency)
    if new:
        leaves = tuple(_taken(one, now) for one in new)
        ledger.append(Batch(documents=tuple(_row(one, now) for one in new), leaves=leaves))
    return directory


def take(
    directory: Directory,
    ledger: Ledger,
    documents: Iterable[SignedDocument],
    source: str,
    now: int,
    trusted: int,
) -> bool:
    """Verify what ``source`` sent and keep what is new and valid; True when anything changed. The proof of a
    fork changes nothing the second time. Leaves bear ``now``, documents the ``trusted`` time.

    Charters come before identities, and revocations before the identity they come with. Nothing that was
    sent raises; only a failing ledger does.
    """
    rows: list[DocumentRow] = []
    leaves: list[LeafRow] = []
    trial, changed = directory.copy(), False
    for document in documents:
        kind = kind_of(document)
        try:
            if _offer(trial, document, trusted if source else None):
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
    frozen = trial.fork != directory.fork
    directory.adopt(trial)
    return changed or frozen


def take_or_refuse(directory: Directory, ledger: Ledger, charter: SignedDocument, now: int) -> None:
    """Take a charter that an officer of this agency applies. Raises what speaks against it."""
    trial = directory.copy()
    try:
        if not _offer(trial, charter, now):
            raise FanalError(CHARTER_NOT_TAKEN, version=parse_charter(charter).version)
    except ForkError as fork:
        rows = tuple(_row(one, now) for one in (fork.first, fork.second))
        incident = incident_leaf("charter-fork", now, None, body_sha256(charter))
        ledger.append(Batch(documents=rows, leaves=(incident,)))
        directory.adopt(trial)
        raise
    leaf = admin_leaf("charter-applied", body_sha256(charter), now)
    ledger.append(Batch(documents=(_row(charter, now),), leaves=(leaf,)))
    directory.adopt(trial)


def charters_after(ledger: Ledger, version: int) -> list[SignedDocument]:
    """Every stored charter above a version, lowest first."""
    rows = sorted(ledger.facts.documents(CHARTER), key=lambda row: row.serial)
    return [decode_document(row.document) for row in rows if row.serial > version]


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
    kind, agency, serial = _name(document)
    return DocumentRow(kind, agency, serial, body_sha256(document), encode_document(document), now)


def _name(document: SignedDocument) -> tuple[str, str, int]:
    if document.type == CHARTER_TYPE:
        return CHARTER, "", parse_charter(document).version
    if document.type == REVOCATION_TYPE:
        revocation = parse_revocation(document)
        return REVOCATION, revocation.agency, revocation.number
    identity = parse_identity(document)
    return IDENTITY, identity.agency, identity.serial
