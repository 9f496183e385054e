# SPDX-License-Identifier: Apache-2.0
"""Attached files on the network in memory: sealed as the officer's client does, handed in, got out again."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence

from nodenet import NodeHost, some_notice

from fanal.envelope.attachments import SealedFile, open_file, seal_file
from fanal.envelope.commitments import Rng
from fanal.envelope.pieces import PIECE, pieces_of
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import AttachmentKey
from fanal.v1.notice_pb2 import Notice


def some_bytes(size: int, mark: str = "") -> bytes:
    """A file that differs from piece to piece."""
    return hashlib.shake_256(f"{size} {mark}".encode()).digest(size)


def sealed(data: bytes, rng: Rng = os.urandom) -> tuple[SealedFile, bytes]:
    out = bytearray()
    found = seal_file(io.BytesIO(data).read, out.extend, rng=rng)
    return found, bytes(out)


def upload(host: NodeHost, one: SealedFile, ciphertext: bytes) -> None:
    """What the stream of the officers' API does."""
    taken = host.desk.attach(host.officer, api.AttachRequest(attachment=one.name, length=one.length))
    try:
        for at in range(0, len(ciphertext), PIECE):
            taken.write(ciphertext[at : at + PIECE])
        taken.finish()
    finally:
        taken.abandon()


def noticed(host: NodeHost, files: Sequence[SealedFile]) -> Notice:
    """A small notice that names these files."""
    notice = some_notice(host.name, now=int(host.net.now))
    name_files(notice, files)
    return notice


def name_files(notice: Notice, files: Sequence[SealedFile]) -> None:
    """The notice names these files from now on."""
    for number, one in enumerate(files, 1):
        notice.attachments.add(
            name=f"file-{number}.bin",
            media_type="application/octet-stream",
            size_bytes=one.size,
            sha256=one.sha256.hex(),
            blob_id=one.name.hex(),
        )


def keys_of(files: Sequence[SealedFile]) -> list[AttachmentKey]:
    return [AttachmentKey(attachment=one.name, key=one.key) for one in files]


def send_files(host: NodeHost, to: Sequence[str], *data: bytes) -> tuple[api.SendReply, list[SealedFile]]:
    """Seal, upload, and send a notice that carries them."""
    files = []
    for one in data:
        found, ciphertext = sealed(one)
        upload(host, found, ciphertext)
        files.append(found)
    return host.hand_in(host.draft(noticed(host, files), to), keys_of(files)), files


def got(host: NodeHost, notice: str, number: int = 0) -> bytes:
    """The file as an officer of ``host`` gets it: key and pieces from the node, opened on this side."""
    shown = host.show(notice)
    attached = Notice.FromString(shown.notice).attachments[number]
    request = api.FetchAttachmentRequest(
        manifest_sha256=shown.manifest_sha256, attachment=bytes.fromhex(attached.blob_id)
    )
    opened = host.desk.fetch_attachment(host.officer, request)
    out = bytearray()
    parts = (opened.piece(index).data for index in range(pieces_of(opened.length)))
    open_file(parts, opened.key, attached.size_bytes, bytes.fromhex(attached.sha256), out.extend)
    return bytes(out)


def states(host: NodeHost, notice: str) -> list[str]:
    """HERE, FETCHING, MISSING or ERASED for each attachment."""
    return [one.state for one in host.show(notice).attachments]
