# SPDX-License-Identifier: Apache-2.0
"""Everything the demo claims is an expectation: counted, and named when it does not hold.

Exit 0 means that every one of them held; a step that breaks off has failed one.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from fanal.cli.demo.errors import TOO_LATE
from fanal.errors import FanalError
from fanal.i18n import say

T = TypeVar("T")

_PAUSE = 0.05


@dataclass
class Step:
    """One part of the demo: what it found, in words and numbers, and how long it took."""

    name: str
    words: str = ""
    checked: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        return not self.failures

    def expect(self, what: str, held: bool, found: str = "") -> None:
        """One expectation; ``what`` is a sentence that should be true."""
        self.checked += 1
        if not held:
            self.failures.append(f"{what}{': ' + found if found else ''}")

    def say(self, message: str, /, **facts: object) -> None:
        """What the step did, in words: a marked message with its facts."""
        self.words += say(message, **facts)

    def equal(self, what: str, found: object, expected: object) -> None:
        """``found`` is what it should be."""
        self.expect(what, found == expected, f"expected {expected}, found {found}")


@dataclass
class Expectations:
    """All steps in order. ``tell`` is called when one is done."""

    tell: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """A part of the story; a refusal that ends it is an expectation that did not hold."""
        step = Step(name)
        began = time.monotonic()
        try:
            yield step
        except FanalError as error:
            step.expect(f"{name} goes through", False, f"{error.sentence} [{error.kind.id}]")
        except (OSError, subprocess.SubprocessError) as error:
            step.expect(f"{name} goes through", False, f"{type(error).__name__}: {error}")
        step.seconds = time.monotonic() - began
        self.steps.append(step)
        self.tell(step)

    @property
    def total(self) -> int:
        return sum(step.checked for step in self.steps)

    @property
    def failures(self) -> list[str]:
        return [failure for step in self.steps for failure in step.failures]


def until(what: str, seconds: float, found: Callable[[], T]) -> T:
    """The first true answer of ``found``. FanalError TOO_LATE after ``seconds``."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > end:
            raise FanalError(TOO_LATE, seconds=int(seconds), what=what)
        time.sleep(_PAUSE)
    return answer
