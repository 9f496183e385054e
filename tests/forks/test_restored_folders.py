# SPDX-License-Identifier: Apache-2.0
"""Older copies of a data folder put back, in every combination of files, folders copied while running, and
copies that run on a second machine beside the first.

What holds, exactly: an incarnation lasts one run, so no number is signed twice, whatever was put back. Where
a lane went on twice, every node has a proof as soon as the two branches meet; and the node itself knows at
first contact when peers bring back what its database lacked. `make restores` runs the whole campaign.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.desk import condition
from fanal.node.forks import kept, returned
from fanal.node.inbox.sqlite import open_vault
from fanal.node.lanes.rows import header_of, successor_of
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, EntryRow, LaneInfo, LeafRow, Successor
from fanal.node.ledger.sqlite import open_ledger
from fanal.proof import forks

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"
DATABASE = ("ledger.db", "ledger.db-wal", "ledger.db-shm")
MARKER = ("marker",)
VAULT = ("vault.db", "vault.db-wal", "vault.db-shm")
COMBINATIONS = {
    "both": DATABASE + MARKER,
    "everything": DATABASE + MARKER + VAULT,
    "database": DATABASE,
    "database-and-vault": DATABASE + VAULT,
    "marker": MARKER,
    "vault": VAULT,
}
Places = dict[tuple[bytes, bytes, int], set[bytes]]


class Disk:
    """An agency's node in a real data folder, and the copies that were made of it."""

    def __init__(self, net: NodeNet, folder: Path, rng: random.Random) -> None:
        self.net, self.home, self.rng = net, folder, rng
        self.folder = folder / "data"
        self.host: NodeHost = net.nodes[A]
        self.copies: list[Path] = []
        self.signed: Places = defaultdict(set)
        self.figures: Counter[str] = Counter()
        self.host.crash()
        self._open()

    def _open(self) -> None:
        self.host.ledger = open_ledger(self.folder, now=int(self.net.now), random=self.net.rng)
        self.host.vault = open_vault(self.folder / "vault.db", bytes(32))
        self.host.start()

    def send(self, to: str) -> None:
        self.host.send(some_notice(A, f"at {self.net.now}"), [to])
        self.note()

    def note(self) -> None:
        """Remember all that it has signed until now."""
        for row in own(self.host):
            self.signed[row.lane, row.incarnation, row.seq].add(row.manifest_sha256)

    def copy(self, *, running: bool) -> Path:
        """Copy the folder file by file; a running node may write between two files."""
        target = self.home / f"copy{len(self.copies)}"
        target.mkdir()
        names = sorted(file.name for file in self.folder.iterdir() if file.name != "lock")
        self.rng.shuffle(names)
        for name in names:
            if running and self.rng.random() < 0.2:
                self.send(self.rng.choice((B, C)))
            if (self.folder / name).exists():
                shutil.copy2(self.folder / name, target / name)
        self.copies.append(target)
        return target

    def restore(self, names: tuple[str, ...]) -> None:
        """Stop it, put these files of some copy in place, start it."""
        self.note()
        self.close()
        copy = self.rng.choice(self.copies)
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
            if (copy / name).exists():
                shutil.copy2(copy / name, self.folder / name)
        self._open()

    def second_machine(self, *, running: bool) -> None:
        """A copy of the folder is started elsewhere. Both run on and write, and have the network in turn; the
        other is there all the time, without a link."""
        first, folder = self.host, self.folder
        self.folder = self.home / f"machine{len(self.copies)}"
        shutil.copytree(self._copy_of(folder, running), self.folder)
        second = NodeHost(first.agency, self.net, first.documents[0], first.documents[1:])
        self.host = second
        self._open()
        for host in (second, first, second, first):
            for one in (first, second):
                self.host = one
                self.send(self.rng.choice((B, C)))
            for other in (B, C):
                self.net.down(self.net.link(A, other), "another machine has the network")
            self.net.hosts[A] = host
            self.link()
            self.net.run(15)
        for one in (second, first):
            assert noticed(one), "both machines know of each other"
        self.figures["second machine"] += 1
        second.alive, second.life = False, second.life + 1
        second.ledger.close()
        second.vault.close()
        self.host, self.folder = first, folder

    def _copy_of(self, folder: Path, running: bool) -> Path:
        there, self.folder = self.folder, folder
        copy = self.copy(running=running)
        self.folder = there
        return copy

    def link(self) -> None:
        for other in (B, C):
            if not self.net.link(A, other).up:
                self.net.connect(A, other)

    def close(self) -> None:
        self.host.crash()
        self.host.ledger.close()
        self.host.vault.close()


def own(host: NodeHost) -> list[EntryRow]:
    return [row for row in host.ledger.entries.since(0, 10_000) if row.author == A]


