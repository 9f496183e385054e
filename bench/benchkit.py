# SPDX-License-Identifier: Apache-2.0
"""What every figure stands beside: the machine, its load, and yardsticks measured in the same run.

Promise: an absolute time is never a result. A figure is a ratio to a yardstick of its own run, and the run
says whether a neighbour held the other core.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
RESULTS = BENCH / "results"
for _room in ("proto", "keys", "config", "node", "cli", "tests/support"):
    sys.path.insert(0, str(BENCH.parent / _room))

CALM = 1.6
"""Two processes of a pure loop do at least this much more than one, when nobody holds the other core."""
_LOOP = 2_000_000


def _spin(_: int) -> None:
    count = 0
    while count < _LOOP:
        count += 1


def scaling() -> float:
    """How many times the work of one process two do in the same time: the best of three."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(_spin, range(2))
        best = 0.0
        for _turn in range(3):
            began = time.perf_counter()
            pool.map(_spin, [0], 1)
            one = time.perf_counter() - began
            began = time.perf_counter()
            pool.map(_spin, [0, 1], 1)
            best = max(best, 2 * one / (time.perf_counter() - began))
    return best


def fsyncs(folder: Path, count: int = 100) -> list[float]:
    """Seconds of each bare write of 4 KiB and fsync in this folder."""
    found = []
    handle = os.open(folder / "yardstick", os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(count):
            began = time.perf_counter()
            os.pwrite(handle, bytes(4096), 0)
            os.fsync(handle)
            found.append(time.perf_counter() - began)
    finally:
        os.close(handle)
    return found


def verify_seconds(count: int = 2000) -> float:
    """V: CPU seconds of one bare PyNaCl Ed25519 verification of the same bytes; the best of four loops."""
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    signed, public = key.sign(bytes(400)), key.verify_key
    best = float("inf")
    for _turn in range(4):
        began = time.process_time()
        for _ in range(count):
            public.verify(signed)
        best = min(best, (time.process_time() - began) / count)
    return best


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, 99th percentile, least and greatest."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "count": len(ordered),
        "median": statistics.median(ordered),
        "p99": ordered[min(last, round(0.99 * last))],
        "min": ordered[0],
        "max": ordered[last],
    }


def machine() -> dict[str, Any]:
    """Where this ran, and under what load."""
    import cryptography
    import grpc
    import nacl

    return {
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "versions": {one.__name__: one.__version__ for one in (cryptography, grpc, nacl)},
        "load_average": os.getloadavg(),
        "two_processes_scale": round(scaling(), 2),
    }


def begin() -> dict[str, Any]:
    """The machine; ends the run when it is not calm, unless ``--busy`` says that this is known."""
    here = machine()
    here["calm"] = here["two_processes_scale"] >= CALM
    if not here["calm"] and "--busy" not in sys.argv:
        scale = here["two_processes_scale"]
        sys.exit(f"refused: two processes scale by {scale}, not {CALM}: a neighbour holds a core (--busy)")
    note = "" if here["calm"] else "   BUSY: a neighbour holds a core, times are worth little"
    print(f"{here['cores']} cores, two processes scale {here['two_processes_scale']}{note}\n")
    return here


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table of text, first column left, the others right."""
    cells = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    print(title)
    for number, row in enumerate(cells):
        padded = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  " + "  ".join([row[0].ljust(widths[0]), *padded[1:]]))
        if not number:
            print("  " + "  ".join("-" * width for width in widths))
    print()


def _text(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)


def write(name: str, result: dict[str, Any]) -> None:
    """Keep the run as bench/results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"kept in {path.relative_to(BENCH.parent)}")
