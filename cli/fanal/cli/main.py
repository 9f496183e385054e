# SPDX-License-Identifier: Apache-2.0
"""The entry: every ending of a command becomes an exit code and words, never a traceback.

Exit codes are those of ``fanal.errors.Exit``; ``fanal help exit-codes`` lists them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from fanal.cli import errors
from fanal.cli.shown.output import message, prepare_streams, report
from fanal.cli.table import root
from fanal.errors import Exit, FanalError
from fanal.i18n import _, say


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and ends the process with its exit code."""
    gc.set_threshold(50_000)  # a command is over before a collection pays; imports are mostly garbage-free
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = run(given)
    code = _flushed(code, _wants_json(given))
    _settle_stderr()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code; whatever it raised has been reported."""
    as_json = _wants_json(arguments)
    try:
        _check_text(arguments)
        result = root.main(arguments, prog_name="fanal", standalone_mode=False)
        return result if isinstance(result, int) else Exit.OK
    except BrokenPipeError:
        return _quiet_pipe()
    except BaseException as error:
        if isinstance(error, SystemExit):
            return int(error.code or 0)
        return _report(error, as_json)


def _report(error: BaseException, as_json: bool) -> int:
    found = as_fanal_error(error)
    try:
        return report(found, as_json)
    except BrokenPipeError:
        return _quiet_pipe()
    except OSError:
        return report(found, as_json=False)  # stdout takes nothing: the words go to stderr


def as_fanal_error(error: BaseException) -> FanalError:
    """Any exception in the words of the error family; its own text stays out, it may hold a secret."""
    if isinstance(error, FanalError):
        return error
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "fanal"
        return FanalError(errors.USAGE, message=error.format_message(), command=path)
    if isinstance(error, click.ClickException):
        return FanalError(errors.USAGE, message=error.format_message(), command="fanal")
    if isinstance(error, KeyboardInterrupt | click.Abort | EOFError):
        return FanalError(errors.INTERRUPTED)
    if isinstance(error, OSError) and error.strerror and error.filename:
        from fanal.cli.shown.newfile import cannot

        return cannot(str(error.filename), error)
    if isinstance(error, OSError) and error.strerror:
        return FanalError(errors.OUTPUT_FAILED, reason=error.strerror)
    return _bug(error)


def _bug(error: BaseException) -> FanalError:
    """An id made of the kind of the fault and the places it passed: the same fault has the same id."""
    import hashlib
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{one.filename.rpartition('/')[2]}:{one.lineno}" for one in frames]
    trace = "\n".join([type(error).__name__, *places])
    bug = "BUG-" + hashlib.sha256(trace.encode(errors="replace")).hexdigest()[:8].upper()
    place = places[-1] if places else "start"
    return FanalError(errors.BUG, bug=bug, kind=type(error).__name__, place=place)


def _flushed(code: int, as_json: bool) -> int:
    """``code``, unless the answer could not be written to the end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet_pipe()
    except OSError as error:
        _discard_stdout()
        failed = FanalError(errors.OUTPUT_FAILED, reason=error.strerror or say(_("unknown")))
        return report(failed, as_json=False)
    return code


def _quiet_pipe() -> int:
    """The reader of our output has left: say nothing, and do not claim that all was well."""
    _discard_stdout()
    return int(Exit.FAILED)


def _discard_stdout() -> None:
    _discard(1)


def _settle_stderr() -> None:
    """What stderr could not take is dropped now; at exit Python would replace our exit code by 120."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        _discard(2)


def _discard(descriptor: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _check_text(arguments: Sequence[str]) -> None:
    for number, text in enumerate(arguments, 1):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise FanalError(errors.ARGUMENT_NOT_TEXT, number=number) from error


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON, known before the arguments are parsed."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before


__all__ = ["main", "message", "run"]
