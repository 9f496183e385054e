# SPDX-License-Identifier: Apache-2.0
"""Ways to break the core, one promise each, put in at run time: the simulator must see every one of them.

Each takes pytest's monkeypatch, so nothing outlives its test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import simworld
from memstore import meta_of, sha256

from fanal.node.gossip import core, fetch, graft, push, second, sync, wraps
from fanal.node.gossip.acks import acknowledge
from fanal.node.gossip.clock import Stream
from fanal.node.gossip.peer_state import Session
from fanal.node.gossip.state import State

Mutant = Callable[[pytest.MonkeyPatch], None]


def _nothing(*_args: Any, **_named: Any) -> None:
    """What the mutant does instead of its duty."""


def acknowledge_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    received = core._FRAMES["entries"]

    def hasty(state: State, peer: Any, session: Any, frame: Any) -> None:
        acknowledge(state, peer.name, [meta_of(data).place for data in frame.envelopes])
        received(state, peer, session, frame)

    patch.setitem(core._FRAMES, "entries", hasty)


def never_graft_what_was_announced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(graft, "overdue", _nothing)


def reuse_an_incarnation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(simworld, "incarnation_of", lambda host: sha256(host.name.encode())[:16])


def never_release_the_window(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "release", lambda self, place: self.in_flight.get(place))


def forget_the_bytes_of_what_was_released(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Session, "release", lambda self, place: self.in_flight.pop(place, None))


def send_beyond_the_window(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(push, "_room", lambda state, session, priority: state.limits.batch_entries)


def never_answer_a_want(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(core._FRAMES, "want", _nothing)


def drop_a_wrap(patch: pytest.MonkeyPatch) -> None:
    whole = push.wrap_frames
    patch.setattr(push, "wrap_frames", lambda some, limits: whole(list(some)[1:], limits))


def never_ask_for_a_missing_wrap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wraps, "ask", _nothing)


def offer_a_lane_to_whom_it_is_not_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        State, "may_offer", lambda self, peer, lane: lane in self.book.lanes and self.roster.is_peer(peer)
    )


def take_not_found_for_held(patch: pytest.MonkeyPatch) -> None:
    proper = core._FRAMES["not_found"]

    def credulous(state: State, peer: Any, session: Any, frame: Any) -> None:
        for one in frame.entries:
            stream = state.book.stream((one.lane, one.incarnation))
            if stream is not None:
                stream.held.add(one.seq, one.seq + 1)
        proper(state, peer, session, frame)

    patch.setitem(core._FRAMES, "not_found", credulous)


def stop_rounds_after_the_first_equal_digest(patch: pytest.MonkeyPatch) -> None:
    proper = sync.begin_round

    def once(state: State, peer: Any, session: Any) -> None:
        if not peer.synced_at:
            proper(state, peer, session)

    patch.setattr(sync, "begin_round", once)
    patch.setitem(core._PEER_TIMERS, "sync", once)


def wait_for_ever_for_who_promised(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetch, "out_of_patience", _nothing)
    patch.setattr(second, "look", _nothing)


def say_nothing_of_holes(patch: pytest.MonkeyPatch) -> None:
    proper = Stream.to_clock

    def smooth(self: Stream, key: Any) -> Any:
        row = proper(self, key)
        del row.holes[:]
        return row

    patch.setattr(Stream, "to_clock", smooth)


MUTANTS: tuple[Mutant, ...] = (
    acknowledge_before_the_commit,
    never_graft_what_was_announced,
    reuse_an_incarnation,
    never_release_the_window,
    forget_the_bytes_of_what_was_released,
    send_beyond_the_window,
    never_answer_a_want,
    drop_a_wrap,
    never_ask_for_a_missing_wrap,
    offer_a_lane_to_whom_it_is_not_for,
    take_not_found_for_held,
    stop_rounds_after_the_first_equal_digest,
    wait_for_ever_for_who_promised,
    say_nothing_of_holes,
)
