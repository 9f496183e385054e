# SPDX-License-Identifier: Apache-2.0
"""Stage PROTOBUF: stricter than protobuf's own JSON parser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.notices.check import check_text
from fanal.notices.forms import from_json, to_json
from fanal.notices.jsonform import parse_notice
from fanal.notices.problem import MAX_PROBLEMS, Stage
from fanal.v1.notice_pb2 import Notice

Json = dict[str, Any]
Problems = Callable[[str, Json], list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"noticeId": "x"}, "UNKNOWN_FIELD", "noticeId"),
        ({"shipment_warning.shipment.billOfLading": "x"}, "UNKNOWN_FIELD",
         "shipment_warning.shipment.billOfLading"),
        ({"@type": "Notice"}, "UNKNOWN_FIELD", "@type"),
        ({"ref": None, "ref ": "x"}, "UNKNOWN_FIELD", "ref "),
        ({"revision": "1"}, "WRONG_TYPE", "revision"),
        ({"revision": True}, "WRONG_TYPE", "revision"),
        ({"revision": 1.5}, "WRONG_TYPE", "revision"),
        ({"revision": 2**32}, "OUT_OF_RANGE", "revision"),
        ({"revision": -1}, "OUT_OF_RANGE", "revision"),
        ({"recipients": "GE-CUS"}, "WRONG_TYPE", "recipients"),
        ({"recipients": {}}, "WRONG_TYPE", "recipients"),
        ({"recipients": [1]}, "WRONG_TYPE", "recipients[0]"),
        ({"handling": []}, "WRONG_TYPE", "handling"),
        ({"handling": "RED"}, "WRONG_TYPE", "handling"),
        ({"texts": [{"lang": "en", "text": "a", "original": "true"}]}, "WRONG_TYPE", "texts[0].original"),
        ({"texts": [{"lang": "en", "text": "a", "original": 1}]}, "WRONG_TYPE", "texts[0].original"),
        ({"texts": ["a"]}, "WRONG_TYPE", "texts[0]"),
        ({"handling.tlp": 1.0}, "WRONG_TYPE", "handling.tlp"),
        ({"handling.tlp": True}, "WRONG_TYPE", "handling.tlp"),
        ({"handling.tlp": ["RED"]}, "WRONG_TYPE", "handling.tlp"),
        ({"handling.tlp": "red"}, "UNKNOWN_CODE", "handling.tlp"),
        ({"handling.tlp": "1"}, "UNKNOWN_CODE", "handling.tlp"),
        ({"handling.tlp": 2**31}, "UNKNOWN_CODE", "handling.tlp"),
        ({"issued_at": 1712728800}, "WRONG_TYPE", "issued_at"),
        ({"issued_at": {"seconds": 1}}, "WRONG_TYPE", "issued_at"),
        ({"issued_at": "0001-01-01T00:00:00+01:00"}, "OUT_OF_RANGE", "issued_at"),
        ({"issued_at": "9999-12-31T23:59:59-01:00"}, "OUT_OF_RANGE", "issued_at"),
    ],
)  # fmt: skip
def test_what_the_schema_does_not_hold_is_refused(
    problems_of: Problems, changes: Json, code: str, field: str
) -> None:
    """One problem with the path of the value."""
    assert problems_of("shipment_warning", changes) == [(code, field)]


@pytest.mark.parametrize(
    "path", ["ref", "revision", "handling", "recipients", "issued_at", "shipment_warning"]
)
def test_null_is_no_value_of_any_field(good: dict[str, Json], path: str) -> None:
    """null is refused everywhere, not read as absent."""
    report = check_text(json.dumps({**good["shipment_warning"], path: None}))
    assert [(one.code, one.field) for one in report.problems] == [("WRONG_TYPE", path)]


@pytest.mark.parametrize(
    "time",
    ["2024-04-10", "2024-04-10 06:00:00Z", "2024-04-10T06:00:00", "2024-04-10T06:00Z", "2024-04-10t06:00:00Z",
     "2024-04-10T06:00:00z", "2024-02-30T06:00:00Z", "2024-04-10T24:00:00Z", "2024-04-10T06:00:60Z",
     "2024-04-10T06:00:00.Z", "2024-04-10T06:00:00.1234567890Z", "2024-04-10T06:00:00+0200",
     "2024-04-10T06:00:00+24:00", "2024-04-10T06:00:00+01:60", "0000-04-10T06:00:00Z", "٢٠٢٤-04-10T06:00:00Z",
     "2024-04-10T06:00:00Z\n", ""],
)  # fmt: skip
def test_a_time_without_the_form_of_rfc_3339_is_refused(problems_of: Problems, time: str) -> None:
    """Date, T, time, zone: nothing less and nothing else."""
    assert problems_of("shipment_warning", {"issued_at": time}) == [("FORMAT", "issued_at")]


@pytest.mark.parametrize(
    ("time", "printed"),
    [
        ("2024-04-10T08:00:00+02:00", "2024-04-10T06:00:00Z"),
        ("2024-04-10T00:30:00-05:30", "2024-04-10T06:00:00Z"),
        ("2024-04-10T06:00:00.5Z", "2024-04-10T06:00:00.500Z"),
        ("2024-04-10T06:00:00.000001Z", "2024-04-10T06:00:00.000001Z"),
        ("2024-04-10T06:00:00.000000001Z", "2024-04-10T06:00:00.000000001Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_printed_in_utc(time: str, printed: str) -> None:
    """An offset is allowed and turned into UTC; places are kept as far as needed."""
    assert to_json(from_json({"issued_at": time})) == {"issued_at": printed}


def test_a_time_from_the_wire_beyond_the_calendar_can_be_printed() -> None:
    """A hostile message is shown with the nearest time, and the check finds it."""
    notice = Notice()
    notice.issued_at.seconds = 2**62
    notice.issued_at.nanos = -1
    assert to_json(notice) == {"issued_at": "9999-12-31T23:59:59Z"}


def test_the_second_body_in_the_text_is_the_one_too_many() -> None:
    """The order of the text decides, not the order of the schema; the extra body is not looked into."""
    report = check_text('{"withdrawal": {}, "ack": {"nonsense": 1}, "shipment_warning": {}}')
    assert [(one.code, one.field) for one in report.problems] == [("SEVERAL_BODIES", "ack")]
    assert (report.kind, report.notice) == ("WITHDRAWAL", None)


def test_each_field_has_its_own_problem() -> None:
    """The stage reports every wrong field, in the order of the text."""
    report = check_text('{"revision": "1", "kind": 1, "handling": {"tlp": "WHITE"}}')
    assert [one.field for one in report.problems] == ["revision", "kind", "handling.tlp"]
    assert all(one.stage is Stage.PROTOBUF for one in report.problems)


def test_a_camel_case_name_is_explained() -> None:
    """Whoever used protobuf's other names is told why they are refused."""
    _notice, (camel, strange) = parse_notice({"noticeId": 1, "nOtice": 1})
    assert "underscores" in camel.message
    assert "underscores" not in strange.message


