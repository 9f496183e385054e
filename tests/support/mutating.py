# SPDX-License-Identifier: Apache-2.0
"""Valid bytes made wrong in the ways wires, disks and attackers do; the seed says which."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

Mutation = Callable[[random.Random, bytes], bytes]


def _flip(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def _leave_out(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 16) :]


def _put_in(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.randint(1, 16)) + data[at:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    at, size = rng.randrange(len(data)), rng.randint(1, 64)
    return data[:at] + data[at : at + size] * rng.randint(2, 40) + data[at + size :]


def _swap(rng: random.Random, data: bytes) -> bytes:
    at, middle, end = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:at] + data[middle:end] + data[at:middle] + data[end:]


def _endless_number(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\xff" * rng.randint(1, 12) + data[at + 1 :]


def _append(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice([b"\0", b"\n", data, rng.randbytes(20)])


MUTATIONS: Sequence[Mutation] = (
    _flip, _flip, _cut, _leave_out, _put_in, _repeat, _swap, _endless_number, _append,
)  # fmt: skip


def mutants(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """``count`` changed copies, one to three mutations each; never the original."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        changed = data
        for _ in range(rng.randint(1, 3)):
            changed = rng.choice(MUTATIONS)(rng, changed) if changed else rng.randbytes(8)
        if changed != data:
            made += 1
            yield changed
