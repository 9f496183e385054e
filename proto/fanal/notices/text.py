# SPDX-License-Identifier: Apache-2.0
"""The rules of free text: nothing invisible, nothing that turns the reading direction, NFC, a length.

Sources: Unicode Standard Annex 9 (bidirectional controls), DerivedCoreProperties Default_Ignorable_Code_Point
(what shows nothing), Annex 15 (NFC). Line feeds and tabs are allowed where a field holds a message.
"""

from __future__ import annotations

import re
import unicodedata

from fanal.i18n import _
from fanal.notices.identifiers.checks import Finding

SHORT, LONG, TEXT = 500, 4_000, 8_000
"""Longest texts in characters: most fields, facts and questions, a Text."""

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_REFUSED_CATEGORIES = frozenset({"Cc", "Cn", "Co", "Cs"})


def check_text_value(text: str, limit: int) -> Finding | None:
    """The first problem of a free text of at most ``limit`` characters, or None."""
    if _BIDI.search(text):
        return Finding("BIDI_CONTROL", _("A character changes the direction of writing."))
    if _has_control(text, lines=limit > SHORT):
        return Finding("CONTROL_CHARACTER", _("A control, zero-width, private or unassigned character."))
    if not unicodedata.is_normalized("NFC", text):
        return Finding("NOT_NFC", _("The text is not in Unicode NFC: a letter and its accent are apart."))
    if len(text) > limit:
        return Finding("TOO_LONG", _("The text is longer than the field allows."))
    return None


def _has_control(text: str, *, lines: bool) -> bool:
    if text.isascii() and text.isprintable():
        return False
    if _INVISIBLE.search(text):
        return True
    allowed = "\n\t" if lines else ""
    return any(
        unicodedata.category(letter) in _REFUSED_CATEGORIES and letter not in allowed for letter in text
    )
