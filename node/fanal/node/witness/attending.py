# SPDX-License-Identifier: Apache-2.0
"""We as the witness of another agency's log: check, store, and only then cosign.

Promise: no cosignature leaves before the head that it vouches for is durable here, and one offer is judged
after the other: of two that were made at one moment, over a new link or a courier file, the second is judged
by the head that the first has left. The ledger refuses a head that falls all the same. A locked node cosigns
nothing. What does not go on from the head held is kept as evidence, with an incident in our own log. So is a
further log that does not show that it goes on from the log before.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519
from fanal.node import failpoints
from fanal.node.forks import settled
from fanal.node.ledger.rows import Batch, PeerCheckpoint
from fanal.node.witness import names
from fanal.node.witness.leaves import log_incident_leaf, peer_checkpoint_leaf
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint, log_number, parse_text
from fanal.proof.cosignature import CosignatureSigner
from fanal.proof.errors import LOG_INCONSISTENT, LOG_TWO_ROOTS
from fanal.proof.witness import Accepted, Held, Holds, judge, read_offer
from fanal.v1 import peer_pb2
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.witness")
_CONFLICT = "witness.conflict:"
_ANEW = "witness.anew:"


@dataclass(frozen=True)
class Attended:
    """The answer to an offer, if it gets one, and the proof of a fork that it turned out to be."""

    answer: peer_pb2.Cosigned | None = None
    fork: peer_pb2.RootFork | None = None

    @property
    def cosigned(self) -> bool:
        return self.answer is not None and bool(self.answer.lines)


def attend(node: Node, peer: str, offer: peer_pb2.CheckpointOffer) -> Attended:
    """Judge what ``peer`` offers of its own log. Never raises for what was offered."""
    with node.cosigning:
        return _attended(node, peer, offer)


def _attended(node: Node, peer: str, offer: peer_pb2.CheckpointOffer) -> Attended:
    signer = _signer(node)
    if signer is None or not node.directory.newest.is_member(peer):
        return Attended()
    row: PeerCheckpoint | None = None
    claim: Accepted | None = None
    try:
        claim = read_offer(peer, offer.note, names.log_keys(node.directory, peer))
        row = held_row(node, claim.checkpoint.origin)
        before = None if row else _log_before(node, peer, claim.checkpoint.origin)
        # The tree goes on under the new name; only after a loss is there nothing to go on from.
        since = before if before is not None and offer.old_size else row
        judged = judge(_held(since), claim, offer.old_size, offer.consistency)
    except VerificationError as error:
        return _refused(node, peer, error, row, claim)
    point = claim.checkpoint
    if isinstance(judged, Holds):
        holds = since.note if since else b""
        return Attended(peer_pb2.Cosigned(origin=point.origin, size=point.size, holds=holds))
    _store(node, peer, judged, row, before if since is None else None)
    failpoints.hit("witness.before-cosign")
    line = notes.sign(judged.text, [signer]).signatures[0].line().decode()
    return Attended(peer_pb2.Cosigned(origin=point.origin, size=point.size, lines=[line]))


def held_row(node: Node, origin: str) -> PeerCheckpoint | None:
    """The newest head we hold of a log."""
    rows = node.ledger.facts.peer_checkpoints(origin) if origin else []
    return rows[0] if rows else None


def _held(row: PeerCheckpoint | None) -> Held | None:
    return Held(row.size, row.root) if row else None


def _log_before(node: Node, peer: str, origin: str) -> PeerCheckpoint | None:
    """The head we hold of the last log that a peer had before this one."""
    rows = [one for one in node.ledger.facts.peer_checkpoints() if one.agency == peer]
    earlier = [one for one in rows if log_number(one.origin) < log_number(origin)]
    return max(earlier, key=lambda one: log_number(one.origin), default=None)


def head_for(node: Node, peer: str) -> peer_pb2.WitnessedHead:
    """What we hold of a peer's own log, or of the one before it: it hears so as soon as the link is up."""
    try:
        origin = names.newest_origin(node.directory, peer)
    except FanalError:
        origin = ""
    row = (held_row(node, origin) or _log_before(node, peer, origin)) if origin else None
    return peer_pb2.WitnessedHead(note=row.note if row else b"")


