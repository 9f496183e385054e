from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnvelopeClass(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[EnvelopeClass.Code]
        NOTICE: _ClassVar[EnvelopeClass.Code]
        RECEIPT: _ClassVar[EnvelopeClass.Code]
        KEY: _ClassVar[EnvelopeClass.Code]
        CONTROL: _ClassVar[EnvelopeClass.Code]
    UNSPECIFIED: EnvelopeClass.Code
    NOTICE: EnvelopeClass.Code
    RECEIPT: EnvelopeClass.Code
    KEY: EnvelopeClass.Code
    CONTROL: EnvelopeClass.Code
    def __init__(self) -> None: ...

class EnvelopePriority(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[EnvelopePriority.Code]
        FLASH: _ClassVar[EnvelopePriority.Code]
        ROUTINE: _ClassVar[EnvelopePriority.Code]
        BULK: _ClassVar[EnvelopePriority.Code]
    UNSPECIFIED: EnvelopePriority.Code
    FLASH: EnvelopePriority.Code
    ROUTINE: EnvelopePriority.Code
    BULK: EnvelopePriority.Code
    def __init__(self) -> None: ...

class Audience(_message.Message):
    __slots__ = ("channel", "agencies")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    AGENCIES_FIELD_NUMBER: _ClassVar[int]
    channel: str
    agencies: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, channel: _Optional[str] = ..., agencies: _Optional[_Iterable[str]] = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("network", "version", "suite", "charter_version", "charter_sha256", "author", "author_key_id", "lane", "incarnation", "seq", "previous_manifest_sha256", "envelope_id", "audience", "key_envelope", "priority", "created", "expires", "envelope_class", "content_commitment", "key_commitment", "predecessor")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    KEY_ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    KEY_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    PREDECESSOR_FIELD_NUMBER: _ClassVar[int]
    network: bytes
    version: int
    suite: str
    charter_version: int
    charter_sha256: bytes
    author: str
    author_key_id: bytes
    lane: bytes
    incarnation: bytes
    seq: int
    previous_manifest_sha256: bytes
    envelope_id: bytes
    audience: Audience
    key_envelope: bytes
    priority: EnvelopePriority.Code
    created: int
    expires: int
    envelope_class: EnvelopeClass.Code
    content_commitment: bytes
    key_commitment: bytes
    predecessor: Predecessor
    def __init__(self, network: _Optional[bytes] = ..., version: _Optional[int] = ..., suite: _Optional[str] = ..., charter_version: _Optional[int] = ..., charter_sha256: _Optional[bytes] = ..., author: _Optional[str] = ..., author_key_id: _Optional[bytes] = ..., lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., seq: _Optional[int] = ..., previous_manifest_sha256: _Optional[bytes] = ..., envelope_id: _Optional[bytes] = ..., audience: _Optional[_Union[Audience, _Mapping]] = ..., key_envelope: _Optional[bytes] = ..., priority: _Optional[_Union[EnvelopePriority.Code, str]] = ..., created: _Optional[int] = ..., expires: _Optional[int] = ..., envelope_class: _Optional[_Union[EnvelopeClass.Code, str]] = ..., content_commitment: _Optional[bytes] = ..., key_commitment: _Optional[bytes] = ..., predecessor: _Optional[_Union[Predecessor, _Mapping]] = ...) -> None: ...

class Predecessor(_message.Message):
    __slots__ = ("incarnation", "next", "head")
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    incarnation: bytes
    next: int
    head: bytes
    def __init__(self, incarnation: _Optional[bytes] = ..., next: _Optional[int] = ..., head: _Optional[bytes] = ...) -> None: ...

class Manifest(_message.Message):
    __slots__ = ("header", "body_sha256", "body_length", "wraps_root", "wraps_count", "attachments", "own_wrap_sha256")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BODY_SHA256_FIELD_NUMBER: _ClassVar[int]
    BODY_LENGTH_FIELD_NUMBER: _ClassVar[int]
    WRAPS_ROOT_FIELD_NUMBER: _ClassVar[int]
    WRAPS_COUNT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    OWN_WRAP_SHA256_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    body_sha256: bytes
    body_length: int
    wraps_root: bytes
    wraps_count: int
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    own_wrap_sha256: bytes
    def __init__(self, header: _Optional[bytes] = ..., body_sha256: _Optional[bytes] = ..., body_length: _Optional[int] = ..., wraps_root: _Optional[bytes] = ..., wraps_count: _Optional[int] = ..., attachments: _Optional[_Iterable[bytes]] = ..., own_wrap_sha256: _Optional[bytes] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("manifest", "signature", "body", "own_wrap")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    OWN_WRAP_FIELD_NUMBER: _ClassVar[int]
    manifest: bytes
    signature: bytes
    body: bytes
    own_wrap: bytes
    def __init__(self, manifest: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., body: _Optional[bytes] = ..., own_wrap: _Optional[bytes] = ...) -> None: ...

class Wrap(_message.Message):
    __slots__ = ("recipient", "key_id", "sealed")
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    recipient: str
    key_id: bytes
    sealed: bytes
    def __init__(self, recipient: _Optional[str] = ..., key_id: _Optional[bytes] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class WrapProof(_message.Message):
    __slots__ = ("key_manifest_sha256", "index", "wrap", "path")
    KEY_MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    WRAP_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    key_manifest_sha256: bytes
    index: int
    wrap: bytes
    path: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, key_manifest_sha256: _Optional[bytes] = ..., index: _Optional[int] = ..., wrap: _Optional[bytes] = ..., path: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("network", "charter_version", "charter_sha256", "envelope_id", "author", "officer_key_id", "audience", "handling", "signed_at", "notice_commitment", "fields_root", "restates", "reasons")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    OFFICER_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    SIGNED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTICE_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    FIELDS_ROOT_FIELD_NUMBER: _ClassVar[int]
    RESTATES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    network: bytes
    charter_version: int
    charter_sha256: bytes
    envelope_id: bytes
    author: str
    officer_key_id: bytes
    audience: Audience
    handling: str
    signed_at: int
    notice_commitment: bytes
    fields_root: bytes
    restates: bytes
    reasons: _containers.RepeatedCompositeFieldContainer[WarnReason]
    def __init__(self, network: _Optional[bytes] = ..., charter_version: _Optional[int] = ..., charter_sha256: _Optional[bytes] = ..., envelope_id: _Optional[bytes] = ..., author: _Optional[str] = ..., officer_key_id: _Optional[bytes] = ..., audience: _Optional[_Union[Audience, _Mapping]] = ..., handling: _Optional[str] = ..., signed_at: _Optional[int] = ..., notice_commitment: _Optional[bytes] = ..., fields_root: _Optional[bytes] = ..., restates: _Optional[bytes] = ..., reasons: _Optional[_Iterable[_Union[WarnReason, _Mapping]]] = ...) -> None: ...

class WarnReason(_message.Message):
    __slots__ = ("code", "text")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Content(_message.Message):
    __slots__ = ("statement", "officer_signature", "notice", "notice_salt", "field_salt", "content_salt", "attachment_keys", "receipts", "control")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    OFFICER_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_SALT_FIELD_NUMBER: _ClassVar[int]
    FIELD_SALT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SALT_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_KEYS_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    statement: bytes
    officer_signature: bytes
    notice: bytes
    notice_salt: bytes
    field_salt: bytes
    content_salt: bytes
    attachment_keys: _containers.RepeatedCompositeFieldContainer[AttachmentKey]
    receipts: bytes
    control: bytes
    def __init__(self, statement: _Optional[bytes] = ..., officer_signature: _Optional[bytes] = ..., notice: _Optional[bytes] = ..., notice_salt: _Optional[bytes] = ..., field_salt: _Optional[bytes] = ..., content_salt: _Optional[bytes] = ..., attachment_keys: _Optional[_Iterable[_Union[AttachmentKey, _Mapping]]] = ..., receipts: _Optional[bytes] = ..., control: _Optional[bytes] = ...) -> None: ...

class AttachmentKey(_message.Message):
    __slots__ = ("attachment", "key")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    attachment: bytes
    key: bytes
    def __init__(self, attachment: _Optional[bytes] = ..., key: _Optional[bytes] = ...) -> None: ...

class Receipts(_message.Message):
    __slots__ = ("stored", "relayed", "rejected", "held", "read", "recalls")
    STORED_FIELD_NUMBER: _ClassVar[int]
    RELAYED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    RECALLS_FIELD_NUMBER: _ClassVar[int]
    stored: _containers.RepeatedCompositeFieldContainer[StoredCoverage]
    relayed: _containers.RepeatedCompositeFieldContainer[StoredCoverage]
    rejected: _containers.RepeatedCompositeFieldContainer[Rejected]
    held: _containers.RepeatedCompositeFieldContainer[Held]
    read: _containers.RepeatedCompositeFieldContainer[ReadReceipt]
    recalls: _containers.RepeatedCompositeFieldContainer[RecallAnswer]
    def __init__(self, stored: _Optional[_Iterable[_Union[StoredCoverage, _Mapping]]] = ..., relayed: _Optional[_Iterable[_Union[StoredCoverage, _Mapping]]] = ..., rejected: _Optional[_Iterable[_Union[Rejected, _Mapping]]] = ..., held: _Optional[_Iterable[_Union[Held, _Mapping]]] = ..., read: _Optional[_Iterable[_Union[ReadReceipt, _Mapping]]] = ..., recalls: _Optional[_Iterable[_Union[RecallAnswer, _Mapping]]] = ...) -> None: ...

class RecallAnswer(_message.Message):
    __slots__ = ("manifest_sha256", "notice_id", "outcome", "reason", "at")
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    manifest_sha256: bytes
    notice_id: str
    outcome: RecallOutcome.Code
    reason: str
    at: int
    def __init__(self, manifest_sha256: _Optional[bytes] = ..., notice_id: _Optional[str] = ..., outcome: _Optional[_Union[RecallOutcome.Code, str]] = ..., reason: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class RecallOutcome(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[RecallOutcome.Code]
        COMPLIED: _ClassVar[RecallOutcome.Code]
        REFUSED: _ClassVar[RecallOutcome.Code]
        HELD: _ClassVar[RecallOutcome.Code]
    UNSPECIFIED: RecallOutcome.Code
    COMPLIED: RecallOutcome.Code
    REFUSED: RecallOutcome.Code
    HELD: RecallOutcome.Code
    def __init__(self) -> None: ...

class SeqRange(_message.Message):
    __slots__ = ("start", "stop")
    START_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    start: int
    stop: int
    def __init__(self, start: _Optional[int] = ..., stop: _Optional[int] = ...) -> None: ...

class StoredCoverage(_message.Message):
    __slots__ = ("lane", "incarnation", "ranges", "head")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    ranges: _containers.RepeatedCompositeFieldContainer[SeqRange]
    head: bytes
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., ranges: _Optional[_Iterable[_Union[SeqRange, _Mapping]]] = ..., head: _Optional[bytes] = ...) -> None: ...

class Rejected(_message.Message):
    __slots__ = ("manifest_sha256", "problems")
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    manifest_sha256: bytes
    problems: _containers.RepeatedCompositeFieldContainer[RejectedProblem]
    def __init__(self, manifest_sha256: _Optional[bytes] = ..., problems: _Optional[_Iterable[_Union[RejectedProblem, _Mapping]]] = ...) -> None: ...

class RejectedProblem(_message.Message):
    __slots__ = ("code", "field")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    code: str
    field: str
    def __init__(self, code: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

class Held(_message.Message):
    __slots__ = ("manifest_sha256", "reason")
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    manifest_sha256: bytes
    reason: str
    def __init__(self, manifest_sha256: _Optional[bytes] = ..., reason: _Optional[str] = ...) -> None: ...

class ReadReceipt(_message.Message):
    __slots__ = ("body", "officer_signature")
    BODY_FIELD_NUMBER: _ClassVar[int]
    OFFICER_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    officer_signature: bytes
    def __init__(self, body: _Optional[bytes] = ..., officer_signature: _Optional[bytes] = ...) -> None: ...

class ReadStatement(_message.Message):
    __slots__ = ("network", "reader", "officer_key_id", "manifest_sha256", "read_at")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    READER_FIELD_NUMBER: _ClassVar[int]
    OFFICER_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    READ_AT_FIELD_NUMBER: _ClassVar[int]
    network: bytes
    reader: str
    officer_key_id: bytes
    manifest_sha256: bytes
    read_at: int
    def __init__(self, network: _Optional[bytes] = ..., reader: _Optional[str] = ..., officer_key_id: _Optional[bytes] = ..., manifest_sha256: _Optional[bytes] = ..., read_at: _Optional[int] = ...) -> None: ...
