# SPDX-License-Identifier: Apache-2.0
"""What the schema says about each field, read once from the descriptors and their options.

No program keeps its own table of field names: identifiers and code lists are found through the options
``identifier`` and ``code_list`` of options.proto. ``nodes`` is the one walk over a notice.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from fanal.v1 import notice_pb2, options_pb2

# The generated stub calls an extension a plain FieldDescriptor, which is no key of Extensions.
_IDENTIFIER: Any = options_pb2.identifier
_CODE_LIST: Any = options_pb2.code_list

TIMESTAMP = "google.protobuf.Timestamp"


class Sort(enum.Enum):
    """How a field is written in JSON."""

    STRING = enum.auto()
    BOOL = enum.auto()
    COUNT = enum.auto()
    CODE = enum.auto()
    TIME = enum.auto()
    MESSAGE = enum.auto()


@dataclass(frozen=True)
class Field:
    """One field of the schema."""

    name: str
    owner: str
    """Short name of the message that has the field."""
    sort: Sort
    repeated: bool
    presence: bool
    """Whether "not said" differs from zero or empty."""
    identifier: int
    """IdentifierType, 0 for none."""
    code_list: str
    enum: EnumDescriptor | None
    message: Descriptor | None
    body: bool
    """Whether it is one of the bodies of a notice."""

    @property
    def key(self) -> str:
        """``Message.field``, for tables of rules."""
        return f"{self.owner}.{self.name}"


class Node(NamedTuple):
    """A message of a notice and where it is; the path of the notice itself is empty."""

    message: Any
    path: str


_SORTS = {
    FieldDescriptor.TYPE_STRING: Sort.STRING,
    FieldDescriptor.TYPE_BOOL: Sort.BOOL,
    FieldDescriptor.TYPE_UINT32: Sort.COUNT,
    FieldDescriptor.TYPE_ENUM: Sort.CODE,
    FieldDescriptor.TYPE_MESSAGE: Sort.MESSAGE,
}


@functools.cache
def fields_of(message: Descriptor) -> dict[str, Field]:
    """The fields of a message by name, in the order of the schema."""
    return {field.name: _field(field) for field in message.fields}


def _field(raw: FieldDescriptor) -> Field:
    options = raw.GetOptions()
    is_time = raw.message_type is not None and raw.message_type.full_name == TIMESTAMP
    oneof, owner = raw.containing_oneof, raw.containing_type
    assert owner is not None  # only extensions have none
    return Field(
        name=raw.name,
        owner=owner.name,
        sort=Sort.TIME if is_time else _SORTS[raw.type],
        repeated=raw.is_repeated,
        presence=raw.has_presence,
        identifier=options.Extensions[_IDENTIFIER],
        code_list=options.Extensions[_CODE_LIST],
        enum=raw.enum_type,
        message=None if is_time else raw.message_type,
        body=oneof is not None and oneof.name == "body" and owner.name == "Notice",
    )


NOTICE = notice_pb2.Notice.DESCRIPTOR
BODIES: tuple[str, ...] = tuple(field.name for field in fields_of(NOTICE).values() if field.body)
"""Names of the bodies, in the order of the schema."""


def join(path: str, name: str) -> str:
    """The path of field ``name`` of the message at ``path``."""
    return f"{path}.{name}" if path else name


def is_set(message: Message, field: Field) -> bool:
    """Whether a field holds something: present, or not zero and not empty."""
    if field.presence:
        return message.HasField(field.name)
    return bool(getattr(message, field.name))


MAX_ITEMS = 1_000
"""Longest list. More items are a finding of their own and are not looked at: the work stays bounded."""


def items(message: Message, field: Field) -> list[Any]:
    """The items of a list, as far as it may be long."""
    found: list[Any] = getattr(message, field.name)[:MAX_ITEMS]
    return found


def nodes(message: Message, path: str = "") -> Iterator[Node]:
    """Every message of a notice that is set, parents first, in the order of the schema."""
    yield Node(message, path)
    for field in fields_of(message.DESCRIPTOR).values():
        if field.sort is not Sort.MESSAGE or not is_set(message, field):
            continue
        if not field.repeated:
            yield from nodes(getattr(message, field.name), join(path, field.name))
            continue
        for index, item in enumerate(items(message, field)):
            yield from nodes(item, f"{join(path, field.name)}[{index}]")


def strings(node: Node) -> Iterator[tuple[Field, str, str]]:
    """The string fields of one message that are not empty: field, value, path."""
    for field in fields_of(node.message.DESCRIPTOR).values():
        if field.sort is not Sort.STRING:
            continue
        path = join(node.path, field.name)
        if field.repeated:
            found = enumerate(items(node.message, field))
            yield from ((field, item, f"{path}[{index}]") for index, item in found if item)
        elif value := getattr(node.message, field.name):
            yield field, value, path
