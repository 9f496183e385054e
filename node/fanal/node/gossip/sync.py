# SPDX-License-Identifier: Apache-2.0
"""Anti-entropy: a digest per pair of peers, clock rows only where it differs, requests for what is missing.

A round is: rows of shared streams with holes (rare; the digest cannot show them), then the digest. Equal
digests end it: 32 bytes each way. On a difference each side sends the rows of what changed here since both
last held the same, and everything again when that did not help. Rounds follow a link coming up, a gap, a
stall, and a slow period. Where both hold different branches of a fork at the end of a stream, no round makes
them equal: once each has the other's row, that stream is out of this pair's digest until either end moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from fanal.node.gossip import announce, fetch, ownline, push, wraps
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.clock import Stream, digest_of, held_of_clock
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import State
from fanal.v1 import envelope_pb2, ledger_pb2, peer_pb2

CLOCK_FRAME_BYTES = 256 * 1024
ANSWER_SECONDS = 30.0  # the first digest within this time of ours is the answer to it
COMPARE_AGAIN_SECONDS = 1.0  # digests that follow faster are not compared: an answer can be large
EVERYTHING_AFTER_ROUNDS = 2
HEADS_ASKED = 256

__all__ = [
    "begin_round",
    "clock",
    "clock_frames",
    "digest",
    "grafted",
    "pruned",
    "share",
    "wanted",
]


def share(state: State, peer: PeerState) -> None:
    """Work out anew which live streams both may hold: when a link comes up and when the roster changes."""
    peer.shared = sorted(
        (lane_id, incarnation)
        for lane_id, lane in state.book.lanes.items()
        if state.may_offer(peer.name, lane_id)
        for incarnation in lane.live
    )


def begin_round(state: State, peer: PeerState, session: Session) -> None:
    """Send our digest, after the rows that it cannot speak for. On a thin line rounds have a least
    distance, whatever asks for them: what makes acknowledgements late is followed by rounds, and they would
    make them later."""
    if state.is_thin(session) and state.now - session.round_at < state.limits.thin_sync / 2:
        _next_round(state, peer, session, session.round_at + state.limits.thin_sync - state.now)
        return
    session.round_at = state.now
    holey = [key for key in state.book.holey if state.may_offer(peer.name, key[0])]
    if holey:
        _send_rows(state, peer, sorted(holey), complete=False)
    rows = _live_rows(state, peer)
    frame = peer_pb2.Digest(sha256=digest_of(rows), lanes=len(rows))
    session.digest_asked = state.now
    state.send(peer.name, peer_pb2.Frame(digest=frame))
    wraps.again(state, peer)
    _next_round(state, peer, session, state.limits.sync_every)


def digest(state: State, peer: PeerState, session: Session, frame: peer_pb2.Digest) -> None:
    """Compare the peer's digest with ours, and answer it unless it is an answer itself. (Told by time alone,
    an answer that a queue held up would be answered, and that answer again, for ever.)"""
    limits = state.limits
    least, wait = COMPARE_AGAIN_SECONDS, limits.sync_after_change
    if state.is_thin(session):
        least, wait = limits.thin_sync / 2, limits.thin_sync
    if state.now - session.digest_compared < least:
        state.timers.set_earlier(("sync", peer.name), state.now + wait)
        return
    session.digest_compared = state.now
    rows = _live_rows(state, peer)
    equal = digest_of(rows) == frame.sha256
    if state.now - session.digest_asked > ANSWER_SECONDS:
        begin_round(state, peer, session)
    session.digest_asked = -math.inf
    if equal:
        _equal(state, peer, session)
        session.sync_rounds, session.sync_wait = 0, 0.0
        _next_round(state, peer, session, state.limits.sync_every)
    else:
        since = peer.synced_at if session.sync_rounds < EVERYTHING_AFTER_ROUNDS else 0
        changed = [key for key in peer.shared if _differs(state, key, 0 if key in peer.pinned else since)]
        if not changed and session.sync_rounds:
            # Nothing changed here and what changed there did not help: it holds less than it did, restored.
            changed = [key for key in peer.shared if _differs(state, key, 0)]
        _send_rows(state, peer, changed, complete=True)
        for key in sorted(state.book.holey):
            fetch.consider(state, key)
        session.sync_rounds += 1
        session.sync_wait = min(
            max(2 * session.sync_wait, state.limits.sync_after_change), state.limits.sync_every
        )
        if state.is_thin(session):
            session.sync_wait = max(session.sync_wait, state.limits.thin_sync)
        _next_round(state, peer, session, session.sync_wait)
    session.rows_with_holes.clear()


def clock(state: State, peer: PeerState, session: Session, frame: peer_pb2.Clock) -> None:
    """Take the peer's word for what it holds, and ask for what is missing here."""
    behind = [(row.lane, row.incarnation) for row in frame.rows if _lacks_closed(state, peer, row)]
    _send_rows(state, peer, behind, complete=False)
    for row in frame.rows:
        key = (row.lane, row.incarnation)
        held = held_of_clock(row, state.limits.spans_per_stream + 2)
        if key in peer.held or len(peer.held) < state.limits.rows_per_peer:
            peer.held[key] = Ranges(held, cap=state.limits.spans_per_stream)
        if row.holes:
            session.rows_with_holes.add(key)
        session.not_found.pop(key, None)
        session.incomplete.discard(key)
        state.note_held(peer, session, key, held)
        if key in peer.held:
            fetch.consider(state, key, pushed=True)
        _compare_heads(state, peer, session, row)


