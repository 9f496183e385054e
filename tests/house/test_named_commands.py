# SPDX-License-Identifier: Apache-2.0
"""No text sends a person to a command that does not exist: hints of errors, steps, help topics, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fanal.cli.errors_all import every
from fanal.cli.help import FOLDER
from fanal.cli.lazy import LazyGroup
from fanal.cli.shown.words import DELIVERY, PEER, REASONS
from fanal.cli.table import root

NAMED = re.compile(
    r"(?<![\w./-])fanal ((?:--?)?[a-z][\w-]*)(?: ((?:--?)?[a-z][\w-]*))?(?: ((?:--?)?[a-z][\w-]*))?"
)
OPTION = re.compile(r"--[a-z][a-z-]+")


def wrong(text: str) -> list[str]:
    """What ``text`` names as a command and the program does not have."""
    return [f"fanal {' '.join(filter(None, words))}" for words in NAMED.findall(text) if not known(*words)]


def known(*words: str) -> bool:
    """Whether the words begin with a command; what follows a whole command is prose or an argument."""
    found: click.Command = root
    for word in words:
        if not isinstance(found, LazyGroup):
            break
        if word.startswith("-") or not word:
            return not word or word in ("--version", "--help", "--json")
        inner = found.get_command(click.Context(found), word)
        if inner is None:
            return False
        found = inner
    return True


def steps() -> Iterator[tuple[str, str]]:
    """(where, text) of every sentence that tells what to do next."""
    for kind in every():
        yield kind.id, f"{kind.sentence} {kind.hint}"
    for table in (DELIVERY, PEER, REASONS):
        for token, words in table.items():
            yield token, " ".join(words)
    for path in sorted(FOLDER.glob("*.txt")):
        yield path.name, path.read_text()


@pytest.mark.parametrize(("where", "text"), list(steps()), ids=lambda value: value[:20])
def test_every_next_step_can_be_taken(where: str, text: str) -> None:
    """The command it names exists in this program."""
    assert wrong(text) == []


@pytest.mark.parametrize(("where", "text"), list(steps()), ids=lambda value: value[:20])
def test_every_option_that_is_named_exists(where: str, text: str) -> None:
    """An option in a hint or topic is one that some command takes."""
    assert set(OPTION.findall(text)) - options(root) == set()


def options(group: LazyGroup) -> set[str]:
    """Every option of every command."""
    found = {"--help", "--version"}
    for word in group.table:
        command = group.get_command(click.Context(group), word)
        if isinstance(command, LazyGroup):
            found |= options(command)
        elif command is not None:
            found |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    return found


def test_every_command_in_a_document_exists(repo: Path) -> None:
    """In code, inline or in blocks, of README, CONTRIBUTING and docs/."""
    found = {}
    for path in (*repo.glob("*.md"), *(repo / "docs").rglob("*.md")):
        text = path.read_text()
        code = re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL)
        if bad := [one for piece in code for one in wrong(piece)]:
            found[str(path.relative_to(repo))] = bad
    assert found == {}


def test_an_invented_command_would_be_found() -> None:
    """The net has no hole: an unknown noun, an unknown verb, prose after a command, a path."""
    assert wrong("Renew it with: fanal key renew tls.") == ["fanal key renew tls"]
    assert wrong("See fanal keys.") == ["fanal keys"]
    assert wrong("fanal status on both sides; set fanal.toml; fanal --version") == []
