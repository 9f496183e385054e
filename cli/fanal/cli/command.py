# SPDX-License-Identifier: Apache-2.0
"""The decorator of every command: examples first in its help, ``--json`` and ``--home`` on all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from fanal.cli.lazy import format_examples, translate_help
from fanal.cli.session import Session
from fanal.cli.shown.output import Output
from fanal.i18n import _


class FanalCommand(click.Command):
    """A click command that shows its examples before anything else."""

    def __init__(self, name: str, examples: Sequence[str], act: Callable[..., None], **more: Any) -> None:
        super().__init__(name, context_settings={"max_content_width": 100}, **more)
        self.examples = tuple(examples)
        self.act = act
        """What it does, for a caller that has a session of its own."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        translate_help(self)
        format_examples(formatter, self.examples)
        super().format_help(ctx, formatter)


def command(
    name: str, *examples: str, officer: bool = False
) -> Callable[[Callable[..., None]], FanalCommand]:
    """Makes ``function(session, **arguments)`` a command; with ``officer`` it can sign as an officer."""

    def decorate(function: Callable[..., None]) -> FanalCommand:
        params: list[click.Parameter] = list(reversed(getattr(function, "__click_params__", [])))
        params += [*(_officer_options() if officer else []), *_common_options()]

        def run(**given: Any) -> None:
            session = _session(given)
            try:
                function(session, **given)
            finally:
                session.close()

        return FanalCommand(name, examples, function, help=function.__doc__, callback=run, params=params)

    return decorate


def _session(given: dict[str, Any]) -> Session:
    return Session(
        out=Output(given.pop("as_json")),
        home_given=given.pop("home"),
        officer_given=given.pop("officer", None) or os.environ.get("FANAL_OFFICER") or None,
        key_file=given.pop("key_file", None),
        passphrase_fd=given.pop("passphrase_fd", None),
    )


def _common_options() -> list[click.Parameter]:
    return [
        click.Option(["--home"], metavar="DIR", help=_("Folder of the agency [default: $FANAL_HOME].")),
        click.Option(["--json", "as_json"], is_flag=True, help=_("Answer in JSON, errors too.")),
    ]


def _officer_options() -> list[click.Parameter]:
    return [
        click.Option(["--officer"], metavar="ID", help=_("Who you are, or the path of your key file.")),
        # Two ways besides a prompt to open the key; a passphrase is never an argument.
        click.Option(["--key-file"], metavar="FILE", help=_("The 32-byte key that opens your key.")),
        click.Option(
            ["--passphrase-fd"],
            type=click.IntRange(0, 1023),
            metavar="N",
            help=_("Read the passphrase of your key from this file descriptor."),
        ),
    ]