def _lacks_closed(state: State, peer: PeerState, row: ledger_pb2.LaneClock) -> bool:
    """Whether the peer lacks something of a stream that is closed and complete here. Such a stream is in no
    digest of ours: whom we once answered NotFound would not ask again."""
    stream = state.book.stream((row.lane, row.incarnation))
    if stream is None or stream.live or not state.may_offer(peer.name, row.lane):
        return False
    return any(stream.held.minus(held_of_clock(row, state.limits.spans_per_stream + 2)))


def _compare_heads(state: State, peer: PeerState, session: Session, row: ledger_pb2.LaneClock) -> None:
    """Two heads at one end: one of them is the other half of a fork, so it is asked for, once on a link."""
    key = (row.lane, row.incarnation)
    peer.pinned.pop(key, None)
    stream = state.book.stream(key)
    if stream is None or not row.next or row.next != stream.next or row.head in (b"", stream.head):
        return
    peer.pin(key, (stream.next, stream.head))
    if row.head in session.heads_asked or len(session.heads_asked) >= HEADS_ASKED:
        return
    if state.may_offer(peer.name, row.lane):
        session.heads_asked.add(row.head)
        last = envelope_pb2.SeqRange(start=row.next - 1, stop=row.next)
        want = peer_pb2.Want(lane=row.lane, incarnation=row.incarnation, ranges=[last])
        state.send(peer.name, peer_pb2.Frame(want=want))


def wanted(state: State, peer: PeerState, session: Session, frame: peer_pb2.Want) -> None:
    """Queue what was asked for and may be given; NotFound for everything else."""
    _give(state, peer, session, frame, Priority.BULK)


def grafted(state: State, peer: PeerState, session: Session, frame: peer_pb2.Graft) -> None:
    """Push the lane from now on, and what is asked for at once."""
    peer.lazy.discard(frame.lane)
    if session.thin:
        peer.grafted.add(frame.lane)
    ownline.asked(state, peer.name, (frame.lane, frame.incarnation), frame.ranges)
    _give(state, peer, session, frame, Priority.ROUTINE)


def pruned(state: State, peer: PeerState, session: Session, frame: peer_pb2.Prune) -> None:
    """The peer has these lanes from somebody else: what waits for it is announced instead."""
    for lane in frame.lanes:
        if not state.may_offer(peer.name, lane):
            continue
        peer.lazy.add(lane)
        peer.grafted.discard(lane)
        for priority in (Priority.FLASH, Priority.ROUTINE):
            for span in session.queue.take_lane(priority, lane):
                announce.later(state, peer, session, span, priority)
    for lane in frame.kept:
        if state.may_offer(peer.name, lane):
            peer.pruned.add(lane)


