# SPDX-License-Identifier: Apache-2.0
"""What stage CONTEXT looks at: the clock, the directory, the groups and the notices already known.

A running node gives its charter, its channels, its clock and its vault; `fanal notice check --context FILE`
gives a file (``contextfile``). KnownNotices is the only question the rules ask about other notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fanal.v1.notice_pb2 import Notice


@dataclass(frozen=True)
class AgencyInfo:
    """What the directory says about an agency."""

    duty_contact: bool = False
    """Somebody answers at any hour: needed to send FLASH."""


class KnownNotices(Protocol):
    """The notices that are known, whoever issued them. All answers may be empty; none raises."""

    def revisions(self, notice_id: str) -> Sequence[Notice]:
        """Every known revision of a notice, oldest first; two of one number after an equivocation."""

    def ids_of_ref(self, ref: str) -> Iterable[str]:
        """The notice_ids that carry a reference: more than one is a duplicate."""

    def replies_to(self, notice_id: str) -> Iterable[Notice]:
        """The notices whose in_reply_to is ``notice_id``."""

    def withdrawals_of(self, notice_id: str) -> Iterable[Notice]:
        """The WITHDRAWAL notices that name ``notice_id``, whoever issued them."""


class MemoryNotices:
    """KnownNotices in memory: for files of notices and for tests."""

    def __init__(self, notices: Iterable[Notice] = ()) -> None:
        self._revisions: dict[str, list[Notice]] = {}
        self._ids: dict[str, set[str]] = {}
        self._replies: dict[str, list[Notice]] = {}
        self._withdrawals: dict[str, list[Notice]] = {}
        for notice in notices:
            self.add(notice)

    def add(self, notice: Notice) -> None:
        """Make a notice known. An identical copy changes nothing."""
        known = self._revisions.setdefault(notice.notice_id, [])
        if notice in known:
            return
        known.append(notice)
        known.sort(key=lambda one: one.revision)
        self._ids.setdefault(notice.ref, set()).add(notice.notice_id)
        if notice.in_reply_to:
            self._replies.setdefault(notice.in_reply_to, []).append(notice)
        for notice_id in notice.withdrawal.notice_ids:
            self._withdrawals.setdefault(notice_id, []).append(notice)

    def revisions(self, notice_id: str) -> Sequence[Notice]:
        return self._revisions.get(notice_id, ())

    def ids_of_ref(self, ref: str) -> Iterable[str]:
        return self._ids.get(ref, ())

    def replies_to(self, notice_id: str) -> Iterable[Notice]:
        return self._replies.get(notice_id, ())

    def withdrawals_of(self, notice_id: str) -> Iterable[Notice]:
        return self._withdrawals.get(notice_id, ())


@dataclass(frozen=True)
class Context:
    """Everything around a notice. ``now`` is Unix time in seconds; ``me`` the agency whose node checks."""

    now: int
    agencies: Mapping[str, AgencyInfo]
    groups: Mapping[str, frozenset[str]]
    known: KnownNotices = field(default_factory=MemoryNotices)
    me: str | None = None
    forwarded: Callable[[Notice], frozenset[str]] = lambda _notice: frozenset()
    """The agencies to which its originator forwarded a notice, as far as is known here."""

    def audience(self, notice: Notice) -> frozenset[str]:
        """The agencies that a notice is for: its recipients, the members of its group, and whom it was
        forwarded to."""
        named = frozenset(notice.recipients) | self.groups.get(notice.group, frozenset())
        return named | self.forwarded(notice)

    def latest(self, notice_id: str) -> Notice | None:
        """The newest known revision of a notice."""
        known = self.known.revisions(notice_id)
        return known[-1] if known else None
