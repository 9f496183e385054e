# SPDX-License-Identifier: Apache-2.0
"""Whom a missing attachment is asked of: facts in, requests out, no clock and no disk."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.envelope.pieces import PIECE
from fanal.node.attachments.fetching import ACTIVE, PATIENCE, PER_PEER, REMEMBERED, WINDOW, Ask, Fetching
from fanal.node.attachments.folder import Progress
from fanal.node.gossip.entitlement import LaneView

VIEW = LaneView(b"l" * 32, "AZ-CUS", agencies=frozenset({"AZ-CUS", "BG-CUS"}))
LENGTH = 20 * PIECE


def name(number: int) -> bytes:
    return number.to_bytes(32)


def fetching(*peers: str, allowed: bool = True) -> Fetching:
    made = Fetching(lambda _peer, _view: allowed)
    for peer in peers:
        made.link_up(peer)
    return made


def begun(made: Fetching, now: float = 0.0, have: int = 0) -> list[Ask]:
    asks: list[Ask] = []
    for one in list(made.choose(now)):
        want = made.wants[one.attachment]
        want.busy = False
        asks += made.resumed(want, Progress(have, LENGTH if have else 0), now)
    return asks


def test_the_first_request_begins_where_the_disk_ends() -> None:
    """At piece 0, or after what is here; a window at a time."""
    made = fetching("B")
    made.add(name(1), [VIEW])
    assert begun(made) == [Ask("B", name(1), 0, WINDOW)]
    made = fetching("B")
    made.add(name(1), [VIEW])
    assert begun(made, have=15) == [Ask("B", name(1), 15, 20)]


def test_more_is_asked_for_when_half_of_it_is_in() -> None:
    """So the line never runs dry, and no more than a window is on its way."""
    made = fetching("B")
    made.add(name(1), [VIEW])
    begun(made)
    want = made.wants[name(1)]
    for index in range(4):
        assert made.expected("B", name(1), index, 1.0) is want
        asks = list(made.stored(want, Progress(index + 1, LENGTH)))
        assert asks == ([Ask("B", name(1), WINDOW, WINDOW + 4)] if index == 3 else [])


def test_only_pieces_that_were_asked_for_are_expected_once_each() -> None:
    """Not another peer's, none beyond the request, none of another file, none twice; in any order, for frames
    may take two connections."""
    made = fetching("B", "C")
    made.add(name(1), [VIEW])
    begun(made)
    assert made.expected("C", name(1), 0, 0.0) is None
    assert made.expected("B", name(2), 0, 0.0) is None
    for index in (1, 0, *reversed(range(2, WINDOW))):
        assert made.expected("B", name(1), index, 0.0) is not None
        assert made.expected("B", name(1), index, 0.0) is None
    assert made.wants[name(1)].arriving == WINDOW
    assert made.expected("B", name(1), WINDOW, 0.0) is None


def test_who_may_not_hold_the_lane_is_not_asked() -> None:
    """A request would tell it that the attachment exists."""
    made = fetching("B", allowed=False)
    made.add(name(1), [VIEW])
    assert begun(made) == []


def test_not_found_silence_and_a_lost_link_lead_to_the_next_holder() -> None:
    """Each at once, but for silence, which costs a minute; offered again, it is asked again."""
    made = fetching("B", "C", "D")
    made.add(name(1), [VIEW])
    assert begun(made)[0].peer == "B"
    made.not_found("B", [name(1)], 1.0)
    assert begun(made, 1.0)[0].peer == "C"
    made.tick(1.0 + PATIENCE)
    assert begun(made, 1.0 + PATIENCE)[0].peer == "D"
    made.link_down("D")
    assert begun(made, 70.0) == []
    made.offered("C", [name(1)])
    assert begun(made, 70.0)[0].peer == "C"


def test_attack_a_peer_that_comes_again_and_again_with_nothing_puts_off_nobody() -> None:
    """Linked anew every few seconds, wrong each time: a minute after the other had nothing it is asked."""
    made = fetching("B", "C")
    made.add(name(1), [VIEW])
    begun(made)
    made.not_found("B", [name(1)], 0.0)
    for now in range(0, 80, 5):
        made.link_up("C")
        made.tick(float(now))
        asked = begun(made, float(now))[0].peer
        if asked == "B":
            break
        made.pass_over(made.wants[name(1)], float(now))
    assert (asked, now) == ("B", 60)


def test_what_nobody_has_is_asked_for_more_and_more_rarely() -> None:
    """A minute, then two, four ... and every look has a time of its own that does not run backwards."""
    made = fetching("B")
    made.add(name(1), [VIEW])
    now, rounds = 0.0, []
    for _ in range(400):
        if begun(made, now):
            rounds.append(now)
            made.not_found("B", [name(1)], now)
        due = made.next_due()
        assert due is not None
        assert due > now
        now = due
        made.tick(now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(rounds)]
    assert gaps[0] >= 60
    assert gaps[-1] >= 60 * 2**5
    assert gaps == sorted(gaps)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 300), st.sampled_from("BCD")), max_size=400))
def test_bounds_hold_whatever_happens(steps: list[tuple[int, int, str]]) -> None:
    """So many at a time, of one peer, and remembered, a window of each: in any order of events."""
    made = fetching("B", "C", "D")
    now = 0.0
    for what, number, peer in steps:
        now += number / 10
        if what == 0:
            made.add(name(number), [VIEW])
        elif what == 1:
            made.not_found(peer, [name(number)], now)
        elif what == 2:
            made.link_down(peer)
        elif what == 3:
            made.link_up(peer)
        elif what == 4:
            made.tick(now)
        elif what == 5:
            want = made.wants.get(name(number))
            found = made.expected(peer, name(number), want.arriving, now) if want else None
            if found is not None:
                list(made.stored(found, Progress(found.arriving, LENGTH)))
        else:
            made.offered(peer, [name(number)])
        begun(made, now)
        active = [want for want in made.wants.values() if want.peer]
        assert len(active) <= ACTIVE
        assert all(sum(want.peer == one for want in active) <= PER_PEER for one in "BCD")
        assert all(want.asked - want.arriving <= WINDOW for want in active)
        assert len(made.wants) <= REMEMBERED
