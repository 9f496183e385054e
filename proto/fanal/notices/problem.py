# SPDX-License-Identifier: Apache-2.0
"""One finding of the check: a stable code, the field in its JSON form, how bad it is, and a sentence.

The code decides the severity (codes.md), so that no rule can soften or harden it. An unknown code or one
raised in a stage it does not belong to is a programming error and fails at once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from fanal.i18n import translate


class Stage(enum.StrEnum):
    """The four stages, in the order in which they run."""

    JSON = "JSON"
    PROTOBUF = "PROTOBUF"
    RULES = "RULES"
    CONTEXT = "CONTEXT"


class Severity(enum.StrEnum):
    """ERROR: the notice is not issued. WARN: it is issued after the sender gave a reason."""

    ERROR = "ERROR"
    WARN = "WARN"


_ERRORS: dict[Stage, tuple[str, ...]] = {
    Stage.JSON: ("NOT_JSON", "NOT_A_NUMBER", "DUPLICATE_KEY"),
    Stage.PROTOBUF: (
        "UNKNOWN_FIELD", "WRONG_TYPE", "SEVERAL_BODIES", "UNKNOWN_CODE", "FORMAT", "OUT_OF_RANGE",
    ),
    Stage.RULES: (
        "UNKNOWN_CODE", "FORMAT", "OUT_OF_RANGE", "REQUIRED", "NON_ASCII_IDENTIFIER",
        "WHITESPACE_IN_IDENTIFIER", "CHECK_DIGIT", "INCONSISTENT", "DATE_ORDER", "RANGE_ORDER",
        "TOTAL_MISMATCH", "SELF_RECIPIENT", "DUPLICATE", "HANDLING_TOO_OPEN", "HANDLING_CONFLICT",
        "MINOR_TOO_OPEN", "RETENTION_TOO_LONG", "PROTECTED_PERSON",
        "SPECIAL_CATEGORY_WITHOUT_JUSTIFICATION", "NOT_ISSUING_STATE", "ORIGINAL_TEXT", "NOT_NFC",
        "BIDI_CONTROL", "CONTROL_CHARACTER", "TOO_LONG", "PATH_IN_NAME", "SMALL_CELL",
        "SUPPRESSED_WITH_VALUE",
    ),
    Stage.CONTEXT: (
        "UNKNOWN_REFERENCE", "WRONG_REFERENCE_KIND", "NOT_ADDRESSED", "ASKER_NOT_RECIPIENT", "AFTER_FINAL",
        "NOT_ORIGINATOR", "WITHDRAWN", "RECIPIENT_REMOVED", "EQUIVOCATION", "DUPLICATE_REF",
        "ISSUED_IN_FUTURE", "UNKNOWN_ORIGINATOR", "UNKNOWN_GROUP", "NOT_A_MEMBER", "NO_DUTY_CONTACT",
        "NOT_AGREED",
    ),
}  # fmt: skip
_WARNINGS: dict[Stage, tuple[str, ...]] = {
    Stage.RULES: ("MID_FLAG_MISMATCH", "MISSING_MINOR_NOT_URGENT"),
    Stage.CONTEXT: ("UNKNOWN_RECIPIENT", "STALE_ENTRY"),
}

CODES: dict[tuple[Stage, str], Severity] = {
    **{(stage, code): Severity.ERROR for stage, codes in _ERRORS.items() for code in codes},
    **{(stage, code): Severity.WARN for stage, codes in _WARNINGS.items() for code in codes},
}
"""Every code with the stages it may come from, as in codes.md."""


MAX_PROBLEMS = 100
"""More are not looked for: a hostile text must not become long work and a far longer answer."""


@dataclass(frozen=True)
class Problem:
    """A finding: ``field`` is the path in the JSON form (``$`` for the text as a whole)."""

    code: str
    field: str
    severity: Severity
    stage: Stage
    message: str


def problem(stage: Stage, code: str, field: str, message: str, **facts: str | int) -> Problem:
    """The finding ``code`` at ``field``; ``message`` is a gettext id with ``{named}`` facts."""
    text = translate(message)
    return Problem(code, field, CODES[stage, code], stage, text.format(**facts) if facts else text)
