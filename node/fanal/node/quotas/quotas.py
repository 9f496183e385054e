# SPDX-License-Identifier: Apache-2.0
"""Quotas per author over all lanes, judged before anything is stored (protocol.md, Between peers; ADR 19).

Promise: what one author sends, by whatever peers and relays, spends only that author's quota; what is over it
is neither acknowledged nor stored nor lost; an alert over its quota travels as ROUTINE. The state is a few
numbers per member, kept as a setting of the ledger with the entries that it counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from fanal.config.settings import Limits
from fanal.node.quotas.counting import HOUR, Count, Kind, Usage
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority

log = logging.getLogger("fanal.node.quotas")
T = TypeVar("T")

DISK_LIMIT = "disk_refuse_percent"
"""Of no author's doing, and not to be raised: a disk that is full."""
DISK_AGAIN = 60
"""Seconds until senders are asked again when the disk was full."""
ANSWERS = 2
"""Receipts that one notice can cause: stored and read, of every member's."""


@dataclass(frozen=True)
class Asked:
    """What is to be counted of one verified envelope. Times are Unix seconds, ``size`` is bytes."""

    author: str
    klass: int
    priority: int
    created: int
    size: int
    content: int = 0
    """Bytes of manifest and body."""
    recipients: int = 0
    """Agencies of an explicit list beside the author."""
    new_lane: bool = False
    open_incarnations: int = 0
    """Of its lane, with this envelope, that no other goes on from."""


@dataclass(frozen=True)
class Charge:
    """What was counted; ``demoted``: it is treated as ROUTINE."""

    author: str
    kinds: tuple[Kind, ...]
    created: int
    """Hour since 1970."""
    size: int
    demoted: bool = False


@dataclass(frozen=True)
class Over:
    """Beyond a limit: its name in Settings, its value, and when it is worth asking again."""

    author: str
    limit: str
    most: int
    until: int


@dataclass
class Waiting:
    """What of an author waits at its senders, for the operator."""

    over: Over
    count: int = 0


