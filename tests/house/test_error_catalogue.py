# SPDX-License-Identifier: Apache-2.0
"""The error family: every id once, in the range of its package, known to the catalogue and explained."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from fanal.cli.errors_all import every
from fanal.errors import ErrorKind, Exit

# Which range a package draws its ids from; the longest folder that fits decides.
RANGES = {
    "proto/fanal/notices": {"01"},
    "keys/fanal/keys": {"02"},
    "keys/fanal/keys/merkle_errors.py": {"04"},  # proofs are checked here for envelopes and ledgers alike
    "keys/fanal/envelope": {"03"},
    "keys/fanal/proof": {"04"},
    "config/fanal/config": {"05"},
    "node/fanal/node": {"06", "07", "08"},
    "node/fanal/node/ledger": {"06"},
    "node/fanal/node/inbox": {"06"},
    "node/fanal/node/gossip": {"07"},
    "node/fanal/node/service": {"07", "08"},
    "cli/fanal/cli": {"09", "10"},
}


@pytest.fixture(scope="module")
def declared(repo: Path, python_files: tuple[Path, ...]) -> list[tuple[str, str]]:
    """(file, id) of every ErrorKind("FANAL-E....") in the sources."""
    found = []
    for path in python_files:
        name = str(path.relative_to(repo))
        if name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ErrorKind") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.append((name, str(first.value)))
    return found


def test_every_id_has_its_form(declared: list[tuple[str, str]]) -> None:
    """FANAL-E, two digits of the range and two of the error."""
    assert [one for one in declared if not re.fullmatch(r"FANAL-E(0[1-9]|10)\d\d", one[1])] == []


def test_every_id_is_declared_once(declared: list[tuple[str, str]]) -> None:
    """An id means one thing for ever, so no two places declare it, in modules that never meet either."""
    assert [one for one, times in Counter(one[1] for one in declared).items() if times > 1] == []


def test_every_id_lies_in_the_range_of_its_package(declared: list[tuple[str, str]]) -> None:
    """The range tells a reader of a log which part of the program speaks."""
    wrong = []
    for file, error_id in declared:
        folder = max((one for one in RANGES if file.startswith(one)), key=len, default="")
        if error_id[7:9] not in RANGES.get(folder, set()):
            wrong.append((file, error_id))
    assert wrong == []


def test_catalogue_holds_every_declared_id(declared: list[tuple[str, str]]) -> None:
    """What `fanal help FANAL-E....` can explain is everything that can be raised."""
    assert {one[1] for one in declared} - {kind.id for kind in every()} == set()


def test_every_id_is_documented(repo: Path, declared: list[tuple[str, str]]) -> None:
    """docs/errors.md has a heading for each."""
    page = (repo / "docs" / "errors.md").read_text()
    assert [one[1] for one in declared if f"### {one[1]}\n" not in page] == []


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.id)
def test_sentence_and_hint_can_be_read(kind: ErrorKind) -> None:
    """A sentence ends as one, the next step is told, and placeholders are plain names."""
    assert kind.exit is not Exit.OK
    assert kind.sentence[-1] in ".?!})"
    for text in (kind.sentence, kind.hint):
        assert text == text.strip()
        assert text
        names = [
            name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None
        ]
        assert [name for name in names if not name.isidentifier()] == []
