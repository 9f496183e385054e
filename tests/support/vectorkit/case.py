# SPDX-License-Identifier: Apache-2.0
"""One file of the test kit: text header, blank line, bytes in hex (tests/vectors/README.md).

The form is strict, so that every reader of the kit sees the same: one spelling per file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
CASES = FOLDER / "cases"
PINNED = FOLDER / "pinned.json"
SUFFIX = ".txt"
OUTCOMES = ("accept", "refuse", "pending")
_WIDTH = 96
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LINE = re.compile(r"(kind|what|outcome|error|step|given\.[a-z0-9-]+|gives\.[a-z0-9-]+): (\S.*)")


@dataclass(frozen=True)
class Case:
    """What is given, what the bytes are, and what a correct implementation makes of them."""

    name: str
    kind: str
    what: str
    outcome: str
    data: bytes = field(repr=False)
    error: str = ""
    step: str = ""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    gives: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        return CASES / self.kind / (self.name + SUFFIX)

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    def text(self) -> str:
        """The file."""
        lines = ["fanal-vector: 1", f"kind: {self.kind}", f"what: {self.what}", f"outcome: {self.outcome}"]
        lines += [f"error: {self.error}"] if self.error else []
        lines += [f"step: {self.step}"] if self.step else []
        lines += [f"given.{key}: {value}" for key, value in self.given.items()]
        lines += [f"gives.{key}: {value}" for key, value in self.gives.items()]
        digits = self.data.hex()
        lines += ["", *(digits[i : i + _WIDTH] for i in range(0, len(digits), _WIDTH))]
        return "\n".join(lines) + "\n"


def read(path: Path) -> Case:
    """The case in a file. Raises ValueError for any form but the one that ``Case.text`` writes."""
    text = path.read_text("utf-8")
    head, _blank, digits = text.partition("\n\n")
    first, *lines = head.split("\n")
    fields: dict[str, dict[str, str]] = {"given": {}, "gives": {}, "": {}}
    for line in lines:
        found = _LINE.fullmatch(line.rstrip("\n"))
        if found is None:
            raise ValueError(f"{path.name}: not a header line: {line[:60]!r}")
        group, _dot, key = found[1].rpartition(".")
        if key in fields[group]:
            raise ValueError(f"{path.name}: {found[1]} twice")
        fields[group][key] = found[2]
    own = fields[""]
    case = Case(
        name=path.stem,
        kind=own.get("kind", ""),
        what=own.get("what", ""),
        outcome=own.get("outcome", ""),
        data=bytes.fromhex(digits),
        error=own.get("error", ""),
        step=own.get("step", ""),
        given=fields["given"],
        gives=fields["gives"],
    )
    if first != "fanal-vector: 1" or case.text() != text:
        raise ValueError(f"{path.name}: not in the one form of version 1")
    check(case)
    return case


def check(case: Case) -> None:
    """Raise ValueError unless the header says all it has to."""
    refused = case.outcome == "refuse"
    if case.outcome not in OUTCOMES or not case.what.endswith(".") or not _NAME.fullmatch(case.name):
        raise ValueError(f"{case.id}: outcome, sentence or name is out of form")
    if not _NAME.fullmatch(case.kind) or bool(case.error) == (case.outcome == "accept"):
        raise ValueError(f"{case.id}: an error id belongs to what is not accepted, and only there")
    if case.gives and refused:
        raise ValueError(f"{case.id}: what is refused gives nothing")


def every() -> list[Case]:
    """All cases of the kit, by kind and name."""
    return [read(path) for path in sorted(CASES.rglob("*")) if path.is_file()]


IN_MAKING: dict[str, Case] = {}
"""While the kit is made: what it will hold."""


def named(reference: str) -> Case:
    """The case that ``@kind/name`` names."""
    if not reference.startswith("@"):
        raise ValueError(f"{reference[:40]!r} names no case")
    return IN_MAKING.get(reference[1:]) or read(CASES / (reference[1:] + SUFFIX))
