# SPDX-License-Identifier: Apache-2.0
"""Rules for single values, found generically: identifiers, code lists, forms, free text, enums, times.

Every string field of the schema falls into exactly one of the first four; what no table names is free text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from google.protobuf.message import Message

from fanal.i18n import _
from fanal.notices import codelists, text
from fanal.notices.identifiers.checks import Finding, check_identifier
from fanal.notices.rules.forms import FORMS
from fanal.notices.rules.registry import ANY, At, Found, rule
from fanal.notices.schema import MAX_ITEMS, Field, Node, Sort, fields_of, items, strings
from fanal.notices.times import on_earth

LONG_TEXTS = {
    "Text.text": text.TEXT,
    "MlaTransmission.facts": text.LONG,
    "InformationRequest.question": text.LONG,
}

LONG_LISTS = {"Notice.recipients": 500}

_HS = re.compile("(?:[0-9]{2}){1,3}")
_DUAL_USE = re.compile(r"[0-9][A-E][0-9]{3}(?:\.[a-z0-9]+)*")


@rule(
    ANY, "NON_ASCII_IDENTIFIER", "WHITESPACE_IN_IDENTIFIER", "FORMAT", "CHECK_DIGIT", "BIDI_CONTROL",
    "CONTROL_CHARACTER", "NOT_NFC", "TOO_LONG",
)  # fmt: skip
def identifiers(message: Message, at: At) -> Found:
    """Identifiers in their gates; what has no form of its own still is a text of at most 500 characters."""
    yield from _each(message, at, lambda field: field.identifier != 0, _identifier)


@rule(ANY, "UNKNOWN_CODE", "FORMAT")
def code_lists(message: Message, at: At) -> Found:
    """Codes of installed lists exist; codes of lists that agencies extend have their form."""
    yield from _each(message, at, lambda field: bool(field.code_list), _listed)


@rule(ANY, "FORMAT", "OUT_OF_RANGE", "UNKNOWN_CODE", "CHECK_DIGIT")
def forms(message: Message, at: At) -> Found:
    """Decimals, dates, countries, agencies, hashes and other fields with a form (table FORMS)."""
    yield from _each(message, at, lambda field: field.key in FORMS, _formed)


@rule(ANY, "BIDI_CONTROL", "CONTROL_CHARACTER", "NOT_NFC", "TOO_LONG")
def texts(message: Message, at: At) -> Found:
    """Free text (``fanal.notices.text``)."""
    yield from _each(message, at, _is_free_text, _free_text)


@rule(ANY, "UNKNOWN_CODE")
def enums(message: Message, at: At) -> Found:
    """A closed list has a value with this number. Protobuf keeps unknown ones (proto3 open enums)."""
    for field in fields_of(message.DESCRIPTOR).values():
        if field.enum is None:
            continue
        numbers = items(message, field) if field.repeated else [getattr(message, field.name)]
        for index, number in enumerate(numbers):
            if number not in field.enum.values_by_number:
                name = f"{field.name}[{index}]" if field.repeated else field.name
                yield at.find("UNKNOWN_CODE", name, _("The list has no such number."))


@rule(ANY, "TOO_LONG")
def lists_are_bounded(message: Message, at: At) -> Found:
    """reliability.md, Limits: 500 recipients; no list of a notice in its envelope needs 1,000 items."""
    for field in fields_of(message.DESCRIPTOR).values():
        longest = LONG_LISTS.get(field.key, MAX_ITEMS)
        if field.repeated and len(getattr(message, field.name)) > longest:
            message_id = _("The list has more than {limit} items.")
            yield at.find("TOO_LONG", field.name, message_id, limit=longest)


@rule(ANY, "OUT_OF_RANGE")
def times_on_earth(message: Message, at: At) -> Found:
    """timestamp.proto: from year 1 to 9999; a message from the wire may hold any number."""
    for field in fields_of(message.DESCRIPTOR).values():
        there = field.sort is Sort.TIME and message.HasField(field.name)
        if there and not on_earth(getattr(message, field.name)):
            yield at.find("OUT_OF_RANGE", field.name, _("The time lies outside the years 1 to 9999."))


def _each(
    message: Message,
    at: At,
    wanted: Callable[[Field], bool],
    check: Callable[[Field, str], Finding | None],
) -> Found:
    for field, value, path in strings(Node(message, "")):
        if wanted(field):
            finding = check(field, value)
            if finding is not None:
                yield at.find(finding.code, path, finding.message)


def _is_free_text(field: Field) -> bool:
    return not field.identifier and not field.code_list and field.key not in FORMS


def _identifier(field: Field, value: str) -> Finding | None:
    return check_identifier(field.identifier, value) or text.check_text_value(value, text.SHORT)


def _formed(field: Field, value: str) -> Finding | None:
    return FORMS[field.key](value)


def _free_text(field: Field, value: str) -> Finding | None:
    return text.check_text_value(value, LONG_TEXTS.get(field.key, text.SHORT))


def _listed(field: Field, value: str) -> Finding | None:
    return _LISTS.get(field.code_list, _extendable)(value)


def _extendable(value: str) -> Finding | None:
    if codelists.is_extendable_code(value):
        return None
    return Finding("FORMAT", _("A code has 2 to 64 capitals, digits and underscores."))


def _hs(value: str) -> Finding | None:
    """Harmonized System 2022 (WCO): chapter, heading or subheading."""
    if not _HS.fullmatch(value):
        return Finding("FORMAT", _("A code of the Harmonized System has 2, 4 or 6 digits."))
    if codelists.is_hs(value):
        return None
    return Finding("UNKNOWN_CODE", _("Not in the Harmonized System 2022."))


def _unlocode(value: str) -> Finding | None:
    return None if codelists.is_unlocode(value) else Finding("UNKNOWN_CODE", _("Not in UN/LOCODE 2023-1."))


def _issuer(value: str) -> Finding | None:
    if codelists.is_issuer(value):
        return None
    return Finding("UNKNOWN_CODE", _("Not a three-letter code of ICAO Doc 9303."))


def _unit(value: str) -> Finding | None:
    if value in codelists.UNITS:
        return None
    return Finding("UNKNOWN_CODE", _("Units are KGM GRM TNE LTR MTQ C62 PR BX CT CUR."))


def _currency(value: str) -> Finding | None:
    return None if codelists.is_currency(value) else Finding("UNKNOWN_CODE", _("Not a currency of ISO 4217."))


def _dual_use(value: str) -> Finding | None:
    """Form of Annex I of Regulation (EU) 2021/821: category, group A to E, three digits, sub-items."""
    if _DUAL_USE.fullmatch(value):
        return None
    return Finding("FORMAT", _("A control list entry looks like 3A225 or 6A005.b."))


_LISTS: dict[str, Callable[[str], Finding | None]] = {
    "hs": _hs,
    "unlocode": _unlocode,
    "icao_doc_issuer": _issuer,
    "unece_rec20": _unit,
    "iso_4217": _currency,
    "dual_use": _dual_use,
}
