# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in, the check answers: arbitrary JSON, mutated notices, arbitrary signed bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanal.notices.check import Report, check_notice, check_text
from fanal.notices.context import Context
from fanal.notices.forms import to_json
from fanal.notices.problem import CODES
from fanal.notices.schema import BODIES, NOTICE, fields_of
from fanal.v1.notice_pb2 import Notice

Json = dict[str, Any]
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

NAMES = [*sorted(fields_of(NOTICE)), "number", "value", "tlp", "text", "lang", "persons", "country", "mrz"]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(["RED", "2024-04-10T06:00:00Z", "GE-CUS", "2024", "1.5", "GEPTI", "\u202e"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)


def sound(report: Report) -> None:
    assert all((one.stage, one.code) in CODES and one.message for one in report.problems)
    assert len({one.stage for one in report.problems}) <= 1
    assert len({one.field for one in report.problems}) == len(report.problems)
    json.dumps([one.field for one in report.problems]).encode()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_gets_a_report(text: str | bytes) -> None:
    """Text or bytes: a report and no exception."""
    sound(check_text(text))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES, max_size=6))
def test_any_json_object_gets_a_report(value: Json) -> None:
    """Schema names with values of any type, NaN and Infinity included."""
    sound(check_text(json.dumps(value)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@settings(max_examples=200, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_a_good_notice_with_one_value_replaced_gets_a_report(
    data: st.DataObject, good: dict[str, Json], base_context: Context
) -> None:
    """Any value of any good notice becomes anything: all four stages stand it."""
    notice = json.loads(json.dumps(good[data.draw(st.sampled_from(sorted(good)))]))
    *way, last = data.draw(st.sampled_from(places(notice)[1:]))
    here = notice
    for step in way:
        here = here[step]
    here[last] = data.draw(VALUES)
    sound(check_text(json.dumps(notice), base_context))


@settings(max_examples=200, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_signed_bytes_of_any_content_get_a_report(
    data: st.DataObject, good: dict[str, Json], base_context: Context, change: Callable[..., Json]
) -> None:
    """A receiver checks what decodes, with unknown enum numbers and times, and can print it."""
    notice = Notice()
    raw = bytearray(check_text(json.dumps(good["smuggling_case"])).notice.SerializeToString())  # type: ignore[union-attr]
    for _change in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        notice.ParseFromString(bytes(raw))
    except DecodeError:
        return
    sound(check_notice(notice, base_context))
    json.dumps(to_json(notice))


def test_every_empty_body_gets_a_report(base_context: Context) -> None:
    """A kind with nothing in it is refused field by field, with and without a context."""
    for body in BODIES:
        report = check_text(json.dumps({body: {}}), base_context)
        assert report.kind == body.upper()
        sound(report)
