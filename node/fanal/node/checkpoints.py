# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of our own log: signed over what is durable, stored before anybody sees them, anchored daily.

Promise: one size never gets two roots (the ledger refuses it), and nothing is signed before the node's
standing allows it (see ``witness.standing``). Log N+1 begins where a lost log N ended: its first leaf is an
incident that names the last size and root that witnesses hold of log N, and the size that was restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.keys import mldsa
from fanal.node import failpoints
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.rows import Checkpoint as StoredCheckpoint
from fanal.node.witness import names, ownlog, standing
from fanal.node.witness.errors import NOTHING_TO_ANCHOR
from fanal.node.witness.leaves import log_incident_leaf
from fanal.node.witness.lost import lost_meta
from fanal.proof import note as notes
from fanal.proof.anchor import AnchorSigner
from fanal.proof.checkpoint import Checkpoint, parse_text, sign
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node

DAY = 86_400
_ANCHORED = "anchor.made"


def behind(ledger: Ledger) -> bool:
    """Whether the log has grown since its newest checkpoint."""
    head = ledger.head()
    return head.size > (head.checkpoint.size if head.checkpoint else 0)


def sign_newest(node: Node) -> bytes:
    """The newest checkpoint, signed now if the log has grown and we may; else the last one, or b"".

    Raises FanalError when the node is locked or its log has no current key.
    """
    with node.writing:
        log = node.identity.current(KeyUse.LOG, node.now)
        if standing.may_sign(node):
            _take_up(node, log.log_origin)
        head = node.ledger.head()
        done = head.checkpoint is not None and head.checkpoint.size == head.size
        if done or not standing.may_sign(node):
            return head.checkpoint.note if head.checkpoint else b""
        signer = Ed25519Signer(log.log_origin, node.keys.log_seed_of(log.public), log.public)
        note = sign(Checkpoint(log.log_origin, head.size, head.root), signer)
        failpoints.hit("checkpoints.before-append")
        node.ledger.append(Batch(checkpoint=StoredCheckpoint(head.size, head.root, note)))
        failpoints.hit("checkpoints.after-append")
        if node.standing.short_since is None and standing.quorum_needed(node):
            node.standing.short_since = node.clock()
        return note


def check_may_sign(node: Node) -> None:
    """Raise what ``anchor_now`` would: for who logs something only if it will be under a checkpoint."""
    node.identity.current(KeyUse.LOG, node.now)
    if not standing.may_sign(node):
        raise FanalError(NOTHING_TO_ANCHOR)


def anchor_now(node: Node) -> bytes:
    """The newest checkpoint with a fresh line of the agency's ANCHOR key, stored; witnesses are asked for
    their lines at once. Without an ANCHOR key it is the checkpoint alone.

    Raises NOTHING_TO_ANCHOR when no checkpoint may be signed, and LOCKED.
    """
    with node.writing:
        if not sign_newest(node) or not standing.may_sign(node):
            raise FanalError(NOTHING_TO_ANCHOR)
        row = node.ledger.head().checkpoint
        assert row is not None  # it has just been signed or was there
        note, signer = row.note, _anchor_signer(node)
        if signer is not None:
            stored = notes.parse(row.note)
            note = ownlog.put_lines(node, row, stored, notes.sign(stored.text, [signer]).signatures)
        node.ledger.append(Batch(meta=((_ANCHORED, _anchor_mark(node, node.now)),)))
    node.on_checkpoint()
    return note


def anchor_due(node: Node) -> float:
    """When the next anchor is due: a day after the last, or at once when documents have changed since."""
    mark = node.ledger.facts.meta(_ANCHORED)
    if mark is None:
        return 0.0
    made = int(mark.split(b" ")[0])
    return 0.0 if mark != _anchor_mark(node, made) else float(made + DAY)


def _anchor_mark(node: Node, made: int) -> bytes:
    return b"%d %d %d" % (made, node.identity.serial, node.directory.newest.version)


def _anchor_signer(node: Node) -> AnchorSigner | None:
    seed = node.keys.anchor_seed
    public = mldsa.public_of(seed) if seed else b""
    for key in node.identity.of_use(KeyUse.ANCHOR):
        if key.public == public and key.valid_at(node.now):
            name = names.name_of(node.identity.root, node.agency, names.ANCHOR)
            return AnchorSigner(name, seed, public, node.now)
    return None


def _take_up(node: Node, origin: str) -> None:
    """The first leaf of log N+1. The tree goes on; its new name is what no longer has to lead to the loss."""
    head, lost = node.ledger.head(), node.standing.lost
    if lost is not None and lost.point.origin != origin:
        point, restored = lost.point, lost.restored
    elif head.checkpoint is not None:
        point, restored = parse_text(notes.parse(head.checkpoint.note).text), head.size
    else:
        return
    if point.origin == origin:
        return
    leaf = log_incident_leaf("log-continued", node.now, point, restored, None, None)
    node.ledger.append(Batch(leaves=(leaf,), meta=(lost_meta(None),)))
    node.standing.lost = None
