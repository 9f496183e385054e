# SPDX-License-Identifier: Apache-2.0
"""Keys of attachments: handed in with a new notice, or taken from an own one that has the same file.

Promise: a notice leaves only if the file of each attachment that it names is here, whole, of the length that
the notice says, and its readers get the key of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fanal.envelope import limits
from fanal.envelope.pieces import sealed_length
from fanal.errors import FanalError, VerificationError
from fanal.keys.merkle import HASH_BYTES
from fanal.node.attachments.errors import NOT_SENT_ALONG, OTHER_FILE
from fanal.node.lanes.rows import content_of
from fanal.v1.envelope_pb2 import AttachmentKey
from fanal.v1.notice_pb2 import Attachment, Notice

if TYPE_CHECKING:
    from fanal.node.node import Node


def key_in(node: Node, manifest_sha256: bytes, attachment: bytes) -> bytes | None:
    """The key of an attachment, from the notice that brought it; None when it is not in it, or was erased."""
    row = node.ledger.entries.get(manifest_sha256=manifest_sha256)
    record = node.vault.notices.get(node.now, manifest_sha256=manifest_sha256)
    if row is None or record is None or not row.body or not record.content_key:
        return None
    keys = content_of(row, record.content_key).attachment_keys
    return next((one.key for one in keys if one.attachment == attachment), None)


def name_in(attachment: Attachment) -> bytes:
    """The name of its ciphertext that a notice gives; b"" when it gives none, or nonsense."""
    try:
        name = bytes.fromhex(attachment.blob_id)
    except ValueError:
        return b""
    return name if len(name) == HASH_BYTES else b""


def of_notice(node: Node, notice: Notice, given: Iterable[AttachmentKey]) -> tuple[AttachmentKey, ...]:
    """The key of each attachment, in the order of the notice. Raises NOT_SENT_ALONG and OTHER_FILE."""
    handed_in = {one.attachment: one.key for one in given}
    keys = [_key(node, one, handed_in) for one in notice.attachments]
    strange = handed_in.keys() - {one.attachment for one in keys}
    if strange:
        raise VerificationError(OTHER_FILE, name=min(strange).hex(), reason="the notice does not name it")
    return tuple(keys)


def _key(node: Node, attachment: Attachment, given: dict[bytes, bytes]) -> AttachmentKey:
    name = name_in(attachment)
    key = given.get(name) or _own(node, name)
    length = node.attachments.whole(name) if name else 0
    if key is None or not length:
        raise FanalError(NOT_SENT_ALONG, name=attachment.name)
    if len(key) != limits.KEY or length != sealed_length(attachment.size_bytes):
        raise VerificationError(OTHER_FILE, name=attachment.name, reason="its length or its key is another")
    return AttachmentKey(attachment=name, key=key)


def _own(node: Node, name: bytes) -> bytes | None:
    """A revision or a forwarded notice: the file went out before, and its key is in our own copy."""
    for row in node.ledger.entries.attached(name) if name else ():
        entry = node.ledger.entries.get(manifest_sha256=row.manifest_sha256)
        if entry is not None and entry.author == node.agency:
            key = key_in(node, row.manifest_sha256, name)
            if key is not None:
                return key
    return None
