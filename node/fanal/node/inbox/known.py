# SPDX-License-Identifier: Apache-2.0
"""The vault as stage CONTEXT of the check sees it: by index, one question at a time.

Promise: a rejected notice is not known. It can neither be a parent nor take an id or a ref from others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fanal.node.inbox.reads import ReadSource
from fanal.v1.notice_pb2 import Notice


class SqlKnown:
    """A ``fanal.notices.context.KnownNotices`` over the vault's rows."""

    def __init__(self, readers: ReadSource) -> None:
        self._readers = readers

    def revisions(self, notice_id: str) -> Sequence[Notice]:
        query = (
            "SELECT notice FROM notices "
            "WHERE notice_id = ? AND rejected = 0 AND erased = 0 ORDER BY revision, id"
        )
        return list(self._notices(query, notice_id))

    def ids_of_ref(self, ref: str) -> Iterable[str]:
        query = "SELECT DISTINCT notice_id FROM notices WHERE ref = ? AND rejected = 0"
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (ref,))]

    def replies_to(self, notice_id: str) -> Iterable[Notice]:
        query = (
            "SELECT notice FROM notices "
            "WHERE in_reply_to = ? AND in_reply_to <> '' AND rejected = 0 AND erased = 0 ORDER BY id"
        )
        return self._notices(query, notice_id)

    def withdrawals_of(self, notice_id: str) -> Iterable[Notice]:
        query = (
            "SELECT n.notice FROM withdraws w JOIN notices n ON n.id = w.notice "
            "WHERE w.target = ? AND n.rejected = 0 AND n.erased = 0 ORDER BY n.id"
        )
        return self._notices(query, notice_id)

    def _notices(self, query: str, value: str) -> list[Notice]:
        with self._readers.read() as db:
            rows = [row[0] for row in db.execute(query, (value,))]
        # A restatement is the same notice in another envelope, and no second revision.
        return [Notice.FromString(data) for data in dict.fromkeys(rows)]
