# SPDX-License-Identifier: Apache-2.0
"""Code lists as versioned package data (origin, licence, hash: data/SOURCES.md), looked up where they lie.

The data files are sorted by code, so a code is found by bisection in the mapped bytes: nothing is loaded or
parsed beforehand. Countries and currencies come from pycountry, imported when the first one is asked for.
"""

from __future__ import annotations

import functools
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from fanal.v1.notice_pb2 import CodeListVersion

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class CodeList:
    """A list that is installed as data."""

    file: str
    version: str
    licence: str
    sha256: str


LISTS: dict[str, CodeList] = {
    "unlocode": CodeList(
        "unlocode.csv", "2023-1", "Artistic-2.0",
        "52886f0605e8196ca085bc22fa697e7df7c77282de774c52586023736e2405c2",
    ),
    "hs": CodeList(
        "hs2022.csv", "2022", "ODC-PDDL-1.0",
        "6e96fe78210c0f224fb994dc5f5541028f0f7442b29bd1b1ae4bfa44b70a4a92",
    ),
    "mid": CodeList(
        "mid.csv", "pyais-3.3.1", "MIT", "5221bc863d9d3cc4c1c7da5fe250febd1c856613e0fd76673c6eff6001c7fc76"
    ),
    "icao_doc_issuer": CodeList(
        "icao_doc_issuers.csv", "1", "Apache-2.0",
        "27f499a38fd058efebbb25d2dbc3e748dc6d5566c92ba679684ee9fe149d2d3c",
    ),
}  # fmt: skip

UNITS = frozenset({"KGM", "GRM", "TNE", "LTR", "MTQ", "C62", "PR", "BX", "CT", "CUR"})
"""The profile of UN/ECE Recommendation 20."""
LANGUAGES = frozenset(
    (*("ar", "az", "en", "es", "fa", "fr", "hy", "it", "ka", "kk", "ky"),
     *("pl", "ps", "pt", "ru", "tg", "tk", "tr", "ur", "uz", "zh"))
)  # fmt: skip
EXTRA_COUNTRIES = frozenset({"XK", "XX", "ZZ"})
"""Kosovo, international bodies, the high seas."""

_EXTENDABLE = re.compile(r"[A-Z0-9][A-Z0-9_]{1,63}")


def installed() -> list[CodeListVersion]:
    """The versions that a notice is checked with, for the field code_lists."""
    return [CodeListVersion(list=name, version=item.version) for name, item in LISTS.items()]


def is_extendable_code(code: str) -> bool:
    """Whether ``code`` has the form of a list that agencies extend."""
    return _EXTENDABLE.fullmatch(code) is not None


def is_country(code: str) -> bool:
    """Whether ``code`` is ISO 3166-1 alpha-2, XK, XX or ZZ."""
    return code in EXTRA_COUNTRIES or code in _countries()[0]


def is_currency(code: str) -> bool:
    """Whether ``code`` is an alphabetic code of ISO 4217."""
    return code in _currencies()


def is_hs(code: str) -> bool:
    """Whether a chapter, heading or subheading of the Harmonized System 2022 exists."""
    return _row("hs", code) is not None


def is_unlocode(code: str) -> bool:
    """Whether a place exists in UN/LOCODE."""
    return len(code) == 5 and _row("unlocode", code) is not None


def is_issuer(code: str) -> bool:
    """Whether ``code`` may stand for a nationality or an issuer (ICAO Doc 9303 part 3, section 5)."""
    return issuing_country(code) is not None


def issuing_country(code: str) -> str | None:
    """The alpha-2 country of an ICAO code, empty when no one State stands behind it, None when unknown."""
    alpha2 = _countries()[1].get(code)
    if alpha2 is not None:
        return alpha2
    row = _row("icao_doc_issuer", code)
    return None if row is None else row[1]


def flag_of_mid(mid: str) -> str | None:
    """The alpha-2 flag that maritime identification digits belong to (ITU), None when not allocated."""
    row = _row("mid", mid)
    return None if row is None else row[1]


def _row(name: str, code: str) -> list[str] | None:
    if not code.isascii() or not code.isalnum():
        return None
    line = _lines(name).find(code.encode())
    return None if line is None else line.decode().split(",")


class _Lines:
    """The lines of a data file that is sorted by code."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._start = self._bytes.find(b"\n") + 1

    def find(self, code: bytes) -> bytes | None:
        low, high = self._start, len(self._bytes)
        while low < high:  # invariant: the line, if any, begins in [low, high)
            begin = self._bytes.rfind(b"\n", 0, (low + high) // 2) + 1
            end = self._bytes.find(b"\n", begin)
            here = self._bytes[begin : self._bytes.find(b",", begin)]
            if here == code:
                return self._bytes[begin:end]
            low, high = (end + 1, high) if here < code else (low, begin)
        return None


@functools.cache
def _lines(name: str) -> _Lines | _Table:
    path = DATA / LISTS[name].file
    return _Table(path) if name == "icao_doc_issuer" else _Lines(path)


class _Table:
    """A small file that is not sorted by code."""

    def __init__(self, path: Path) -> None:
        self._rows = {line.split(b",", 1)[0]: line for line in path.read_bytes().splitlines()[1:]}

    def find(self, code: bytes) -> bytes | None:
        return self._rows.get(code)


@functools.cache
def _countries() -> tuple[frozenset[str], dict[str, str]]:
    import pycountry

    alpha3 = {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    return frozenset(alpha3.values()), alpha3


@functools.cache
def _currencies() -> frozenset[str]:
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies)
