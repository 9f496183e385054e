# SPDX-License-Identifier: Apache-2.0
"""Settings from flags, environment, one TOML file and defaults, in this order; unknown keys are refused.

The environment variable of ``limits.connections`` is FANAL_LIMITS_CONNECTIONS. FANAL_HOME is no setting;
variables that name no setting are left alone, because other programs of the family may own them.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from fanal.config import check
from fanal.config.errors import (
    NO_AGENCY,
    NOT_TOML,
    SOCKET_TOO_LONG,
    TOO_LARGE,
    UNKNOWN_KEY,
    UNREADABLE,
    WRONG_TYPE,
)
from fanal.config.home import Home
from fanal.config.settings import SOCKET_PATH_LIMIT, Limits, Settings
from fanal.errors import FanalError

FILE_LIMIT = 256 * 1024

Value = tuple[Any, str]
"""A raw value and its origin."""


def load(
    home: Home, flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """The settings of the agency in ``home``; paths are made absolute, relative ones lie under it.

    ``flags`` are dotted keys with values; None means not given. Raises FanalError of ``config.errors``.
    """
    home.require()
    values: dict[str, Value] = {key: (value, "file") for key, value in _flatten(read_toml(home))}
    for key in keys():
        variable = "FANAL_" + key.upper().replace(".", "_")
        if environ.get(variable):
            values[key] = (environ[variable], f"environment {variable}")
    for key, value in (flags or {}).items():
        if value is not None:
            values[key] = (value, f"flag --{key.replace('_', '-').replace('.', '-')}")
    return _build(home, values)


def keys() -> tuple[str, ...]:
    """Every dotted key, in the order of the example file."""
    own = [one.name for one in dataclasses.fields(Settings) if one.name not in ("limits", "origins")]
    return (*own, *(f"limits.{one.name}" for one in dataclasses.fields(Limits)))


def read_toml(home: Home) -> dict[str, Any]:
    """The file as TOML. FanalError UNREADABLE, TOO_LARGE or NOT_TOML."""
    path = home.settings_file
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise FanalError(UNREADABLE, path=str(path), reason=error.strerror or "unknown") from error
    if len(data) > FILE_LIMIT:
        raise FanalError(TOO_LARGE, path=str(path), limit=FILE_LIMIT)
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FanalError(NOT_TOML, path=str(path), reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return "nested too deep" if isinstance(error, RecursionError) else "a number has too many digits"


def checked_socket(settings: Settings) -> str:
    """The path of the officers' socket, if the system can bind it. FanalError SOCKET_TOO_LONG."""
    path = os.fspath(settings.socket)
    length = len(os.fsencode(path))
    if length > SOCKET_PATH_LIMIT:
        raise FanalError(SOCKET_TOO_LONG, length=length, limit=SOCKET_PATH_LIMIT, path=path)
    return path


def _flatten(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if key == "limits" and isinstance(value, dict):
            yield from ((f"limits.{name}", inner) for name, inner in value.items())
        else:
            yield key, value


def _build(home: Home, values: Mapping[str, Value]) -> Settings:
    known = keys()
    for key, (_raw, origin) in values.items():
        if key == "limits":
            raise FanalError(WRONG_TYPE, key=key, origin=origin, expected="a table: [limits]")
        if key not in known:
            shown = key if key.isprintable() and len(key) <= 60 else repr(key[:60])
            raise FanalError(UNKNOWN_KEY, key=shown, suggestion=_suggest(key[:60], known))
    if "agency" not in values:
        raise FanalError(NO_AGENCY, path=str(home.settings_file))
    checked = {key: check.value(key, raw, origin, home) for key, (raw, origin) in values.items()}
    origins = {key: values[key][1] if key in values else "default" for key in known}
    limits = {key.removeprefix("limits."): one for key, one in checked.items() if key.startswith("limits.")}
    own = {key: one for key, one in checked.items() if "." not in key}
    paths = {"data": home.data, "socket": home.socket}
    return Settings(**(paths | own), limits=Limits(**limits), origins=MappingProxyType(origins))


def _suggest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if not near:
        near = [one for one in known if one.endswith("." + key)][:1]
    return f"Did you mean {near[0]}?" if near else "config/examples/fanal.toml shows every key."
