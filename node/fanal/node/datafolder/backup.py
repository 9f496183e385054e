# SPDX-License-Identifier: Apache-2.0
"""``fanal node backup``: one folder with all that a node holds, except its private keys.

Promise: the databases are whole and fit each other, also when the node runs meanwhile; each is checked before
the backup counts as made. The vault is copied before the ledger, for a node takes up what a vault lacks of
its ledger, and never the other way round; the erasure lists come last: what was erased meanwhile is known.
A note in it makes every ledger that is opened from it a restored one, whoever put it where.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fanal.config.files import read_bounded
from fanal.config.home import Home
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter_view import view_of
from fanal.keys.documents import MAX_DOCUMENT, decode_document
from fanal.node.attachments import folder as attachments
from fanal.node.datafolder import manifest
from fanal.node.datafolder.errors import BACKUP_INSIDE, DIRTY_COPY
from fanal.node.datafolder.files import LEDGER, VAULT, VaultKey, reading, steps
from fanal.node.datafolder.manifest import Manifest
from fanal.node.ledger.copying import copy_whole
from fanal.node.ledger.database import sync_folder, translated
from fanal.node.ledger.formats import check_room
from fanal.node.ledger.marker import Marker
from fanal.node.ledger.sqlite import MARKER, RESTORED, read_state
from fanal.node.ledger.work import StoreState
from fanal.node.ledger.writer import mark_of
from fanal.node.retention import outside
from fanal.node.software import SOFTWARE

_PIECE = 1024 * 1024
_UNDER_WAY = ".under-way"
"""Of a copy that is no whole file yet; nothing in a home or a backup is called so."""
_SPARE = 1024 * 1024
"""Bytes for documents and lists."""


def refuse_inside(home: Home, data: Path, folder: Path) -> None:
    """Raise BACKUP_INSIDE for a folder that the backup itself would take in."""
    place = folder.resolve()
    if any(place.is_relative_to(one.resolve()) for one in (home.path, data)):
        raise FanalError(BACKUP_INSIDE, path=str(folder))


def make(home: Home, data: Path, folder: Path, vault_key: VaultKey, agency: str, now: int) -> Manifest:
    """Copy the node's data into ``folder``, which is there and empty.

    Raises as `files.steps`, NO_ROOM before anything is copied, and DIRTY_COPY.
    """
    plan = steps(data, vault_key)
    attached = sorted(_attached(data))
    needed = sum(one.size for one in plan) + sum(one.stat().st_size for one in attached if one.exists())
    check_room(folder, needed + _SPARE)
    target = folder / home.data.name
    with translated(target):
        target.mkdir(mode=0o700)
        if (data / VAULT).exists():
            _database(data / VAULT, target / VAULT, vault_key())
        _database(data / LEDGER, target / LEDGER)
        with reading(target / LEDGER, brief=True) as connection:
            state = read_state(connection)
        _mark(target, state)
        for path in [*attached, *_documents(home)]:
            place = (
                target / path.relative_to(data) if path in attached else folder / path.relative_to(home.path)
            )
            copy_file(path, place)
        for source, place in ((data, target), (home.path, folder)):
            copy_file(source / outside.NAME, place / outside.NAME)
    made = Manifest(
        agency=agency,
        network=network_of(folder),
        made=now,
        software=SOFTWARE,
        leaves=state.frontier.size,
        root=state.frontier.root().hex(),
        files=_listed(folder),
    )
    made.write(folder)
    return made


def network_of(folder: Path) -> str:
    """The network id that charter 1 in a home or backup gives, in hex; "" without one."""
    path = Home(folder).charter_file(1)
    if not path.is_file():
        return ""
    return view_of(decode_document(read_bounded(path, MAX_DOCUMENT))).network.hex()


def _database(source: Path, copy: Path, key: bytes | None = None) -> None:
    """Copy and check."""
    with reading(source, key) as connection:
        copy_whole(connection, copy, key)
    with reading(copy, key, brief=True) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise VerificationError(DIRTY_COPY, path=str(source), reason=str(found)[:200])


def _mark(target: Path, state: StoreState) -> None:
    """The marker of the copied state, so that an audit of the backup has all; and the note."""
    marker = Marker(target / MARKER)
    try:
        marker.write(mark_of(state))
    finally:
        marker.close()
    (target / RESTORED).touch(mode=0o600)


def _attached(data: Path) -> Iterator[Path]:
    """The files of attachments, except what an officer is just handing in."""
    for path in (data / attachments.NAME).rglob("*"):
        if path.is_file() and manifest.belongs(f"data/{path.relative_to(data).as_posix()}"):
            yield path


def _documents(home: Home) -> Iterator[Path]:
    for path in sorted(home.path.glob("*")) + sorted(home.path.glob("*/*")):
        name = path.relative_to(home.path).as_posix()
        if (
            not name.startswith("data/")
            and manifest.belongs(name)
            and name != outside.NAME
            and path.is_file()
        ):
            yield path


def copy_file(source: Path, target: Path) -> None:
    """Durably, for this user alone, whole or not at all. What is gone meanwhile was erased: no copy of it."""
    if not source.is_file():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(target.name + _UNDER_WAY)
    part.unlink(missing_ok=True)
    with source.open("rb") as file:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as copy:
            while piece := file.read(_PIECE):
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
    part.rename(target)
    sync_folder(target.parent)


def _listed(folder: Path) -> dict[str, tuple[int, str]]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, manifest.sha256(path)) for path in found
    }