def _give(
    state: State, peer: PeerState, session: Session, frame: peer_pb2.Want | peer_pb2.Graft, priority: Priority
) -> None:
    """What the peer has acknowledged and asks for again costs it a token each."""
    key = (frame.lane, frame.incarnation)
    stream = state.book.stream(key) if state.may_offer(peer.name, frame.lane) else None
    absent: list[peer_pb2.LaneSeq] = []
    held = Ranges() if stream is None else stream.held
    given = [run for asked in frame.ranges for run in held.within(asked.start, asked.stop)]
    known = peer.held.get(key, Ranges())
    again = sum(stop - start for run in given for start, stop in known.within(*run))
    if not state.charge(peer, session, min(again, state.limits.requests_burst)):
        return
    for start, stop in given:
        known.remove(start, stop)
        session.queue.add(priority, key, start, stop)
    for place in state.flash if priority is Priority.ROUTINE else ():
        if place[:2] == key and any(start <= place.seq < stop for start, stop in given):
            session.queue.add(Priority.FLASH, key, place.seq, place.seq + 1)
    for asked in frame.ranges:
        for start, stop in held.gaps(asked.start, asked.stop):
            room = state.limits.ids_per_frame - len(absent)
            for seq in range(start, min(stop, start + room)):
                absent.append(peer_pb2.LaneSeq(lane=key[0], incarnation=key[1], seq=seq))
    if absent:
        state.send(peer.name, peer_pb2.Frame(not_found=peer_pb2.NotFound(entries=absent)))
    push.pump(state, peer, session)


def _live_rows(state: State, peer: PeerState) -> list[bytes]:
    """Rows of the pair's digest; streams that have left the live clock leave ``shared`` here."""
    rows = []
    peer.shared = [key for key in peer.shared if key[1] in state.book.lanes[key[0]].live]
    for key in peer.shared:
        stream = state.book.stream(key)
        if stream is not None and not _pinned(peer, key, stream):
            rows.append(stream.row(key))
    return rows


def _pinned(peer: PeerState, key: StreamKey, stream: Stream) -> bool:
    """Whether both know that they hold different branches here, and neither end has moved since."""
    return peer.pinned.get(key) == (stream.next, stream.head)


def _differs(state: State, key: StreamKey, since: int) -> bool:
    stream = state.book.stream(key)
    return stream is not None and stream.live and stream.changed > since


def _equal(state: State, peer: PeerState, session: Session) -> None:
    """Both hold the same, but for holes: those named by the peer, and our own, which we ask for."""
    for key in peer.shared:
        stream = state.book.stream(key)
        if stream is None or not stream.live or key in session.rows_with_holes:
            continue
        if _pinned(peer, key, stream):
            continue
        state.note_held(peer, session, key, [(0, stream.next)])
        fetch.forget_owed(state, peer.name, key)
    peer.synced_at = state.book.counter
    for key in sorted(state.book.holey):
        # Equal digests bring no clock, which else would let a peer be asked again that once did not answer.
        session.not_found.pop(key, None)
        fetch.consider(state, key)


def _send_rows(state: State, peer: PeerState, keys: Iterable[StreamKey], complete: bool) -> None:
    streams = ((key, state.book.stream(key)) for key in keys)
    rows = (stream.to_clock(key) for key, stream in streams if stream is not None)
    for frame in clock_frames(rows, state.limits, complete):
        state.send(peer.name, frame)
        for row in frame.clock.rows:
            fetch.forget_owed(state, peer.name, (row.lane, row.incarnation))


def clock_frames(
    rows: Iterable[ledger_pb2.LaneClock], limits: GossipLimits, complete: bool
) -> Iterator[peer_pb2.Frame]:
    """Clock rows in as few frames as hold them; the last one says whether these are all."""
    held: list[ledger_pb2.LaneClock] = []
    size = 0
    for row in rows:
        if held and (len(held) >= limits.rows_per_frame or size > CLOCK_FRAME_BYTES):
            yield peer_pb2.Frame(clock=peer_pb2.Clock(rows=held))
            held, size = [], 0
        held.append(row)
        size += row.ByteSize()
    if held:
        yield peer_pb2.Frame(clock=peer_pb2.Clock(rows=held, complete=complete))


def _next_round(state: State, peer: PeerState, session: Session, wait: float) -> None:
    state.timers.set(("sync", peer.name), state.now + wait)
