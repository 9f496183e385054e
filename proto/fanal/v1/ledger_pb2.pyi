from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class LaneClock(_message.Message):
    __slots__ = ("lane", "incarnation", "floor", "next", "head", "holes")
    LANE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    FLOOR_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    HOLES_FIELD_NUMBER: _ClassVar[int]
    lane: bytes
    incarnation: bytes
    floor: int
    next: int
    head: bytes
    holes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, lane: _Optional[bytes] = ..., incarnation: _Optional[bytes] = ..., floor: _Optional[int] = ..., next: _Optional[int] = ..., head: _Optional[bytes] = ..., holes: _Optional[_Iterable[int]] = ...) -> None: ...

class Marker(_message.Message):
    __slots__ = ("incarnation", "size", "last_sequence")
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    incarnation: bytes
    size: int
    last_sequence: int
    def __init__(self, incarnation: _Optional[bytes] = ..., size: _Optional[int] = ..., last_sequence: _Optional[int] = ...) -> None: ...
