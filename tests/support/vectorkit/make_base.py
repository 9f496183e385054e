# SPDX-License-Identifier: Apache-2.0
"""How a maker says what it makes: accepted, refused with error and step, or pending."""

from __future__ import annotations

from vectorkit.case import Case

ANY = "*"
"""Whatever our reader says; the kit then records it, and only the outcome binds others."""


class Collected:
    """The cases made so far; a name is used once."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    def add(self, case: Case) -> Case:
        if case.id in self.cases:
            raise ValueError(f"{case.id} is made twice")
        self.cases[case.id] = case
        return case

    def accept(self, kind: str, name: str, what: str, data: bytes, **given: object) -> Case:
        """What it gives is recorded from our implementation; the second reading checks it."""
        return self.add(Case(name, kind, what, "accept", data, given=texts(given), gives={ANY: ANY}))

    def refuse(
        self, kind: str, name: str, what: str, data: bytes, error: str, step: str = "", **given: object
    ) -> Case:
        return self.add(Case(name, kind, what, "refuse", data, error, step, texts(given)))

    def wait(
        self, kind: str, name: str, what: str, data: bytes, error: str, step: str = "", **given: object
    ) -> Case:
        return self.add(Case(name, kind, what, "pending", data, error, step, texts(given)))

    def judge(self, name: str, what: str, data: bytes, verdict: str, **given: object) -> Case:
        """A bundle, and the verdict that its checks come to."""
        return self.add(
            Case(name, "bundle", what, "accept", data, given=texts(given), gives={"verdict": verdict})
        )


def texts(given: dict[str, object]) -> dict[str, str]:
    """Inputs as a header says them: bytes in hex, numbers in decimal, names with hyphens."""
    return {
        key.replace("_", "-"): value.hex() if isinstance(value, bytes) else str(value)
        for key, value in given.items()
        if value != b""
    }


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes but for one bit."""
    out = bytearray(data)
    out[bit // 8] ^= 1 << (bit % 8)
    return bytes(out)
