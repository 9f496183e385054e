# SPDX-License-Identifier: Apache-2.0
"""Stage JSON: whatever the text, one clean problem and never a traceback."""

from __future__ import annotations

import json

import pytest

from fanal.notices.check import check_text
from fanal.notices.problem import Problem, Stage
from fanal.notices.strictjson import MAX_NESTING, MAX_TEXT_BYTES, nesting, parse_strict


def refusal(text: str | bytes) -> tuple[str, str]:
    found = parse_strict(text)
    assert isinstance(found, Problem)
    assert found.stage is Stage.JSON
    return found.code, found.field


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "[]", '"x"', "1", "{", '{"a":1}x', '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":+1}',
     '{"a":"\n"}', '{"a":1} {"b":2}', "\ufeff{}", "// no\n{}", '{"a":truE}', b"\xff\xfe{\x00}\x00",
     b'{"a":"\xff"}', "{\x00}"],
)  # fmt: skip
def test_what_is_not_a_json_object_is_refused(text: str | bytes) -> None:
    """Other values, other dialects, other encodings and trailing text are all NOT_JSON."""
    assert refusal(text) == ("NOT_JSON", "$")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    assert refusal(f'{{"revision": {number}}}') == ("NOT_A_NUMBER", "$")


def test_a_key_that_occurs_twice_is_named_alone() -> None:
    """Two readers must not see two values; the field is the key without its path."""
    assert refusal('{"handling": {"tlp": "RED", "tlp": "CLEAR"}}') == ("DUPLICATE_KEY", "tlp")


def test_a_duplicate_key_of_half_a_surrogate_can_be_printed() -> None:
    """The field of the problem is always valid Unicode."""
    code, field = refusal('{"\\ud800": 1, "\\ud800": 2}')
    assert (code, field.encode()) == ("DUPLICATE_KEY", "\ufffd".encode())


@pytest.mark.parametrize("text", ['{"ref": "\\ud800"}', '{"\\udfff": 1}', '{"a": [{"b": "\\ud83d"}]}'])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    """No character, no UTF-8 for it: refused in names and values."""
    assert refusal(text) == ("NOT_JSON", "$")


def test_a_whole_surrogate_pair_is_a_character() -> None:
    """JSON writes characters beyond the first plane as pairs."""
    assert parse_strict('{"a": ["\\ud83d\\ude00", 1, {"b": true}]}') == {"a": ["😀", 1, {"b": True}]}


def test_a_text_with_a_lone_surrogate_is_refused() -> None:
    """A str that is not encodable never reaches the schema."""
    assert refusal('{"a": "\ud800"}') == ("NOT_JSON", "$")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused_before_it_is_parsed(opening: str) -> None:
    """A hundred thousand brackets end in one problem and no RecursionError."""
    many = 100_000 if opening == "[" else 40_000
    assert refusal(opening * many) == ("NOT_JSON", "$")
    assert refusal("{" + '"a":' + "[" * MAX_NESTING + "]" * MAX_NESTING + "}") == ("NOT_JSON", "$")


def test_nesting_up_to_the_limit_is_parsed() -> None:
    """Sixteen levels pass; brackets in strings do not count."""
    depth = MAX_NESTING - 1
    assert isinstance(parse_strict('{"a":' + "[" * depth + "]" * depth + "}"), dict)
    assert nesting('{"a":"' + "[" * 100 + '\\"[","b":[1]}') == 2


def test_many_unfinished_strings_are_scanned_in_one_pass() -> None:
    """A text made to be scanned again and again costs one pass over its 256 KiB."""
    hostile = "[" * 20 + '\\"' * (MAX_TEXT_BYTES // 2 - 20)
    assert refusal(hostile) == ("NOT_JSON", "$")


def test_a_text_past_the_size_limit_is_refused() -> None:
    """At the limit it is parsed, one byte more is refused unread."""
    filler = json.dumps({"a": ""})[:-2]
    exact = filler + "x" * (MAX_TEXT_BYTES - len(filler) - 2) + '"}'
    assert isinstance(parse_strict(exact), dict)
    assert refusal(exact + " ") == ("NOT_JSON", "$")
    assert refusal((exact + " ").encode()) == ("NOT_JSON", "$")


@pytest.mark.parametrize(
    ("number", "code"),
    [("9" * 100_000, "OUT_OF_RANGE"), ("-" + "9" * 100_000, "OUT_OF_RANGE"), ("1e999", "WRONG_TYPE"),
     ("4294967296", "OUT_OF_RANGE"), ("-1", "OUT_OF_RANGE"), ("1.0", "WRONG_TYPE")],
    ids=["huge", "huge negative", "huge exponent", "2**32", "-1", "1.0"],
)  # fmt: skip
def test_a_huge_number_is_out_of_range_and_not_an_error(number: str, code: str) -> None:
    """Numbers of any length end in a problem of the schema stage."""
    report = check_text(f'{{"revision": {number}}}')
    assert [(one.code, one.field, one.stage) for one in report.problems] == [
        (code, "revision", Stage.PROTOBUF)
    ]
