# SPDX-License-Identifier: Apache-2.0
"""What ten nodes hold in memory and in descriptors while they work, looked at every so many notices."""

from __future__ import annotations

from networld import NAMES, World, figures

EVERY = 500
"""Notices between two looks."""
FILLS = (16, 16)
"""MiB and descriptors that a node may grow by while what is bounded fills: caches, lists, idle readers."""
WARM = 1000
"""Notices after which it has filled."""
MORE = (4, 4)
"""And what it may grow by from then on, however long it goes on."""
Row = dict[str, tuple[float, int]]


class Growth:
    """The first look is taken now; later ones by `look`, when all links stand."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._began = len(world.sent)
        self.rows: list[tuple[int, Row]] = []
        self.look()

    def look(self, every: int = EVERY) -> None:
        """Take the figures down if so many notices were sent since the last time."""
        sent = len(self._world.sent) - self._began
        if self.rows and sent - self.rows[-1][0] < every:
            return
        self._world.linked(NAMES, len(NAMES) - 1)
        row = {name: figures(node) for name, node in self._world.nodes.items()}
        self.rows.append((sent, row))
        print(
            f"  after {sent} notices: " + ", ".join(f"{mib:.1f} MiB {fds}" for mib, fds in row.values()),
            flush=True,
        )

    def check(self) -> None:
        """Look a last time; fail if a node has grown by more than `FILLS` in all, or than `MORE` since it was
        warm. That is judged from two looks after `WARM` notices on, and said."""
        self.look(1)
        self._held("in all", self.rows, FILLS)
        warm = [row for row in self.rows if row[0] >= WARM]
        if len(warm) > 1:
            self._held(f"from {warm[0][0]} notices on", warm, MORE)
        else:
            print(f"  what they grow by from {WARM} notices on is not judged: too few looks", flush=True)

    def _held(self, what: str, rows: list[tuple[int, Row]], allowed: tuple[int, int]) -> None:
        first, last = rows[0][1], rows[-1][1]
        mib, files = (max(last[name][at] - first[name][at] for name in NAMES) for at in (0, 1))
        print(f"  most that one grew by, {what}: {mib:.1f} MiB, {files} descriptors", flush=True)
        assert mib < allowed[0]
        assert files <= allowed[1]
