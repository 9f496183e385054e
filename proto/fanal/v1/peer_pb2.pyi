from fanal.v1 import envelope_pb2 as _envelope_pb2
from fanal.v1 import identity_pb2 as _identity_pb2
from fanal.v1 import ledger_pb2 as _ledger_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HelloMessage(_message.Message):
    __slots__ = ("protocol", "network", "agency", "store_id", "incarnation", "charter_version", "charter_sha256", "identities", "software", "transport", "for_bulk", "run", "protocol_lowest", "thin_line")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    FOR_BULK_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_LOWEST_FIELD_NUMBER: _ClassVar[int]
    THIN_LINE_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    network: bytes
    agency: str
    store_id: bytes
    incarnation: bytes
    charter_version: int
    charter_sha256: bytes
    identities: _containers.RepeatedCompositeFieldContainer[DocumentHead]
    software: str
    transport: int
    for_bulk: bool
    run: bytes
    protocol_lowest: int
    thin_line: bool
    def __init__(self, protocol: _Optional[int] = ..., network: _Optional[bytes] = ..., agency: _Optional[str] = ..., store_id: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., charter_version: _Optional[int] = ..., charter_sha256: _Optional[bytes] = ..., identities: _Optional[_Iterable[_Union[DocumentHead, _Mapping]]] = ..., software: _Optional[str] = ..., transport: _Optional[int] = ..., for_bulk: _Optional[bool] = ..., run: _Optional[bytes] = ..., protocol_lowest: _Optional[int] = ..., thin_line: _Optional[bool] = ...) -> None: ...

