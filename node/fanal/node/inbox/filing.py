# SPDX-License-Identifier: Apache-2.0
"""Filing within the vault's open transaction: which row a list shows, what is parked, what stays withdrawn.

A notice is known by its id *and* its author. Per such pair one row is current: the highest revision that
was not rejected, of equals the first; a rejected one only while there is no other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from fanal.errors import FanalError
from fanal.node.errors import ORIGINATOR_MISMATCH
from fanal.node.inbox.describe import Described, describe
from fanal.node.inbox.interface import (
    Filed,
    Filing,
    Judgement,
    NoticeFiling,
    PendingOpen,
    StoredLaneKey,
    Withdrawal,
)
from fanal.node.ledger.database import Connection
from fanal.notices.problem import Problem, Severity, Stage

_COLUMNS = (
    "envelope_id, manifest_sha256, author, notice_id, revision, ref, kind, urgency, tlp, issued_at, "
    "reply_by, expires_at, in_reply_to, title, outgoing, received_at, rejected, parked, current, reader, "
    "read_at, problems, delete_by, erased, content_key, statement_sha256, statement, officer_signature, "
    "notice"
)
_INSERT = f"INSERT INTO notices ({_COLUMNS}) VALUES ({', '.join('?' * 29)})"  # noqa: S608


def store_filing(db: Connection, filing: Filing) -> Filed:
    """All of it. Raises ORIGINATOR_MISMATCH."""
    for key in filing.lane_keys:
        put_lane_key(db, key, own=False)
    joined: list[bytes] = []
    fresh = tuple([_notice(db, one, joined) for one in filing.notices])
    for judgement in filing.judgements:
        _judge(db, judgement)
    for withdrawal in filing.withdrawals:
        _withdraw(db, withdrawal)
    for pending in filing.pending:
        _pend(db, pending)
    settled = [*filing.settled, *(one.manifest_sha256 for one in filing.notices)]
    db.executemany("DELETE FROM pending WHERE manifest_sha256 = ?", [(one,) for one in settled])
    if filing.cursor is not None:
        db.execute("UPDATE vault SET cursor = max(cursor, ?)", (filing.cursor,))
    return Filed(fresh, tuple(joined))


def put_lane_key(db: Connection, key: StoredLaneKey, *, own: bool) -> None:
    """Keep a lane key; the first under a KEY envelope stays."""
    db.execute(
        "INSERT INTO lane_keys (lane, commitment, key_manifest_sha256, key, since, readers, own) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_manifest_sha256) DO NOTHING",
        (key.lane, key.commitment, key.key_manifest_sha256, key.key, key.since, key.readers, int(own)),
    )


def mark_read(db: Connection, manifest_sha256: bytes, officer: bytes, at: int) -> bool | None:
    """True the first time, None when there is no such notice."""
    query = "SELECT id, notice_id, author, read_at FROM notices WHERE manifest_sha256 = ?"
    row = db.execute(query, (manifest_sha256,)).fetchone()
    if row is None:
        return None
    number, notice_id, author, read_at = row
    if read_at:
        return False
    before = _unread(db, notice_id, author)
    # Read at second 0 would count as unread.
    db.execute("UPDATE notices SET reader = ?, read_at = ? WHERE id = ?", (officer, max(1, at), number))
    _count(db, _unread(db, notice_id, author) - before)
    return True


def problems_of(text: str) -> tuple[Problem, ...]:
    """What ``_problems`` wrote."""
    return tuple(
        Problem(**{**one, "severity": Severity(one["severity"]), "stage": Stage(one["stage"])})
        for one in json.loads(text)
    )


def _problems(problems: tuple[Problem, ...]) -> str:
    return json.dumps([asdict(problem) for problem in problems])


def _notice(db: Connection, one: NoticeFiling, joined: list[bytes]) -> bool:
    query = "SELECT 1 FROM notices WHERE envelope_id = ? AND author = ?"
    if db.execute(query, (one.envelope_id, one.author)).fetchone():
        return False
    described = describe(one.notice, one.envelope_id)
    parked = bool(described.in_reply_to) and not _is_known(db, described.in_reply_to)
    number = db.execute(_INSERT, _values(one, described, parked)).lastrowid
    db.executemany(
        "INSERT OR IGNORE INTO identifiers (value, notice, type, path) VALUES (?, ?, ?, ?)",
        [(value, number, kind, path) for kind, value, path in described.identifiers],
    )
    db.executemany(
        "INSERT OR IGNORE INTO withdraws VALUES (?, ?)", [(target, number) for target in described.withdraws]
    )
    db.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (number, described.text))
    _choose_current(db, described.notice_id, one.author)
    doom(db, described.notice_id, one.author)
    if not one.rejected:
        joined += _join_replies(db, described.notice_id)
    return True


def _values(one: NoticeFiling, described: Described, parked: bool) -> tuple[object, ...]:
    return (
        one.envelope_id,
        one.manifest_sha256,
        one.author,
        described.notice_id,
        described.revision,
        described.ref,
        described.kind,
        described.urgency,
        described.tlp,
        described.issued_at,
        described.reply_by,
        described.expires_at,
        described.in_reply_to,
        described.title,
        int(one.outgoing),
        one.received_at,
        int(one.rejected),
        int(parked),
        0,
        b"",
        0,
        _problems(one.problems),
        described.delete_by,
        0,
        one.content_key,
        hashlib.sha256(one.statement).digest(),
        one.statement,
        one.officer_signature,
        one.notice,
    )


def _is_known(db: Connection, notice_id: str) -> bool:
    query = "SELECT 1 FROM notices WHERE notice_id = ? AND rejected = 0 LIMIT 1"
    return db.execute(query, (notice_id,)).fetchone() is not None


def _join_replies(db: Connection, notice_id: str) -> list[bytes]:
    """The parent is here: its parked replies are parked no longer."""
    where = "WHERE in_reply_to = ? AND in_reply_to <> '' AND parked = 1"
    found = [
        row[0]
        for row in db.execute(f"SELECT manifest_sha256 FROM notices {where} ORDER BY id", (notice_id,))  # noqa: S608
    ]
    db.execute(f"UPDATE notices SET parked = 0 {where}", (notice_id,))  # noqa: S608
    return found


def _choose_current(db: Connection, notice_id: str, author: str) -> None:
    """Settle which row of an author's notice is shown and searched, and keep the counter of unread ones."""
    key = (notice_id, author)
    before = _unread(db, *key)
    chosen = db.execute(
        "SELECT id FROM notices WHERE notice_id = ? AND author = ? "
        "ORDER BY erased > 0, rejected, revision DESC, id LIMIT 1",
        key,
    ).fetchone()[0]
    db.execute("UPDATE notices SET current = (id = ?) WHERE notice_id = ? AND author = ?", (chosen, *key))
    _count(db, _unread(db, *key) - before)


