# SPDX-License-Identifier: Apache-2.0
"""The rules of one identifier: ASCII, no outer space or control character, its form, its check digit.

The ASCII gate comes first because look-alike letters and foreign digits pass many validators: python-stdnum
accepts full-width digits and a trailing newline and raises on others. Behind the gate and a full-match
pattern it is right, and is used for what it knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fanal.i18n import _
from fanal.notices.refs import REF, ref_check_digits
from fanal.v1.options_pb2 import IdentifierType as T


class Finding(NamedTuple):
    """What is wrong with one value."""

    code: str
    message: str


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    example: str
    check: Callable[[str], bool] | None = None


def check_identifier(identifier: int, value: str) -> Finding | None:
    """The first problem of an identifier of type ``identifier`` (IdentifierType), or None."""
    if identifier not in _ANY_SCRIPT and not value.isascii():
        return Finding("NON_ASCII_IDENTIFIER", _("A letter or digit only looks like ASCII; type it anew."))
    if value != value.strip() or _CONTROL.search(value):
        return Finding("WHITESPACE_IN_IDENTIFIER", _("There is a space at an end, or a control character."))
    form = _FORMS.get(identifier)
    return None if form is None else _check_form(form, value)


def check_cas(value: str) -> Finding | None:
    """CAS registry number: two to seven digits, two digits, a check digit (Chemical Abstracts Service)."""
    return _check_form(_CAS, value)


def check_phone(value: str) -> Finding | None:
    """Telephone number as in ITU-T E.164: + and 7 to 15 digits, the first not zero."""
    return _check_form(_FORMS[T.PHONE_NUMBER], value)


def check_document_number(value: str) -> Finding | None:
    """Number of a travel document: 4 to 20 capitals and digits."""
    return _check_form(_FORMS[T.TRAVEL_DOCUMENT], value)


def _check_form(form: _Form, value: str) -> Finding | None:
    if not form.pattern.fullmatch(value):
        return Finding("FORMAT", form.example)
    if form.check is not None and not form.check(value):
        return Finding("CHECK_DIGIT", _("The check digit is wrong: mistyped, or two swapped."))
    return None


def _container(value: str) -> bool:
    """ISO 6346."""
    from stdnum import iso6346

    return iso6346.is_valid(value)


def _imo(value: str) -> bool:
    """IMO resolution A.1117(30): the sum of the digits weighted 7 to 2 ends in the last digit."""
    from stdnum import imo

    return imo.is_valid(value)


def _lei(value: str) -> bool:
    """ISO 17442: ISO 7064 MOD 97-10 over the whole."""
    from stdnum import lei

    return lei.is_valid(value)


def _luhn(value: str) -> bool:
    """ISO/IEC 7812-1 annex B: IMEI (3GPP TS 23.003), wagons of 1520 mm gauge and UIC 438."""
    from stdnum import luhn

    return luhn.is_valid(value)


def _cas(value: str) -> bool:
    from stdnum import casrn

    return casrn.is_valid(value)


def _air_waybill(value: str) -> bool:
    """IATA resolution 600a: the last digit is the rest of the seven before it by 7."""
    return int(value[4:11]) % 7 == int(value[11])


def _ref(value: str) -> bool:
    """ISO 7064 MOD 97-10 over the rest of the reference."""
    return ref_check_digits(value[:-3]) == value[-2:]


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ANY_SCRIPT = frozenset({T.ONLINE_ACCOUNT, T.COMPANY_REGISTER})
_CAS = _Form(re.compile(r"[1-9][0-9]{1,6}-[0-9]{2}-[0-9]"), _("A CAS number looks like 108-24-7."), _cas)
_FORMS: dict[int, _Form] = {
    T.CONTAINER: _Form(
        re.compile(r"[A-Z]{3}[UJZ][0-9]{7}"), _("A container number looks like CSQU3054383."), _container
    ),
    T.BILL_OF_LADING: _Form(re.compile(r"[A-Z0-9]{1,35}"), _("Up to 35 capitals and digits are expected.")),
    T.AIR_WAYBILL: _Form(
        re.compile(r"[0-9]{3}-[0-9]{8}"), _("An air waybill looks like 214-55432101."), _air_waybill
    ),
    T.FLIGHT: _Form(re.compile(r"[A-Z0-9]{2}[A-Z]?[0-9]{1,4}[A-Z]?"), _("A flight looks like PK785.")),
    T.IMO_SHIP: _Form(re.compile(r"[1-9][0-9]{6}"), _("An IMO number looks like 9074729."), _imo),
    T.MMSI: _Form(re.compile(r"[2-7][0-9]{8}"), _("An MMSI has nine digits, the first from 2 to 7.")),
    T.VIN: _Form(re.compile(r"[A-HJ-NPR-Z0-9]{17}"), _("A VIN has 17 capitals and digits without I, O, Q.")),
    T.WAGON: _Form(re.compile(r"[0-9]{8}(?:[0-9]{4})?"), _("A wagon number has 8 or 12 digits."), _luhn),
    T.TRAVEL_DOCUMENT: _Form(re.compile(r"[A-Z0-9]{4,20}"), _("4 to 20 capitals and digits are expected.")),
    T.PHONE_NUMBER: _Form(re.compile(r"\+[1-9][0-9]{6,14}"), _("A number looks like +22790000001.")),
    T.IMEI: _Form(re.compile(r"[0-9]{15}"), _("An IMEI has 15 digits."), _luhn),
    T.IMSI: _Form(re.compile(r"[0-9]{14,15}"), _("An IMSI has 14 or 15 digits.")),
    T.LEI: _Form(
        re.compile(r"[A-Z0-9]{18}[0-9]{2}"), _("An LEI has 18 capitals and digits, then 2 digits."), _lei
    ),
    T.NOTICE: _Form(
        re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        _("A UUID of version 7 in lower case is expected (RFC 9562)."),
    ),
    T.NOTICE_REF: _Form(REF, _("A reference looks like GE-CUS-2024-000003-38."), _ref),
}
