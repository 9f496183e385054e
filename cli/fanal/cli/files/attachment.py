# SPDX-License-Identifier: Apache-2.0
"""``fanal notice attachment``: an attached file, decrypted and verified on this machine.

Promise: a file appears under its name only when every piece, the whole, its size and its SHA-256 are those of
the notice; nothing is overwritten unasked, and no name from a notice leads out of the folder.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.newfile import cannot
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import AttachmentSaved
    from fanal.v1.notice_pb2 import Attachment, Notice
    from fanal.v1.officer_pb2 import AttachmentPart

FETCH_SECONDS = 3600.0
NAME_BYTES = 200


@command(
    "attachment",
    "fanal notice attachment AZ-CUS-2024-000017-42 -o scan.pdf",
    "fanal notice attachment AZ-CUS-2024-000017-42 2 -o evidence/",
    "fanal notice attachment 018f2c scan.pdf --force",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.argument("which", metavar="[NAME|N]", required=False)
@click.option("-o", "--output", metavar="FILE", help=_("Where to [default: its own name, here]."))
@click.option("--revision", default=0, type=click.IntRange(0), help=_("Of an earlier revision."))
@click.option("--force", is_flag=True, help=_("Replace a file that is there."))
def attachment(
    session: Session, notice: str, which: str | None, output: str | None, revision: int, force: bool
) -> None:
    """Save a file that came with a notice: by its name, its number, or the only one.

    The node logs the export, then gives ciphertext and key; the file is decrypted and verified here.
    """
    from fanal.cli.notice.read import fetch
    from fanal.cli.notice.text import notice_of
    from fanal.cli.notice.verified import signature_words

    shown = fetch(session, notice, revision)
    parsed = notice_of(shown)
    if parsed is None:
        raise FanalError(errors.TEXT_GONE, notice=notice)
    chosen = _chosen(parsed, which)
    target = _target(chosen, output)
    if target.exists() and not force:
        raise FanalError(errors.FILE_THERE, path=str(target))
    with _new_file(target, force) as file:
        _save(session, shown.manifest_sha256, chosen, file)
    words = signature_words(session, shown)
    data: AttachmentSaved = {
        "ref": shown.summary.ref,
        "name": chosen.name,
        "media_type": chosen.media_type,
        "size_bytes": chosen.size_bytes,
        "sha256": chosen.sha256,
        "file": str(target),
        "signature": words,
    }
    done = _("{path}: {size} bytes of {ref}, verified; {signature}")
    facts = {"size": chosen.size_bytes, "ref": shown.summary.ref, "signature": words}
    session.out.emit(data, say(done, path=str(target), **facts))


def _save(session: Session, manifest_sha256: bytes, chosen: Attachment, file: IO[bytes]) -> None:
    from fanal.envelope.attachments import open_file
    from fanal.v1.officer_pb2 import AttachmentPart, FetchAttachmentRequest

    name = _hex(chosen.blob_id)
    request = FetchAttachmentRequest(manifest_sha256=manifest_sha256, attachment=name)
    parts = session.client.stream("FetchAttachment", request, AttachmentPart, FETCH_SECONDS)
    key = next(parts, AttachmentPart()).key
    if len(key) != 32:
        raise FanalError(errors.NO_ATTACHMENT, name=chosen.name)
    open_file(_verified(parts, name), key, chosen.size_bytes, _hex(chosen.sha256), file.write)


def _verified(parts: Iterator[AttachmentPart], name: bytes) -> Iterator[bytes]:
    from fanal.envelope.pieces import check_piece

    for index, part in enumerate(parts):
        check_piece(name, part.length, index, part.data, list(part.path))
        yield part.data


def _chosen(notice: Notice, which: str | None) -> Attachment:
    """By name, by number from 1, or the only one. FanalError NO_ATTACHMENT, WHICH_ATTACHMENT."""
    listed = list(notice.attachments)
    if which is None and len(listed) > 1:
        names = ", ".join(one.name for one in listed)
        raise FanalError(errors.WHICH_ATTACHMENT, count=len(listed), names=names)
    found = listed if which is None else [one for one in listed if one.name == which]
    if which is not None and not found and which.isascii() and which.isdigit():
        found = listed[int(which) - 1 : int(which)] if int(which) else []
    if not found:
        raise FanalError(errors.NO_ATTACHMENT, name=which or "-")
    if len(found) > 1:
        raise FanalError(errors.WHICH_ATTACHMENT, count=len(found), names=found[0].name)
    return found[0]


def _target(chosen: Attachment, output: str | None) -> Path:
    """The file to write. A name that another agency chose never leads anywhere else (CWE-22)."""
    if output is not None and not Path(output).is_dir():
        return Path(output)
    from fanal.cli.shown.text import harmless
    from fanal.notices.rules.header import has_path

    name = chosen.name
    long = len(name.encode("utf-8", "replace")) > NAME_BYTES
    if not name.strip() or has_path(name) or long or harmless(name) != name or "\n" in name:
        raise FanalError(errors.UNSAFE_NAME, name=name[:NAME_BYTES])
    return Path(output or ".") / name


@contextlib.contextmanager
def _new_file(target: Path, force: bool) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block ends well, and leaves nothing when it does not."""
    handle, temporary = tempfile.mkstemp(prefix=".fanal-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(Path(temporary), target, force)
    except OSError as error:
        raise cannot(target, error) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _put(temporary: Path, target: Path, force: bool) -> None:
    if force:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)
    except FileExistsError as error:
        raise FanalError(errors.FILE_THERE, path=str(target)) from error
    except OSError:
        # A file system without links: the name was free when we began.
        if target.exists():
            raise FanalError(errors.FILE_THERE, path=str(target)) from None
        temporary.replace(target)


def _hex(text: str) -> bytes:
    """32 bytes; b"" for a notice that gives nonsense, which then matches nothing."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
