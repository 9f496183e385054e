# SPDX-License-Identifier: Apache-2.0
"""Dates and times as people type them, as Unix seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fanal.cli.errors import BAD_CHOICE, SPAN_REVERSED
from fanal.errors import FanalError
from fanal.i18n import _, say

_LAST = 253402300799


def times(span: str | None, option: str) -> tuple[int, int]:
    """``FROM..TO`` as Unix seconds, both included; a date alone is its whole day. ``option``: what it was
    given as. Raises BAD_CHOICE and SPAN_REVERSED."""
    if span is None:
        return 0, _LAST
    first, last = _ends(span)
    if first > last:
        raise FanalError(SPAN_REVERSED, option=option, value=span[:80])
    return first, last


def _ends(span: str) -> tuple[int, int]:
    first, dots, last = span.partition("..")
    try:
        if not dots:
            return moment(first, end=False), moment(first, end=True)
        return (moment(first, end=False) if first else 0), (moment(last, end=True) if last else _LAST)
    except ValueError as error:
        form = "2026-11-01..2026-11-30, 2026-11-01T08:00:00Z.."
        raise FanalError(BAD_CHOICE, value=repr(span)[:80], what=say(_("time")), choices=form) from error


def since(text: str | None) -> int:
    """The first second of a date, or a time; 0 for none. Raises BAD_CHOICE."""
    if text is None:
        return 0
    try:
        return moment(text, end=False)
    except ValueError as error:
        form = "2026-11-01, 2026-11-01T08:00:00Z"
        raise FanalError(BAD_CHOICE, value=repr(text)[:80], what=say(_("time")), choices=form) from error


def moment(text: str, *, end: bool) -> int:
    """One date or time as Unix seconds, UTC unless it says otherwise; ``end``: the last second of a date.
    Raises ValueError."""
    found = datetime.fromisoformat(text)
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if end and len(text) == len("2026-11-01"):
        found += timedelta(days=1, seconds=-1)
    return int(found.timestamp())
