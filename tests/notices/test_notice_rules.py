# SPDX-License-Identifier: Apache-2.0
"""Stage RULES beyond the corpus: one good notice, one change, the one finding that it must give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fanal.notices.check import check_notice
from fanal.notices.forms import from_json
from fanal.v1.notice_pb2 import Notice

Json = dict[str, Any]
Problems = Callable[[str, Json], list[tuple[str, str]]]
Case = tuple[str, Json, str, str]

SW, PN = "shipment_warning", "person_notice"
SHIP = "shipment_warning.shipment"
SHA = "ab" * 32

HEADER: list[Case] = [
    (SW, {"legal_basis": "  "}, "REQUIRED", "legal_basis"),
    (SW, {"urgency": "UNSPECIFIED"}, "REQUIRED", "urgency"),
    (SW, {"revision": 0}, "REQUIRED", "revision"),
    (SW, {"handling": None}, "REQUIRED", "handling"),
    (SW, {"retention.delete_by": None}, "REQUIRED", "retention.delete_by"),
    (SW, {"evaluation": {}}, "REQUIRED", "evaluation.grade"),
    (SW, {"recipients": ["GE-CUS", ""]}, "REQUIRED", "recipients[1]"),
    (SW, {"recipients": ["GE-CUS", "ge-cus"]}, "FORMAT", "recipients[1]"),
    (SW, {"recipients": ["GE-CUSTOMSXX"]}, "FORMAT", "recipients[0]"),
    (SW, {"handling.onward_to": ["GE"]}, "FORMAT", "handling.onward_to[0]"),
    (SW, {"related": ["x"]}, "FORMAT", "related[0]"),
    (SW, {"revision": 2, "previous_sha256": SHA}, "REQUIRED", "change_note"),
    (SW, {"revision": 2, "previous_sha256": SHA.upper(), "change_note": "x"}, "FORMAT", "previous_sha256"),
    (SW, {"reply_by": "2024-04-10T06:00:00Z"}, "DATE_ORDER", "reply_by"),
    (SW, {"expires_at": "2024-04-10T06:00:00Z"}, "DATE_ORDER", "expires_at"),
    (SW, {"retention.delete_by": "2024-05-10T05:59:59Z"}, "DATE_ORDER", "retention.delete_by"),
    (SW, {"retention.delete_by": "2027-04-10T06:00:01Z"}, "RETENTION_TOO_LONG", "retention.delete_by"),
    (SW, {"retention.review_at": "2024-04-10T06:00:00Z"}, "DATE_ORDER", "retention.review_at"),
    (SW, {"retention.review_at": "2025-04-10T06:00:01Z"}, "DATE_ORDER", "retention.review_at"),
    ("shipment_feedback", {"in_reply_to": None}, "REQUIRED", "in_reply_to"),
    ("ack", {"in_reply_to": None}, "REQUIRED", "in_reply_to"),
    ("information_reply", {"evaluation": None}, "REQUIRED", "evaluation"),
    ("consent_request", {"reply_by": None}, "REQUIRED", "reply_by"),
    (SW, {"offences": ["illicit"]}, "FORMAT", "offences[0]"),
    (SW, {"offences": ["X"]}, "FORMAT", "offences[0]"),
    (SW, {"code_lists": [{"list": "hs"}]}, "REQUIRED", "code_lists[0].version"),
    (SW, {"issued_at": "2024-04-10T06:00:00Z", "ref": "TR-CUS-2024-000001-73"}, "CHECK_DIGIT", "ref"),
]  # fmt: skip

ATTACHMENT = {"name": "a.jpg", "media_type": "image/jpeg", "size_bytes": 1, "sha256": SHA}
TEXT = {"lang": "en", "text": "x", "original": True}
TEXTS: list[Case] = [
    (SW, {"texts[0].original": None}, "ORIGINAL_TEXT", "texts"),
    (SW, {"texts[0].lang": "de"}, "UNKNOWN_CODE", "texts[0].lang"),
    (SW, {"texts[0].lang": "EN"}, "UNKNOWN_CODE", "texts[0].lang"),
    (SW, {"texts[0].lang": "uz-"}, "FORMAT", "texts[0].lang"),
    (SW, {"texts[0].text": "a\u200bb"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\u00adb"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\ue000b"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\u0378b"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\rb"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\u2028b"}, "CONTROL_CHARACTER", "texts[0].text"),
    (SW, {"texts[0].text": "a\u200fb"}, "BIDI_CONTROL", "texts[0].text"),
    (SW, {"texts[0].text": "a\u2066b"}, "BIDI_CONTROL", "texts[0].text"),
    (SW, {"legal_basis": "x" * 501}, "TOO_LONG", "legal_basis"),
    (SW, {"legal_basis": "a\nb"}, "CONTROL_CHARACTER", "legal_basis"),
    (SW, {f"{SHIP}.goods[0].description": "x" * 501}, "TOO_LONG", f"{SHIP}.goods[0].description"),
    (SW, {f"{SHIP}.containers[0].seals[0].number": "1" * 501}, "TOO_LONG",
     f"{SHIP}.containers[0].seals[0].number"),
    ("information_request", {"information_request.question": "x" * 4_001}, "TOO_LONG",
     "information_request.question"),
    ("mla_transmission", {"mla_transmission.facts": "x" * 4_001}, "TOO_LONG", "mla_transmission.facts"),
    ("knowledge_record", {"knowledge_record.facts": [TEXT, TEXT]}, "ORIGINAL_TEXT", "knowledge_record.facts"),
    ("knowledge_record", {"knowledge_record.url": "http://knowledge.example"}, "FORMAT",
     "knowledge_record.url"),
    (SW, {"attachments": [{**ATTACHMENT, "name": "..\\a"}]}, "PATH_IN_NAME", "attachments[0].name"),
    (SW, {"attachments": [{**ATTACHMENT, "name": ".profile"}]}, "PATH_IN_NAME", "attachments[0].name"),
    (SW, {"attachments": [{**ATTACHMENT, "name": "C:a"}]}, "PATH_IN_NAME", "attachments[0].name"),
    (SW, {"attachments": [{**ATTACHMENT, "media_type": "jpeg"}]}, "FORMAT", "attachments[0].media_type"),
    (SW, {"attachments": [{**ATTACHMENT, "size_bytes": 0}]}, "REQUIRED", "attachments[0].size_bytes"),
    (SW, {"attachments": [{**ATTACHMENT, "blob_id": "x"}]}, "FORMAT", "attachments[0].blob_id"),
]  # fmt: skip

FREE = {"handling": {"tlp": "CLEAR", "code": "H0", "onward": "PUBLIC", "evidence_use": "YES"}}
HANDLING: list[Case] = [
    ("conveyance_notice", FREE, "HANDLING_TOO_OPEN", "handling.tlp"),
    ("document_notice", FREE, "HANDLING_TOO_OPEN", "handling.tlp"),
    ("information_request", FREE, "HANDLING_TOO_OPEN", "handling.tlp"),
    ("mla_transmission", FREE, "HANDLING_TOO_OPEN", "handling.tlp"),
    ("knowledge_record", {"handling.code": "H1", "handling.evidence_use": "NO"}, "HANDLING_CONFLICT",
     "handling.code"),
    ("knowledge_record", {"handling.code": "H3", "handling.conditions": "x"}, "HANDLING_CONFLICT",
     "handling.code"),
    (SW, {"handling.onward": "NATIONAL_AUTHORITIES"}, "HANDLING_CONFLICT", "handling.onward"),
    (SW, {"handling.tlp": "RED", "handling.onward": "PUBLIC"}, "HANDLING_CONFLICT", "handling.onward"),
    (SW, {"handling.tlp": "AMBER_STRICT", "handling.onward": "COMMUNITY"}, "HANDLING_CONFLICT",
     "handling.onward"),
    ("modus_operandi", {"handling.onward": "PUBLIC"}, "HANDLING_CONFLICT", "handling.onward"),
    ("modus_operandi", {"handling.code": "H2"}, "HANDLING_CONFLICT", "handling.onward"),
    ("modus_operandi", {"attachments": [{**ATTACHMENT, "biometric": True}]}, "HANDLING_TOO_OPEN",
     "handling.onward"),
    ("knowledge_record", {"attachments": [{**ATTACHMENT, "biometric": True}]}, "HANDLING_TOO_OPEN",
     "handling.onward"),
    ("shipment_warning#7", {"handling.code": "H1"}, "HANDLING_TOO_OPEN", "handling.code"),
    ("shipment_warning#7", {"handling.tlp": "GREEN"}, "HANDLING_TOO_OPEN", "handling.tlp"),
    ("person_notice#3", {"handling.tlp": "GREEN", "handling.code": "H0"}, "MINOR_TOO_OPEN", "handling.tlp"),
    ("person_notice#3", {"handling.tlp": "GREEN", "person_notice.persons[0].minor": None}, "MINOR_TOO_OPEN",
     "handling.tlp"),
    (SW, {"handling.onward": 9}, "UNKNOWN_CODE", "handling.onward"),
    (SW, {"handling.evidence_use": -1}, "UNKNOWN_CODE", "handling.evidence_use"),
]  # fmt: skip

PERSON = f"{PN}.persons[0]"
PERSONS: list[Case] = [
    (PN, {f"{PERSON}.category": "VICTIM"}, "PROTECTED_PERSON", f"{PERSON}.sought_for"),
    ("smuggling_case", {"smuggling_case.persons[0].sought_for": "ARREST"}, "INCONSISTENT",
     "smuggling_case.persons[0].sought_for"),
    ("smuggling_case", {"smuggling_case.persons[1].sought_for": "ARREST"}, "PROTECTED_PERSON",
     "smuggling_case.persons[1].sought_for"),
    (PN, {f"{PN}.warrant.date": "2024-04-13"}, "DATE_ORDER", f"{PN}.warrant.date"),
    (PN, {f"{PN}.warrant.date": "2024-04"}, "FORMAT", f"{PN}.warrant.date"),
    (PN, {f"{PN}.warrant.offence": None}, "REQUIRED", f"{PN}.warrant.offence"),
    (PN, {f"{PERSON}.birth_date": "1899-12-31"}, "OUT_OF_RANGE", f"{PERSON}.birth_date"),
    (PN, {f"{PERSON}.birth_date": "2025"}, "DATE_ORDER", f"{PERSON}.birth_date"),
    (PN, {f"{PERSON}.birth_date": "1985-13"}, "FORMAT", f"{PERSON}.birth_date"),
    (PN, {f"{PERSON}.birth_date": "85"}, "FORMAT", f"{PERSON}.birth_date"),
    (PN, {f"{PERSON}.names[0].script": "cyrl"}, "FORMAT", f"{PERSON}.names[0].script"),
    (PN, {f"{PERSON}.names[0].full": None}, "REQUIRED", f"{PERSON}.names[0].full"),
    (PN, {f"{PERSON}.nationalities": ["UTO", "ZZZ"]}, "UNKNOWN_CODE", f"{PERSON}.nationalities[1]"),
    (PN, {f"{PERSON}.documents[0].issuer": "UT"}, "UNKNOWN_CODE", f"{PERSON}.documents[0].issuer"),
    (PN, {f"{PERSON}.documents[0].mrz[1]": "X"}, "FORMAT", f"{PERSON}.documents[0].mrz"),
    (PN, {f"{PERSON}.documents[0].mrz[0]": "\u0420<UTO" + "<" * 39}, "NON_ASCII_IDENTIFIER",
     f"{PERSON}.documents[0].mrz[0]"),
    (PN, {f"{PERSON}.special_categories": ["UNSPECIFIED"],
          f"{PERSON}.special_category_justification": "x"}, "REQUIRED", f"{PERSON}.special_categories[0]"),
    (PN, {f"{PERSON}.special_categories": [99], f"{PERSON}.special_category_justification": "x"},
     "UNKNOWN_CODE", f"{PERSON}.special_categories[0]"),
    ("smuggling_case", {"smuggling_case.phones[0].account": "x"}, "REQUIRED",
     "smuggling_case.phones[0].service"),
    ("person_notice#3", {"urgency": "ROUTINE", "person_notice.persons[0].minor": None},
     "MISSING_MINOR_NOT_URGENT", "urgency"),
    ("document_notice", {"document_notice.range_to": "N0000149"}, "RANGE_ORDER", "document_notice.range_to"),
    ("document_notice", {"document_notice.range_to": None}, "REQUIRED", "document_notice.range_to"),
    ("document_notice", {"document_notice.range_from": None}, "REQUIRED", "document_notice.range_from"),
    ("document_notice", {"document_notice.range_from": "n1"}, "FORMAT", "document_notice.range_from"),
    ("document_notice#3", {"document_notice.document.number": None}, "REQUIRED",
     "document_notice.document.number"),
    ("document_notice#3", {"document_notice.document.issuer": "UTO"}, "NOT_ISSUING_STATE",
     "document_notice.document.issuer"),
]  # fmt: skip

VESSEL = f"{SHIP}.conveyances[0]"
THINGS: list[Case] = [
    (SW, {f"{SHIP}.load": {"country": "TR"}}, "REQUIRED", f"{SHIP}.load.unlocode"),
    (SW, {f"{SHIP}.load": {"unlocode": "TRMER"}}, "REQUIRED", f"{SHIP}.load.country"),
    (SW, {f"{SHIP}.load.country": "QQ", f"{SHIP}.load.unlocode": None, f"{SHIP}.load.name": "x"},
     "UNKNOWN_CODE", f"{SHIP}.load.country"),
    (SW, {f"{SHIP}.load.unlocode": "TRM"}, "UNKNOWN_CODE", f"{SHIP}.load.unlocode"),
    (SW, {f"{SHIP}.load.position": {"latitude": "1"}}, "REQUIRED", f"{SHIP}.load.position.longitude"),
    (SW, {f"{SHIP}.load.position": {"latitude": "-90.0000001", "longitude": "0"}}, "OUT_OF_RANGE",
     f"{SHIP}.load.position.latitude"),
    (SW, {f"{SHIP}.load.position": {"latitude": "0", "longitude": "180.5"}}, "OUT_OF_RANGE",
     f"{SHIP}.load.position.longitude"),
    (SW, {f"{SHIP}.load.position": {"latitude": "0", "longitude": "1.12345678"}}, "FORMAT",
     f"{SHIP}.load.position.longitude"),
    (SW, {f"{SHIP}.load.position": {"latitude": "+1", "longitude": "1"}}, "FORMAT",
     f"{SHIP}.load.position.latitude"),
    (SW, {f"{SHIP}.load.control_post": "post 1"}, "FORMAT", f"{SHIP}.load.control_post"),
    (SW, {f"{SHIP}.goods[0].quantity.value": "1."}, "FORMAT", f"{SHIP}.goods[0].quantity.value"),
    (SW, {f"{SHIP}.goods[0].quantity.value": "1" * 16}, "FORMAT", f"{SHIP}.goods[0].quantity.value"),
    (SW, {f"{SHIP}.goods[0].quantity.value": "٣"}, "FORMAT", f"{SHIP}.goods[0].quantity.value"),
    (SW, {f"{SHIP}.goods[0].quantity.value": "1,5"}, "FORMAT", f"{SHIP}.goods[0].quantity.value"),
    (SW, {f"{SHIP}.goods[0].un_number": "1715"}, "FORMAT", f"{SHIP}.goods[0].un_number"),
    (SW, {f"{SHIP}.goods[0].hs": "020715"}, "UNKNOWN_CODE", f"{SHIP}.goods[0].hs"),
    (SW, {f"{SHIP}.goods[0].hs": "2"}, "FORMAT", f"{SHIP}.goods[0].hs"),
    (SW, {f"{SHIP}.goods[0].dual_use": "3A225.B"}, "FORMAT", f"{SHIP}.goods[0].dual_use"),
    (SW, {f"{SHIP}.goods[0].origin_country": "TUR"}, "UNKNOWN_CODE", f"{SHIP}.goods[0].origin_country"),
    (SW, {f"{SHIP}.containers[0].size_type": "45g1"}, "FORMAT", f"{SHIP}.containers[0].size_type"),
    (SW, {f"{SHIP}.containers[0].gross_kg": "-1"}, "OUT_OF_RANGE", f"{SHIP}.containers[0].gross_kg"),
    (SW, {f"{VESSEL}.call_sign": " 3EAB"}, "WHITESPACE_IN_IDENTIFIER", f"{VESSEL}.call_sign"),
    (SW, {f"{VESSEL}.type": None}, "REQUIRED", f"{VESSEL}.type"),
    (SW, {SHIP: None}, "REQUIRED", SHIP),
    ("shipment_feedback#4", {"shipment_feedback.controlled_at": "2024-04-30T12:00:01Z"}, "DATE_ORDER",
     "shipment_feedback.controlled_at"),
    ("shipment_feedback#6", {"shipment_feedback.reason_not_controlled": None}, "REQUIRED",
     "shipment_feedback.reason_not_controlled"),
    ("shipment_feedback", {"shipment_feedback.seizure_ref": "GE-CUS-2024-000003-39"}, "CHECK_DIGIT",
     "shipment_feedback.seizure_ref"),
    ("seizure_report", {"seizure_report.date": "2024-04-16"}, "DATE_ORDER", "seizure_report.date"),
    ("seizure_report", {"seizure_report.items": []}, "REQUIRED", "seizure_report.items"),
    ("seizure_report", {"seizure_report.items[0].value.currency": "XYZ"}, "UNKNOWN_CODE",
     "seizure_report.items[0].value.currency"),
    ("conveyance_notice", {"conveyance_notice.conveyance": {"type": "VESSEL", "name": "A"}}, "REQUIRED",
     "conveyance_notice.conveyance.flag"),
    ("conveyance_notice", {"conveyance_notice.conveyance": {"type": "VESSEL"}}, "REQUIRED",
     "conveyance_notice.conveyance.name"),
    ("conveyance_notice", {"conveyance_notice.conveyance.length_m": "22m"}, "FORMAT",
     "conveyance_notice.conveyance.length_m"),
    ("cbrn_incident", {"cbrn_incident.iaea_category": 6}, "OUT_OF_RANGE", "cbrn_incident.iaea_category"),
    ("cbrn_incident", {"cbrn_incident.cas": "1-1-1"}, "FORMAT", "cbrn_incident.cas"),
    ("route_observation", {"route_observation.period": "2024-Q5"}, "FORMAT", "route_observation.period"),
    ("route_observation", {"route_observation.period": "2024-13"}, "FORMAT", "route_observation.period"),
    ("smuggling_case", {"smuggling_case.migrants.unaccompanied_minors": 4}, "TOTAL_MISMATCH",
     "smuggling_case.migrants.unaccompanied_minors"),
    ("smuggling_case", {"smuggling_case.modes": ["UNSPECIFIED"]}, "REQUIRED", "smuggling_case.modes[0]"),
]  # fmt: skip

REQUESTS: list[Case] = [
    ("information_request", {"information_request.urgency_reason": None}, "REQUIRED",
     "information_request.urgency_reason"),
    ("information_request#2", {"information_request.deadline": "URGENT_3_DAYS"}, "REQUIRED",
     "information_request.urgency_reason"),
    ("information_reply#3", {"information_reply.forwarded_to": None}, "REQUIRED",
     "information_reply.forwarded_to"),
    ("boarding_request", {"boarding_request.vessel.type": "TRUCK"}, "INCONSISTENT",
     "boarding_request.vessel.type"),
    ("boarding_request", {"boarding_request.position.at": None}, "REQUIRED", "boarding_request.position.at"),
    ("boarding_request", {"boarding_request.position": None}, "REQUIRED", "boarding_request.position"),
    ("boarding_decision", {"boarding_decision.conditions": None}, "REQUIRED", "boarding_decision.conditions"),
    ("mla_transmission", {"mla_transmission.original_sent_by": None}, "REQUIRED",
     "mla_transmission.original_sent_by"),
    ("consent_request", {"consent_request.to": None}, "REQUIRED", "consent_request.to"),
    ("consent_decision", {"consent_decision.limits": " "}, "REQUIRED", "consent_decision.limits"),
    ("assistance_match", {"assistance_match.offers": None}, "REQUIRED", "assistance_match.offers"),
    ("ack#3", {"ack.reason": None}, "REQUIRED", "ack.reason"),
    ("ack#3", {"ack.problems[0].code": "hs code"}, "FORMAT", "ack.problems[0].code"),
    ("ack#4", {"ack.forwarded_to": None}, "REQUIRED", "ack.forwarded_to"),
    ("withdrawal#2", {"withdrawal.replaced_by": None}, "REQUIRED", "withdrawal.replaced_by"),
    ("deletion_confirmation", {"deletion_confirmation.deleted_at": "2024-05-04T07:00:01Z"}, "DATE_ORDER",
     "deletion_confirmation.deleted_at"),
    ("deletion_confirmation", {"deletion_confirmation.deleted_at": None}, "REQUIRED",
     "deletion_confirmation.deleted_at"),
    ("operation_announcement", {"operation_announcement.end": "2024-04-30"}, "DATE_ORDER",
     "operation_announcement.end"),
    ("operation_tally", {"operation_tally.end": "2024-04-30"}, "DATE_ORDER", "operation_tally.end"),
    ("operation_tally", {"operation_tally.counters[0].value": None}, "REQUIRED",
     "operation_tally.counters[0].value"),
    ("operation_tally", {"operation_tally.counters[1].parts[0].value": None,
                         "operation_tally.counters[1].value": 55}, "REQUIRED",
     "operation_tally.counters[1].parts[0].value"),
    ("directory_entry", {"directory_entry.contacts[0].phone": "71"}, "FORMAT",
     "directory_entry.contacts[0].phone"),
    ("directory_entry", {"directory_entry.contacts[0].email": "duty"}, "FORMAT",
     "directory_entry.contacts[0].email"),
    ("directory_entry", {"directory_entry.timezone": "Africa Tunis"}, "FORMAT", "directory_entry.timezone"),
    ("directory_entry", {"directory_entry.languages": ["ar", "xx"]}, "UNKNOWN_CODE",
     "directory_entry.languages[1]"),
]  # fmt: skip

CELL = "statistical_return.cells[0]"
FIGURES: list[Case] = [
    ("statistical_return#2", {f"{CELL}.value": None}, "REQUIRED", f"{CELL}.value"),
    ("statistical_return#2", {f"{CELL}.value": "0"}, "SMALL_CELL", f"{CELL}.value"),
    ("statistical_return#2", {f"{CELL}.value": "4.9", f"{CELL}.status": "ESTIMATE"}, "SMALL_CELL",
     f"{CELL}.value"),
    ("statistical_return#2", {f"{CELL}.value": "x"}, "FORMAT", f"{CELL}.value"),
    ("statistical_return#2", {f"{CELL}.value": "-1"}, "OUT_OF_RANGE", f"{CELL}.value"),
    ("statistical_return#2", {f"{CELL}.status": "NOT_AVAILABLE"}, "SUPPRESSED_WITH_VALUE", f"{CELL}.value"),
    ("statistical_return#2", {"statistical_return.min_cell": 0}, "REQUIRED", "statistical_return.min_cell"),
    ("statistical_return#2", {f"{CELL}.dimensions[0].code": None}, "REQUIRED", f"{CELL}.dimensions[0].code"),
]  # fmt: skip

PASSING: list[tuple[str, Json]] = [
    (SW, {"texts[0].text": "x" * 8_000}),
    (SW, {"texts[0].text": "first line\n\tsecond line"}),
    (SW, {"legal_basis": "x" * 500}),
    (SW, {"retention.delete_by": "2027-04-10T06:00:00Z"}),
    (SW, {"retention.delete_by": "2024-05-10T06:00:00Z"}),
    (SW, {"reply_by": "2024-05-10T06:00:00Z"}),
    (SW, {f"{SHIP}.eta": "2024-04-09T18:00:00Z"}),
    (SW, {f"{SHIP}.goods[0].hs": "02"}),
    (SW, {f"{SHIP}.load.position": {"latitude": "-90", "longitude": "180.0000000"}}),
    (SW, {f"{SHIP}.conveyances[0].mmsi": "799999001"}),
    (SW, {f"{SHIP}.conveyances[0].flag": None}),
    (SW, {f"{SHIP}.containers": [], f"{SHIP}.bill_of_lading": None}),
    ("seizure_report", {"seizure_report.date": "2024"}),
    ("seizure_report", {"issued_at": "2024-04-14T20:00:00Z"}),
    ("conveyance_notice", {"conveyance_notice.conveyance": {"type": "VESSEL", "name": "A", "flag": "TN"}}),
    ("document_notice", {"document_notice.range_from": None, "document_notice.range_to": None}),
    ("document_notice#3", {"originator": "XX-SECR", "ref": "XX-SECR-2024-000001-37",
                           "document_notice.document.issuer": "UNO", "recipients": ["MR-POL"]}),
    ("statistical_return", {"statistical_return.cells[0].value": "3"}),
    ("person_notice#3", {"urgency": "FLASH"}),
    ("person_notice#3", {"person_notice.persons[0].minor": None,
                         "person_notice.persons[0].birth_date": "2006-04-13", "urgency": "ROUTINE"}),
    ("operation_announcement", {"operation_announcement.end": "2024-05-01"}),
    ("threat_warning", {"threat_warning.place": {"country": "ZZ", "unlocode": "XZAAD"}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "code", "field"),
    [*HEADER, *TEXTS, *HANDLING, *PERSONS, *THINGS, *REQUESTS, *FIGURES],
    ids=lambda value: value if isinstance(value, str) and "." in value else None,
)
def test_one_change_gives_one_finding(
    problems_of: Problems, name: str, changes: Json, code: str, field: str
) -> None:
    """A good notice with one fault has that finding at that field and no other."""
    assert problems_of(name, changes) == [(code, field)]


@pytest.mark.parametrize(("name", "changes"), PASSING)
def test_what_the_rules_allow_passes(problems_of: Problems, name: str, changes: Json) -> None:
    """Values at the limit and permitted exceptions give no finding."""
    assert problems_of(name, changes) == []


def test_two_faulty_fields_give_two_findings(problems_of: Problems) -> None:
    """A stage reports every field once, in the order of the schema."""
    changes = {"recipients": ["TR-CUS", "TR-CUS"], "legal_basis": "", "texts[0].text": "a\u202e\x00"}
    assert problems_of(SW, changes) == [
        ("REQUIRED", "legal_basis"),
        ("SELF_RECIPIENT", "recipients"),
        ("BIDI_CONTROL", "texts[0].text"),
    ]


def test_an_empty_notice_lists_what_it_needs(problems_of: Problems) -> None:
    """Nothing raises on nothing: the required header fields and the body are named."""
    report = check_notice(Notice())
    assert [one.code for one in report.problems] == ["REQUIRED"] * 13
    assert {"notice_id", "recipients", "body"} <= {one.field for one in report.problems}
    assert (report.ok, report.kind) == (False, None)


def test_a_time_beyond_the_calendar_from_the_wire_is_found(good: dict[str, Json]) -> None:
    """Signed bytes may hold any number; the check names the field instead of failing."""
    notice = from_json(good["seizure_report"])
    notice.issued_at.seconds = 2**62
    assert ("OUT_OF_RANGE", "issued_at") in [(one.code, one.field) for one in check_notice(notice).problems]


def test_a_warning_keeps_a_notice_ok(good: dict[str, Json]) -> None:
    """A WARN is a problem and not an error."""
    notice = from_json(good["person_notice#3"])
    notice.urgency = notice.urgency.__class__(4)
    report = check_notice(notice)
    assert report.ok
    assert report.errors == ()
    assert [one.code for one in report.warnings] == ["MISSING_MINOR_NOT_URGENT"]


def test_a_list_without_end_is_bounded_work(good: dict[str, Json]) -> None:
    """501 recipients and 1,001 items of any list are too long, and no item beyond is looked at."""
    notice = from_json(good["shipment_warning"])
    del notice.recipients[:]
    notice.recipients.extend(f"GE-{number:04d}" for number in range(501))
    assert [(one.code, one.field) for one in check_notice(notice).problems] == [("TOO_LONG", "recipients")]
    del notice.recipients[500:]
    assert check_notice(notice).problems == ()
    shipment = notice.shipment_warning.shipment
    shipment.transit.extend(shipment.load.__class__(country="TR", name="x") for _place in range(1_000))
    assert check_notice(notice).problems == ()
    shipment.transit.add()
    found = [(one.code, one.field) for one in check_notice(notice).problems]
    assert found == [("TOO_LONG", "shipment_warning.shipment.transit")]


def test_a_hundred_findings_are_enough(good: dict[str, Json]) -> None:
    """A text full of faults gets an answer of a bounded length."""
    notice = from_json(good["shipment_warning"])
    notice.shipment_warning.risks.extend(["x"] * 900)
    assert len(check_notice(notice).problems) == 100
