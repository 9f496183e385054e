# SPDX-License-Identifier: Apache-2.0
"""S2: an alert behind saturated bulk on a slow line, with credits and, as the control, without.

Two real nodes, real mTLS, real disks, and between them a line in user space: one rate, one queue, one delay
for all connections of a direction. Officers on both sides keep more bulk waiting than the line carries; then
FLASH notices are timed from `send` acknowledged to STORED as the sender's `track` shows it. Beside each busy
figure stands the idle one of the same nodes on the same line; what counts is their difference.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import benchkit
from slowline import Terms
from slowpair import A, B, Pair, alerts, saturated, slow_pair

ONE_WAY = 0.15
LINES = {"64 kB/s": (Terms(64_000, ONE_WAY), 20), "64 kbit/s": (Terms(8_000, ONE_WAY), 6)}
"""Each with the number of alerts timed on it."""
ONE_CONNECTION = {"FANAL_LIMITS_CONNECTIONS_PER_KEY": "1"}
RUNS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "credits and Bulk": ((), {}),
    "credits, one connection": ((), ONE_CONNECTION),
    "without credits (control)": (("older",), {}),
}


def measured(
    pair: Pair, terms: Terms, count: int, words: tuple[str, ...], settings: dict[str, str]
) -> dict[str, Any]:
    """Idle and busy latencies in seconds, and the share of the line that was in use in each direction."""
    pair.line.set_terms(terms)
    pair.run_as("bulk-notices", *words, **settings)
    alerts(pair.nodes[A], B, 2, 0.2)
    idle = alerts(pair.nodes[A], B, 8, 0.2)
    with saturated(pair, ahead=max(12, int(terms.rate / 1200))):
        alerts(pair.nodes[A], B, 2, 1.0)
        before, began = (pair.line.there.carried, pair.line.back.carried), time.monotonic()
        busy = alerts(pair.nodes[A], B, count, 0.7)
        took = time.monotonic() - began
        carried = (pair.line.there.carried - before[0], pair.line.back.carried - before[1])
        pair.line.set_terms(Terms(10_000_000, 0.01))  # what is left is no part of the measurement
    return {"idle": idle, "busy": busy, "used": [one / took / terms.rate for one in carried]}


def main() -> None:
    result: dict[str, Any] = {"machine": benchkit.begin(), "one_way": ONE_WAY, "runs": {}}
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="fanal-bench-") as folder,
        slow_pair(Path(folder), LINES["64 kB/s"][0]) as pair,
    ):
        for line, (terms, count) in LINES.items():
            for name, (words, settings) in RUNS.items():
                run = measured(pair, terms, count, words, settings)
                found = {which: benchkit.spread(run[which]) for which in ("idle", "busy")}
                result["runs"][f"{line}, {name}"] = {**found, "used": run["used"]}
                beyond = found["busy"]["median"] - found["idle"]["median"]
                least = [found["idle"]["median"], found["busy"]["median"], found["busy"]["p99"]]
                rows.append([f"{line}, {name}", *least, beyond, *run["used"]])
    head = ["seconds", "idle median", "busy median", "busy p99", "added", "line used", "and back"]
    title = f"FLASH to STORED behind bulk both ways, round trip {2 * ONE_WAY:g} s"
    benchkit.table(title, head, rows)
    benchkit.write("slow_line", result)


if __name__ == "__main__":
    sys.exit(main())
