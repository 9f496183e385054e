# SPDX-License-Identifier: Apache-2.0
"""A whole node that can be killed right behind any commit, run out of disk, be put back, or mean ill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import backups
from nodenet import NodeHost, NodeNet
from seeded import seeded_agency
from simworld import boast

from fanal.errors import FanalError
from fanal.keys.trust import Directory
from fanal.node import documents
from fanal.node.attachments.folder import AttachmentFolder
from fanal.node.damage.doccopies import DocumentCopies
from fanal.node.errors import DISK_FULL
from fanal.node.inbox.sqlite import SqlVault, memory_vault
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.rows import Appended, Batch
from fanal.node.retention.outside import ErasureList
from fanal.v1 import peer_pb2

RESTORED = ("", "rolled-back")
"""What a database that was put back tells: nothing, or that its marker knows more."""


class KilledError(BaseException):
    """kill -9 of this node, right behind a commit. No handler of the program sees it."""

    def __init__(self, host: WholeNode) -> None:
        super().__init__(host.name)
        self.host = host


class SimLedger(MemoryLedger):
    """A ledger on a disk that may be full, of a process that may die behind its next commits."""

    full = False
    kill_after = 0
    killed: Callable[[], BaseException]
    heed: Callable[[Batch], None] = staticmethod(lambda _batch: None)
    """Told of every commit as it is made."""

    def append(self, batch: Batch) -> Appended:
        if self.full:
            raise FanalError(DISK_FULL, path="ledger.db")
        try:
            appended = super().append(batch)
            self.heed(batch)
            return appended
        finally:
            self._count()

    def _count(self) -> None:
        if self.kill_after:
            self.kill_after -= 1
            if not self.kill_after:
                raise self.killed()


@dataclass(frozen=True)
class Saved:
    """A backup of both databases."""

    ledger: backups.Backup
    vault: SqlVault


class WholeNode(NodeHost):
    """One agency's node in a run that a seed decides. `behaviour`: "" for an honest one."""

    behaviour = ""
    restored = 0
    full = False
    heed: Callable[[WholeNode, Batch], None] = staticmethod(lambda _host, _batch: None)
    """Told of every commit of its ledger."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        outside = ErasureList()  # whatever is put back
        self.erasures = lambda: outside
        self._fresh_ledger()

    def _fresh_ledger(self) -> None:
        self.ledger = SimLedger(now=int(self.net.now), random=self.net.rng)

    def start(self, *, locked: bool = False) -> None:
        assert isinstance(self.ledger, SimLedger)
        self.ledger.killed = lambda: KilledError(self)
        self.ledger.heed = lambda batch: self.heed(self, batch)
        super().start(locked=locked)

    def directory(self) -> Directory:
        """What the ledger kept, and what lies in the home, as the program's start takes them up."""
        now = int(self.net.now)
        known = {row.sha256 for row in self.ledger.facts.documents()}
        own = (documents._row(one, now) for one in self.documents)
        new = tuple(row for row in own if row.sha256 not in known)
        if new:
            self.ledger.append(Batch(documents=new))
        rows = self.ledger.facts.documents()
        return documents._stored(self.ledger, rows, self.documents, self.name, now, DocumentCopies())[0]

    def crash(self) -> None:
        self.kill_after(0)
        super().crash()
        self.files = AttachmentFolder(self.files._path)  # what a process knew of it is gone

    # faults

    def kill_after(self, commits: int) -> None:
        """Die behind so many commits from now; 0: not at all."""
        assert isinstance(self.ledger, SimLedger)
        self.ledger.kill_after = commits

    def fill(self, full: bool) -> None:
        """The disk under both databases is full, or has room again."""
        assert isinstance(self.ledger, SimLedger)
        self.full = self.ledger.full = full
        if full:
            self.vault._write = _refuse  # type: ignore[method-assign]
            self.files._append = _refuse  # type: ignore[assignment]
        else:
            vars(self.vault).pop("_write", None)
            vars(self.files).pop("_append", None)

    def backup(self) -> Saved:
        return Saved(backups.backup(self), _copied(self.vault))

    def restore(self, saved: Saved, reason: str) -> None:
        """Both databases are put back; what was erased since stands in the list outside."""
        self.fill(False)
        self.crash()
        self.vault = _copied(saved.vault)
        self.restored += 1
        backups.restore(self, saved.ledger, reason)

    # a peer that means ill

    def transmit(self, peer: str, frame: peer_pb2.Frame, priority: int) -> None:
        said = _SAID[self.behaviour](frame)
        if said is not None:
            super().transmit(peer, said, priority)


class WholeNet(NodeNet):
    """Whole nodes of which one seed decides every byte. Use it inside `seeded`."""

    host_class = WholeNode

    make_agency = staticmethod(seeded_agency)

    def _next(self) -> Callable[[], None]:
        call = super()._next()

        def survived() -> None:
            try:
                call()
            except KilledError as killed:
                self.kills[killed.host.name] += 1
                killed.host.crash()

        return survived

    @property
    def kills(self) -> Counter[str]:
        """Who died behind a commit, how often."""
        found: Counter[str] = self.__dict__.setdefault("_kills", Counter())
        return found

    @property
    def whole(self) -> dict[str, WholeNode]:
        return self.hosts  # type: ignore[return-value]


def _refuse(*_args: object) -> None:
    raise FanalError(DISK_FULL, path="vault.db")


def _copied(vault: SqlVault) -> SqlVault:
    copy = memory_vault()
    assert vault._db is not None
    assert copy._db is not None
    vault._db.backup(copy._db)
    return copy


def _garbled(frame: peer_pb2.Frame) -> peer_pb2.Frame:
    """One bit of the last envelope, or of a piece of a file, is another."""
    kind = frame.WhichOneof("frame")
    if kind not in _CONTENT:
        return frame
    other = peer_pb2.Frame.FromString(frame.SerializeToString())
    last = bytearray(other.entries.envelopes[-1] if kind == "entries" else other.pieces.data)
    last[len(last) // 2] ^= 1
    if kind == "entries":
        other.entries.envelopes[-1] = bytes(last)
    else:
        other.pieces.data = bytes(last)
    return other


_CONTENT = ("entries", "pieces")


_SAID: dict[str, Callable[[peer_pb2.Frame], peer_pb2.Frame | None]] = {
    "": lambda frame: frame,
    "withholds": lambda frame: None if frame.WhichOneof("frame") in _CONTENT else frame,
    "lies": boast,
    "garbles": _garbled,
}
