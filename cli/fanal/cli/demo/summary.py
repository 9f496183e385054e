# SPDX-License-Identifier: Apache-2.0
"""What a person reads at the end, and what a program gets."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TypedDict

from fanal.cli.demo.expectations import Expectations, Step
from fanal.cli.demo.plan import RELAY, Plan

_WIDTH = 100
_SHOWN = 12


class StepRow(TypedDict):
    name: str
    seconds: float
    expectations: int
    failures: list[str]
    facts: dict[str, object]


class DemoAnswer(TypedDict):
    """``fanal demo --json``: one object at the end."""

    ok: bool
    agencies: list[str]
    relay: str
    network: str
    expectations: int
    failed: int
    seconds: float
    steps: list[StepRow]
    kept: str


def answer(all_: Expectations, plan: Plan, network: str, seconds: float, kept: str) -> DemoAnswer:
    """The JSON shape."""
    return {
        "ok": not all_.failures,
        "agencies": list(plan.agencies),
        "relay": RELAY,
        "network": network,
        "expectations": all_.total,
        "failed": len(all_.failures),
        "seconds": round(seconds, 2),
        "steps": [row(step) for step in all_.steps],
        "kept": kept,
    }


def row(step: Step) -> StepRow:
    """One step in the JSON shape."""
    return {
        "name": step.name,
        "seconds": round(step.seconds, 2),
        "expectations": step.checked,
        "failures": step.failures,
        "facts": step.facts,
    }


def opening(plan: Plan) -> str:
    """Said before anything starts."""
    return (
        f"A network of {len(plan.agencies)} agencies and a relay on this machine, with throw-away keys.\n"
        "Key files stand in for passphrases, so that nothing is asked; everything else is as in earnest.\n"
    )


def line(step: Step) -> str:
    """One step, when it is done."""
    mark = "ok" if step.held else "FAILED"
    head = f"{step.name:<10} {mark:<6} {step.seconds:5.1f} s  {step.checked:5d} checks  "
    # What did not hold is told in its place: the words would claim it.
    lines = textwrap.wrap(step.words if step.held else "", _WIDTH - 12)
    text = "\n".join([head.rstrip(), *(" " * 11 + one for one in lines)])
    failed = step.failures[:_SHOWN]
    more = [f"... and {len(step.failures) - _SHOWN} more"] if len(step.failures) > _SHOWN else []
    return "\n".join([text, *(f"           not held: {one}" for one in (*failed, *more))])


def ending(all_: Expectations, seconds: float) -> str:
    """The sum."""
    held = all_.total - len(all_.failures)
    verdict = "Every expectation held" if not all_.failures else "NOT every expectation held"
    return f"\n{verdict}: {held} of {all_.total}, in {seconds:.1f} s."


def so_far(all_: Expectations, seconds: float) -> str:
    """The sum while the network goes on running."""
    held = all_.total - len(all_.failures)
    return f"\n{held} of {all_.total} expectations held so far, in {seconds:.1f} s. The network is running."


def next_steps(plan: Plan, folder: Path | None, running: bool) -> str:
    """What to try now."""
    if folder is None:
        tries = [
            "fanal demo --keep DIR --stay     the same network, left running; each agency's home in DIR",
            "fanal help start                 how an agency of your own begins",
        ]
        return "What to try next:\n" + "\n".join(f"  {one}" for one in tries)
    home = folder / plan.governor.lower()
    start = (
        []
        if running
        else [f"fanal node run &                 start {plan.governor} again (and the others so)"]
    )
    tries = [
        f"export FANAL_HOME={home}",
        *start,
        "fanal notice list                what came in",
        "fanal notice list --folder sent  what went out; then: fanal notice track REF",
        "fanal audit verify               check the ledger",
        "fanal network invite AM-CUS      let one more agency in (fanal help start)",
    ]
    stop = ["Ctrl-C here ends the network."] if running else []
    return "\n".join(["What to try next:", *(f"  {one}" for one in tries), *stop])
