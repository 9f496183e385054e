# SPDX-License-Identifier: Apache-2.0
"""One raw value, from TOML, the environment or a flag, to the type its field declares; refused by name."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fanal.config.errors import BAD_ADDRESS, BAD_AGENCY, BAD_CHOICE, NOT_LOOPBACK, OUT_OF_RANGE, WRONG_TYPE
from fanal.config.home import Home
from fanal.config.settings import LOG_LEVELS, Limits, Settings
from fanal.errors import FanalError

_HOST = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_LOOPBACK = re.compile(r"127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\]|localhost", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


def value(key: str, raw: Any, origin: str, home: Home) -> Any:
    """``raw`` in the type of the field ``key``; text of the environment is parsed. FanalError otherwise."""
    return _checker(key)(key, raw, origin, home)


def address(key: str, raw: Any, origin: str) -> str:
    """A host:port as it was written, its port at most 65535. FanalError BAD_ADDRESS."""
    text = raw if isinstance(raw, str) else ""
    host, _, port = text.rpartition(":")
    if not _HOST.fullmatch(host) or not _PORT.fullmatch(port) or int(port) > 65_535:
        raise FanalError(BAD_ADDRESS, key=key, origin=origin, value=repr(raw)[:100])
    return text


@cache
def _checker(key: str) -> Callable[[str, Any, str, Home], Any]:
    if key == "agency":
        return lambda key, raw, origin, _home: _agency(key, raw, origin)
    if key in ("listen", "join_listen", "advertise"):
        return _address_or_empty
    if key == "metrics_listen":
        return _loopback_or_empty
    if key == "peers":
        return _peers
    if key == "log_level":
        return _log_level
    if key in ("data", "socket", "key_file"):
        return _path
    return _number


def _agency(key: str, raw: Any, origin: str) -> str:
    from fanal.keys.agency import check_agency

    try:
        return str(check_agency(raw if isinstance(raw, str) else ""))
    except FanalError as error:
        raise FanalError(BAD_AGENCY, key=key, origin=origin, value=repr(raw)[:60]) from error


def _address_or_empty(key: str, raw: Any, origin: str, home: Home) -> str:
    if raw == "":
        return ""
    return address(key, raw, origin)


def _loopback_or_empty(key: str, raw: Any, origin: str, home: Home) -> str:
    """What is served without a key stays on this machine. FanalError NOT_LOOPBACK."""
    text = _address_or_empty(key, raw, origin, home)
    if text and not _LOOPBACK.fullmatch(text.rpartition(":")[0]):
        raise FanalError(NOT_LOOPBACK, key=key, origin=origin, value=repr(raw)[:100])
    return text


def _peers(key: str, raw: Any, origin: str, home: Home) -> tuple[str, ...] | str:
    if raw == "*":
        return "*"
    if isinstance(raw, str) and origin != "file":
        raw = [part.strip() for part in raw.split(",") if part.strip()]
    if not isinstance(raw, list | tuple):
        raise FanalError(WRONG_TYPE, key=key, origin=origin, expected='"*" or a list of agency ids')
    return tuple(dict.fromkeys(_agency(key, one, origin) for one in raw))


def _log_level(key: str, raw: Any, origin: str, home: Home) -> str:
    if raw not in LOG_LEVELS:
        raise FanalError(BAD_CHOICE, key=key, origin=origin, choices=", ".join(LOG_LEVELS))
    return str(raw)


def _path(key: str, raw: Any, origin: str, home: Home) -> Path:
    text = str(raw) if isinstance(raw, str | Path) else ""
    if not text or "\0" in text:
        raise FanalError(WRONG_TYPE, key=key, origin=origin, expected="a path")
    return home.path / text


def _number(key: str, raw: Any, origin: str, home: Home) -> int | float:
    one = _fields()[key]
    whole = one.type == "int"
    number = _parsed(raw, whole) if isinstance(raw, str) and origin != "file" else raw
    if not isinstance(number, int | float) or not _fits(number, whole):
        expected = "a whole number" if whole else "a number"
        raise FanalError(WRONG_TYPE, key=key, origin=origin, expected=expected)
    low, high = one.metadata["low"], one.metadata["high"]
    if not low <= number <= high:
        raise FanalError(OUT_OF_RANGE, key=key, origin=origin, low=f"{low:,}", high=f"{high:,}")
    return int(number) if whole else float(number)


def _fits(number: float, whole: bool) -> bool:
    if isinstance(number, bool) or (whole and not isinstance(number, int)):
        return False
    return isinstance(number, int) or math.isfinite(number)  # no float takes a whole number of any length


def _parsed(text: str, whole: bool) -> int | float | None:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return None


@cache
def _fields() -> Mapping[str, dataclasses.Field[Any]]:
    own = {one.name: one for one in dataclasses.fields(Settings)}
    return own | {f"limits.{one.name}": one for one in dataclasses.fields(Limits)}
