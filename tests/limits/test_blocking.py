# SPDX-License-Identifier: Apache-2.0
"""The operator's cut: it ends the link, lasts over a restart, is in the ledger, and loses no envelope."""

from __future__ import annotations

import pytest
from limited import held, send
from nodenet import NodeHost, NodeNet

from fanal.errors import FanalError
from fanal.v1 import officer_pb2 as api

GE, TR, AZ = "GE-CUS", "TR-CUS", "AZ-CUS"


def block(host: NodeHost, agency: str, reason: str = "FLOODING", unblock: bool = False) -> bool:
    request = api.BlockPeerRequest(agency=agency, reason="" if unblock else reason, unblock=unblock)
    return host.desk.block_peer(host.officer, request).was_blocked


def leaves(host: NodeHost, word: bytes) -> list[bytes]:
    return [leaf for leaf in host.ledger.log.leaves(0, 1000) if word in leaf]


def test_a_blocked_peer_is_unlinked_until_it_is_unblocked() -> None:
    """Nothing passes the link; what waited comes when the block ends."""
    net = NodeNet(GE, TR)
    net.run(2)
    ge, tr = net.nodes[GE], net.nodes[TR]
    assert block(tr, GE) is False
    assert block(tr, GE) is True
    net.run(5)
    assert tr.host.core.linked == ()
    send(ge, (TR,))
    net.run(60)
    assert held(tr, GE) == 0
    assert block(tr, GE, unblock=True) is True
    net.run(60)
    assert held(tr, GE) == 1


def test_a_block_lasts_over_a_restart() -> None:
    """It is kept with the ledger, not in memory."""
    net = NodeNet(GE, TR)
    tr = net.nodes[TR]
    block(tr, GE)
    tr.crash()
    tr.start()
    net.run(30)
    assert (tr.host.core.linked, tr.node.blocked) == ((), {GE: "FLOODING"})
    assert not tr.node.trusts(GE)


def test_a_block_is_an_admin_leaf_that_names_nobody_in_the_clear() -> None:
    """One leaf for each change; agency and reason only as a salted hash."""
    net = NodeNet(GE, TR)
    tr = net.nodes[TR]
    block(tr, GE)
    block(tr, GE, unblock=True)
    assert len(leaves(tr, b"what=peer-blocked")) == len(leaves(tr, b"what=peer-unblocked")) == 1
    assert not leaves(tr, b"FLOODING")


def test_a_blocked_authors_envelopes_still_come_through_others() -> None:
    """A member is the charter's matter: the operator's cut ends a link, and hides no notice."""
    net = NodeNet(GE, TR, AZ, channels={"ALL": (GE, TR, AZ)})
    net.run(2)
    block(net.nodes[TR], GE)
    send(net.nodes[GE], ("group:ALL",))
    net.run(60)
    assert held(net.nodes[TR], GE) == 1


@pytest.mark.parametrize(
    ("agency", "reason", "error"),
    [(TR, "FLOODING", "E0794"), ("XX-NOBODY", "FLOODING", "E0795"), (GE, "because they flood", "E0667")],
)
def test_a_block_that_makes_no_sense_is_refused(agency: str, reason: str, error: str) -> None:
    """Oneself, a stranger, and free text in place of a reason's token."""
    net = NodeNet(GE, TR)
    with pytest.raises(FanalError, match=error):
        block(net.nodes[TR], agency, reason)
    assert net.nodes[TR].node.blocked == {}
