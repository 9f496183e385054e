# SPDX-License-Identifier: Apache-2.0
"""``fanal audit export``: one state of a ledger as one file for another machine, without anything to open.

Promise: the same state gives the same bytes; nothing is written into the ledger (the tool runs beside a node
and cannot). The file is a zip of text: a README, ``export.json`` and one JSON array per line and row.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from fanal.node.ledger.audit_trust import trust_of
from fanal.node.ledger.database import translated
from fanal.node.ledger.export_tables import DIGESTS, TABLES, Table, digests_of, stand_in
from fanal.node.ledger.readonly import LedgerView

FORMAT = "fanal-ledger-export/1"
HEAD = "export.json"
README = "README.txt"
MODE = 0o644 << 16
"""Of each file in the archive: plain, as Unix says it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
README_TEXT = """\
A Fanal ledger, exported for an auditor. Nothing in this file can be opened, and nothing in it is secret to
those who may audit the agency: bodies and lane keys are left out, their SHA-256 stands for them.

  fanal audit verify THIS-FILE --network ID     checks everything; the network id comes from paper

Each *.jsonl file begins with the names of its columns; every further line is one row. The second column of
leaves.jsonl is a leaf, byte for byte: its hash is SHA-256(0x00 || leaf), and the tree over these hashes is
that of RFC 6962. The third column of checkpoints.jsonl is a signed note (C2SP tlog-checkpoint). Manifests
and documents are Base 64 of the exact signed bytes; bodies.jsonl holds the hashes of what is left out.
"""


def write_export(view: LedgerView, file: BinaryIO) -> None:
    """Write one state of a ledger to an open file. Raises FanalError when the ledger cannot be read."""
    with translated(view.path), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        _put(archive, README, iter([README_TEXT]))
        _put(archive, HEAD, iter([_head(view)]))
        for table in TABLES:
            _put(archive, table.file, _lines(table, _rows(view, table)))
        _put(archive, DIGESTS.file, _lines(DIGESTS, _digests(view)))


def _put(archive: zipfile.ZipFile, name: str, text: Iterator[str]) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = MODE
    with archive.open(entry, "w", force_zip64=True) as member:
        for part in text:
            member.write(part.encode("ascii"))


def _head(view: LedgerView) -> str:
    trusted = trust_of(view, "", None)
    newest = next(view.checkpoints_down(), None)
    mark = view.mark
    values: dict[str, Any] = {
        "format": FORMAT,
        "agency": trusted.agency,
        "network": trusted.network.hex(),
        "size": view.size(),
        "checkpoint": {"size": newest.size, "root": newest.root.hex()} if newest else None,
        "marker": (
            {"incarnation": mark.incarnation.hex(), "size": mark.size, "entries": mark.entries}
            if mark
            else None
        ),
    }
    return json.dumps(values, indent=1) + "\n"


def _lines(table: Table, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    yield json.dumps(table.names, separators=(",", ":")) + "\n"
    forms = [form for _name, form in table.columns]
    for row in rows:
        values = [form.write(value) for form, value in zip(forms, row, strict=True)]
        yield json.dumps(values, separators=(",", ":")) + "\n"


def _rows(view: LedgerView, table: Table) -> Iterator[tuple[Any, ...]]:
    for row in view.rows(table.name, table.names, table.order):
        named = zip(table.names, row, strict=True)
        yield tuple(stand_in(table.name, column, value) for column, value in named)


def _digests(view: LedgerView) -> Iterator[tuple[int, bytes, int, bytes]]:
    rows = view.rows("entries", ("arrival", "body", "own_wrap"), "arrival")
    return (digests_of(arrival, body, own) for arrival, body, own in rows if body is not None)
