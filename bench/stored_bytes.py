# SPDX-License-Identifier: Apache-2.0
"""Bytes stored per notice of 1.5 kB to 5 and to 20 readers, at the sender and at one reader.

Growth of ledger.db and vault.db in whole pages over COUNT notices, the write-ahead log folded in, divided by
COUNT. Everything that sending causes is in it: the KEY envelope with its post-quantum wraps, leaves and tree,
deliveries, the readers' receipts, checkpoints, the opened notice, its index of words and identifiers. The
nodes are whole ones on the network in memory with virtual time; sender and one reader keep real files.
Receipts are gathered per reader over five seconds, so what they cost depends on how often one writes: a
notice a minute (a receipt of each reader for each notice) and ten a second (a receipt for fifty).
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import benchkit
from nodenet import NodeHost, NodeNet, some_notice

from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.sqlite import open_ledger
from fanal.v1.notice_pb2 import Notice

AUTHOR = "AZ-CUS"
COUNT = 200
BYTES = 1500
READERS = (5, 20)
PACES = {"one a minute": 60.0, "ten a second": 0.1}
FILES = ("ledger.db", "vault.db")
WORDS = (
    *("container", "seal", "broken", "false", "floor", "reefer", "unit", "cartons", "tobacco", "declared"),
    *("tiles", "driver", "changed", "plates", "second", "crossing", "weight", "differs", "from", "manifest"),
    *(
        "scanner",
        "shows",
        "dense",
        "block",
        "behind",
        "bulkhead",
        "consignee",
        "unknown",
        "address",
        "spring",
    ),
    *("carrier", "used", "twice", "before", "transit", "guarantee", "cancelled", "next", "day", "customs"),
)


def names(count: int) -> list[str]:
    """A sender and so many readers."""
    return [AUTHOR, *(f"XX-R{number:02d}" for number in range(count))]


def notice_of(number: int, readers: list[str], network: NodeNet) -> Notice:
    """A notice of BYTES bytes once it is stamped and addressed; every one has words of its own."""
    notice = some_notice(AUTHOR, "", int(network.now))
    draw = random.Random(number)
    overhead = notice.ByteSize() + len(readers) * 8 + 30  # recipients, ref and times
    text = f"Case {number}:"
    while len(text) < BYTES - overhead:
        text += f" {draw.choice(WORDS)}" if draw.random() < 0.8 else f" {draw.randrange(10_000)}"
    notice.texts[0].text = text
    return notice


def on_disk(host: NodeHost, folder: Path) -> None:
    """Give a host real files in place of its memory."""
    host.ledger = open_ledger(folder, now=int(host.net.now), random=host.net.rng)  # type: ignore[assignment]
    host.vault = open_vault(folder / "vault.db", bytes(32))  # type: ignore[assignment]
    host.start()


def sizes(host: NodeHost, folder: Path) -> dict[str, int]:
    """Bytes of the two files once everything has been folded in, as a node leaves them behind."""
    host.ledger.close()
    host.vault.close()
    return {name: (folder / name).stat().st_size for name in FILES}


def growth(readers: int, pace: float, count: int) -> tuple[dict[str, dict[str, int]], int]:
    """Sizes after ``count`` notices: place -> file -> bytes; and the median size of the notices sent."""
    network = NodeNet(*names(readers), linked=False)
    others = names(readers)[1:]
    sender = network.nodes[AUTHOR]
    with tempfile.TemporaryDirectory(prefix="fanal-bench-") as top:
        folders = {
            "sender": (sender, Path(top) / "a"),
            "reader": (network.nodes[others[0]], Path(top) / "b"),
        }
        for host, folder in folders.values():
            on_disk(host, folder)
        for a, b in itertools.combinations(network.nodes, 2):
            network.connect(a, b)
        network.run(5)
        sent = []
        for number in range(count):
            reply = sender.send(notice_of(number, others, network), others)
            sent.append(len(sender.show(reply.ref).notice))
            network.run(pace)
        network.run(60)
        if count:
            states = sender.states(reply.ref)
            assert set(states.values()) == {"STORED"}, states
        found = {place: sizes(host, folder) for place, (host, folder) in folders.items()}
    return found, sorted(sent)[len(sent) // 2] if sent else 0


def gnupg(readers: int) -> int | None:
    """Bytes of such a notice signed and encrypted by GnuPG to as many Curve25519 keys, not compressed, like
    ours. None without gpg."""
    if shutil.which("gpg") is None:
        return None
    text = notice_of(1, names(readers)[1:], NodeNet(*names(1))).SerializeToString()
    with tempfile.TemporaryDirectory(prefix="fanal-gpg-") as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
        for name in names(readers):
            subprocess.run(
                [*gpg, "--quick-generate-key", f"{name}@example.org", "future-default", "default", "never"],
                check=True, capture_output=True,
            )  # fmt: skip
        to = [part for name in names(readers) for part in ("-r", f"{name}@example.org")]
        sealed = subprocess.run(
            [*gpg, "-z", "0", "--trust-model", "always", "-u", f"{AUTHOR}@example.org", "-s", "-e", *to],
            input=text, check=True, capture_output=True,
        ).stdout  # fmt: skip
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)
    return len(sealed)


def main() -> None:
    result: dict[str, Any] = {"count": COUNT, "bytes": BYTES, "runs": []}
    rows: list[list[object]] = []
    for readers in READERS:
        yardstick = gnupg(readers)
        for pace, seconds in PACES.items():
            before, _ = growth(readers, seconds, 0)
            after, size = growth(readers, seconds, COUNT)
            for place in ("sender", "reader"):
                each = {name: (after[place][name] - before[place][name]) / COUNT for name in FILES}
                total = sum(each.values())
                run = {"readers": readers, "pace": pace, "place": place, "notice": size, "gnupg": yardstick}
                result["runs"].append({**run, **each, "total": total})
                ratio = total / yardstick if yardstick else ""
                rows.append([f"{readers} readers, {pace}, {place}", size, *(round(n) for n in each.values()),
                             round(total), total / size, yardstick or "-", ratio])  # fmt: skip
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    head = ["bytes per notice", "notice", *FILES, "together", "x notice", "GnuPG", "x GnuPG"]
    benchkit.table(f"Growth over {COUNT} notices, in whole pages", head, rows)
    benchkit.write("stored_bytes", result)


if __name__ == "__main__":
    main()
