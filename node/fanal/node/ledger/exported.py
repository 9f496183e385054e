# SPDX-License-Identifier: Apache-2.0
"""An export as a ledger that can be audited like a data folder. Its rows go into a private temporary file.

Promise: a file that is not exactly an export is refused before anything is concluded from it; sizes are
bounded while reading, and no more than one row is ever held in memory.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from fanal.errors import FanalError, VerificationError
from fanal.node.ledger.audit_errors import EXPORT_DAMAGED, NOT_AN_EXPORT
from fanal.node.ledger.database import Connection, driver
from fanal.node.ledger.export_tables import DIGESTS, TABLES, Table
from fanal.node.ledger.exporting import FORMAT, HEAD, MODE, README, README_TEXT
from fanal.node.ledger.marker import Mark
from fanal.node.ledger.readonly import Digests, LedgerView
from fanal.node.ledger.rows import EntryRow
from fanal.node.ledger.schema import MIGRATIONS

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
)
"""What a damaged zip, or a row that is none, raises."""
_END, _END_BYTES = b"PK\x05\x06", 22
"""The last record of a zip without a comment."""
_HEAD_BYTES = 64 * 1024
_LINE_BYTES = 4 * 1024 * 1024
"""A charter of a large network is the longest value."""
_TOTAL_BYTES = 32 * 1024**3
_LEFT_OUT: Mapping[str, Mapping[str, object]] = {
    "entries": {"own_wrap": b"", "erase_at": 0},
    "forks": {"own_wrap": b""},
}
_DIGESTS = (
    "CREATE TABLE bodies (arrival INTEGER PRIMARY KEY, body_sha256 BLOB, body_length INTEGER, "
    "own_wrap_sha256 BLOB) STRICT"
)


class ExportView(LedgerView):
    """The ledger of an export: without bodies, nodes of the tree and the agency's own bookkeeping."""

    bodiless = True

    def bodies(self) -> Iterator[tuple[int, bytes, bytes, int, bool]]:
        """An export holds the hashes of every body that was held."""
        query = (
            "SELECT e.arrival, e.envelope_id, e.manifest_sha256, e.klass, b.arrival IS NOT NULL AS held "
            "FROM entries e LEFT JOIN bodies b ON b.arrival = e.arrival ORDER BY e.arrival"
        )
        return ((*row, bool(held)) for *row, held in self._rows(query))

    def has_body(self, row: EntryRow) -> bool:
        query = "SELECT arrival FROM bodies WHERE arrival = ?"
        return self._row(query, (row.arrival,)) is not None

    def digests(self, arrival: int) -> Digests | None:
        query = "SELECT body_sha256, body_length, own_wrap_sha256 FROM bodies WHERE arrival = ?"
        row = self._row(query, (arrival,))
        return Digests(*row) if row and row[1] else None


def is_export(path: Path) -> bool:
    """Whether a file is a zip with the head of an export in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return HEAD in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def open_export(path: Path) -> ExportView:
    """The ledger in an export. Raises FanalError NOT_AN_EXPORT and VerificationError EXPORT_DAMAGED."""
    if not is_export(path):
        raise FanalError(NOT_AN_EXPORT, path=str(path))
    connection = _empty()
    try:
        with zipfile.ZipFile(path) as archive:
            _check_ends(path, archive)
            mark = _fill(archive, connection)
    except (*_BROKEN, driver.Error) as error:
        connection.close()
        raise VerificationError(EXPORT_DAMAGED, path=str(path), reason=str(error)[:200]) from error
    except BaseException:
        connection.close()
        raise
    return ExportView(path, connection, mark)


def _empty() -> Connection:
    """A database of the ledger's format in a file that nobody else can reach and that ends with it."""
    connection = driver.connect("", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = OFF").fetchone()
    connection.execute("PRAGMA synchronous = OFF")
    for _name, migration in MIGRATIONS:
        migration(connection)
    connection.execute(_DIGESTS)
    return connection


def _check_ends(path: Path, archive: zipfile.ZipFile) -> None:
    """A file of another kind may not hide before or behind the archive, nor a link in it."""
    with path.open("rb") as file:
        file.seek(-_END_BYTES, os.SEEK_END)
        at_end = file.read(4) == _END
    infos = archive.infolist()
    if not infos or infos[0].header_offset or not at_end:
        raise ValueError("there are bytes before or behind the archive")
    if any(info.external_attr != MODE for info in infos):
        raise ValueError("something in it is no plain file")


def _fill(archive: zipfile.ZipFile, connection: Connection) -> Mark | None:
    expected = [README, HEAD, *(table.file for table in (*TABLES, DIGESTS))]
    infos = archive.infolist()
    if [info.filename for info in infos] != expected:
        raise ValueError("its files are not those of an export")
    if sum(info.file_size for info in infos) > _TOTAL_BYTES:
        raise ValueError("it is too large")
    with archive.open(README) as file:
        if file.read(_HEAD_BYTES) != README_TEXT.encode():
            raise ValueError("its README is another")
    with archive.open(HEAD) as file:
        head = json.loads(file.read(_HEAD_BYTES))
    mark = _mark(head)
    connection.execute("BEGIN")
    for table in (*TABLES, DIGESTS):
        with archive.open(table.file) as file:
            _load(connection, table, file)
    connection.execute("COMMIT")
    _check_head(head, connection)
    return mark


def _check_head(head: Any, connection: Connection) -> None:
    """Rows that were lost at the end of a table are not taken for a shorter ledger."""
    leaves = connection.execute("SELECT count(*) FROM leaves").fetchone()[0]
    newest = connection.execute("SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    told = {"size": newest[0], "root": newest[1].hex()} if newest else None
    if (head["size"], head["checkpoint"]) != (leaves, told):
        raise ValueError("its head tells of other leaves or of another checkpoint")


def _mark(head: Any) -> Mark | None:
    if head["format"] != FORMAT:
        raise ValueError(f"its format is {str(head['format'])[:40]!r}, not {FORMAT}")
    marker = head["marker"]
    if marker is None:
        return None
    return Mark(bytes.fromhex(marker["incarnation"]), int(marker["size"]), int(marker["entries"]))


def _load(connection: Connection, table: Table, file: IO[bytes]) -> None:
    names = list(table.names)
    if _row(file, table) != names:
        raise ValueError(f"{table.file} has other columns")
    forms = [form for _name, form in table.columns]
    # What an export leaves out is empty here; the columns may not be.
    more = _LEFT_OUT.get(table.name, {})
    columns = [*names, *more]
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    while (values := _row(file, table)) is not None:
        read = [form.read(value) for form, value in zip(forms, values, strict=True)]
        connection.execute(statement, (*read, *more.values()))


def _row(file: IO[bytes], table: Table) -> list[Any] | None:
    line = file.readline(_LINE_BYTES)
    if not line:
        return None
    if not line.endswith(b"\n"):
        raise ValueError(f"a line of {table.file} is cut off or too long")
    values = json.loads(line)
    if not isinstance(values, list):
        raise TypeError(f"a line of {table.file} is no row")
    return values
