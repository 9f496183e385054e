# SPDX-License-Identifier: Apache-2.0
"""Network namespaces of this run, one a line of the switch, and nothing of them left afterwards.

Needs root, `ip` and /dev/net/tun; `impossible` says in words what is missing. Names carry the number of the
process that made them, so two runs never meet, and what a killed run left is removed by the next.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import netswitch
from netswitch import Line
from realnet import PATHS

PREFIX = "fanal-"
_IP = shutil.which("ip") or ""
_COUNT = itertools.count()


def ip(*words: str) -> str:
    """Run `ip`; its output. AssertionError with what it said when it refuses."""
    ran = subprocess.run([_IP, *words], text=True, capture_output=True, check=False, timeout=30)
    assert ran.returncode == 0, (words, ran.stderr)
    return ran.stdout


def namespaces() -> list[str]:
    """Those of any run of these tests."""
    names = [line.split()[0] for line in ip("netns", "list").splitlines()]
    return [name for name in names if _ours(name)]


@cache
def impossible() -> str:
    """Why there can be no namespaces here; empty when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root, and this user is not"
    if not _IP:
        return "there is no ip command (Debian: iproute2)"
    try:
        with Lab(1):
            return ""
    except (AssertionError, OSError) as refused:
        return f"this machine refuses network namespaces: {refused}"


class Lab:
    """So many namespaces, each with one device `line0`, joined by the switch. Use as a context."""

    def __init__(self, count: int) -> None:
        run = (os.getpid(), next(_COUNT))
        self.names = {at: f"{PREFIX}{run[0]}-{run[1]}-{at}" for at in range(1, count + 1)}
        self._devices = {at: f"fn{run[0]:x}x{run[1]:x}x{at}" for at in self.names}
        self.lines: dict[int, Line] = {}
        self.parted: set[tuple[int, int]] = set()
        self._switch: subprocess.Popen[str] | None = None

    def __enter__(self) -> Lab:
        _sweep()
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def inside(self, number: int) -> tuple[str, ...]:
        """What a command begins with to run there; it becomes that command (ip-netns(8)), pid and all."""
        return (_IP, "netns", "exec", self.names[number])

    def set(self, lines: dict[int, Line] | None = None, parted: set[tuple[int, int]] | None = None) -> None:
        """From now on: these lines (all others are perfect) and these pairs (sender, receiver) parted."""
        self.lines = self.lines if lines is None else lines
        self.parted = self.parted if parted is None else parted
        assert self._switch is not None
        assert self._switch.stdin is not None
        assert self._switch.poll() is None, "the switch has ended"
        self._switch.stdin.write(netswitch.state(self.lines, self.parted) + "\n")
        self._switch.stdin.flush()

    def carried(self, number: int) -> tuple[int, int]:
        """Bytes that have come down this line and that were sent up it, headers included."""
        told = json.loads(ip("-n", self.names[number], "-s", "-j", "link", "show", "line0"))[0]["stats64"]
        return int(told["rx"]["bytes"]), int(told["tx"]["bytes"])

    def _begin(self) -> None:
        command = [sys.executable, "-m", "netswitch", *self._devices.values()]
        self._switch = subprocess.Popen(
            command, env={"PYTHONPATH": PATHS}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self._switch.stdout is not None
        if self._switch.stdout.readline().strip() != "ready":
            raise OSError(self._switch.communicate()[1].strip().rpartition("\n")[2])
        for number, name in self.names.items():
            ip("netns", "add", name)
            ip("link", "set", self._devices[number], "netns", name, "name", "line0")
            ip("-n", name, "addr", "add", f"{netswitch.address(number)}/24", "dev", "line0")
            ip("-n", name, "link", "set", "line0", "up")
            ip("-n", name, "link", "set", "lo", "up")

    def _end(self) -> None:
        if self._switch is not None:
            self._switch.communicate()
        for name in set(self.names.values()) & set(namespaces()):
            ip("netns", "del", name)


def _ours(name: str) -> bool:
    return name.startswith(PREFIX) and name.removeprefix(PREFIX).partition("-")[0].isdigit()


def _sweep() -> None:
    """Remove what killed runs left: namespaces whose maker lives no more."""
    for name in namespaces():
        if not Path("/proc", name.removeprefix(PREFIX).partition("-")[0]).exists():
            ip("netns", "del", name)
