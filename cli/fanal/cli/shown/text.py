# SPDX-License-Identifier: Apache-2.0
"""Words on a screen: times, sizes, ids and text of others made harmless for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from fanal.i18n import _, say


def when(seconds: int) -> str:
    """ISO 8601 in UTC to the second; empty for 0."""
    if not seconds:
        return ""
    import datetime

    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def harmless(text: str) -> str:
    """``text`` with every control, bidirectional control and surrogate spelled out; newlines stay.

    A notice of another agency must not move the cursor, recolour a verdict or turn a line around.
    """
    return "".join(one if _printable(one) else f"\\u{ord(one):04x}" for one in text)


def _printable(one: str) -> bool:
    return one in "\n\u200c\u200d" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def groups(data: bytes, digits: int = 5) -> str:
    """Bytes as decimal groups, one per two bytes, for reading out and comparing."""
    numbers = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    return " ".join(f"{number:0{digits}d}" for number in numbers)


def duration(seconds: int) -> str:
    """A rough length of time: 45 s, 12 min, 3 h, 2 d."""
    for size, text in ((86_400, _("{count} d")), (3_600, _("{count} h")), (60, _("{count} min"))):
        if seconds >= size:
            return say(text, count=seconds // size)
    return say(_("{count} s"), count=max(seconds, 0))


def fields(*rows: tuple[str, str]) -> list[str]:
    """Indented lines of a marked label and its value, the values under each other."""
    named = [(say(label), value) for label, value in rows]
    widest = max(width(label) for label, _value in named)
    return [f"  {label}{' ' * (widest - width(label))}  {value}" for label, value in named]


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned by spaces, two apart: what a pipe or a file gets. Empty without rows."""
    lines = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(width(line[at]) for line in lines) for at in range(len(columns))]
    return "\n".join(
        "  ".join(cell + " " * (widths[at] - width(cell)) for at, cell in enumerate(line)).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Columns that a text takes on a screen or a page of fixed width."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) > 0 for one in text)
