# SPDX-License-Identifier: Apache-2.0
"""Entries that were announced and should come by themselves: waited for, then asked of one announcer after
the other, over an edge that is eager from then on.

Who announced and does not deliver loses its score, and the next is asked; when all have failed, the fetch of
anti-entropy goes on. What is waited for is bounded for each peer that announces, so inventions hold up nobody
but their inventor.
"""

from __future__ import annotations

from fanal.node.gossip import fetch
from fanal.node.gossip.holders import hopeless, useless
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import Expected, State
from fanal.node.gossip.timers import Name
from fanal.v1 import envelope_pb2, peer_pb2

PER_STREAM = 4  # batches that one peer may have waited for in one stream
MORE_WAITS = 3
THIN_TIMES = 2  # times `thin_most` may others have their turn first


def expect(state: State, peer: PeerState, key: StreamKey, runs: Ranges, told: peer_pb2.Announce) -> None:
    """The peer announced these; somebody is sending them. `runs` is taken over."""
    hurry = told.alerts and state.limits.thin  # nowhere else is an alert waited for otherwise
    room = _room(state, peer.name, key, hurry)
    for number, batch in list(state.expected.get(key, {}).items()):
        batch.announcers.setdefault(peer.name, len(batch.announcers))
        if any(True for wanted in batch.runs for _ in runs.within(*wanted)):
            _no_larger(state, key, number, batch, told)
        # What somebody named before as something else cannot hold up what this one says is an alert.
        loser = batch.runs if room and hurry and not batch.alerts else runs
        for run in [run for wanted in batch.runs for run in runs.within(*wanted)]:
            loser.remove(*run)
        if not batch.runs:
            _finish(state, key, number)
    if runs and room:
        _wait_for(state, peer, key, runs, told, hurry)


def _room(state: State, name: str, key: StreamKey, hurry: bool) -> bool:
    """Whether more is waited for that the peer announces, on whatever link; alerts have their own room."""
    batches = state.expected.get(key, {}).values()
    mine = sum(batch.starter == name and batch.alerts == hurry for batch in batches)
    return mine < PER_STREAM and state.expecting[name] < state.limits.expected_per_peer


def _wait_for(
    state: State, peer: PeerState, key: StreamKey, runs: Ranges, told: peer_pb2.Announce, hurry: bool
) -> None:
    number, limits = state.request(), state.limits
    transfer = _transfer(state, told)
    batch = Expected(runs, peer.name, transfer, {peer.name: 0}, hurry, state.now)
    state.expected.setdefault(key, {})[number] = batch
    state.expecting[peer.name] += 1
    after = limits.graft_after
    if limits.thin:
        after = limits.thin_delay if hurry else limits.thin_after
    batch.due = state.now + after
    when = batch.due + transfer if _parent_is_trusted(state, key[0]) else state.now
    state.timers.set(_timer(key, number), when)


def _transfer(state: State, told: peer_pb2.Announce) -> float:
    return min(told.largest, state.limits.envelope_bytes) / state.limits.slow_line


def _no_larger(state: State, key: StreamKey, number: int, batch: Expected, told: peer_pb2.Announce) -> None:
    """Another one says how large they are: of those who know, the one that says least is believed, for the
    lie costs a copy, and the other one would be waited for."""
    if told.largest > 0 and (transfer := _transfer(state, told)) < batch.transfer:
        batch.transfer = transfer
        state.timers.set_earlier(_timer(key, number), max(state.now, batch.due + transfer))


def _blame_parent(state: State, lane: bytes, source: str) -> None:
    """Somebody else had to be asked for an entry of the lane, and brought it. What nobody brings blames
    nobody: it may be an invention."""
    held = state.book.lanes.get(lane)
    if held is None or held.parent == source or state.limits.thin or not _parent_is_trusted(state, lane):
        return
    parent = state.link_of(held.parent)
    if parent is not None:
        parent[0].score -= 1


def _parent_is_trusted(state: State, lane: bytes) -> bool:
    """Whether who brought the lane so far is linked and has not failed since it last brought news."""
    held = state.book.lanes.get(lane)
    if held is None or not held.parent:
        return True
    parent = state.link_of(held.parent)
    return parent is not None and parent[0].score >= 0


def overdue(state: State, key: StreamKey, number: int) -> None:
    """They did not come: ask the best announcer not asked so far, then as many as have failed."""
    batch = state.expected.get(key, {}).get(number)
    if batch is None:
        return
    if not batch.tried and batch.waited < MORE_WAITS and state.committing():
        batch.waited += 1  # a busy node may have them already
        batch.due = state.now + state.limits.graft_after
        state.timers.set(_timer(key, number), batch.due)
        return
    if _is_on_its_way(state, key, number, batch):
        state.timers.set(_timer(key, number), state.now + state.limits.thin_delay)
        return
    for name in batch.asked if not state.limits.thin else ():
        failed = state.link_of(name)
        if failed is not None:
            failed[0].score -= 1
    state.asking.discard(number)
    most, batch.asked = 1 if state.limits.thin else max(1, len(batch.tried)), ()
    if batch.runs.count() <= state.limits.batch_entries:
        for peer, session in _by_helpfulness(state, key[0], batch):
            runs = _offered(state, peer, session, key, batch.runs)
            if peer.name not in batch.tried and runs and len(batch.asked) < most:
                _ask(state, peer, key, batch, runs)
    if batch.asked:
        state.asking.add(number)
        patience = state.limits.thin_patience if state.limits.thin else state.limits.graft_patience
        batch.due = state.now + patience
        state.timers.set(_timer(key, number), batch.due + batch.transfer)
    else:
        _finish(state, key, number)
        fetch.consider(state, key)


