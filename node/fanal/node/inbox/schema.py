# SPDX-License-Identifier: Apache-2.0
"""The tables of vault.db and the way from one format to the next. The number of migrations is the format.

A released migration never changes; a new format is a new function at the end of ``MIGRATIONS``.
"""

from __future__ import annotations

from fanal.node.inbox.describe import describe
from fanal.node.ledger.database import Connection
from fanal.node.ledger.formats import Migration

APPLICATION = 0x46_4E_56_31
"""PRAGMA application_id: FNV1."""

_FORMAT_1 = (
    """CREATE TABLE vault (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        cursor INTEGER NOT NULL,
        unread INTEGER NOT NULL
    ) STRICT""",
    "INSERT INTO vault VALUES (1, 0, 0)",
    # One row per envelope. current: the row that a list shows for this author's notice.
    """CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        envelope_id BLOB NOT NULL CHECK (length(envelope_id) = 16),
        manifest_sha256 BLOB NOT NULL UNIQUE CHECK (length(manifest_sha256) = 32),
        author TEXT NOT NULL,
        notice_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        ref TEXT NOT NULL,
        kind TEXT NOT NULL,
        urgency TEXT NOT NULL,
        tlp TEXT NOT NULL,
        issued_at INTEGER NOT NULL,
        reply_by INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        in_reply_to TEXT NOT NULL,
        title TEXT NOT NULL,
        outgoing INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        parked INTEGER NOT NULL,
        current INTEGER NOT NULL,
        reader BLOB NOT NULL,
        read_at INTEGER NOT NULL,
        problems TEXT NOT NULL,
        delete_by INTEGER NOT NULL,
        erased INTEGER NOT NULL,
        content_key BLOB NOT NULL,
        statement_sha256 BLOB NOT NULL,
        statement BLOB NOT NULL,
        officer_signature BLOB NOT NULL,
        notice BLOB NOT NULL,
        UNIQUE (envelope_id, author)
    ) STRICT""",
    "CREATE INDEX notices_id ON notices (notice_id, author, revision)",
    "CREATE INDEX notices_ref ON notices (ref)",
    "CREATE INDEX notices_parent ON notices (in_reply_to) WHERE in_reply_to <> ''",
    "CREATE INDEX notices_list ON notices (outgoing, id) WHERE current = 1",
    "CREATE INDEX notices_kind ON notices (kind, id) WHERE current = 1",
    "CREATE INDEX notices_statement ON notices (statement_sha256)",
    """CREATE INDEX notices_directory ON notices (author, id)
        WHERE kind = 'DIRECTORY_ENTRY' AND current = 1""",
    "CREATE INDEX notices_unread ON notices (id) WHERE current = 1 AND outgoing = 0 AND read_at = 0",
    """CREATE TABLE identifiers (
        value TEXT NOT NULL,
        notice INTEGER NOT NULL REFERENCES notices (id),
        type TEXT NOT NULL,
        path TEXT NOT NULL,
        PRIMARY KEY (value, notice, path)
    ) WITHOUT ROWID, STRICT""",
    # Words only: the text itself stands once, in the notice.
    """CREATE VIRTUAL TABLE search USING fts5 (
        text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    )""",
    """CREATE TABLE withdrawn (
        notice_id TEXT NOT NULL,
        originator TEXT NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        hide INTEGER NOT NULL,
        manifest_sha256 BLOB NOT NULL,
        outcome TEXT NOT NULL,
        answer TEXT NOT NULL,
        answered INTEGER NOT NULL,
        PRIMARY KEY (notice_id, originator)
    ) WITHOUT ROWID, STRICT""",
    "CREATE INDEX withdrawn_open ON withdrawn (notice_id) WHERE outcome = ''",
    """CREATE TABLE withdraws (
        target TEXT NOT NULL,
        notice INTEGER NOT NULL REFERENCES notices (id),
        PRIMARY KEY (target, notice)
    ) WITHOUT ROWID, STRICT""",
    """CREATE TABLE lane_keys (
        id INTEGER PRIMARY KEY,
        lane BLOB NOT NULL CHECK (length(lane) = 32),
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        key_manifest_sha256 BLOB NOT NULL UNIQUE CHECK (length(key_manifest_sha256) = 32),
        key BLOB NOT NULL,
        since INTEGER NOT NULL,
        readers BLOB NOT NULL,
        own INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX lane_keys_commitment ON lane_keys (lane, commitment)",
    "CREATE INDEX lane_keys_own ON lane_keys (lane, id) WHERE own = 1",
    """CREATE TABLE pending (
        arrival INTEGER PRIMARY KEY,
        manifest_sha256 BLOB NOT NULL UNIQUE CHECK (length(manifest_sha256) = 32),
        key_envelope BLOB NOT NULL,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX pending_key ON pending (key_envelope, arrival)",
)


def _format_1(connection: Connection) -> None:
    for statement in _FORMAT_1:
        connection.execute(statement)


def _format_2(connection: Connection) -> None:
    """Why a finding was settled, and by whom: free text, so never in the ledger."""
    connection.execute(
        """CREATE TABLE settled (
            finding TEXT PRIMARY KEY,
            officer TEXT NOT NULL,
            reason TEXT NOT NULL
        ) WITHOUT ROWID, STRICT"""
    )


def _format_3(connection: Connection) -> None:
    """What proves a withdrawal, also when its own content has been erased: its text is not in it."""
    connection.execute(
        """CREATE TABLE withdrawal_proofs (
            manifest_sha256 BLOB PRIMARY KEY CHECK (length(manifest_sha256) = 32),
            statement BLOB NOT NULL,
            officer_signature BLOB NOT NULL,
            content_salt BLOB NOT NULL,
            fields BLOB NOT NULL
        ) WITHOUT ROWID, STRICT"""
    )


def _format_4(connection: Connection) -> None:
    """What is left to do about withdrawals, for looks at it that do not go through every notice; and what an
    erasure takes out is found from the notice, in an index of words that is not written anew for each."""
    for statement in (
        # Notices with content that a withdrawal with deletion names and nobody refused.
        "CREATE TABLE doomed (notice INTEGER PRIMARY KEY REFERENCES notices (id)) STRICT",
        """INSERT INTO doomed SELECT n.id FROM withdrawn w CROSS JOIN notices n
            ON n.notice_id = w.notice_id AND n.author = w.originator
            WHERE w.hide = 1 AND w.outcome <> 'REFUSED' AND n.erased = 0""",
        # A node's own withdrawals stay unanswered by itself, so they must not lie among the others.
        "DROP INDEX withdrawn_open",
        "CREATE INDEX withdrawn_unanswered ON withdrawn (originator, notice_id) WHERE outcome = ''",
        "CREATE INDEX withdrawn_deleting ON withdrawn (originator) WHERE hide = 1",
        "CREATE INDEX identifiers_notice ON identifiers (notice)",
        "CREATE INDEX withdraws_notice ON withdraws (notice)",
        "DROP TABLE search",
        # Words only: the text itself stands once, in the notice, and takes its words out again (`erasing`).
        """CREATE VIRTUAL TABLE search USING fts5 (
            text, content = '', tokenize = 'unicode61 remove_diacritics 2'
        )""",
        "INSERT INTO search (search, rank) VALUES ('secure-delete', 1)",
    ):
        connection.execute(statement)
    _index(connection)


def _index(connection: Connection) -> None:
    """The words of every notice. A change of what `describe` takes for words needs a format that does this
    again: they are taken out by what they are at that time."""
    rows = connection.execute("SELECT id, envelope_id, notice FROM notices WHERE erased = 0 ORDER BY id")
    for number, envelope_id, notice in rows:
        text = describe(notice, envelope_id).text
        connection.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (number, text))


MIGRATIONS: tuple[tuple[str, Migration], ...] = (
    ("1 first format", _format_1),
    ("2 settled findings", _format_2),
    ("3 proofs of withdrawals", _format_3),
    ("4 what is left to do", _format_4),
)
