# SPDX-License-Identifier: Apache-2.0
"""Stage 1: strict JSON (RFC 8259, with the Unicode rule of I-JSON, RFC 7493), bounded before it is parsed.

A text is refused before any per-item allocation when it is longer than 256 KiB or nested deeper than 16.
Duplicate keys, NaN and Infinity, and escapes of lone surrogates are refused; integers of any length become
numbers that the next stage finds out of range. Nothing here raises for any input.
"""

from __future__ import annotations

import json
import re

from fanal.i18n import _
from fanal.notices.problem import Problem, Stage, problem

MAX_TEXT_BYTES = 256 * 1024
MAX_NESTING = 16
_MAX_DIGITS = 24  # beyond every number of the schema, below CPython's limit on int conversion

# The closing quote is optional and the repeat possessive: one pass, whatever the text.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")

Json = dict[str, object]


class _RefusedError(Exception):
    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.found = found


def parse_strict(text: str | bytes) -> Json | Problem:
    """The object that ``text`` holds, keys in the order of the text; or the one problem of stage JSON."""
    try:
        value = _parse(_decoded(text))
    except _RefusedError as refused:
        return refused.found
    if not isinstance(value, dict):
        return _not_json(_("The text is not a JSON object."))
    return value


def _decoded(text: str | bytes) -> str:
    if len(text) > MAX_TEXT_BYTES:
        raise _RefusedError(_too_long())
    if isinstance(text, str):
        if _SURROGATE.search(text):
            raise _RefusedError(_not_json(_("The text is not UTF-8.")))
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as bad:
        message = _("The text is not UTF-8: byte {at} cannot be read.")
        raise _RefusedError(problem(Stage.JSON, "NOT_JSON", "$", message, at=bad.start + 1)) from None


def _parse(text: str) -> object:
    if text.startswith("\ufeff"):
        message = _("The text begins with a byte order mark: save it as UTF-8 without one.")
        raise _RefusedError(_not_json(message))
    if nesting(text) > MAX_NESTING:
        message = _("The text is nested deeper than {limit} levels.")
        raise _RefusedError(problem(Stage.JSON, "NOT_JSON", "$", message, limit=MAX_NESTING))
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=float
        )
    except json.JSONDecodeError as bad:
        message = _("The text is not JSON: line {line}, column {column}.")
        raise _RefusedError(
            problem(Stage.JSON, "NOT_JSON", "$", message, line=bad.lineno, column=bad.colno)
        ) from None
    # Only an escape can bring a surrogate into text that was valid; pairs are joined by the parser.
    if "\\u" in text and _has_surrogate(value):
        raise _RefusedError(_not_json(_("The text has half of a surrogate pair, which is no character.")))
    return value


def nesting(text: str) -> int:
    """How deep the brackets of ``text`` go; strings are skipped. Linear, without recursion."""
    if text.count("{") + text.count("[") <= MAX_NESTING:
        return 0
    depth = deepest = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> Json:
    made: Json = {}
    for key, value in pairs:
        if key in made:
            name = _SURROGATE.sub("\ufffd", key)
            message = _("The key occurs twice in one object.")
            raise _RefusedError(problem(Stage.JSON, "DUPLICATE_KEY", name, message))
        made[key] = value
    return made


def _constant(name: str) -> object:
    raise _RefusedError(
        problem(Stage.JSON, "NOT_A_NUMBER", "$", _("{name} is not a JSON number."), name=name)
    )


def _integer(digits: str) -> int:
    return int(digits[:_MAX_DIGITS])  # a longer number only has to stay too large


def _has_surrogate(value: object) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, list):
        return any(_has_surrogate(item) for item in value)
    if isinstance(value, dict):
        return any(_has_surrogate(item) for pair in value.items() for item in pair)
    return False


def _too_long() -> Problem:
    message = _("The text is longer than {limit} KiB.")
    return problem(Stage.JSON, "NOT_JSON", "$", message, limit=MAX_TEXT_BYTES // 1024)


def _not_json(message: str) -> Problem:
    return problem(Stage.JSON, "NOT_JSON", "$", message)
