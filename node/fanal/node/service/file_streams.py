# SPDX-License-Identifier: Apache-2.0
"""The two calls of the officers' API that are streams: a file handed in, a file handed out.

Promise: a stream is bounded in bytes and in silence, holds one message in memory, and leaves nothing behind
when it breaks off. The call's signature covers the first message, or the request; the file's name covers the
rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from fanal.envelope.pieces import PIECE
from fanal.errors import FanalError
from fanal.node.attachments.errors import UPLOAD_BROKEN
from fanal.node.attachments.uploads import Upload
from fanal.node.desk.attaching import Opened
from fanal.node.service import errors
from fanal.v1 import officer_pb2 as api

Parse = Callable[[bytes], Any]


async def following(messages: AsyncIterator[bytes], silence: float) -> bytes:
    """The next message, b"" after the last. UPLOAD_BROKEN when none comes in time."""
    try:
        async with asyncio.timeout(silence):
            return await anext(messages, b"")
    except TimeoutError:
        raise FanalError(UPLOAD_BROKEN, reason=f"nothing came for {silence:g} seconds") from None


async def take(upload: Upload, messages: AsyncIterator[bytes], parse: Parse, silence: float) -> Message:
    """Write the rest of an upload and finish it; abandon it on anything else."""
    try:
        while data := await following(messages, silence):
            part = parse(data)
            if part.attachment or part.length or not 0 < len(part.data) <= PIECE:
                raise FanalError(UPLOAD_BROKEN, reason="a message is not its next bytes")
            await asyncio.to_thread(upload.write, part.data)
        await asyncio.to_thread(upload.finish)
    finally:
        await asyncio.to_thread(upload.abandon)
    return api.AttachReply()


async def give(opened: Opened, write: Callable[[Message], Awaitable[Any]], silence: float) -> None:
    """The key, then piece after piece, each when the one before was taken."""

    async def send(part: Message) -> None:
        try:
            async with asyncio.timeout(silence):
                await write(part)
        except TimeoutError:
            raise FanalError(errors.CALLER_SILENT, seconds=int(silence)) from None

    await send(api.AttachmentPart(key=opened.key, length=opened.length))
    for index in range(opened.total):
        piece = await asyncio.to_thread(opened.piece, index)
        await send(api.AttachmentPart(length=piece.length, index=index, data=piece.data, path=piece.path))