def noticed(host: NodeHost) -> bool:
    """Whether an operator who asks is told that the database was rolled back, or looks restored or copied."""
    found = {one.id for one in condition.findings(host.node)}
    return bool(found & {"FANAL-E0725", "FANAL-E0726", "FANAL-E0730"})


def went_on_twice(*hosts: NodeHost) -> set[str]:
    """The incarnations from which A went on twice, worked out from all that anybody holds of it."""
    rows = {row.manifest_sha256: row for host in hosts for row in own(host)}.values()
    by_stream: dict[tuple[bytes, bytes], list[EntryRow]] = defaultdict(list)
    closing: dict[tuple[bytes, bytes], list[Successor]] = defaultdict(list)
    for row in rows:
        by_stream[row.lane, row.incarnation].append(row)
        successor = successor_of(header_of(row))
        if successor is not None:
            closing[row.lane, successor.predecessor].append(successor)
    twice = {key[1].hex() for key, found in closing.items() if len(found) > 1}
    for key, (one, *_) in closing.items():
        if any(row.seq >= one.stop for row in by_stream.get(key, ())):
            twice.add(key[1].hex())
    return twice


def live(disk: Disk, rng: random.Random, restores: int) -> None:
    """A life with notices, copies, restores and second machines in any order."""
    net = disk.net
    disk.send(B)
    net.run(10)
    disk.copy(running=False)
    for _ in range(restores):
        for _ in range(rng.randrange(3)):
            disk.send(rng.choice((B, C)))
            net.run(rng.choice((0.2, 3, 65)))
        if rng.random() < 0.4:
            disk.copy(running=rng.random() < 0.5)
            disk.send(B)
            net.run(rng.choice((0.2, 3)))
        if rng.random() < 0.15:
            disk.second_machine(running=rng.random() < 0.5)
        else:
            put_back(disk, rng)
    net.run(90)
    disk.note()


def put_back(disk: Disk, rng: random.Random) -> None:
    """One restore, and the first contact after it."""
    net, combination = disk.net, rng.choice(sorted(COMBINATIONS))
    disk.restore(COMBINATIONS[combination])
    disk.figures[combination] += 1
    held = {row.manifest_sha256 for row in own(disk.host)}
    lost = {row.manifest_sha256 for host in (B, C) for row in own(net.nodes[host])} - held
    before = returned.known(disk.host.node)
    if rng.random() < 0.5:
        disk.send(rng.choice((B, C)))
    disk.link()
    net.run(rng.choice((3, 6)))
    if lost:
        disk.figures["lost something"] += 1
        assert noticed(disk.host), combination
        anew = returned.known(disk.host.node) != before or disk.host.node.standing.lost is not None
        assert anew, "not left over from an earlier one"
        disk.figures["noticed"] += 1


WORLDS = -(-int(os.environ.get("RESTORES", "48")) // 8)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_no_number_is_signed_twice_over_restored_and_copied_folders(
    tmp_path: Path, seed: int, figures: Counter[str]
) -> None:
    """Lives of 8 restores among peers: one manifest at every place, a restore that lost anything a peer has
    is noticed by the node at first contact, and what went on twice is proven at all three."""
    rng = random.Random(seed)
    net = NodeNet(A, B, C, seed=seed)
    disk = Disk(net, tmp_path, rng)
    live(disk, rng, 8)
    a, b, c = disk.host, net.nodes[B], net.nodes[C]
    twice = [place for place, manifests in disk.signed.items() if len(manifests) > 1]
    assert twice == []
    assert [host.ledger.entries.forks() for host in (a, b, c)] == [[], [], []]
    proven = [{one.incarnation for one in kept.known(host.node)} for host in (a, b, c)]
    expected = went_on_twice(a, b, c)
    assert all(expected <= one or len(one) == kept.MOST for one in proven)
    figures.update(disk.figures)
    figures.update({"numbers": len(disk.signed), "signed twice": len(twice), "proven forks": len(expected)})
    disk.close()


@pytest.fixture(scope="module")
def figures() -> Iterator[Counter[str]]:
    """What the campaign came to, printed with ``-s``."""
    found: Counter[str] = Counter()
    yield found
    print("\n  " + ", ".join(f"{name} {count}" for name, count in sorted(found.items())))


