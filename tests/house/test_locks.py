# SPDX-License-Identifier: Apache-2.0
"""The hash locks: every package pinned with its hashes, no address, only licences we allow."""

from __future__ import annotations

import re
import tomllib
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest

_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[a-z0-9,-]+\])?==(\S+)((?: ;[^\\]*)?) \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
_STRONG = re.compile(r"\bA?GPL|\bGeneral Public License|\bAffero", re.IGNORECASE)
_LESSER = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)
_LGPL_ALLOWED = {"python-stdnum", "pycountry"}
LOCKS = ("runtime", "dev")


def read(repo: Path, name: str) -> str:
    """The text of one lock."""
    return (repo / "deploy" / "requirements" / f"{name}.lock").read_text()


def pins(text: str) -> dict[str, str]:
    """Normalised name -> version."""
    found = (match for match in map(_PINNED.match, text.splitlines()) if match)
    return {canonical(match[1]): match[2] for match in found}


def canonical(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_no_address(repo: Path, name: str) -> None:
    """Where packages come from is the machine's business: no index, no link, no file."""
    text = read(repo, name)
    assert "://" not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes(repo: Path, name: str) -> None:
    """Each line is a pin, a SHA-256 or a comment, and each pin has at least one SHA-256."""
    previous_was_pin = False
    for line in filter(None, read(repo, name).splitlines()):
        pin, digest = _PINNED.match(line), _HASH.match(line)
        assert pin or digest or line.startswith("#"), line
        assert not (previous_was_pin and not digest), line
        previous_was_pin = bool(pin)
    assert pins(read(repo, name))


def test_both_locks_agree(repo: Path) -> None:
    """What is tested is what is deployed: the developers' lock holds the same versions."""
    dev = pins(read(repo, "dev"))
    assert {
        name: version for name, version in pins(read(repo, "runtime")).items() if dev[name] != version
    } == {}


def test_every_direct_dependency_is_locked(repo: Path) -> None:
    """A dependency added to pyproject.toml without renewing the locks would not be installed."""
    project = tomllib.loads((repo / "pyproject.toml").read_text())
    build = (repo / "deploy" / "requirements" / "build.in").read_text().splitlines()
    wanted = [*project["project"]["dependencies"], *(line for line in build if line and line[0] != "#")]
    extra = project["project"]["optional-dependencies"]["dev"]
    assert names(wanted) - pins(read(repo, "runtime")).keys() == set()
    assert names([*wanted, *extra]) - pins(read(repo, "dev")).keys() == set()


@pytest.mark.parametrize("name", LOCKS)
def test_extras_that_packages_ask_for_are_pinned_too(repo: Path, name: str) -> None:
    """`name[extra]` asked for and `name` pinned stops an older pip as soon as a newer release appears."""
    text = read(repo, name)
    for package in pins(text):
        for wanted in metadata.requires(package) or []:
            asked = re.match(r"([A-Za-z0-9._-]+)\[([a-z0-9-]+)\]([^;]*)(?:;(.*))?$", wanted)
            if asked and "extra" not in (asked[4] or "") and canonical(asked[1]) in pins(text):
                assert f"{canonical(asked[1])}[{asked[2]}]==" in text, (package, wanted)


def names(requirements: list[str]) -> set[str]:
    """The packages that requirements name."""
    return {canonical(re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0]) for one in requirements}


def test_no_package_is_under_gpl_or_agpl(repo: Path) -> None:
    """LGPL is allowed for two packages that stay separate and unmodified; GPL and AGPL never."""
    found = {name: licence(metadata.metadata(name)) for name in pins(read(repo, "dev"))}
    lesser = {name for name, text in found.items() if _LESSER.search(text)}
    assert lesser == _LGPL_ALLOWED
    assert [name for name in found.keys() - lesser if _STRONG.search(found[name])] == []
    assert [name for name, text in found.items() if not text.strip()] == []


def licence(data: Message) -> str:
    """What a package says of its licence: expression, first line of the text, classifiers, or the file."""
    classifiers = [one for one in data.get_all("Classifier") or [] if one.startswith("License")]
    first = (data.get("License") or "").split("\n")[0]
    said = " ".join([data.get("License-Expression") or "", first, *classifiers])
    if said.strip():
        return said
    files = metadata.files(str(data["Name"])) or []
    texts = [Path(str(one.locate())).read_text() for one in files if "licen" in one.name.lower()]
    return texts[0][:400] if texts else ""


def test_licences_page_names_every_package_of_the_runtime_lock(repo: Path) -> None:
    """docs/licences.md is what we hand to a lawyer; it is complete."""
    page = (repo / "docs" / "licences.md").read_text()
    assert [name for name in pins(read(repo, "runtime")) if f"| {name} |" not in page] == []
