# SPDX-License-Identifier: Apache-2.0
"""Taking content out of the vault: text, key, index and identifiers go; ids, times and one hash stay.

What stays lets `track` and `show` say what became of a notice, and refuses its statement a second envelope.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.inbox.describe import describe
from fanal.node.inbox.filing import doom, recount
from fanal.node.inbox.interface import Recall
from fanal.node.ledger.database import Connection

_SCRUB = (
    "UPDATE notices SET kind = '', urgency = '', tlp = '', reply_by = 0, in_reply_to = '', title = '', "
    "problems = '[]', content_key = x'', statement = x'', officer_signature = x'', notice = x'', "
    "parked = 0, erased = ? WHERE id = ?"
)


def erase(db: Connection, manifests: Iterable[bytes], at: int) -> None:
    """Within an open transaction. What is not here, or erased already, stays as it is."""
    found = []
    for manifest in manifests:
        query = (
            "SELECT id, notice_id, author, envelope_id, notice FROM notices "
            "WHERE manifest_sha256 = ? AND erased = 0"
        )
        found += db.execute(query, (manifest,)).fetchall()
    for number, notice_id, author, envelope_id, notice in found:
        with recount(db, notice_id, author):
            # Erased at second 0 would count as not erased.
            db.execute(_SCRUB, (max(1, at), number))
        for table in ("identifiers", "withdraws"):
            db.execute(f"DELETE FROM {table} WHERE notice = ?", (number,))  # noqa: S608  # our own names
        # Its words leave the index's pages at once ("secure-delete"); nothing else of it is touched.
        text = describe(notice, envelope_id).text
        db.execute("INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)", (number, text))
        doom(db, notice_id, author)


def answer(db: Connection, recall: Recall) -> None:
    """Keep what was answered to a withdrawal."""
    db.execute(
        "UPDATE withdrawn SET outcome = ?, answer = ?, answered = ? WHERE notice_id = ? AND originator = ?",
        (recall.outcome, recall.answer, recall.answered, recall.notice_id, recall.originator),
    )
    doom(db, recall.notice_id, recall.originator)


def destroy_lane_key(db: Connection, key_manifest_sha256: bytes) -> None:
    """Within an open transaction."""
    db.execute("DELETE FROM lane_keys WHERE key_manifest_sha256 = ?", (key_manifest_sha256,))
