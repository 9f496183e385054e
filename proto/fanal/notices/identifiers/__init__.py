# SPDX-License-Identifier: Apache-2.0
"""Identifiers of a notice, found through the schema's option ``identifier``: for search indexes and matching.

::

    for found in walk(notice):
        index.add(found.type, found.value)      # ("CONTAINER", "QQQU1200010")
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fanal.notices.schema import nodes, strings
from fanal.v1.notice_pb2 import Notice
from fanal.v1.options_pb2 import IdentifierType


class FoundIdentifier(NamedTuple):
    """An identifier: its type (a name of IdentifierType), its value as written, its path in the JSON form."""

    type: str
    value: str
    path: str


def walk(notice: Notice) -> Iterator[FoundIdentifier]:
    """Every identifier of a notice that is not empty, in the order of the schema."""
    for node in nodes(notice):
        for field, value, path in strings(node):
            if field.identifier:
                yield FoundIdentifier(IdentifierType.Code.Name(field.identifier), value, path)
