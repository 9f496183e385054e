# SPDX-License-Identifier: Apache-2.0
"""After each simulated power cut: is the node whole, startable, and is all there that was acknowledged?"""

from __future__ import annotations

import logging
import random
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crashstates import Disk, Record, Snapshot, read_log

from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import FanalError
from fanal.keys.secret import read_key_file
from fanal.node.arrival import opening
from fanal.node.ledger.audit import audit_folder, failures
from fanal.node.ledger.audit_witnesses import ANCHORED, COSIGNED
from fanal.node.ledger.database import connect_readonly
from fanal.node.node import Node
from fanal.proof.audit import COVERED, Status

UNHURRIED = (ANCHORED, COVERED, COSIGNED)


@dataclass
class Verdict:
    """What was found over many cuts."""

    states: int = 0
    audited: int = 0
    lost: int = 0
    """States without something that had been acknowledged."""
    broken: Counter[str] = field(default_factory=Counter)
    """What else was wrong, and in how many states."""
    seconds: list[float] = field(default_factory=list)
    """How long opening took."""

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.states + other.states,
            self.audited + other.audited,
            self.lost + other.lost,
            self.broken + other.broken,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Campaign:
    """Cuts of one log. ``unsynced``: files whose syncs are planted as skipped. ``network``: its id."""

    log: Path
    base: Snapshot
    root: Path
    network: bytes
    unsynced: tuple[str, ...] = ()
    audit_every: int = 10

    def run(self, scratch: Path, cuts: Iterable[int], seed: int) -> Verdict:
        """One cut before each of these records (numbers may repeat: each is a draw of its own)."""
        logging.disable(logging.CRITICAL)  # what a node logs after a cut is not this test's business
        rng, verdict, due = random.Random(seed), Verdict(), Counter(cuts)
        for disk, draws in self._reached(due, rng):
            for _ in range(draws):
                files, acknowledged = disk.cut(rng), disk.acknowledged
                home = scratch / self.root.name
                lay_out(files, self.base.folders, self.root, home)
                deep = verdict.states % self.audit_every == 0
                verdict += self._judged(home, acknowledged, deep)
        return verdict

    def _reached(self, due: Counter[int], rng: random.Random) -> Iterator[tuple[Disk, int]]:
        disk = Disk(self.base, rng)
        for number, record in enumerate(self.records()):
            if due[number]:
                yield disk, due[number]
            disk.apply(record)

    def records(self) -> list[Record]:
        return [
            one for one in read_log(self.log) if not (one.op in "sS" and Path(one.path).name in self.unsynced)
        ]

    def _judged(self, path: Path, acknowledged: Sequence[bytes], deep: bool) -> Verdict:
        verdict = Verdict(states=1, audited=int(deep))
        try:
            _judge(path, acknowledged, verdict)
            if deep:
                verdict.broken.update(_audit(path, self.network))
        except FanalError as error:
            verdict.broken[str(error)] += 1
        except Exception:
            verdict.broken[traceback.format_exc()] += 1
        return verdict


def _judge(path: Path, acknowledged: Sequence[bytes], verdict: Verdict) -> None:
    home = Home(path)
    settings = load(home, environ={})
    began = time.perf_counter()
    node = Node.open(home, settings, time.time)
    try:
        reason = node.ledger.opened.reason
        if reason and (reason, acknowledged) != ("created", []):
            verdict.broken[f"began anew: {node.ledger.opened.reason}"] += 1
        assert settings.key_file is not None
        node.unlock_with(read_key_file(settings.key_file))
        verdict.seconds.append(time.perf_counter() - began)
        opening.open_arrived(node)
        verdict.lost += not all(_is_here(node, one) for one in acknowledged)
        for database, key in ((home.ledger, None), (home.vault, node.keys.vault_key)):
            if not _is_sound(database, key):
                verdict.broken[f"integrity of {database.name}"] += 1
    finally:
        node.close()


def _is_here(node: Node, envelope_id: bytes) -> bool:
    """Whole in the ledger, and filed; or noted as waiting for its lane key, which may still be on its way."""
    row = node.ledger.entries.get(envelope_id=envelope_id)
    if row is None or row.body is None:
        return False
    filed = node.vault.notices.get(node.now, envelope_id=envelope_id, author=row.author)
    waiting = {one.manifest_sha256 for one in node.vault.pending(1000)}
    return filed is not None or (row.author != node.agency and row.manifest_sha256 in waiting)


def _is_sound(database: Path, key: bytes | None) -> bool:
    db = connect_readonly(database, key)
    try:
        encrypted = db.execute("PRAGMA cipher_integrity_check").fetchall() if key else []
        return not encrypted and db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        db.close()


def _audit(path: Path, network: bytes) -> Iterator[str]:
    """What the audit does not pass. How far checkpoints and witnesses came before the cut is no question."""
    for one in failures(audit_folder(Home(path).data, network=network)):
        if one.name not in UNHURRIED or one.status is Status.FAILED:
            yield f"audit {one.name}: {one.detail}"


def lay_out(files: dict[str, bytes], folders: Sequence[str], root: Path, to: Path) -> None:
    """A crash state of what stood under ``root`` as files under ``to``, which is made anew."""
    shutil.rmtree(to, ignore_errors=True)
    for folder in folders:
        (to / Path(folder).relative_to(root)).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        target = to / Path(name).relative_to(root)
        target.parent.mkdir(
            mode=0o700, exist_ok=True
        )  # a folder made since is synced before anything is in it
        target.write_bytes(content)
        target.chmod(0o600)