class DocumentHead(_message.Message):
    __slots__ = ("agency", "serial", "sha256")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    agency: str
    serial: int
    sha256: bytes
    def __init__(self, agency: _Optional[str] = ..., serial: _Optional[int] = ..., sha256: _Optional[bytes] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("entries", "ack", "digest", "clock", "want", "wraps", "want_wraps", "documents", "want_documents", "heartbeat", "not_found", "announce", "checkpoint", "cosigned", "witnessed", "fork", "prune", "graft", "credit", "want_pieces", "pieces", "part", "attachment_news", "deferred")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    WANT_FIELD_NUMBER: _ClassVar[int]
    WRAPS_FIELD_NUMBER: _ClassVar[int]
    WANT_WRAPS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    WANT_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    NOT_FOUND_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    COSIGNED_FIELD_NUMBER: _ClassVar[int]
    WITNESSED_FIELD_NUMBER: _ClassVar[int]
    FORK_FIELD_NUMBER: _ClassVar[int]
    PRUNE_FIELD_NUMBER: _ClassVar[int]
    GRAFT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    WANT_PIECES_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_NEWS_FIELD_NUMBER: _ClassVar[int]
    DEFERRED_FIELD_NUMBER: _ClassVar[int]
    entries: Entries
    ack: Acknowledgement
    digest: Digest
    clock: Clock
    want: Want
    wraps: Wraps
    want_wraps: WantWraps
    documents: Documents
    want_documents: WantDocuments
    heartbeat: Heartbeat
    not_found: NotFound
    announce: Announce
    checkpoint: CheckpointOffer
    cosigned: Cosigned
    witnessed: WitnessedHead
    fork: ForkProof
    prune: Prune
    graft: Graft
    credit: Credit
    want_pieces: WantPieces
    pieces: Pieces
    part: Part
    attachment_news: AttachmentNews
    deferred: Deferred
    def __init__(self, entries: _Optional[_Union[Entries, _Mapping]] = ..., ack: _Optional[_Union[Acknowledgement, _Mapping]] = ..., digest: _Optional[_Union[Digest, _Mapping]] = ..., clock: _Optional[_Union[Clock, _Mapping]] = ..., want: _Optional[_Union[Want, _Mapping]] = ..., wraps: _Optional[_Union[Wraps, _Mapping]] = ..., want_wraps: _Optional[_Union[WantWraps, _Mapping]] = ..., documents: _Optional[_Union[Documents, _Mapping]] = ..., want_documents: _Optional[_Union[WantDocuments, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., not_found: _Optional[_Union[NotFound, _Mapping]] = ..., announce: _Optional[_Union[Announce, _Mapping]] = ..., checkpoint: _Optional[_Union[CheckpointOffer, _Mapping]] = ..., cosigned: _Optional[_Union[Cosigned, _Mapping]] = ..., witnessed: _Optional[_Union[WitnessedHead, _Mapping]] = ..., fork: _Optional[_Union[ForkProof, _Mapping]] = ..., prune: _Optional[_Union[Prune, _Mapping]] = ..., graft: _Optional[_Union[Graft, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., want_pieces: _Optional[_Union[WantPieces, _Mapping]] = ..., pieces: _Optional[_Union[Pieces, _Mapping]] = ..., part: _Optional[_Union[Part, _Mapping]] = ..., attachment_news: _Optional[_Union[AttachmentNews, _Mapping]] = ..., deferred: _Optional[_Union[Deferred, _Mapping]] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("received", "window", "stamp", "echo", "held")
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    STAMP_FIELD_NUMBER: _ClassVar[int]
    ECHO_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    received: int
    window: int
    stamp: int
    echo: int
    held: bool
    def __init__(self, received: _Optional[int] = ..., window: _Optional[int] = ..., stamp: _Optional[int] = ..., echo: _Optional[int] = ..., held: _Optional[bool] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("priority", "data", "last")
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    priority: int
    data: bytes
    last: bool
    def __init__(self, priority: _Optional[int] = ..., data: _Optional[bytes] = ..., last: _Optional[bool] = ...) -> None: ...

class Entries(_message.Message):
    __slots__ = ("envelopes", "pushed")
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    PUSHED_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    pushed: bool
    def __init__(self, envelopes: _Optional[_Iterable[bytes]] = ..., pushed: _Optional[bool] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("stored", "refused")
    STORED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    stored: _containers.RepeatedCompositeFieldContainer[LaneSeq]
    refused: _containers.RepeatedCompositeFieldContainer[Refused]
    def __init__(self, stored: _Optional[_Iterable[_Union[LaneSeq, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[Refused, _Mapping]]] = ...) -> None: ...

class Deferred(_message.Message):
    __slots__ = ("entries", "limit", "most", "until")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LaneSeq]
    limit: str
    most: int
    until: int
    def __init__(self, entries: _Optional[_Iterable[_Union[LaneSeq, _Mapping]]] = ..., limit: _Optional[str] = ..., most: _Optional[int] = ..., until: _Optional[int] = ...) -> None: ...

class LaneSeq(_message.Message):
    __slots__ = ("lane", "incarnation", "seq")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    seq: int
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., seq: _Optional[int] = ...) -> None: ...

class Refused(_message.Message):
    __slots__ = ("entry", "reason")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    entry: LaneSeq
    reason: str
    def __init__(self, entry: _Optional[_Union[LaneSeq, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class Digest(_message.Message):
    __slots__ = ("sha256", "lanes")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    lanes: int
    def __init__(self, sha256: _Optional[bytes] = ..., lanes: _Optional[int] = ...) -> None: ...

class Clock(_message.Message):
    __slots__ = ("rows", "complete")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_ledger_pb2.LaneClock]
    complete: bool
    def __init__(self, rows: _Optional[_Iterable[_Union[_ledger_pb2.LaneClock, _Mapping]]] = ..., complete: _Optional[bool] = ...) -> None: ...

class Want(_message.Message):
    __slots__ = ("lane", "incarnation", "ranges")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    ranges: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.SeqRange]
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., ranges: _Optional[_Iterable[_Union[_envelope_pb2.SeqRange, _Mapping]]] = ...) -> None: ...

class Announce(_message.Message):
    __slots__ = ("runs", "pushed", "largest", "alerts")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    PUSHED_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIELD_NUMBER: _ClassVar[int]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[LaneRuns]
    pushed: bool
    largest: int
    alerts: bool
    def __init__(self, runs: _Optional[_Iterable[_Union[LaneRuns, _Mapping]]] = ..., pushed: _Optional[bool] = ..., largest: _Optional[int] = ..., alerts: _Optional[bool] = ...) -> None: ...

class LaneRuns(_message.Message):
    __slots__ = ("lane", "incarnation", "ranges")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    ranges: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.SeqRange]
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., ranges: _Optional[_Iterable[_Union[_envelope_pb2.SeqRange, _Mapping]]] = ...) -> None: ...

class Prune(_message.Message):
    __slots__ = ("lanes", "kept")
    LANES_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedScalarFieldContainer[bytes]
    kept: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, lanes: _Optional[_Iterable[bytes]] = ..., kept: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Graft(_message.Message):
    __slots__ = ("lane", "incarnation", "ranges")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    ranges: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.SeqRange]
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., ranges: _Optional[_Iterable[_Union[_envelope_pb2.SeqRange, _Mapping]]] = ...) -> None: ...

class Wraps(_message.Message):
    __slots__ = ("wraps",)
    WRAPS_FIELD_NUMBER: _ClassVar[int]
    wraps: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.WrapProof]
    def __init__(self, wraps: _Optional[_Iterable[_Union[_envelope_pb2.WrapProof, _Mapping]]] = ...) -> None: ...

class WantWraps(_message.Message):
    __slots__ = ("key_manifest_sha256", "recipients")
    KEY_MANIFEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    key_manifest_sha256: bytes
    recipients: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, key_manifest_sha256: _Optional[bytes] = ..., recipients: _Optional[_Iterable[str]] = ...) -> None: ...

class Documents(_message.Message):
    __slots__ = ("charters", "identities")
    CHARTERS_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    charters: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    identities: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    def __init__(self, charters: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ..., identities: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ...) -> None: ...

class WantDocuments(_message.Message):
    __slots__ = ("charters_after", "identities_of")
    CHARTERS_AFTER_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_OF_FIELD_NUMBER: _ClassVar[int]
    charters_after: int
    identities_of: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, charters_after: _Optional[int] = ..., identities_of: _Optional[_Iterable[str]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("nonce", "reply")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    nonce: int
    reply: bool
    def __init__(self, nonce: _Optional[int] = ..., reply: _Optional[bool] = ...) -> None: ...

class NotFound(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LaneSeq]
    def __init__(self, entries: _Optional[_Iterable[_Union[LaneSeq, _Mapping]]] = ...) -> None: ...

class WantPieces(_message.Message):
    __slots__ = ("attachment", "ranges")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    attachment: bytes
    ranges: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.SeqRange]
    def __init__(self, attachment: _Optional[bytes] = ..., ranges: _Optional[_Iterable[_Union[_envelope_pb2.SeqRange, _Mapping]]] = ...) -> None: ...

class Pieces(_message.Message):
    __slots__ = ("attachment", "length", "index", "data", "path")
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    attachment: bytes
    length: int
    index: int
    data: bytes
    path: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, attachment: _Optional[bytes] = ..., length: _Optional[int] = ..., index: _Optional[int] = ..., data: _Optional[bytes] = ..., path: _Optional[_Iterable[bytes]] = ...) -> None: ...

