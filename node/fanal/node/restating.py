# SPDX-License-Identifier: Apache-2.0
"""Forwarding by restatement: the originator's officer signs a new statement over the same notice bytes.

Only the originator restates, only what it has itself issued and not taken back, and never other bytes. The
audience is the newcomer and may exceed the notice's recipients; to a reader it is the same notice, no second
one (protocol.md, "Added later").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fanal.envelope import audience as audiences
from fanal.errors import FanalError
from fanal.node.errors import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN
from fanal.node.inbox.interface import NoticeRecord, Status
from fanal.node.lanes.audience import Resolved
from fanal.node.retention.errors import RESTATES_NOTHING, RESTATES_WITHDRAWN
from fanal.v1.envelope_pb2 import Statement

if TYPE_CHECKING:
    from fanal.node.node import Node

_OVER = (Status.WITHDRAWN, Status.EXPIRED, Status.ERASED)


def prepare(node: Node, notice: bytes, to: Iterable[str], restates: bytes) -> tuple[str, Resolved]:
    """Its ref, and who would read it. Raises as ``check``, and AUDIENCE_EMPTY, AUDIENCE_UNKNOWN."""
    record = check(node, notice, restates)
    names = set(to) - {node.agency}
    unknown = sorted(name for name in names if not node.directory.newest.is_member(name))
    if not names:
        raise FanalError(AUDIENCE_EMPTY)
    if unknown:
        raise FanalError(AUDIENCE_UNKNOWN, names=", ".join(unknown[:5]))
    audience = audiences.explicit(node.agency, names)
    return record.summary.ref, Resolved(audience, tuple(audience.agencies), ())


def check(node: Node, notice: bytes, restates: bytes) -> NoticeRecord:
    """The notice of ours that is restated, if these are its bytes and it is still in force.

    Raises RESTATES_NOTHING and RESTATES_WITHDRAWN.
    """
    record = node.vault.notices.of_statement(restates, node.now)
    if record is None or not record.summary.outgoing or record.notice != notice:
        if record is not None and record.summary.outgoing and record.summary.status in _OVER:
            raise FanalError(RESTATES_WITHDRAWN, notice=record.summary.ref)
        raise FanalError(RESTATES_NOTHING)
    if record.summary.status in _OVER:
        raise FanalError(RESTATES_WITHDRAWN, notice=record.summary.ref)
    return record


def resolved(statement: Statement) -> Resolved:
    """A restatement goes to whom its statement names, not to whom the notice names."""
    return Resolved(statement.audience, tuple(statement.audience.agencies), ())
