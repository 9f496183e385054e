# SPDX-License-Identifier: Apache-2.0
"""Kept homes of earlier formats: their names, how they are packed, and one unpacked to be opened today."""

from __future__ import annotations

import io
import json
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fanal.config.home import Home
from fanal.node.inbox import schema as vault_schema
from fanal.node.ledger import schema as ledger_schema
from fanal.node.ledger import sqlite as ledger_store
from fanal.node.software import PROTOCOL
from fanal.proof import leaf as leaf_format

NOW = 1_800_000_000
"""When the ledgers of these tests were made."""
HOMES = Path(__file__).parents[1] / "upgrade" / "homes"
MOST_BYTES = 300_000
LEFT_OUT = re.compile(r"(root|run|root/.*|run/.*|.*\.db-(wal|shm)|data/lock)")


@dataclass(frozen=True)
class Formats:
    """The numbers that a kept home goes by."""

    ledger: int
    vault: int
    leaf: int
    protocol: int

    @property
    def name(self) -> str:
        return f"ledger{self.ledger}-vault{self.vault}-leaf{self.leaf}-protocol{self.protocol}"


def present() -> Formats:
    """What this program writes."""
    leaf = int(leaf_format.VERSION.rpartition("/v")[2])
    return Formats(len(ledger_schema.MIGRATIONS), len(vault_schema.MIGRATIONS), leaf, PROTOCOL)


@dataclass(frozen=True)
class Kept:
    """A kept home: its archive and what its maker noted."""

    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.with_name(self.path.name[:-7] + ".json").read_text())
        return found

    @property
    def formats(self) -> Formats:
        return Formats(**self.manifest["formats"])

    def unpack(self, folder: Path) -> Home:
        """A copy of the home."""
        home = Home(folder / self.manifest["agency"])
        with tarfile.open(self.path) as archive:
            archive.extractall(home.path, filter="data")
        for folder_ in ("data", "officers", "identity", "charter", "peers", "run"):
            (home.path / folder_).mkdir(mode=0o700, exist_ok=True)
        home.path.chmod(0o700)
        return home


def all_kept() -> list[Kept]:
    """Every kept home, the oldest formats first."""
    return [Kept(path) for path in sorted(HOMES.glob("*.tar.xz"))]


def keep(home: Home, manifest: dict[str, Any]) -> Path:
    """Pack a stopped node's home, without its root keys, beside its manifest."""
    HOMES.mkdir(exist_ok=True)
    path = HOMES / f"{Formats(**manifest['formats']).name}.tar.xz"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=9) as archive:
        for file in sorted(home.path.rglob("*")):
            name = file.relative_to(home.path).as_posix()
            if file.is_file() and not LEFT_OUT.fullmatch(name):
                archive.add(file, name, filter=_nobody)
    assert len(packed.getvalue()) < MOST_BYTES, len(packed.getvalue())
    path.write_bytes(packed.getvalue())
    path.with_name(path.name[:-7] + ".json").write_text(json.dumps(manifest, indent=2) + "\n")
    return path


def later_ledger() -> int:
    """From now on this process is a program with one format of the ledger more, which touches every entry;
    the number of that format."""
    more = (*ledger_schema.MIGRATIONS, ("later format", _later_format))
    ledger_store.MIGRATIONS = more
    return len(more)


def _later_format(connection: Any) -> None:
    connection.execute("CREATE TABLE seen (manifest BLOB PRIMARY KEY, arrival INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO seen SELECT manifest_sha256, arrival FROM entries")
    connection.execute("UPDATE entries SET arrived = arrived + 1")


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
