# SPDX-License-Identifier: Apache-2.0
"""Rules of persons, their documents and telephones.

Sources: Protocol against the Smuggling of Migrants (2000); Directive (EU) 2016/680 art. 6, 7, 10;
INTERPOL Rules on the Processing of Data; ICAO Doc 9303.
"""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.codelists import issuing_country
from fanal.notices.identifiers.checks import check_document_number
from fanal.notices.identifiers.mrz import check_zone
from fanal.notices.rules.registry import At, Found, rule
from fanal.notices.times import date_span, day_of, is_after_day
from fanal.v1.notice_pb2 import (
    DocumentNotice,
    DocumentStatus,
    Notice,
    Person,
    PersonCategory,
    PersonNotice,
    PersonPurpose,
    Phone,
    SoughtFor,
    TravelDocument,
    Urgency,
    Warrant,
)

_PROTECTED = frozenset({PersonCategory.VICTIM, PersonCategory.SMUGGLED_MIGRANT})
_ONLY_ISSUER = frozenset(
    {DocumentStatus.LOST, DocumentStatus.STOLEN, DocumentStatus.STOLEN_BLANK, DocumentStatus.REVOKED,
     DocumentStatus.INVALID}
)  # fmt: skip
_ADULT = 18


def is_minor(person: Person, notice: Notice) -> bool:
    """Whether a person is marked as a minor, or surely under 18 when the notice is issued (CRC art. 1)."""
    if person.minor:
        return True
    span = date_span(person.birth_date)
    if span is None or not notice.HasField("issued_at"):
        return False
    eldest, issued = span[0], day_of(notice.issued_at)
    return (issued.year - eldest.year) - ((issued.month, issued.day) < (eldest.month, eldest.day)) < _ADULT


@rule("Person", "SPECIAL_CATEGORY_WITHOUT_JUSTIFICATION")
def special_categories_are_justified(person: Person, at: At) -> Found:
    """Directive (EU) 2016/680 art. 10: only where strictly necessary."""
    if person.special_categories and not person.special_category_justification.strip():
        message = _("Special categories of data need a justification.")
        yield at.find("SPECIAL_CATEGORY_WITHOUT_JUSTIFICATION", "special_categories", message)


@rule("Person", "PROTECTED_PERSON", "INCONSISTENT")
def arrest_only_on_a_warrant(person: Person, at: At) -> Found:
    """Protocol art. 5: migrants are not liable for having been smuggled; only LOCATE_ARREST allows arrest."""
    if person.sought_for != SoughtFor.ARREST:
        return
    if person.category in _PROTECTED:
        message = _("A victim or smuggled migrant is not sought for arrest.")
        yield at.find("PROTECTED_PERSON", "sought_for", message)
    elif at.notice.person_notice.purpose != PersonPurpose.LOCATE_ARREST:
        message = _("Only a person notice for LOCATE_ARREST allows arrest.")
        yield at.find("INCONSISTENT", "sought_for", message)


@rule("Person", "DATE_ORDER")
def born_before_issue(person: Person, at: At) -> Found:
    """A birth lies before the notice that tells it."""
    if _is_after_issue(person.birth_date, at.notice):
        yield at.find("DATE_ORDER", "birth_date", _("The birth is after the notice."))


@rule("PersonNotice", "REQUIRED")
def arrest_has_a_warrant(body: PersonNotice, at: At) -> Found:
    """INTERPOL Rules on the Processing of Data art. 82-84: a red notice rests on a judicial decision."""
    if body.purpose == PersonPurpose.LOCATE_ARREST and not body.HasField("warrant"):
        yield at.require("warrant", _("LOCATE_ARREST needs the warrant."))


@rule("Notice", "MISSING_MINOR_NOT_URGENT")
def missing_minor_is_urgent(notice: Notice, at: At) -> Found:
    """CRC art. 35 and 3: the best interests of a missing child do not wait for the next working day."""
    body = notice.person_notice
    if body.purpose != PersonPurpose.MISSING_PERSON or notice.urgency in (Urgency.FLASH, Urgency.URGENT):
        return
    if any(is_minor(person, notice) for person in body.persons):
        message = _("A minor is missing and the urgency is below URGENT.")
        yield at.find("MISSING_MINOR_NOT_URGENT", "urgency", message)


@rule("Warrant", "DATE_ORDER")
def warrant_is_before_issue(warrant: Warrant, at: At) -> Found:
    """notice.proto: the warrant is not dated after the notice."""
    if _is_after_issue(warrant.date, at.notice):
        yield at.find("DATE_ORDER", "date", _("The warrant is dated after the notice."))


@rule("TravelDocument", "FORMAT", "UNKNOWN_CODE", "CHECK_DIGIT")
def machine_readable_zone(document: TravelDocument, at: At) -> Found:
    """ICAO Doc 9303 parts 3 to 7."""
    lines = list(document.mrz)
    if not lines or any(not line.isascii() or line != line.strip() for line in lines):
        return  # a line with such a character is a finding of its own
    finding = check_zone(lines)
    if finding is not None:
        yield at.find(finding.code, "mrz", finding.message)


@rule("DocumentNotice", "NOT_ISSUING_STATE")
def only_the_issuer_says_lost(body: DocumentNotice, at: At) -> Found:
    """INTERPOL SLTD: only the issuing State lists its document as lost, stolen, revoked or invalid."""
    if body.status not in _ONLY_ISSUER or not at.notice.originator:
        return
    state = issuing_country(body.document.issuer)
    if state is None:
        return  # UNKNOWN_CODE or REQUIRED already
    teller = at.notice.originator[:2]
    if teller != (state or "XX"):
        message = _("Only the issuing State says that its document is lost, stolen or invalid.")
        yield at.find("NOT_ISSUING_STATE", "document.issuer", message)


@rule("DocumentNotice", "REQUIRED", "RANGE_ORDER")
def document_is_numbered(body: DocumentNotice, at: At) -> Found:
    """notice.proto: a document has its number, stolen blanks their range, first to last, of one length."""
    blank = body.status == DocumentStatus.STOLEN_BLANK
    if body.HasField("document") and not body.document.number and not blank:
        yield at.require("document.number", _("The document has a number, unless the blanks are stolen."))
    first, last = body.range_from, body.range_to
    if bool(first) != bool(last):
        missing = "range_to" if first else "range_from"
        yield at.require(missing, _("A range has a first and a last number."))
    elif _are_numbers(first, last) and (len(first) != len(last) or first > last):
        yield at.find("RANGE_ORDER", "range_to", _("The range runs backwards or changes length."))


@rule("Phone", "REQUIRED")
def account_has_a_service(phone: Phone, at: At) -> Found:
    """options.proto: the name of an account means nothing without its service."""
    if phone.account and not phone.service:
        yield at.require("service", _("An account needs its service."))


def _are_numbers(*values: str) -> bool:
    return all(check_document_number(value) is None for value in values)


def _is_after_issue(date: str, notice: Notice) -> bool:
    return notice.HasField("issued_at") and is_after_day(date, notice.issued_at)
