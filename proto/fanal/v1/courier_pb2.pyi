from fanal.v1 import ledger_pb2 as _ledger_pb2
from fanal.v1 import peer_pb2 as _peer_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CourierHeader(_message.Message):
    __slots__ = ("hello", "addressee", "key_id", "created", "number", "previous_sha256", "heard", "heard_sha256")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ADDRESSEE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    HEARD_SHA256_FIELD_NUMBER: _ClassVar[int]
    hello: _peer_pb2.HelloMessage
    addressee: str
    key_id: bytes
    created: int
    number: int
    previous_sha256: bytes
    heard: int
    heard_sha256: bytes
    def __init__(self, hello: _Optional[_Union[_peer_pb2.HelloMessage, _Mapping]] = ..., addressee: _Optional[str] = ..., key_id: _Optional[bytes] = ..., created: _Optional[int] = ..., number: _Optional[int] = ..., previous_sha256: _Optional[bytes] = ..., heard: _Optional[int] = ..., heard_sha256: _Optional[bytes] = ...) -> None: ...

class CourierGiven(_message.Message):
    __slots__ = ("entries", "pieces")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_peer_pb2.LaneRuns]
    pieces: _containers.RepeatedCompositeFieldContainer[_peer_pb2.WantPieces]
    def __init__(self, entries: _Optional[_Iterable[_Union[_peer_pb2.LaneRuns, _Mapping]]] = ..., pieces: _Optional[_Iterable[_Union[_peer_pb2.WantPieces, _Mapping]]] = ...) -> None: ...

class CourierPeer(_message.Message):
    __slots__ = ("sent", "sent_sha256", "heard", "heard_sha256", "heard_at", "hello", "rows", "will_not_take", "wants", "log_size", "cosigned", "refused", "pieces", "given")
    SENT_FIELD_NUMBER: _ClassVar[int]
    SENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    HEARD_SHA256_FIELD_NUMBER: _ClassVar[int]
    HEARD_AT_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    WILL_NOT_TAKE_FIELD_NUMBER: _ClassVar[int]
    WANTS_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    COSIGNED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    sent: int
    sent_sha256: bytes
    heard: int
    heard_sha256: bytes
    heard_at: int
    hello: _peer_pb2.HelloMessage
    rows: _containers.RepeatedCompositeFieldContainer[_ledger_pb2.LaneClock]
    will_not_take: _containers.RepeatedCompositeFieldContainer[_peer_pb2.Refused]
    wants: _containers.RepeatedCompositeFieldContainer[_peer_pb2.WantWraps]
    log_size: int
    cosigned: _peer_pb2.Cosigned
    refused: _containers.RepeatedCompositeFieldContainer[_peer_pb2.Refused]
    pieces: _containers.RepeatedCompositeFieldContainer[_peer_pb2.WantPieces]
    given: CourierGiven
    def __init__(self, sent: _Optional[int] = ..., sent_sha256: _Optional[bytes] = ..., heard: _Optional[int] = ..., heard_sha256: _Optional[bytes] = ..., heard_at: _Optional[int] = ..., hello: _Optional[_Union[_peer_pb2.HelloMessage, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[_ledger_pb2.LaneClock, _Mapping]]] = ..., will_not_take: _Optional[_Iterable[_Union[_peer_pb2.Refused, _Mapping]]] = ..., wants: _Optional[_Iterable[_Union[_peer_pb2.WantWraps, _Mapping]]] = ..., log_size: _Optional[int] = ..., cosigned: _Optional[_Union[_peer_pb2.Cosigned, _Mapping]] = ..., refused: _Optional[_Iterable[_Union[_peer_pb2.Refused, _Mapping]]] = ..., pieces: _Optional[_Iterable[_Union[_peer_pb2.WantPieces, _Mapping]]] = ..., given: _Optional[_Union[CourierGiven, _Mapping]] = ...) -> None: ...