@pytest.mark.parametrize("seed", range(6))
def test_what_database_and_marker_tell_each_other_needs_no_peer(tmp_path: Path, seed: int) -> None:
    """6 times 50 restores of a ledger alone: an older database under a newer marker, or the reverse, or
    without one, goes on in a new incarnation; both of one copy go on where that copy was."""
    rng = random.Random(seed)
    folder, signed = tmp_path / "data", defaultdict(set)
    ledger, copies = open_ledger(folder, now=1, random=rng.randbytes), []
    for number in range(50):
        for _ in range(rng.randrange(1, 4)):
            write(ledger, rng, signed)
        before = ledger.head().incarnation
        ledger.close()
        copy = tmp_path / f"copy{number}"
        shutil.copytree(folder, copy)
        copies.append((copy, before))
        chosen, names = rng.choice(copies), rng.choice((DATABASE, MARKER, DATABASE + MARKER, ()))
        for name in names:
            (folder / name).unlink(missing_ok=True)
            if (chosen[0] / name).exists():
                shutil.copy2(chosen[0] / name, folder / name)
        ledger = open_ledger(folder, now=1, random=rng.randbytes)
        older = chosen[0] != copy
        if names == DATABASE + MARKER:
            assert ledger.opened.reason == ""
            assert ledger.head().incarnation == chosen[1]
            # What this copy does not know is for the peers to notice; what came after it is another branch.
            signed = defaultdict(set)
            copies = copies[: copies.index(chosen) + 1]
        elif names == DATABASE and older:
            assert ledger.opened.reason in ("rolled-back", "other-incarnation")
            assert ledger.head().incarnation not in {known for _, known in copies}
        elif not names:
            assert ledger.opened.reason == ""
    ledger.close()
    assert all(len(manifests) == 1 for manifests in signed.values())


def write(ledger: Ledger, rng: random.Random, signed: Places) -> None:
    """The next own entry of a lane, with a content that never comes again."""
    info = LaneInfo(b"l" * 32, A, b"audience")
    head = ledger.head()
    row = ledger.lanes.row(info.lane, head.incarnation)
    seq = row.next if row else 0
    entry = EntryRow(
        envelope_id=rng.randbytes(16),
        lane=info.lane,
        incarnation=head.incarnation,
        seq=seq,
        klass=1,
        priority=1,
        author=A,
        created=1,
        expires=2,
        manifest=b"m",
        signature=b"s",
        manifest_sha256=rng.randbytes(32),
    )
    ledger.append(Batch(lanes=(info,), entries=(entry,), leaves=(LeafRow(rng.randbytes(8).hex().encode()),)))
    signed[info.lane, head.incarnation, seq].add(entry.manifest_sha256)
    assert len(signed[info.lane, head.incarnation, seq]) == 1


def test_a_copy_that_no_witness_could_tell_from_the_original_is_found_out_by_the_peers() -> None:
    """Both are put back to before what only B got, and C, who vouches for the log, knows no more: the lane
    goes on twice, no number is signed twice, and all three know as soon as the branches meet."""
    net = NodeNet(A, B, C)
    a, b, c = (net.nodes[name] for name in (A, B, C))
    a.send(some_notice(A), [B, C])
    net.run(200)
    old = backup(a)
    net.partition([A, B], [C])
    a.send(some_notice(A, "only B gets this one"), [B, C])
    net.run(2)
    first = {(row.incarnation, row.seq) for row in own(b)}
    a.crash()
    net.heal()
    net.partition([A, C], [B])
    restore(a, old)
    net.run(90)
    sent = a.send(some_notice(A, "from the older end"), [B, C])
    net.run(30)
    again = c.ledger.entries.get(envelope_id=sent.envelope_id, author=A)
    assert again is not None
    assert (again.incarnation, again.seq) not in first
    net.heal()
    net.run(200)
    assert [host.ledger.entries.forks() for host in (a, b, c)] == [[], [], []]
    assert [{one.kind for one in kept.known(host.node)} for host in (a, b, c)] == [{forks.SUCCESSOR}] * 3
    ids = [{one.id for one in condition.findings(host.node)} for host in (a, b, c)]
    assert {"FANAL-E0725", "FANAL-E0726"} <= ids[0]
    assert all("FANAL-E0724" in one for one in ids[1:])
    branches = [{row.manifest_sha256 for row in own(host)} for host in (a, b, c)]
    assert branches[0] == branches[1] == branches[2], "both are kept, by everybody"


def test_a_peer_tells_a_restored_node_all_in_the_first_round_and_a_broken_link_only_what_changed() -> None:
    """Whatever was put back, store id and marker too, and even within one incarnation: the run in Hello is
    another one, so the peer sends its whole clock at once; the same run gets the rows that changed."""
    net = NodeNet(A, B)
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    net.run(5)
    old = backup(a)
    for number in range(3):
        a.send(some_notice(A, f"lost {number}"), [B])
    net.run(200)
    lost = {row.manifest_sha256 for row in own(b)}
    told: list[int] = []
    net.watchers.append(
        lambda sender, _receiver, frame: told.append(len(frame.clock.rows)) if sender == B else None
    )
    restore(a, old)
    assert a.ledger.head().incarnation in {row.incarnation for row in own(b)}, "one incarnation, cut short"
    net.run(3)
    assert noticed(a)
    assert lost <= {row.manifest_sha256 for row in own(a)}
    net.run(200)
    told.clear()
    net.partition([A], [B])
    net.drop(A, B)
    net.run(2)
    a.send(some_notice(A, "while the link was down"), [B])
    net.heal()
    net.run(20)
    assert sum(told) < len(b.ledger.lanes.clock()), "not everything"