class Quotas:
    """One node's counts. Any thread may call. ``founded``: when the network began; ``load``: a setting."""

    def __init__(
        self,
        limits: Limits,
        founded: Callable[[], int],
        members: Callable[[], int],
        load: Callable[[str], bytes | None],
        disk_full: Callable[[], bool],
    ) -> None:
        self._limits, self._founded, self._members = limits, founded, members
        self._load, self._disk_full = load, disk_full
        self._lock = threading.Lock()
        self._usage: dict[str, Usage] = {}
        self._waiting: dict[tuple[str, str], Waiting] = {}

    def take(self, asked: Asked, now: int, *, own: bool = False) -> Charge | Over:
        """Count one envelope, or say what it is over; then nothing is counted. ``own``: the disk's limit is
        not for our own, and what the node itself writes is counted without a limit."""
        with self._lock:
            hour = now // HOUR
            usage = self._of(asked.author, hour)
            over = None if own else self._disk(asked, now)
            over = over or self._one(asked, hour) or self._kept(asked, usage, hour)
            found = over or self._rate(asked, usage, hour)
            if isinstance(found, Over):
                if not own:
                    self._note(found)
                return found
            self._add(usage, found, 1)
            return found

    def count(self, asked: Asked, now: int) -> Charge:
        """Count what the node itself writes whatever the limits are."""
        with self._lock:
            usage = self._of(asked.author, now // HOUR)
            charge = Charge(asked.author, self._kinds(asked, _wanted(asked)), now // HOUR, asked.size)
            self._add(usage, charge, 1)
            return charge

    def give_back(self, charges: Iterable[Charge]) -> None:
        """These were not stored after all."""
        with self._lock:
            for charge in charges:
                self._add(self._of(charge.author, 0), charge, -1)

    def hold(self, author: str, size: int, now: int) -> Over | None:
        """Count bytes of a file that are kept of the author; what it is over when they do not fit, and then
        nothing is counted."""
        with self._lock:
            usage, most = self._of(author, now // HOUR), self._limits.storage_per_author_bytes
            if usage.stored + size > most:
                over = Over(author, "storage_per_author_bytes", most, (now // HOUR + 1) * HOUR)
                self._note(over)
                return over
            usage.stored += size
            return None

    def freed(self, author: str, size: int) -> None:
        """So many bytes of the author were erased."""
        with self._lock:
            usage = self._of(author, 0)
            usage.stored = max(0, usage.stored - size)

    def rows(self, authors: Iterable[str]) -> tuple[tuple[str, Callable[[], bytes]], ...]:
        """The settings that keep these authors' counts, for the transaction that stores their entries: as
        they are then, for deliveries of one author are not committed in the order of their counting."""
        with self._lock:
            for one in (found := sorted(set(authors))):
                self._of(one, 0)  # here already when the ledger asks
        return tuple((_key(one), partial(self._encoded, one)) for one in found)

    def _encoded(self, author: str) -> bytes:
        with self._lock:
            return self._of(author, 0).encode()

    def used(self) -> dict[str, dict[str, int]]:
        """Of every author that was counted since the start: limit -> how much of it is used."""
        with self._lock:
            return {author: _shown(usage) for author, usage in sorted(self._usage.items())}

    def of(self, author: str, now: int) -> dict[str, int]:
        """Limit -> how much of it one author has used, whether or not it was counted since the start."""
        with self._lock:
            return _shown(self._of(author, now // HOUR))

    def waiting(self, now: int) -> list[Waiting]:
        """Who is over what now."""
        with self._lock:
            return [one for _, one in sorted(self._waiting.items()) if one.over.until > now]

    # --- inside, under the lock -------------------------------------------------------------------

    def _of(self, author: str, hour: int) -> Usage:
        usage = self._usage.get(author)
        if usage is None:
            usage = self._usage[author] = Usage.decode(self._load(_key(author)))
        for count in usage.counts.values():
            count.turn(hour)
        return usage

    def _disk(self, asked: Asked, now: int) -> Over | None:
        if not self._disk_full():
            return None
        return Over(asked.author, DISK_LIMIT, self._limits.disk_refuse_percent, now + DISK_AGAIN)

    def _one(self, asked: Asked, hour: int) -> Over | None:
        """Limits of one envelope that this node sets below the protocol's."""
        limits, again = self._limits, (hour + 1) * HOUR
        if asked.content > limits.envelope_bytes:
            return Over(asked.author, "envelope_bytes", limits.envelope_bytes, again)
        if asked.recipients > limits.recipients:
            return Over(asked.author, "recipients", limits.recipients, again)
        return None

    def _kept(self, asked: Asked, usage: Usage, hour: int) -> Over | None:
        """Limits of what is kept: bytes, lanes, incarnations."""
        limits, lanes, again = self._limits, usage.counts[Kind.LANE], (hour + 1) * HOUR
        created = _hour_of(asked, hour)
        if usage.stored + asked.size > limits.storage_per_author_bytes:
            return Over(asked.author, "storage_per_author_bytes", limits.storage_per_author_bytes, again)
        if asked.open_incarnations > limits.open_incarnations:
            return Over(asked.author, "open_incarnations", limits.open_incarnations, again)
        if asked.new_lane and lanes.total >= limits.lanes_per_author:
            return Over(asked.author, "lanes_per_author", limits.lanes_per_author, again)
        if asked.new_lane and not lanes.room(created, limits.new_lanes_per_hour, self._founded() // HOUR):
            return Over(asked.author, "new_lanes_per_hour", limits.new_lanes_per_hour, again)
        return None

    def _rate(self, asked: Asked, usage: Usage, hour: int) -> Charge | Over:
        """FLASH as long as it lasts, then ROUTINE, then later."""
        created, wanted = _hour_of(asked, hour), _wanted(asked)
        flash = wanted in (Kind.FLASH, Kind.ANSWER_FLASH)
        fits = asked.content <= self._limits.flash_bytes
        if flash and fits and usage.counts[wanted].recent(created, self._per_hour(wanted)):
            return Charge(asked.author, self._kinds(asked, wanted), created, asked.size)
        slow = Kind.ROUTINE if wanted in (Kind.FLASH, Kind.ROUTINE) else Kind.ANSWER
        if self._fits(usage.counts[slow], slow, created):
            return Charge(asked.author, self._kinds(asked, slow), created, asked.size, demoted=flash)
        return Over(asked.author, "routine_per_hour", self._limits.routine_per_hour, (hour + 1) * HOUR)

    def _fits(self, count: Count, kind: Kind, created: int) -> bool:
        """What was FLASH in its hour is ROUTINE when it comes later: past hours hold both."""
        per_hour = self._per_hour(kind)
        if created < count.hour:
            per_hour += self._per_hour(Kind.FLASH if kind is Kind.ROUTINE else Kind.ANSWER_FLASH)
        return count.room(created, per_hour, self._founded() // HOUR)

    def _per_hour(self, kind: Kind) -> int:
        """Answers have no limit of their own: an author may answer all that the others may send it."""
        flash = kind in (Kind.FLASH, Kind.ANSWER_FLASH)
        per_hour = self._limits.flash_per_hour if flash else self._limits.routine_per_hour
        return per_hour if kind in (Kind.FLASH, Kind.ROUTINE) else per_hour * ANSWERS * self._members()

    def _kinds(self, asked: Asked, rate: Kind) -> tuple[Kind, ...]:
        return (rate, Kind.LANE) if asked.new_lane else (rate,)

    def _add(self, usage: Usage, charge: Charge, number: int) -> None:
        for kind in charge.kinds:
            usage.counts[kind].add(charge.created, number)
        usage.stored = max(0, usage.stored + number * charge.size)

    def _note(self, over: Over) -> None:
        """Counted, and said once per author, limit and time of waiting."""
        known = self._waiting.get((over.author, over.limit))
        if known is None or known.over.until < over.until:
            known = self._waiting[over.author, over.limit] = Waiting(over)
            log.warning("over quota: %s, %s = %s, until %s", over.author, over.limit, over.most, over.until)
        known.count += 1


def _key(author: str) -> str:
    return f"quota:{author}"


def _wanted(asked: Asked) -> Kind:
    flash = asked.priority == EnvelopePriority.FLASH
    if asked.klass == EnvelopeClass.NOTICE:
        return Kind.FLASH if flash else Kind.ROUTINE
    return Kind.ANSWER_FLASH if flash else Kind.ANSWER


def _hour_of(asked: Asked, hour: int) -> int:
    """The author's claim, clamped: nothing is of a later hour than this, nor before 1970."""
    return max(0, min(asked.created // HOUR, hour))


def _shown(usage: Usage) -> dict[str, int]:
    counts = usage.counts
    return {
        "flash_per_hour": counts[Kind.FLASH].now,
        "routine_per_hour": counts[Kind.ROUTINE].now,
        "new_lanes_per_hour": counts[Kind.LANE].now,
        "lanes_per_author": counts[Kind.LANE].total,
        "storage_per_author_bytes": usage.stored,
    }


def by_limit(deferred: Iterable[tuple[T, Over]]) -> dict[Over, list[T]]:
    """What is deferred, together as far as it is over the same."""
    found: dict[Over, list[T]] = {}
    for place, over in deferred:
        found.setdefault(over, []).append(place)
    return found
