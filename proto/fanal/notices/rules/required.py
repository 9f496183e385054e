# SPDX-License-Identifier: Apache-2.0
"""What every message must hold: the word "required" of notice.proto, as a table and one rule.

Fields that are required only with another one have rules of their own beside their subject.
"""

from __future__ import annotations

from google.protobuf.message import Message

from fanal.i18n import _
from fanal.notices.rules.registry import ANY, At, Found, rule
from fanal.notices.schema import Field, Sort, fields_of, is_set, items

REQUIRED: dict[str, str] = {
    "Notice": "notice_id ref revision originator issued_at expires_at urgency handling retention purpose"
    " legal_basis",
    "Handling": "tlp code onward",
    "Evaluation": "grade",
    "Retention": "schedule delete_by",
    "Text": "lang text",
    "Attachment": "name media_type size_bytes sha256",
    "CodeListVersion": "list version",
    "Place": "country",
    "Position": "latitude longitude",
    "Quantity": "value unit",
    "Money": "amount currency",
    "Company": "name",
    "Container": "number",
    "Seal": "number",
    "Goods": "description",
    "Conveyance": "type",
    "Person": "category basis",
    "Name": "full",
    "TravelDocument": "type issuer",
    "ShipmentWarning": "mode risks shipment",
    "ShipmentFeedback": "result",
    "SeizureReport": "date place detection_methods items",
    "SeizedItem": "category quantity",
    "SmugglingCase": "offence modes route",
    "MigrantCounts": "total",
    "PersonNotice": "purpose persons action_if_found",
    "Warrant": "authority date offence",
    "DocumentNotice": "status document",
    "ConveyanceNotice": "conveyance",
    "RouteObservation": "legs period",
    "RouteLeg": "origin destination mode",
    "ModusOperandi": "category technique",
    "ThreatWarning": "category item",
    "CbrnIncident": "agent place detected_by",
    "InformationRequest": "type deadline question",
    "InformationReply": "outcome",
    "DocumentExamRequest": "document",
    "DocumentExamReply": "conclusion confidence",
    "BoardingRequest": "vessel position suspicions measures",
    "BoardingDecision": "decision",
    "MlaTransmission": "kind status requesting_authority requested_authority treaty items",
    "ConsentRequest": "notice_id ask reason",
    "ConsentDecision": "decision",
    "AssistanceRequest": "areas authenticated_by",
    "AssistanceOffer": "areas cost_borne_by",
    "AssistanceMatch": "step request",
    "OperationAnnouncement": "name start end counters",
    "OperationTally": "start end counters",
    "Counter": "name value",
    "CounterPart": "code value",
    "StatisticalReturn": "method min_cell cells",
    "Cell": "indicator period status",
    "Dimension": "name code",
    "KnowledgeRecord": "type country title",
    "DirectoryEntry": "authority competences languages availability contacts",
    "Contact": "post",
    "Ack": "status",
    "Problem": "code field",
    "Withdrawal": "notice_ids reason",
    "DeletionConfirmation": "notice_id notice_sha256 deleted_at method",
}
"""Fields by message, in the order of the schema."""


@rule(ANY, "REQUIRED")
def required_fields(message: Message, at: At) -> Found:
    """notice.proto: "Required ... the validator refuses to issue a notice without the field"."""
    fields = fields_of(message.DESCRIPTOR)
    for name in REQUIRED.get(message.DESCRIPTOR.name, "").split():
        if not _is_there(message, fields[name]):
            yield at.require(name, _("The field is required."))


@rule(ANY, "REQUIRED")
def list_items_say_something(message: Message, at: At) -> Found:
    """codes.md: an empty or UNSPECIFIED value is a missing one, in a list as elsewhere."""
    for field in fields_of(message.DESCRIPTOR).values():
        if not field.repeated or field.sort not in (Sort.STRING, Sort.CODE):
            continue
        for index, item in enumerate(items(message, field)):
            if not item:
                yield at.require(f"{field.name}[{index}]", _("An item of the list is empty."))


@rule("Notice", "REQUIRED")
def has_a_body(notice: Message, at: At) -> Found:
    """notice.proto: a header plus exactly one body, which decides the kind."""
    if at.notice.WhichOneof("body") is None:
        yield at.require("body", _("A notice has one body; it decides the kind."))


def _is_there(message: Message, field: Field) -> bool:
    if field.sort is Sort.STRING and not field.repeated:
        value: str = getattr(message, field.name)
        return bool(value.strip())
    return is_set(message, field)
