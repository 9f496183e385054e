# SPDX-License-Identifier: Apache-2.0
"""Every sentence of the command line can be translated: none bypasses the catalogue, each is found in it."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import io
import re
import string
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.mofile import write_mo
from clikit import REF, FakeNode, Run, a_notice, showing

from fanal import i18n
from fanal.cli.shown.words import DELIVERY, REASONS
from fanal.v1 import officer_pb2 as api

REPO = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (REPO / "cli" / "fanal" / "cli").rglob("*.py") if "demo" not in path.parts)
SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? +[A-Za-z]{2,}|[A-Za-z]{2,}: *$")
PLAIN = re.compile(r"fanal |--\w|application/|[\w./]+ [\w.]*unix")
OPEN, CLOSE = "\u27e6", "\u27e7"


class Text(ast.NodeVisitor):
    """Collects the texts of a module that a person could read and that no ``_`` marks."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if name in ("_", "ValueError", "TypedDict"):
            return
        if name == "command":  # its arguments are examples to be typed
            return
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
        self._judge(node.lineno, "".join(parts), re.compile(r"[A-Za-z]{3,}"))
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                self.visit(one.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._judge(node.lineno, node.value, SENTENCE)

    def _judge(self, line: int, text: str, reads: re.Pattern[str]) -> None:
        if reads.search(text) and not PLAIN.search(text) and text not in KNOWN:
            self.found.append((line, text))


KNOWN = frozenset(
    {
        "TLP {}, {}",
        "{}.txt",
        "group:",
        "# Settings of this node; every key is explained in config/examples/fanal.toml.",
        'agency = "{}"',
        'listen = "{}"',
        'advertise = "{}"',
        'key_file = "unlock.key"',
        "BUG-",
        "FANAL-{}",
        "chmod 600 {}",
        "timedatectl set-ntp true",
        "timedatectl status",
        "en='Its name'",
        "unix:{}",
        ".{}.",
        "/proc/{}/fd",
        "/proc/{}/limits",
        "Max open files",
    }
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPO)))
def test_no_sentence_bypasses_the_catalogue(path: Path) -> None:
    """Text for a person is marked with ``_``; f-strings hold no words, for they cannot be translated."""
    seeker = Text()
    seeker.visit(ast.parse(path.read_text()))
    assert seeker.found == []


def test_what_is_marked_is_plain_text_with_named_places() -> None:
    """``_`` takes one literal, never an f-string or a sum; its places are names."""
    wrong = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "_":
                literal = len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
                if not literal or not _named(str(node.args[0].value)):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def _named(text: str) -> bool:
    names = [name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None]
    return all(name.isidentifier() for name in names)


@pytest.fixture(scope="module")
def extraction() -> ModuleType:
    """The script behind ``make catalogue``."""
    spec = importlib.util.spec_from_file_location("catalogue", REPO / "docs" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def compiled(extraction: ModuleType) -> bytes:
    """A language in which every message stands in brackets."""
    catalogue = extraction.catalogue()
    catalogue.locale = "en"
    for message in catalogue:
        if message.id:
            message.string = f"{OPEN}{message.id}{CLOSE}"
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


@pytest.fixture
def brackets(compiled: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speaks that language."""
    language = gettext.GNUTranslations(io.BytesIO(compiled))
    monkeypatch.setattr(i18n, "_translations", lambda: language)


@pytest.fixture
def telling(answering: FakeNode, sending: FakeNode) -> FakeNode:
    """A node that has something to tell for every command."""
    notice = a_notice("GE-CUS")
    showing(sending, notice, outgoing=False)
    own = api.NoticeSummary(notice_id="0190", ref=REF, kind="ACK", outgoing=True, originator="AZ-CUS")
    deliveries = [
        api.Delivery(recipient=f"{at:02}-CUS", state=state, since=7) for at, state in enumerate(DELIVERY)
    ]
    deliveries += [
        api.Delivery(recipient="GE-CUS", state="QUEUED", reason=one, facts={"address": "192.0.2.7:1"})
        for one in (*REASONS, "FANAL-E0821")
    ]
    asking = api.PendingJoin(agency="TN-CGD", arrived=7, code="1234 5678")
    sending.answers |= {
        "List": api.ListReply(notices=[sending.answers["Show"].summary, own], next_cursor="7"),
        "Track": api.TrackReply(summary=own, deliveries=deliveries),
        "PendingJoins": api.PendingJoinsReply(joins=[asking]),
        "Invite": api.InviteReply(),
    }
    return sending


def bare(text: str) -> str:
    """What stands outside of all brackets."""
    depth, left = 0, []
    for one in text:
        depth += (one == OPEN) - (one == CLOSE)
        left.append(one if depth == 0 and one != CLOSE else "")
    return "".join(left)


COMMANDS = [
    ("status",),
    ("whoami",),
    ("peer", "list"),
    ("peer", "show", "GE-CUS"),
    ("key", "list"),
    ("doctor",),
    ("network", "charter"),
    ("notice", "list"),
    ("notice", "show", "018f"),
    ("notice", "track", "018f"),
    ("network", "approve"),
    ("help",),
    ("help", "join"),
    ("help", "exit-codes"),
    ("help", "FANAL-E0910"),
    ("node", "health"),
    ("notice", "send", "no-such-file.json"),
    ("notice", "send", "DRAFT", "--to", "GE-CUS,TR-CUS", "--dry-run"),
    ("notice", "send", "DRAFT", "--to", "GE-CUS,TR-CUS", "--yes"),
    ("notice", "withdraw", "0190", "--reason", "NONSENSE"),
    ("peer", "ping", "GE-CUS"),
    ("unlock",),
    ("audit", "verify"),
    ("notice", "sned"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_sentence_shows_up_translated(
    arguments: tuple[str, ...], run: Run, telling: FakeNode, draft: Path, brackets: None
) -> None:
    """In a language of brackets no word of ours stands outside of them; data does."""
    ran = run(*(str(draft) if one == "DRAFT" else one for one in arguments))
    assert OPEN in ran.out + ran.err
    left = re.sub(r"fanal \w+ \w+ [A-Z]", "", bare(ran.out + ran.err))
    assert re.findall(r"[A-Za-z]{2,},? [a-z]{2,}", left) == [], left


@pytest.mark.parametrize("arguments", [(), ("notice",), ("notice", "send"), ("init",)], ids=" ".join)
def test_help_shows_up_translated(arguments: tuple[str, ...], run: Run, brackets: None) -> None:
    """Summaries, options, docstrings and headings; examples are to be typed and stay."""
    shown = run(*arguments, "--help").out
    listed = [line for line in shown.splitlines() if not line.strip().startswith(("fanal ", "Usage:"))]
    ours = bare("\n".join(listed)).replace("Show this message and exit.", "")
    assert re.findall(r"[A-Za-z]{2,} [a-z]{2,}", ours) == [], ours


def test_extraction_finds_errors_help_and_topics(extraction: ModuleType) -> None:
    """The template holds marked sentences of every room, docstrings of commands, and topics."""
    found = extraction.catalogue()
    files = {file for message in found for file, _line in message.locations}
    assert {"proto", "keys", "config", "node", "cli"} <= {file.partition("/")[0] for file in files}
    assert "fanal notice send" in files
    assert "cli/fanal/cli/topics/join.txt" in files


def test_unknown_language_falls_back_to_english(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language without a catalogue changes nothing."""
    plain = run("help").out
    monkeypatch.setenv("LANGUAGE", "tlh")
    i18n._translations.cache_clear()
    assert run("help").out == plain
