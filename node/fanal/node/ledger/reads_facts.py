# SPDX-License-Identifier: Apache-2.0
"""Reading the ledger's facts: deliveries, what peers hold, documents, settings, invitations, incarnations."""

from __future__ import annotations

from fanal.node.ledger.reads import Readers, check_pair
from fanal.node.ledger.rows import (
    DeliveryFact,
    DocumentRow,
    ErasureRow,
    IncarnationRow,
    JoinRow,
    JoinState,
    LaneRange,
    PeerCheckpoint,
)
from fanal.node.ledger.sqlrows import SELECT_DELIVERY, Row, delivery_of
from fanal.node.ledger.typed import Reader

_SELECT_ERASURE = "SELECT envelope_id, manifest_sha256, key_envelope, basis, at, final FROM erasures "


class SqliteFacts:
    """See interface.Facts."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def deliveries(self, envelope_id: bytes) -> list[DeliveryFact]:
        query = SELECT_DELIVERY + "WHERE envelope_id = ? ORDER BY recipient"
        return [delivery_of(row) for row in self._all(query, (envelope_id,))]

    def waiting(self, limit: int, after: tuple[bytes, str] = (b"", "")) -> list[DeliveryFact]:
        # The states are written out so that the partial index serves this query.
        query = SELECT_DELIVERY + (
            "WHERE state IN ('QUEUED', 'SENT', 'RELAYED') AND (envelope_id, recipient) > (?, ?) "
            "ORDER BY envelope_id, recipient LIMIT ?"
        )
        return [delivery_of(row) for row in self._all(query, (*after, limit))]

    def waiting_count(self) -> int:
        return int(self._all("SELECT waiting FROM store", ())[0][0])

    def held(self, peer: str, lane: bytes = b"", incarnation: bytes = b"") -> list[LaneRange]:
        check_pair(lane, incarnation)
        query = "SELECT peer, lane, incarnation, start, stop FROM held WHERE peer = ? "
        values: Row = (peer,)
        if lane:
            query += "AND lane = ? AND incarnation = ? "
            values = (peer, lane, incarnation)
        return [LaneRange(*row) for row in self._all(query + "ORDER BY lane, incarnation, start", values)]

    def documents(
        self, kind: str | None = None, agency: str | None = None, after: int = 0
    ) -> list[DocumentRow]:
        query = "SELECT kind, agency, serial, sha256, document, arrived, n FROM documents WHERE n > ? "
        values: Row = (after,)
        for column, value in (("kind", kind), ("agency", agency)):
            if value is not None:
                query, values = query + f"AND {column} = ? ", (*values, value)
        # A start stands on these: what a damaged page made of them is DAMAGED, with the column's name.
        with self._readers.read() as db:
            found = Reader(self._readers.path, db).rows(query + "ORDER BY n", values)
            return [DocumentRow(*row) for row in found]

    def erasure(self, manifest_sha256: bytes) -> ErasureRow | None:
        rows = self._all(_SELECT_ERASURE + "WHERE manifest_sha256 = ?", (manifest_sha256,))
        return _erasure_of(rows[0]) if rows else None

    def erasures(self, after: bytes, limit: int) -> list[ErasureRow]:
        where = "WHERE manifest_sha256 > ? ORDER BY manifest_sha256 LIMIT ?"
        return [_erasure_of(row) for row in self._all(_SELECT_ERASURE + where, (after, limit))]

    def pending_erasures(self, key_envelope: bytes, limit: int) -> list[ErasureRow]:
        where = "WHERE key_envelope = ? AND final = 0 ORDER BY manifest_sha256 LIMIT ?"
        return [_erasure_of(row) for row in self._all(_SELECT_ERASURE + where, (key_envelope, limit))]

    def meta(self, key: str) -> bytes | None:
        rows = self._all("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def joins(self, token_id: bytes | None = None) -> list[JoinRow]:
        query = "SELECT token_id, agency, state, expires, verifier, identity, arrived FROM joins "
        values: Row = ()
        if token_id is not None:
            query, values = query + "WHERE token_id = ? ", (token_id,)
        return [
            JoinRow(token, agency, JoinState(state), *rest)
            for token, agency, state, *rest in self._all(query + "ORDER BY n", values)
        ]

    def peer_checkpoints(self, origin: str | None = None) -> list[PeerCheckpoint]:
        query = "SELECT origin, agency, size, root, note, seen FROM peer_checkpoints "
        values: Row = ()
        if origin is not None:
            query, values = query + "WHERE origin = ? ", (origin,)
        return [PeerCheckpoint(*row) for row in self._all(query + "ORDER BY origin", values)]

    def incarnations(self) -> list[IncarnationRow]:
        query = "SELECT incarnation, predecessor, reason, started FROM incarnations ORDER BY n"
        return [IncarnationRow(*row) for row in self._all(query, ())]

    def _all(self, query: str, values: Row) -> list[Row]:
        with self._readers.read() as db:
            found: list[Row] = db.execute(query, values).fetchall()
        return found


def _erasure_of(row: Row) -> ErasureRow:
    envelope_id, manifest, key_envelope, basis, at, final = row
    return ErasureRow(envelope_id, manifest, key_envelope, basis, at, bool(final))
