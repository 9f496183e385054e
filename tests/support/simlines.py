# SPDX-License-Identifier: Apache-2.0
"""What a step does to the lines of a simulated network, whoever stands at their ends."""

from __future__ import annotations

from memnet import MemNet
from simschedule import Step


class Lines:
    """Each step says whether it changed anything."""

    net: MemNet

    def heal_lines(self, _step: Step) -> bool:
        blocked = any(link.blocked for link in self.net.links.values())
        self.net.heal()
        return blocked

    def cut(self, step: Step) -> bool:
        if frozenset((step.agency, step.other)) not in self.net.links:
            return False
        self.net.cut_one_way(step.agency, step.other)
        return True

    def drop(self, step: Step) -> bool:
        link = self.net.links.get(frozenset((step.agency, step.other)))
        if link is None or not link.up:
            return False
        self.net.drop(step.agency, step.other)
        return True
