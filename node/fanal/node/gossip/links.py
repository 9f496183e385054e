# SPDX-License-Identifier: Apache-2.0
"""Links coming up, going down, falling silent, and the roster that says who may have one."""

from __future__ import annotations

from fanal.errors import FanalError
from fanal.node.gossip import documents, fetch, graft, push, sync, tree, wraps
from fanal.node.gossip.actions import Cut
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.errors import NOT_A_PEER, SILENT_PEER
from fanal.node.gossip.events import LinkUp
from fanal.node.gossip.peer_state import Bucket, PeerState, Session
from fanal.node.gossip.queue import SendQueue
from fanal.node.gossip.state import State
from fanal.v1 import peer_pb2


def up(state: State, event: LinkUp) -> None:
    """Catch-up starts with every link, whoever dialled: documents, recent FLASH, then the digest."""
    if not state.roster.is_peer(event.peer):
        state.out.append(Cut(event.peer, FanalError(NOT_A_PEER, peer=event.peer)))
        return
    down(state, event.peer)
    limits = state.limits
    peer = state.peers.get(event.peer)
    if peer is None or not event.run or peer.run != event.run:
        # Between two runs its data folder may have been put back: what it told or had is believed no more.
        before, peer = peer, PeerState(event.peer, event.run, limits)
        tree.keep(before, peer)
    bucket = Bucket(limits.requests_per_second, limits.requests_burst, limits.requests_burst, state.now)
    queues = SendQueue(limits.spans_per_stream), SendQueue(limits.spans_per_stream)
    session = Session(event.heads, bucket, *queues, state.now)
    session.window, session.thin = limits.window_bytes // 4, event.thin
    state.attach(peer, session)
    tree.remind(state, peer)
    sync.share(state, peer)
    documents.compare(state, peer, session)
    push.push_recent_flash(state, peer, session)
    sync.begin_round(state, peer, session)
    wraps.link_up(state, peer)
    state.timers.set(("beat", peer.name), state.now + limits.heartbeat_every)


def down(state: State, peer: str) -> None:
    """What was queued or unacknowledged is forgotten: the next digest finds it."""
    if state.detach(peer):
        fetch.link_lost(state, peer)
        graft.link_lost(state, peer)


def beat(state: State, peer: PeerState, session: Session) -> None:
    """Say something when there was nothing to say; give up on a peer that says nothing."""
    limits = state.limits
    if state.now - session.last_heard >= limits.silent_after:
        seconds = int(limits.silent_after)
        state.cut(peer.name, FanalError(SILENT_PEER, peer=peer.name, seconds=seconds))
        down(state, peer.name)
        return
    if state.now - session.last_sent >= limits.heartbeat_every:
        state.send(peer.name, peer_pb2.Frame(heartbeat=peer_pb2.Heartbeat()))
    due = min(session.last_sent + limits.heartbeat_every, session.last_heard + limits.silent_after)
    state.timers.set(("beat", peer.name), max(due, state.now + 1.0))


def heartbeat(state: State, peer: PeerState, session: Session, frame: peer_pb2.Heartbeat) -> None:
    """Answer once: `reply` marks the answer."""
    if not frame.reply:
        answer = peer_pb2.Heartbeat(nonce=frame.nonce, reply=True)
        state.send(peer.name, peer_pb2.Frame(heartbeat=answer))


def roster_changed(state: State, roster: Roster) -> None:
    """Judge every link and every lane anew; nothing queued survives that is no longer allowed."""
    state.roster = roster
    for lane in state.book.lanes.values():
        lane.forget_allowed()
    for name in [name for name in state.peers if not roster.is_peer(name)]:
        state.cut(name, FanalError(NOT_A_PEER, peer=name))
        down(state, name)
        del state.peers[name]
    if tree.is_small(state):
        tree.forget(state)
    for peer, session in state.linked():
        sync.share(state, peer)
        peer.synced_at = 0
        for queue in (session.queue, session.to_announce):
            for key in queue.streams():
                if not state.may_offer(peer.name, key[0]):
                    queue.discard_stream(key)
        state.timers.set_earlier(("sync", peer.name), state.now + state.limits.sync_after_change)
