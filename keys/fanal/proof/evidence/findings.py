# SPDX-License-Identifier: Apache-2.0
"""The checks of a bundle as they come, and the verdict over them.

Promise: every check ends passed, failed or undecided, whatever it meets; the verdict is failed if any failed,
else undecided if one is that the verdict needs, else passed. What a bundle simply does not show (no receipt
of a reader, a redacted text) is an undecided line that the verdict does not need.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from fanal.errors import FanalError
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.proof.audit import Check, Status


class Undecided(Exception):  # noqa: N818
    """A check that this bundle cannot decide. ``needed``: without it the verdict is undecided too."""

    def __init__(self, detail: str, *, expected: str = "", found: str = "", needed: bool = True) -> None:
        super().__init__(detail)
        self.detail, self.expected, self.found, self.needed = detail, expected, found, needed


@dataclass
class Step:
    """What a passing check tells."""

    expected: str = ""
    found: str = ""
    detail: str = ""


@dataclass(frozen=True)
class EvidenceReport:
    """All checks in the order in which they were made."""

    checks: tuple[Check, ...]
    verdict: Status
    needed: tuple[str, ...] = ()
    """Names of undecided checks on which the verdict hangs."""

    def facts(self) -> dict[str, object]:
        """The report as JSON values."""
        names = ("name", "expected", "found", "detail")
        rows = [{n: getattr(c, n) for n in names} | {"status": c.status.value} for c in self.checks]
        return {"verdict": self.verdict.value, "checks": rows}


@dataclass
class Findings:
    """The checks made so far."""

    checks: list[Check] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)
    """Names of undecided checks that leave the verdict undecided."""

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[Step]:
        """One check: the body fills the step, raises Undecided, or raises what failed."""
        step = Step()
        try:
            yield step
        except Undecided as doubt:
            self._add(name, Status.UNDECIDED, doubt.expected, doubt.found, doubt.detail, doubt.needed)
        except (UnknownCharter, UnknownIdentity) as unknown:
            self._add(name, Status.UNDECIDED, "", "", unknown.sentence, True)
        except FanalError as error:
            expected, found = str(error.facts.get("expected", "")), str(error.facts.get("found", ""))
            self._add(name, Status.FAILED, expected, found, error.sentence)
        else:
            self._add(name, Status.PASSED, step.expected, step.found, step.detail)

    def passed(self, name: str) -> bool:
        """Whether the check was made and passed."""
        return any(one.name == name and one.status is Status.PASSED for one in self.checks)

    def report(self) -> EvidenceReport:
        """The verdict over all of it."""
        found = {one.status for one in self.checks}
        if Status.FAILED in found:
            verdict = Status.FAILED
        elif self.needed or not self.checks:
            verdict = Status.UNDECIDED
        else:
            verdict = Status.PASSED
        return EvidenceReport(tuple(self.checks), verdict, tuple(sorted(self.needed)))

    def _add(
        self, name: str, status: Status, expected: str, found: str, detail: str, needed: bool = False
    ) -> None:
        self.checks.append(Check(name, status, expected, found, detail))
        if needed:
            self.needed.add(name)
