# SPDX-License-Identifier: Apache-2.0
"""stdout is data, stderr is messages. A person gets text, a program JSON; both say the same.

rich is imported only for a table that goes to a terminal; NO_COLOR and TERM are respected by it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO, cast

from fanal.cli.shown.text import harmless, plain_table
from fanal.errors import ErrorKind, FanalError
from fanal.i18n import _, say


class Output:
    """Where one command writes. ``as_json`` turns every answer, errors too, into one JSON object a line."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json

    def emit(self, data: Mapping[str, Any], text: str) -> None:
        """The answer: ``data`` for a program, or ``text`` for a person."""
        self.write(dump(data) if self.as_json else harmless(text))

    def emit_table(
        self, data: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[str]], none: str
    ) -> None:
        """The answer as a table; ``none`` is said when it has no row. Headings are marked messages."""
        if self.as_json or not rows:
            return self.emit(data, say(none) if none else "")
        shown = [[harmless(cell).replace("\n", " ") for cell in row] for row in rows]
        if sys.stdout.isatty():
            return _rich_table([say(one) for one in columns], shown)
        return self.write(plain_table([say(one) for one in columns], shown))

    def write(self, text: str) -> None:
        sys.stdout.write(text + "\n")

    def note(self, text: str) -> None:
        """A message beside the answer, to stderr."""
        message(text)


def message(text: str) -> None:
    """One message to stderr, which may be closed or full: that changes nothing of what a command does."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(harmless(text) + "\n")
            sys.stderr.flush()


def dump(data: Mapping[str, Any]) -> str:
    """One line of JSON; ASCII only where the terminal cannot show more."""
    import json

    wide = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    return json.dumps(data, ensure_ascii=not wide, separators=(", ", ": "))


def report(error: FanalError, as_json: bool) -> int:
    """Writes the error, as words to stderr or as JSON to stdout, and returns its exit code."""
    if as_json:
        sys.stdout.write(dump(error_data(error)) + "\n")
    else:
        why = reason(error)
        message(say(_("error: {sentence} [{id}]"), sentence=error.sentence, id=error.kind.id))
        if why:
            message(say(_("why:   {reason}"), reason=why))
        message(say(_("next:  {hint}"), hint=error.hint))
    return int(error.kind.exit)


def error_data(error: FanalError) -> dict[str, Any]:
    """The JSON form of an error: id, sentence, why (its cause or empty), hint, exit."""
    kind: ErrorKind = error.kind
    inner = {"id": kind.id, "sentence": error.sentence, "why": reason(error), "hint": error.hint}
    return {"error": {**inner, "exit": int(kind.exit)}}


def reason(error: FanalError) -> str:
    """The cause, where it says more than the error: another refusal, or the system's words."""
    cause = error.__cause__
    if isinstance(cause, FanalError):
        return f"{cause.sentence} [{cause.kind.id}]" if cause.sentence != error.sentence else ""
    if isinstance(cause, OSError) and cause.strerror and cause.strerror not in error.sentence:
        return cause.strerror
    return ""


def prepare_streams() -> None:
    """Makes stdout and stderr usable whatever the locale: what cannot be shown is spelled, never a crash."""
    _fill_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is None:
        sys.stdout = cast(TextIO, _Closed())


def _fill_descriptors() -> None:
    """A file opened later never gets the number of a stream the caller closed: libraries write to those."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, so this one


class _Closed:
    """Stands in for a stdout that was closed by the caller (``>&-``): every write is refused."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise OSError(9, say(_("standard output is closed")))

    def flush(self) -> None:
        return None

    def isatty(self) -> bool:
        return False


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)
