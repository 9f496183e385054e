# SPDX-License-Identifier: Apache-2.0
"""Who takes part: the agencies, the relay, who is linked only through it, and what is to be broken. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.cli.demo import corpus

RELAY = "XX-RLY"
FIRST = ("AZ-CUS", "TR-CUS", "GE-CUS", "KZ-CUS", "UZ-CUS", "BG-CUS", "IT-CGD", "TN-CGD")
"""In this order agencies are taken; with these eight the corpus gives 27 notices of 19 kinds."""
CHANNEL = "CASPIAN"
FEWEST = 3

RELAY_READS, DROP_ONE, FLIP_LEAF = "relay-reads", "drop-one", "flip-leaf"
SABOTAGES = (RELAY_READS, DROP_ONE, FLIP_LEAF)


@dataclass(frozen=True)
class Plan:
    """A network of the demo. The first agency founds and governs it."""

    agencies: tuple[str, ...]
    duty: frozenset[str]
    channels: dict[str, tuple[str, ...]]
    behind: str
    """The agency that is linked with nobody but the relay."""
    sabotage: str = ""

    @property
    def governor(self) -> str:
        return self.agencies[0]

    @property
    def everybody(self) -> tuple[str, ...]:
        """The agencies and the relay."""
        return (*self.agencies, RELAY)

    def linked(self, agency: str) -> frozenset[str]:
        """With whom the node of ``agency`` shall be connected."""
        if agency == self.behind:
            return frozenset({RELAY})
        apart = {agency} if agency == RELAY else {agency, self.behind}
        return frozenset(self.everybody) - apart


def plan(count: int, sabotage: str = "") -> Plan:
    """A network of ``count`` agencies and a relay."""
    known = corpus.context()
    others = [agency for agency in sorted(known["agencies"]) if agency not in FIRST]
    agencies = (*FIRST, *others)[:count]
    groups = {name: tuple(a for a in agencies if a in members) for name, members in known["groups"].items()}
    return Plan(
        agencies=agencies,
        duty=frozenset(a for a in agencies if known["agencies"][a]["duty_contact"]),
        channels={name: members for name, members in groups.items() if len(members) > 1},
        behind="UZ-CUS" if "UZ-CUS" in agencies else agencies[-1],
        sabotage=sabotage,
    )


def most() -> int:
    """How many agencies the corpus knows."""
    return len(corpus.context()["agencies"])
