# SPDX-License-Identifier: Apache-2.0
"""A context file: clock, directory, groups and known notices as JSON, for checks without a node.

::

    {"now": "2024-06-01T00:00:00Z", "agencies": {"GE-CUS": {"duty_contact": false}},
     "groups": {"CASPIAN": ["GE-CUS"]}, "notices": "known.jsonl"}

``notices`` is relative to the file. Known notices have to be of the schema; they are not checked further.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fanal.errors import FanalError
from fanal.i18n import _, translate
from fanal.notices.context import AgencyInfo, Context, MemoryNotices
from fanal.notices.errors import BAD_CONTEXT, BAD_KNOWN_NOTICE
from fanal.notices.jsonform import parse_notice
from fanal.notices.problem import Problem
from fanal.notices.reading import notice_texts, read_whole
from fanal.notices.strictjson import Json, parse_strict
from fanal.notices.times import parse_time

_KEYS = frozenset({"now", "agencies", "groups", "notices"})


def load_context(path: Path) -> tuple[Context, MemoryNotices]:
    """The context of a file, and its known notices, to which a caller may add.

    Raises FanalError naming the field that is wrong, or the line of the known notices.
    """
    value = parse_strict(read_whole(path))
    if isinstance(value, Problem):
        raise FanalError(BAD_CONTEXT, file=path.name, field=value.field, reason=value.message.rstrip("."))
    reader = _Reader(path.name, value)
    known = MemoryNotices()
    file = reader.file()
    if file is not None:
        _load_known(path.parent / file, known)
    return Context(reader.now(), reader.agencies(), reader.groups(), known), known


def _load_known(path: Path, known: MemoryNotices) -> None:
    for line, text in notice_texts(path):
        parsed = text if isinstance(text, Problem) else parse_strict(text)
        if isinstance(parsed, Problem):
            raise _unusable(path, line, parsed)
        notice, problems = parse_notice(parsed)
        if problems:
            raise _unusable(path, line, problems[0])
        known.add(notice)


def _unusable(path: Path, line: int, found: Problem) -> FanalError:
    return FanalError(BAD_KNOWN_NOTICE, file=path.name, line=line, code=found.code, field=found.field)


class _Reader:
    """The fields of a context file, each with its refusal."""

    def __init__(self, name: str, value: Json) -> None:
        self._name, self._value = name, value
        for key in value.keys() - _KEYS:
            raise self._refusal(key, _("there is no such field"))

    def now(self) -> int:
        text = self._value.get("now")
        moment = parse_time(text) if isinstance(text, str) else None
        if moment is None:
            raise self._refusal("now", _("a time with its zone is expected"))
        return moment.seconds

    def agencies(self) -> Mapping[str, AgencyInfo]:
        found = self._object("agencies")
        return {agency: self._info(agency, info) for agency, info in found.items()}

    def groups(self) -> Mapping[str, frozenset[str]]:
        found = self._object("groups")
        return {group: self._members(group, members) for group, members in found.items()}

    def file(self) -> str | None:
        name = self._value.get("notices")
        if name is not None and not isinstance(name, str):
            raise self._refusal("notices", _("the name of a file is expected"))
        return name

    def _info(self, agency: str, info: object) -> AgencyInfo:
        duty = info.get("duty_contact", False) if isinstance(info, dict) else None
        if not isinstance(duty, bool):
            raise self._refusal(f"agencies.{agency}", _('{"duty_contact": true or false} is expected'))
        return AgencyInfo(duty)

    def _members(self, group: str, members: object) -> frozenset[str]:
        if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
            raise self._refusal(f"groups.{group}", _("a list of agencies is expected"))
        return frozenset(members)

    def _object(self, key: str) -> Json:
        found = self._value.get(key, {})
        if not isinstance(found, dict):
            raise self._refusal(key, _("an object is expected"))
        return found

    def _refusal(self, field: str, reason: str) -> FanalError:
        return FanalError(BAD_CONTEXT, file=self._name, field=field, reason=translate(reason))
