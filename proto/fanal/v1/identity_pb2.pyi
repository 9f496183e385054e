from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Signature(_message.Message):
    __slots__ = ("key_id", "signature")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    key_id: bytes
    signature: bytes
    def __init__(self, key_id: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class SignedDocument(_message.Message):
    __slots__ = ("type", "body", "signatures")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    type: str
    body: bytes
    signatures: _containers.RepeatedCompositeFieldContainer[Signature]
    def __init__(self, type: _Optional[str] = ..., body: _Optional[bytes] = ..., signatures: _Optional[_Iterable[_Union[Signature, _Mapping]]] = ...) -> None: ...

class KeyAlgorithm(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[KeyAlgorithm.Code]
        ED25519: _ClassVar[KeyAlgorithm.Code]
        ML_DSA_44: _ClassVar[KeyAlgorithm.Code]
        X_WING: _ClassVar[KeyAlgorithm.Code]
        SPKI: _ClassVar[KeyAlgorithm.Code]
    UNSPECIFIED: KeyAlgorithm.Code
    ED25519: KeyAlgorithm.Code
    ML_DSA_44: KeyAlgorithm.Code
    X_WING: KeyAlgorithm.Code
    SPKI: KeyAlgorithm.Code
    def __init__(self) -> None: ...

class KeyUse(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[KeyUse.Code]
        NODE_SIGN: _ClassVar[KeyUse.Code]
        ENCRYPT: _ClassVar[KeyUse.Code]
        TLS_SPKI: _ClassVar[KeyUse.Code]
        LOG: _ClassVar[KeyUse.Code]
        WITNESS: _ClassVar[KeyUse.Code]
        ANCHOR: _ClassVar[KeyUse.Code]
        OFFICER: _ClassVar[KeyUse.Code]
    UNSPECIFIED: KeyUse.Code
    NODE_SIGN: KeyUse.Code
    ENCRYPT: KeyUse.Code
    TLS_SPKI: KeyUse.Code
    LOG: KeyUse.Code
    WITNESS: KeyUse.Code
    ANCHOR: KeyUse.Code
    OFFICER: KeyUse.Code
    def __init__(self) -> None: ...

class OfficerRight(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[OfficerRight.Code]
        AUTHOR: _ClassVar[OfficerRight.Code]
        RELEASE: _ClassVar[OfficerRight.Code]
        READ: _ClassVar[OfficerRight.Code]
        AUDIT: _ClassVar[OfficerRight.Code]
    UNSPECIFIED: OfficerRight.Code
    AUTHOR: OfficerRight.Code
    RELEASE: OfficerRight.Code
    READ: OfficerRight.Code
    AUDIT: OfficerRight.Code
    def __init__(self) -> None: ...

class Custody(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[Custody.Code]
        OWN: _ClassVar[Custody.Code]
        NODE: _ClassVar[Custody.Code]
    UNSPECIFIED: Custody.Code
    OWN: Custody.Code
    NODE: Custody.Code
    def __init__(self) -> None: ...

class PublicKey(_message.Message):
    __slots__ = ("algorithm", "key")
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    algorithm: KeyAlgorithm.Code
    key: bytes
    def __init__(self, algorithm: _Optional[_Union[KeyAlgorithm.Code, str]] = ..., key: _Optional[bytes] = ...) -> None: ...

class Officer(_message.Message):
    __slots__ = ("officer_id", "rights", "custody")
    OFFICER_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_FIELD_NUMBER: _ClassVar[int]
    officer_id: str
    rights: _containers.RepeatedScalarFieldContainer[OfficerRight.Code]
    custody: Custody.Code
    def __init__(self, officer_id: _Optional[str] = ..., rights: _Optional[_Iterable[_Union[OfficerRight.Code, str]]] = ..., custody: _Optional[_Union[Custody.Code, str]] = ...) -> None: ...

class KeyEntry(_message.Message):
    __slots__ = ("use", "public_key", "epoch", "not_before", "not_after", "log_origin", "certificate", "officer")
    USE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    LOG_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    use: KeyUse.Code
    public_key: PublicKey
    epoch: int
    not_before: int
    not_after: int
    log_origin: str
    certificate: bytes
    officer: Officer
    def __init__(self, use: _Optional[_Union[KeyUse.Code, str]] = ..., public_key: _Optional[_Union[PublicKey, _Mapping]] = ..., epoch: _Optional[int] = ..., not_before: _Optional[int] = ..., not_after: _Optional[int] = ..., log_origin: _Optional[str] = ..., certificate: _Optional[bytes] = ..., officer: _Optional[_Union[Officer, _Mapping]] = ...) -> None: ...

class AgencyName(_message.Message):
    __slots__ = ("lang", "name")
    LANG_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    lang: str
    name: str
    def __init__(self, lang: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Identity(_message.Message):
    __slots__ = ("agency", "serial", "previous_sha256", "created", "not_after", "root_ed25519", "root_ml_dsa", "names", "roles", "endpoints", "duty", "keys")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    NOT_AFTER_FIELD_NUMBER: _ClassVar[int]
    ROOT_ED25519_FIELD_NUMBER: _ClassVar[int]
    ROOT_ML_DSA_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    DUTY_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    agency: str
    serial: int
    previous_sha256: bytes
    created: int
    not_after: int
    root_ed25519: PublicKey
    root_ml_dsa: PublicKey
    names: _containers.RepeatedCompositeFieldContainer[AgencyName]
    roles: _containers.RepeatedScalarFieldContainer[str]
    endpoints: _containers.RepeatedScalarFieldContainer[str]
    duty: bool
    keys: _containers.RepeatedCompositeFieldContainer[KeyEntry]
    def __init__(self, agency: _Optional[str] = ..., serial: _Optional[int] = ..., previous_sha256: _Optional[bytes] = ..., created: _Optional[int] = ..., not_after: _Optional[int] = ..., root_ed25519: _Optional[_Union[PublicKey, _Mapping]] = ..., root_ml_dsa: _Optional[_Union[PublicKey, _Mapping]] = ..., names: _Optional[_Iterable[_Union[AgencyName, _Mapping]]] = ..., roles: _Optional[_Iterable[str]] = ..., endpoints: _Optional[_Iterable[str]] = ..., duty: _Optional[bool] = ..., keys: _Optional[_Iterable[_Union[KeyEntry, _Mapping]]] = ...) -> None: ...

class Revocation(_message.Message):
    __slots__ = ("agency", "number", "key_id", "cut_off", "reason", "created")
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    agency: str
    number: int
    key_id: bytes
    cut_off: int
    reason: str
    created: int
    def __init__(self, agency: _Optional[str] = ..., number: _Optional[int] = ..., key_id: _Optional[bytes] = ..., cut_off: _Optional[int] = ..., reason: _Optional[str] = ..., created: _Optional[int] = ...) -> None: ...
