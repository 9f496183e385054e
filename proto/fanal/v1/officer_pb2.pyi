from fanal.v1 import envelope_pb2 as _envelope_pb2
from fanal.v1 import identity_pb2 as _identity_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StatusRequest(_message.Message):
    __slots__ = ("settled",)
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    settled: bool
    def __init__(self, settled: _Optional[bool] = ...) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("agency", "network", "network_name", "charter_version", "locked", "incarnation", "ledger_size", "ledger_root", "checkpoint", "peers_connected", "peers_trusted", "inbox_unread", "waiting_deliveries", "software", "started_at", "now", "findings", "listen", "settled_count", "settled")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    NETWORK_NAME_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    LEDGER_SIZE_FIELD_NUMBER: _ClassVar[int]
    LEDGER_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    PEERS_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    PEERS_TRUSTED_FIELD_NUMBER: _ClassVar[int]
    INBOX_UNREAD_FIELD_NUMBER: _ClassVar[int]
    WAITING_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    LISTEN_FIELD_NUMBER: _ClassVar[int]
    SETTLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    agency: str
    network: bytes
    network_name: str
    charter_version: int
    locked: bool
    incarnation: bytes
    ledger_size: int
    ledger_root: bytes
    checkpoint: str
    peers_connected: int
    peers_trusted: int
    inbox_unread: int
    waiting_deliveries: int
    software: str
    started_at: int
    now: int
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    listen: str
    settled_count: int
    settled: _containers.RepeatedCompositeFieldContainer[Settled]
    def __init__(self, agency: _Optional[str] = ..., network: _Optional[bytes] = ..., network_name: _Optional[str] = ..., charter_version: _Optional[int] = ..., locked: _Optional[bool] = ..., incarnation: _Optional[bytes] = ..., ledger_size: _Optional[int] = ..., ledger_root: _Optional[bytes] = ..., checkpoint: _Optional[str] = ..., peers_connected: _Optional[int] = ..., peers_trusted: _Optional[int] = ..., inbox_unread: _Optional[int] = ..., waiting_deliveries: _Optional[int] = ..., software: _Optional[str] = ..., started_at: _Optional[int] = ..., now: _Optional[int] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., listen: _Optional[str] = ..., settled_count: _Optional[int] = ..., settled: _Optional[_Iterable[_Union[Settled, _Mapping]]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("level", "subject", "id", "facts", "key")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    level: str
    subject: str
    id: str
    facts: _containers.ScalarMap[str, str]
    key: str
    def __init__(self, level: _Optional[str] = ..., subject: _Optional[str] = ..., id: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ..., key: _Optional[str] = ...) -> None: ...

class Settled(_message.Message):
    __slots__ = ("finding", "officer", "at", "reason")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    finding: Finding
    officer: str
    at: int
    reason: str
    def __init__(self, finding: _Optional[_Union[Finding, _Mapping]] = ..., officer: _Optional[str] = ..., at: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class WhoAmIRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WhoAmIReply(_message.Message):
    __slots__ = ("agency", "officer", "key_id", "not_after")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    agency: str
    officer: _identity_pb2.Officer
    key_id: bytes
    not_after: int
    def __init__(self, agency: _Optional[str] = ..., officer: _Optional[_Union[_identity_pb2.Officer, _Mapping]] = ..., key_id: _Optional[bytes] = ..., not_after: _Optional[int] = ...) -> None: ...

class UnlockRequest(_message.Message):
    __slots__ = ("secret", "is_key")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    IS_KEY_FIELD_NUMBER: _ClassVar[int]
    secret: bytes
    is_key: bool
    def __init__(self, secret: _Optional[bytes] = ..., is_key: _Optional[bool] = ...) -> None: ...

class UnlockReply(_message.Message):
    __slots__ = ("was_locked",)
    WAS_LOCKED_FIELD_NUMBER: _ClassVar[int]
    was_locked: bool
    def __init__(self, was_locked: _Optional[bool] = ...) -> None: ...

class PrepareRequest(_message.Message):
    __slots__ = ("to", "notice", "dry_run", "restates")
    TO_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    RESTATES_FIELD_NUMBER: _ClassVar[int]
    to: _containers.RepeatedScalarFieldContainer[str]
    notice: bytes
    dry_run: bool
    restates: bytes
    def __init__(self, to: _Optional[_Iterable[str]] = ..., notice: _Optional[bytes] = ..., dry_run: _Optional[bool] = ..., restates: _Optional[bytes] = ...) -> None: ...

class PrepareReply(_message.Message):
    __slots__ = ("ref", "readers", "network", "charter_version", "charter_sha256", "audience", "now", "problems", "carriers")
    REF_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    CARRIERS_FIELD_NUMBER: _ClassVar[int]
    ref: str
    readers: _containers.RepeatedCompositeFieldContainer[Reader]
    network: bytes
    charter_version: int
    charter_sha256: bytes
    audience: _envelope_pb2.Audience
    now: int
    problems: _containers.RepeatedCompositeFieldContainer[CheckProblem]
    carriers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ref: _Optional[str] = ..., readers: _Optional[_Iterable[_Union[Reader, _Mapping]]] = ..., network: _Optional[bytes] = ..., charter_version: _Optional[int] = ..., charter_sha256: _Optional[bytes] = ..., audience: _Optional[_Union[_envelope_pb2.Audience, _Mapping]] = ..., now: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[CheckProblem, _Mapping]]] = ..., carriers: _Optional[_Iterable[str]] = ...) -> None: ...

