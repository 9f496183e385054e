# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of our own log: signed over what is durable, stored before anybody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.keys import ed25519
from fanal.node import failpoints
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.rows import Checkpoint as StoredCheckpoint
from fanal.proof.checkpoint import Checkpoint, sign
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node


def behind(ledger: Ledger) -> bool:
    """Whether the log has grown since its newest checkpoint."""
    head = ledger.head()
    return head.size > (head.checkpoint.size if head.checkpoint else 0)


def sign_newest(node: Node) -> bytes:
    """The newest checkpoint, signed now if the log has grown. The ledger refuses two roots for one size."""
    head = node.ledger.head()
    if head.checkpoint is not None and head.checkpoint.size == head.size:
        return head.checkpoint.note
    name, seed = node.identity.current(KeyUse.LOG, node.now).log_origin, node.keys.log_seed
    signer = Ed25519Signer(name, seed, ed25519.public_of(seed))
    note = sign(Checkpoint(name, head.size, head.root), signer)
    failpoints.hit("checkpoints.before-append")
    node.ledger.append(Batch(checkpoint=StoredCheckpoint(head.size, head.root, note)))
    failpoints.hit("checkpoints.after-append")
    return note