def doom(db: Connection, notice_id: str, author: str) -> None:
    """Keep which rows of an author's notice have content that is to be erased, because it was withdrawn."""
    key = (notice_id, author)
    ids = "(SELECT id FROM notices WHERE notice_id = ? AND author = ?)"
    db.execute(f"DELETE FROM doomed WHERE notice IN {ids}", key)  # noqa: S608
    # The plus keeps SQLite from going through all that this author ever withdrew with deletion.
    db.execute(
        "INSERT INTO doomed SELECT n.id FROM notices n JOIN withdrawn w ON w.notice_id = n.notice_id "
        "AND w.originator = n.author WHERE n.notice_id = ? AND n.author = ? AND n.erased = 0 "
        "AND +w.hide = 1 AND w.outcome <> 'REFUSED'",
        key,
    )


@contextlib.contextmanager
def recount(db: Connection, notice_id: str, author: str) -> Iterator[None]:
    """Around a change of one author's notice: settle what is shown, and the counter of unread ones."""
    before = _unread(db, notice_id, author)
    yield
    _count(db, _unread(db, notice_id, author) - before)
    _choose_current(db, notice_id, author)


def _unread(db: Connection, notice_id: str, author: str) -> int:
    # By name, for SQLite would go through all that is unread.
    query = (
        "SELECT count(*) FROM notices INDEXED BY notices_id WHERE notice_id = ? AND author = ? "
        "AND current = 1 AND outgoing = 0 AND read_at = 0 AND erased = 0"
    )
    return int(db.execute(query, (notice_id, author)).fetchone()[0])


def _count(db: Connection, change: int) -> None:
    if change:
        db.execute("UPDATE vault SET unread = unread + ?", (change,))


def _judge(db: Connection, judgement: Judgement) -> None:
    query = "SELECT notice_id, author FROM notices WHERE manifest_sha256 = ?"
    row = db.execute(query, (judgement.manifest_sha256,)).fetchone()
    if row is None:
        return
    db.execute(
        "UPDATE notices SET rejected = ?, problems = ? WHERE manifest_sha256 = ?",
        (int(judgement.rejected), _problems(judgement.problems), judgement.manifest_sha256),
    )
    _choose_current(db, *row)


def _withdraw(db: Connection, one: Withdrawal) -> None:
    authors = [
        row[0]
        for row in db.execute(
            "SELECT DISTINCT author FROM notices WHERE notice_id = ? LIMIT 9", (one.notice_id,)
        )
    ]
    if authors and one.originator not in authors:
        raise FanalError(
            ORIGINATOR_MISMATCH,
            notice=one.notice_id,
            expected=", ".join(sorted(authors)),
            found=one.originator,
        )
    db.execute(
        "INSERT INTO withdrawn (notice_id, originator, reason, at, hide, manifest_sha256, outcome, answer, "
        "answered) VALUES (?, ?, ?, ?, ?, ?, '', '', 0) ON CONFLICT DO UPDATE SET "
        "hide = max(hide, excluded.hide), "
        "outcome = CASE WHEN manifest_sha256 = excluded.manifest_sha256 THEN outcome ELSE '' END, "
        "manifest_sha256 = excluded.manifest_sha256",
        (one.notice_id, one.originator, one.reason, one.at, int(one.delete), one.manifest_sha256),
    )
    doom(db, one.notice_id, one.originator)
    proof = one.proof
    if proof.fields:
        db.execute(
            "INSERT OR IGNORE INTO withdrawal_proofs VALUES (?, ?, ?, ?, ?)",
            (
                one.manifest_sha256,
                proof.statement,
                proof.officer_signature,
                proof.content_salt,
                proof.fields,
            ),
        )


def _pend(db: Connection, one: PendingOpen) -> None:
    """What waits as before is not written again, for all that waits is looked at after each fault."""
    db.execute(
        "INSERT INTO pending (arrival, manifest_sha256, key_envelope, reason, since) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET reason = excluded.reason, key_envelope = excluded.key_envelope "
        "WHERE reason <> excluded.reason OR key_envelope <> excluded.key_envelope",
        (one.arrival, one.manifest_sha256, one.key_envelope, one.reason, one.since),
    )
