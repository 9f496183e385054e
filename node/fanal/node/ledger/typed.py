# SPDX-License-Identifier: Apache-2.0
"""Rows of a database that somebody else may have written, for whoever only reads it.

Promise: every value that leaves here is of its column's kind and within its bound, whatever the file says
(root can change a schema, a torn page any value); everything else, errors of the driver too, is DAMAGED with
the column's name. What a value means is for the reader to check.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fanal.errors import FanalError
from fanal.node.errors import DAMAGED
from fanal.node.ledger.database import Connection, driver, translated
from fanal.node.ledger.schema import MIGRATIONS

Row = tuple[Any, ...]

MOST_BYTES = 4 * 1024 * 1024
"""Of one value. A charter of a large network is the longest; each decoder has a narrower bound of its own."""
_HASH, _ID = 32, 16


class Kind(NamedTuple):
    """``of``: int (0 or more), str or bytes; ``length``: exactly so many bytes, 0 for any up to the bound."""

    of: type[Any]
    length: int = 0
    may_lack: bool = False


NUMBER, TEXT, BLOB = Kind(int), Kind(str), Kind(bytes)


def _kinds(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


_KINDS: Mapping[str, Kind] = {
    **_kinds(
        NUMBER,
        "idx size count n id stream seq floor next closed start stop arrival klass priority created expires "
        "arrived seen at final serial kept since started entry held body_length",
    ),
    **_kinds(Kind(int, may_lack=True), "leaf most"),
    **_kinds(TEXT, "author channel source kind agency origin recipient reason via state basis"),
    **_kinds(BLOB, "data note audience head previous key_envelope signature manifest own_wrap wrap path"),
    **_kinds(BLOB, "document predecessor value"),
    **_kinds(Kind(bytes, may_lack=True), "body"),
    **_kinds(Kind(bytes, _HASH), "hash root lane manifest_sha256 sha256 body_sha256 own_wrap_sha256"),
    **_kinds(Kind(bytes, _HASH), "attachment"),
    **_kinds(Kind(bytes, _ID), "envelope_id incarnation"),
}
"""By the name of a column or of an expression's alias."""


def _odd(kinds: Sequence[Kind], row: Row) -> int | None:
    """The place of the first value that is not of its kind. One call a row: an audit reads millions."""
    for place, ((of, length, may_lack), value) in enumerate(zip(kinds, row, strict=True)):
        if type(value) is not of:
            if value is not None or not may_lack:
                return place
        elif of is int:
            if value < 0:
                return place
        elif (len(value) != length) if length else (len(value) > MOST_BYTES):
            return place
    return None


class Reader:
    """Reads one snapshot of a database."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.path = path
        self.db = connection
        self._known: dict[str, tuple[Kind, ...]] = {}

    def rows(self, query: str, values: Sequence[object] = (), **others: Kind) -> Iterator[Row]:
        """The rows of a query, as a stream. ``others``: kinds of columns that this query uses otherwise.

        Raises DAMAGED with the first row that is not as promised, and what ``database.translated`` raises.
        """
        with translated(self.path):
            cursor = self.db.execute(query, values)
            kinds = self._kinds(query, cursor, others)
            for row in cursor:
                self._check(kinds, row, cursor)
                yield row

    def row(self, query: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query; None when there is none. Raises as ``rows``."""
        with translated(self.path):
            cursor = self.db.execute(query, values)
            row: Row | None = cursor.fetchone()
            if row is not None:
                self._check(self._kinds(query, cursor, {}), row, cursor)
            return row

    def _kinds(self, query: str, cursor: Any, others: Mapping[str, Kind]) -> tuple[Kind, ...]:
        found = self._known.get(query)
        if found is None or others:
            found = tuple(others.get(one[0]) or _KINDS[one[0]] for one in cursor.description)
            self._known[query] = found
        return found

    def _check(self, kinds: Sequence[Kind], row: Row, cursor: Any) -> None:
        odd = _odd(kinds, row)
        if odd is not None:
            name = cursor.description[odd][0]
            raise FanalError(DAMAGED, path=str(self.path), reason=f"a value of {name}")


def check_tables(connection: Connection, path: Path, version: int) -> None:
    """Raise DAMAGED unless each table of this format is there, word for word: no view in its place, which
    could compute without end, and no column that has lost its kind. ``version``: of the data, not 0."""
    found = dict(connection.execute("SELECT name, type || sql FROM sqlite_master WHERE sql IS NOT NULL"))
    for name, text in _tables(version).items():
        if found.get(name) != text:
            raise FanalError(DAMAGED, path=str(path), reason=f"its table {name} is not that of a ledger")


@functools.cache
def _tables(version: int) -> Mapping[str, str]:
    connection = driver.connect(":memory:", isolation_level=None)
    try:
        for _name, migration in MIGRATIONS[:version]:
            migration(connection)
        return dict(connection.execute("SELECT name, type || sql FROM sqlite_master WHERE type = 'table'"))
    finally:
        connection.close()
