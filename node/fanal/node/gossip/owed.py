# SPDX-License-Identifier: Apache-2.0
"""What a peer was asked for and others brought meanwhile: one of it is waited for all the same.

Who withholds is found out and named although nothing is missing any more, after the same patience as if it
were. An honest peer sends it, for it is not told that it is here; once it may know that in another way,
nothing is owed.
"""

from __future__ import annotations

from fanal.errors import FanalError
from fanal.node.gossip.actions import Noted
from fanal.node.gossip.errors import WITHHOLDS
from fanal.node.gossip.peer_state import Owed, PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.state import LOOK_AGAIN, Fetch, Moment, State

TIMES = 2
"""So many times longer than it took once a peer is waited for alone."""


def last(state: State, key: StreamKey) -> list[tuple[PeerState, Session]]:
    """Linked peers, the best first; of them last who owes something of the stream."""
    return sorted(state.by_score(key[0]), key=lambda link: key in link[1].owes)


def learn(session: Session, took: float) -> None:
    """It brought what it was asked for: nobody else is asked so soon again."""
    session.alone = max(session.alone, TIMES * took)
    session.growth = 1


def leave(state: State, key: StreamKey, fetch: Fetch) -> bool:
    """A fetch has ended. Whether its peer owes something of it."""
    link = state.link_of(fetch.peer)
    if link is None or not fetch.given or key in link[1].owes:
        return False
    link[1].owes[key] = Owed(fetch.given, fetch.quiet_since, *fetch.progress)
    state.timers.set(("owed", *key, fetch.peer), state.now)
    return True


def paid(state: State, key: StreamKey, session: Session, seq: int) -> bool:
    """It has brought an entry. Whether it owed that one."""
    owes = session.owes.get(key)
    if owes is None or seq not in owes.runs:
        return False
    learn(session, state.now - owes.quiet_since)
    del session.owes[key]
    return True


def overdue(state: State, key: StreamKey, name: str) -> bool:
    """The timer. Whether nothing is owed any more."""
    link = state.link_of(name)
    owes = link[1].owes.get(key) if link is not None else None
    if link is None or owes is None:
        return False
    again = patience_until(state, link[1], Moment(owes.since, owes.lost))
    if again is not None:
        state.timers.set(("owed", *key, name), again)
        return False
    del link[1].owes[key]
    blame(state, *link)
    return True


def patience_until(state: State, session: Session, since: Moment) -> float | None:
    """When to look again at a peer asked at `since`; None once it has let this node wait too long."""
    patience = _patience(state)
    again = state.look_again(since, patience)
    if again is None and session.brought_before(since.at + patience):
        return state.now + LOOK_AGAIN
    return again


def blame(state: State, peer: PeerState, session: Session) -> None:
    """It promised and did not deliver: the operator is told, and others are asked first."""
    peer.score -= 1
    session.alone = 0.0
    error = FanalError(WITHHOLDS, peer=peer.name, seconds=int(_patience(state)))
    state.out.append(Noted(peer.name, error))


def _patience(state: State) -> float:
    limits = state.limits
    return limits.thin_most if limits.thin else limits.fetch_patience
