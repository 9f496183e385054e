# SPDX-License-Identifier: Apache-2.0
"""The value forms of a ledger leaf: each writes one Python value in exactly one way and reads only that.

Promise: for every form, ``read(write(value)) == value``, and ``read`` accepts no second spelling. None of
them can carry free text, a blank, a line end or a letter outside ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Value = str | int | bytes | None

MAX_UINT = 2**63 - 1
MAX_TIME = 253402300799
"""9999-12-31T23:59:59Z, in Unix seconds."""
_NONE = "-"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Form:
    """How one value is written; ``read`` and ``write`` raise ValueError for anything else."""

    name: str
    read: Callable[[str], Value]
    write: Callable[[Value], str]


def _hexadecimal(count: int) -> Form:
    pattern = re.compile(rf"[0-9a-f]{{{2 * count}}}", re.ASCII)

    def write(value: Value) -> str:
        if not isinstance(value, bytes) or len(value) != count:
            raise ValueError
        return value.hex()

    return Form(
        f"{2 * count} lower-case hex digits", lambda text: bytes.fromhex(_match(pattern, text)), write
    )


def _word(name: str, pattern: re.Pattern[str]) -> Form:
    def write(value: Value) -> str:
        if not isinstance(value, str):
            raise ValueError
        return _match(pattern, value)

    return Form(name, lambda text: _match(pattern, text), write)


def one_of(*words: str) -> Form:
    """A word of a closed list."""
    return _word("one of " + ", ".join(words), re.compile("|".join(words), re.ASCII))


def optional(form: Form) -> Form:
    """The form, or None written as a single hyphen."""
    return Form(
        f"{form.name}, or '-'",
        lambda text: None if text == _NONE else form.read(text),
        lambda value: _NONE if value is None else form.write(value),
    )


def _match(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _bounded(value: Value, limit: int) -> int:
    # A bool is an int to Python and "True" to nobody else.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise ValueError
    return value


_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def _read_time(text: str) -> int:
    moment = datetime.strptime(_match(_RFC3339, text), _TIME).replace(tzinfo=UTC)
    return _bounded(int(moment.timestamp()), MAX_TIME)


def _write_time(value: Value) -> str:
    moment = datetime.fromtimestamp(_bounded(value, MAX_TIME), UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


HEX16 = _hexadecimal(16)
"""16 bytes as 32 hex digits: identifiers, and the keyed HMAC that stands for a person."""
HEX32 = _hexadecimal(32)
"""32 bytes as 64 hex digits: SHA-256 values, salted wherever their input could be guessed."""
UINT = Form(
    "a decimal number below 2**63",
    lambda text: _bounded(int(_match(_DIGITS, text)), MAX_UINT),
    lambda value: str(_bounded(value, MAX_UINT)),
)
TIME = Form("a UTC time in whole seconds, such as 2026-01-01T00:00:00Z", _read_time, _write_time)
AGENCY = _word("an agency id such as GE-CUS", re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}", re.ASCII))
TOKEN = _word(
    "a word of a-z, 0-9 and '-', at most 64 letters", re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
)
