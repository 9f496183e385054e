# SPDX-License-Identifier: Apache-2.0
"""Asking a second holder while the first one is silent (ADR 29).

A claim costs its maker nothing, and a holder that has brought nothing for a moment may be slow or may
withhold. So another one is asked too: for very few entries, and for four times as many each time it has
brought what it was asked for while the first was silent for four times as long. What others may be asked for
in place of one silent peer is counted over all its streams. Each learns what the others brought and need not
send it. Once a peer has brought something, it is waited for alone twice as long as that took: on a slow line
a few entries come twice at first, and no more. A node whose own line was declared thin asks nobody beside the
first, and others ask no peer that says so beside another; a silent one is not spared for saying it. Nobody is
blamed here.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.gossip import owed
from fanal.node.gossip.acks import acknowledge
from fanal.node.gossip.events import Place
from fanal.node.gossip.holders import hopeless, missing, want
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.state import Fetch, State

FASTER = 4
"""So many times longer than the other took was the first silent; so many times more is asked of the other."""


def begin(state: State, key: StreamKey, fetch: Fetch, session: Session) -> None:
    """The peer was asked, or has brought something: it is waited for alone."""
    _lend(session, fetch, 0)
    fetch.second, fetch.quiet_since = "", state.now
    _look_after(state, key, fetch, _wait(state, session))


def look(state: State, key: StreamKey) -> None:
    """Ask another holder if it is time: for the timer, and when somebody claims the stream."""
    fetch = state.fetches.get(key)
    link = state.link_of(fetch.peer) if fetch is not None else None
    if fetch is None or link is None or state.limits.thin or state.now < fetch.look_at:
        return
    first = link[1]
    if fetch.second and not fetch.asked[fetch.second]:
        fetch.second = ""
        if not first.lent:
            _more(state, fetch.peer, first)
    room = state.limits.second_entries * first.growth - first.lent + fetch.lent
    if room <= 0 or _may_have_it(state, fetch):
        state.timers.set(("second", *key), state.now + state.limits.graft_patience)
        return
    if fetch.second:  # it is silent too, or slow: nothing is known of the next one
        room = min(room, state.limits.second_entries)
    _ask_another(state, key, fetch, first, room)


def _ask_another(state: State, key: StreamKey, fetch: Fetch, first: Session, most: int) -> None:
    for peer, session in sorted(owed.last(state, key), key=lambda link: link[0].name in fetch.gave_up):
        if peer.name == fetch.peer or fetch.asked.get(peer.name) or session.thin:
            continue
        claimed = missing(state, peer, session, key)
        runs = Ranges(run for lacking in fetch.runs for run in claimed.within(*lacking)).first(most)
        if runs:
            _lend(first, fetch, runs.count())
            _ask(state, peer, session, key, fetch, runs)
            return


def _ask(state: State, peer: PeerState, session: Session, key: StreamKey, fetch: Fetch, runs: Ranges) -> None:
    """Who is silent too is followed by the next one, each much later than the one before."""
    silent = sum(bool(one) for one in fetch.asked.values())
    fetch.second, fetch.second_at = peer.name, state.now
    fetch.asked[peer.name] = runs
    want(state, peer.name, key, runs)
    _look_after(state, key, fetch, _wait(state, session) * FASTER ** (1 + silent))


def brought(state: State, key: StreamKey, fetch: Fetch, seq: int, source: str) -> None:
    """Somebody brought an entry that was still to come."""
    fetch.progress = state.moment()
    if source == fetch.peer:
        _heard(state, key, fetch)
    elif fetch.asked:
        fetch.given.add(seq, seq + 1)
    for name, runs in fetch.asked.items():
        if seq in runs:
            _one_less(state, key, fetch, name, seq, source)


def _one_less(state: State, key: StreamKey, fetch: Fetch, name: str, seq: int, source: str) -> None:
    fetch.asked[name].remove(seq, seq + 1)
    first, link = state.link_of(fetch.peer), state.link_of(name)
    if link is None or first is None:
        return
    if name != fetch.second:
        if source == name:
            owed.learn(link[1], state.now - fetch.quiet_since)
        return
    _lend(first[1], fetch, fetch.lent - 1)
    if source != name and not fetch.asked[name]:
        fetch.second = ""
    elif fetch.asked[name]:
        _look_after(state, key, fetch, FASTER * _wait(state, link[1]))
    else:
        took = state.now - fetch.second_at
        _look_after(state, key, fetch, fetch.quiet_since + FASTER * took - state.now)


def repeated(state: State, key: StreamKey, fetch: Fetch, seq: int, source: str) -> None:
    """An entry that was here already: the peer is slow if another brought what it was asked for."""
    if source == fetch.peer and seq in fetch.given:
        fetch.progress = state.moment()
        _heard(state, key, fetch)


def tell(state: State, places: Iterable[Place], source: str) -> None:
    """Who was asked for what `source` has brought need not send it any more. The first peer is not told of
    the first of them: that one shows whether it sends anything."""
    told: dict[str, list[Place]] = {}
    spared: set[StreamKey] = set()
    for place in places:
        key = place[:2]
        fetch = state.fetches.get(key)
        if fetch is None or not fetch.asked or place.seq not in fetch.runs:
            continue
        names = [name for name, runs in fetch.asked.items() if place.seq in runs]
        if fetch.given or key in spared:
            names.append(fetch.peer)
        elif source != fetch.peer:
            spared.add(key)
        for name in names:
            if name != source and state.may_offer(name, place.lane):
                told.setdefault(name, []).append(place)
    for name, stored in told.items():
        acknowledge(state, name, stored)


def not_found(state: State, session: Session, key: StreamKey, name: str, seq: int) -> None:
    """One that was asked beside the first has not got it: the next one is asked at once."""
    fetch = state.fetches.get(key)
    runs = fetch.asked.get(name) if fetch is not None else None
    if fetch is None or runs is None or seq not in runs:
        return
    session.incomplete.add(key)
    hopeless(state, session, key, seq, seq + 1)
    runs.remove(seq, seq + 1)
    first = state.link_of(fetch.peer)
    if name == fetch.second and first is not None:
        _lend(first[1], fetch, fetch.lent - 1)
    if not runs and name == fetch.second:
        _without(state, key, fetch)


def link_lost(state: State, name: str) -> None:
    """What was asked of the peer beside the first is asked of others."""
    for key, fetch in state.fetches.items():
        if fetch.asked.pop(name, None) is not None and name == fetch.second:
            _without(state, key, fetch)


def end(state: State, key: StreamKey, fetch: Fetch) -> None:
    """The fetch has ended."""
    state.timers.clear(("second", *key))
    link = state.link_of(fetch.peer)
    if link is not None:
        _lend(link[1], fetch, 0)


def _without(state: State, key: StreamKey, fetch: Fetch) -> None:
    """Who was asked beside the first will not bring it: another one is asked, that one after all others."""
    link = state.link_of(fetch.peer)
    fetch.gave_up.add(fetch.second)
    fetch.second = ""
    if link is not None:
        _lend(link[1], fetch, 0)
    _look_after(state, key, fetch, 0.0)


def _heard(state: State, key: StreamKey, fetch: Fetch) -> None:
    """The peer brought something: it is as slow as that, and does not withhold."""
    link = state.link_of(fetch.peer)
    if link is not None:
        owed.learn(link[1], state.now - fetch.quiet_since)
        fetch.given.clear()
        begin(state, key, fetch, link[1])


def _more(state: State, name: str, session: Session) -> None:
    """Others have brought all that they were asked for in place of the peer, in much less time."""
    most = state.limits.fetch_slice
    session.growth = min(FASTER * session.growth, most)
    for key, fetch in state.fetches.items():
        if fetch.peer == name and fetch.look_at < state.now:
            state.timers.set(("second", *key), state.now)


def _may_have_it(state: State, fetch: Fetch) -> bool:
    """Whether something that either brought in time is not committed, or the own store does not take it."""
    links = [state.link_of(name) for name in (fetch.peer, fetch.second) if name]
    late = any(link is not None and link[1].brought_before(fetch.look_at) for link in links)
    return late or state.lost > fetch.progress.lost


def _lend(session: Session, fetch: Fetch, count: int) -> None:
    """So many entries are asked of another in place of the peer now."""
    session.lent += count - fetch.lent
    fetch.lent = count


def _wait(state: State, session: Session) -> float:
    return max(state.limits.graft_patience, session.alone)


def _look_after(state: State, key: StreamKey, fetch: Fetch, wait: float) -> None:
    fetch.look_at = state.now + max(0.0, wait)
    state.timers.set(("second", *key), fetch.look_at)