def _is_on_its_way(state: State, key: StreamKey, number: int, batch: Expected) -> bool:
    """Whether to wait on, because another copy would make the queue of our own thin line longer: while
    who brings the lane brings other entries of it, and while something else is asked for; not for ever, for
    that may be inventions. An alert is first in every queue, so it is late by now."""
    if batch.alerts or not state.limits.thin:
        return False
    held, limits = state.book.lanes.get(key[0]), state.limits
    pushes = held is not None and held.parent not in batch.announcers  # what it announces it does not push
    brings = pushes and held is not None and state.now - held.brought_at < limits.thin_patience
    age = state.now - batch.began
    if brings and not batch.tried and age < limits.thin_most:
        return True
    return bool(state.asking - {number}) and age < THIN_TIMES * limits.thin_most


def _by_helpfulness(state: State, lane: bytes, batch: Expected) -> list[tuple[PeerState, Session]]:
    """Of peers as good, who announced first is nearest to the author; but who brought the lane so far would
    have sent them by now."""
    held, order = state.book.lanes.get(lane), batch.announcers
    parent, last = held.parent if held is not None else "", len(order)

    def rank(link: tuple[PeerState, Session]) -> tuple[int, bool, int]:
        name = link[0].name
        return (-link[0].score, name == parent, order.get(name, last))

    return sorted(state.by_score(), key=rank)


def arrived(state: State, key: StreamKey, seq: int, source: str, pushed: bool) -> None:
    """An entry is here, from whomever."""
    for number, batch in list(state.expected.get(key, {}).items()):
        if seq not in batch.runs:
            continue
        batch.runs.remove(seq, seq + 1)
        if source in batch.tried:
            _blame_parent(state, key[0], source)
        for name in batch.asked:
            asked = state.link_of(name)
            if asked is not None and name != source and pushed:
                asked[1].note_rival(key[0], source, state.now)
        if not batch.runs:
            _finish(state, key, number)


def not_stored(state: State, key: StreamKey, seq: int) -> None:
    """It came, and the store here did not take it: who was asked has not failed."""
    for number, batch in list(state.expected.get(key, {}).items()):
        batch.runs.remove(seq, seq + 1)
        if not batch.runs:
            _finish(state, key, number)


def not_found(state: State, peer: PeerState, session: Session, frame: peer_pb2.NotFound) -> None:
    """The peer has not got, or will not give, what it was asked for: the next one is asked at once."""
    for place in frame.entries:
        key = (place.lane, place.incarnation)
        for number, batch in state.expected.get(key, {}).items():
            if peer.name in batch.asked and place.seq in batch.runs:
                hopeless(state, session, key, place.seq, place.seq + 1)
                state.timers.set(_timer(key, number), state.now)
    fetch.not_found(state, peer, session, frame)


def link_lost(state: State, name: str) -> None:
    """What was asked of the peer is asked of others at once."""
    for key, batches in state.expected.items():
        for number, batch in batches.items():
            if name in batch.asked:
                state.timers.set(_timer(key, number), state.now)


def _offered(state: State, peer: PeerState, session: Session, key: StreamKey, runs: Ranges) -> Ranges:
    """What of the runs the peer is worth asking for."""
    held = peer.held.get(key)
    if held is None or (state.book.stream(key) is not None and not state.may_offer(peer.name, key[0])):
        return Ranges()
    offered = Ranges(run for wanted in runs for run in held.within(*wanted))
    for run in useless(state, peer, session, key):
        offered.remove(*run)
    return offered


def _ask(state: State, peer: PeerState, key: StreamKey, batch: Expected, runs: Ranges) -> None:
    batch.asked += (peer.name,)
    batch.tried.add(peer.name)
    peer.pruned.discard(key[0])
    ranges = [envelope_pb2.SeqRange(start=start, stop=stop) for start, stop in runs]
    graft = peer_pb2.Graft(lane=key[0], incarnation=key[1], ranges=ranges)
    state.send(peer.name, peer_pb2.Frame(graft=graft))


def _finish(state: State, key: StreamKey, number: int) -> None:
    batches = state.expected[key]
    state.expecting[batches.pop(number).starter] -= 1
    state.asking.discard(number)
    if not batches:
        del state.expected[key]
    state.timers.clear(_timer(key, number))


def _timer(key: StreamKey, number: int) -> Name:
    return ("graft", *key, number.to_bytes(8))