def conflict(node: Node, origin: str) -> peer_pb2.RootFork | None:
    """The evidence that a log did not go on from the head we hold; None while all is well."""
    kept = node.ledger.facts.meta(_CONFLICT + origin)
    return peer_pb2.RootFork.FromString(kept) if kept else None


def begun_anew(node: Node, origin: str) -> Checkpoint | None:
    """The head that we held of the log before this one, when it was not shown to go on from there."""
    kept = node.ledger.facts.meta(_ANEW + origin)
    return parse_text(notes.parse(kept).text) if kept else None


def finding_key(fork: peer_pb2.RootFork) -> str:
    """What settles the finding that a conflict is."""
    return settled.key_of("log", fork.note_a, fork.note_b)


def _is_settled(node: Node, kept: bytes) -> bool:
    return finding_key(peer_pb2.RootFork.FromString(kept)) in settled.known(node)


def _signer(node: Node) -> CosignatureSigner | None:
    """Our witness key, if the node is unlocked and its identity document names it."""
    if node.locked or not node.keys.witness_seed:
        return None
    seed = node.keys.witness_seed
    public = ed25519.public_of(seed)
    for key in node.identity.of_use(KeyUse.WITNESS):
        if key.public == public and key.valid_at(node.now):
            name = names.name_of(node.identity.root, node.agency, names.WITNESS)
            return CosignatureSigner(name, seed, public, node.now)
    return None


def _store(
    node: Node, peer: str, accepted: Accepted, row: PeerCheckpoint | None, left: PeerCheckpoint | None = None
) -> None:
    """Keep the head; ``left``: that of the log before, from which this one does not go on."""
    point = accepted.checkpoint
    if row is not None and row.size == point.size:
        return
    head = PeerCheckpoint(point.origin, peer, point.size, point.root, accepted.note, node.now)
    leaves = (peer_checkpoint_leaf(peer, point, accepted.note, node.now),)
    if left is None:
        node.ledger.append(Batch(peer_checkpoints=(head,), leaves=leaves))
        return
    log.error("%s gave up its log at %d leaves: %s does not go on from it", peer, left.size, point.origin)
    before, digest = parse_text(notes.parse(left.note).text), hashlib.sha256(left.note).digest()
    incident = log_incident_leaf("log-began-anew", node.now, before, None, peer, digest)
    kept = ((_ANEW + point.origin, left.note),)
    node.ledger.append(Batch(peer_checkpoints=(head,), leaves=(*leaves, incident), meta=kept))


def _refused(
    node: Node, peer: str, error: VerificationError, row: PeerCheckpoint | None, claim: Accepted | None
) -> Attended:
    """Log it; a log that does not go on from what we hold is an incident, and its two notes are kept."""
    log.warning("checkpoint of %s not cosigned: %s", peer, error)
    if error.kind not in (LOG_TWO_ROOTS, LOG_INCONSISTENT) or row is None or claim is None:
        return Attended()
    fork = peer_pb2.RootFork(note_a=row.note, note_b=claim.note)
    evidence = fork.SerializeToString(deterministic=True)
    digest = hashlib.sha256(evidence).digest()
    what = "root-fork" if error.kind is LOG_TWO_ROOTS else "log-inconsistent"
    leaf = log_incident_leaf(what, node.now, claim.checkpoint, row.size, peer, digest)
    kept = node.ledger.facts.meta(_CONFLICT + row.origin)
    meta = () if kept and not _is_settled(node, kept) else ((_CONFLICT + row.origin, evidence),)
    node.ledger.append(Batch(leaves=(leaf,), meta=meta))
    return Attended(fork=fork)
