# SPDX-License-Identifier: Apache-2.0
"""``fanal audit stats``: figures that somebody else's count of the same ledger gives too."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from agencies import NOW
from audited import A, Audited, B, C
from clikit import Run, misfits
from sqlcipher3 import dbapi2 as driver

from fanal.cli.shown import audit_shapes as shapes
from fanal.node.auditing import stats as figures
from fanal.node.lanes.leaves import incident_leaf, refusal_leaf
from fanal.node.ledger.audit_trust import trust_of
from fanal.node.ledger.readonly import open_readonly
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger


def leaves_of(folder: Path) -> list[list[str]]:
    """The words of every leaf, read without a line of the program."""
    connection = driver.connect(str(folder / "ledger.db"))
    found = [row[0].decode().split() for row in connection.execute("SELECT data FROM leaves ORDER BY idx")]
    connection.close()
    return found


def values(leaves: list[list[str]], key: str, kind: str = "") -> dict[str, int]:
    words = [word for leaf in leaves if kind in ("", leaf[1]) for word in leaf if word.startswith(f"{key}=")]
    return dict(Counter(word.partition("=")[2] for word in words))


@pytest.mark.parametrize("agency", [A, B, C])
def test_figures_are_those_of_the_leaves(desk: Audited, run: Run, tmp_path: Path, agency: str) -> None:
    """Counted by hand from the database; the same from an export, beside no node and without a secret."""
    folder = desk.folders[agency]
    leaves = leaves_of(folder)
    data = run("audit", "stats", folder, "--json").json
    assert misfits(data, shapes.StatsAnswer) == []
    assert (data["agency"], data["leaves"], data["unreadable"]) == (agency, len(leaves), 0)
    assert data["by_type"] == dict(Counter(leaf[1] for leaf in leaves))
    assert data["by_peer"] == values(leaves, "peer")
    assert data["by_access"] == values(leaves, "act", "access")
    assert sum(data["by_month"].values()) == len(leaves)
    assert data["checkpoints"]["stored"] >= data["checkpoints"]["with_quorum"] > 0
    copy = tmp_path / "copy.zip"
    run("audit", "export", folder, "-o", copy)
    assert run("audit", "stats", copy, "--json").json == data
    assert "by peer" in run("audit", "stats", folder).out


def test_the_longest_stretch_without_a_checkpoint_is_named(desk: Audited, run: Run) -> None:
    """Between two, or after the last; when all are taken away it is the whole ledger, from its beginning."""
    before = run("audit", "stats", desk.folders[A], "--json").json["checkpoints"]
    connection = driver.connect(str(desk.folders[A] / "ledger.db"), isolation_level=None)
    sizes = [row[0] for row in connection.execute("SELECT size FROM checkpoints ORDER BY size")]
    connection.execute("DELETE FROM checkpoints")
    connection.close()
    ends = [0, *sizes, len(leaves_of(desk.folders[A]))]
    gaps = {start: stop - start for start, stop in pairwise(ends)}
    assert before["longest_gap_leaves"] == max(gaps.values()) == gaps[before["longest_gap_leaves_from"]]
    after = run("audit", "stats", desk.folders[A], "--json").json["checkpoints"]
    longest = (after["longest_gap_leaves"], after["longest_gap_leaves_from"])
    assert (after["stored"], *longest) == (0, ends[-1], 0)
    assert after["longest_gap_seconds"] > before["longest_gap_seconds"] > 0


def test_cosignatures_that_were_cut_off_do_not_count(desk: Audited, run: Run) -> None:
    """A checkpoint without its witnesses is stored and has no quorum."""
    connection = driver.connect(str(desk.folders[A] / "ledger.db"), isolation_level=None)
    connection.execute("UPDATE checkpoints SET note = CAST(replace(note, '/witness', '/witnesz') AS BLOB)")
    connection.close()
    points = run("audit", "stats", desk.folders[A], "--json").json["checkpoints"]
    assert (points["with_quorum"], points["quorum"]) == (0, 2)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A ledger of ten thousand refusals by as many codes, of as many peers, and some incidents."""
    ledger = open_ledger(tmp_path / "data", now=NOW)
    for start in range(0, 10_000, 1000):
        rows = [
            refusal_leaf(f"code-{at}", NOW + at * 9000, peer="GE-CUS") for at in range(start, start + 1000)
        ]
        ledger.append(Batch(leaves=tuple(rows)))
    ledger.append(Batch(leaves=(incident_leaf("fork", NOW, "GE-CUS", bytes(32)),)))
    ledger.close()
    return tmp_path / "data"


def test_a_ledger_made_to_fill_the_memory_is_counted_in_bounds(many: Path, run: Run) -> None:
    """Kinds beyond four thousand are counted together; nothing grows with the number of leaves."""
    data = run("audit", "stats", many, "--json").json
    assert len(data["refusals"]) == figures.MOST + 1
    assert data["refusals"][figures.OTHERS] == 10_000 - figures.MOST
    assert (data["by_type"], data["incidents"]) == ({"incident": 1, "refusal": 10_000}, {"fork": 1})
    assert (data["checkpoints"]["with_quorum"], data["checkpoints"]["longest_gap_leaves"]) == (None, 10_001)
    view = open_readonly(many)
    trusted = trust_of(view, "", None)
    tracemalloc.start()
    figures.stats(view, trusted)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    view.close()
    assert peak < 2_000_000
