# SPDX-License-Identifier: Apache-2.0
"""Our own log before its witnesses: what they hold, what we offer them, and their lines on our checkpoints.

Promise: a witness's word counts only as a checkpoint that our own log key signed. One that our ledger does
not lead to ends the signing of this log, with an incident; lines of witnesses are added to a stored
checkpoint, verified, and never change its text.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.errors import FanalError, VerificationError
from fanal.node.ledger.rows import Batch, Checkpoint
from fanal.node.witness import names
from fanal.node.witness.leaves import log_incident_leaf
from fanal.node.witness.lost import Lost, lost_meta
from fanal.node.witness.standing import lost_now, quorum_needed
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.proof.quorum import Quorum, count
from fanal.proof.tree import consistency_proof, root_at
from fanal.proof.witness import Accepted, read_offer
from fanal.v1 import peer_pb2

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.witness")
MAX_LINES = 28
"""Signature lines kept on a checkpoint: readers take 32."""


def told(node: Node, peer: str, note: bytes) -> int | None:
    """A witness says what it holds of our log, or of the one before it: the size from which it can go on, 0
    for none; None when its note is not ours, or shows that our ledger lost what we signed in this log (then
    `Standing.lost` is set)."""
    if not node.directory.newest.is_member(peer):
        return None
    if not note:
        node.standing.answered = True
        return 0
    try:
        head = read_offer(node.agency, note, names.every_log_key(node.directory, node.agency))
    except VerificationError as error:
        log.warning("what %s holds of our log is not ours: %s", peer, error)
        return None
    point = head.checkpoint
    leads = point.size <= node.ledger.head().size and root_at(point.size, node.ledger.log.node) == point.root
    given_up = point.origin != names.newest_origin(node.directory, node.agency)
    if not leads and not given_up:
        with node.writing:
            _lose(node, peer, head)
    node.standing.answered = True
    if leads:
        return point.size
    return 0 if given_up else None


def _lose(node: Node, peer: str, head: Accepted) -> None:
    """Our ledger was rolled back or rewritten: write it down; this log gets no further checkpoint."""
    point, known = head.checkpoint, node.standing.lost
    if known is not None and known.point.origin == point.origin and known.point.size >= point.size:
        return
    restored = known.restored if known else node.ledger.head().size
    lost = Lost(head.note, restored, peer)
    evidence = hashlib.sha256(head.note).digest()
    leaf = log_incident_leaf("log-rolled-back", node.now, point, restored, peer, evidence)
    node.ledger.append(Batch(leaves=(leaf,), meta=(lost_meta(lost),)))
    node.standing.lost = lost
    log.error("our ledger was rolled back: %s holds %d leaves, we had %d", peer, point.size, restored)


def offer_for(node: Node, peer: str, old_size: int, at_once: bool) -> peer_pb2.CheckpointOffer | None:
    """Our newest checkpoint for a witness that holds ``old_size``; None when there is nothing new for it."""
    newest = node.ledger.head().checkpoint
    if newest is None or lost_now(node) is not None or old_size > newest.size:
        return None
    note = notes.parse(newest.note)
    if parse_text(note.text).origin != names.newest_origin(node.directory, node.agency):
        return None
    if old_size == newest.size and not at_once and peer in _names_of(node, note):
        return None
    proof = consistency_proof(old_size, newest.size, node.ledger.log.node)
    return peer_pb2.CheckpointOffer(note=newest.note, old_size=old_size, consistency=proof, at_once=at_once)


def merge(node: Node, peer: str, reply: peer_pb2.Cosigned) -> int | None:
    """Put a witness's lines on our stored checkpoint: its size, or None when they are of no use.

    Raises FanalError only when the ledger cannot store.
    """
    keys = {(key.name, key.key_id): key for key in names.witness_keys(node.directory, peer)}
    with node.writing:
        row = node.ledger.log.checkpoint(reply.size)
        if row is None or row.size != reply.size or not keys or peer == node.agency:
            return None
        stored = notes.parse(row.note)
        try:
            given = notes.parse(stored.text + b"\n" + "".join(reply.lines).encode())
            fresh = notes.verify(given, keys.values())
        except VerificationError as error:
            log.warning("cosignature of %s not taken: %s", peer, error)
            return None
        put_lines(node, row, stored, fresh)
    return row.size


def put_lines(
    node: Node, row: Checkpoint, stored: notes.Note, fresh: tuple[notes.NoteSignature, ...]
) -> bytes:
    """The stored note with lines added, or replaced by newer ones of the same key. Under ``Node.writing``.
    Lines that it has already are no commit: a witness may say them as often as it likes."""
    if set(fresh) <= set(stored.signatures):
        return row.note
    new = {(line.name, line.key_id) for line in fresh}
    kept = tuple(line for line in stored.signatures if (line.name, line.key_id) not in new)
    if len(kept) + len(fresh) > MAX_LINES:
        return row.note
    note = replace(stored, signatures=kept + fresh).to_bytes()
    node.ledger.append(Batch(checkpoint=Checkpoint(row.size, row.root, note)))
    if quorum_of(node, note).passed:
        node.standing.short_since = None
    return note


def quorum_of(node: Node, note: bytes) -> Quorum:
    """Who of the charter's members cosigned a checkpoint of ours. Raises VerificationError."""
    return count(note, node.agency, names.witnesses(node.directory), quorum_needed(node))


def _names_of(node: Node, note: notes.Note) -> set[str]:
    """The agencies under whose witness name a line stands. For deciding what to send, nothing else."""
    present = {(line.name, line.key_id) for line in note.signatures}
    members = names.witnesses(node.directory)
    return {a for a, keys in members.items() if any((k.name, k.key_id) in present for k in keys)}


def newest_cosigned(node: Node) -> int | None:
    """When another agency last cosigned our log, in Unix seconds; None when none ever did."""
    quorum = newest_quorum(node)
    return max(quorum.cosigned.values(), default=None) if quorum else None


def newest_quorum(node: Node) -> Quorum | None:
    """The quorum of our newest checkpoint; None when there is none or it cannot be counted."""
    newest = node.ledger.head().checkpoint
    try:
        return quorum_of(node, newest.note) if newest else None
    except FanalError:
        return None
