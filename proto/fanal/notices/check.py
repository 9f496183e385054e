# SPDX-License-Identifier: Apache-2.0
"""The check of a notice in its four stages: JSON, PROTOBUF, RULES, CONTEXT.

A stage that finds something ends the check; a field's first problem is enough. Nothing raises, whatever the
text::

    report = check_text(text, context)          # what a person wrote
    report = check_notice(notice, context)      # what arrived in signed bytes: stages 3 and 4
    if not report.ok: ...
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fanal.notices.context import Context
from fanal.notices.jsonform import parse_notice
from fanal.notices.kinds import kind_of
from fanal.notices.problem import MAX_PROBLEMS, Problem, Severity
from fanal.notices.rules.catalogue import run_context, run_rules
from fanal.notices.schema import BODIES
from fanal.notices.strictjson import Json, parse_strict
from fanal.v1.notice_pb2 import Notice


@dataclass(frozen=True)
class Report:
    """What the check found. ``notice`` is None when the text is no notice of the schema."""

    notice: Notice | None
    kind: str | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """No ERROR: the notice may be issued, with a reason for each WARN."""
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.severity is Severity.WARN)


def check_text(
    text: str | bytes, context: Context | None = None, *, accepted: Collection[str] = ()
) -> Report:
    """All stages on a JSON text; stage CONTEXT only with a context. See ``check_notice`` for ``accepted``."""
    parsed = parse_strict(text)
    if isinstance(parsed, Problem):
        return Report(None, None, (parsed,))
    notice, problems = parse_notice(parsed)
    if problems:
        return Report(None, _kind_in(parsed), tuple(problems[:MAX_PROBLEMS]))
    return check_notice(notice, context, accepted=accepted)


def check_notice(notice: Notice, context: Context | None = None, *, accepted: Collection[str] = ()) -> Report:
    """Stages RULES and CONTEXT on a notice.

    ``accepted`` are the codes of warnings that the sender gave a reason for: they are reported and do not end
    the check, so that a warning with a reason never keeps a later stage from finding an error.
    """
    problems = run_rules(notice)
    ended = any(one.severity is Severity.ERROR or one.code not in accepted for one in problems)
    if context is not None and not ended:
        problems += run_context(notice, context)
    return Report(notice, kind_of(notice), tuple(problems[:MAX_PROBLEMS]))


def _kind_in(value: Json) -> str | None:
    return next((name.upper() for name in value if name in BODIES), None)
