# SPDX-License-Identifier: Apache-2.0
"""The lines between network namespaces: a process that carries IP packets from TUN device to TUN device.

    python -m netswitch DEVICE...

Each device is one agency's line, number 1, 2, ... in the order given; line N has the address 10.77.0.N. A
packet goes up its sender's line and down its receiver's. Each way has its own terms (see `Way`): a rate with
a queue of bounded bytes, a delay, jitter (which reorders), loss, duplicates, a cut. Pairs of lines can be
parted. Every line of standard input is a JSON object with the whole state from then on; the end of input is
the end of the process, and with it the devices are gone. No kernel module is needed: some have no netem.
"""

from __future__ import annotations

import fcntl
import heapq
import itertools
import json
import os
import random
import select
import struct
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
PACKET = 2048
BURST = 64
"""Packets taken from one device before the others have their turn."""


@dataclass(frozen=True)
class Way:
    """One direction of a line: bytes a second (0: any), bytes that may queue for it, seconds of delay, most
    seconds of jitter beside it, chances of loss and of a second copy, and whether nothing gets through."""

    rate: float = 0.0
    queue: int = 64 * 1024
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    twice: float = 0.0
    cut: bool = False


@dataclass(frozen=True)
class Line:
    """Both directions, as the agency at its end sees them."""

    up: Way = field(default_factory=Way)
    down: Way = field(default_factory=Way)


def address(number: int) -> str:
    return f"10.77.0.{number}"


def state(lines: dict[int, Line], parted: set[tuple[int, int]]) -> str:
    """What the switch reads: lines that are not named are perfect; `parted` holds (sender, receiver)."""
    told = {str(number): asdict(line) for number, line in lines.items()}
    return json.dumps({"lines": told, "parted": sorted(parted)})


class Switch:
    """Packets under way, by the time at which they are due."""

    def __init__(self, devices: dict[int, int], seed: int = 1) -> None:
        self._devices = devices
        self._ways: dict[tuple[int, str], Way] = {}
        self._parted: set[tuple[int, int]] = set()
        self._free: dict[tuple[int, str], float] = {}
        self._due: list[tuple[float, int, int, int, bytes]] = []
        self._number = itertools.count()
        self._rng = random.Random(seed)

    def become(self, told: dict[str, Any]) -> None:
        lines = told["lines"].items()
        self._ways = {(int(at), way): Way(**line[way]) for at, line in lines for way in ("up", "down")}
        self._parted = {(sender, receiver) for sender, receiver in told["parted"]}

    def wait(self) -> float:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else 1.0

    def take(self, number: int) -> None:
        """Everything that waits at one device goes up its line."""
        for _ in range(BURST):
            try:
                packet = os.read(self._devices[number], PACKET)
            except BlockingIOError:
                return
            to = packet[19]  # the last byte of an IPv4 header's destination
            if packet[0] >> 4 == 4 and to in self._devices and (number, to) not in self._parted:
                self._pass(number, "up", to, packet, time.monotonic())

    def deliver(self) -> None:
        """What is due has come up its line and goes down the next, or has arrived."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            when, _, goes_down, to, packet = heapq.heappop(self._due)
            if goes_down:
                self._pass(to, "down", to, packet, when)
                continue
            try:
                os.write(self._devices[to], packet)
            except OSError:
                continue  # a full device loses packets, as any line does

    def _pass(self, number: int, name: str, to: int, packet: bytes, now: float) -> None:
        way = self._ways.get((number, name), _PERFECT)
        if way.cut or self._rng.random() < way.loss:
            return
        if way.rate:
            free = max(self._free.get((number, name), 0.0), now)
            if (free - now) * way.rate > way.queue:
                return
            now = self._free[(number, name)] = free + len(packet) / way.rate
        for _ in range(2 if self._rng.random() < way.twice else 1):
            due = now + way.delay + way.jitter * self._rng.random()
            heapq.heappush(self._due, (due, next(self._number), int(name == "up"), to, packet))


_PERFECT = Way()


def opened(name: str) -> int:
    """A TUN device of this name in the network namespace of this process; it lives as long as the file."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_NO_PI))
    return device


def main(*names: str) -> None:
    devices = {at: opened(name) for at, name in enumerate(names, start=1)}
    numbers = {device: at for at, device in devices.items()}
    switch = Switch(devices)
    print("ready", flush=True)
    told = b""
    while True:
        ready, _, _ = select.select([0, *numbers], [], [], switch.wait())
        if 0 in ready:
            read = os.read(0, 1 << 20)
            if not read:
                return
            *whole, told = (told + read).split(b"\n")
            if whole:
                switch.become(json.loads(whole[-1]))
        for device in ready:
            if device:
                switch.take(numbers[device])
        switch.deliver()


if __name__ == "__main__":
    main(*sys.argv[1:])
