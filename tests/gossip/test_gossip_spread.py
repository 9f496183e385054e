# SPDX-License-Identifier: Apache-2.0
"""Twenty agencies on lines of different speed: the tree costs less than a flood and loses nothing."""

from __future__ import annotations

import pytest
from memspread import Setting, Spread
from memstore import FLASH

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


def test_a_tree_carries_one_copy_where_a_flood_carries_several(flood):
    """At most 1.3 copies for each agency, and nobody waits for that."""
    tree = spread()
    assert tree.missing() == flood.missing() == 0
    assert tree.copies() <= 1.3
    assert flood.copies() > 3
    assert max(tree.seconds()) <= max(flood.seconds()) + 0.2


def test_flash_floods_also_where_trees_stand(flood):
    """An alert takes every line."""
    alerts = spread(priority=FLASH)
    assert alerts.missing() == 0
    assert alerts.copies() > 3
    assert max(alerts.seconds()) <= max(flood.seconds())


def test_bulk_is_announced_and_each_agency_asks_once():
    """One copy each, whatever the graph."""
    bulk = spread(way="pull")
    assert bulk.missing() == 0
    assert bulk.copies() == 1.0


@pytest.mark.parametrize("turned", [False, True], ids=["from-the-start", "once-the-trees-stand"])
@pytest.mark.parametrize("seed", range(2))
def test_a_quarter_that_announces_and_withholds_delays_entries_by_two_seconds_at_most(turned, seed):
    """Also for the very entries that show it."""
    run = spread(withholding=0.25, turned=turned, seed=seed)
    assert run.missing() == 0
    assert max(run.seconds()) <= 2.0
    assert run.copies() <= 1.3


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
