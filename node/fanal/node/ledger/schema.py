# SPDX-License-Identifier: Apache-2.0
"""The tables of ledger.db and the way from one format to the next. The number of migrations is the format.

A released migration never changes; a new format is a new function at the end of ``MIGRATIONS``.
"""

from __future__ import annotations

from fanal.node.ledger.database import Connection
from fanal.node.ledger.formats import Migration

APPLICATION = 0x46_4E_4C_31
"""PRAGMA application_id: FNL1."""

_HASH = "BLOB NOT NULL CHECK (length({0}) = 32)"
_ID = "BLOB NOT NULL CHECK (length({0}) = 16)"

_FORMAT_1 = (
    f"""CREATE TABLE store (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        store_id {_ID.format("store_id")},
        commits INTEGER NOT NULL,
        waiting INTEGER NOT NULL
    ) STRICT""",
    f"""CREATE TABLE incarnations (
        n INTEGER PRIMARY KEY,
        incarnation {_ID.format("incarnation")} UNIQUE,
        predecessor BLOB NOT NULL,
        reason TEXT NOT NULL,
        started INTEGER NOT NULL
    ) STRICT""",
    f"""CREATE TABLE lanes (
        id INTEGER PRIMARY KEY,
        lane {_HASH.format("lane")} UNIQUE,
        author TEXT NOT NULL,
        audience BLOB NOT NULL,
        channel TEXT NOT NULL
    ) STRICT""",
    # One author's numbering in one incarnation. next and head are kept, never computed from entries.
    f"""CREATE TABLE streams (
        id INTEGER PRIMARY KEY,
        lane INTEGER NOT NULL REFERENCES lanes (id),
        incarnation {_ID.format("incarnation")},
        floor INTEGER NOT NULL,
        next INTEGER NOT NULL,
        head BLOB NOT NULL,
        closed INTEGER NOT NULL,
        UNIQUE (lane, incarnation)
    ) STRICT""",
    # The own lanes' ends and the live clock are found here, however many incarnations are closed.
    "CREATE INDEX streams_open ON streams (lane) WHERE closed = 0",
    # What the first entry of an incarnation says of the one before.
    f"""CREATE TABLE successors (
        lane INTEGER NOT NULL REFERENCES lanes (id),
        predecessor {_ID.format("predecessor")},
        incarnation {_ID.format("incarnation")},
        stop INTEGER NOT NULL,
        head {_HASH.format("head")},
        PRIMARY KEY (lane, predecessor, incarnation)
    ) WITHOUT ROWID, STRICT""",
    """CREATE TABLE holes (
        stream INTEGER NOT NULL REFERENCES streams (id),
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL CHECK (start < stop),
        PRIMARY KEY (stream, start)
    ) WITHOUT ROWID, STRICT""",
    f"""CREATE TABLE entries (
        arrival INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL REFERENCES streams (id),
        seq INTEGER NOT NULL,
        envelope_id {_ID.format("envelope_id")},
        manifest_sha256 {_HASH.format("manifest_sha256")} UNIQUE,
        klass INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        previous BLOB NOT NULL,
        key_envelope BLOB NOT NULL,
        source TEXT NOT NULL,
        arrived INTEGER NOT NULL,
        leaf INTEGER REFERENCES leaves (idx),
        signature BLOB NOT NULL,
        manifest BLOB NOT NULL,
        own_wrap BLOB NOT NULL,
        body BLOB,
        erase_at INTEGER NOT NULL,
        UNIQUE (stream, seq)
    ) STRICT""",
    # An id is its author's: whoever saw a header can sign the same id, and must not keep the first one out.
    "CREATE INDEX entries_envelope ON entries (envelope_id)",
    # What is due for erasure, or for a look whether it is. 0: nothing is left to erase.
    "CREATE INDEX entries_due ON entries (erase_at) WHERE erase_at > 0",
    "CREATE INDEX entries_rewraps ON entries (key_envelope) WHERE klass = 3 AND key_envelope <> x''",
    "CREATE INDEX entries_keys ON entries (stream, seq) WHERE klass = 3",
    f"""CREATE TABLE forks (
        n INTEGER PRIMARY KEY,
        kept INTEGER NOT NULL REFERENCES entries (arrival),
        envelope_id {_ID.format("envelope_id")},
        manifest_sha256 {_HASH.format("manifest_sha256")} UNIQUE,
        klass INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        previous BLOB NOT NULL,
        key_envelope BLOB NOT NULL,
        source TEXT NOT NULL,
        arrived INTEGER NOT NULL,
        signature BLOB NOT NULL,
        manifest BLOB NOT NULL,
        own_wrap BLOB NOT NULL,
        body BLOB
    ) STRICT""",
    """CREATE TABLE wraps (
        entry INTEGER NOT NULL REFERENCES entries (arrival),
        idx INTEGER NOT NULL,
        recipient TEXT NOT NULL,
        wrap BLOB NOT NULL,
        path BLOB NOT NULL,
        UNIQUE (entry, idx)
    ) STRICT""",
    # Which file beside the database is which entry's. length: of the ciphertext, 0 until all of it is here.
    f"""CREATE TABLE attachments (
        attachment {_HASH.format("attachment")},
        entry INTEGER NOT NULL REFERENCES entries (arrival),
        length INTEGER NOT NULL,
        PRIMARY KEY (attachment, entry)
    ) WITHOUT ROWID, STRICT""",
    "CREATE INDEX attachments_entry ON attachments (entry)",
    "CREATE INDEX attachments_missing ON attachments (entry, attachment) WHERE length = 0",
    "CREATE TABLE leaves (idx INTEGER PRIMARY KEY, data BLOB NOT NULL, key BLOB) STRICT",
    "CREATE UNIQUE INDEX leaves_key ON leaves (key) WHERE key IS NOT NULL",
    # Complete subtrees. Proofs take level 0 from the leaf itself; its hash is kept so that an audit names
    # the one leaf that was changed, and not a pair of them.
    f"""CREATE TABLE nodes (
        level INTEGER NOT NULL CHECK (level >= 0),
        idx INTEGER NOT NULL,
        hash {_HASH.format("hash")},
        PRIMARY KEY (level, idx)
    ) WITHOUT ROWID, STRICT""",
    f"""CREATE TABLE checkpoints (
        size INTEGER PRIMARY KEY,
        root {_HASH.format("root")},
        note BLOB NOT NULL
    ) STRICT""",
    f"""CREATE TABLE peer_checkpoints (
        origin TEXT PRIMARY KEY,
        agency TEXT NOT NULL,
        size INTEGER NOT NULL,
        root {_HASH.format("root")},
        note BLOB NOT NULL,
        seen INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT""",
    f"""CREATE TABLE documents (
        n INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        agency TEXT NOT NULL,
        serial INTEGER NOT NULL,
        sha256 {_HASH.format("sha256")},
        document BLOB NOT NULL,
        arrived INTEGER NOT NULL,
        UNIQUE (kind, agency, serial, sha256)
    ) STRICT""",
    f"""CREATE TABLE deliveries (
        envelope_id {_ID.format("envelope_id")},
        recipient TEXT NOT NULL,
        state TEXT NOT NULL,
        reached INTEGER NOT NULL,
        since INTEGER NOT NULL,
        reason TEXT NOT NULL,
        via TEXT NOT NULL,
        PRIMARY KEY (envelope_id, recipient)
    ) WITHOUT ROWID, STRICT""",
    """CREATE INDEX deliveries_waiting ON deliveries (envelope_id, recipient)
        WHERE state IN ('QUEUED', 'SENT', 'RELAYED')""",
    f"""CREATE TABLE held (
        peer TEXT NOT NULL,
        lane {_HASH.format("lane")},
        incarnation {_ID.format("incarnation")},
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL CHECK (start < stop),
        PRIMARY KEY (peer, lane, incarnation, start)
    ) WITHOUT ROWID, STRICT""",
    f"""CREATE TABLE erasures (
        envelope_id {_ID.format("envelope_id")},
        manifest_sha256 {_HASH.format("manifest_sha256")} PRIMARY KEY,
        key_envelope BLOB NOT NULL,
        basis TEXT NOT NULL,
        at INTEGER NOT NULL,
        final INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT""",
    "CREATE INDEX erasures_pending ON erasures (key_envelope) WHERE final = 0",
    """CREATE TABLE joins (
        n INTEGER PRIMARY KEY,
        token_id BLOB NOT NULL UNIQUE,
        agency TEXT NOT NULL,
        state TEXT NOT NULL,
        expires INTEGER NOT NULL,
        verifier BLOB NOT NULL,
        identity BLOB NOT NULL,
        arrived INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID, STRICT",
    "CREATE TABLE refs (year INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT",
)


def _format_1(connection: Connection) -> None:
    for statement in _FORMAT_1:
        connection.execute(statement)


def _format_2(connection: Connection) -> None:
    """What is left to do of all the incarnations there have been, for starts that do not look at each."""
    for statement in (
        # Of which our receipts do not cover all.
        "CREATE TABLE owing (stream INTEGER PRIMARY KEY REFERENCES streams (id)) STRICT",
        # Closed by a successor, and not held to just that end, or not at all.
        f"""CREATE TABLE unreached (
            lane INTEGER NOT NULL REFERENCES lanes (id),
            incarnation {_ID.format("incarnation")},
            PRIMARY KEY (lane, incarnation)
        ) WITHOUT ROWID, STRICT""",
        """INSERT INTO owing SELECT s.id FROM streams s JOIN lanes l ON l.id = s.lane WHERE NOT EXISTS (
            SELECT 1 FROM held h WHERE h.peer = '' AND h.lane = l.lane AND h.incarnation = s.incarnation
            AND h.start = 0 AND h.stop >= s.next
        )""",
        """INSERT INTO unreached SELECT DISTINCT x.lane, x.predecessor FROM successors x WHERE NOT EXISTS (
            SELECT 1 FROM streams s WHERE s.lane = x.lane AND s.incarnation = x.predecessor AND s.closed = 1
        )""",
    ):
        connection.execute(statement)


MIGRATIONS: tuple[tuple[str, Migration], ...] = (
    ("1 first format", _format_1),
    ("2 what is left to do", _format_2),
)
