# SPDX-License-Identifier: Apache-2.0
"""What is remembered of who misbehaves: counted by kind, for a day, and bounded whatever happens."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit, FanalError
from fanal.node.conduct import AGENCIES, KINDS, RECENT, Conduct
from fanal.node.gossip.errors import TOO_MANY_REQUESTS, WITHHOLDS

GE = "GE-CUS"


def did(kind: ErrorKind = WITHHOLDS, seconds: int = 30) -> FanalError:
    return FanalError(kind, peer=GE, seconds=seconds)


def test_one_kind_is_counted_with_its_first_and_last_time() -> None:
    """The newest error of the kind stands for all of them."""
    conduct = Conduct()
    conduct.note(GE, did(seconds=1), 100.7)
    conduct.note(GE, did(TOO_MANY_REQUESTS), 150)
    conduct.note(GE, did(seconds=2), 200)
    found = conduct.of(GE, 200)
    assert [(one.error.kind, one.count, one.first, one.last) for one in found] == [
        (WITHHOLDS, 2, 100, 200),
        (TOO_MANY_REQUESTS, 1, 150, 150),
    ]
    assert found[0].error.facts["seconds"] == 2
    assert conduct.counts() == [(GE, WITHHOLDS.id, 2), (GE, TOO_MANY_REQUESTS.id, 1)]


def test_people_are_told_for_a_day_and_metrics_count_on() -> None:
    """What is longer past is no news, and a counter never falls."""
    conduct = Conduct()
    conduct.note(GE, did(), 0)
    assert conduct.of(GE, RECENT - 1)
    assert not conduct.of(GE, RECENT)
    assert conduct.counts() == [(GE, WITHHOLDS.id, 1)]


def test_whatever_is_done_and_by_however_many_memory_is_bounded() -> None:
    """Some kinds of each agency, the longest past gives way; beyond a thousand agencies nobody is added."""
    conduct = Conduct()
    for number in range(3 * KINDS):
        kind = ErrorKind(f"TEST-{number}", Exit.FAILED, "did it", "ask")
        conduct.note(GE, FanalError(kind), number)
    assert [one.last for one in conduct.of(GE, 3 * KINDS)] == list(range(3 * KINDS - 1, 2 * KINDS - 1, -1))
    for number in range(2 * AGENCIES):
        conduct.note(f"XX-{number}", did(), 0)
    assert len(conduct.counts()) == KINDS + AGENCIES - 1
