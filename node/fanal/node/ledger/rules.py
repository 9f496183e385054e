# SPDX-License-Identifier: Apache-2.0
"""Rules every store applies alike: which sizes a row may have, and which way a delivery may move. Pure."""

from __future__ import annotations

from fanal.errors import FanalError
from fanal.node.errors import FIELD_SIZE, PEER_CHECKPOINT
from fanal.node.ledger.rows import (
    Batch,
    Checkpoint,
    EntryRow,
    IncarnationRow,
    LeafRow,
    PeerCheckpoint,
    State,
    WrapRow,
)

HASH = 32
ID = 16
MAX_NUMBER = 2**63 - 1
KEY = 3
"""EnvelopeClass.KEY"""
MAX_LEAF = 4096
MAX_ENVELOPE = 64 * 1024

_ORDER = {
    State.QUEUED: 0,
    State.SENT: 1,
    State.RELAYED: 2,
    State.STORED: 3,
    State.READ: 4,
    State.ANSWERED: 5,
    State.WITHDRAWN: 6,
}
_RECALLED = _ORDER[State.WITHDRAWN]
COMPLIED = "COMPLIED"
"""The reason of WITHDRAWN once the holder has said that it did what was asked."""
WAITING = (State.QUEUED, State.SENT, State.RELAYED)


def rank(state: State) -> int:
    """Place of a state on the way from QUEUED to ANSWERED and WITHDRAWN; -1 for a stop."""
    return _ORDER.get(state, -1)


def moves(old: State | None, reached: int, new: State, reason: str = "") -> bool:
    """Whether a delivery in state ``old`` that once reached rank ``reached`` may go to ``new``.

    Forward only. A stop ends it, except that HELD moves on to where it was or beyond, and that a withdrawal
    may follow a rejection. What is withdrawn only ever gets a holder's answer: REFUSED, HELD, or COMPLIED,
    which ends both of them.
    """
    if old is None:
        return True
    if reached >= _RECALLED:
        answered = new is State.WITHDRAWN and reason == COMPLIED
        return answered or (new in (State.REFUSED, State.HELD) and old is not State.REFUSED)
    if old in (State.REJECTED, State.EXPIRED, State.REFUSED):
        return new is State.WITHDRAWN and old is not State.REFUSED
    if new is State.HELD:
        return reached < _ORDER[State.READ]
    if rank(new) < 0:
        return True
    return rank(new) >= reached if old is State.HELD else rank(new) > rank(old)


KEY_KEPT = 60 * 86_400
"""A lane key is used for 30 days and destroyed 30 days after that, counted from its arrival here."""


def erase_at(entry: EntryRow) -> int:
    """When an entry is first looked at for erasure: a content's header says when it expires, a lane key
    outlives its epoch by 30 days; 0 for an entry without content."""
    if entry.klass == KEY:
        return min(entry.arrived + KEY_KEPT, MAX_NUMBER)
    return 0 if entry.body is None else entry.expires


