# SPDX-License-Identifier: Apache-2.0
"""A database made to break its auditor: every tool that reads it gives a finding or a refusal, never a crash.

Root can put any value into any column, whatever the table's rules say, and a view where a table was.
"""

from __future__ import annotations

import contextlib
import io
import random
import shutil
from pathlib import Path

import pytest
from tamperodd import ODD, put_odd, view_for_table
from tampersql import columns, evidence_tables, keys, opened
from tamperworld import World, changed, made, said

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.auditing.compare import compare
from fanal.node.auditing.completeness import completeness
from fanal.node.auditing.history import timeline
from fanal.node.auditing.suspects import suspects
from fanal.node.auditing.views import side_of_ledger
from fanal.node.ledger.audit_trust import trust_of
from fanal.node.ledger.exporting import write_export
from fanal.node.ledger.readonly import LedgerView, open_readonly
from fanal.proof.audit import Status


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("world"), notices=3)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return shutil.copytree(world.folder, tmp_path / "copy")


def compared(world: World, view: LedgerView) -> None:
    other = open_readonly(world.folders["GE-CUS"])
    try:
        compare(side_of_ledger("mine", view), side_of_ledger("other", other))
    finally:
        other.close()


def about_all(_world: World, view: LedgerView) -> None:
    for row in view.entries():
        timeline(view, row.manifest_sha256.hex())


def complete(_world: World, view: LedgerView) -> None:
    completeness(view, "")


def suspected(_world: World, view: LedgerView) -> None:
    trusted = trust_of(view, "", None)
    if trusted.directory is not None:
        list(suspects(view, trusted.directory, trusted.agency))


def exported(_world: World, view: LedgerView) -> None:
    write_export(view, io.BytesIO())


READERS = (compared, about_all, complete, suspected, exported)
"""What the auditor's commands do beside ``audit verify``."""


def read_all(world: World, folder: Path) -> None:
    """Each reader in turn; it may refuse, and whatever else it raises is the test's failure."""
    for reader in READERS:
        with contextlib.suppress(FanalError):
            view = open_readonly(folder)
            with contextlib.closing(view):
                reader(world, view)


def cells(world: World) -> list[tuple[str, str, str]]:
    """Table, column, and a column that names its rows."""
    with opened(world.folder) as db:
        tables = evidence_tables(db)
        return [(table, column, keys(db, table)[0]) for table in tables for column in columns(db, table)]


@pytest.mark.parametrize("value", [ODD[0], ODD[1], ODD[4], ODD[7]])
def test_an_odd_value_in_any_column_stops_no_auditor(world: World, tmp_path: Path, value: str) -> None:
    """Each column of evidence in turn: the verdict is not passed where the audit looks at it, every other
    tool answers or refuses, and a number is never taken for a count of bytes."""
    for table, column, key in cells(world):
        folder = shutil.copytree(world.folder, tmp_path / f"{table}.{column}")
        put_odd(folder, table, column, value, f"{key} = (SELECT max({key}) FROM {table})")
        before = said(folder)
        if changed(world.said, before):
            assert world.audit(folder).verdict is not Status.PASSED, (table, column)
        read_all(world, folder)
        shutil.rmtree(folder)


def test_a_leaf_that_is_no_bytes_is_the_first_bad_one(world: World, folder: Path) -> None:
    """Those before it are believed, it is named, and what does not depend on it is still checked."""
    put_odd(folder, "leaves", "data", "'text'", "idx = 7")
    report = world.audit(folder)
    assert (report.verdict, report.first_bad) == (Status.FAILED, 7)
    assert "passed" in {check.status.value for check in report.checks}


def test_a_note_of_another_kind_fails_its_check(world: World, folder: Path) -> None:
    """Whose ledger it is cannot be read from it, and what the auditor brings is believed instead."""
    for value in ("NULL", "'text'", "1000000000000"):
        put_odd(folder, "checkpoints", "note", value)
        failed = {check.name for check in world.audit(folder).checks if check.status is Status.FAILED}
        assert "checkpoints.row" in failed


@pytest.mark.parametrize("seed", range(8))
def test_a_view_in_place_of_a_table_is_refused_before_it_computes(
    world: World, folder: Path, seed: int
) -> None:
    """It could compute without end; the refusal names the table."""
    view_for_table(world, folder, random.Random(seed))
    with pytest.raises(FanalError) as refused:
        open_readonly(folder)
    assert refused.value.kind is errors.DAMAGED
    assert "is not that of a ledger" in refused.value.sentence
