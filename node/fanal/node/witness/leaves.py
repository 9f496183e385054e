# SPDX-License-Identifier: Apache-2.0
"""The leaves that witnessing leaves in the log."""

from __future__ import annotations

import hashlib

from fanal.node.ledger.rows import LeafRow
from fanal.proof.checkpoint import Checkpoint, log_number
from fanal.proof.leaf import Leaf, LeafType, encode
from fanal.proof.leaf_forms import Value

HOUR = 3600


def peer_checkpoint_leaf(agency: str, point: Checkpoint, note: bytes, now: int) -> LeafRow:
    """A head of another's log that we vouch for; the first of each hour is logged."""
    fields: dict[str, Value] = {
        "time": now,
        "peer": agency,
        "log": log_number(point.origin),
        "size": point.size,
        "root": point.root,
        "note": hashlib.sha256(note).digest(),
    }
    key = hashlib.sha256(f"peer-checkpoint {point.origin} {now // HOUR}".encode()).digest()
    return LeafRow(encode(Leaf.of(LeafType.PEER_CHECKPOINT, fields)), key=key)


def log_incident_leaf(
    what: str, now: int, point: Checkpoint, restored: int | None, peer: str | None, evidence: bytes | None
) -> LeafRow:
    """Something happened to a log: ``point`` is what was signed, ``restored`` the leaves that are left."""
    fields: dict[str, Value] = {
        "time": now,
        "what": what,
        "peer": peer,
        "size": point.size,
        "root": point.root,
        "restored": restored,
        "evidence": evidence,
        "detail": None,
    }
    key = hashlib.sha256(f"{what} {point.origin} {point.size} {point.root.hex()} {peer}".encode()).digest()
    return LeafRow(encode(Leaf.of(LeafType.INCIDENT, fields)), key=key)
