# SPDX-License-Identifier: Apache-2.0
"""Agency ids and readable references: ``CC-UNIT-YYYY-NNNNNN-KK``, to be read out on the telephone.

KK are the check digits of ISO 7064 MOD 97-10 over the rest without its hyphens: every mistyped character and
every swap of two neighbours is found.
"""

from __future__ import annotations

import re

from fanal.errors import FanalError
from fanal.notices.errors import BAD_AGENCY, REF_EXHAUSTED

AGENCY = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}")
REF = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,8}-[0-9]{4}-[0-9]{6}-[0-9]{2}")


def is_agency(text: str) -> bool:
    """Whether ``text`` is country, hyphen, and two to eight capitals or digits (protocol.md, Identities)."""
    return AGENCY.fullmatch(text) is not None


def make_ref(originator: str, year: int, counter: int) -> str:
    """The reference number ``counter`` of ``originator`` in ``year``, with its check digits.

    Raises FanalError for an originator that is no agency id, and for a year or counter that does not fit.
    """
    if not is_agency(originator):
        raise FanalError(BAD_AGENCY, agency=originator)
    if not (1 <= counter <= 999_999 and 1 <= year <= 9999):
        raise FanalError(REF_EXHAUSTED, counter=counter, year=year)
    stem = f"{originator}-{year:04d}-{counter:06d}"
    return f"{stem}-{ref_check_digits(stem)}"


def ref_check_digits(stem: str) -> str:
    """The two check digits of a reference without them (ISO 7064 MOD 97-10: letters count from A = 10)."""
    number = int("".join(str(int(letter, 36)) for letter in stem if letter != "-") + "00")
    return f"{98 - number % 97:02d}"