class Reader(_message.Message):
    __slots__ = ("agency", "has_key", "held_reason")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    HAS_KEY_FIELD_NUMBER: _ClassVar[int]
    HELD_REASON_FIELD_NUMBER: _ClassVar[int]
    agency: str
    has_key: bool
    held_reason: str
    def __init__(self, agency: _Optional[str] = ..., has_key: _Optional[bool] = ..., held_reason: _Optional[str] = ...) -> None: ...

class CheckProblem(_message.Message):
    __slots__ = ("code", "field", "severity", "stage", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    field: str
    severity: str
    stage: str
    message: str
    def __init__(self, code: _Optional[str] = ..., field: _Optional[str] = ..., severity: _Optional[str] = ..., stage: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SendRequest(_message.Message):
    __slots__ = ("statement", "officer_signature", "notice", "notice_salt", "field_salt", "content_salt", "attachment_keys")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    OFFICER_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_SALT_FIELD_NUMBER: _ClassVar[int]
    FIELD_SALT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SALT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_KEYS_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    officer_signature: bytes
    notice: bytes
    notice_salt: bytes
    field_salt: bytes
    content_salt: bytes
    attachment_keys: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.AttachmentKey]
    def __init__(self, statement: _Optional[bytes] = ..., officer_signature: _Optional[bytes] = ..., notice: _Optional[bytes] = ..., notice_salt: _Optional[bytes] = ..., field_salt: _Optional[bytes] = ..., content_salt: _Optional[bytes] = ..., attachment_keys: _Optional[_Iterable[_Union[_envelope_pb2.AttachmentKey, _Mapping]]] = ...) -> None: ...

class AttachRequest(_message.Message):
    __slots__ = ("attachment", "length", "data")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    attachment: bytes
    length: int
    data: bytes
    def __init__(self, attachment: _Optional[bytes] = ..., length: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class AttachReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FetchAttachmentRequest(_message.Message):
    __slots__ = ("manifest_sha256", "attachment")
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    manifest_sha256: bytes
    attachment: bytes
    def __init__(self, manifest_sha256: _Optional[bytes] = ..., attachment: _Optional[bytes] = ...) -> None: ...

class AttachmentPart(_message.Message):
    __slots__ = ("key", "length", "index", "data", "path")
    KEY_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    length: int
    index: int
    data: bytes
    path: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, key: _Optional[bytes] = ..., length: _Optional[int] = ..., index: _Optional[int] = ..., data: _Optional[bytes] = ..., path: _Optional[_Iterable[bytes]] = ...) -> None: ...

class SendReply(_message.Message):
    __slots__ = ("notice_id", "ref", "envelope_id", "leaf_index", "readers")
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    ref: str
    envelope_id: bytes
    leaf_index: int
    readers: _containers.RepeatedCompositeFieldContainer[Reader]
    def __init__(self, notice_id: _Optional[str] = ..., ref: _Optional[str] = ..., envelope_id: _Optional[bytes] = ..., leaf_index: _Optional[int] = ..., readers: _Optional[_Iterable[_Union[Reader, _Mapping]]] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("folder", "kind", "query", "identifier", "limit", "cursor", "unread", "since")
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    UNREAD_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    folder: str
    kind: str
    query: str
    identifier: str
    limit: int
    cursor: str
    unread: bool
    since: int
    def __init__(self, folder: _Optional[str] = ..., kind: _Optional[str] = ..., query: _Optional[str] = ..., identifier: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ..., unread: _Optional[bool] = ..., since: _Optional[int] = ...) -> None: ...

class NoticeSummary(_message.Message):
    __slots__ = ("notice_id", "ref", "revision", "kind", "originator", "urgency", "tlp", "issued_at", "reply_by", "status", "read", "outgoing", "in_reply_to", "title", "received_at", "revoked_key", "revoked_from")
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIGINATOR_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    TLP_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    OUTGOING_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    REVOKED_KEY_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FROM_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    ref: str
    revision: int
    kind: str
    originator: str
    urgency: str
    tlp: str
    issued_at: int
    reply_by: int
    status: str
    read: bool
    outgoing: bool
    in_reply_to: str
    title: str
    received_at: int
    revoked_key: str
    revoked_from: int
    def __init__(self, notice_id: _Optional[str] = ..., ref: _Optional[str] = ..., revision: _Optional[int] = ..., kind: _Optional[str] = ..., originator: _Optional[str] = ..., urgency: _Optional[str] = ..., tlp: _Optional[str] = ..., issued_at: _Optional[int] = ..., reply_by: _Optional[int] = ..., status: _Optional[str] = ..., read: _Optional[bool] = ..., outgoing: _Optional[bool] = ..., in_reply_to: _Optional[str] = ..., title: _Optional[str] = ..., received_at: _Optional[int] = ..., revoked_key: _Optional[str] = ..., revoked_from: _Optional[int] = ...) -> None: ...

class ListReply(_message.Message):
    __slots__ = ("notices", "next_cursor")
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    notices: _containers.RepeatedCompositeFieldContainer[NoticeSummary]
    next_cursor: str
    def __init__(self, notices: _Optional[_Iterable[_Union[NoticeSummary, _Mapping]]] = ..., next_cursor: _Optional[str] = ...) -> None: ...

class ShowRequest(_message.Message):
    __slots__ = ("notice", "revision")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    notice: str
    revision: int
    def __init__(self, notice: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class ShowReply(_message.Message):
    __slots__ = ("summary", "notice", "statement", "officer_signature", "manifest_sha256", "problems", "replies", "officer", "custody", "reasons", "leaf_index", "withdrawn_reason", "hold_reason", "erased_at", "erasure_basis", "erasure_state", "statement_sha256", "restated_to", "recall", "attachments", "manifests", "sent_to", "withdrawn_by")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    OFFICER_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    REPLIES_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_REASON_FIELD_NUMBER: _ClassVar[int]
    HOLD_REASON_FIELD_NUMBER: _ClassVar[int]
    ERASED_AT_FIELD_NUMBER: _ClassVar[int]
    ERASURE_BASIS_FIELD_NUMBER: _ClassVar[int]
    ERASURE_STATE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    RESTATED_TO_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    MANIFESTS_FIELD_NUMBER: _ClassVar[int]
    SENT_TO_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_BY_FIELD_NUMBER: _ClassVar[int]
    summary: NoticeSummary
    notice: bytes
    statement: bytes
    officer_signature: bytes
    manifest_sha256: bytes
    problems: _containers.RepeatedCompositeFieldContainer[CheckProblem]
    replies: _containers.RepeatedScalarFieldContainer[str]
    officer: str
    custody: str
    reasons: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.WarnReason]
    leaf_index: int
    withdrawn_reason: str
    hold_reason: str
    erased_at: int
    erasure_basis: str
    erasure_state: str
    statement_sha256: bytes
    restated_to: _containers.RepeatedScalarFieldContainer[str]
    recall: str
    attachments: _containers.RepeatedCompositeFieldContainer[AttachmentState]
    manifests: _containers.RepeatedScalarFieldContainer[bytes]
    sent_to: _containers.RepeatedScalarFieldContainer[str]
    withdrawn_by: str
    def __init__(self, summary: _Optional[_Union[NoticeSummary, _Mapping]] = ..., notice: _Optional[bytes] = ..., statement: _Optional[bytes] = ..., officer_signature: _Optional[bytes] = ..., manifest_sha256: _Optional[bytes] = ..., problems: _Optional[_Iterable[_Union[CheckProblem, _Mapping]]] = ..., replies: _Optional[_Iterable[str]] = ..., officer: _Optional[str] = ..., custody: _Optional[str] = ..., reasons: _Optional[_Iterable[_Union[_envelope_pb2.WarnReason, _Mapping]]] = ..., leaf_index: _Optional[int] = ..., withdrawn_reason: _Optional[str] = ..., hold_reason: _Optional[str] = ..., erased_at: _Optional[int] = ..., erasure_basis: _Optional[str] = ..., erasure_state: _Optional[str] = ..., statement_sha256: _Optional[bytes] = ..., restated_to: _Optional[_Iterable[str]] = ..., recall: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[AttachmentState, _Mapping]]] = ..., manifests: _Optional[_Iterable[bytes]] = ..., sent_to: _Optional[_Iterable[str]] = ..., withdrawn_by: _Optional[str] = ...) -> None: ...

