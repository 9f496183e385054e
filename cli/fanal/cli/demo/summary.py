# SPDX-License-Identifier: Apache-2.0
"""What a person reads at the end, and what a program gets."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TypedDict

from fanal.cli.demo.expectations import Expectations, Step
from fanal.cli.demo.plan import RELAY, Plan
from fanal.i18n import _, say

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
    text = _(
        "A network of {count} agencies and a relay on this machine, with throw-away keys.\n"
        "Key files stand in for passphrases, so that nothing is asked; everything else is as in earnest.\n"
    )
    return say(text, count=len(plan.agencies))


def line(step: Step) -> str:
    """One step, when it is done."""
    mark = say(_("ok")) if step.held else say(_("FAILED"))
    head = say(_("{name:<10} {mark:<6} {seconds:5.1f} s  {checked:5d} checks"), **vars(step), mark=mark)
    # What did not hold is told in its place: the words would claim it.
    lines = textwrap.wrap(step.words if step.held else "", _WIDTH - 12)
    text = "\n".join([head, *(" " * 11 + one for one in lines)])
    failed = step.failures[:_SHOWN]
    more = (
        [say(_("... and {count} more"), count=len(step.failures) - _SHOWN)] if step.failures[_SHOWN:] else []
    )
    return "\n".join([text, *(" " * 11 + say(_("not held: {what}"), what=one) for one in (*failed, *more))])


def ending(all_: Expectations, seconds: float) -> str:
    """The sum."""
    held = all_.total - len(all_.failures)
    text = _("\nEvery expectation held: {held} of {total}, in {seconds:.1f} s.")
    if all_.failures:
        text = _("\nNOT every expectation held: {held} of {total}, in {seconds:.1f} s.")
    return say(text, held=held, total=all_.total, seconds=seconds)


def so_far(all_: Expectations, seconds: float) -> str:
    """The sum while the network goes on running."""
    held = all_.total - len(all_.failures)
    text = _("\n{held} of {total} expectations held so far, in {seconds:.1f} s. The network is running.")
    return say(text, held=held, total=all_.total, seconds=seconds)


def next_steps(plan: Plan, folder: Path | None, running: bool) -> str:
    """What to try now."""
    tries: list[tuple[str, str]] = []
    if folder is None:
        tries += [
            ("fanal demo --keep DIR --stay", _("the same network, left running; each agency's home in DIR")),
            ("fanal help start", _("how an agency of your own begins")),
        ]
    else:
        tries.append((f"export FANAL_HOME={folder / plan.governor.lower()}", ""))
        if not running:
            tries.append(("fanal node run &", _("start its node again, and so those of the others")))
        tries += [
            ("fanal notice list", _("what came in")),
            ("fanal notice list --folder sent", _("what went out; then: fanal notice track REF")),
            ("fanal audit verify", _("check the ledger")),
            ("fanal network invite MD-CUS", _("let one more agency in; see fanal help start")),
        ]
    lines = [f"  {typed:<32} {say(why) if why else ''}".rstrip() for typed, why in tries]
    stop = [say(_("Ctrl-C here ends the network."))] if running else []
    return "\n".join([say(_("What to try next:")), *lines, *stop])
