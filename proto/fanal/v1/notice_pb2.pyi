import datetime

from fanal.v1 import options_pb2 as _options_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Notice(_message.Message):
    __slots__ = ("notice_id", "ref", "revision", "previous_sha256", "change_note", "originator", "recipients", "group", "conversation_id", "in_reply_to", "related", "operation", "issued_at", "expires_at", "reply_by", "urgency", "handling", "evaluation", "retention", "purpose", "legal_basis", "offences", "national_case_ref", "texts", "attachments", "schema_minor", "code_lists", "shipment_warning", "shipment_feedback", "seizure_report", "smuggling_case", "person_notice", "document_notice", "conveyance_notice", "route_observation", "modus_operandi", "threat_warning", "cbrn_incident", "information_request", "information_reply", "document_exam_request", "document_exam_reply", "boarding_request", "boarding_decision", "mla_transmission", "consent_request", "consent_decision", "assistance_request", "assistance_offer", "assistance_match", "operation_announcement", "operation_tally", "statistical_return", "knowledge_record", "directory_entry", "ack", "withdrawal", "deletion_confirmation")
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    CHANGE_NOTE_FIELD_NUMBER: _ClassVar[int]
    ORIGINATOR_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    RELATED_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    OFFENCES_FIELD_NUMBER: _ClassVar[int]
    NATIONAL_CASE_REF_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_MINOR_FIELD_NUMBER: _ClassVar[int]
    CODE_LISTS_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_WARNING_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    SEIZURE_REPORT_FIELD_NUMBER: _ClassVar[int]
    SMUGGLING_CASE_FIELD_NUMBER: _ClassVar[int]
    PERSON_NOTICE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_NOTICE_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCE_NOTICE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    MODUS_OPERANDI_FIELD_NUMBER: _ClassVar[int]
    THREAT_WARNING_FIELD_NUMBER: _ClassVar[int]
    CBRN_INCIDENT_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUEST_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REPLY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_EXAM_REQUEST_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_EXAM_REPLY_FIELD_NUMBER: _ClassVar[int]
    BOARDING_REQUEST_FIELD_NUMBER: _ClassVar[int]
    BOARDING_DECISION_FIELD_NUMBER: _ClassVar[int]
    MLA_TRANSMISSION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_REQUEST_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DECISION_FIELD_NUMBER: _ClassVar[int]
    ASSISTANCE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ASSISTANCE_OFFER_FIELD_NUMBER: _ClassVar[int]
    ASSISTANCE_MATCH_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_TALLY_FIELD_NUMBER: _ClassVar[int]
    STATISTICAL_RETURN_FIELD_NUMBER: _ClassVar[int]
    KNOWLEDGE_RECORD_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_ENTRY_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWAL_FIELD_NUMBER: _ClassVar[int]
    DELETION_CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    ref: str
    revision: int
    previous_sha256: str
    change_note: str
    originator: str
    recipients: _containers.RepeatedScalarFieldContainer[str]
    group: str
    conversation_id: str
    in_reply_to: str
    related: _containers.RepeatedScalarFieldContainer[str]
    operation: str
    issued_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    reply_by: _timestamp_pb2.Timestamp
    urgency: Urgency.Code
    handling: Handling
    evaluation: Evaluation
    retention: Retention
    purpose: Purpose.Code
    legal_basis: str
    offences: _containers.RepeatedScalarFieldContainer[str]
    national_case_ref: str
    texts: _containers.RepeatedCompositeFieldContainer[Text]
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    schema_minor: int
    code_lists: _containers.RepeatedCompositeFieldContainer[CodeListVersion]
    shipment_warning: ShipmentWarning
    shipment_feedback: ShipmentFeedback
    seizure_report: SeizureReport
    smuggling_case: SmugglingCase
    person_notice: PersonNotice
    document_notice: DocumentNotice
    conveyance_notice: ConveyanceNotice
    route_observation: RouteObservation
    modus_operandi: ModusOperandi
    threat_warning: ThreatWarning
    cbrn_incident: CbrnIncident
    information_request: InformationRequest
    information_reply: InformationReply
    document_exam_request: DocumentExamRequest
    document_exam_reply: DocumentExamReply
    boarding_request: BoardingRequest
    boarding_decision: BoardingDecision
    mla_transmission: MlaTransmission
    consent_request: ConsentRequest
    consent_decision: ConsentDecision
    assistance_request: AssistanceRequest
    assistance_offer: AssistanceOffer
    assistance_match: AssistanceMatch
    operation_announcement: OperationAnnouncement
    operation_tally: OperationTally
    statistical_return: StatisticalReturn
    knowledge_record: KnowledgeRecord
    directory_entry: DirectoryEntry
    ack: Ack
    withdrawal: Withdrawal
    deletion_confirmation: DeletionConfirmation
    def __init__(self, notice_id: _Optional[str] = ..., ref: _Optional[str] = ..., revision: _Optional[int] = ..., previous_sha256: _Optional[str] = ..., change_note: _Optional[str] = ..., originator: _Optional[str] = ..., recipients: _Optional[_Iterable[str]] = ..., group: _Optional[str] = ..., conversation_id: _Optional[str] = ..., in_reply_to: _Optional[str] = ..., related: _Optional[_Iterable[str]] = ..., operation: _Optional[str] = ..., issued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reply_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., urgency: _Optional[_Union[Urgency.Code, str]] = ..., handling: _Optional[_Union[Handling, _Mapping]] = ..., evaluation: _Optional[_Union[Evaluation, _Mapping]] = ..., retention: _Optional[_Union[Retention, _Mapping]] = ..., purpose: _Optional[_Union[Purpose.Code, str]] = ..., legal_basis: _Optional[str] = ..., offences: _Optional[_Iterable[str]] = ..., national_case_ref: _Optional[str] = ..., texts: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., schema_minor: _Optional[int] = ..., code_lists: _Optional[_Iterable[_Union[CodeListVersion, _Mapping]]] = ..., shipment_warning: _Optional[_Union[ShipmentWarning, _Mapping]] = ..., shipment_feedback: _Optional[_Union[ShipmentFeedback, _Mapping]] = ..., seizure_report: _Optional[_Union[SeizureReport, _Mapping]] = ..., smuggling_case: _Optional[_Union[SmugglingCase, _Mapping]] = ..., person_notice: _Optional[_Union[PersonNotice, _Mapping]] = ..., document_notice: _Optional[_Union[DocumentNotice, _Mapping]] = ..., conveyance_notice: _Optional[_Union[ConveyanceNotice, _Mapping]] = ..., route_observation: _Optional[_Union[RouteObservation, _Mapping]] = ..., modus_operandi: _Optional[_Union[ModusOperandi, _Mapping]] = ..., threat_warning: _Optional[_Union[ThreatWarning, _Mapping]] = ..., cbrn_incident: _Optional[_Union[CbrnIncident, _Mapping]] = ..., information_request: _Optional[_Union[InformationRequest, _Mapping]] = ..., information_reply: _Optional[_Union[InformationReply, _Mapping]] = ..., document_exam_request: _Optional[_Union[DocumentExamRequest, _Mapping]] = ..., document_exam_reply: _Optional[_Union[DocumentExamReply, _Mapping]] = ..., boarding_request: _Optional[_Union[BoardingRequest, _Mapping]] = ..., boarding_decision: _Optional[_Union[BoardingDecision, _Mapping]] = ..., mla_transmission: _Optional[_Union[MlaTransmission, _Mapping]] = ..., consent_request: _Optional[_Union[ConsentRequest, _Mapping]] = ..., consent_decision: _Optional[_Union[ConsentDecision, _Mapping]] = ..., assistance_request: _Optional[_Union[AssistanceRequest, _Mapping]] = ..., assistance_offer: _Optional[_Union[AssistanceOffer, _Mapping]] = ..., assistance_match: _Optional[_Union[AssistanceMatch, _Mapping]] = ..., operation_announcement: _Optional[_Union[OperationAnnouncement, _Mapping]] = ..., operation_tally: _Optional[_Union[OperationTally, _Mapping]] = ..., statistical_return: _Optional[_Union[StatisticalReturn, _Mapping]] = ..., knowledge_record: _Optional[_Union[KnowledgeRecord, _Mapping]] = ..., directory_entry: _Optional[_Union[DirectoryEntry, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., withdrawal: _Optional[_Union[Withdrawal, _Mapping]] = ..., deletion_confirmation: _Optional[_Union[DeletionConfirmation, _Mapping]] = ...) -> None: ...

class Handling(_message.Message):
    __slots__ = ("tlp", "code", "conditions", "onward", "onward_to", "evidence_use")
    TLP_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    ONWARD_FIELD_NUMBER: _ClassVar[int]
    ONWARD_TO_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_USE_FIELD_NUMBER: _ClassVar[int]
    tlp: Tlp.Code
    code: HandlingCode.Code
    conditions: str
    onward: Onward.Code
    onward_to: _containers.RepeatedScalarFieldContainer[str]
    evidence_use: EvidenceUse.Code
    def __init__(self, tlp: _Optional[_Union[Tlp.Code, str]] = ..., code: _Optional[_Union[HandlingCode.Code, str]] = ..., conditions: _Optional[str] = ..., onward: _Optional[_Union[Onward.Code, str]] = ..., onward_to: _Optional[_Iterable[str]] = ..., evidence_use: _Optional[_Union[EvidenceUse.Code, str]] = ...) -> None: ...

class Evaluation(_message.Message):
    __slots__ = ("grade", "original_scheme", "original_grade")
    GRADE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SCHEME_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_GRADE_FIELD_NUMBER: _ClassVar[int]
    grade: Grade.Code
    original_scheme: str
    original_grade: str
    def __init__(self, grade: _Optional[_Union[Grade.Code, str]] = ..., original_scheme: _Optional[str] = ..., original_grade: _Optional[str] = ...) -> None: ...

class Retention(_message.Message):
    __slots__ = ("schedule", "delete_by", "review_at")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    DELETE_BY_FIELD_NUMBER: _ClassVar[int]
    REVIEW_AT_FIELD_NUMBER: _ClassVar[int]
    schedule: RetentionClass.Code
    delete_by: _timestamp_pb2.Timestamp
    review_at: _timestamp_pb2.Timestamp
    def __init__(self, schedule: _Optional[_Union[RetentionClass.Code, str]] = ..., delete_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., review_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Text(_message.Message):
    __slots__ = ("lang", "text", "original", "method")
    LANG_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    lang: str
    text: str
    original: bool
    method: TranslationMethod.Code
    def __init__(self, lang: _Optional[str] = ..., text: _Optional[str] = ..., original: _Optional[bool] = ..., method: _Optional[_Union[TranslationMethod.Code, str]] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("name", "media_type", "size_bytes", "sha256", "biometric", "blob_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    BIOMETRIC_FIELD_NUMBER: _ClassVar[int]
    BLOB_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    biometric: bool
    blob_id: str
    def __init__(self, name: _Optional[str] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., biometric: _Optional[bool] = ..., blob_id: _Optional[str] = ...) -> None: ...

class CodeListVersion(_message.Message):
    __slots__ = ("list", "version")
    LIST_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    list: str
    version: str
    def __init__(self, list: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("country", "unlocode", "name", "position", "control_post")
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    UNLOCODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CONTROL_POST_FIELD_NUMBER: _ClassVar[int]
    country: str
    unlocode: str
    name: str
    position: Position
    control_post: str
    def __init__(self, country: _Optional[str] = ..., unlocode: _Optional[str] = ..., name: _Optional[str] = ..., position: _Optional[_Union[Position, _Mapping]] = ..., control_post: _Optional[str] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("latitude", "longitude", "uncertainty_m", "at")
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    UNCERTAINTY_M_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    latitude: str
    longitude: str
    uncertainty_m: int
    at: _timestamp_pb2.Timestamp
    def __init__(self, latitude: _Optional[str] = ..., longitude: _Optional[str] = ..., uncertainty_m: _Optional[int] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Quantity(_message.Message):
    __slots__ = ("value", "unit", "estimate")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    value: str
    unit: str
    estimate: bool
    def __init__(self, value: _Optional[str] = ..., unit: _Optional[str] = ..., estimate: _Optional[bool] = ...) -> None: ...

class Money(_message.Message):
    __slots__ = ("amount", "currency", "per", "leg")
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PER_FIELD_NUMBER: _ClassVar[int]
    LEG_FIELD_NUMBER: _ClassVar[int]
    amount: str
    currency: str
    per: FeeBasis.Code
    leg: str
    def __init__(self, amount: _Optional[str] = ..., currency: _Optional[str] = ..., per: _Optional[_Union[FeeBasis.Code, str]] = ..., leg: _Optional[str] = ...) -> None: ...

class Company(_message.Message):
    __slots__ = ("name", "name_original", "country", "register_number", "lei", "address")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGISTER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LEI_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    name_original: str
    country: str
    register_number: str
    lei: str
    address: str
    def __init__(self, name: _Optional[str] = ..., name_original: _Optional[str] = ..., country: _Optional[str] = ..., register_number: _Optional[str] = ..., lei: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class Container(_message.Message):
    __slots__ = ("number", "size_type", "seals", "gross_kg")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SIZE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SEALS_FIELD_NUMBER: _ClassVar[int]
    GROSS_KG_FIELD_NUMBER: _ClassVar[int]
    number: str
    size_type: str
    seals: _containers.RepeatedCompositeFieldContainer[Seal]
    gross_kg: str
    def __init__(self, number: _Optional[str] = ..., size_type: _Optional[str] = ..., seals: _Optional[_Iterable[_Union[Seal, _Mapping]]] = ..., gross_kg: _Optional[str] = ...) -> None: ...

class Seal(_message.Message):
    __slots__ = ("number", "security_class", "condition")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SECURITY_CLASS_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    number: str
    security_class: SealClass.Code
    condition: SealCondition.Code
    def __init__(self, number: _Optional[str] = ..., security_class: _Optional[_Union[SealClass.Code, str]] = ..., condition: _Optional[_Union[SealCondition.Code, str]] = ...) -> None: ...

class Goods(_message.Message):
    __slots__ = ("description", "declared_description", "hs", "dual_use", "cas", "un_number", "quantity", "value", "brand", "origin_country")
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DECLARED_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    HS_FIELD_NUMBER: _ClassVar[int]
    DUAL_USE_FIELD_NUMBER: _ClassVar[int]
    CAS_FIELD_NUMBER: _ClassVar[int]
    UN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BRAND_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    description: str
    declared_description: str
    hs: str
    dual_use: str
    cas: str
    un_number: str
    quantity: Quantity
    value: Money
    brand: str
    origin_country: str
    def __init__(self, description: _Optional[str] = ..., declared_description: _Optional[str] = ..., hs: _Optional[str] = ..., dual_use: _Optional[str] = ..., cas: _Optional[str] = ..., un_number: _Optional[str] = ..., quantity: _Optional[_Union[Quantity, _Mapping]] = ..., value: _Optional[_Union[Money, _Mapping]] = ..., brand: _Optional[str] = ..., origin_country: _Optional[str] = ...) -> None: ...

class Conveyance(_message.Message):
    __slots__ = ("type", "name", "former_names", "flag", "imo", "mmsi", "call_sign", "plate", "plate_country", "vin", "make", "model", "color", "registration", "wagon_number", "length_m", "role", "description")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORMER_NAMES_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    IMO_FIELD_NUMBER: _ClassVar[int]
    MMSI_FIELD_NUMBER: _ClassVar[int]
    CALL_SIGN_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    PLATE_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    VIN_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    WAGON_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LENGTH_M_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    type: ConveyanceType.Code
    name: str
    former_names: _containers.RepeatedScalarFieldContainer[str]
    flag: str
    imo: str
    mmsi: str
    call_sign: str
    plate: str
    plate_country: str
    vin: str
    make: str
    model: str
    color: str
    registration: str
    wagon_number: str
    length_m: str
    role: str
    description: str
    def __init__(self, type: _Optional[_Union[ConveyanceType.Code, str]] = ..., name: _Optional[str] = ..., former_names: _Optional[_Iterable[str]] = ..., flag: _Optional[str] = ..., imo: _Optional[str] = ..., mmsi: _Optional[str] = ..., call_sign: _Optional[str] = ..., plate: _Optional[str] = ..., plate_country: _Optional[str] = ..., vin: _Optional[str] = ..., make: _Optional[str] = ..., model: _Optional[str] = ..., color: _Optional[str] = ..., registration: _Optional[str] = ..., wagon_number: _Optional[str] = ..., length_m: _Optional[str] = ..., role: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("category", "basis", "names", "sex", "birth_date", "birth_date_estimated", "birth_place", "nationalities", "minor", "description", "group_size", "documents", "phones", "role", "sought_for", "dangers", "special_categories", "special_category_justification")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_ESTIMATED_FIELD_NUMBER: _ClassVar[int]
    BIRTH_PLACE_FIELD_NUMBER: _ClassVar[int]
    NATIONALITIES_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    GROUP_SIZE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PHONES_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SOUGHT_FOR_FIELD_NUMBER: _ClassVar[int]
    DANGERS_FIELD_NUMBER: _ClassVar[int]
    SPECIAL_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    SPECIAL_CATEGORY_JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    category: PersonCategory.Code
    basis: Basis.Code
    names: _containers.RepeatedCompositeFieldContainer[Name]
    sex: Sex.Code
    birth_date: str
    birth_date_estimated: bool
    birth_place: Place
    nationalities: _containers.RepeatedScalarFieldContainer[str]
    minor: bool
    description: str
    group_size: int
    documents: _containers.RepeatedCompositeFieldContainer[TravelDocument]
    phones: _containers.RepeatedCompositeFieldContainer[Phone]
    role: str
    sought_for: SoughtFor.Code
    dangers: _containers.RepeatedScalarFieldContainer[str]
    special_categories: _containers.RepeatedScalarFieldContainer[SpecialCategory.Code]
    special_category_justification: str
    def __init__(self, category: _Optional[_Union[PersonCategory.Code, str]] = ..., basis: _Optional[_Union[Basis.Code, str]] = ..., names: _Optional[_Iterable[_Union[Name, _Mapping]]] = ..., sex: _Optional[_Union[Sex.Code, str]] = ..., birth_date: _Optional[str] = ..., birth_date_estimated: _Optional[bool] = ..., birth_place: _Optional[_Union[Place, _Mapping]] = ..., nationalities: _Optional[_Iterable[str]] = ..., minor: _Optional[bool] = ..., description: _Optional[str] = ..., group_size: _Optional[int] = ..., documents: _Optional[_Iterable[_Union[TravelDocument, _Mapping]]] = ..., phones: _Optional[_Iterable[_Union[Phone, _Mapping]]] = ..., role: _Optional[str] = ..., sought_for: _Optional[_Union[SoughtFor.Code, str]] = ..., dangers: _Optional[_Iterable[str]] = ..., special_categories: _Optional[_Iterable[_Union[SpecialCategory.Code, str]]] = ..., special_category_justification: _Optional[str] = ...) -> None: ...

class Name(_message.Message):
    __slots__ = ("full", "latin", "script", "kind")
    FULL_FIELD_NUMBER: _ClassVar[int]
    LATIN_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    full: str
    latin: str
    script: str
    kind: NameKind.Code
    def __init__(self, full: _Optional[str] = ..., latin: _Optional[str] = ..., script: _Optional[str] = ..., kind: _Optional[_Union[NameKind.Code, str]] = ...) -> None: ...

class TravelDocument(_message.Message):
    __slots__ = ("type", "issuer", "number", "mrz", "issued", "expires")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MRZ_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    type: DocumentType.Code
    issuer: str
    number: str
    mrz: _containers.RepeatedScalarFieldContainer[str]
    issued: str
    expires: str
    def __init__(self, type: _Optional[_Union[DocumentType.Code, str]] = ..., issuer: _Optional[str] = ..., number: _Optional[str] = ..., mrz: _Optional[_Iterable[str]] = ..., issued: _Optional[str] = ..., expires: _Optional[str] = ...) -> None: ...

class Phone(_message.Message):
    __slots__ = ("number", "imei", "imsi", "account", "service")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMEI_FIELD_NUMBER: _ClassVar[int]
    IMSI_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    number: str
    imei: str
    imsi: str
    account: str
    service: str
    def __init__(self, number: _Optional[str] = ..., imei: _Optional[str] = ..., imsi: _Optional[str] = ..., account: _Optional[str] = ..., service: _Optional[str] = ...) -> None: ...

class ShipmentWarning(_message.Message):
    __slots__ = ("mode", "risks", "indicators", "requested_action", "controlled_delivery", "shipment")
    MODE_FIELD_NUMBER: _ClassVar[int]
    RISKS_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_ACTION_FIELD_NUMBER: _ClassVar[int]
    CONTROLLED_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    mode: TransportMode.Code
    risks: _containers.RepeatedScalarFieldContainer[str]
    indicators: _containers.RepeatedScalarFieldContainer[str]
    requested_action: RequestedAction.Code
    controlled_delivery: bool
    shipment: Shipment
    def __init__(self, mode: _Optional[_Union[TransportMode.Code, str]] = ..., risks: _Optional[_Iterable[str]] = ..., indicators: _Optional[_Iterable[str]] = ..., requested_action: _Optional[_Union[RequestedAction.Code, str]] = ..., controlled_delivery: _Optional[bool] = ..., shipment: _Optional[_Union[Shipment, _Mapping]] = ...) -> None: ...

class Shipment(_message.Message):
    __slots__ = ("containers", "bill_of_lading", "air_waybill", "consignment_note", "tir_carnet", "parcel", "flight", "conveyances", "origin", "load", "transit", "discharge", "destination", "etd", "eta", "goods", "consignor", "consignee", "notify", "carrier", "end_user", "licence")
    CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    BILL_OF_LADING_FIELD_NUMBER: _ClassVar[int]
    AIR_WAYBILL_FIELD_NUMBER: _ClassVar[int]
    CONSIGNMENT_NOTE_FIELD_NUMBER: _ClassVar[int]
    TIR_CARNET_FIELD_NUMBER: _ClassVar[int]
    PARCEL_FIELD_NUMBER: _ClassVar[int]
    FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCES_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    TRANSIT_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    ETD_FIELD_NUMBER: _ClassVar[int]
    ETA_FIELD_NUMBER: _ClassVar[int]
    GOODS_FIELD_NUMBER: _ClassVar[int]
    CONSIGNOR_FIELD_NUMBER: _ClassVar[int]
    CONSIGNEE_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    END_USER_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    containers: _containers.RepeatedCompositeFieldContainer[Container]
    bill_of_lading: str
    air_waybill: str
    consignment_note: str
    tir_carnet: str
    parcel: str
    flight: str
    conveyances: _containers.RepeatedCompositeFieldContainer[Conveyance]
    origin: Place
    load: Place
    transit: _containers.RepeatedCompositeFieldContainer[Place]
    discharge: Place
    destination: Place
    etd: _timestamp_pb2.Timestamp
    eta: _timestamp_pb2.Timestamp
    goods: _containers.RepeatedCompositeFieldContainer[Goods]
    consignor: Company
    consignee: Company
    notify: Company
    carrier: Company
    end_user: Company
    licence: str
    def __init__(self, containers: _Optional[_Iterable[_Union[Container, _Mapping]]] = ..., bill_of_lading: _Optional[str] = ..., air_waybill: _Optional[str] = ..., consignment_note: _Optional[str] = ..., tir_carnet: _Optional[str] = ..., parcel: _Optional[str] = ..., flight: _Optional[str] = ..., conveyances: _Optional[_Iterable[_Union[Conveyance, _Mapping]]] = ..., origin: _Optional[_Union[Place, _Mapping]] = ..., load: _Optional[_Union[Place, _Mapping]] = ..., transit: _Optional[_Iterable[_Union[Place, _Mapping]]] = ..., discharge: _Optional[_Union[Place, _Mapping]] = ..., destination: _Optional[_Union[Place, _Mapping]] = ..., etd: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., eta: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., goods: _Optional[_Iterable[_Union[Goods, _Mapping]]] = ..., consignor: _Optional[_Union[Company, _Mapping]] = ..., consignee: _Optional[_Union[Company, _Mapping]] = ..., notify: _Optional[_Union[Company, _Mapping]] = ..., carrier: _Optional[_Union[Company, _Mapping]] = ..., end_user: _Optional[_Union[Company, _Mapping]] = ..., licence: _Optional[str] = ...) -> None: ...

class ShipmentFeedback(_message.Message):
    __slots__ = ("result", "controls", "controlled_at", "seizure_ref", "reason_not_controlled", "warning_was_useful")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CONTROLS_FIELD_NUMBER: _ClassVar[int]
    CONTROLLED_AT_FIELD_NUMBER: _ClassVar[int]
    SEIZURE_REF_FIELD_NUMBER: _ClassVar[int]
    REASON_NOT_CONTROLLED_FIELD_NUMBER: _ClassVar[int]
    WARNING_WAS_USEFUL_FIELD_NUMBER: _ClassVar[int]
    result: FeedbackResult.Code
    controls: _containers.RepeatedScalarFieldContainer[str]
    controlled_at: _timestamp_pb2.Timestamp
    seizure_ref: str
    reason_not_controlled: str
    warning_was_useful: bool
    def __init__(self, result: _Optional[_Union[FeedbackResult.Code, str]] = ..., controls: _Optional[_Iterable[str]] = ..., controlled_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seizure_ref: _Optional[str] = ..., reason_not_controlled: _Optional[str] = ..., warning_was_useful: _Optional[bool] = ...) -> None: ...

class SeizureReport(_message.Message):
    __slots__ = ("date", "place", "direction", "customs_procedure", "detection_methods", "concealment", "conveyance_category", "controlled_delivery", "items", "persons_detained", "origin", "transit", "destination", "shipment", "linked_notices")
    DATE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CUSTOMS_PROCEDURE_FIELD_NUMBER: _ClassVar[int]
    DETECTION_METHODS_FIELD_NUMBER: _ClassVar[int]
    CONCEALMENT_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCE_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CONTROLLED_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    PERSONS_DETAINED_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    TRANSIT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    LINKED_NOTICES_FIELD_NUMBER: _ClassVar[int]
    date: str
    place: Place
    direction: Direction.Code
    customs_procedure: str
    detection_methods: _containers.RepeatedScalarFieldContainer[str]
    concealment: str
    conveyance_category: str
    controlled_delivery: bool
    items: _containers.RepeatedCompositeFieldContainer[SeizedItem]
    persons_detained: int
    origin: Place
    transit: _containers.RepeatedCompositeFieldContainer[Place]
    destination: Place
    shipment: Shipment
    linked_notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, date: _Optional[str] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., direction: _Optional[_Union[Direction.Code, str]] = ..., customs_procedure: _Optional[str] = ..., detection_methods: _Optional[_Iterable[str]] = ..., concealment: _Optional[str] = ..., conveyance_category: _Optional[str] = ..., controlled_delivery: _Optional[bool] = ..., items: _Optional[_Iterable[_Union[SeizedItem, _Mapping]]] = ..., persons_detained: _Optional[int] = ..., origin: _Optional[_Union[Place, _Mapping]] = ..., transit: _Optional[_Iterable[_Union[Place, _Mapping]]] = ..., destination: _Optional[_Union[Place, _Mapping]] = ..., shipment: _Optional[_Union[Shipment, _Mapping]] = ..., linked_notices: _Optional[_Iterable[str]] = ...) -> None: ...

class SeizedItem(_message.Message):
    __slots__ = ("category", "item", "goods", "quantity", "value")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    GOODS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    category: str
    item: str
    goods: Goods
    quantity: Quantity
    value: Money
    def __init__(self, category: _Optional[str] = ..., item: _Optional[str] = ..., goods: _Optional[_Union[Goods, _Mapping]] = ..., quantity: _Optional[_Union[Quantity, _Mapping]] = ..., value: _Optional[_Union[Money, _Mapping]] = ...) -> None: ...

class SmugglingCase(_message.Message):
    __slots__ = ("offence", "stage", "aggravating", "modes", "route", "facilitation", "recruitment", "document_fraud", "fee", "payment", "group_structure", "linked_crimes", "incidents", "deaths", "migrants", "persons", "conveyances", "phones")
    OFFENCE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    AGGRAVATING_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    FACILITATION_FIELD_NUMBER: _ClassVar[int]
    RECRUITMENT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FRAUD_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    GROUP_STRUCTURE_FIELD_NUMBER: _ClassVar[int]
    LINKED_CRIMES_FIELD_NUMBER: _ClassVar[int]
    INCIDENTS_FIELD_NUMBER: _ClassVar[int]
    DEATHS_FIELD_NUMBER: _ClassVar[int]
    MIGRANTS_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCES_FIELD_NUMBER: _ClassVar[int]
    PHONES_FIELD_NUMBER: _ClassVar[int]
    offence: CaseOffence.Code
    stage: CaseStage.Code
    aggravating: _containers.RepeatedScalarFieldContainer[Aggravating.Code]
    modes: _containers.RepeatedScalarFieldContainer[TransportMode.Code]
    route: _containers.RepeatedCompositeFieldContainer[Place]
    facilitation: _containers.RepeatedScalarFieldContainer[str]
    recruitment: _containers.RepeatedScalarFieldContainer[str]
    document_fraud: _containers.RepeatedScalarFieldContainer[str]
    fee: Money
    payment: str
    group_structure: str
    linked_crimes: _containers.RepeatedScalarFieldContainer[str]
    incidents: _containers.RepeatedScalarFieldContainer[str]
    deaths: int
    migrants: MigrantCounts
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    conveyances: _containers.RepeatedCompositeFieldContainer[Conveyance]
    phones: _containers.RepeatedCompositeFieldContainer[Phone]
    def __init__(self, offence: _Optional[_Union[CaseOffence.Code, str]] = ..., stage: _Optional[_Union[CaseStage.Code, str]] = ..., aggravating: _Optional[_Iterable[_Union[Aggravating.Code, str]]] = ..., modes: _Optional[_Iterable[_Union[TransportMode.Code, str]]] = ..., route: _Optional[_Iterable[_Union[Place, _Mapping]]] = ..., facilitation: _Optional[_Iterable[str]] = ..., recruitment: _Optional[_Iterable[str]] = ..., document_fraud: _Optional[_Iterable[str]] = ..., fee: _Optional[_Union[Money, _Mapping]] = ..., payment: _Optional[str] = ..., group_structure: _Optional[str] = ..., linked_crimes: _Optional[_Iterable[str]] = ..., incidents: _Optional[_Iterable[str]] = ..., deaths: _Optional[int] = ..., migrants: _Optional[_Union[MigrantCounts, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., conveyances: _Optional[_Iterable[_Union[Conveyance, _Mapping]]] = ..., phones: _Optional[_Iterable[_Union[Phone, _Mapping]]] = ...) -> None: ...

class MigrantCounts(_message.Message):
    __slots__ = ("total", "adult_men", "adult_women", "boys", "girls", "not_recorded", "unaccompanied_minors", "estimate", "nationalities")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ADULT_MEN_FIELD_NUMBER: _ClassVar[int]
    ADULT_WOMEN_FIELD_NUMBER: _ClassVar[int]
    BOYS_FIELD_NUMBER: _ClassVar[int]
    GIRLS_FIELD_NUMBER: _ClassVar[int]
    NOT_RECORDED_FIELD_NUMBER: _ClassVar[int]
    UNACCOMPANIED_MINORS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    NATIONALITIES_FIELD_NUMBER: _ClassVar[int]
    total: int
    adult_men: int
    adult_women: int
    boys: int
    girls: int
    not_recorded: int
    unaccompanied_minors: int
    estimate: bool
    nationalities: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, total: _Optional[int] = ..., adult_men: _Optional[int] = ..., adult_women: _Optional[int] = ..., boys: _Optional[int] = ..., girls: _Optional[int] = ..., not_recorded: _Optional[int] = ..., unaccompanied_minors: _Optional[int] = ..., estimate: _Optional[bool] = ..., nationalities: _Optional[_Iterable[str]] = ...) -> None: ...

class PersonNotice(_message.Message):
    __slots__ = ("purpose", "persons", "warrant", "action_if_found", "interpol_ref")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    WARRANT_FIELD_NUMBER: _ClassVar[int]
    ACTION_IF_FOUND_FIELD_NUMBER: _ClassVar[int]
    INTERPOL_REF_FIELD_NUMBER: _ClassVar[int]
    purpose: PersonPurpose.Code
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    warrant: Warrant
    action_if_found: str
    interpol_ref: str
    def __init__(self, purpose: _Optional[_Union[PersonPurpose.Code, str]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., warrant: _Optional[_Union[Warrant, _Mapping]] = ..., action_if_found: _Optional[str] = ..., interpol_ref: _Optional[str] = ...) -> None: ...

class Warrant(_message.Message):
    __slots__ = ("authority", "date", "reference", "offence", "max_penalty_months", "sentence_remaining_months")
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    OFFENCE_FIELD_NUMBER: _ClassVar[int]
    MAX_PENALTY_MONTHS_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_REMAINING_MONTHS_FIELD_NUMBER: _ClassVar[int]
    authority: str
    date: str
    reference: str
    offence: str
    max_penalty_months: int
    sentence_remaining_months: int
    def __init__(self, authority: _Optional[str] = ..., date: _Optional[str] = ..., reference: _Optional[str] = ..., offence: _Optional[str] = ..., max_penalty_months: _Optional[int] = ..., sentence_remaining_months: _Optional[int] = ...) -> None: ...

class DocumentNotice(_message.Message):
    __slots__ = ("status", "document", "range_from", "range_to", "reported", "place", "features", "confidence")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    RANGE_FROM_FIELD_NUMBER: _ClassVar[int]
    RANGE_TO_FIELD_NUMBER: _ClassVar[int]
    REPORTED_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    status: DocumentStatus.Code
    document: TravelDocument
    range_from: str
    range_to: str
    reported: str
    place: Place
    features: _containers.RepeatedScalarFieldContainer[str]
    confidence: Confidence.Code
    def __init__(self, status: _Optional[_Union[DocumentStatus.Code, str]] = ..., document: _Optional[_Union[TravelDocument, _Mapping]] = ..., range_from: _Optional[str] = ..., range_to: _Optional[str] = ..., reported: _Optional[str] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., features: _Optional[_Iterable[str]] = ..., confidence: _Optional[_Union[Confidence.Code, str]] = ...) -> None: ...

class ConveyanceNotice(_message.Message):
    __slots__ = ("conveyance", "reason", "action_if_found", "last_seen")
    CONVEYANCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTION_IF_FOUND_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    conveyance: Conveyance
    reason: str
    action_if_found: str
    last_seen: Position
    def __init__(self, conveyance: _Optional[_Union[Conveyance, _Mapping]] = ..., reason: _Optional[str] = ..., action_if_found: _Optional[str] = ..., last_seen: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class RouteObservation(_message.Message):
    __slots__ = ("legs", "period", "trend", "methods")
    LEGS_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    legs: _containers.RepeatedCompositeFieldContainer[RouteLeg]
    period: str
    trend: Trend.Code
    methods: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, legs: _Optional[_Iterable[_Union[RouteLeg, _Mapping]]] = ..., period: _Optional[str] = ..., trend: _Optional[_Union[Trend.Code, str]] = ..., methods: _Optional[_Iterable[str]] = ...) -> None: ...

class RouteLeg(_message.Message):
    __slots__ = ("origin", "destination", "mode", "fee", "duration_hours")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    DURATION_HOURS_FIELD_NUMBER: _ClassVar[int]
    origin: Place
    destination: Place
    mode: TransportMode.Code
    fee: Money
    duration_hours: int
    def __init__(self, origin: _Optional[_Union[Place, _Mapping]] = ..., destination: _Optional[_Union[Place, _Mapping]] = ..., mode: _Optional[_Union[TransportMode.Code, str]] = ..., fee: _Optional[_Union[Money, _Mapping]] = ..., duration_hours: _Optional[int] = ...) -> None: ...

class ModusOperandi(_message.Message):
    __slots__ = ("category", "technique", "detection_hints")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TECHNIQUE_FIELD_NUMBER: _ClassVar[int]
    DETECTION_HINTS_FIELD_NUMBER: _ClassVar[int]
    category: str
    technique: str
    detection_hints: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, category: _Optional[str] = ..., technique: _Optional[str] = ..., detection_hints: _Optional[_Iterable[str]] = ...) -> None: ...

class ThreatWarning(_message.Message):
    __slots__ = ("category", "item", "place", "safety_radius_m", "shipment")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    SAFETY_RADIUS_M_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_FIELD_NUMBER: _ClassVar[int]
    category: str
    item: str
    place: Place
    safety_radius_m: int
    shipment: Shipment
    def __init__(self, category: _Optional[str] = ..., item: _Optional[str] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., safety_radius_m: _Optional[int] = ..., shipment: _Optional[_Union[Shipment, _Mapping]] = ...) -> None: ...

class CbrnIncident(_message.Message):
    __slots__ = ("agent", "place", "detected_by", "material", "cas", "un_number", "activity_bq", "dose_rate_usv_h", "iaea_category", "outside_regulatory_control", "itdb_reported", "ihr")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    DETECTED_BY_FIELD_NUMBER: _ClassVar[int]
    MATERIAL_FIELD_NUMBER: _ClassVar[int]
    CAS_FIELD_NUMBER: _ClassVar[int]
    UN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_BQ_FIELD_NUMBER: _ClassVar[int]
    DOSE_RATE_USV_H_FIELD_NUMBER: _ClassVar[int]
    IAEA_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_REGULATORY_CONTROL_FIELD_NUMBER: _ClassVar[int]
    ITDB_REPORTED_FIELD_NUMBER: _ClassVar[int]
    IHR_FIELD_NUMBER: _ClassVar[int]
    agent: CbrnAgent.Code
    place: Place
    detected_by: str
    material: str
    cas: str
    un_number: str
    activity_bq: str
    dose_rate_usv_h: str
    iaea_category: int
    outside_regulatory_control: bool
    itdb_reported: bool
    ihr: IhrStatus.Code
    def __init__(self, agent: _Optional[_Union[CbrnAgent.Code, str]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., detected_by: _Optional[str] = ..., material: _Optional[str] = ..., cas: _Optional[str] = ..., un_number: _Optional[str] = ..., activity_bq: _Optional[str] = ..., dose_rate_usv_h: _Optional[str] = ..., iaea_category: _Optional[int] = ..., outside_regulatory_control: _Optional[bool] = ..., itdb_reported: _Optional[bool] = ..., ihr: _Optional[_Union[IhrStatus.Code, str]] = ...) -> None: ...

class InformationRequest(_message.Message):
    __slots__ = ("type", "deadline", "urgency_reason", "question", "persons", "conveyances", "documents", "phones", "from_match")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    URGENCY_REASON_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PHONES_FIELD_NUMBER: _ClassVar[int]
    FROM_MATCH_FIELD_NUMBER: _ClassVar[int]
    type: str
    deadline: DeadlineClass.Code
    urgency_reason: str
    question: str
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    conveyances: _containers.RepeatedCompositeFieldContainer[Conveyance]
    documents: _containers.RepeatedCompositeFieldContainer[TravelDocument]
    phones: _containers.RepeatedCompositeFieldContainer[Phone]
    from_match: bool
    def __init__(self, type: _Optional[str] = ..., deadline: _Optional[_Union[DeadlineClass.Code, str]] = ..., urgency_reason: _Optional[str] = ..., question: _Optional[str] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., conveyances: _Optional[_Iterable[_Union[Conveyance, _Mapping]]] = ..., documents: _Optional[_Iterable[_Union[TravelDocument, _Mapping]]] = ..., phones: _Optional[_Iterable[_Union[Phone, _Mapping]]] = ..., from_match: _Optional[bool] = ...) -> None: ...

class InformationReply(_message.Message):
    __slots__ = ("outcome", "final", "refusal_reason", "forwarded_to", "persons", "conveyances", "documents", "phones")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_REASON_FIELD_NUMBER: _ClassVar[int]
    FORWARDED_TO_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PHONES_FIELD_NUMBER: _ClassVar[int]
    outcome: ReplyOutcome.Code
    final: bool
    refusal_reason: str
    forwarded_to: str
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    conveyances: _containers.RepeatedCompositeFieldContainer[Conveyance]
    documents: _containers.RepeatedCompositeFieldContainer[TravelDocument]
    phones: _containers.RepeatedCompositeFieldContainer[Phone]
    def __init__(self, outcome: _Optional[_Union[ReplyOutcome.Code, str]] = ..., final: _Optional[bool] = ..., refusal_reason: _Optional[str] = ..., forwarded_to: _Optional[str] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., conveyances: _Optional[_Iterable[_Union[Conveyance, _Mapping]]] = ..., documents: _Optional[_Iterable[_Union[TravelDocument, _Mapping]]] = ..., phones: _Optional[_Iterable[_Union[Phone, _Mapping]]] = ...) -> None: ...

class DocumentExamRequest(_message.Message):
    __slots__ = ("document", "holder_waiting", "questions")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    HOLDER_WAITING_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    document: TravelDocument
    holder_waiting: bool
    questions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, document: _Optional[_Union[TravelDocument, _Mapping]] = ..., holder_waiting: _Optional[bool] = ..., questions: _Optional[_Iterable[str]] = ...) -> None: ...

class DocumentExamReply(_message.Message):
    __slots__ = ("conclusion", "confidence", "features", "reference_document")
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    conclusion: ExamConclusion.Code
    confidence: Confidence.Code
    features: _containers.RepeatedScalarFieldContainer[str]
    reference_document: str
    def __init__(self, conclusion: _Optional[_Union[ExamConclusion.Code, str]] = ..., confidence: _Optional[_Union[Confidence.Code, str]] = ..., features: _Optional[_Iterable[str]] = ..., reference_document: _Optional[str] = ...) -> None: ...

class BoardingRequest(_message.Message):
    __slots__ = ("vessel", "position", "suspicions", "measures", "persons_on_board", "persons_on_board_estimated", "safety_of_life_risk", "intended_action")
    VESSEL_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SUSPICIONS_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    PERSONS_ON_BOARD_FIELD_NUMBER: _ClassVar[int]
    PERSONS_ON_BOARD_ESTIMATED_FIELD_NUMBER: _ClassVar[int]
    SAFETY_OF_LIFE_RISK_FIELD_NUMBER: _ClassVar[int]
    INTENDED_ACTION_FIELD_NUMBER: _ClassVar[int]
    vessel: Conveyance
    position: Position
    suspicions: _containers.RepeatedScalarFieldContainer[str]
    measures: _containers.RepeatedScalarFieldContainer[BoardingMeasure.Code]
    persons_on_board: int
    persons_on_board_estimated: bool
    safety_of_life_risk: bool
    intended_action: str
    def __init__(self, vessel: _Optional[_Union[Conveyance, _Mapping]] = ..., position: _Optional[_Union[Position, _Mapping]] = ..., suspicions: _Optional[_Iterable[str]] = ..., measures: _Optional[_Iterable[_Union[BoardingMeasure.Code, str]]] = ..., persons_on_board: _Optional[int] = ..., persons_on_board_estimated: _Optional[bool] = ..., safety_of_life_risk: _Optional[bool] = ..., intended_action: _Optional[str] = ...) -> None: ...

class BoardingDecision(_message.Message):
    __slots__ = ("decision", "registry_confirmed", "conditions")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    decision: BoardingOutcome.Code
    registry_confirmed: bool
    conditions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, decision: _Optional[_Union[BoardingOutcome.Code, str]] = ..., registry_confirmed: _Optional[bool] = ..., conditions: _Optional[_Iterable[str]] = ...) -> None: ...

class MlaTransmission(_message.Message):
    __slots__ = ("kind", "status", "requesting_authority", "requested_authority", "treaty", "facts", "provisions", "items", "procedure", "confidential", "courtesy_copy", "original_sent_by", "persons")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REQUESTING_AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    TREATY_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    PROVISIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIAL_FIELD_NUMBER: _ClassVar[int]
    COURTESY_COPY_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SENT_BY_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    kind: MlaKind.Code
    status: MlaStatus.Code
    requesting_authority: str
    requested_authority: str
    treaty: str
    facts: str
    provisions: str
    items: _containers.RepeatedScalarFieldContainer[str]
    procedure: str
    confidential: bool
    courtesy_copy: bool
    original_sent_by: str
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    def __init__(self, kind: _Optional[_Union[MlaKind.Code, str]] = ..., status: _Optional[_Union[MlaStatus.Code, str]] = ..., requesting_authority: _Optional[str] = ..., requested_authority: _Optional[str] = ..., treaty: _Optional[str] = ..., facts: _Optional[str] = ..., provisions: _Optional[str] = ..., items: _Optional[_Iterable[str]] = ..., procedure: _Optional[str] = ..., confidential: _Optional[bool] = ..., courtesy_copy: _Optional[bool] = ..., original_sent_by: _Optional[str] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ...) -> None: ...

class ConsentRequest(_message.Message):
    __slots__ = ("notice_id", "ask", "to", "reason")
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    ask: ConsentAsk.Code
    to: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    def __init__(self, notice_id: _Optional[str] = ..., ask: _Optional[_Union[ConsentAsk.Code, str]] = ..., to: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ConsentDecision(_message.Message):
    __slots__ = ("decision", "limits")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    decision: Decision.Code
    limits: str
    def __init__(self, decision: _Optional[_Union[Decision.Code, str]] = ..., limits: _Optional[str] = ...) -> None: ...

class AssistanceRequest(_message.Message):
    __slots__ = ("areas", "needs", "quantity", "authenticated_by", "summary_publishable")
    AREAS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AUTHENTICATED_BY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_PUBLISHABLE_FIELD_NUMBER: _ClassVar[int]
    areas: _containers.RepeatedScalarFieldContainer[str]
    needs: _containers.RepeatedScalarFieldContainer[str]
    quantity: str
    authenticated_by: str
    summary_publishable: bool
    def __init__(self, areas: _Optional[_Iterable[str]] = ..., needs: _Optional[_Iterable[str]] = ..., quantity: _Optional[str] = ..., authenticated_by: _Optional[str] = ..., summary_publishable: _Optional[bool] = ...) -> None: ...

class AssistanceOffer(_message.Message):
    __slots__ = ("areas", "capacity", "available_from", "cost_borne_by")
    AREAS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FROM_FIELD_NUMBER: _ClassVar[int]
    COST_BORNE_BY_FIELD_NUMBER: _ClassVar[int]
    areas: _containers.RepeatedScalarFieldContainer[str]
    capacity: str
    available_from: str
    cost_borne_by: CostBearer.Code
    def __init__(self, areas: _Optional[_Iterable[str]] = ..., capacity: _Optional[str] = ..., available_from: _Optional[str] = ..., cost_borne_by: _Optional[_Union[CostBearer.Code, str]] = ...) -> None: ...

class AssistanceMatch(_message.Message):
    __slots__ = ("step", "request", "offers", "requester_agreed")
    STEP_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_AGREED_FIELD_NUMBER: _ClassVar[int]
    step: AssistanceStep.Code
    request: str
    offers: _containers.RepeatedScalarFieldContainer[str]
    requester_agreed: bool
    def __init__(self, step: _Optional[_Union[AssistanceStep.Code, str]] = ..., request: _Optional[str] = ..., offers: _Optional[_Iterable[str]] = ..., requester_agreed: _Optional[bool] = ...) -> None: ...

class OperationAnnouncement(_message.Message):
    __slots__ = ("name", "start", "end", "participants", "counters", "tally_every_hours")
    NAME_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    TALLY_EVERY_HOURS_FIELD_NUMBER: _ClassVar[int]
    name: str
    start: str
    end: str
    participants: _containers.RepeatedScalarFieldContainer[str]
    counters: _containers.RepeatedScalarFieldContainer[str]
    tally_every_hours: int
    def __init__(self, name: _Optional[str] = ..., start: _Optional[str] = ..., end: _Optional[str] = ..., participants: _Optional[_Iterable[str]] = ..., counters: _Optional[_Iterable[str]] = ..., tally_every_hours: _Optional[int] = ...) -> None: ...

class OperationTally(_message.Message):
    __slots__ = ("start", "end", "counters", "source")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    start: str
    end: str
    counters: _containers.RepeatedCompositeFieldContainer[Counter]
    source: str
    def __init__(self, start: _Optional[str] = ..., end: _Optional[str] = ..., counters: _Optional[_Iterable[_Union[Counter, _Mapping]]] = ..., source: _Optional[str] = ...) -> None: ...

class Counter(_message.Message):
    __slots__ = ("name", "value", "estimate", "parts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: int
    estimate: bool
    parts: _containers.RepeatedCompositeFieldContainer[CounterPart]
    def __init__(self, name: _Optional[str] = ..., value: _Optional[int] = ..., estimate: _Optional[bool] = ..., parts: _Optional[_Iterable[_Union[CounterPart, _Mapping]]] = ...) -> None: ...

class CounterPart(_message.Message):
    __slots__ = ("code", "value")
    CODE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    code: str
    value: int
    def __init__(self, code: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...

class StatisticalReturn(_message.Message):
    __slots__ = ("title", "table_version", "method", "min_cell", "cells", "sources")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TABLE_VERSION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    MIN_CELL_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    title: str
    table_version: int
    method: SuppressionMethod.Code
    min_cell: int
    cells: _containers.RepeatedCompositeFieldContainer[Cell]
    sources: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, title: _Optional[str] = ..., table_version: _Optional[int] = ..., method: _Optional[_Union[SuppressionMethod.Code, str]] = ..., min_cell: _Optional[int] = ..., cells: _Optional[_Iterable[_Union[Cell, _Mapping]]] = ..., sources: _Optional[_Iterable[str]] = ...) -> None: ...

class Cell(_message.Message):
    __slots__ = ("indicator", "period", "dimensions", "value", "status")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    period: str
    dimensions: _containers.RepeatedCompositeFieldContainer[Dimension]
    value: str
    status: CellStatus.Code
    def __init__(self, indicator: _Optional[str] = ..., period: _Optional[str] = ..., dimensions: _Optional[_Iterable[_Union[Dimension, _Mapping]]] = ..., value: _Optional[str] = ..., status: _Optional[_Union[CellStatus.Code, str]] = ...) -> None: ...

class Dimension(_message.Message):
    __slots__ = ("name", "code")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class KnowledgeRecord(_message.Message):
    __slots__ = ("type", "country", "title", "citation", "court", "decided", "offences", "issues", "articles", "url", "facts", "background", "investigation", "reasoning", "verdict")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    COURT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    OFFENCES_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    ARTICLES_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    INVESTIGATION_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    type: KnowledgeType.Code
    country: str
    title: str
    citation: str
    court: str
    decided: str
    offences: _containers.RepeatedScalarFieldContainer[str]
    issues: _containers.RepeatedScalarFieldContainer[str]
    articles: _containers.RepeatedScalarFieldContainer[str]
    url: str
    facts: _containers.RepeatedCompositeFieldContainer[Text]
    background: _containers.RepeatedCompositeFieldContainer[Text]
    investigation: _containers.RepeatedCompositeFieldContainer[Text]
    reasoning: _containers.RepeatedCompositeFieldContainer[Text]
    verdict: _containers.RepeatedCompositeFieldContainer[Text]
    def __init__(self, type: _Optional[_Union[KnowledgeType.Code, str]] = ..., country: _Optional[str] = ..., title: _Optional[str] = ..., citation: _Optional[str] = ..., court: _Optional[str] = ..., decided: _Optional[str] = ..., offences: _Optional[_Iterable[str]] = ..., issues: _Optional[_Iterable[str]] = ..., articles: _Optional[_Iterable[str]] = ..., url: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., background: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., investigation: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., reasoning: _Optional[_Iterable[_Union[Text, _Mapping]]] = ..., verdict: _Optional[_Iterable[_Union[Text, _Mapping]]] = ...) -> None: ...

class DirectoryEntry(_message.Message):
    __slots__ = ("authority", "competences", "languages", "availability", "timezone", "contacts", "verified")
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    COMPETENCES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    AVAILABILITY_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    authority: str
    competences: _containers.RepeatedScalarFieldContainer[str]
    languages: _containers.RepeatedScalarFieldContainer[str]
    availability: Availability.Code
    timezone: str
    contacts: _containers.RepeatedCompositeFieldContainer[Contact]
    verified: str
    def __init__(self, authority: _Optional[str] = ..., competences: _Optional[_Iterable[str]] = ..., languages: _Optional[_Iterable[str]] = ..., availability: _Optional[_Union[Availability.Code, str]] = ..., timezone: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[Contact, _Mapping]]] = ..., verified: _Optional[str] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("post", "phone", "email", "duty")
    POST_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    DUTY_FIELD_NUMBER: _ClassVar[int]
    post: str
    phone: str
    email: str
    duty: bool
    def __init__(self, post: _Optional[str] = ..., phone: _Optional[str] = ..., email: _Optional[str] = ..., duty: _Optional[bool] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("status", "expected_by", "reason", "forwarded_to", "problems")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FORWARDED_TO_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    status: AckStatus.Code
    expected_by: _timestamp_pb2.Timestamp
    reason: str
    forwarded_to: str
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    def __init__(self, status: _Optional[_Union[AckStatus.Code, str]] = ..., expected_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., forwarded_to: _Optional[str] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "field")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    code: str
    field: str
    def __init__(self, code: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

class Withdrawal(_message.Message):
    __slots__ = ("notice_ids", "reason", "delete_required", "replaced_by", "with_deletion", "without_deletion")
    NOTICE_IDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DELETE_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    WITH_DELETION_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_DELETION_FIELD_NUMBER: _ClassVar[int]
    notice_ids: _containers.RepeatedScalarFieldContainer[str]
    reason: WithdrawalReason.Code
    delete_required: bool
    replaced_by: str
    with_deletion: _containers.RepeatedScalarFieldContainer[str]
    without_deletion: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notice_ids: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[WithdrawalReason.Code, str]] = ..., delete_required: _Optional[bool] = ..., replaced_by: _Optional[str] = ..., with_deletion: _Optional[_Iterable[str]] = ..., without_deletion: _Optional[_Iterable[str]] = ...) -> None: ...

class DeletionConfirmation(_message.Message):
    __slots__ = ("notice_id", "notice_sha256", "deleted_at", "method", "copies")
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    NOTICE_SHA256_FIELD_NUMBER: _ClassVar[int]
    DELETED_AT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    COPIES_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    notice_sha256: str
    deleted_at: _timestamp_pb2.Timestamp
    method: DeletionMethod.Code
    copies: int
    def __init__(self, notice_id: _Optional[str] = ..., notice_sha256: _Optional[str] = ..., deleted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., method: _Optional[_Union[DeletionMethod.Code, str]] = ..., copies: _Optional[int] = ...) -> None: ...

class Urgency(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Urgency.Code]
        FLASH: _ClassVar[Urgency.Code]
        URGENT: _ClassVar[Urgency.Code]
        PRIORITY: _ClassVar[Urgency.Code]
        ROUTINE: _ClassVar[Urgency.Code]
    UNSPECIFIED: Urgency.Code
    FLASH: Urgency.Code
    URGENT: Urgency.Code
    PRIORITY: Urgency.Code
    ROUTINE: Urgency.Code
    def __init__(self) -> None: ...

class Tlp(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Tlp.Code]
        RED: _ClassVar[Tlp.Code]
        AMBER_STRICT: _ClassVar[Tlp.Code]
        AMBER: _ClassVar[Tlp.Code]
        GREEN: _ClassVar[Tlp.Code]
        CLEAR: _ClassVar[Tlp.Code]
    UNSPECIFIED: Tlp.Code
    RED: Tlp.Code
    AMBER_STRICT: Tlp.Code
    AMBER: Tlp.Code
    GREEN: Tlp.Code
    CLEAR: Tlp.Code
    def __init__(self) -> None: ...

class HandlingCode(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[HandlingCode.Code]
        H0: _ClassVar[HandlingCode.Code]
        H1: _ClassVar[HandlingCode.Code]
        H2: _ClassVar[HandlingCode.Code]
        H3: _ClassVar[HandlingCode.Code]
    UNSPECIFIED: HandlingCode.Code
    H0: HandlingCode.Code
    H1: HandlingCode.Code
    H2: HandlingCode.Code
    H3: HandlingCode.Code
    def __init__(self) -> None: ...

class Onward(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Onward.Code]
        NONE: _ClassVar[Onward.Code]
        ORIGINATOR_CONSENT: _ClassVar[Onward.Code]
        NATIONAL_AUTHORITIES: _ClassVar[Onward.Code]
        COMMUNITY: _ClassVar[Onward.Code]
        PUBLIC: _ClassVar[Onward.Code]
    UNSPECIFIED: Onward.Code
    NONE: Onward.Code
    ORIGINATOR_CONSENT: Onward.Code
    NATIONAL_AUTHORITIES: Onward.Code
    COMMUNITY: Onward.Code
    PUBLIC: Onward.Code
    def __init__(self) -> None: ...

class EvidenceUse(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[EvidenceUse.Code]
        NO: _ClassVar[EvidenceUse.Code]
        WITH_CONSENT: _ClassVar[EvidenceUse.Code]
        YES: _ClassVar[EvidenceUse.Code]
    UNSPECIFIED: EvidenceUse.Code
    NO: EvidenceUse.Code
    WITH_CONSENT: EvidenceUse.Code
    YES: EvidenceUse.Code
    def __init__(self) -> None: ...

class Grade(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Grade.Code]
        A1: _ClassVar[Grade.Code]
        A2: _ClassVar[Grade.Code]
        A3: _ClassVar[Grade.Code]
        A4: _ClassVar[Grade.Code]
        B1: _ClassVar[Grade.Code]
        B2: _ClassVar[Grade.Code]
        B3: _ClassVar[Grade.Code]
        B4: _ClassVar[Grade.Code]
        C1: _ClassVar[Grade.Code]
        C2: _ClassVar[Grade.Code]
        C3: _ClassVar[Grade.Code]
        C4: _ClassVar[Grade.Code]
        X1: _ClassVar[Grade.Code]
        X2: _ClassVar[Grade.Code]
        X3: _ClassVar[Grade.Code]
        X4: _ClassVar[Grade.Code]
    UNSPECIFIED: Grade.Code
    A1: Grade.Code
    A2: Grade.Code
    A3: Grade.Code
    A4: Grade.Code
    B1: Grade.Code
    B2: Grade.Code
    B3: Grade.Code
    B4: Grade.Code
    C1: Grade.Code
    C2: Grade.Code
    C3: Grade.Code
    C4: Grade.Code
    X1: Grade.Code
    X2: Grade.Code
    X3: Grade.Code
    X4: Grade.Code
    def __init__(self) -> None: ...

class RetentionClass(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[RetentionClass.Code]
        SHIPMENT: _ClassVar[RetentionClass.Code]
        CASE: _ClassVar[RetentionClass.Code]
        PERSON: _ClassVar[RetentionClass.Code]
        DOCUMENT: _ClassVar[RetentionClass.Code]
        STATISTIC: _ClassVar[RetentionClass.Code]
        ADMIN: _ClassVar[RetentionClass.Code]
    UNSPECIFIED: RetentionClass.Code
    SHIPMENT: RetentionClass.Code
    CASE: RetentionClass.Code
    PERSON: RetentionClass.Code
    DOCUMENT: RetentionClass.Code
    STATISTIC: RetentionClass.Code
    ADMIN: RetentionClass.Code
    def __init__(self) -> None: ...

class Purpose(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Purpose.Code]
        PREVENT_DETECT_INVESTIGATE: _ClassVar[Purpose.Code]
        PROSECUTE: _ClassVar[Purpose.Code]
        EXECUTE_PENALTIES: _ClassVar[Purpose.Code]
        SAFEGUARD_PUBLIC_SECURITY: _ClassVar[Purpose.Code]
        PROTECT_LIFE: _ClassVar[Purpose.Code]
        STATISTICS: _ClassVar[Purpose.Code]
        COOPERATION: _ClassVar[Purpose.Code]
    UNSPECIFIED: Purpose.Code
    PREVENT_DETECT_INVESTIGATE: Purpose.Code
    PROSECUTE: Purpose.Code
    EXECUTE_PENALTIES: Purpose.Code
    SAFEGUARD_PUBLIC_SECURITY: Purpose.Code
    PROTECT_LIFE: Purpose.Code
    STATISTICS: Purpose.Code
    COOPERATION: Purpose.Code
    def __init__(self) -> None: ...

class TranslationMethod(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[TranslationMethod.Code]
        HUMAN: _ClassVar[TranslationMethod.Code]
        MACHINE: _ClassVar[TranslationMethod.Code]
    UNSPECIFIED: TranslationMethod.Code
    HUMAN: TranslationMethod.Code
    MACHINE: TranslationMethod.Code
    def __init__(self) -> None: ...

class TransportMode(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[TransportMode.Code]
        SEA: _ClassVar[TransportMode.Code]
        ROAD: _ClassVar[TransportMode.Code]
        RAIL: _ClassVar[TransportMode.Code]
        AIR: _ClassVar[TransportMode.Code]
        POST: _ClassVar[TransportMode.Code]
        INLAND_WATERWAY: _ClassVar[TransportMode.Code]
        PASSENGER: _ClassVar[TransportMode.Code]
        LAND: _ClassVar[TransportMode.Code]
        ON_FOOT: _ClassVar[TransportMode.Code]
    UNSPECIFIED: TransportMode.Code
    SEA: TransportMode.Code
    ROAD: TransportMode.Code
    RAIL: TransportMode.Code
    AIR: TransportMode.Code
    POST: TransportMode.Code
    INLAND_WATERWAY: TransportMode.Code
    PASSENGER: TransportMode.Code
    LAND: TransportMode.Code
    ON_FOOT: TransportMode.Code
    def __init__(self) -> None: ...

class RequestedAction(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[RequestedAction.Code]
        CONTROL: _ClassVar[RequestedAction.Code]
        SCAN: _ClassVar[RequestedAction.Code]
        DOCUMENT_CHECK: _ClassVar[RequestedAction.Code]
        OBSERVE_ONLY: _ClassVar[RequestedAction.Code]
        INFORM_ONLY: _ClassVar[RequestedAction.Code]
    UNSPECIFIED: RequestedAction.Code
    CONTROL: RequestedAction.Code
    SCAN: RequestedAction.Code
    DOCUMENT_CHECK: RequestedAction.Code
    OBSERVE_ONLY: RequestedAction.Code
    INFORM_ONLY: RequestedAction.Code
    def __init__(self) -> None: ...

class ConveyanceType(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[ConveyanceType.Code]
        VESSEL: _ClassVar[ConveyanceType.Code]
        CAR: _ClassVar[ConveyanceType.Code]
        PICKUP: _ClassVar[ConveyanceType.Code]
        VAN: _ClassVar[ConveyanceType.Code]
        TRUCK: _ClassVar[ConveyanceType.Code]
        BUS: _ClassVar[ConveyanceType.Code]
        TRAILER: _ClassVar[ConveyanceType.Code]
        MOTORCYCLE: _ClassVar[ConveyanceType.Code]
        AIRCRAFT: _ClassVar[ConveyanceType.Code]
        WAGON: _ClassVar[ConveyanceType.Code]
        OTHER: _ClassVar[ConveyanceType.Code]
    UNSPECIFIED: ConveyanceType.Code
    VESSEL: ConveyanceType.Code
    CAR: ConveyanceType.Code
    PICKUP: ConveyanceType.Code
    VAN: ConveyanceType.Code
    TRUCK: ConveyanceType.Code
    BUS: ConveyanceType.Code
    TRAILER: ConveyanceType.Code
    MOTORCYCLE: ConveyanceType.Code
    AIRCRAFT: ConveyanceType.Code
    WAGON: ConveyanceType.Code
    OTHER: ConveyanceType.Code
    def __init__(self) -> None: ...

class SealClass(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[SealClass.Code]
        I: _ClassVar[SealClass.Code]
        S: _ClassVar[SealClass.Code]
        H: _ClassVar[SealClass.Code]
    UNSPECIFIED: SealClass.Code
    I: SealClass.Code
    S: SealClass.Code
    H: SealClass.Code
    def __init__(self) -> None: ...

class SealCondition(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[SealCondition.Code]
        INTACT: _ClassVar[SealCondition.Code]
        BROKEN: _ClassVar[SealCondition.Code]
        MISSING: _ClassVar[SealCondition.Code]
        REPLACED: _ClassVar[SealCondition.Code]
        COUNTERFEIT: _ClassVar[SealCondition.Code]
    UNSPECIFIED: SealCondition.Code
    INTACT: SealCondition.Code
    BROKEN: SealCondition.Code
    MISSING: SealCondition.Code
    REPLACED: SealCondition.Code
    COUNTERFEIT: SealCondition.Code
    def __init__(self) -> None: ...

class FeedbackResult(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[FeedbackResult.Code]
        NOT_FOUND: _ClassVar[FeedbackResult.Code]
        NOT_CONTROLLED: _ClassVar[FeedbackResult.Code]
        CONTROLLED_NO_IRREGULARITY: _ClassVar[FeedbackResult.Code]
        CONTROLLED_IRREGULARITY: _ClassVar[FeedbackResult.Code]
        SEIZURE: _ClassVar[FeedbackResult.Code]
        PENDING: _ClassVar[FeedbackResult.Code]
    UNSPECIFIED: FeedbackResult.Code
    NOT_FOUND: FeedbackResult.Code
    NOT_CONTROLLED: FeedbackResult.Code
    CONTROLLED_NO_IRREGULARITY: FeedbackResult.Code
    CONTROLLED_IRREGULARITY: FeedbackResult.Code
    SEIZURE: FeedbackResult.Code
    PENDING: FeedbackResult.Code
    def __init__(self) -> None: ...

class Direction(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Direction.Code]
        IMPORT: _ClassVar[Direction.Code]
        EXPORT: _ClassVar[Direction.Code]
        TRANSIT: _ClassVar[Direction.Code]
        DOMESTIC: _ClassVar[Direction.Code]
    UNSPECIFIED: Direction.Code
    IMPORT: Direction.Code
    EXPORT: Direction.Code
    TRANSIT: Direction.Code
    DOMESTIC: Direction.Code
    def __init__(self) -> None: ...

class FeeBasis(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[FeeBasis.Code]
        PERSON: _ClassVar[FeeBasis.Code]
        GROUP: _ClassVar[FeeBasis.Code]
        JOURNEY: _ClassVar[FeeBasis.Code]
        DOCUMENT: _ClassVar[FeeBasis.Code]
        UNIT: _ClassVar[FeeBasis.Code]
    UNSPECIFIED: FeeBasis.Code
    PERSON: FeeBasis.Code
    GROUP: FeeBasis.Code
    JOURNEY: FeeBasis.Code
    DOCUMENT: FeeBasis.Code
    UNIT: FeeBasis.Code
    def __init__(self) -> None: ...

class PersonCategory(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[PersonCategory.Code]
        SUSPECT: _ClassVar[PersonCategory.Code]
        CONVICTED: _ClassVar[PersonCategory.Code]
        VICTIM: _ClassVar[PersonCategory.Code]
        WITNESS_OR_CONTACT: _ClassVar[PersonCategory.Code]
        SMUGGLED_MIGRANT: _ClassVar[PersonCategory.Code]
        OTHER_PARTY: _ClassVar[PersonCategory.Code]
        UNKNOWN: _ClassVar[PersonCategory.Code]
    UNSPECIFIED: PersonCategory.Code
    SUSPECT: PersonCategory.Code
    CONVICTED: PersonCategory.Code
    VICTIM: PersonCategory.Code
    WITNESS_OR_CONTACT: PersonCategory.Code
    SMUGGLED_MIGRANT: PersonCategory.Code
    OTHER_PARTY: PersonCategory.Code
    UNKNOWN: PersonCategory.Code
    def __init__(self) -> None: ...

class Basis(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Basis.Code]
        FACT: _ClassVar[Basis.Code]
        ASSESSMENT: _ClassVar[Basis.Code]
    UNSPECIFIED: Basis.Code
    FACT: Basis.Code
    ASSESSMENT: Basis.Code
    def __init__(self) -> None: ...

class Sex(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Sex.Code]
        F: _ClassVar[Sex.Code]
        M: _ClassVar[Sex.Code]
        X: _ClassVar[Sex.Code]
    UNSPECIFIED: Sex.Code
    F: Sex.Code
    M: Sex.Code
    X: Sex.Code
    def __init__(self) -> None: ...

class NameKind(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[NameKind.Code]
        PRIMARY: _ClassVar[NameKind.Code]
        ALIAS: _ClassVar[NameKind.Code]
        BIRTH: _ClassVar[NameKind.Code]
        TRANSLITERATION: _ClassVar[NameKind.Code]
    UNSPECIFIED: NameKind.Code
    PRIMARY: NameKind.Code
    ALIAS: NameKind.Code
    BIRTH: NameKind.Code
    TRANSLITERATION: NameKind.Code
    def __init__(self) -> None: ...

class SoughtFor(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[SoughtFor.Code]
        ARREST: _ClassVar[SoughtFor.Code]
        LOCATION: _ClassVar[SoughtFor.Code]
        IDENTIFICATION: _ClassVar[SoughtFor.Code]
        INFORMATION: _ClassVar[SoughtFor.Code]
        PROTECTION: _ClassVar[SoughtFor.Code]
        DISCREET_CHECK: _ClassVar[SoughtFor.Code]
    UNSPECIFIED: SoughtFor.Code
    ARREST: SoughtFor.Code
    LOCATION: SoughtFor.Code
    IDENTIFICATION: SoughtFor.Code
    INFORMATION: SoughtFor.Code
    PROTECTION: SoughtFor.Code
    DISCREET_CHECK: SoughtFor.Code
    def __init__(self) -> None: ...

class SpecialCategory(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[SpecialCategory.Code]
        RACIAL_OR_ETHNIC_ORIGIN: _ClassVar[SpecialCategory.Code]
        POLITICAL_OPINION: _ClassVar[SpecialCategory.Code]
        RELIGION_OR_BELIEF: _ClassVar[SpecialCategory.Code]
        TRADE_UNION: _ClassVar[SpecialCategory.Code]
        GENETIC: _ClassVar[SpecialCategory.Code]
        BIOMETRIC: _ClassVar[SpecialCategory.Code]
        HEALTH: _ClassVar[SpecialCategory.Code]
        SEX_LIFE_OR_ORIENTATION: _ClassVar[SpecialCategory.Code]
    UNSPECIFIED: SpecialCategory.Code
    RACIAL_OR_ETHNIC_ORIGIN: SpecialCategory.Code
    POLITICAL_OPINION: SpecialCategory.Code
    RELIGION_OR_BELIEF: SpecialCategory.Code
    TRADE_UNION: SpecialCategory.Code
    GENETIC: SpecialCategory.Code
    BIOMETRIC: SpecialCategory.Code
    HEALTH: SpecialCategory.Code
    SEX_LIFE_OR_ORIENTATION: SpecialCategory.Code
    def __init__(self) -> None: ...

class CaseOffence(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CaseOffence.Code]
        SMUGGLING_OF_MIGRANTS: _ClassVar[CaseOffence.Code]
        DOCUMENT_OFFENCE: _ClassVar[CaseOffence.Code]
        ENABLING_ILLEGAL_STAY: _ClassVar[CaseOffence.Code]
    UNSPECIFIED: CaseOffence.Code
    SMUGGLING_OF_MIGRANTS: CaseOffence.Code
    DOCUMENT_OFFENCE: CaseOffence.Code
    ENABLING_ILLEGAL_STAY: CaseOffence.Code
    def __init__(self) -> None: ...

class CaseStage(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CaseStage.Code]
        INTELLIGENCE: _ClassVar[CaseStage.Code]
        DETECTION: _ClassVar[CaseStage.Code]
        INTERCEPTION: _ClassVar[CaseStage.Code]
        INVESTIGATION: _ClassVar[CaseStage.Code]
        ARRESTS: _ClassVar[CaseStage.Code]
        PROSECUTION: _ClassVar[CaseStage.Code]
        JUDGMENT: _ClassVar[CaseStage.Code]
        CLOSED: _ClassVar[CaseStage.Code]
    UNSPECIFIED: CaseStage.Code
    INTELLIGENCE: CaseStage.Code
    DETECTION: CaseStage.Code
    INTERCEPTION: CaseStage.Code
    INVESTIGATION: CaseStage.Code
    ARRESTS: CaseStage.Code
    PROSECUTION: CaseStage.Code
    JUDGMENT: CaseStage.Code
    CLOSED: CaseStage.Code
    def __init__(self) -> None: ...

class Aggravating(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Aggravating.Code]
        ENDANGER_LIVES: _ClassVar[Aggravating.Code]
        DEGRADING_TREATMENT: _ClassVar[Aggravating.Code]
    UNSPECIFIED: Aggravating.Code
    ENDANGER_LIVES: Aggravating.Code
    DEGRADING_TREATMENT: Aggravating.Code
    def __init__(self) -> None: ...

class PersonPurpose(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[PersonPurpose.Code]
        LOCATE_ARREST: _ClassVar[PersonPurpose.Code]
        COLLECT_INFORMATION: _ClassVar[PersonPurpose.Code]
        WARN_OFFENDER: _ClassVar[PersonPurpose.Code]
        MISSING_PERSON: _ClassVar[PersonPurpose.Code]
        UNIDENTIFIED: _ClassVar[PersonPurpose.Code]
        DISCREET_CHECK: _ClassVar[PersonPurpose.Code]
    UNSPECIFIED: PersonPurpose.Code
    LOCATE_ARREST: PersonPurpose.Code
    COLLECT_INFORMATION: PersonPurpose.Code
    WARN_OFFENDER: PersonPurpose.Code
    MISSING_PERSON: PersonPurpose.Code
    UNIDENTIFIED: PersonPurpose.Code
    DISCREET_CHECK: PersonPurpose.Code
    def __init__(self) -> None: ...

class DocumentType(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[DocumentType.Code]
        PASSPORT: _ClassVar[DocumentType.Code]
        IDENTITY_CARD: _ClassVar[DocumentType.Code]
        VISA: _ClassVar[DocumentType.Code]
        RESIDENCE_PERMIT: _ClassVar[DocumentType.Code]
        REFUGEE_TRAVEL_DOCUMENT: _ClassVar[DocumentType.Code]
        EMERGENCY_TRAVEL_DOCUMENT: _ClassVar[DocumentType.Code]
        SEAFARER_IDENTITY: _ClassVar[DocumentType.Code]
        DRIVING_LICENCE: _ClassVar[DocumentType.Code]
        BREEDER_DOCUMENT: _ClassVar[DocumentType.Code]
        OTHER: _ClassVar[DocumentType.Code]
    UNSPECIFIED: DocumentType.Code
    PASSPORT: DocumentType.Code
    IDENTITY_CARD: DocumentType.Code
    VISA: DocumentType.Code
    RESIDENCE_PERMIT: DocumentType.Code
    REFUGEE_TRAVEL_DOCUMENT: DocumentType.Code
    EMERGENCY_TRAVEL_DOCUMENT: DocumentType.Code
    SEAFARER_IDENTITY: DocumentType.Code
    DRIVING_LICENCE: DocumentType.Code
    BREEDER_DOCUMENT: DocumentType.Code
    OTHER: DocumentType.Code
    def __init__(self) -> None: ...

class DocumentStatus(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[DocumentStatus.Code]
        LOST: _ClassVar[DocumentStatus.Code]
        STOLEN: _ClassVar[DocumentStatus.Code]
        STOLEN_BLANK: _ClassVar[DocumentStatus.Code]
        REVOKED: _ClassVar[DocumentStatus.Code]
        INVALID: _ClassVar[DocumentStatus.Code]
        COUNTERFEIT: _ClassVar[DocumentStatus.Code]
        ALTERED: _ClassVar[DocumentStatus.Code]
        IMPOSTOR: _ClassVar[DocumentStatus.Code]
    UNSPECIFIED: DocumentStatus.Code
    LOST: DocumentStatus.Code
    STOLEN: DocumentStatus.Code
    STOLEN_BLANK: DocumentStatus.Code
    REVOKED: DocumentStatus.Code
    INVALID: DocumentStatus.Code
    COUNTERFEIT: DocumentStatus.Code
    ALTERED: DocumentStatus.Code
    IMPOSTOR: DocumentStatus.Code
    def __init__(self) -> None: ...

class Confidence(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Confidence.Code]
        LOW: _ClassVar[Confidence.Code]
        MEDIUM: _ClassVar[Confidence.Code]
        HIGH: _ClassVar[Confidence.Code]
    UNSPECIFIED: Confidence.Code
    LOW: Confidence.Code
    MEDIUM: Confidence.Code
    HIGH: Confidence.Code
    def __init__(self) -> None: ...

class ExamConclusion(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[ExamConclusion.Code]
        GENUINE: _ClassVar[ExamConclusion.Code]
        COUNTERFEIT: _ClassVar[ExamConclusion.Code]
        ALTERED: _ClassVar[ExamConclusion.Code]
        STOLEN_BLANK: _ClassVar[ExamConclusion.Code]
        IMPOSTOR: _ClassVar[ExamConclusion.Code]
        FANTASY: _ClassVar[ExamConclusion.Code]
        INCONCLUSIVE: _ClassVar[ExamConclusion.Code]
    UNSPECIFIED: ExamConclusion.Code
    GENUINE: ExamConclusion.Code
    COUNTERFEIT: ExamConclusion.Code
    ALTERED: ExamConclusion.Code
    STOLEN_BLANK: ExamConclusion.Code
    IMPOSTOR: ExamConclusion.Code
    FANTASY: ExamConclusion.Code
    INCONCLUSIVE: ExamConclusion.Code
    def __init__(self) -> None: ...

class Trend(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Trend.Code]
        NEW: _ClassVar[Trend.Code]
        INCREASING: _ClassVar[Trend.Code]
        STABLE: _ClassVar[Trend.Code]
        DECREASING: _ClassVar[Trend.Code]
        ABANDONED: _ClassVar[Trend.Code]
    UNSPECIFIED: Trend.Code
    NEW: Trend.Code
    INCREASING: Trend.Code
    STABLE: Trend.Code
    DECREASING: Trend.Code
    ABANDONED: Trend.Code
    def __init__(self) -> None: ...

class CbrnAgent(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CbrnAgent.Code]
        CHEMICAL: _ClassVar[CbrnAgent.Code]
        BIOLOGICAL: _ClassVar[CbrnAgent.Code]
        RADIOACTIVE: _ClassVar[CbrnAgent.Code]
        NUCLEAR: _ClassVar[CbrnAgent.Code]
        EXPLOSIVE: _ClassVar[CbrnAgent.Code]
    UNSPECIFIED: CbrnAgent.Code
    CHEMICAL: CbrnAgent.Code
    BIOLOGICAL: CbrnAgent.Code
    RADIOACTIVE: CbrnAgent.Code
    NUCLEAR: CbrnAgent.Code
    EXPLOSIVE: CbrnAgent.Code
    def __init__(self) -> None: ...

class IhrStatus(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[IhrStatus.Code]
        NOT_ASSESSED: _ClassVar[IhrStatus.Code]
        ASSESSED_NOT_NOTIFIABLE: _ClassVar[IhrStatus.Code]
        NOTIFIED: _ClassVar[IhrStatus.Code]
    UNSPECIFIED: IhrStatus.Code
    NOT_ASSESSED: IhrStatus.Code
    ASSESSED_NOT_NOTIFIABLE: IhrStatus.Code
    NOTIFIED: IhrStatus.Code
    def __init__(self) -> None: ...

class DeadlineClass(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[DeadlineClass.Code]
        URGENT_8_HOURS: _ClassVar[DeadlineClass.Code]
        URGENT_3_DAYS: _ClassVar[DeadlineClass.Code]
        ROUTINE_7_DAYS: _ClassVar[DeadlineClass.Code]
        AGREED: _ClassVar[DeadlineClass.Code]
    UNSPECIFIED: DeadlineClass.Code
    URGENT_8_HOURS: DeadlineClass.Code
    URGENT_3_DAYS: DeadlineClass.Code
    ROUTINE_7_DAYS: DeadlineClass.Code
    AGREED: DeadlineClass.Code
    def __init__(self) -> None: ...

class ReplyOutcome(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[ReplyOutcome.Code]
        HIT: _ClassVar[ReplyOutcome.Code]
        NO_HIT: _ClassVar[ReplyOutcome.Code]
        PARTIAL: _ClassVar[ReplyOutcome.Code]
        REFUSED: _ClassVar[ReplyOutcome.Code]
        NOT_COMPETENT: _ClassVar[ReplyOutcome.Code]
    UNSPECIFIED: ReplyOutcome.Code
    HIT: ReplyOutcome.Code
    NO_HIT: ReplyOutcome.Code
    PARTIAL: ReplyOutcome.Code
    REFUSED: ReplyOutcome.Code
    NOT_COMPETENT: ReplyOutcome.Code
    def __init__(self) -> None: ...

class BoardingMeasure(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[BoardingMeasure.Code]
        CONFIRM_REGISTRY: _ClassVar[BoardingMeasure.Code]
        BOARD: _ClassVar[BoardingMeasure.Code]
        SEARCH: _ClassVar[BoardingMeasure.Code]
        APPROPRIATE_ACTION: _ClassVar[BoardingMeasure.Code]
    UNSPECIFIED: BoardingMeasure.Code
    CONFIRM_REGISTRY: BoardingMeasure.Code
    BOARD: BoardingMeasure.Code
    SEARCH: BoardingMeasure.Code
    APPROPRIATE_ACTION: BoardingMeasure.Code
    def __init__(self) -> None: ...

class BoardingOutcome(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[BoardingOutcome.Code]
        AUTHORISED: _ClassVar[BoardingOutcome.Code]
        AUTHORISED_WITH_CONDITIONS: _ClassVar[BoardingOutcome.Code]
        REFUSED: _ClassVar[BoardingOutcome.Code]
        REGISTRY_CONFIRMED: _ClassVar[BoardingOutcome.Code]
        REGISTRY_NOT_CONFIRMED: _ClassVar[BoardingOutcome.Code]
        NEED_INFORMATION: _ClassVar[BoardingOutcome.Code]
    UNSPECIFIED: BoardingOutcome.Code
    AUTHORISED: BoardingOutcome.Code
    AUTHORISED_WITH_CONDITIONS: BoardingOutcome.Code
    REFUSED: BoardingOutcome.Code
    REGISTRY_CONFIRMED: BoardingOutcome.Code
    REGISTRY_NOT_CONFIRMED: BoardingOutcome.Code
    NEED_INFORMATION: BoardingOutcome.Code
    def __init__(self) -> None: ...

class MlaKind(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[MlaKind.Code]
        LETTER_ROGATORY: _ClassVar[MlaKind.Code]
        EXTRADITION: _ClassVar[MlaKind.Code]
        JOINT_INVESTIGATION_TEAM: _ClassVar[MlaKind.Code]
        SPONTANEOUS_INFORMATION: _ClassVar[MlaKind.Code]
        TRANSFER_OF_PROCEEDINGS: _ClassVar[MlaKind.Code]
        CONFISCATION: _ClassVar[MlaKind.Code]
    UNSPECIFIED: MlaKind.Code
    LETTER_ROGATORY: MlaKind.Code
    EXTRADITION: MlaKind.Code
    JOINT_INVESTIGATION_TEAM: MlaKind.Code
    SPONTANEOUS_INFORMATION: MlaKind.Code
    TRANSFER_OF_PROCEEDINGS: MlaKind.Code
    CONFISCATION: MlaKind.Code
    def __init__(self) -> None: ...

class MlaStatus(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[MlaStatus.Code]
        ANNOUNCED: _ClassVar[MlaStatus.Code]
        SENT: _ClassVar[MlaStatus.Code]
        RECEIVED: _ClassVar[MlaStatus.Code]
        IN_EXECUTION: _ClassVar[MlaStatus.Code]
        EXECUTED: _ClassVar[MlaStatus.Code]
        REFUSED: _ClassVar[MlaStatus.Code]
    UNSPECIFIED: MlaStatus.Code
    ANNOUNCED: MlaStatus.Code
    SENT: MlaStatus.Code
    RECEIVED: MlaStatus.Code
    IN_EXECUTION: MlaStatus.Code
    EXECUTED: MlaStatus.Code
    REFUSED: MlaStatus.Code
    def __init__(self) -> None: ...

class ConsentAsk(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[ConsentAsk.Code]
        ONWARD_SHARE: _ClassVar[ConsentAsk.Code]
        EVIDENCE_USE: _ClassVar[ConsentAsk.Code]
        OTHER_PURPOSE: _ClassVar[ConsentAsk.Code]
        LONGER_RETENTION: _ClassVar[ConsentAsk.Code]
        LOWER_TLP: _ClassVar[ConsentAsk.Code]
    UNSPECIFIED: ConsentAsk.Code
    ONWARD_SHARE: ConsentAsk.Code
    EVIDENCE_USE: ConsentAsk.Code
    OTHER_PURPOSE: ConsentAsk.Code
    LONGER_RETENTION: ConsentAsk.Code
    LOWER_TLP: ConsentAsk.Code
    def __init__(self) -> None: ...

class Decision(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Decision.Code]
        GRANTED: _ClassVar[Decision.Code]
        GRANTED_WITH_LIMITS: _ClassVar[Decision.Code]
        REFUSED: _ClassVar[Decision.Code]
    UNSPECIFIED: Decision.Code
    GRANTED: Decision.Code
    GRANTED_WITH_LIMITS: Decision.Code
    REFUSED: Decision.Code
    def __init__(self) -> None: ...

class CostBearer(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CostBearer.Code]
        PROVIDER: _ClassVar[CostBearer.Code]
        REQUESTER: _ClassVar[CostBearer.Code]
        SHARED: _ClassVar[CostBearer.Code]
        THIRD_PARTY: _ClassVar[CostBearer.Code]
    UNSPECIFIED: CostBearer.Code
    PROVIDER: CostBearer.Code
    REQUESTER: CostBearer.Code
    SHARED: CostBearer.Code
    THIRD_PARTY: CostBearer.Code
    def __init__(self) -> None: ...

class AssistanceStep(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[AssistanceStep.Code]
        ACKNOWLEDGED: _ClassVar[AssistanceStep.Code]
        FORWARDED: _ClassVar[AssistanceStep.Code]
        SUMMARY_PUBLISHED: _ClassVar[AssistanceStep.Code]
        MATCH_PROPOSED: _ClassVar[AssistanceStep.Code]
        OFFERS_NOTED: _ClassVar[AssistanceStep.Code]
        CLOSED: _ClassVar[AssistanceStep.Code]
    UNSPECIFIED: AssistanceStep.Code
    ACKNOWLEDGED: AssistanceStep.Code
    FORWARDED: AssistanceStep.Code
    SUMMARY_PUBLISHED: AssistanceStep.Code
    MATCH_PROPOSED: AssistanceStep.Code
    OFFERS_NOTED: AssistanceStep.Code
    CLOSED: AssistanceStep.Code
    def __init__(self) -> None: ...

class SuppressionMethod(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[SuppressionMethod.Code]
        PRIMARY_AND_COMPLEMENTARY: _ClassVar[SuppressionMethod.Code]
        CELL_KEY: _ClassVar[SuppressionMethod.Code]
        ROUNDING: _ClassVar[SuppressionMethod.Code]
        NOT_NEEDED: _ClassVar[SuppressionMethod.Code]
    UNSPECIFIED: SuppressionMethod.Code
    PRIMARY_AND_COMPLEMENTARY: SuppressionMethod.Code
    CELL_KEY: SuppressionMethod.Code
    ROUNDING: SuppressionMethod.Code
    NOT_NEEDED: SuppressionMethod.Code
    def __init__(self) -> None: ...

class CellStatus(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[CellStatus.Code]
        OK: _ClassVar[CellStatus.Code]
        SUPPRESSED: _ClassVar[CellStatus.Code]
        NOT_AVAILABLE: _ClassVar[CellStatus.Code]
        ESTIMATE: _ClassVar[CellStatus.Code]
    UNSPECIFIED: CellStatus.Code
    OK: CellStatus.Code
    SUPPRESSED: CellStatus.Code
    NOT_AVAILABLE: CellStatus.Code
    ESTIMATE: CellStatus.Code
    def __init__(self) -> None: ...

class KnowledgeType(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[KnowledgeType.Code]
        CASE_LAW: _ClassVar[KnowledgeType.Code]
        LEGISLATION: _ClassVar[KnowledgeType.Code]
        BIBLIOGRAPHY: _ClassVar[KnowledgeType.Code]
    UNSPECIFIED: KnowledgeType.Code
    CASE_LAW: KnowledgeType.Code
    LEGISLATION: KnowledgeType.Code
    BIBLIOGRAPHY: KnowledgeType.Code
    def __init__(self) -> None: ...

class Availability(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Availability.Code]
        ALWAYS: _ClassVar[Availability.Code]
        OFFICE_HOURS: _ClassVar[Availability.Code]
        ON_CALL: _ClassVar[Availability.Code]
    UNSPECIFIED: Availability.Code
    ALWAYS: Availability.Code
    OFFICE_HOURS: Availability.Code
    ON_CALL: Availability.Code
    def __init__(self) -> None: ...

class AckStatus(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[AckStatus.Code]
        RECEIVED: _ClassVar[AckStatus.Code]
        READ: _ClassVar[AckStatus.Code]
        ACCEPTED: _ClassVar[AckStatus.Code]
        REJECTED: _ClassVar[AckStatus.Code]
        FORWARDED: _ClassVar[AckStatus.Code]
    UNSPECIFIED: AckStatus.Code
    RECEIVED: AckStatus.Code
    READ: AckStatus.Code
    ACCEPTED: AckStatus.Code
    REJECTED: AckStatus.Code
    FORWARDED: AckStatus.Code
    def __init__(self) -> None: ...

class WithdrawalReason(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[WithdrawalReason.Code]
        SOURCE_DISCREDITED: _ClassVar[WithdrawalReason.Code]
        ERROR: _ClassVar[WithdrawalReason.Code]
        SUPERSEDED: _ClassVar[WithdrawalReason.Code]
        MATTER_CLOSED: _ClassVar[WithdrawalReason.Code]
        COURT_ORDER: _ClassVar[WithdrawalReason.Code]
        DATA_SUBJECT_RIGHTS: _ClassVar[WithdrawalReason.Code]
    UNSPECIFIED: WithdrawalReason.Code
    SOURCE_DISCREDITED: WithdrawalReason.Code
    ERROR: WithdrawalReason.Code
    SUPERSEDED: WithdrawalReason.Code
    MATTER_CLOSED: WithdrawalReason.Code
    COURT_ORDER: WithdrawalReason.Code
    DATA_SUBJECT_RIGHTS: WithdrawalReason.Code
    def __init__(self) -> None: ...

class DeletionMethod(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[DeletionMethod.Code]
        CRYPTO_ERASURE: _ClassVar[DeletionMethod.Code]
        OVERWRITTEN: _ClassVar[DeletionMethod.Code]
        MEDIA_DESTROYED: _ClassVar[DeletionMethod.Code]
    UNSPECIFIED: DeletionMethod.Code
    CRYPTO_ERASURE: DeletionMethod.Code
    OVERWRITTEN: DeletionMethod.Code
    MEDIA_DESTROYED: DeletionMethod.Code
    def __init__(self) -> None: ...
