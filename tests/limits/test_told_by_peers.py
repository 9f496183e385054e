# SPDX-License-Identifier: Apache-2.0
"""What a peer says of one of its limits stands until its time, whatever it says of others."""

from __future__ import annotations

from fanal.node.gossip.actions import RecordDeferred
from fanal.node.gossip.events import Place
from fanal.node.quotas.elsewhere import LIMITS, Elsewhere

PEER, NOW = "TR-CUS", 1_800_000_000
ONE, OTHER = (Place(b"l" * 16, b"i" * 16, seq) for seq in range(2))


def told(known: Elsewhere, limit: str, *places: Place, until: int = NOW + 60) -> None:
    known.note(RecordDeferred(PEER, places, limit, 3, until), 0.0)


def test_a_word_without_places_takes_none_back_that_was_given() -> None:
    """Of any limit but that its store takes nothing, such a word says nothing."""
    known = Elsewhere()
    told(known, "routine_per_hour", ONE)
    told(known, "bytes_per_day")
    told(known, "routine_per_hour", until=NOW + 90)
    found = known.about(ONE, NOW)
    assert found is not None
    assert (found[1].limit, found[1].until) == ("routine_per_hour", NOW + 60)


def test_what_waits_for_one_limit_is_told_beside_what_waits_for_another() -> None:
    """Each place has the limit that it waits for; of the peer the one is told that lasts longest."""
    known = Elsewhere()
    told(known, "bytes_per_day", OTHER, until=NOW + 600)
    told(known, "routine_per_hour", ONE)
    limits = [found[1].limit for found in (known.about(ONE, NOW), known.about(OTHER, NOW)) if found]
    assert limits == ["routine_per_hour", "bytes_per_day"]
    for now, limit in ((NOW, "bytes_per_day"), (NOW + 60, "bytes_per_day"), (NOW + 600, None)):
        found = known.of(PEER, now)
        assert (found and found.limit) == limit
    assert known.about(ONE, NOW + 60) is None


def test_attack_a_peer_invents_limits_without_end() -> None:
    """The newest few are remembered."""
    known = Elsewhere()
    for number in range(2 * LIMITS):
        told(known, f"limit_{number}", Place(b"l" * 16, b"i" * 16, number))
    places = [Place(b"l" * 16, b"i" * 16, number) for number in range(2 * LIMITS)]
    assert [known.about(one, NOW) is not None for one in places] == [False] * LIMITS + [True] * LIMITS
