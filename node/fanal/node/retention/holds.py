# SPDX-License-Identifier: Apache-2.0
"""Legal hold: a notice that the law wants kept is not erased, visibly, until the hold is lifted.

Kept in the ledger, in the transaction of the leaf that tells of it, by author and notice id: no content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.inbox.interface import NoticeRecord
from fanal.node.lanes import leaves
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.retention.errors import BAD_TOKEN, BEING_ERASED

if TYPE_CHECKING:
    from fanal.node.node import Node

_META = "legal-holds"
_TOKEN = re.compile(r"[A-Z0-9][A-Z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Hold:
    """Why and since when (Unix seconds)."""

    reason: str
    since: int


def check_token(value: str, example: str) -> str:
    """The token itself. FanalError BAD_TOKEN."""
    if not _TOKEN.fullmatch(value):
        raise FanalError(BAD_TOKEN, value=repr(value[:60]), example=example)
    return value


def held(node: Node) -> dict[str, Hold]:
    """Every hold, by author and notice id."""
    data = node.ledger.facts.meta(_META)
    return {key: Hold(*value) for key, value in json.loads(data).items()} if data else {}


def hold_on(node: Node, record: NoticeRecord) -> Hold | None:
    """The hold on a notice, whatever its revision."""
    return held(node).get(_key(record))


def free(node: Node, rows: Sequence[EntryRow]) -> tuple[list[EntryRow], Hold | None]:
    """Those of these entries that no hold keeps, and a hold that keeps others. Under ``Node.erasing``, so
    that none is set before they are erased."""
    known = held(node)
    if not known or node.locked:
        return list(rows), None
    records = [node.vault.notices.get(node.now, manifest_sha256=row.manifest_sha256) for row in rows]
    holding = [known.get(_key(record)) if record is not None else None for record in records]
    found = [row for row, hold in zip(rows, holding, strict=True) if hold is None]
    return found, next((hold for hold in holding if hold is not None), None)


def set_hold(node: Node, actor: Actor, record: NoticeRecord, reason: str) -> bool:
    """Keep it from erasure. True when it was held before; the new reason stands. Raises BEING_ERASED."""
    check_token(reason, "COURT_ORDER")
    return _put(node, actor, record, Hold(reason, node.now), "legal-hold-set")


def lift(node: Node, actor: Actor, record: NoticeRecord) -> bool:
    """Let it be erased again. True when it was held."""
    return _put(node, actor, record, None, "legal-hold-lifted")


def _put(node: Node, actor: Actor, record: NoticeRecord, hold: Hold | None, what: str) -> bool:
    with node.erasing, node.writing:
        known = held(node)
        before = known.pop(_key(record), None)
        if hold is None and before is None:
            return False
        if hold is not None:
            _check_stays(node, record)
            known[_key(record)] = hold
        data = json.dumps({key: [one.reason, one.since] for key, one in sorted(known.items())})
        key, reason = node.keys.person_key, hold.reason if hold else ""
        detail = leaves.detail(key, record.summary.notice_id.encode(), reason.encode())
        leaf = leaves.admin_leaf(what, detail, node.now, person_mac(key, actor.officer_id))
        node.ledger.append(Batch(leaves=(leaf,), meta=((_META, data.encode()),)))
    return before is not None


def _check_stays(node: Node, record: NoticeRecord) -> None:
    """What the list has as erased and the ledger still holds is erased by the next start, held or not."""
    for name in node.vault.notices.manifests(record.summary.notice_id, record.summary.originator):
        row = node.ledger.entries.get(manifest_sha256=name) if node.erasures.find(name) else None
        if row is not None and row.body is not None:
            raise FanalError(BEING_ERASED, notice=record.summary.ref)


def _key(record: NoticeRecord) -> str:
    return f"{record.summary.originator}/{record.summary.notice_id}"
