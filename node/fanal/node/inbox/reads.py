# SPDX-License-Identifier: Apache-2.0
"""Reading notices from the vault: by id, prefix or ref, and page by page, newest first."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from fanal.errors import FanalError
from fanal.node.errors import CURSOR_MALFORMED, LIST_LIMIT, NOTICE_UNKNOWN, PREFIX_AMBIGUOUS
from fanal.node.inbox.describe import normalise
from fanal.node.inbox.filing import problems_of
from fanal.node.inbox.interface import (
    MAX_PAGE,
    Folder,
    ListQuery,
    NoticeRecord,
    Page,
    Recall,
    Status,
    Summary,
    WithdrawalProof,
)
from fanal.node.ledger.database import Connection
from fanal.v1.envelope_pb2 import Statement
from fanal.v1.notice_pb2 import Notice

Row = tuple[Any, ...]

_SUMMARY = (
    "n.id, n.notice_id, n.ref, n.revision, n.kind, n.author, n.urgency, n.tlp, n.issued_at, n.reply_by, "
    "n.expires_at, n.read_at, n.outgoing, n.in_reply_to, n.title, n.received_at, n.rejected, n.parked, "
    "w.reason, w.hide, n.erased"
)
_FROM = "FROM notices n LEFT JOIN withdrawn w ON w.notice_id = n.notice_id AND w.originator = n.author "
_SELECT_SUMMARY = f"SELECT {_SUMMARY} {_FROM}"
_SELECT_RECORD = (
    f"SELECT {_SUMMARY}, n.envelope_id, n.manifest_sha256, n.notice, n.statement, n.officer_signature, "
    f"n.content_key, n.problems, n.reader, n.delete_by, n.statement_sha256 {_FROM}"
)
_SUMMARY_COLUMNS = 21
_SELECT_RECALL = (
    "SELECT notice_id, originator, manifest_sha256, hide, at, outcome, answer, answered FROM withdrawn "
)
_CANDIDATES = 5
_PREFIX = re.compile(r"[0-9a-f-]{4,36}")
_CURSOR = re.compile(r"[1-9][0-9]{0,18}")


class ReadSource(Protocol):
    """Gives connections to read on."""

    def read(self) -> AbstractContextManager[Connection]: ...

    def close(self) -> None: ...


class SqlNotices:
    """See interface.Notices."""

    def __init__(self, readers: ReadSource) -> None:
        self._readers = readers

    def find(self, handle: str, now: int, revision: int = 0) -> NoticeRecord:
        with self._readers.read() as db:
            notice_id = _resolve(db, handle)
            where = "WHERE n.notice_id = ? AND n.revision = ? " if revision else "WHERE n.notice_id = ? "
            values: Row = (notice_id, revision) if revision else (notice_id,)
            # Of two authors of one id, the one that was not rejected, then the first.
            order = "ORDER BY n.current DESC, n.rejected, n.id LIMIT 1"
            row = db.execute(_SELECT_RECORD + where + order, values).fetchone()
        if row is None:
            raise FanalError(NOTICE_UNKNOWN, notice=f"{handle} revision {revision}")
        return _record(row, now)

    def get(
        self, now: int, *, envelope_id: bytes = b"", author: str = "", manifest_sha256: bytes = b""
    ) -> NoticeRecord | None:
        where, values = "WHERE n.manifest_sha256 = ?", (manifest_sha256,)
        if envelope_id:
            where = "WHERE n.envelope_id = ? AND (n.author = ? OR ? = '') ORDER BY n.id LIMIT 1"
            values = (envelope_id, author, author)  # type: ignore[assignment]
        with self._readers.read() as db:
            row = db.execute(_SELECT_RECORD + where, values).fetchone()
        return _record(row, now) if row else None

    def with_content(self, manifests: Sequence[bytes]) -> Sequence[bytes]:
        marks = ", ".join("?" * len(manifests))
        query = f"SELECT manifest_sha256 FROM notices WHERE manifest_sha256 IN ({marks}) AND erased = 0"  # noqa: S608
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, tuple(manifests))]

    def envelopes(self, notice_id: str, author: str) -> Sequence[bytes]:
        query = "SELECT envelope_id FROM notices WHERE notice_id = ? AND author = ? ORDER BY revision, id"
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (notice_id, author))]

    def manifests(self, notice_id: str, author: str) -> Sequence[bytes]:
        query = "SELECT manifest_sha256 FROM notices WHERE notice_id = ? AND author = ? ORDER BY id"
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (notice_id, author))]

    def list(self, query: ListQuery) -> Page:
        if not 1 <= query.limit <= MAX_PAGE:
            raise FanalError(LIST_LIMIT, field="limit", expected=f"1 to {MAX_PAGE}", found=query.limit)
        where, values = _conditions(query)
        sql = _SELECT_SUMMARY + where + " ORDER BY n.id DESC LIMIT ?"
        with self._readers.read() as db:
            rows = db.execute(sql, (*values, query.limit + 1)).fetchall()
        shown = rows[: query.limit]
        cursor = str(shown[-1][0]) if len(rows) > query.limit else ""
        return Page(tuple(_summary(row, query.now) for row in shown), cursor)

    def replies(self, notice_id: str, now: int) -> Sequence[Summary]:
        where = "WHERE n.in_reply_to = ? AND n.in_reply_to <> '' AND n.current = 1 ORDER BY n.id"
        with self._readers.read() as db:
            return [_summary(row, now) for row in db.execute(_SELECT_SUMMARY + where, (notice_id,))]

    def accepted_in(self, statement_sha256: bytes) -> bytes | None:
        query = "SELECT manifest_sha256 FROM notices WHERE statement_sha256 = ? ORDER BY id LIMIT 1"
        with self._readers.read() as db:
            row = db.execute(query, (statement_sha256,)).fetchone()
        return row[0] if row else None

    def of_statement(self, statement_sha256: bytes, now: int) -> NoticeRecord | None:
        where = "WHERE n.statement_sha256 = ? ORDER BY n.id LIMIT 1"
        with self._readers.read() as db:
            row = db.execute(_SELECT_RECORD + where, (statement_sha256,)).fetchone()
        return _record(row, now) if row else None

    def open_recalls(self, me: str, limit: int) -> Sequence[Recall]:
        # Two ranges of an index, for a node's own withdrawals, which nobody answers, lie between them.
        query = " UNION ALL ".join(
            _SELECT_RECALL + f"WHERE outcome = '' AND originator {way} ?" for way in ("<", ">")
        )
        with self._readers.read() as db:
            return [_recall(row) for row in db.execute(query + " LIMIT ?", (me, me, limit))]

    def recall(self, notice_id: str, originator: str) -> Recall | None:
        query = _SELECT_RECALL + "WHERE notice_id = ? AND originator = ?"
        with self._readers.read() as db:
            row = db.execute(query, (notice_id, originator)).fetchone()
        return _recall(row) if row else None

    def withdrawn_in(self, notice_id: str, originator: str) -> Sequence[bytes]:
        query = (
            "SELECT n.envelope_id FROM withdraws w JOIN notices n ON n.id = w.notice "
            "WHERE w.target = ? AND n.author = ? AND n.rejected = 0 ORDER BY n.id"
        )
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (notice_id, originator))]

    def withdrawals_naming(self, manifest_sha256: bytes) -> Sequence[bytes]:
        # As the value stands in fields.txt: its 64 hex digits in Base 64, a word of its own.
        word = base64.b64encode(manifest_sha256.hex().encode())
        query = "SELECT manifest_sha256 FROM withdrawal_proofs WHERE instr(fields, ?) > 0 ORDER BY 1"
        with self._readers.read() as db:
            return [row[0] for row in db.execute(query, (word,))]

    def envelopes_of(self, notice_id: str, author: str) -> Sequence[tuple[bytes, int, bool]]:
        query = (
            "SELECT manifest_sha256, revision, erased > 0 FROM notices "
            "WHERE notice_id = ? AND author = ? ORDER BY id"
        )
        with self._readers.read() as db:
            return [(row[0], row[1], bool(row[2])) for row in db.execute(query, (notice_id, author))]

    def withdrawal_proof(self, manifest_sha256: bytes) -> WithdrawalProof | None:
        query = (
            "SELECT statement, officer_signature, content_salt, fields FROM withdrawal_proofs "
            "WHERE manifest_sha256 = ?"
        )
        with self._readers.read() as db:
            row = db.execute(query, (manifest_sha256,)).fetchone()
        return WithdrawalProof(*row) if row else None

    def to_delete(self, limit: int, after: bytes = b"") -> Sequence[NoticeRecord]:
        # The plus keeps the order from being taken from the index of all notices.
        where = (
            "WHERE n.id IN (SELECT notice FROM doomed) AND +n.manifest_sha256 > ? "
            "ORDER BY +n.manifest_sha256 LIMIT ?"
        )
        with self._readers.read() as db:
            return [_record(row, 0) for row in db.execute(_SELECT_RECORD + where, (after, limit))]

    def deletes_unknown(self, originator: str) -> bool:
        query = (
            "SELECT EXISTS (SELECT 1 FROM withdrawn w WHERE originator = ? AND hide = 1 "
            "AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.notice_id = w.notice_id))"
        )
        with self._readers.read() as db:
            return bool(db.execute(query, (originator,)).fetchone()[0])

    def restated_to(self, notice_id: str, author: str) -> frozenset[str]:
        query = "SELECT statement FROM notices WHERE notice_id = ? AND author = ? AND erased = 0"
        with self._readers.read() as db:
            statements = [Statement.FromString(row[0]) for row in db.execute(query, (notice_id, author))]
        return frozenset(name for one in statements if one.restates for name in one.audience.agencies)

    def newest_directory_entry(self, agency: str) -> Notice | None:
        query = (
            f"SELECT n.notice {_FROM} WHERE n.kind = 'DIRECTORY_ENTRY' AND n.current = 1 "
            "AND n.author = ? AND n.rejected = 0 AND w.reason IS NULL ORDER BY n.id DESC LIMIT 1"
        )
        with self._readers.read() as db:
            row = db.execute(query, (agency,)).fetchone()
        return Notice.FromString(row[0]) if row else None

    def unread(self) -> int:
        with self._readers.read() as db:
            return int(db.execute("SELECT unread FROM vault").fetchone()[0])


def _resolve(db: Connection, handle: str) -> str:
    """The one notice id that a person means. Raises NOTICE_UNKNOWN and PREFIX_AMBIGUOUS."""
    text = handle.strip()
    # Ids and refs are ASCII; anything else, lone surrogates included, names nothing.
    if not text.isascii():
        raise FanalError(NOTICE_UNKNOWN, notice=ascii(handle[:64]))
    for query, value in (
        ("SELECT DISTINCT notice_id FROM notices WHERE notice_id = ?", text.lower()),
        ("SELECT DISTINCT notice_id FROM notices WHERE ref = ? AND ref <> '' LIMIT 6", text.upper()),
    ):
        found = [row[0] for row in db.execute(query, (value,))]
        if found:
            return _only(handle, found)
    if not _PREFIX.fullmatch(text.lower()):
        raise FanalError(NOTICE_UNKNOWN, notice=handle[:64])
    # '~' sorts after every character of an id.
    query = "SELECT DISTINCT notice_id FROM notices WHERE notice_id >= ? AND notice_id < ? LIMIT 6"
    found = [row[0] for row in db.execute(query, (text.lower(), text.lower() + "~"))]
    if not found:
        raise FanalError(NOTICE_UNKNOWN, notice=handle[:64])
    return _only(handle, found)


def _only(handle: str, found: list[str]) -> str:
    if len(found) > 1:
        more = ", …" if len(found) > _CANDIDATES else ""
        matches = ", ".join(found[:_CANDIDATES]) + more
        raise FanalError(PREFIX_AMBIGUOUS, notice=handle, matches=matches)
    return found[0]


def _conditions(query: ListQuery) -> tuple[str, Row]:
    """The WHERE of a list. A search never shows what is expired, withdrawn or erased (notice.proto,
    expires_at). A list keeps the line of what was recalled, so that no recall works without a word."""
    parts, values = ["n.current = 1 AND (n.erased = 0 OR w.reason IS NOT NULL)"], list[Any]()
    if query.folder is not Folder.ALL:
        parts.append(f"n.outgoing = {int(query.folder is Folder.SENT)}")
    if query.kind:
        parts.append("n.kind = ?")
        values.append(query.kind)
    if query.unread:
        parts.append("n.outgoing = 0 AND n.read_at = 0")
    if query.since:
        parts.append("n.received_at >= ?")
        values.append(query.since)
    if query.text:
        parts.append("n.id IN (SELECT rowid FROM search WHERE search MATCH ?)")
        values.append(match_of(query.text))
    if query.identifier:
        parts.append("n.id IN (SELECT notice FROM identifiers WHERE value = ?)")
        values.append(normalise(query.identifier))
    if query.text or query.identifier:
        parts.append("(n.expires_at = 0 OR n.expires_at > ?) AND w.reason IS NULL")
        values.append(query.now)
    if query.cursor:
        if not _CURSOR.fullmatch(query.cursor) or int(query.cursor) >= 2**63:
            raise FanalError(CURSOR_MALFORMED, found=query.cursor[:32])
        parts.append("n.id < ?")
        values.append(int(query.cursor))
    return "WHERE " + " AND ".join(parts), tuple(values)


def match_of(text: str) -> str:
    """An FTS5 query for all the words a person typed, the last as a beginning; operators are words too."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", " ")
    words = [word.replace('"', "") for word in clean.split()]
    quoted = [f'"{word}"' for word in words if any(character.isalnum() for character in word)]
    if not quoted:
        raise FanalError(LIST_LIMIT, field="query", expected="at least one word", found=text[:32])
    return " ".join(quoted) + "*"


