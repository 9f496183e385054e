# SPDX-License-Identifier: Apache-2.0
"""The check of a whole file, with or without a context: what `fanal notice check` does, without a node.

Known notices are those of the context and the error-free earlier ones of the file, so that a file may hold a
question and its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fanal.notices.check import Report, check_notice, check_text
from fanal.notices.context import Context, MemoryNotices
from fanal.notices.contextfile import load_context
from fanal.notices.problem import Problem
from fanal.notices.reading import Text, notice_texts
from fanal.v1.notice_pb2 import Notice


class CheckedLine(NamedTuple):
    """One notice of the file: the line where it begins and what the check found."""

    line: int
    report: Report

    def as_json(self) -> dict[str, Any]:
        """One object of the output of `fanal notice check --json`."""
        return {
            "line": self.line,
            "ok": self.report.ok,
            "kind": self.report.kind,
            "problems": [
                {"code": one.code, "field": one.field, "severity": str(one.severity), "message": one.message}
                for one in self.report.problems
            ],
        }


def check_file(
    path: Path, context_path: Path | None = None, finish: Callable[[Notice], Notice] | None = None
) -> Iterator[CheckedLine]:
    """Check every notice of a file (``-`` for standard input) in order.

    Without a context the stages JSON, PROTOBUF and RULES run. Raises FanalError when the file or the context
    cannot be used at all. ``finish`` makes a draft the notice that would be sent (``compose.as_if_sent``).
    """
    context, known = (None, MemoryNotices()) if context_path is None else load_context(context_path)
    for line, text in notice_texts(path):
        report = _checked(text, context, finish)
        if context is not None and report.ok and report.notice is not None:
            known.add(report.notice)
        yield CheckedLine(line, report)


def _checked(text: Text, context: Context | None, finish: Callable[[Notice], Notice] | None) -> Report:
    if isinstance(text, Problem):
        return Report(None, None, (text,))
    if finish is None:
        return check_text(text, context)
    report = check_text(text)
    return report if report.notice is None else check_notice(finish(report.notice), context)
