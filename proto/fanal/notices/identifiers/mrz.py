# SPDX-License-Identifier: Apache-2.0
"""Machine-readable zones: ICAO Doc 9303 part 3 (check digits), 4 (TD3), 5 (TD1), 6 (TD2), 7 (visas).

Two lines of 44 (passport, visa A), two of 36 (TD2, visa B) or three of 30 (TD1). Every check digit counts
and, where the document has one, the composite; visas have none. A document number longer than its field
runs on into the optional data of TD1 and TD2 (part 5, section 4.2.4 note j).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from fanal.i18n import _
from fanal.notices.codelists import is_issuer
from fanal.notices.identifiers.checks import Finding

_LINE = re.compile(r"[A-Z0-9<]+")
_WEIGHTS = (7, 3, 1)


class _Layout(NamedTuple):
    number: tuple[int, int, int]  # line, begin, end; the check digit follows
    dates: tuple[tuple[int, int, int], ...]  # birth, expiry
    optional: tuple[int, int, int]
    composite: tuple[tuple[int, int, int], ...]  # parts; empty for visas
    composite_at: tuple[int, int]


_TD3 = _Layout(
    (1, 0, 9), ((1, 13, 19), (1, 21, 27)), (1, 28, 42), ((1, 0, 10), (1, 13, 20), (1, 21, 43)), (1, 43)
)
_TD2 = _Layout(
    (1, 0, 9), ((1, 13, 19), (1, 21, 27)), (1, 28, 35), ((1, 0, 10), (1, 13, 20), (1, 21, 35)), (1, 35)
)
_TD1 = _Layout(
    (0, 5, 14),
    ((1, 0, 6), (1, 8, 14)),
    (0, 15, 30),
    ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
    (1, 29),
)
_LAYOUTS = {(44, 44): _TD3, (36, 36): _TD2, (30, 30, 30): _TD1}


def check_zone(lines: Sequence[str]) -> Finding | None:
    """The first problem of a whole zone: form, issuer, check digits; None when it is sound.

    The lines have passed the gates of single identifiers (ASCII, no outer space).
    """
    layout = _LAYOUTS.get(tuple(len(line) for line in lines))
    if layout is None or not all(_LINE.fullmatch(line) for line in lines):
        return Finding("FORMAT", _("Two lines of 44 or 36 or three of 30, of capitals, digits and <."))
    if not is_issuer(lines[0][2:5].rstrip("<")):
        return Finding("UNKNOWN_CODE", _("The issuer in the zone is not in ICAO Doc 9303."))
    if not _digits_agree(lines, layout, visa=lines[0][0] == "V"):
        return Finding("CHECK_DIGIT", _("A check digit of the zone is wrong; read it again."))
    return None


def check_digit(text: str) -> str:
    """The check digit of ICAO Doc 9303 part 3, section 4.9: weights 7, 3, 1, letters from A = 10, < is 0."""
    values = (0 if letter == "<" else int(letter, 36) for letter in text)
    return str(sum(value * _WEIGHTS[index % 3] for index, value in enumerate(values)) % 10)


def _digits_agree(lines: Sequence[str], layout: _Layout, *, visa: bool) -> bool:
    for line, begin, end in layout.dates:
        if check_digit(lines[line][begin:end]) != lines[line][end]:
            return False
    if not _number_agrees(lines, layout):
        return False
    if visa:
        return True
    if layout is _TD3 and not _personal_number_agrees(lines[1]):
        return False
    line, at = layout.composite_at
    whole = "".join(lines[part][begin:end] for part, begin, end in layout.composite)
    return check_digit(whole) == lines[line][at]


def _number_agrees(lines: Sequence[str], layout: _Layout) -> bool:
    line, begin, end = layout.number
    number, digit = lines[line][begin:end], lines[line][end]
    if digit == "<" and layout is not _TD3:
        line, begin, end = layout.optional
        rest = lines[line][begin:end].split("<", 1)[0]
        number, digit = number + rest[:-1], rest[-1:]
    return check_digit(number) == digit


def _personal_number_agrees(line: str) -> bool:
    """The check digit of an empty personal number may be < (part 4, section 4.2.2, note on position 43)."""
    number, digit = line[28:42], line[42]
    return check_digit(number) == digit or (digit == "<" and not number.strip("<"))
