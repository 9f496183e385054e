from fanal.v1 import identity_pb2 as _identity_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Member(_message.Message):
    __slots__ = ("agency", "root_ed25519", "root_ml_dsa", "governor")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    ROOT_ED25519_FIELD_NUMBER: _ClassVar[int]
    ROOT_ML_DSA_FIELD_NUMBER: _ClassVar[int]
    GOVERNOR_FIELD_NUMBER: _ClassVar[int]
    agency: str
    root_ed25519: _identity_pb2.PublicKey
    root_ml_dsa: _identity_pb2.PublicKey
    governor: bool
    def __init__(self, agency: _Optional[str] = ..., root_ed25519: _Optional[_Union[_identity_pb2.PublicKey, _Mapping]] = ..., root_ml_dsa: _Optional[_Union[_identity_pb2.PublicKey, _Mapping]] = ..., governor: _Optional[bool] = ...) -> None: ...

class Channel(_message.Message):
    __slots__ = ("name", "members", "relays")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    members: _containers.RepeatedScalarFieldContainer[str]
    relays: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., members: _Optional[_Iterable[str]] = ..., relays: _Optional[_Iterable[str]] = ...) -> None: ...

class Relay(_message.Message):
    __slots__ = ("agency", "direct", "serves")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    DIRECT_FIELD_NUMBER: _ClassVar[int]
    SERVES_FIELD_NUMBER: _ClassVar[int]
    agency: str
    direct: bool
    serves: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agency: _Optional[str] = ..., direct: _Optional[bool] = ..., serves: _Optional[_Iterable[str]] = ...) -> None: ...

class WitnessPolicy(_message.Message):
    __slots__ = ("quorum",)
    QUORUM_FIELD_NUMBER: _ClassVar[int]
    quorum: int
    def __init__(self, quorum: _Optional[int] = ...) -> None: ...

class Charter(_message.Message):
    __slots__ = ("network", "name", "version", "previous_sha256", "created", "expires", "threshold", "members", "channels", "relays", "witnesses", "suites", "revocations", "nonce")
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    WITNESSES_FIELD_NUMBER: _ClassVar[int]
    SUITES_FIELD_NUMBER: _ClassVar[int]
    REVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    network: bytes
    name: str
    version: int
    previous_sha256: bytes
    created: int
    expires: int
    threshold: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    channels: _containers.RepeatedCompositeFieldContainer[Channel]
    relays: _containers.RepeatedCompositeFieldContainer[Relay]
    witnesses: WitnessPolicy
    suites: _containers.RepeatedScalarFieldContainer[str]
    revocations: _containers.RepeatedCompositeFieldContainer[_identity_pb2.SignedDocument]
    nonce: bytes
    def __init__(self, network: _Optional[bytes] = ..., name: _Optional[str] = ..., version: _Optional[int] = ..., previous_sha256: _Optional[bytes] = ..., created: _Optional[int] = ..., expires: _Optional[int] = ..., threshold: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[Channel, _Mapping]]] = ..., relays: _Optional[_Iterable[_Union[Relay, _Mapping]]] = ..., witnesses: _Optional[_Union[WitnessPolicy, _Mapping]] = ..., suites: _Optional[_Iterable[str]] = ..., revocations: _Optional[_Iterable[_Union[_identity_pb2.SignedDocument, _Mapping]]] = ..., nonce: _Optional[bytes] = ...) -> None: ...
