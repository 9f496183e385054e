# SPDX-License-Identifier: Apache-2.0
"""The six groups of four digits of a joining: each types what the other reads, the machine compares."""

from __future__ import annotations

import sys

from fanal.cli.client.secret import ask
from fanal.cli.errors import CODES_DIFFER, NO_TERMINAL
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say


def compare_code(session: Session, shown: str, typed: str | None, other: str) -> None:
    """Shows our code and compares what the other side reads out. FanalError CODES_DIFFER.

    ``typed`` is the code given beforehand, ``-`` for a line of standard input, None to ask on the terminal.
    """
    from fanal.keys.joining import check_code

    session.out.note(say(_("Read this out to {other}:  {code}"), other=other, code=shown))
    if typed is None:
        typed = ask(say(_("Type what {other} reads out: "), other=other), "--code")
    elif typed == "-":
        typed = _line()
    try:
        check_code(shown, typed)
    except FanalError as error:
        raise FanalError(CODES_DIFFER) from error


def _line() -> str:
    line = sys.stdin.readline(200) if sys.stdin is not None else ""
    if not line:
        raise FanalError(NO_TERMINAL, what=say(_("The code")), option="--code DIGITS")
    return line