class AttachmentNews(_message.Message):
    __slots__ = ("held", "not_found")
    HELD_FIELD_NUMBER: _ClassVar[int]
    NOT_FOUND_FIELD_NUMBER: _ClassVar[int]
    held: _containers.RepeatedScalarFieldContainer[bytes]
    not_found: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, held: _Optional[_Iterable[bytes]] = ..., not_found: _Optional[_Iterable[bytes]] = ...) -> None: ...

class CheckpointOffer(_message.Message):
    __slots__ = ("note", "old_size", "consistency", "at_once")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    AT_ONCE_FIELD_NUMBER: _ClassVar[int]
    note: bytes
    old_size: int
    consistency: _containers.RepeatedScalarFieldContainer[bytes]
    at_once: bool
    def __init__(self, note: _Optional[bytes] = ..., old_size: _Optional[int] = ..., consistency: _Optional[_Iterable[bytes]] = ..., at_once: _Optional[bool] = ...) -> None: ...

class Cosigned(_message.Message):
    __slots__ = ("origin", "size", "lines", "holds")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    origin: str
    size: int
    lines: _containers.RepeatedScalarFieldContainer[str]
    holds: bytes
    def __init__(self, origin: _Optional[str] = ..., size: _Optional[int] = ..., lines: _Optional[_Iterable[str]] = ..., holds: _Optional[bytes] = ...) -> None: ...

