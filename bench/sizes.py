# SPDX-License-Identifier: Apache-2.0
"""How long the files and functions of the source are: lines as they stand, generated code left out."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import benchkit

ROOMS = ("proto", "keys", "config", "node", "cli")
FILES = (100, 200, 300, 400)
FUNCTIONS = (10, 20, 40, 80)


def sources(folder: Path) -> list[Path]:
    """Every module that is written by hand."""
    return [path for path in sorted(folder.rglob("*.py")) if "_pb2" not in path.name]


def functions(path: Path) -> list[tuple[int, str]]:
    """Length and name of every function, decorators and docstring included."""
    return [
        (node.end_lineno - min([node.lineno, *(one.lineno for one in node.decorator_list)]) + 1, node.name)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def row(name: str, lengths: list[int], bounds: tuple[int, ...]) -> list[object]:
    """Count, sum, median, 90th percentile, longest, and per cent within each bound."""
    ordered = sorted(lengths)
    within = [f"{sum(one <= bound for one in ordered) / len(ordered):.1%}" for bound in bounds]
    return [
        name, len(ordered), sum(ordered), int(statistics.median(ordered)), ordered[int(0.9 * len(ordered))],
        ordered[-1], *within,
    ]  # fmt: skip


def main() -> None:
    top = benchkit.BENCH.parent
    rooms = {room: sources(top / room / "fanal") for room in ROOMS}
    everything = {**rooms, "all rooms": [path for paths in rooms.values() for path in paths]}
    everything["tests"] = sources(top / "tests")
    file_rows, function_rows = [], []
    for name, paths in everything.items():
        file_rows.append(row(name, [len(path.read_text().splitlines()) for path in paths], FILES))
        lengths = [length for path in paths for length, _ in functions(path)]
        function_rows.append(row(name, lengths, FUNCTIONS))
    head = ["count", "lines", "median", "p90", "longest"]
    benchkit.table("Files", ["room", *head, *(f"<= {one}" for one in FILES)], file_rows)
    benchkit.table("Functions", ["room", *head, *(f"<= {one}" for one in FUNCTIONS)], function_rows)
    longest = sorted(
        (length, f"{path.relative_to(top)}:{name}")
        for path in everything["all rooms"]
        for length, name in functions(path)
    )
    benchkit.table("Longest functions", ["function", "lines"], [(n, length) for length, n in longest[:-6:-1]])
    benchkit.write("sizes", {"files": file_rows, "functions": function_rows})


if __name__ == "__main__":
    main()
