from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
identifier: _descriptor.FieldDescriptor
CODE_LIST_FIELD_NUMBER: _ClassVar[int]
code_list: _descriptor.FieldDescriptor

class IdentifierType(_message.Message):
    __slots__ = ()
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[IdentifierType.Code]
        CONTAINER: _ClassVar[IdentifierType.Code]
        SEAL: _ClassVar[IdentifierType.Code]
        BILL_OF_LADING: _ClassVar[IdentifierType.Code]
        AIR_WAYBILL: _ClassVar[IdentifierType.Code]
        CONSIGNMENT_NOTE: _ClassVar[IdentifierType.Code]
        TIR_CARNET: _ClassVar[IdentifierType.Code]
        PARCEL: _ClassVar[IdentifierType.Code]
        FLIGHT: _ClassVar[IdentifierType.Code]
        IMO_SHIP: _ClassVar[IdentifierType.Code]
        MMSI: _ClassVar[IdentifierType.Code]
        CALL_SIGN: _ClassVar[IdentifierType.Code]
        PLATE: _ClassVar[IdentifierType.Code]
        VIN: _ClassVar[IdentifierType.Code]
        AIRCRAFT: _ClassVar[IdentifierType.Code]
        WAGON: _ClassVar[IdentifierType.Code]
        TRAVEL_DOCUMENT: _ClassVar[IdentifierType.Code]
        MACHINE_READABLE_ZONE: _ClassVar[IdentifierType.Code]
        PHONE_NUMBER: _ClassVar[IdentifierType.Code]
        IMEI: _ClassVar[IdentifierType.Code]
        IMSI: _ClassVar[IdentifierType.Code]
        ONLINE_ACCOUNT: _ClassVar[IdentifierType.Code]
        LEI: _ClassVar[IdentifierType.Code]
        COMPANY_REGISTER: _ClassVar[IdentifierType.Code]
        NOTICE: _ClassVar[IdentifierType.Code]
        NOTICE_REF: _ClassVar[IdentifierType.Code]
    UNSPECIFIED: IdentifierType.Code
    CONTAINER: IdentifierType.Code
    SEAL: IdentifierType.Code
    BILL_OF_LADING: IdentifierType.Code
    AIR_WAYBILL: IdentifierType.Code
    CONSIGNMENT_NOTE: IdentifierType.Code
    TIR_CARNET: IdentifierType.Code
    PARCEL: IdentifierType.Code
    FLIGHT: IdentifierType.Code
    IMO_SHIP: IdentifierType.Code
    MMSI: IdentifierType.Code
    CALL_SIGN: IdentifierType.Code
    PLATE: IdentifierType.Code
    VIN: IdentifierType.Code
    AIRCRAFT: IdentifierType.Code
    WAGON: IdentifierType.Code
    TRAVEL_DOCUMENT: IdentifierType.Code
    MACHINE_READABLE_ZONE: IdentifierType.Code
    PHONE_NUMBER: IdentifierType.Code
    IMEI: IdentifierType.Code
    IMSI: IdentifierType.Code
    ONLINE_ACCOUNT: IdentifierType.Code
    LEI: IdentifierType.Code
    COMPANY_REGISTER: IdentifierType.Code
    NOTICE: IdentifierType.Code
    NOTICE_REF: IdentifierType.Code
    def __init__(self) -> None: ...
