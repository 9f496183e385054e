# SPDX-License-Identifier: Apache-2.0
"""Files for a notice: read, hashed and encrypted on this machine, then handed to the node as ciphertext.

Promise: the node never sees a file or its path, and what lies on this disk meanwhile is ciphertext in a file
without a name; memory stays flat.
"""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fanal.cli import errors
from fanal.cli.session import Session
from fanal.config.errors import FILE_MISSING, UNREADABLE
from fanal.errors import FanalError
from fanal.keys.file_errors import NO_SPACE
from fanal.keys.files import no_space

if TYPE_CHECKING:
    from fanal.envelope.attachments import SealedFile
    from fanal.v1.envelope_pb2 import AttachmentKey
    from fanal.v1.notice_pb2 import Attachment, Notice
    from fanal.v1.officer_pb2 import AttachRequest

UNKNOWN_TYPE = "application/octet-stream"
UPLOAD_SECONDS = 600.0


@dataclass(frozen=True)
class Attached:
    """An encrypted file, ready to be handed in."""

    sealed: SealedFile
    spool: IO[bytes]


def seal_files(stack: ExitStack, session: Session, draft: Notice, paths: Sequence[str]) -> list[Attached]:
    """Encrypt the files and fill in what the draft says about them; an entry of the same name is completed,
    and one that has the file of an earlier revision gets this one instead.

    FanalError for a file that cannot be read, is empty, too large or named twice, and for an attachment in
    the draft for which no file is given.
    """
    from fanal.envelope.attachments import seal_file

    found: list[Attached] = []
    given: set[str] = set()
    for path in map(Path, paths):
        entry = _entry(draft, path, given)
        try:
            with path.open("rb") as file:
                spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
                sealed = seal_file(file.read, spool.write, session.settings.limits.attachment_bytes)
        except FileNotFoundError as error:
            raise FanalError(FILE_MISSING, path=str(path)) from error
        except OSError as error:
            if no_space(error):
                raise FanalError(NO_SPACE, path=tempfile.gettempdir()) from error
            raise FanalError(UNREADABLE, path=str(path), reason=error.strerror or str(error)) from error
        if not sealed.size:
            raise FanalError(errors.NOTHING_IN_FILE, path=str(path))
        entry.media_type = entry.media_type or mimetypes.guess_type(path.name)[0] or UNKNOWN_TYPE
        entry.size_bytes, entry.sha256 = sealed.size, sealed.sha256.hex()
        entry.blob_id = sealed.name.hex()
        found.append(Attached(sealed, spool))
    for entry in draft.attachments:
        if not entry.blob_id:
            raise FanalError(errors.NO_FILE_FOR, name=entry.name)
    return found


def hand_in(session: Session, files: Sequence[Attached]) -> list[AttachmentKey]:
    """Give the ciphertexts to the node; the keys that go into the sealed notice."""
    from fanal.v1.envelope_pb2 import AttachmentKey
    from fanal.v1.officer_pb2 import AttachReply

    for one in files:
        session.client.hand_in("Attach", _messages(one), AttachReply, UPLOAD_SECONDS)
    return [AttachmentKey(attachment=one.sealed.name, key=one.sealed.key) for one in files]


def _messages(one: Attached) -> Iterator[AttachRequest]:
    from fanal.envelope.pieces import PIECE
    from fanal.v1.officer_pb2 import AttachRequest

    yield AttachRequest(attachment=one.sealed.name, length=one.sealed.length)
    one.spool.seek(0)
    while data := one.spool.read(PIECE):
        yield AttachRequest(data=data)


def _entry(draft: Notice, path: Path, given: set[str]) -> Attachment:
    """The draft's entry of this name, or a new one; ``given``: names that have their file already."""
    if path.name in given:
        raise FanalError(errors.ATTACHED_TWICE, name=path.name)
    given.add(path.name)
    for entry in draft.attachments:
        if entry.name == path.name:
            return entry
    return draft.attachments.add(name=path.name)
