# SPDX-License-Identifier: Apache-2.0
"""An attacked folder is started again and linked to one honest peer: what gossip finds without an audit.

What peers hold of a log is its signed roots, so whatever changes a root is found at the first exchange: by
the node itself, whose operator may not know, or by the peer when the node's software lies. A change beside
the tree leaves every root as it was, and is for the audit.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from audited import A, B
from nodenet import some_notice
from tamperattacks import rebuild
from tamperlive import Live, deaf, found_by, incidents, revived
from tampersql import opened
from tamperworld import World, made

from fanal.node.ledger.marker import Mark, Marker
from fanal.proof.audit import Status

LOST, BEGAN_ANEW, CONFLICT = "FANAL-E0730", "FANAL-E0690", "FANAL-E0733"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("world"), notices=9)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return shutil.copytree(world.folder, tmp_path / "copy")


def seen_by_peer(world: World) -> int:
    """How far B has witnessed A's log."""
    with opened(world.folders[B]) as db:
        return int(db.execute("SELECT size FROM peer_checkpoints WHERE agency = ?", (A,)).fetchone()[0])


def cut_the_tail(world: World, folder: Path) -> None:
    """The last leaves that B has seen signed, their entries, nodes and checkpoints; the marker agrees."""
    start = seen_by_peer(world) - 3
    with opened(folder) as db:
        db.execute("DELETE FROM checkpoints WHERE size > ?", (start,))
        db.execute("DELETE FROM nodes WHERE ((idx + 1) << level) > ?", (start,))
        db.execute("UPDATE entries SET leaf = NULL WHERE leaf >= ?", (start,))
        db.execute("DELETE FROM leaves WHERE idx >= ?", (start,))
        (entries,) = db.execute("SELECT max(arrival) FROM entries").fetchone()
    mark = Marker(folder / "marker")
    assert mark.last is not None
    mark.write(Mark(mark.last.incarnation, start, entries))
    mark.close()


def sign_another_past(world: World, folder: Path) -> None:
    """One leaf says another time; tree and checkpoints are made anew and signed with the stolen log key."""
    with opened(folder) as db:
        data = [row[0] for row in db.execute("SELECT data FROM leaves ORDER BY idx")]
        data[4] = data[4].replace(b"time=2027", b"time=2026", 1)
        rebuild(world, db, data, _notes(db), keep=True)


def put_a_backup_back(world: World, folder: Path) -> None:
    """Database and marker of an earlier day, as a snapshot of the machine restores them."""
    for path in folder.iterdir():
        path.unlink()
    for path in world.backups[0].iterdir():
        shutil.copy(path, folder / path.name)


def swap_leaf_and_body(folder: Path) -> None:
    """Two received notices change places in the log, body and all; nothing else is touched."""
    query = "SELECT arrival, leaf, body FROM entries WHERE source <> '' AND body IS NOT NULL LIMIT 2"
    with opened(folder) as db:
        (one, first, body), (two, second, other) = db.execute(query).fetchall()
        leaves = dict(db.execute("SELECT idx, data FROM leaves WHERE idx IN (?, ?)", (first, second)))
        db.execute("UPDATE entries SET body = ? WHERE arrival = ?", (other, one))
        db.execute("UPDATE entries SET body = ? WHERE arrival = ?", (body, two))
        db.execute("UPDATE leaves SET data = ? WHERE idx = ?", (leaves[second], first))
        db.execute("UPDATE leaves SET data = ? WHERE idx = ?", (leaves[first], second))


def swap_and_sign(world: World, folder: Path) -> None:
    """The same, and everything above the leaves is made anew and signed."""
    swap_leaf_and_body(folder)
    with opened(folder) as db:
        data = [row[0] for row in db.execute("SELECT data FROM leaves ORDER BY idx")]
        rebuild(world, db, data, _notes(db), keep=False)


def _notes(db: sqlite3.Connection) -> list[tuple[int, bytes]]:
    return db.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()


ATTACKS = (cut_the_tail, sign_another_past, put_a_backup_back, swap_and_sign)


def go_on(live: Live) -> None:
    """The attacked node works again: some notices and minutes, until its log is longer than it was."""
    for number in range(8):
        live.attacked.send(some_notice(A, f"after the attack {number}"), [B])
        live.net.run(70)


def test_an_honest_folder_started_again_is_not_accused(world: World, folder: Path, tmp_path: Path) -> None:
    """The ground on which the attacks stand: the same start and the same traffic, and nobody says a word."""
    with revived(world, folder, tmp_path) as live:
        live.net.run(30)
        go_on(live)
        for host in (live.attacked, live.peer):
            assert not found_by(host) & {LOST, BEGAN_ANEW, CONFLICT}
            assert incidents(host) == set()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_attacked_node_itself_says_so_after_one_exchange(
    attack: Callable[[World, Path], None], world: World, folder: Path, tmp_path: Path
) -> None:
    """Its operator need not know: within seconds of the first link doctor shows what the peer holds, the
    incident is in its log, and nothing is signed over the hole."""
    attack(world, folder)
    with revived(world, folder, tmp_path) as live:
        before = live.attacked.ledger.head().checkpoint
        live.net.run(30)
        assert LOST in found_by(live.attacked)
        assert "log-rolled-back" in incidents(live.attacked)
        go_on(live)
        assert live.attacked.ledger.head().checkpoint == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_peer_raises_the_incident_when_the_attacked_node_lies(
    attack: Callable[[World, Path], None], world: World, folder: Path, tmp_path: Path
) -> None:
    """Its software goes on signing whatever it hears: the peer's doctor accuses it, and its log keeps both
    notes' hash, with the first checkpoint that is longer than the one witnessed."""
    attack(world, folder)
    with deaf(), revived(world, folder, tmp_path) as live:
        live.net.run(30)
        go_on(live)
        assert CONFLICT in found_by(live.peer)
        assert incidents(live.peer) & {"log-inconsistent", "root-fork"}


def test_a_change_beside_the_tree_is_for_the_audit(world: World, folder: Path, tmp_path: Path) -> None:
    """The limit that docs/THREATS.md states: stored nodes give every root that was signed, so neither node
    nor peer hears of two swapped leaves; the audit names the first."""
    swap_leaf_and_body(folder)
    report = world.audit(folder)
    with revived(world, folder, tmp_path) as live:
        live.net.run(30)
        go_on(live)
        assert not found_by(live.attacked) & {LOST, CONFLICT}
        assert not found_by(live.peer) & {LOST, CONFLICT}
    assert (report.verdict, report.first_bad is not None) == (Status.FAILED, True)
    assert (world.audit(folder).verdict, world.audit(folder).first_bad) == (Status.FAILED, report.first_bad)
