# SPDX-License-Identifier: Apache-2.0
"""What is wrong with this machine itself is named: a log that cannot be written, a process that is full."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanal.node.service import descriptors, logs


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger of the node; the handlers of this process come back afterwards."""
    before, level, raising = list(logging.root.handlers), logging.root.level, logging.raiseExceptions
    try:
        yield logging.getLogger("fanal.test")
    finally:
        for one in logging.root.handlers:
            one.close() if one not in before else None
        logging.root.handlers[:] = before
        logging.root.setLevel(level)
        logging.raiseExceptions = raising
        logs.unwritten()


def events(file: Path) -> list[str]:
    return [json.loads(line)["event"] for line in file.read_text().splitlines()]


def test_a_log_whose_folder_is_gone_loses_lines_counts_them_and_goes_on(
    log: logging.Logger, tmp_path: Path
) -> None:
    """Nothing is raised; with the folder back a line says how many are lost, and no finding is left."""
    folder, aside = tmp_path / "log", tmp_path / "aside"
    folder.mkdir()
    logs.configure("info", folder / "fanal.log")
    log.warning("one")
    assert logs.unwritten() is None
    folder.rename(aside)
    log.warning("two")
    log.warning("three")
    lost = logs.unwritten()
    assert lost is not None
    assert (lost.reason, lost.count) == ("No such file or directory", 3)
    folder.mkdir()
    assert logs.unwritten() is None
    log.warning("four")
    assert events(aside / "fanal.log") == ["one"]
    assert events(folder / "fanal.log")[1:] == ["four"]
    assert "3 lines" in events(folder / "fanal.log")[0]


def test_a_log_on_a_full_disk_is_told_of(log: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """stderr leads to a file on a disk without room; the reason is the system's."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr("sys.stderr", full)
        logs.configure("info")
        log.warning("one")
        lost = logs.unwritten()
        assert lost is not None
        assert lost.reason == "No space left on device"
        logging.root.handlers[:] = []
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_grpcs_complaint_about_each_dial_is_said_once_a_minute(log: logging.Logger, tmp_path: Path) -> None:
    """A process without descriptors dials on; what the node says itself is not lost among it."""
    logs.configure("info", tmp_path / "fanal.log")
    for _ in range(100):
        logging.getLogger("grpc._cython.cygrpc").error("Invalid encoding on b'failed: Too many open files'")
    log.warning("one")
    assert len(events(tmp_path / "fanal.log")) == 2


def test_a_process_that_can_open_nothing_more_says_so_with_its_limit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It cannot be asked any more, so its log has to say it; once, however often it looks."""

    async def look() -> None:
        watching = asyncio.create_task(descriptors.watch())
        await asyncio.sleep(0)
        watching.cancel()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def full() -> None:
        await look()
        assert not caplog.messages
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 1, hard))
        try:
            await look()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        [said] = caplog.messages
        assert said.startswith("FANAL-E0816")
        assert str(lowest + 1) in said

    asyncio.run(full())
