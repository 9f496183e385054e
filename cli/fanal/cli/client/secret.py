# SPDX-License-Identifier: Apache-2.0
"""How a secret reaches the program: a prompt, a file descriptor or a key file. Never an argument.

An argument is read by every process of the machine and kept in the shell's history; so is the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.errors import BAD_PASSPHRASE_INPUT, NO_TERMINAL, NOT_CONFIRMED
from fanal.cli.shown.output import message
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.client.given import Given
    from fanal.keys.secret import Secret

PASSPHRASE_LIMIT = 1024


def secret_for(given: Given, what: str) -> Secret:
    """The secret that opens ``what``: --key-file, --passphrase-fd, the folder's unlock.key, else a prompt."""
    from fanal.keys.secret import Passphrase, read_key_file

    if given.key_file:
        return read_key_file(Path(given.key_file))
    if given.passphrase_fd is not None:
        return Passphrase(_next_line(given, given.passphrase_fd))
    if given.home.unlock_key.is_file():
        return read_key_file(given.home.unlock_key)
    return Passphrase(prompt(say(_("Passphrase of {what}: "), what=what)))


def _next_line(given: Given, number: int) -> str:
    """The next line of the descriptor; at its end the last one again, for one passphrase may open several."""
    try:
        given.last_line = from_descriptor(number)
    except FanalError:
        if given.last_line is None:
            raise
    return given.last_line


def from_descriptor(number: int) -> str:
    """One line from a file descriptor of the caller, without its line end."""
    try:
        with os.fdopen(number, "rb", closefd=False, buffering=0) as file:
            data = _line(file)
    except (OSError, ValueError) as error:
        raise FanalError(
            BAD_PASSPHRASE_INPUT, reason=say(_("descriptor {number} cannot be read"), number=number)
        ) from error
    return _checked(data)


def _line(file: object) -> bytes:
    data = b""
    while len(data) <= PASSPHRASE_LIMIT and not data.endswith(b"\n"):
        one = file.read(1)  # type: ignore[attr-defined]  # what follows the line belongs to the caller
        if not one:
            break
        data += one
    return data


def _checked(data: bytes) -> str:
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise FanalError(BAD_PASSPHRASE_INPUT, reason=say(_("it is not UTF-8"))) from error
    if not text or len(data) > PASSPHRASE_LIMIT:
        long = say(_("it is longer than {limit} bytes"), limit=PASSPHRASE_LIMIT)
        reason = long if text else say(_("it is empty"))
        raise FanalError(BAD_PASSPHRASE_INPUT, reason=reason)
    return text


def prompt(label: str, repeat: bool = False) -> str:
    """Asks on the terminal without echo; twice for a new passphrase. FanalError without a terminal."""
    import getpass

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        option = say(_("--passphrase-fd N or --key-file FILE"))
        raise FanalError(NO_TERMINAL, what=label.rstrip(": "), option=option) from None
    typed = getpass.getpass(label)
    if repeat and getpass.getpass(say(_("The same again: "))) != typed:
        raise FanalError(BAD_PASSPHRASE_INPUT, reason=say(_("the two differ")))
    return _checked(typed.encode("utf-8", errors="surrogateescape"))


def ask(label: str, option: str) -> str:
    """A line typed on the terminal, with echo. FanalError without a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise FanalError(NO_TERMINAL, what=label.rstrip(": "), option=option)
    sys.stderr.write(label)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise FanalError(NOT_CONFIRMED)
    return line.strip()


def require_answerable(question: str, yes: bool) -> None:
    """Refuses at once what ``confirm`` would refuse later for want of a terminal."""
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise FanalError(NO_TERMINAL, what=question, option="--yes")


def confirm(question: str, yes: bool) -> None:
    """Goes on only after ``y`` or ``yes``; ``yes`` answers beforehand. FanalError NOT_CONFIRMED otherwise."""
    if yes:
        return
    require_answerable(question, yes)
    if ask(f"{question} [y/N] ", "--yes").lower() not in ("y", "yes", say(_("yes"))):
        message(say(_("Nothing was sent.")))
        raise FanalError(NOT_CONFIRMED)
