# SPDX-License-Identifier: Apache-2.0
"""A notice in its forms: the JSON form in the schema's own names, and its kind.

The exact bytes of a notice are ``notice.SerializeToString(deterministic=True)``, made once when it is signed;
from then on the bytes count and are never made again.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fanal.errors import FanalError
from fanal.notices.errors import NOT_A_NOTICE
from fanal.notices.jsonform import parse_notice
from fanal.notices.kinds import KINDS, body_field, kind_of
from fanal.notices.problem import Problem
from fanal.notices.schema import Field, Sort, fields_of, is_set
from fanal.notices.strictjson import Json, parse_strict
from fanal.notices.times import print_time
from fanal.v1.notice_pb2 import Notice

__all__ = ["KINDS", "body_field", "from_json", "kind_of", "to_json"]


def to_json(notice: Message) -> dict[str, Any]:
    """The JSON form: names of the schema, times in UTC, what is not set left out.

    An enum number that this version does not know stays a number.
    """
    return {
        field.name: _value(field, getattr(notice, field.name))
        for field in fields_of(notice.DESCRIPTOR).values()
        if is_set(notice, field)
    }


def from_json(value: Json | str | bytes) -> Notice:
    """The notice of a JSON object or text; FanalError where stages JSON or PROTOBUF find a problem."""
    parsed = value if isinstance(value, dict) else parse_strict(value)
    if isinstance(parsed, Problem):
        raise _refusal(parsed)
    notice, problems = parse_notice(parsed)
    if problems:
        raise _refusal(problems[0])
    return notice


def _value(field: Field, value: Any) -> Any:
    return [_one(field, item) for item in value] if field.repeated else _one(field, value)


def _one(field: Field, value: Any) -> Any:
    if field.sort is Sort.MESSAGE:
        return to_json(value)
    if field.sort is Sort.TIME:
        return print_time(value)
    if field.enum is not None:
        known = field.enum.values_by_number.get(value)
        return value if known is None else known.name
    return value


def _refusal(found: Problem) -> FanalError:
    return FanalError(NOT_A_NOTICE, code=found.code, field=found.field, reason=found.message)
