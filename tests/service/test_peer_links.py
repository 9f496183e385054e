# SPDX-License-Identifier: Apache-2.0
"""Links between real gRPC endpoints on 127.0.0.1."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.process


def test_two_nodes_that_dial_each_other_end_with_one_link(kit: Any) -> None:
    """Both sides dial at once; one link stays, and both sides keep the same one."""

    async def story() -> None:
        async with kit.world_of("AZ-CUS", "BG-CUS") as world:
            a = await world.start("AZ-CUS", dial=False)
            b = await world.start("BG-CUS", dial=False)
            world.announce("AZ-CUS", "BG-CUS")
            for station in (a, b):
                station.node.directory = world.directory()
                station.links.refresh()
                station.dialer.sync()
            await kit.until(lambda: "BG-CUS" in a.links.links and "AZ-CUS" in b.links.links)
            await a.links.ping("BG-CUS", 7)
            await b.links.ping("AZ-CUS", 8)
            assert a.links.links["BG-CUS"].dialled_by == b.links.links["AZ-CUS"].dialled_by

    kit.run(story())
