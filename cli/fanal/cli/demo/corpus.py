# SPDX-License-Identifier: Apache-2.0
"""The corpus of notices, cut to the agencies present and moved to the present by one delta. Pure.

A notice is taken when its originator, at least one reader and every notice that it refers to are present, and
it has no attachment; the others are counted by reason. All times, dates and periods move by one delta, which
puts the moment at which the most pressing of them was issued at now: nothing that any of them reports then
lies ahead, and no deadline has passed. Ids, refs and hashes are issued anew, with the threads kept. Bodies
are not edited otherwise, but for the time of a deletion, which happens in the demo itself.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from fanal.notices.forms import from_json, kind_of
from fanal.notices.rules.forms import FORMS, birth_date, partial_date, period, whole_date
from fanal.notices.schema import Field, Sort, fields_of, nodes
from fanal.notices.times import date_span
from fanal.v1.notice_pb2 import Notice

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_REF = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}-[0-9]{4}-[0-9]{6}-[0-9]{2}")
_DATES = (birth_date, partial_date, whole_date)

NO_ORIGINATOR = "originator not present"
NO_READER = "no reader present"
NO_REFERENCE = "refers to a notice that is not present"
ATTACHMENTS = "has attachments"

Json = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One notice of the corpus as it stands there."""

    line: int
    notice: Notice
    kind: str

    @property
    def key(self) -> tuple[str, int]:
        """Id and revision."""
        return self.notice.notice_id, self.notice.revision


@dataclass(frozen=True)
class Selection:
    """What is sent, in the order of the corpus, and why the rest is not."""

    items: tuple[Item, ...]
    left_out: Mapping[str, int]

    @property
    def kinds(self) -> int:
        return len({item.kind for item in self.items})


def text_of(name: str) -> str:
    """A file of the corpus, from the installed package."""
    return (files("fanal.cli.demo") / "data" / name).read_text("utf-8")


def good() -> list[Item]:
    """Every good notice of the corpus."""
    notices = [from_json(line) for line in text_of("notices.jsonl").splitlines()]
    return [Item(number, one, kind_of(one) or "") for number, one in enumerate(notices)]


def bad() -> dict[str, Json]:
    """Every bad case by its name."""
    cases = [json.loads(line) for line in text_of("bad_notices.jsonl").splitlines()]
    return {str(case["case"]): case for case in cases}


def context() -> Json:
    """Directory and groups of the corpus."""
    found: Json = json.loads(text_of("context.json"))
    return found


def select(
    items: Sequence[Item], present: Collection[str], groups: Mapping[str, Collection[str]]
) -> Selection:
    """The notices that this network can send. Removing one may remove those that refer to it."""
    left: Counter[str] = Counter()
    chosen: list[Item] = []
    for item in items:
        reason = _unfit(item.notice, present, groups)
        if reason:
            left[reason] += 1
        else:
            chosen.append(item)
    while True:
        ids = {item.notice.notice_id for item in chosen}
        refs = {item.notice.ref for item in chosen}
        kept = [item for item in chosen if set(references(item.notice)) <= ids | refs]
        if len(kept) == len(chosen):
            return Selection(tuple(chosen), dict(left))
        left[NO_REFERENCE] += len(chosen) - len(kept)
        chosen = kept


def _unfit(notice: Notice, present: Collection[str], groups: Mapping[str, Collection[str]]) -> str:
    if notice.attachments:
        return ATTACHMENTS
    if notice.originator not in present:
        return NO_ORIGINATOR
    return "" if readers_of(notice, present, groups) else NO_READER


