# SPDX-License-Identifier: Apache-2.0
"""The JSON shapes of what an operator does to a data folder as a whole."""

from __future__ import annotations

from typing import TypedDict


class StepRow(TypedDict):
    """One database: its format, the newest one, bytes that must be free, and where it is copied ("": not)."""

    path: str
    format: int
    newest: int
    needed: int
    copy: str


class Migrated(TypedDict):
    """``fanal node migrate``; ``available`` are the bytes that were free before."""

    dry_run: bool
    needed: int
    available: int
    files: list[StepRow]


class CopiesDeleted(TypedDict):
    """``fanal node migrate --delete-copies``: the files; after --dry-run those that would go."""

    dry_run: bool
    deleted: list[str]


class NodeBackup(TypedDict):
    """``fanal node backup`` and ``restore``: the backup, what it is of, and how much it holds."""

    folder: str
    agency: str
    network: str
    made: str
    leaves: int
    root: str
    files: int
    bytes: int
