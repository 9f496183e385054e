# SPDX-License-Identifier: Apache-2.0
"""One hop at low load: from `send` acknowledged to SENT and to STORED, as `track` shows it to an officer.

Two real nodes, real mTLS, real disks. SENT: the receiver has committed it. STORED: it has sealed a receipt,
and the sender has verified that. Receipts are gathered for `receipts_batch_seconds`: measured with 0, and
with the default that a network runs with. The officer asks again and again, so a figure holds the time of a
few calls; asking keeps a part of a core busy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import benchkit
from realnet import RealNode, found_network
from realofficer import RealOfficer

COUNT = 100
TEXT = "Lorry with a false floor, seen at the crossing in the night from Friday to Saturday. " * 10
BATCHED = "FANAL_RECEIPTS_BATCH_SECONDS"
ALOOF = 0.15
"""Seconds between two notices when each is alone: little load, and the checkpoint falls in between."""


class Watch:
    """Notices under way, and when each state was first seen."""

    def __init__(self, officer: RealOfficer) -> None:
        self.officer = officer
        self.sent_at: dict[str, float] = {}
        self.seen: dict[str, dict[str, float]] = {"SENT": {}, "STORED": {}}
        self.calls: list[float] = []

    def send(self) -> None:
        request = self.officer.prepared(["GE-CUS"], TEXT)
        began = time.perf_counter()
        ref = self.officer.send(request).ref
        self.sent_at[ref] = time.perf_counter()
        self.calls.append(self.sent_at[ref] - began)

    @property
    def open(self) -> list[str]:
        return [ref for ref in self.sent_at if ref not in self.seen["STORED"]]

    def look(self, refs: list[str]) -> None:
        """Ask once for each of these."""
        for ref in refs:
            state, now = self.officer.states(ref)["GE-CUS"], time.perf_counter()
            for reached in ("SENT", "STORED")[: 0 if state == "QUEUED" else 2 if state == "STORED" else 1]:
                self.seen[reached].setdefault(ref, now)

    def run(self, every: float, patient: float) -> dict[str, list[float]]:
        """COUNT notices, one each ``every`` seconds; seconds to each state, and of the call itself. What is
        SENT is asked for each ``patient`` seconds: a node takes 10,000 calls a minute."""
        due = later = time.perf_counter()
        while len(self.seen["STORED"]) < COUNT:
            if len(self.sent_at) < COUNT and time.perf_counter() >= due:
                due += every
                self.send()
            self.look([ref for ref in self.open if ref not in self.seen["SENT"]])
            if time.perf_counter() >= later:
                later = time.perf_counter() + patient
                self.look(self.open)
            time.sleep(0.001)
        found = {s: [at - self.sent_at[ref] for ref, at in seen.items()] for s, seen in self.seen.items()}
        return {"send call": self.calls, **found}


def measured(
    nodes: dict[str, RealNode], settings: dict[str, str], every: float, patient: float
) -> dict[str, list[float]]:
    """Restart both nodes with the settings and run."""
    for node in nodes.values():
        if node.process is not None:
            node.end()
        node.settings = settings
        node.start()
    officer = RealOfficer(nodes["AZ-CUS"].home)
    try:
        warm = Watch(officer)
        warm.send()
        while warm.open:
            warm.look(warm.open)
        return Watch(officer).run(every, patient)
    finally:
        officer.again()


def main() -> None:
    result: dict[str, Any] = {"machine": benchkit.begin(), "count": COUNT, "runs": {}}
    with tempfile.TemporaryDirectory(prefix="fanal-bench-") as folder:
        nodes = found_network(Path(folder), ("AZ-CUS", "GE-CUS"), {})
        try:
            runs = {
                "receipts at once": measured(nodes, {BATCHED: "0"}, ALOOF, 0.002),
                "default (batched 5 s)": measured(nodes, {}, 0.5, 0.1),
            }
        finally:
            for node in nodes.values():
                if node.process is not None:
                    node.end()
        disk = benchkit.spread(benchkit.fsyncs(Path(folder)))
    verify = benchkit.verify_seconds()
    result["yardsticks"] = {"fsync_seconds": disk, "verify_cpu_seconds": verify}
    rows = []
    for name, run in runs.items():
        result["runs"][name] = {state: benchkit.spread(values) for state, values in run.items()}
        for state, found in result["runs"][name].items():
            ms = [1000 * found[key] for key in ("median", "p99", "min", "max")]
            rows.append([f"{name}: {state}", *ms, found["median"] / disk["median"], found["median"] / verify])
    head = ["milliseconds", "median", "p99", "min", "max", "median/fsync", "median/V"]
    benchkit.table(f"One hop, {COUNT} notices, from `send` acknowledged", head, rows)
    yard = [
        ["fsync of 4 KiB", *(1000 * disk[key] for key in ("median", "p99", "min", "max")), 1.0, ""],
        ["V, PyNaCl verify (CPU)", 1000 * verify, "", "", "", "", 1.0],
    ]
    benchkit.table("Yardsticks of the same run", head, yard)
    benchkit.write("one_hop", result)


if __name__ == "__main__":
    sys.exit(main())
