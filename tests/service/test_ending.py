# SPDX-License-Identifier: Apache-2.0
"""The end of a node: what does not end takes its own part of the time and no other's."""

from __future__ import annotations

import asyncio
import queue

import pytest
import structlog.testing

from fanal.errors import Exit
from fanal.node.service import ending
from fanal.node.service.ending import Cut, Ending


def test_a_step_that_never_ends_leaves_the_others_their_time() -> None:
    """Given up at its part, named with it; those after it are done, and all of them within the time."""

    async def story() -> tuple[list[str], float]:
        loop, done = asyncio.get_running_loop(), list[str]()
        began, end = loop.time(), Ending(1.0)

        async def quick() -> None:
            done.append("quick")

        await end.step("hung", asyncio.Event().wait(), 0.2)
        assert loop.time() - began >= 0.2
        await end.step("quick", quick(), 0.3)
        return done, end.left(1.0)

    with structlog.testing.capture_logs() as logged:
        done, left = asyncio.run(story())
    assert (done, left > 0) == (["quick"], True)
    assert [(one["event"], one["step"], one["ended"]) for one in logged] == [("stop_slow", "hung", False)]


def test_a_step_that_fails_stops_none_of_those_after_it() -> None:
    """The fault is told, and the files are closed all the same."""

    async def story() -> None:
        async def fail() -> None:
            raise RuntimeError("planted")

        await Ending(1.0).step("broken", fail(), 0.5)

    with structlog.testing.capture_logs() as logged:
        asyncio.run(story())
    assert [(one["event"], one["step"]) for one in logged] == [("stop_failed", "broken")]


def test_a_process_that_waits_for_a_thread_is_cut_and_one_that_has_ended_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With an exit code that says so, once it was begun and unless it was taken back."""
    monkeypatch.setattr(ending, "_SOONEST_CUT", 0.0)
    codes: queue.Queue[int] = queue.Queue()
    taken_back = Cut(0.05, codes.put)
    taken_back.begin()
    taken_back.cancel()
    Cut(0.0, codes.put).cancel()
    Cut(0.1, codes.put).begin()
    assert codes.get(timeout=30) == Exit.FAILED
    assert codes.empty()
