# SPDX-License-Identifier: Apache-2.0
"""Code lists: the data are those of their source; every lookup agrees with a plain reading of the file."""

from __future__ import annotations

import csv
import hashlib
import re

import pytest

from fanal.notices import codelists
from fanal.notices.codelists import DATA, LISTS


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_the_one_that_its_sources_page_names(name: str) -> None:
    """Hash, size and rows are those of SOURCES.md, and version and licence are stated there."""
    item = LISTS[name]
    raw = (DATA / item.file).read_bytes()
    sources = (DATA / "SOURCES.md").read_text()
    row = re.search(rf"^\| {re.escape(item.file)} \|(.*)$", sources, re.M)
    assert row is not None
    assert hashlib.sha256(raw).hexdigest() == item.sha256
    assert f"`{item.sha256}`" in row[1]
    assert f"| {raw.count(bytes([10])) - 1} | {len(raw)} |" in row[1]
    assert item.version
    assert item.licence in row[1] or item.licence == "Apache-2.0"


def test_every_data_file_is_declared() -> None:
    """No list lies about without version, licence and hash."""
    assert {path.name for path in DATA.iterdir()} == {item.file for item in LISTS.values()} | {"SOURCES.md"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / LISTS[name].file).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_bisection_finds_what_a_plain_reading_finds() -> None:
    """First, last and a sample of each sorted list; neighbours and parts of codes are not found."""
    for name, known in (("unlocode", codelists.is_unlocode), ("hs", codelists.is_hs)):
        codes = [row["code"] for row in rows(name)]
        assert codes == sorted(codes)
        for code in [*codes[:3], *codes[-3:], *codes[::311]]:
            assert known(code), code
        for code in ("", "0", "ZZZZZ", "AAAAA", "code", codes[5] + "0", "GE,TI", "GEPTI\n", "\u0663\u0663"):
            assert not known(code), code


def test_every_mid_has_its_flag() -> None:
    """All 290 digits give the country of the file; others none."""
    for row in rows("mid"):
        assert codelists.flag_of_mid(row["mid"]) == row["country"]
    assert codelists.flag_of_mid("999") is None


def test_issuers_are_iso_alpha_3_and_those_of_doc_9303() -> None:
    """States have their alpha-2, organisations none, and two-letter codes are unknown."""
    assert codelists.issuing_country("KAZ") == "KZ"
    for row in rows("icao_doc_issuer"):
        assert codelists.issuing_country(row["code"]) == row["country"]
    for code in ("KZ", "ZZZ", "", "kaz"):
        assert not codelists.is_issuer(code)


def test_countries_and_currencies() -> None:
    """ISO 3166-1 alpha-2 with Kosovo, international bodies and the high seas; ISO 4217."""
    assert all(codelists.is_country(code) for code in ("GE", "XK", "XX", "ZZ"))
    assert not any(codelists.is_country(code) for code in ("", "QZ", "GEO", "ge"))
    assert codelists.is_currency("XOF")
    assert not codelists.is_currency("CFA")
