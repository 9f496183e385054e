# SPDX-License-Identifier: Apache-2.0
"""The list in a backup of a node: what it is of, and every file by length and SHA-256.

It shows damage, not forgery: whoever can write the folder can write the list. What was signed is signed
still, and ``fanal audit verify BACKUP/data`` holds it to the network id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fanal.config.files import read_bounded
from fanal.errors import FanalError, VerificationError
from fanal.keys.files import write_private
from fanal.node.datafolder.errors import BACKUP_CHANGED, NOT_A_BACKUP

NAME = "backup.json"
FORM = 1
MOST = 64 * 1024 * 1024
MOST_TEXT = 100
MOST_TIME = 253_402_300_800
"""The year 10,000, of which no clock here speaks."""
_PIECE = 1024 * 1024
_FILES = re.compile(
    r"data/(ledger\.db|vault\.db|marker|erasures|restored"
    r"|attachments/(uploads/)?[0-9a-f]{64}(\.part|\.paths)?)"
    r"|fanal\.toml|erasures|(identity|charter)/[0-9]{4,10}\.doc|identity/revocation-[0-9]{4,10}\.doc"
    r"|identity/revocations-[0-9]{4,10}\.waiting|peers/[A-Z]{2}-[A-Z0-9]{2,8}\.doc",
    re.ASCII,
)


@dataclass(frozen=True)
class Manifest:
    """``made`` in Unix seconds; ``leaves`` and ``root`` of the ledger; ``files``: name -> bytes, SHA-256."""

    agency: str
    network: str
    made: int
    software: str
    leaves: int
    root: str
    files: Mapping[str, tuple[int, str]]

    def write(self, folder: Path) -> None:
        """Durable on return. Raises FanalError."""
        data = json.dumps({"form": FORM, **asdict(self)}, indent=1) + "\n"
        write_private(folder / NAME, data.encode(), replace=False)


def belongs(name: str) -> bool:
    """Whether a file of this name, relative to the agency's folder, may be in a backup."""
    return _FILES.fullmatch(name) is not None


def read(folder: Path) -> Manifest:
    """The list, checked for its form alone. Raises NOT_A_BACKUP."""
    path = folder / NAME
    try:
        found = json.loads(read_bounded(path, MOST))
        if found.pop("form") != FORM:
            raise ValueError("its form is another one")
        return _checked(found)
    except FanalError as error:
        raise FanalError(NOT_A_BACKUP, path=str(folder), reason=error.sentence) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = f"{NAME} cannot be read"
        raise FanalError(NOT_A_BACKUP, path=str(folder), reason=reason) from error


def verify(folder: Path, manifest: Manifest) -> None:
    """Every listed file is there as it was written. Raises BACKUP_CHANGED."""
    for name, (length, digest) in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size != length or sha256(path) != digest:
            raise VerificationError(BACKUP_CHANGED, path=str(path))


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def _checked(found: Mapping[str, Any]) -> Manifest:
    """What was parsed, every field of its type. ValueError, TypeError, KeyError."""
    files = {str(name): (int(length), str(digest)) for name, (length, digest) in found["files"].items()}
    if not all(belongs(name) for name in files) or "data/ledger.db" not in files:
        raise ValueError("a file that no backup has, or none of the ledger")
    made, leaves = int(found["made"]), int(found["leaves"])
    if not (0 <= made < MOST_TIME and 0 <= leaves < 2**63):
        raise ValueError("a number that cannot be")
    agency, network, software, root = (
        str(found[name])[:MOST_TEXT] for name in ("agency", "network", "software", "root")
    )
    return Manifest(agency, network, made, software, leaves, root, files)
