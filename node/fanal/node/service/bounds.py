# SPDX-License-Identifier: Apache-2.0
"""Limits of one officer's call beyond its size: strings, numbers of items, nesting; refused by field name."""

from __future__ import annotations

from google.protobuf.message import Message

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.node.service.errors import LIMIT_REACHED


def check(message: Message, limits: Limits, depth: int = 1) -> None:
    """Raise LIMIT_REACHED for the first field beyond a limit. The message is within ``message_bytes``."""
    name = message.DESCRIPTOR.name
    if depth > limits.nesting:
        raise FanalError(LIMIT_REACHED, field=f"the nesting of {name}", limit=limits.nesting)
    for field, value in message.ListFields():
        items = [value] if isinstance(value, Message | str | bytes | int | float) else list(value)
        if len(items) > limits.ids_per_message:
            raise FanalError(LIMIT_REACHED, field=f"{name}.{field.name}", limit=limits.ids_per_message)
        for item in items:
            if isinstance(item, str) and len(item.encode()) > limits.string_bytes:
                raise FanalError(LIMIT_REACHED, field=f"{name}.{field.name}", limit=limits.string_bytes)
            if isinstance(item, Message):
                check(item, limits, depth + 1)
