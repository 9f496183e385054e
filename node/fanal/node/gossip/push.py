# SPDX-License-Identifier: Apache-2.0
"""Sending entries: whom to, in what order, how many at once.

`targets` are the linked peers that may hold the lane and are not known to have the entry. FLASH and
ROUTINE go along the lane's tree and are announced over the other edges, ROUTINE after up to 20 ms of waiting
for company, FLASH at once. BULK is announced only.
Entries are read only when the peer's window has room, so a peer that does not acknowledge costs a bounded
window and delays nobody. A KEY envelope goes ahead of the first notice that needs it, at its priority, and
its wraps right behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fanal.errors import FanalError
from fanal.node.gossip import announce, ownline, tree
from fanal.node.gossip.actions import LoadEntries, Noted, Priority, Wanted
from fanal.node.gossip.entitlement import wraps_due
from fanal.node.gossip.errors import UNCONFIRMED
from fanal.node.gossip.events import OWN, EntryMeta, Loaded, LoadedEntry, Place, Span
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.peer_state import InFlight, Loading, PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.state import Moment, State
from fanal.v1 import envelope_pb2, peer_pb2

FLASH_AGAIN_SECONDS = 3600.0
THIN_TIMES = 5
"""So many times longer an acknowledgement may take on a thin line."""


def targets(state: State, meta: EntryMeta, source: str) -> Iterator[tuple[PeerState, Session]]:
    """Who is sent, or told of, a newly committed entry without asking. Its author needs neither."""
    key = (meta.place.lane, meta.place.incarnation)
    for peer, session in state.linked():
        if peer.name in (source, meta.view.author) or not state.may_offer(peer.name, meta.place.lane):
            continue
        if not peer.holds(key, meta.place.seq) and meta.place not in session.in_flight:
            yield peer, session


def push(state: State, meta: EntryMeta, source: str) -> None:
    """Send or announce a newly committed entry to everybody it goes to."""
    priority = ownline.priority_of(meta)
    if priority is Priority.FLASH:
        state.note_flash(meta.place)
    links = list(targets(state, meta, source))
    waiting = ownline.spared(state, meta, links)
    for peer, session in links:
        if peer.name in waiting:
            ownline.tell_later(state, peer, session, meta, waiting[peer.name])
            continue
        if priority is Priority.BULK or not tree.pushes(state, peer, session, meta.place.lane, source == OWN):
            span = Span(*meta.place, meta.place.seq + 1)
            announce.later(state, peer, session, span, priority, meta.size)
            continue
        _queue_key_first(state, peer, session, meta, priority)
        session.queue.add(priority, meta.place[:2], meta.place.seq, meta.place.seq + 1)
        if priority is Priority.FLASH or sum(session.queue.waiting.values()) >= state.limits.batch_entries:
            pump(state, peer, session)
        else:
            # An idle link waits only for what is committed with it; a busy one gathers a batch.
            idle = not session.in_flight and not session.loading
            delay = 0.0 if idle else state.limits.batch_delay
            state.timers.set_earlier(("flush", peer.name), state.now + delay)


def push_recent_flash(state: State, peer: PeerState, session: Session) -> None:
    """A link came up: what was urgent lately goes before any comparing of clocks."""
    for place, since in state.flash.items():
        fresh = state.now - since < FLASH_AGAIN_SECONDS
        if not fresh or not state.may_offer(peer.name, place.lane) or peer.holds(place[:2], place.seq):
            continue
        own = state.book.lanes[place.lane].view.author == state.me
        if not tree.pushes(state, peer, session, place.lane, own):
            announce.later(state, peer, session, Span(*place, place.seq + 1), Priority.FLASH)
        else:
            session.queue.add(Priority.FLASH, place[:2], place.seq, place.seq + 1)
    pump(state, peer, session)


def _queue_key_first(
    state: State, peer: PeerState, session: Session, meta: EntryMeta, priority: Priority
) -> None:
    key = state.book.keys.get(meta.key_envelope)
    stream = state.book.stream(key) if key else None
    if key is None or stream is None or not state.may_offer(peer.name, key[0]):
        return
    seq = stream.keys[meta.key_envelope]
    if not peer.holds(key, seq) and Place(*key, seq) not in session.in_flight:
        session.queue.add(priority, key, seq, seq + 1)


def pump(state: State, peer: PeerState, session: Session) -> None:
    """Ask the driver to read the next batch of each class for which there is room."""
    for priority in ownline.CLASSES:
        if any(loading.priority is priority for loading in session.loading.values()):
            continue
        while session.queue.waiting[priority]:
            room = _room(state, session, priority)
            if room <= 0:
                break
            wanted = _choose(state, peer, session, session.queue.take(priority, room))
            if wanted:
                _load(state, peer, session, wanted, priority)
                break


def _room(state: State, session: Session, priority: Priority) -> int:
    limits = state.limits
    few = session.thin and priority is not Priority.BULK  # which was asked for
    most = limits.thin_entries if few else limits.window_entries
    extra = limits.flash_extra if priority is Priority.FLASH else 0
    window = session.window + limits.batch_bytes  # by a batch bulk may have gone over its share
    if priority is Priority.BULK:
        window = int(limits.bulk_share * session.window)
        extra = -int((1 - limits.bulk_share) * most)
    if session.in_flight_bytes >= window and extra <= 0:
        return 0
    return min(limits.batch_entries, most + extra - len(session.in_flight))


def _choose(state: State, peer: PeerState, session: Session, spans: list[Span]) -> tuple[Wanted, ...]:
    """Leave out what must not, or need not, be sent any more."""
    wanted: list[Wanted] = []
    for span in spans:
        if not state.may_offer(peer.name, span.lane):
            continue
        due = _wraps_due(state, peer, span)
        for start, stop in _needed(peer, session, span):
            wanted.append(Wanted(Span(span.lane, span.incarnation, start, stop), due))
    return tuple(wanted)


def _wraps_due(state: State, peer: PeerState, span: Span) -> tuple[str, ...]:
    lane = state.book.lanes[span.lane]
    stream = state.book.stream((span.lane, span.incarnation))
    if stream is None or not stream.may_hold_key(span.start, span.stop, state.limits.keys_per_stream):
        return ()  # the work below grows with the readers
    return wraps_due(peer.name, lane.view, state.roster)


def _needed(peer: PeerState, session: Session, span: Span) -> Iterator[tuple[int, int]]:
    key: StreamKey = (span.lane, span.incarnation)
    start: int | None = None
    for seq in range(span.start, span.stop):
        if peer.holds(key, seq) or Place(*key, seq) in session.in_flight:
            if start is not None:
                yield start, seq
            start = None
        elif start is None:
            start = seq
    if start is not None:
        yield start, span.stop


def _load(
    state: State, peer: PeerState, session: Session, wanted: tuple[Wanted, ...], priority: Priority
) -> None:
    request = state.request()
    session.loading[request] = Loading(wanted, priority)
    for place in _places(wanted):
        session.in_flight[place] = InFlight(0, *state.moment())
    state.out.append(LoadEntries(peer.name, request, wanted, state.limits.batch_bytes, priority))


def _places(wanted: Iterable[Wanted]) -> Iterator[Place]:
    for item in wanted:
        for seq in range(item.span.start, item.span.stop):
            yield Place(item.span.lane, item.span.incarnation, seq)


def loaded(state: State, event: Loaded) -> None:
    """The store has answered: send what was read, queue again what the byte limit left."""
    link = state.link_of(event.peer)
    loading = link[1].loading.pop(event.request, None) if link else None
    if link is None or loading is None:
        return
    peer, session = link
    asked = list(_places(loading.wanted))
    found = {entry.place: entry for entry in event.entries}
    reached = max((at for at, place in enumerate(asked) if place in found), default=-1)
    entries: list[LoadedEntry] = []
    for at, place in enumerate(asked):
        entry = found.get(place)
        if entry is not None and state.may_offer(peer.name, place.lane):
            entries.append(entry)
            continue
        session.release(place)
        if event.truncated and at > reached:
            session.queue.add(loading.priority, place[:2], place.seq, place.seq + 1)
    _send_entries(state, peer, session, entries, loading.priority)
    state.timers.set_earlier(("stall", peer.name), state.now + state.limits.acknowledge_after)
    pump(state, peer, session)


def _send_entries(
    state: State, peer: PeerState, session: Session, entries: list[LoadedEntry], priority: Priority
) -> None:
    batch: list[bytes] = []
    size = 0
    for entry in entries:
        length = len(entry.envelope)
        flight = session.in_flight.get(entry.place)
        if flight is not None:
            flight.size, (flight.since, flight.lost) = length, state.moment()
            session.in_flight_bytes += length
        if batch and size + length > state.limits.batch_bytes:
            _send_batch(state, peer, batch, priority)
            batch, size = [], 0
        batch.append(entry.envelope)
        size += length
        if entry.klass == envelope_pb2.EnvelopeClass.KEY:
            state.book.add_key(entry.place[:2], entry.manifest_sha256, entry.place.seq)
            for wrap in entry.wraps:
                session.note_wrap(wrap.key_manifest_sha256, recipient_of(wrap), state.limits.wraps_remembered)
            if entry.wraps:
                _send_batch(state, peer, batch, priority)
                batch, size = [], 0
                send_wraps(state, peer, session, entry.wraps, priority)
    _send_batch(state, peer, batch, priority)


def _send_batch(state: State, peer: PeerState, batch: list[bytes], priority: Priority) -> None:
    if batch:
        pushed = priority is not Priority.BULK
        frame = peer_pb2.Entries(envelopes=batch, pushed=pushed)
        state.send(peer.name, peer_pb2.Frame(entries=frame), priority)


def recipient_of(proof: envelope_pb2.WrapProof) -> str:
    """Whose wrap this is; for wraps from the own store, which were verified before they were stored."""
    return envelope_pb2.Wrap.FromString(proof.wrap).recipient


def send_wraps(
    state: State,
    peer: PeerState,
    session: Session,
    wraps: Iterable[envelope_pb2.WrapProof],
    priority: Priority,
) -> None:
    """Wraps in frames of at most a batch, in the order given (the reader's own first)."""
    for frame in wrap_frames(wraps, state.limits):
        state.send(peer.name, frame, priority)


def wrap_frames(wraps: Iterable[envelope_pb2.WrapProof], limits: GossipLimits) -> Iterator[peer_pb2.Frame]:
    """Wraps in as few frames as hold them."""
    batch: list[envelope_pb2.WrapProof] = []
    size = 0
    for wrap in wraps:
        length = wrap.ByteSize()
        if batch and (size + length > limits.batch_bytes or len(batch) >= limits.wraps_per_frame):
            yield peer_pb2.Frame(wraps=peer_pb2.Wraps(wraps=batch))
            batch, size = [], 0
        batch.append(wrap)
        size += length
    if batch:
        yield peer_pb2.Frame(wraps=peer_pb2.Wraps(wraps=batch))


def stalled(state: State, peer: PeerState, session: Session) -> None:
    """The timer of the window: what waits too long for its acknowledgement leaves; the next clock tells
    whether the peer has it."""
    patience = state.limits.acknowledge_after * (THIN_TIMES if state.is_thin(session) else 1)
    read = {place for loading in session.loading.values() for place in _places(loading.wanted)}
    looks = {
        place: state.look_again(Moment(one.since, one.lost), patience)
        for place, one in session.in_flight.items()
        if place not in read  # what the own store has not given yet is not the peer's to confirm
    }
    late = [place for place, again in looks.items() if again is None]
    for place in late:
        session.release(place)
        peer.score -= 1
    if late:
        error = FanalError(UNCONFIRMED, peer=peer.name, seconds=int(patience))
        state.out.append(Noted(peer.name, error))
    oldest = next((again for again in looks.values() if again is not None), None)
    if oldest is not None:
        state.timers.set(("stall", peer.name), max(oldest, state.now + 1.0))
    state.timers.set_earlier(("sync", peer.name), state.now + state.limits.sync_after_change)
    pump(state, peer, session)