def test_an_endless_unknown_name_is_cut_in_the_path() -> None:
    """The answer to a hostile text stays short: names are cut and problems are counted."""
    assert len(check_text('{"' + "x" * 10_000 + '": 1}').problems[0].field) <= 200
    many = ",".join(f'"x{number}":1' for number in range(1_000))
    assert len(check_text("{" + many + "}").problems) == MAX_PROBLEMS


def test_an_empty_object_is_a_message_that_is_there() -> None:
    """{} sets a body, so that the rules can say what it lacks."""
    assert from_json({"ack": {}}).WhichOneof("body") == "ack"


def test_zero_and_not_said_differ_where_the_schema_says_so() -> None:
    """An optional count keeps its zero in both directions; a plain one does not."""
    report = {"seizure_report": {"persons_detained": 0, "controlled_delivery": False}}
    assert to_json(from_json(report)) == {"seizure_report": {"persons_detained": 0}}


def test_an_unknown_enum_number_stays_a_number() -> None:
    """A newer version's value is kept and shown, for the rules to judge."""
    assert to_json(from_json({"urgency": 77})) == {"urgency": 77}


@pytest.mark.parametrize("text", ["{", '{"kind": 1}'])
def test_reading_a_text_that_is_no_notice_is_refused(text: str) -> None:
    """from_json raises the error family's refusal, with the first problem in it."""
    with pytest.raises(FanalError) as refused:
        from_json(text)
    assert refused.value.kind.id == "FANAL-E0113"