class AttachmentState(_message.Message):
    __slots__ = ("attachment", "state", "have", "total")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HAVE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    attachment: bytes
    state: str
    have: int
    total: int
    def __init__(self, attachment: _Optional[bytes] = ..., state: _Optional[str] = ..., have: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class PrintRequest(_message.Message):
    __slots__ = ("notice", "revision")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    notice: str
    revision: int
    def __init__(self, notice: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class PrintReply(_message.Message):
    __slots__ = ("shown", "logged")
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    LOGGED_FIELD_NUMBER: _ClassVar[int]
    shown: ShowReply
    logged: Logged
    def __init__(self, shown: _Optional[_Union[ShowReply, _Mapping]] = ..., logged: _Optional[_Union[Logged, _Mapping]] = ...) -> None: ...

class Logged(_message.Message):
    __slots__ = ("person", "at", "leaf_index")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    LEAF_INDEX_FIELD_NUMBER: _ClassVar[int]
    person: bytes
    at: int
    leaf_index: int
    def __init__(self, person: _Optional[bytes] = ..., at: _Optional[int] = ..., leaf_index: _Optional[int] = ...) -> None: ...

class ExportRequest(_message.Message):
    __slots__ = ("notices",)
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    notices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notices: _Optional[_Iterable[str]] = ...) -> None: ...

class ExportReply(_message.Message):
    __slots__ = ("shown", "logged")
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    LOGGED_FIELD_NUMBER: _ClassVar[int]
    shown: _containers.RepeatedCompositeFieldContainer[ShowReply]
    logged: Logged
    def __init__(self, shown: _Optional[_Iterable[_Union[ShowReply, _Mapping]]] = ..., logged: _Optional[_Union[Logged, _Mapping]] = ...) -> None: ...

class MarkReadRequest(_message.Message):
    __slots__ = ("body", "officer_signature")
    BODY_FIELD_NUMBER: _ClassVar[int]
    OFFICER_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    officer_signature: bytes
    def __init__(self, body: _Optional[bytes] = ..., officer_signature: _Optional[bytes] = ...) -> None: ...

class MarkReadReply(_message.Message):
    __slots__ = ("first",)
    FIRST_FIELD_NUMBER: _ClassVar[int]
    first: bool
    def __init__(self, first: _Optional[bool] = ...) -> None: ...

class TrackRequest(_message.Message):
    __slots__ = ("notice",)
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    notice: str
    def __init__(self, notice: _Optional[str] = ...) -> None: ...

class TrackReply(_message.Message):
    __slots__ = ("summary", "deliveries")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    summary: NoticeSummary
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    def __init__(self, summary: _Optional[_Union[NoticeSummary, _Mapping]] = ..., deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("recipient", "state", "since", "reason", "facts", "via")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    recipient: str
    state: str
    since: int
    reason: str
    facts: _containers.ScalarMap[str, str]
    via: str
    def __init__(self, recipient: _Optional[str] = ..., state: _Optional[str] = ..., since: _Optional[int] = ..., reason: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ..., via: _Optional[str] = ...) -> None: ...

class PeersRequest(_message.Message):
    __slots__ = ("agency",)
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    agency: str
    def __init__(self, agency: _Optional[str] = ...) -> None: ...

class PeersReply(_message.Message):
    __slots__ = ("peers", "own")
    PEERS_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    peers: _containers.RepeatedCompositeFieldContainer[Peer]
    own: _containers.RepeatedCompositeFieldContainer[Use]
    def __init__(self, peers: _Optional[_Iterable[_Union[Peer, _Mapping]]] = ..., own: _Optional[_Iterable[_Union[Use, _Mapping]]] = ...) -> None: ...

class Peer(_message.Message):
    __slots__ = ("agency", "state", "since", "reason", "endpoints", "tls_spki_sha256", "sent", "received", "waiting", "relay", "last_contact", "certificate_not_after", "facts", "conduct", "used", "protocol", "protocols", "software", "reading_key_not_after", "reading_key_reason")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    TLS_SPKI_SHA256_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    RELAY_FIELD_NUMBER: _ClassVar[int]
    LAST_CONTACT_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    CONDUCT_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PROTOCOLS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    READING_KEY_NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    READING_KEY_REASON_FIELD_NUMBER: _ClassVar[int]
    agency: str
    state: str
    since: int
    reason: str
    endpoints: _containers.RepeatedScalarFieldContainer[str]
    tls_spki_sha256: bytes
    sent: int
    received: int
    waiting: int
    relay: bool
    last_contact: int
    certificate_not_after: int
    facts: _containers.ScalarMap[str, str]
    conduct: _containers.RepeatedCompositeFieldContainer[Deed]
    used: _containers.RepeatedCompositeFieldContainer[Use]
    protocol: int
    protocols: str
    software: str
    reading_key_not_after: int
    reading_key_reason: str
    def __init__(self, agency: _Optional[str] = ..., state: _Optional[str] = ..., since: _Optional[int] = ..., reason: _Optional[str] = ..., endpoints: _Optional[_Iterable[str]] = ..., tls_spki_sha256: _Optional[bytes] = ..., sent: _Optional[int] = ..., received: _Optional[int] = ..., waiting: _Optional[int] = ..., relay: _Optional[bool] = ..., last_contact: _Optional[int] = ..., certificate_not_after: _Optional[int] = ..., facts: _Optional[_Mapping[str, str]] = ..., conduct: _Optional[_Iterable[_Union[Deed, _Mapping]]] = ..., used: _Optional[_Iterable[_Union[Use, _Mapping]]] = ..., protocol: _Optional[int] = ..., protocols: _Optional[str] = ..., software: _Optional[str] = ..., reading_key_not_after: _Optional[int] = ..., reading_key_reason: _Optional[str] = ...) -> None: ...

class Use(_message.Message):
    __slots__ = ("limit", "used", "most", "waiting", "until")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    limit: str
    used: int
    most: int
    waiting: int
    until: int
    def __init__(self, limit: _Optional[str] = ..., used: _Optional[int] = ..., most: _Optional[int] = ..., waiting: _Optional[int] = ..., until: _Optional[int] = ...) -> None: ...

class Deed(_message.Message):
    __slots__ = ("id", "facts", "count", "first", "last")
    class FactsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    id: str
    facts: _containers.ScalarMap[str, str]
    count: int
    first: int
    last: int
    def __init__(self, id: _Optional[str] = ..., facts: _Optional[_Mapping[str, str]] = ..., count: _Optional[int] = ..., first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class PingRequest(_message.Message):
    __slots__ = ("agency",)
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    agency: str
    def __init__(self, agency: _Optional[str] = ...) -> None: ...

class PingReply(_message.Message):
    __slots__ = ("round_trip_us",)
    ROUND_TRIP_US_FIELD_NUMBER: _ClassVar[int]
    round_trip_us: int
    def __init__(self, round_trip_us: _Optional[int] = ...) -> None: ...

class BlockPeerRequest(_message.Message):
    __slots__ = ("agency", "reason", "unblock")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNBLOCK_FIELD_NUMBER: _ClassVar[int]
    agency: str
    reason: str
    unblock: bool
    def __init__(self, agency: _Optional[str] = ..., reason: _Optional[str] = ..., unblock: _Optional[bool] = ...) -> None: ...

class BlockPeerReply(_message.Message):
    __slots__ = ("was_blocked",)
    WAS_BLOCKED_FIELD_NUMBER: _ClassVar[int]
    was_blocked: bool
    def __init__(self, was_blocked: _Optional[bool] = ...) -> None: ...

class GetCharterRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCharterReply(_message.Message):
    __slots__ = ("charters", "identities")
    CHARTERS_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    charters: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    identities: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    def __init__(self, charters: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ..., identities: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ...) -> None: ...

class ApplyCharterRequest(_message.Message):
    __slots__ = ("charter", "token_id")
    CHARTER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    charter: _identity_pb2.SignedDocument
    token_id: bytes
    def __init__(self, charter: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., token_id: _Optional[bytes] = ...) -> None: ...

class ApplyCharterReply(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class InviteRequest(_message.Message):
    __slots__ = ("agency", "valid_seconds")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    VALID_SECONDS_FIELD_NUMBER: _ClassVar[int]
    agency: str
    valid_seconds: int
    def __init__(self, agency: _Optional[str] = ..., valid_seconds: _Optional[int] = ...) -> None: ...

class InviteReply(_message.Message):
    __slots__ = ("token_id", "secret", "address", "tls_spki_sha256", "charter", "expires", "certificate")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TLS_SPKI_SHA256_FIELD_NUMBER: _ClassVar[int]
    CHARTER_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    secret: bytes
    address: str
    tls_spki_sha256: bytes
    charter: _identity_pb2.SignedDocument
    expires: int
    certificate: bytes
    def __init__(self, token_id: _Optional[bytes] = ..., secret: _Optional[bytes] = ..., address: _Optional[str] = ..., tls_spki_sha256: _Optional[bytes] = ..., charter: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., expires: _Optional[int] = ..., certificate: _Optional[bytes] = ...) -> None: ...

class PendingJoinsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PendingJoinsReply(_message.Message):
    __slots__ = ("joins",)
    JOINS_FIELD_NUMBER: _ClassVar[int]
    joins: _containers.RepeatedCompositeFieldContainer[PendingJoin]
    def __init__(self, joins: _Optional[_Iterable[_Union[PendingJoin, _Mapping]]] = ...) -> None: ...

class PendingJoin(_message.Message):
    __slots__ = ("token_id", "agency", "identity", "code", "arrived")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    agency: str
    identity: _identity_pb2.SignedDocument
    code: str
    arrived: int
    def __init__(self, token_id: _Optional[bytes] = ..., agency: _Optional[str] = ..., identity: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., code: _Optional[str] = ..., arrived: _Optional[int] = ...) -> None: ...

class RefuseJoinRequest(_message.Message):
    __slots__ = ("token_id",)
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    def __init__(self, token_id: _Optional[bytes] = ...) -> None: ...

class RefuseJoinReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AnswerRecallRequest(_message.Message):
    __slots__ = ("notice", "outcome", "reason")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    notice: str
    outcome: _envelope_pb2.RecallOutcome.Code
    reason: str
    def __init__(self, notice: _Optional[str] = ..., outcome: _Optional[_Union[_envelope_pb2.RecallOutcome.Code, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class AnswerRecallReply(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    def __init__(self, outcome: _Optional[str] = ...) -> None: ...

class SetHoldRequest(_message.Message):
    __slots__ = ("notice", "hold", "reason")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    notice: str
    hold: bool
    reason: str
    def __init__(self, notice: _Optional[str] = ..., hold: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class SetHoldReply(_message.Message):
    __slots__ = ("was_held",)
    WAS_HELD_FIELD_NUMBER: _ClassVar[int]
    was_held: bool
    def __init__(self, was_held: _Optional[bool] = ...) -> None: ...

class EraseRequest(_message.Message):
    __slots__ = ("notice", "basis")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    notice: str
    basis: str
    def __init__(self, notice: _Optional[str] = ..., basis: _Optional[str] = ...) -> None: ...

class EraseReply(_message.Message):
    __slots__ = ("envelopes", "state")
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    envelopes: int
    state: str
    def __init__(self, envelopes: _Optional[int] = ..., state: _Optional[str] = ...) -> None: ...

class DrainRequest(_message.Message):
    __slots__ = ("what",)
    class What(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[DrainRequest.What]
        BEGIN: _ClassVar[DrainRequest.What]
        LOOK: _ClassVar[DrainRequest.What]
        RESUME: _ClassVar[DrainRequest.What]
        STOP: _ClassVar[DrainRequest.What]
    UNSPECIFIED: DrainRequest.What
    BEGIN: DrainRequest.What
    LOOK: DrainRequest.What
    RESUME: DrainRequest.What
    STOP: DrainRequest.What
    WHAT_FIELD_NUMBER: _ClassVar[int]
    what: DrainRequest.What
    def __init__(self, what: _Optional[_Union[DrainRequest.What, str]] = ...) -> None: ...

class DrainReply(_message.Message):
    __slots__ = ("draining", "owed", "left")
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    OWED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    draining: bool
    owed: int
    left: _containers.RepeatedCompositeFieldContainer[DrainLeft]
    def __init__(self, draining: _Optional[bool] = ..., owed: _Optional[int] = ..., left: _Optional[_Iterable[_Union[DrainLeft, _Mapping]]] = ...) -> None: ...

class DrainLeft(_message.Message):
    __slots__ = ("agency", "queued", "in_flight", "bytes", "linked")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    LINKED_FIELD_NUMBER: _ClassVar[int]
    agency: str
    queued: int
    in_flight: int
    bytes: int
    linked: bool
    def __init__(self, agency: _Optional[str] = ..., queued: _Optional[int] = ..., in_flight: _Optional[int] = ..., bytes: _Optional[int] = ..., linked: _Optional[bool] = ...) -> None: ...

class ConfirmRequest(_message.Message):
    __slots__ = ("what",)
    WHAT_FIELD_NUMBER: _ClassVar[int]
    what: str
    def __init__(self, what: _Optional[str] = ...) -> None: ...

class ConfirmReply(_message.Message):
    __slots__ = ("was_waiting",)
    WAS_WAITING_FIELD_NUMBER: _ClassVar[int]
    was_waiting: bool
    def __init__(self, was_waiting: _Optional[bool] = ...) -> None: ...

class SettleRequest(_message.Message):
    __slots__ = ("finding", "reason")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    finding: str
    reason: str
    def __init__(self, finding: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class SettleReply(_message.Message):
    __slots__ = ("was_settled",)
    WAS_SETTLED_FIELD_NUMBER: _ClassVar[int]
    was_settled: bool
    def __init__(self, was_settled: _Optional[bool] = ...) -> None: ...

class ProveRequest(_message.Message):
    __slots__ = ("notice", "content", "fields", "lang")
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LANG_FIELD_NUMBER: _ClassVar[int]
    notice: str
    content: bool
    fields: _containers.RepeatedScalarFieldContainer[str]
    lang: str
    def __init__(self, notice: _Optional[str] = ..., content: _Optional[bool] = ..., fields: _Optional[_Iterable[str]] = ..., lang: _Optional[str] = ...) -> None: ...

class ProveReply(_message.Message):
    __slots__ = ("bundle", "name", "size")
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    bundle: bytes
    name: str
    size: int
    def __init__(self, bundle: _Optional[bytes] = ..., name: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class LogExportRequest(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: bytes
    def __init__(self, file: _Optional[bytes] = ...) -> None: ...

class LogExportReply(_message.Message):
    __slots__ = ("logged",)
    LOGGED_FIELD_NUMBER: _ClassVar[int]
    logged: Logged
    def __init__(self, logged: _Optional[_Union[Logged, _Mapping]] = ...) -> None: ...

class CourierExportRequest(_message.Message):
    __slots__ = ("to", "all", "max_bytes", "rest")
    TO_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    REST_FIELD_NUMBER: _ClassVar[int]
    to: str
    all: bool
    max_bytes: int
    rest: bool
    def __init__(self, to: _Optional[str] = ..., all: _Optional[bool] = ..., max_bytes: _Optional[int] = ..., rest: _Optional[bool] = ...) -> None: ...

class CourierExportReply(_message.Message):
    __slots__ = ("handle", "size", "sha256", "number", "entries", "documents", "partial", "attachments", "attachments_part")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_PART_FIELD_NUMBER: _ClassVar[int]
    handle: bytes
    size: int
    sha256: bytes
    number: int
    entries: int
    documents: int
    partial: bool
    attachments: int
    attachments_part: int
    def __init__(self, handle: _Optional[bytes] = ..., size: _Optional[int] = ..., sha256: _Optional[bytes] = ..., number: _Optional[int] = ..., entries: _Optional[int] = ..., documents: _Optional[int] = ..., partial: _Optional[bool] = ..., attachments: _Optional[int] = ..., attachments_part: _Optional[int] = ...) -> None: ...

class CourierReadRequest(_message.Message):
    __slots__ = ("handle", "offset")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    handle: bytes
    offset: int
    def __init__(self, handle: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class CourierReadReply(_message.Message):
    __slots__ = ("piece",)
    PIECE_FIELD_NUMBER: _ClassVar[int]
    piece: bytes
    def __init__(self, piece: _Optional[bytes] = ...) -> None: ...

class CourierWriteRequest(_message.Message):
    __slots__ = ("handle", "offset", "piece")
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    handle: bytes
    offset: int
    piece: bytes
    def __init__(self, handle: _Optional[bytes] = ..., offset: _Optional[int] = ..., piece: _Optional[bytes] = ...) -> None: ...

class CourierWriteReply(_message.Message):
    __slots__ = ("handle",)
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    handle: bytes
    def __init__(self, handle: _Optional[bytes] = ...) -> None: ...

class CourierImportRequest(_message.Message):
    __slots__ = ("handle",)
    HANDLE_FIELD_NUMBER: _ClassVar[int]
    handle: bytes
    def __init__(self, handle: _Optional[bytes] = ...) -> None: ...

class CourierImportReply(_message.Message):
    __slots__ = ("sender", "number", "sha256", "created", "entries", "known", "refused", "waiting", "documents", "older", "attachments", "attachments_part")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    OLDER_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_PART_FIELD_NUMBER: _ClassVar[int]
    sender: str
    number: int
    sha256: bytes
    created: int
    entries: int
    known: int
    refused: int
    waiting: int
    documents: bool
    older: bool
    attachments: int
    attachments_part: int
    def __init__(self, sender: _Optional[str] = ..., number: _Optional[int] = ..., sha256: _Optional[bytes] = ..., created: _Optional[int] = ..., entries: _Optional[int] = ..., known: _Optional[int] = ..., refused: _Optional[int] = ..., waiting: _Optional[int] = ..., documents: _Optional[bool] = ..., older: _Optional[bool] = ..., attachments: _Optional[int] = ..., attachments_part: _Optional[int] = ...) -> None: ...
