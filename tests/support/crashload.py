# SPDX-License-Identifier: Apache-2.0
"""A client process that sends without pause, whatever happens to its node, and keeps its own durable list.

    python -m crashload HOME LIST THREADS AUDIENCE...

AUDIENCE is "A,B" or "group:NAME". A line of LIST is one acknowledged notice, synchronised before the next is
sent: ``{"notice_id", "envelope_id", "leaf", "ref", "to"}``. What was not acknowledged is offered again, the
same bytes, until it is. Ends when standard input closes, after the last answer, with figures on stdout.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from realofficer import RealOfficer

from fanal.cli import errors
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node.service.errors import NOT_AUTHENTICATED
from fanal.v1 import officer_pb2 as api

T = TypeVar("T")
P = ParamSpec("P")

PAUSE = 0.02
GIVES_UP = os.environ.get("CRASHLOAD_GIVES_UP") == "1"
"""A notice that the node refuses is left, and the next one is tried: a node may refuse for a while."""
GONE = frozenset(
    {errors.NODE_NOT_RUNNING, errors.NODE_DEAD, errors.SOCKET_LOST, errors.NODE_LOST, errors.NODE_SILENT}
)
"""Refusals that say nothing about the notice: there was no node, or it died."""
CUT = frozenset({"CANCELLED"})
"""What gRPC calls the end of a call whose server goes."""


class Load:
    """What the threads share."""

    def __init__(self, home: Home, acknowledged: Path) -> None:
        self.home = home
        self.stop = threading.Event()
        self.counts: Counter[str] = Counter()
        self._file = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def work(self, number: int, audiences: list[list[str]]) -> None:
        officer = RealOfficer(self.home)
        for count, to in enumerate(itertools.cycle(audiences)):
            if self.stop.is_set():
                return
            try:
                request = self.stubborn(officer, officer.prepared, to, f"Seen by {number}: {count}")
                self.note(self.stubborn(officer, officer.send, request), to)
            except (FanalError, AssertionError) as refused:
                if newer := self.rotated(officer, refused):
                    officer = newer
                    continue
                if not GIVES_UP:
                    raise
                # The node has answered that it did not take it: it is nobody's notice.
                self.counts[refused.kind.id if isinstance(refused, FanalError) else "problem"] += 1
            self.stop.wait(PAUSE)

    def rotated(self, officer: RealOfficer, refused: Exception) -> RealOfficer | None:
        """The officer with the key of now, when the one in hand is named no more: a person's next command
        reads the key file anew."""
        if not (isinstance(refused, FanalError) and refused.kind.id == NOT_AUTHENTICATED.id):
            return None
        newer = RealOfficer(self.home)
        return newer if newer.signer.seed != officer.signer.seed else None

    def stubborn(self, officer: RealOfficer, call: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Call until the node answers; every other refusal ends the load."""
        while True:
            try:
                return call(*args, **more)
            except FanalError as error:
                if error.kind not in GONE and error.facts.get("status") not in CUT:
                    raise
                self.counts[f"{error.kind.id} {error.facts.get('status', '')}".strip()] += 1
                officer.again()
            threading.Event().wait(PAUSE)

    def note(self, reply: api.SendReply, to: list[str]) -> None:
        line = json.dumps(
            {
                "notice_id": reply.notice_id,
                "envelope_id": reply.envelope_id.hex(),
                "leaf": reply.leaf_index,
                "ref": reply.ref,
                "to": to,
            }
        )
        with self._lock:
            os.write(self._file, line.encode() + b"\n")
            os.fdatasync(self._file)
            self.counts["acknowledged"] += 1

    def guarded(self, number: int, audiences: list[list[str]]) -> None:
        try:
            self.work(number, audiences)
        except BaseException as error:
            print(json.dumps({"failed": repr(error)}), flush=True)
            os._exit(1)


def main(home: str, acknowledged: str, threads: str, *audiences: str) -> None:
    load = Load(Home(Path(home)), Path(acknowledged))
    lists = [one.split(",") for one in audiences]
    workers = [threading.Thread(target=load.guarded, args=(n, lists)) for n in range(int(threads))]
    for worker in workers:
        worker.start()
    sys.stdin.read()
    load.stop.set()
    for worker in workers:
        worker.join()
    print(json.dumps(load.counts), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
