# SPDX-License-Identifier: Apache-2.0
"""Stage 2: a parsed JSON object becomes a notice, by the schema and stricter than protobuf's own parser.

Only the names of the schema, no null, no number in quotation marks, no bool for a number, RFC 3339 times with
a zone, unsigned 32-bit counts, one body. A number for an enum passes: stage RULES knows whether it exists.
"""

from __future__ import annotations

from google.protobuf.message import Message

from fanal.i18n import _
from fanal.notices.problem import Problem, Stage, problem
from fanal.notices.schema import BODIES, Field, Sort, fields_of, join
from fanal.notices.strictjson import Json
from fanal.notices.times import parse_time
from fanal.v1.notice_pb2 import Notice

MAX_COUNT = 2**32 - 1
_MAX_PATH = 200  # a name that nobody knows may be as long as the text


class _WrongValueError(Exception):
    """A value that its field cannot hold."""

    def __init__(self, code: str, message: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code, self.message, self.facts = code, message, facts


def parse_notice(value: Json) -> tuple[Notice, list[Problem]]:
    """The notice and what the schema refuses; with problems, the notice holds only what could be read."""
    notice, problems = Notice(), list[Problem]()
    bodies = [name for name in value if name in BODIES]
    if len(bodies) > 1:
        message = _("A notice has one body; {first} is already there.")
        problems.append(problem(Stage.PROTOBUF, "SEVERAL_BODIES", bodies[1], message, first=bodies[0]))
    ignored = set(bodies[1:])
    _fill(notice, {name: item for name, item in value.items() if name not in ignored}, "", problems)
    return notice, problems


def _fill(message: Message, value: Json, path: str, problems: list[Problem]) -> None:
    fields = fields_of(message.DESCRIPTOR)
    for name, item in value.items():
        here = join(path, name[:_MAX_PATH])
        field = fields.get(name)
        if field is None:
            hint = _camel_hint(name, fields)
            problems.append(problem(Stage.PROTOBUF, "UNKNOWN_FIELD", here, hint))
        elif not field.repeated:
            _fill_one(message, field, item, here, problems)
        elif isinstance(item, list):
            for index, element in enumerate(item):
                _fill_one(message, field, element, f"{here}[{index}]", problems)
        else:
            problems.append(problem(Stage.PROTOBUF, "WRONG_TYPE", here, _("A list is expected.")))


def _camel_hint(name: str, fields: dict[str, Field]) -> str:
    snake = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
    if snake in fields and snake != name:
        return _("Names are written as in the schema, with underscores.")
    return _("The schema has no such field.")


def _fill_one(message: Message, field: Field, item: object, path: str, problems: list[Problem]) -> None:
    if field.sort is Sort.MESSAGE:
        if not isinstance(item, dict):
            problems.append(problem(Stage.PROTOBUF, "WRONG_TYPE", path, _("An object is expected.")))
            return
        _fill(_child(message, field), item, path, problems)
        return
    try:
        _store(message, field, item)
    except _WrongValueError as wrong:
        problems.append(problem(Stage.PROTOBUF, wrong.code, path, wrong.message, **wrong.facts))


def _child(message: Message, field: Field) -> Message:
    child = getattr(message, field.name)
    if field.repeated:
        added: Message = child.add()
        return added
    child.SetInParent()  # {} is a message that is there
    single: Message = child
    return single


def _store(message: Message, field: Field, item: object) -> None:
    if field.sort is Sort.TIME:
        getattr(message, field.name).CopyFrom(_time(item))
        return
    scalar = _scalar(field, item)
    if field.repeated:
        getattr(message, field.name).append(scalar)
    else:
        setattr(message, field.name, scalar)


def _scalar(field: Field, item: object) -> str | bool | int:
    if field.sort is Sort.STRING:
        if not isinstance(item, str):
            raise _WrongValueError("WRONG_TYPE", _("A text in quotation marks is expected."))
        return item
    if field.sort is Sort.BOOL:
        if not isinstance(item, bool):
            raise _WrongValueError("WRONG_TYPE", _("true or false is expected."))
        return item
    return _code(field, item) if field.sort is Sort.CODE else _count(item)


def _count(item: object) -> int:
    if not isinstance(item, int) or isinstance(item, bool):
        raise _WrongValueError("WRONG_TYPE", _("A whole number without quotation marks is expected."))
    if not 0 <= item <= MAX_COUNT:
        raise _WrongValueError("OUT_OF_RANGE", _("A number from 0 to {limit} is expected."), limit=MAX_COUNT)
    return item


def _code(field: Field, item: object) -> int:
    assert field.enum is not None
    if isinstance(item, str):
        known = field.enum.values_by_name.get(item)
        if known is None:
            names = ", ".join(value.name for value in field.enum.values[1:])
            raise _WrongValueError("UNKNOWN_CODE", _("Not in the list; it has {names}."), names=names)
        return known.number
    if not isinstance(item, int) or isinstance(item, bool):
        raise _WrongValueError("WRONG_TYPE", _("A code in quotation marks is expected."))
    if not -(2**31) <= item < 2**31:
        raise _WrongValueError("UNKNOWN_CODE", _("The list has no such number."))
    return item


def _time(item: object) -> Message:
    if not isinstance(item, str):
        raise _WrongValueError("WRONG_TYPE", _("A time in quotation marks is expected."))
    try:
        moment = parse_time(item)
    except OverflowError:
        raise _WrongValueError("OUT_OF_RANGE", _("The time lies outside the years 1 to 9999.")) from None
    if moment is None:
        raise _WrongValueError(
            "FORMAT", _("A time with its zone is expected, for example 2024-04-10T06:00:00Z.")
        )
    return moment
