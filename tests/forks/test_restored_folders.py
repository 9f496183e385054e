# SPDX-License-Identifier: Apache-2.0
"""Older copies of a data folder put back, in every combination of files, and folders copied while running.

What holds, exactly:

- A marker newer than the database, or none: the node knows by itself and writes in a new incarnation.
- Database and marker of one older copy: the node cannot know. Until a witness has told what it holds, it
  writes in a new incarnation; a witness that saw more keeps it there. Only what nobody had witnessed when the
  copy was taken back can get a number a second time.
- Then no honest peer takes a second manifest at that place into its lane: it keeps it beside as proof, and a
  proof is at every node as soon as the two meet.
- A number whose first use never left the machine is unknown to everybody, and no fork for anybody.
"""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from backups import backup, restore
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.forks import kept
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, EntryRow, LaneInfo, LeafRow
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
        self.net, self.folder, self.rng = net, folder / "data", rng
        self.host: NodeHost = net.nodes[A]
        self.copies: list[Path] = []
        self.signed: Places = defaultdict(set)
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
        for row in self.host.ledger.entries.since(0, 10_000):
            if row.author == A:
                self.signed[row.lane, row.incarnation, row.seq].add(row.manifest_sha256)

    def copy(self, *, running: bool) -> None:
        """Copy the folder file by file; a running node may write between two files."""
        target = self.folder.with_name(f"copy{len(self.copies)}")
        target.mkdir()
        names = sorted(file.name for file in self.folder.iterdir() if file.name != "lock")
        self.rng.shuffle(names)
        for name in names:
            if running and self.rng.random() < 0.2:
                self.send(self.rng.choice((B, C)))
            if (self.folder / name).exists():
                shutil.copy2(self.folder / name, target / name)
        self.copies.append(target)

    def restore(self, names: tuple[str, ...]) -> None:
        """Stop it, put these files of some copy in place, start it."""
        self.note()
        self.host.crash()
        self.host.ledger.close()
        self.host.vault.close()
        copy = self.rng.choice(self.copies)
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
            if (copy / name).exists():
                shutil.copy2(copy / name, self.folder / name)
        self._open()


def held_by(*hosts: NodeHost) -> Places:
    """What peers hold of A at each place, kept beside as proof included."""
    found: Places = defaultdict(set)
    for host in hosts:
        for row in host.ledger.entries.since(0, 10_000):
            if row.author == A:
                found[row.lane, row.incarnation, row.seq].add(row.manifest_sha256)
        for fork in host.ledger.entries.forks():
            found[fork.kept.lane, fork.kept.incarnation, fork.kept.seq].add(fork.offered.manifest_sha256)
    return found


def live(disk: Disk, rng: random.Random, restores: int) -> None:
    """A life with notices, copies and restores in any order."""
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
        disk.restore(COMBINATIONS[rng.choice(sorted(COMBINATIONS))])
        if rng.random() < 0.5:
            disk.send(rng.choice((B, C)))
        net.run(rng.choice((3, 6)))
        for other in (B, C):
            if net.link(A, other).up is False:
                net.connect(A, other)
    net.run(90)
    disk.note()


@pytest.mark.parametrize("seed", range(13))
def test_no_number_is_signed_twice_unnoticed_over_restored_folders(tmp_path: Path, seed: int) -> None:
    """13 lives of 8 restores among peers: what reached them twice is proven at all three, with both branches
    kept, and nobody holds two manifests at one place of a lane."""
    rng = random.Random(seed)
    net = NodeNet(A, B, C, seed=seed)
    disk = Disk(net, tmp_path, rng)
    live(disk, rng, 8)
    a, b, c = (net.nodes[name] for name in (A, B, C))
    proven = {(one.where, one.incarnation) for one in kept.known(b.node) if one.kind == forks.ENTRY}
    peers = held_by(b, c)
    for (lane, incarnation, _seq), manifests in peers.items():
        if len(manifests) > 1:
            assert (lane.hex(), incarnation.hex()) in proven
    for place, manifests in disk.signed.items():
        # The rest never left the machine, or is the twin of one that nobody else has seen.
        assert len(manifests & peers[place]) <= 1 or (place[0].hex(), place[1].hex()) in proven
    keys = [{one.key for one in kept.known(host.node)} for host in (a, b, c)]
    assert keys[0] >= keys[1] == keys[2]
    disk.host.ledger.close()
    disk.host.vault.close()


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
    """Both are put back to before what only B got, and C, who vouches, knows no more: numbers are
    signed twice. Neither B nor C takes a second manifest into the lane, both keep it, and all three know."""
    net = NodeNet(A, B, C)
    a, b, c = (net.nodes[name] for name in (A, B, C))
    a.send(some_notice(A), [B, C])
    net.run(200)
    old = backup(a)
    net.partition([A, B], [C])
    a.send(some_notice(A, "only B gets this one"), [B, C])
    net.run(2)
    first = {row.seq: row for row in b.ledger.entries.since(0, 100) if row.author == A}
    a.crash()
    net.heal()
    net.partition([A, C], [B])
    restore(a, old)
    net.run(90)
    sent = a.send(some_notice(A, "the same number again"), [B, C])
    net.run(30)
    again = c.ledger.entries.get(envelope_id=sent.envelope_id, author=A)
    assert again is not None
    assert first[again.seq].manifest_sha256 != again.manifest_sha256
    assert first[again.seq].incarnation == again.incarnation
    net.heal()
    net.run(200)
    for host in (b, c):
        (fork,) = [one for one in host.ledger.entries.forks() if one.kept.seq == again.seq]
        pair = {fork.kept.manifest_sha256, fork.offered.manifest_sha256}
        assert pair == {first[again.seq].manifest_sha256, again.manifest_sha256}
    assert [{one.kind for one in kept.known(host.node)} for host in (a, b, c)] == [{forks.ENTRY}] * 3
    assert a.ledger.head().incarnation != again.incarnation
