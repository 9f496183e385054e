# SPDX-License-Identifier: Apache-2.0
"""Twenty agencies on lines of different speed: the tree costs less than a flood and loses nothing."""

from __future__ import annotations

import pytest
from memspread import Setting, Spread
from memstore import FLASH, ROUTINE

from fanal.node.gossip.limits import GossipLimits


def spread(**setting: object) -> Spread:
    """Trees stand, the bad are bad, then each of the authors writes four entries."""
    run = Spread(Setting(20, **setting))  # type: ignore[arg-type]
    if not run.setting.turned:
        run.withhold()
    run.write(2)
    run.withhold()
    run.clear()
    run.write(4)
    run.net.check_safety()
    return run


@pytest.fixture(scope="module")
def flood() -> Spread:
    """Everything to everybody."""
    return spread(way="flood")


@pytest.mark.parametrize("priority", [ROUTINE, FLASH], ids=["routine", "flash"])
def test_a_tree_carries_one_copy_where_a_flood_carries_several(flood, priority):
    """At most 1.3 copies for each agency, of an alert too, and nobody waits for that."""
    tree = spread(priority=priority)
    assert tree.missing() == flood.missing() == 0
    assert tree.copies() <= 1.3
    assert flood.copies() > 3
    assert max(tree.seconds()) <= max(flood.seconds()) + 0.2


def test_bulk_is_announced_and_each_agency_asks_once():
    """One copy each, whatever the graph."""
    bulk = spread(way="pull")
    assert bulk.missing() == 0
    assert bulk.copies() == 1.0


@pytest.mark.parametrize(
    ("turned", "priority"),
    [(False, ROUTINE), (True, ROUTINE), (True, FLASH)],
    ids=["from-the-start", "once-the-trees-stand", "alerts"],
)
@pytest.mark.parametrize("seed", range(2))
def test_a_quarter_that_announces_and_withholds_delays_entries_by_two_seconds_at_most(turned, priority, seed):
    """Also for the very entries that show it, alerts among them."""
    run = spread(withholding=0.25, turned=turned, priority=priority, seed=seed)
    assert run.missing() == 0
    assert max(run.seconds()) <= 2.0
    assert run.copies() <= 1.3


def test_trees_stand_although_their_nodes_begin_anew_one_after_the_other():
    """Twice over: the first entry of each lane after that is carried once, not flooded."""
    run = Spread(Setting(20))
    run.write(2)
    for host in 2 * list(run.net.hosts.values()):
        host.crash()
        host.start()
        run.net.run(3.0)
    run.clear()
    run.write(1)
    assert run.missing() == 0
    assert run.copies() <= 1.1


def test_convergence_never_rests_on_the_push():
    """Every pushed entry, announcement and graft is lost: clocks bring everything."""
    run = Spread(Setting(20, authors=2))
    run.net.loses = lambda frame: (
        frame.entries.pushed or frame.HasField("announce") or frame.HasField("graft")
    )
    run.write(2)
    assert run.missing() > 0
    run.net.run_until(run.net.converged, 8 * GossipLimits().acknowledge_after)
    run.net.check_safety()


def test_the_same_seed_gives_the_same_run():
    """Every frame at the same time."""
    assert spread(withholding=0.25).net.fingerprint() == spread(withholding=0.25).net.fingerprint()
