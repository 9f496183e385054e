from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Invite(_message.Message):
    __slots__ = ("token_id", "secret", "network", "charter_version", "charter_sha256", "network_name", "inviter", "agency", "address", "certificate", "expires")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    NETWORK_NAME_FIELD_NUMBER: _ClassVar[int]
    INVITER_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    token_id: bytes
    secret: bytes
    network: bytes
    charter_version: int
    charter_sha256: bytes
    network_name: str
    inviter: str
    agency: str
    address: str
    certificate: bytes
    expires: int
    def __init__(self, token_id: _Optional[bytes] = ..., secret: _Optional[bytes] = ..., network: _Optional[bytes] = ..., charter_version: _Optional[int] = ..., charter_sha256: _Optional[bytes] = ..., network_name: _Optional[str] = ..., inviter: _Optional[str] = ..., agency: _Optional[str] = ..., address: _Optional[str] = ..., certificate: _Optional[bytes] = ..., expires: _Optional[int] = ...) -> None: ...
