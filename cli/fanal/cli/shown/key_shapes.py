# SPDX-License-Identifier: Apache-2.0
"""The JSON shapes of what an operator does to keys and to the running node."""

from __future__ import annotations

from typing import TypedDict


class KeyRotated(TypedDict):
    """``fanal key rotate``: ``taken_up`` is yes, stopped or no."""

    use: str
    epoch: int
    serial: int
    not_after: str
    taken_up: str


class KeyRevoked(TypedDict):
    """``fanal key revoke``: ``alone_from`` counts at once, ``cut_off`` once the governors have signed it in;
    ``for_governors`` is their file. ``serial`` is 0 after --dry-run."""

    key_id: str
    use: str
    cut_off: str
    alone_from: str
    successor: bool
    needs_governors: bool
    for_governors: str
    serial: int
    taken_up: str


class KeyBackup(TypedDict):
    """``fanal key backup``: the file, and the names of what is in it."""

    file: str
    entries: list[str]


class KeyRestored(TypedDict):
    home: str
    entries: list[str]


class DrainRow(TypedDict):
    agency: str
    queued: int
    in_flight: int
    bytes: int
    linked: bool


class Drained(TypedDict):
    """``fanal node drain``: what is left per peer, and lanes for which a receipt is due."""

    draining: bool
    stopped: bool
    receipts_owed: int
    left: list[DrainRow]
