# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md names every type, domain, step and limit that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanal.envelope import limits
from fanal.envelope.errors import Step
from fanal.keys import pae

_PREFIX, _SUFFIX = "application/vnd.fanal.", ".v1"
TYPES = sorted(one for one in vars(pae).values() if isinstance(one, str) and one.startswith(_PREFIX + ""))
DOMAINS = sorted(
    one.strip("\0")
    for one in (value.decode() if isinstance(value, bytes) else value for value in vars(pae).values())
    if isinstance(one, str) and one.startswith("fanal/")
)


@pytest.fixture(scope="module")
def page(repo: Path) -> str:
    """The page."""
    return (repo / "docs" / "protocol.md").read_text()


@pytest.mark.parametrize("name", [one for one in TYPES if "{" not in one])
def test_every_signed_type_is_explained(page: str, name: str) -> None:
    """Who writes a second implementation finds each type string."""
    assert f"`{name.removeprefix(_PREFIX).removesuffix(_SUFFIX)}`" in page


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_is_named(page: str, domain: str) -> None:
    """No hash or derived key has a domain that the page keeps to itself."""
    assert domain in page


def test_steps_stand_in_the_reader_s_order(page: str) -> None:
    """The order of checks in the page is the order in the program."""
    order = page[page.index("## The reader's order") : page.index("## Receipts")]
    places = [order.find(f"`{step.value}`") for step in Step]
    assert [step for step, place in zip(Step, places, strict=True) if place < 0] == []
    assert places == sorted(places)


def test_limits_are_those_of_the_program(page: str) -> None:
    """The table of sizes says what the program enforces."""
    kib = 1024
    assert f"| manifest and body of an envelope | {limits.ENVELOPE // kib} KiB; at priority FLASH" in page
    assert f"FLASH {limits.FLASH // kib} KiB |" in page
    assert limits.ENVELOPE_RAW == limits.ENVELOPE + 256
    assert f"| recipients beside the author | {limits.RECIPIENTS} |" in page
    assert f"| attachments of a notice | {limits.ATTACHMENTS} |" in page
    assert f"| statement | {limits.STATEMENT // kib} KiB |" in page
    assert f"{limits.SEALED_KEY:,} bytes" in page
