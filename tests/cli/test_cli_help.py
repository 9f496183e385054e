# SPDX-License-Identifier: Apache-2.0
"""The table of commands: each has examples, --json, a line of summary, and is documented; help is cheap."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from clikit import Run

from fanal.cli.help import EXITS, TOPICS, topic_text
from fanal.cli.lazy import LazyGroup
from fanal.cli.table import root
from fanal.config.load import keys
from fanal.errors import Exit

HEAVY = ("grpc", "google.protobuf", "cryptography", "nacl", "rich", "sqlite_utils", "platformdirs")
ROOMS = [str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")]


def commands(group: LazyGroup = root, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every leaf command as the words that call it."""
    for name, entry in group.table.items():
        if entry.target.startswith("fanal.cli.table:"):
            inner = group.get_command(click.Context(group), name)
            assert isinstance(inner, LazyGroup)
            yield from commands(inner, (*path, name))
        else:
            yield (*path, name)


EVERY = sorted(set(commands()) - {("demo",)})


def python(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOMS)}
    return subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_shows_examples_first_and_has_json(run: Run, path: tuple[str, ...]) -> None:
    """Examples come before anything else, each begins a real command, and --json and --home are there."""
    shown = run(*path, "--help")
    assert shown.code == 0
    first, examples = shown.out.splitlines()[0], shown.out.split("Usage:")[0]
    assert first == "Examples:"
    assert f"fanal {' '.join(path)}" in examples
    assert "--json" in shown.out
    assert "--home" in shown.out


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_is_in_a_help_topic(path: tuple[str, ...]) -> None:
    """Nobody has to find a command by chance."""
    texts = "\n".join(topic_text(topic) for topic in TOPICS)
    assert f"fanal {' '.join(path)}" in texts or path == ("help",)


def test_commands_are_at_most_two_words() -> None:
    """Noun then verb, no deeper."""
    assert max(len(path) for path in EVERY) == 2
    assert ("notice", "track") in EVERY


@pytest.mark.parametrize("group", ["", "notice", "network", "peer", "node", "key", "audit"])
def test_group_help_lists_every_command_with_its_line(run: Run, group: str) -> None:
    """The table itself is the help of a group."""
    shown = run(*(group.split()), "--help")
    assert shown.out.startswith("Examples:")
    for path in EVERY:
        if not group or (path[0] == group and len(path) == 2):
            assert path[1 if group else 0] in shown.out


@pytest.mark.process
@pytest.mark.parametrize("arguments", ["--help", "notice --help", "help start", "peer list --help"])
def test_help_imports_nothing_heavy(arguments: str) -> None:
    """Help needs neither grpc nor protobuf nor any cryptography."""
    code = (
        "import sys; from fanal.cli.main import run; code = run(sys.argv[1:]);"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules], code)"
    )
    assert "HEAVY [] 0" in python("-c", code, *arguments.split()).stdout


@pytest.mark.process
def test_help_costs_at_most_six_bare_interpreters() -> None:
    """The budget of experience.md, in CPU time, the best of several runs against the best of several."""
    program = "import sys; from fanal.cli.main import main; main(['--help'])"
    bare = min(_cpu("pass") for _ in range(8))
    assert min(_cpu(program) for _ in range(8)) <= 6 * bare + 0.01


def _cpu(program: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python("-c", program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.process
def test_module_and_version_work() -> None:
    """``python -m fanal.cli`` is the same program."""
    shown = python("-m", "fanal.cli", "--version")
    assert shown.returncode == 0
    assert shown.stdout.startswith("fanal ")


def test_typo_is_answered_with_what_was_meant(run: Run) -> None:
    """A wrong command, option or topic names the nearest right one, exit 2 or 9."""
    wrong = run("notice", "sned", "x")
    assert (wrong.code, "send" in wrong.err) == (2, True)
    wrong = run("notice", "list", "--unraed")
    assert (wrong.code, "--unread" in wrong.err) == (2, True)
    wrong = run("help", "operatr")
    assert (wrong.code, "operator" in wrong.err) == (9, True)


def test_every_topic_is_shown_and_listed(run: Run) -> None:
    """The list names each topic, and each has a text."""
    listed = run("help", "--json").json["topics"]
    assert set(listed) == set(TOPICS)
    for topic in TOPICS:
        assert len(run("help", topic).out) > 100


def test_every_exit_code_and_setting_is_explained() -> None:
    """No code and no setting is left out of its topic."""
    assert set(EXITS) == set(Exit)
    text = topic_text("config")
    assert [key for key in keys() if "." not in key and key not in text] == []


def test_error_ids_are_explained(run: Run) -> None:
    """An id is explained in words with its exit code; an unknown one is not found."""
    shown = run("help", "fanal-e0910", "--json")
    assert shown.json["exit"] == 5
    assert run("help", "E0910").out.startswith("FANAL-E0910")
    assert run("help", "FANAL-E9999").code == 9
    text = topic_text("errors")
    assert all(f"FANAL-E0{room}" in text for room in (1, 2, 3, 4, 5, 6, 8, 9))


def test_command_that_is_not_installed_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is missing is told as such, never as a traceback."""
    entry = type(root.table["demo"])("fanal.cli.not_there:demo", "x")
    monkeypatch.setitem(root.table, "demo", entry)
    gone = run("demo")
    assert (gone.code, "not part of this installation" in gone.err) == (1, True)