class WitnessedHead(_message.Message):
    __slots__ = ("note",)
    NOTE_FIELD_NUMBER: _ClassVar[int]
    note: bytes
    def __init__(self, note: _Optional[bytes] = ...) -> None: ...

class ForkProof(_message.Message):
    __slots__ = ("entry", "root", "document")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    entry: EntryFork
    root: RootFork
    document: DocumentFork
    def __init__(self, entry: _Optional[_Union[EntryFork, _Mapping]] = ..., root: _Optional[_Union[RootFork, _Mapping]] = ..., document: _Optional[_Union[DocumentFork, _Mapping]] = ...) -> None: ...

class EntryFork(_message.Message):
    __slots__ = ("manifest_a", "signature_a", "manifest_b", "signature_b")
    MANIFEST_A_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_A_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_B_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_B_FIELD_NUMBER: _ClassVar[int]
    manifest_a: bytes
    signature_a: bytes
    manifest_b: bytes
    signature_b: bytes
    def __init__(self, manifest_a: _Optional[bytes] = ..., signature_a: _Optional[bytes] = ..., manifest_b: _Optional[bytes] = ..., signature_b: _Optional[bytes] = ...) -> None: ...

class RootFork(_message.Message):
    __slots__ = ("note_a", "note_b")
    NOTE_A_FIELD_NUMBER: _ClassVar[int]
    NOTE_B_FIELD_NUMBER: _ClassVar[int]
    note_a: bytes
    note_b: bytes
    def __init__(self, note_a: _Optional[bytes] = ..., note_b: _Optional[bytes] = ...) -> None: ...

class DocumentFork(_message.Message):
    __slots__ = ("a", "b")
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    a: _identity_pb2.SignedDocument
    b: _identity_pb2.SignedDocument
    def __init__(self, a: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., b: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ("token_id", "identity", "mac")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    MAC_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    identity: _identity_pb2.SignedDocument
    mac: bytes
    def __init__(self, token_id: _Optional[bytes] = ..., identity: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., mac: _Optional[bytes] = ...) -> None: ...

class JoinReply(_message.Message):
    __slots__ = ("inviter_identity", "charter", "mac")
    INVITER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    CHARTER_FIELD_NUMBER: _ClassVar[int]
    MAC_FIELD_NUMBER: _ClassVar[int]
    inviter_identity: _identity_pb2.SignedDocument
    charter: _identity_pb2.SignedDocument
    mac: bytes
    def __init__(self, inviter_identity: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., charter: _Optional[_Union[_identity_pb2.SignedDocument, _Mapping]] = ..., mac: _Optional[bytes] = ...) -> None: ...

class JoinOutcomeRequest(_message.Message):
    __slots__ = ("token_id", "mac", "charters_after")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    MAC_FIELD_NUMBER: _ClassVar[int]
    CHARTERS_AFTER_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    mac: bytes
    charters_after: int
    def __init__(self, token_id: _Optional[bytes] = ..., mac: _Optional[bytes] = ..., charters_after: _Optional[int] = ...) -> None: ...

class JoinOutcome(_message.Message):
    __slots__ = ("state", "charters", "identities", "complete")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[JoinOutcome.State]
        WAITING: _ClassVar[JoinOutcome.State]
        APPROVED: _ClassVar[JoinOutcome.State]
        REFUSED: _ClassVar[JoinOutcome.State]
    UNSPECIFIED: JoinOutcome.State
    WAITING: JoinOutcome.State
    APPROVED: JoinOutcome.State
    REFUSED: JoinOutcome.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    CHARTERS_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    state: JoinOutcome.State
    charters: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    identities: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    complete: bool
    def __init__(self, state: _Optional[_Union[JoinOutcome.State, str]] = ..., charters: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ..., identities: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ..., complete: _Optional[bool] = ...) -> None: ...
