# SPDX-License-Identifier: Apache-2.0
"""Reading the stored tree: level 0 from the leaf itself, everything above from the kept nodes."""

from __future__ import annotations

from fanal.errors import VerificationError
from fanal.node.errors import NODE_MISSING
from fanal.node.ledger.database import Connection
from fanal.proof.tree import leaf_hash


def node_of(db: Connection, level: int, index: int) -> bytes:
    """The hash of the complete subtree (level, index). Raises NODE_MISSING."""
    if level == 0:
        row = db.execute("SELECT data FROM leaves WHERE idx = ?", (index,)).fetchone()
    else:
        row = db.execute("SELECT hash FROM nodes WHERE level = ? AND idx = ?", (level, index)).fetchone()
    if row is None:
        raise VerificationError(NODE_MISSING, level=level, index=index)
    return leaf_hash(row[0]) if level == 0 else bytes(row[0])


def size_of(db: Connection) -> int:
    """How many leaves there are: the highest index, never a count."""
    highest = db.execute("SELECT max(idx) FROM leaves").fetchone()[0]
    return 0 if highest is None else int(highest) + 1