def check_batch(batch: Batch) -> None:
    """Raise FIELD_SIZE for the first field that no store could hold. Sizes only; nothing is parsed."""
    for entry in batch.entries:
        _check_entry(entry)
    for wrap in batch.wraps:
        _check_wrap(wrap)
    for leaf in batch.leaves:
        _check_leaf(leaf, len(batch.entries))
    for attached in batch.attached:
        _length("attachment", attached.attachment, HASH)
        _number("length", attached.length)
    for attachment, length in batch.arrived:
        _length("attachment", attachment, HASH)
        _number("length", length)
    for info in batch.lanes:
        _length("lane", info.lane, HASH)
    for successor in batch.successors:
        _length("lane", successor.lane, HASH)
        _length("predecessor", successor.predecessor, ID)
        _length("incarnation", successor.incarnation, ID)
        _length("head", successor.head, HASH)
        _number("stop", successor.stop)
    for lane, incarnation, floor in batch.floors:
        _length("lane", lane, HASH)
        _length("incarnation", incarnation, ID)
        _number("floor", floor)
    for held in batch.held:
        _length("lane", held.lane, HASH)
        _length("incarnation", held.incarnation, ID)
        _number("start", held.start)
        _number("stop", held.stop)
    for erasure in batch.erased:
        _length("envelope_id", erasure.envelope_id, ID)
        _length("manifest_sha256", erasure.manifest_sha256, HASH)
        _number("at", erasure.at)
    for manifest, when in batch.postponed:
        _length("manifest_sha256", manifest, HASH)
        _number("postponed", when)
    for fact in batch.deliveries:
        _length("envelope_id", fact.envelope_id, ID)
        _number("since", fact.since)
    for document in (*batch.documents, *batch.mended_documents):
        _length("sha256", document.sha256, HASH)
        _number("serial", document.serial)
    for head in batch.peer_checkpoints:
        _length("root", head.root, HASH)
        _number("size", head.size)
    _check_single(batch.checkpoint, batch.incarnation)


def _check_entry(entry: EntryRow) -> None:
    _length("envelope_id", entry.envelope_id, ID)
    _length("lane", entry.lane, HASH)
    _length("incarnation", entry.incarnation, ID)
    _length("manifest_sha256", entry.manifest_sha256, HASH)
    _length("previous", entry.previous, 0, HASH)
    _length("key_envelope", entry.key_envelope, 0, HASH)
    for name in ("seq", "created", "expires", "arrived"):
        _number(name, getattr(entry, name))
    # seq + 1 is stored as the lane's next number.
    if entry.seq == MAX_NUMBER:
        raise FanalError(FIELD_SIZE, field="seq", expected=f"below {MAX_NUMBER}", found=entry.seq)
    size = len(entry.manifest) + len(entry.signature) + len(entry.body or b"") + len(entry.own_wrap)
    if size > MAX_ENVELOPE:
        raise FanalError(FIELD_SIZE, field="envelope", expected=f"at most {MAX_ENVELOPE} bytes", found=size)


def _check_wrap(wrap: WrapRow) -> None:
    _length("key_manifest_sha256", wrap.key_manifest_sha256, HASH)
    _number("index", wrap.index)
    for step in wrap.path:
        _length("path", step, HASH)


def _check_leaf(leaf: LeafRow, entries: int) -> None:
    if not 0 < len(leaf.data) <= MAX_LEAF:
        expected = f"1 to {MAX_LEAF} bytes"
        raise FanalError(FIELD_SIZE, field="leaf", expected=expected, found=len(leaf.data))
    if leaf.entry is not None and not 0 <= leaf.entry < entries:
        raise FanalError(FIELD_SIZE, field="entry", expected=f"below {entries}", found=leaf.entry)


def check_peer_grows(new: PeerCheckpoint, held: tuple[int, bytes] | None) -> None:
    """Raise PEER_CHECKPOINT for a head of another's log that falls or gives a size a second root."""
    if held is not None and (new.size < held[0] or (new.size == held[0] and new.root != held[1])):
        raise FanalError(PEER_CHECKPOINT, origin=new.origin, found=new.size, expected=held[0])


def _check_single(checkpoint: Checkpoint | None, incarnation: IncarnationRow | None) -> None:
    if checkpoint is not None:
        _length("root", checkpoint.root, HASH)
        _number("size", checkpoint.size)
    if incarnation is not None:
        _length("incarnation", incarnation.incarnation, ID)


def _length(field: str, value: bytes, *allowed: int) -> None:
    if len(value) not in allowed:
        expected = " or ".join(map(str, allowed)) + " bytes"
        raise FanalError(FIELD_SIZE, field=field, expected=expected, found=len(value))


def _number(field: str, value: int) -> None:
    if not 0 <= value <= MAX_NUMBER:
        raise FanalError(FIELD_SIZE, field=field, expected=f"0 to {MAX_NUMBER}", found=value)