def _status(row: Row, now: int) -> Status:
    rejected, parked, withdrawn = row[16], row[17], row[18] is not None
    if withdrawn:
        return Status.WITHDRAWN
    if rejected:
        return Status.REJECTED
    if row[10] and row[10] <= now:
        return Status.EXPIRED
    if row[20]:
        return Status.ERASED
    if parked:
        return Status.PARKED
    return Status.UPDATED if row[3] > 1 else Status.ISSUED


def _summary(row: Row, now: int) -> Summary:
    return Summary(
        notice_id=row[1],
        ref=row[2],
        revision=row[3],
        kind=row[4],
        originator=row[5],
        urgency=row[6],
        tlp=row[7],
        issued_at=row[8],
        reply_by=row[9],
        expires_at=row[10],
        status=_status(row, now),
        read=bool(row[11]),
        outgoing=bool(row[12]),
        in_reply_to=row[13],
        title="" if row[19] else row[14],
        received_at=row[15],
    )


def _record(row: Row, now: int) -> NoticeRecord:
    envelope_id, manifest, notice, statement, signature, key, problems, reader, *rest = row[_SUMMARY_COLUMNS:]
    delete_by, statement_sha256 = rest
    return NoticeRecord(
        summary=_summary(row, now),
        envelope_id=envelope_id,
        manifest_sha256=manifest,
        notice=b"" if row[19] else notice,
        statement=statement,
        officer_signature=signature,
        content_key=key,
        problems=problems_of(problems),
        withdrawn_reason=row[18] or "",
        reader=reader,
        read_at=row[11],
        delete_by=delete_by,
        statement_sha256=statement_sha256,
        erased=row[20],
    )


def _recall(row: Row) -> Recall:
    notice_id, originator, manifest, hide, at, outcome, answer, answered = row
    return Recall(notice_id, originator, manifest, bool(hide), at, outcome, answer, answered)
