# SPDX-License-Identifier: Apache-2.0
"""The JSON of the auditor's commands. Times are ISO 8601 in UTC, empty when unknown; ids are hex."""

from __future__ import annotations

from typing import TypedDict

from fanal.cli.shown.shapes import AuditRow


class ExportAnswer(TypedDict):
    """``audit export``: ``size`` is the number of leaves; ``logged``: whether the ledger has a leaf of it,
    ``leaf``, else -1."""

    file: str
    sha256: str
    bytes: int
    size: int
    logged: bool
    leaf: int


class DifferenceRow(TypedDict):
    """``wrong``: no delay explains it."""

    what: str
    where: str
    wrong: bool


class CompareAnswer(TypedDict):
    """``audit compare``"""

    a: str
    b: str
    agency_a: str
    agency_b: str
    verdict: str
    checks: list[AuditRow]
    differences: list[DifferenceRow]


class EventRow(TypedDict):
    """One leaf; ``checkpoint`` is the size of the first one over it, 0 for none yet."""

    leaf: int
    time: str
    type: str
    values: dict[str, str | int]
    checkpoint: int
    cosigned: list[str]


class StateRow(TypedDict):
    recipient: str
    state: str
    since: str


# "class" is no name in Python.
TimelineAnswer = TypedDict(
    "TimelineAnswer",
    {
        "envelope_id": str,
        "manifest_sha256": str,
        "author": str,
        "class": str,
        "lane": str,
        "incarnation": str,
        "seq": int,
        "created": str,
        "expires": str,
        "content_held": bool,
        "events": list[EventRow],
        "deliveries": list[StateRow],
    },
)


class ActRow(TypedDict):
    """``officer`` is empty unless names were asked for."""

    leaf: int
    time: str
    actor: str
    officer: str
    act: str
    envelope_id: str


class AccessAnswer(TypedDict):
    """``audit access``"""

    acts: list[ActRow]


class NumbersRow(TypedDict):
    """``state`` is present, manifest-only or missing."""

    first: int
    last: int
    state: str
    why: str


class StreamRow(TypedDict):
    """``broken``: numbers that do not follow the manifest before them; ``successors``: the incarnations that
    go on from this one."""

    lane: str
    author: str
    incarnation: str
    closed: bool
    present: int
    manifest_only: int
    missing: int
    numbers: list[NumbersRow]
    broken: list[int]
    successors: list[str]
    went_on_twice: bool


class CompletenessAnswer(TypedDict):
    """``audit completeness``"""

    streams: list[StreamRow]


class SuspectRow(TypedDict):
    """``vouched`` is empty when nothing vouches for it; ``leaf`` is -1 without one."""

    envelope_id: str
    author: str
    lane: str
    seq: int
    leaf: int
    arrived: str
    standing: str
    cut_off: str
    vouched: str


class RevokedOfficerRow(TypedDict):
    """What this key signed is sealed inside envelopes, so that no ledger tells which they are."""

    agency: str
    officer: str
    cut_off: str


class SuspectsAnswer(TypedDict):
    """``audit suspects``"""

    suspects: list[SuspectRow]
    revoked_officers: list[RevokedOfficerRow]


class CheckpointFigures(TypedDict):
    """``with_quorum`` and ``quorum`` are null without a charter; gaps with the leaf they begin at."""

    stored: int
    with_quorum: int | None
    quorum: int | None
    longest_gap_leaves: int
    longest_gap_leaves_from: int
    longest_gap_seconds: int
    longest_gap_seconds_from: int


class StatsAnswer(TypedDict):
    """``audit stats``: counts by name; of more than 4,096 names the later ones are ``others``."""

    agency: str
    leaves: int
    unreadable: int
    first: str
    last: str
    by_type: dict[str, int]
    by_month: dict[str, int]
    by_peer: dict[str, int]
    by_access: dict[str, int]
    refusals: dict[str, int]
    incidents: dict[str, int]
    erasures: dict[str, int]
    checkpoints: CheckpointFigures


class BundleAnswer(TypedDict):
    """``audit verify`` of an evidence bundle."""

    verdict: str
    checks: list[AuditRow]


class ProveAnswer(TypedDict):
    """``audit prove``: ``shows`` is proof, fields or content."""

    file: str
    bytes: int
    sha256: str
    shows: str


class OfficerAdded(TypedDict):
    """``key add-officer``: ``serial`` is that of the identity document which names the officer."""

    officer: str
    rights: list[str]
    key_file: str
    serial: int
