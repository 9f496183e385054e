# SPDX-License-Identifier: Apache-2.0
"""The form of every field that is neither an identifier, nor of a code list, nor free text."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from fanal.i18n import _
from fanal.notices.codelists import LANGUAGES, is_country
from fanal.notices.identifiers.checks import Finding, check_cas, check_document_number, check_phone
from fanal.notices.refs import is_agency
from fanal.notices.times import date_span, is_period, is_whole_date

Form = Callable[[str], Finding | None]

_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DEGREES = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,7})?")
_FIRST_BIRTH = 1900


def decimal(value: str) -> Finding | None:
    """A string of ASCII digits with at most 15 and 9 places; never an exponent, never negative."""
    if _DECIMAL.fullmatch(value):
        return None
    if _DECIMAL.fullmatch(value.removeprefix("-")):
        return Finding("OUT_OF_RANGE", _("The number is negative."))
    return Finding("FORMAT", _("A decimal looks like 112.4: ASCII digits, up to nine places."))


def _degrees(limit: int) -> Form:
    def check(value: str) -> Finding | None:
        """WGS 84 degrees in decimal notation, up to seven places (about a centimetre)."""
        if not _DEGREES.fullmatch(value):
            return Finding("FORMAT", _("Degrees look like -18.0: ASCII digits, up to seven places."))
        if abs(Decimal(value)) > limit:
            return Finding("OUT_OF_RANGE", _("The degrees are beyond the limit of the globe."))
        return None

    return check


def partial_date(value: str) -> Finding | None:
    """ISO 8601 as far as known: 2024, 2024-04 or 2024-04-15, of a day that exists."""
    if date_span(value) is None:
        return Finding("FORMAT", _("A date looks like 2024, 2024-04 or 2024-04-15."))
    return None


def whole_date(value: str) -> Finding | None:
    """A full ISO 8601 date: the schema says "date" and not "date, whole or partial"."""
    return None if is_whole_date(value) else Finding("FORMAT", _("A date looks like 2024-04-15."))


def birth_date(value: str) -> Finding | None:
    """A date as far as known, from 1900."""
    span = date_span(value)
    if span is not None and span[0].year < _FIRST_BIRTH:
        return Finding("OUT_OF_RANGE", _("Births count from 1900."))
    return partial_date(value)


def period(value: str) -> Finding | None:
    """YYYY, YYYY-MM or YYYY-Qn."""
    return None if is_period(value) else Finding("FORMAT", _("A period looks like 2024, 2024-04 or 2024-Q1."))


def agency(value: str) -> Finding | None:
    """Country and unit, for example GE-CUS. Whether it exists, the directory knows (stage CONTEXT)."""
    return None if is_agency(value) else Finding("FORMAT", _("An agency looks like GE-CUS."))


def country(value: str) -> Finding | None:
    """ISO 3166-1 alpha-2, and XK, XX, ZZ."""
    if is_country(value):
        return None
    return Finding("UNKNOWN_CODE", _("Not a country of ISO 3166-1 alpha-2 (nor XK, XX, ZZ)."))


def language(value: str) -> Finding | None:
    """BCP 47 (RFC 5646): a language of the network, with subtags as in uz-Cyrl."""
    primary, *subtags = value.split("-")
    if primary not in LANGUAGES:
        return Finding("UNKNOWN_CODE", _("Not a language of the network."))
    if not all(re.fullmatch("[A-Za-z0-9]{1,8}", subtag) for subtag in subtags):
        return Finding("FORMAT", _("A language looks like fr or uz-Cyrl."))
    return None


def _pattern(expression: str, example: str) -> Form:
    compiled = re.compile(expression)

    def check(value: str) -> Finding | None:
        return None if compiled.fullmatch(value) else Finding("FORMAT", example)

    return check


_SHA256 = _pattern("[0-9a-f]{64}", _("A SHA-256 has 64 hexadecimal digits in lower case."))
_UN_NUMBER = _pattern("UN[0-9]{4}", _("A UN number looks like UN1715."))
_CODE = _pattern("[A-Z0-9][A-Z0-9_]{1,63}", _("A code has capitals, digits and underscores."))

FORMS: dict[str, Form] = {
    **dict.fromkeys(
        ("Quantity.value", "Money.amount", "Container.gross_kg", "Conveyance.length_m",
         "CbrnIncident.activity_bq", "CbrnIncident.dose_rate_usv_h", "Cell.value"),
        decimal,
    ),
    "Position.latitude": _degrees(90),
    "Position.longitude": _degrees(180),
    "Person.birth_date": birth_date,
    **dict.fromkeys(
        ("TravelDocument.issued", "TravelDocument.expires", "SeizureReport.date", "DocumentNotice.reported",
         "AssistanceOffer.available_from", "KnowledgeRecord.decided"),
        partial_date,
    ),
    **dict.fromkeys(
        ("Warrant.date", "OperationAnnouncement.start", "OperationAnnouncement.end", "OperationTally.start",
         "OperationTally.end", "DirectoryEntry.verified"),
        whole_date,
    ),
    **dict.fromkeys(("RouteObservation.period", "Cell.period"), period),
    **dict.fromkeys(
        ("Notice.previous_sha256", "Attachment.sha256", "Attachment.blob_id",
         "DeletionConfirmation.notice_sha256", "Withdrawal.with_deletion", "Withdrawal.without_deletion"),
        _SHA256,
    ),
    **dict.fromkeys(
        ("Place.country", "Company.country", "Goods.origin_country", "Conveyance.flag",
         "Conveyance.plate_country", "KnowledgeRecord.country"),
        country,
    ),
    **dict.fromkeys(
        ("Notice.originator", "Notice.recipients", "Handling.onward_to", "InformationReply.forwarded_to",
         "ConsentRequest.to", "OperationAnnouncement.participants", "Ack.forwarded_to"),
        agency,
    ),
    **dict.fromkeys(("Text.lang", "DirectoryEntry.languages"), language),
    **dict.fromkeys(("Goods.cas", "CbrnIncident.cas"), check_cas),
    **dict.fromkeys(("Goods.un_number", "CbrnIncident.un_number"), _UN_NUMBER),
    **dict.fromkeys(("DocumentNotice.range_from", "DocumentNotice.range_to"), check_document_number),
    "Contact.phone": check_phone,
    "Contact.email": _pattern(
        r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}",
        _("An address looks like duty@customs.example."),
    ),
    "Container.size_type": _pattern("[A-Z0-9]{4}", _("ISO 6346 size and type look like 45G1.")),
    "Name.script": _pattern("[A-Z][a-z]{3}", _("A script looks like Cyrl (ISO 15924).")),
    "Attachment.media_type": _pattern(
        r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}",
        _("A media type looks like image/jpeg (RFC 6838)."),
    ),
    "KnowledgeRecord.url": _pattern(r"https://[!-~]{1,490}", _("An address begins with https://.")),
    "DirectoryEntry.timezone": _pattern(
        "[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}",
        _("A time zone looks like Africa/Tunis (IANA)."),
    ),
    "Problem.code": _CODE,
}  # fmt: skip
"""The form of a field by ``Message.field``."""
