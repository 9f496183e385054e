# SPDX-License-Identifier: Apache-2.0
"""S1: how fast, and how often, an entry reaches everybody, by each way, with and without withholders.

The production core on a network in memory (tests/support/memspread.py). Time is virtual and everything is
seeded, so the figures are the same on every machine and at every load; only `cpu_seconds` is not.
Signatures are stand-ins, and the lane key is taken to have been given before.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import sys
import time
from collections.abc import Iterable
from typing import Any

import benchkit
from memspread import Setting, Spread
from memstore import FLASH, ROUTINE
from plots import stairs

AUTHORS, WARM, COUNT = 4, 1, 4
"""Of each author: entries before it is measured, and while."""
LATEST = 60.0
"""Seconds for which a run goes on while something is missing."""
NAMES = {FLASH: "FLASH", ROUTINE: "ROUTINE"}
TARGETS = {
    "FLASH": {"p50": 0.5, "p99": 0.8},
    "ROUTINE": {"p50": 1.0, "p99": 2.0, "copies": 1.3},
    "withheld": {"p99": 2.0},
}


def settings(hosts: int, seed: int) -> list[Setting]:
    """What the targets are about first: calm, a quarter withholding from the start, or once trees stand. Then
    the other ways."""
    base = Setting(hosts, seed=seed, authors=AUTHORS)
    wanted = [
        ("tree", ROUTINE, 0.0, False),
        ("tree", ROUTINE, 0.25, True),
        ("tree", FLASH, 0.0, False),
        ("tree", ROUTINE, 0.25, False),
        ("tree", FLASH, 0.25, False),
        ("tree", FLASH, 0.25, True),
        ("flood", ROUTINE, 0.0, False),
        ("pull", ROUTINE, 0.0, False),
        ("flood", ROUTINE, 0.25, False),
        ("pull", ROUTINE, 0.25, False),
    ]
    return [
        dataclasses.replace(base, way=way, priority=priority, withholding=share, turned=turned)
        for way, priority, share, turned in wanted
    ]


def figures(run: Spread) -> dict[str, Any]:
    """Of what was written since the last clear."""
    seconds = run.seconds()
    spread = benchkit.spread(seconds)
    deliveries = run.deliveries()
    return {
        "seconds": {key: round(spread[key], 3) for key in ("median", "p99", "max")},
        "deliveries": len(seconds),
        "missing": run.missing(),
        "copies": round(run.copies(), 3),
        "entry_bytes": round(run.seen.envelope_bytes / deliveries),
        "control_bytes": round(sum(run.seen.control.values()) / deliveries),
        "control_by_kind": {k: round(v / deliveries, 1) for k, v in sorted(run.seen.control.items())},
        "curve": [round(at, 3) for at in _hundredths(seconds)],
    }


def _hundredths(seconds: Iterable[float]) -> list[float]:
    ordered = sorted(seconds)
    return [ordered[min(len(ordered) - 1, len(ordered) * part // 100)] for part in range(101)]


def measured(setting: Setting) -> dict[str, Any]:
    """Trees grow, the bad turn bad, then: the first entry of each author, and those that follow."""
    began = time.process_time()
    run = Spread(setting)
    if not setting.turned:
        run.withhold()
    run.write(WARM)
    run.withhold()
    run.clear()
    run.write(1)
    run.arrive(LATEST)
    first = figures(run)
    run.clear()
    run.write(COUNT)
    run.arrive(LATEST)
    later = figures(run)
    run.net.check_safety()
    cuts = sum(len(host.cuts) for host in run.net.hosts.values())
    return {
        "setting": {**dataclasses.asdict(setting), "priority": NAMES[setting.priority]},
        "first": first,
        "later": later,
        "cuts": cuts,
        "trace": run.net.fingerprint(),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def keyed(seed: int, hosts: int = 60) -> list[list[object]]:
    """New lane keys: until readers can read, and what the wraps take of the lines."""
    found: list[list[object]] = []
    for priority in (ROUTINE, FLASH):
        run = Spread(Setting(hosts, seed=seed, authors=AUTHORS, priority=priority, keyed=True))
        run.write(1, wait=20.0)
        seconds = benchkit.spread(run.readable())
        took = [round(seconds[key], 2) for key in ("median", "p99", "max")]
        lines = sum(run.seen.wrap_bytes.values()) / AUTHORS / len(run.net.links)
        found.append([NAMES[priority], *took, len(run.readable()), round(lines)])
    return found


def label(run: dict[str, Any]) -> str:
    """How a run is called in tables and plots."""
    setting = run["setting"]
    against = f", {setting['withholding']:.0%} withhold" if setting["withholding"] else ""
    return f"{setting['priority']} {setting['way']}{against}{' once trusted' if setting['turned'] else ''}"


def rows(runs: list[dict[str, Any]]) -> list[list[object]]:
    """One line a run."""
    found: list[list[object]] = []
    for run in runs:
        later, first = run["later"], run["first"]
        times = [later["seconds"][key] for key in ("median", "p99", "max")]
        told = [later["copies"], later["control_bytes"], later["missing"] + first["missing"]]
        found.append([label(run), *times, first["seconds"]["p99"], first["seconds"]["max"], *told])
    return found


def verdict(runs: list[dict[str, Any]]) -> dict[str, bool]:
    """Each target of S1, and whether it was met: by the later entries, and where a quarter withholds by the
    first ones too."""
    met: dict[str, bool] = {}
    for run in runs:
        setting = run["setting"]
        if setting["way"] != "tree":
            continue
        name = "withheld" if setting["withholding"] else setting["priority"]
        phases = ("first", "later") if setting["withholding"] else ("later",)
        for what, most in TARGETS[name].items():
            key = "median" if what == "p50" else what
            values = [run[p]["copies"] if what == "copies" else run[p]["seconds"][key] for p in phases]
            met[f"{label(run)}: {what} <= {most}"] = max(values) <= most
        met[f"{label(run)}: 0 missing"] = run["first"]["missing"] + run["later"]["missing"] == 0
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--busy", action="store_true", help="measure although a neighbour holds a core")
    asked = parser.parse_args()
    sys.argv.append("--busy")  # virtual time: the load changes no figure
    result: dict[str, Any] = {"machine": benchkit.begin(), "runs": []}
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for run in pool.imap(measured, settings(asked.hosts, asked.seed)):
            result["runs"].append(run)
            print(*rows([run])[0], f"({run['cpu_seconds']} s of CPU)", flush=True)
    result["met"] = verdict(result["runs"])
    head = ["seconds", "p50", "p99", "max", "first p99", "first max", "copies", "control B", "missing"]
    benchkit.table(f"{asked.hosts} agencies, degree 8, 30 % of lines 256 kbit/s", head, rows(result["runs"]))
    result["keyed"] = keyed(asked.seed)
    keys = ["first notice under a new key", "p50", "p99", "max", "readers", "bytes of wraps a line and key"]
    benchkit.table("60 agencies: seconds until it can be read", keys, result["keyed"])
    benchkit.table(
        "Targets", ["target", "met"], [[k, "yes" if v else "NO"] for k, v in result["met"].items()]
    )
    name = f"dissemination_{asked.hosts}"
    benchkit.write(name, result)
    curves = {label(run): run["later"]["curve"] for run in result["runs"]}
    svg = stairs(f"Share of {asked.hosts} agencies reached", "seconds after writing", curves)
    (benchkit.RESULTS / f"{name}.svg").write_text(svg)
    print(f"plot in bench/results/{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
