# SPDX-License-Identifier: Apache-2.0
"""Attached files at the officers' desk: handing one in, getting one out, and how far each is.

Promise: the node sees ciphertext only. A key, and the first byte of a file, leave after a leaf in the log
says which officer exported it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanal.errors import FanalError, VerificationError
from fanal.node.attachments import counting, keys
from fanal.node.attachments.errors import NOT_ATTACHED, NOT_HERE
from fanal.node.attachments.folder import Piece
from fanal.node.attachments.serving import check_here, lost
from fanal.node.attachments.uploads import Upload
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.errors import CONTENT_GONE, NOTICE_UNKNOWN
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes import leaves
from fanal.node.lanes.rows import attachments_of
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.retention import restored
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

HERE, FETCHING, MISSING, ERASED = "HERE", "FETCHING", "MISSING", "ERASED"


def begin_upload(node: Node, attachment: bytes, length: int) -> Upload:
    """Take a ciphertext, if this agency's limits allow it. Raises OVER_LIMIT, DAY_FULL, AUTHOR_FULL,
    UPLOAD_BROKEN."""
    counting.count(node, node.agency, attachment, length)

    def give_back() -> None:
        counting.give_back(node, node.agency, attachment, length)

    return Upload(node.attachments, attachment, length, give_back)


@dataclass(frozen=True)
class Opened:
    """An attachment that may be handed out: its export is logged."""

    node: Node = field(repr=False)
    attachment: bytes
    key: bytes = field(repr=False)
    length: int
    total: int

    def piece(self, index: int) -> Piece:
        """One piece. Raises NOT_HERE when it was erased meanwhile, and VerificationError when the disk spoilt
        it: it is then fetched again."""
        try:
            found = self.node.attachments.read(self.attachment, index)
        except VerificationError:
            lost(self.node, self.attachment)
            raise
        if found is None:
            raise FanalError(NOT_HERE, have=index, total=self.total)
        return found


def opened(node: Node, actor: Actor, request: api.FetchAttachmentRequest) -> Opened:
    """Log the export, then give the key. Raises NOTICE_UNKNOWN, NOT_ATTACHED, CONTENT_GONE, NOT_HERE."""
    restored.check_open(node)
    record = node.vault.notices.get(node.now, manifest_sha256=request.manifest_sha256)
    entry = node.ledger.entries.get(manifest_sha256=request.manifest_sha256)
    if record is None or entry is None:
        raise FanalError(NOTICE_UNKNOWN, notice=request.manifest_sha256.hex()[:16])
    if request.attachment not in attachments_of(entry):
        raise FanalError(NOT_ATTACHED, notice=record.summary.ref)
    key = keys.key_in(node, request.manifest_sha256, request.attachment)
    if key is None or not record.notice:
        raise FanalError(CONTENT_GONE, notice=record.summary.ref)
    found = check_here(node, request.attachment)
    if not found.whole:
        raise FanalError(NOT_HERE, have=found.have, total=found.total or "?")
    actor_mac = person_mac(node.keys.person_key, actor.officer_id)
    detail = leaves.detail(node.keys.person_key, request.attachment)
    leaf = leaves.access_leaf(actor_mac, "export", record.envelope_id, node.now, detail)
    node.ledger.append(Batch(leaves=(leaf,)))
    return Opened(node, request.attachment, key, found.length, found.total)


def states(node: Node, record: NoticeRecord, entry: EntryRow | None) -> list[api.AttachmentState]:
    """How far each attachment of a notice is, in the order of the notice."""
    found = []
    for name in attachments_of(entry) if entry is not None else ():
        progress = node.attachments.progress(name) if not record.erased else None
        if progress is None:
            state, have, total = ERASED, 0, 0
        else:
            state = HERE if progress.whole else FETCHING if progress.have else MISSING
            have, total = progress.have, progress.total
        found.append(api.AttachmentState(attachment=name, state=state, have=have, total=total))
    return found