def readers_of(
    notice: Notice, present: Collection[str], groups: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """The agencies present that are to read it, the originator left out."""
    named = {*notice.recipients, *(groups.get(notice.group, ()) if notice.group else ())}
    return frozenset(named & set(present) - {notice.originator})


def references(notice: Notice) -> Iterator[str]:
    """Ids and refs of other notices, wherever they stand in this one."""
    for one in nodes(notice):
        for described, value in _texts_of(one.message):
            found = _REF.findall(value) if described.key != "Notice.ref" else []
            yield from (ref for ref in found if ref != notice.ref)
            if _ID.fullmatch(value) and value != notice.notice_id:
                yield value


def moment(items: Iterable[Item]) -> int:
    """The instant of the corpus that becomes now: when the one with the first deadline was issued."""
    pressing = min(items, key=lambda item: _deadline(item.notice))
    return pressing.notice.issued_at.seconds


def _deadline(notice: Notice) -> int:
    return notice.reply_by.seconds if notice.HasField("reply_by") else notice.expires_at.seconds


@dataclass
class Issued:
    """What the demo has issued anew: ids at once, refs and hashes as notices are signed."""

    ids: dict[str, str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    statements: dict[tuple[str, int], str] = field(default_factory=dict)
    """SHA-256 (hex) of the signed statement by old id and revision."""

    def text(self, value: str) -> str:
        """A string with every old id and ref in it replaced."""
        if value in self.ids:
            return self.ids[value]
        return _REF.sub(lambda found: self.refs.get(found[0], found[0]), value)


def draft_of(item: Item, issued: Issued, delta: int, readers: Collection[str], now: int) -> Notice:
    """The notice as its officer would type it today, for the agencies that are present."""
    draft = Notice()
    draft.CopyFrom(item.notice)
    shift(draft, delta)
    if item.notice.revision > 1:
        before = item.notice.notice_id, item.notice.revision - 1
        draft.previous_sha256 = issued.statements[before]
    if draft.HasField("deletion_confirmation"):
        _confirm_anew(draft, item.notice.deletion_confirmation.notice_id, issued, now)
    rewrite(draft, lambda _field, value: issued.text(value))
    draft.ref = issued.refs.get(item.notice.ref, "")
    if draft.recipients:
        kept = [one for one in item.notice.recipients if one in readers]
        del draft.recipients[:]
        draft.recipients.extend(kept)
    return draft


def _confirm_anew(draft: Notice, old_id: str, issued: Issued, now: int) -> None:
    """A deletion confirms what the demo has just sent and withdrawn: its hash and its time are the demo's."""
    newest = max(revision for one, revision in issued.statements if one == old_id)
    draft.deletion_confirmation.notice_sha256 = issued.statements[old_id, newest]
    draft.deletion_confirmation.deleted_at.FromSeconds(now)


def shift(notice: Notice, delta: int) -> None:
    """Moves every time, date and period of a notice by ``delta`` seconds."""
    for one in list(nodes(notice)):
        for described in fields_of(one.message.DESCRIPTOR).values():
            if described.sort is Sort.TIME and one.message.HasField(described.name):
                getattr(one.message, described.name).seconds += delta
    rewrite(notice, lambda described, value: _moved(described, value, delta))


def _moved(described: Field, value: str, delta: int) -> str:
    form = FORMS.get(described.key)
    if form is period:
        return shift_period(value, delta)
    return shift_date(value, delta) if form in _DATES else value


def shift_date(value: str, delta: int) -> str:
    """A date as far as known, moved; it stays as far known as it was. ``value`` itself if it is no date."""
    span = date_span(value)
    if span is None:
        return value
    middle = dt.datetime.combine(span[0] + (span[1] - span[0]) / 2, dt.time(12))
    return (middle + dt.timedelta(seconds=delta)).date().isoformat()[: len(value)]


def shift_period(value: str, delta: int) -> str:
    """A year, month or quarter, moved to the one in which its middle comes to lie."""
    year, _, quarter = value.partition("-Q")
    if not quarter:
        return shift_date(value, delta)
    middle = dt.datetime(int(year), int(quarter) * 3 - 1, 15) + dt.timedelta(seconds=delta)
    return f"{middle.year}-Q{(middle.month + 2) // 3}"


def rewrite(notice: Notice, change: Callable[[Field, str], str]) -> None:
    """Puts ``change(field, value)`` in place of every string of a notice."""
    for one in list(nodes(notice)):
        for described in fields_of(one.message.DESCRIPTOR).values():
            if described.sort is not Sort.STRING:
                continue
            if described.repeated:
                held = getattr(one.message, described.name)
                changed = [change(described, value) for value in held]
                if changed != list(held):
                    del held[:]
                    held.extend(changed)
            elif getattr(one.message, described.name):
                value = getattr(one.message, described.name)
                setattr(one.message, described.name, change(described, value))


def _texts_of(message: Any) -> Iterator[tuple[Field, str]]:
    for described in fields_of(message.DESCRIPTOR).values():
        if described.sort is Sort.STRING:
            value = getattr(message, described.name)
            yield from ((described, one) for one in (value if described.repeated else [value]) if one)
