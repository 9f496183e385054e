# SPDX-License-Identifier: Apache-2.0
"""A group of commands that imports a command only when it is called, and knows what was meant by a typo."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from fanal.cli.errors import NOT_INSTALLED
from fanal.errors import FanalError
from fanal.i18n import _, say, translate


@dataclass(frozen=True)
class Entry:
    """One command of a group: where it is (``module:attribute``), what it does in one line, whose it is."""

    target: str
    summary: str
    section: str = _("Commands")


class LazyGroup(click.Group):
    """A click group made from a table of entries; ``--help`` of the group imports none of them."""

    def __init__(self, name: str, table: Mapping[str, Entry], examples: Sequence[str], **more: Any) -> None:
        super().__init__(name, context_settings={"max_content_width": 100}, **more)
        self.table = table
        self.examples = tuple(examples)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.table.get(cmd_name)
        return load(entry, cmd_name) if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            unknown = say(_("There is no command {name}."), name=repr(name))
            ctx.fail(unknown + suggestion(name, list(self.table)))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        translate_help(self)
        format_examples(formatter, self.examples)
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(entry.section for entry in self.table.values()):
            rows = [(name, say(one.summary)) for name, one in self.table.items() if one.section == section]
            with formatter.section(say(section)):
                formatter.write_dl(rows)


def load(entry: Entry, name: str) -> click.Command:
    """The command itself; FanalError when its module is not installed."""
    module, _, attribute = entry.target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise FanalError(NOT_INSTALLED, command=name) from error
    if not isinstance(found, click.Command):
        raise FanalError(NOT_INSTALLED, command=name)
    return found


def suggestion(word: str, known: Sequence[str]) -> str:
    """`` Did you mean ...?`` for the nearest known words, or nothing."""
    import difflib

    near = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    near = near or [one for one in known if one.startswith(word)]
    words = say(_(" or ")).join(near)
    return " " + say(_("Did you mean {words}?"), words=words) if near else ""


def translate_help(command: click.Command) -> None:
    """Puts the help of a command and of its options into the language of the environment."""
    command.help = translate(command.help) if command.help else None
    for param in command.params:
        if isinstance(param, click.Option) and param.help:
            param.help = translate(param.help)


def format_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """Examples come first in every help."""
    with formatter.section(say(_("Examples"))):
        for line in examples:
            formatter.write(f"  {line}\n")
    formatter.write_paragraph()
