# SPDX-License-Identifier: Apache-2.0
"""Long times on the network in memory."""

from __future__ import annotations

from nodenet import NodeNet

from fanal.v1 import officer_pb2 as api

DAY = 86_400


def later(net: NodeNet, days: float) -> None:
    """Days pass; an operator of each node says that the clock is right, and the retention job runs."""
    net.now += days * DAY
    for host in net.nodes.values():
        if host.alive and not host.node.locked:
            host.desk.confirm(host.officer, api.ConfirmRequest(what="clock"))
            host.host.start()
    net.run(30)
