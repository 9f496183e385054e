# SPDX-License-Identifier: Apache-2.0
"""What the files for one agency have in them that were made since its own newest one came.

It lets a further file have only the rest, without an answer to the ones before. It is never taken for
delivered: an ordinary file has all of it again until the agency says that it holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fanal.node.gossip.events import Place
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.v1.courier_pb2 import CourierGiven, CourierPeer
from fanal.v1.envelope_pb2 import SeqRange
from fanal.v1.peer_pb2 import LaneRuns, WantPieces

RUNS = 1000
"""Remembered of one stream; the numbers of more are in the next file again."""
STREAMS = 10_000
ATTACHMENTS = 1000
"""Remembered as waiting; the agency asks for more of them itself."""


class Carried:
    """Entries by their places, from the record or none at all."""

    def __init__(self, given: CourierGiven | None = None) -> None:
        self.entries: dict[StreamKey, Ranges] = {}
        for row in given.entries if given is not None else ():
            runs = ((run.start, run.stop) for run in row.ranges)
            self.entries[row.lane, row.incarnation] = Ranges(runs, cap=RUNS)

    def add(self, place: Place) -> None:
        """An entry is in a file, with the wraps behind it."""
        key = (place.lane, place.incarnation)
        if key in self.entries or len(self.entries) < STREAMS:
            self.entries.setdefault(key, Ranges(cap=RUNS)).add(place.seq, place.seq + 1)

    def record(self, waiting: Mapping[bytes, int]) -> CourierGiven:
        """For the agency's record; ``waiting``: attachments that are not through, and where each goes on."""
        return CourierGiven(
            entries=[
                LaneRuns(lane=lane, incarnation=incarnation, ranges=_runs(runs))
                for (lane, incarnation), runs in self.entries.items()
            ],
            pieces=[asked(name, index) for name, index in list(waiting.items())[:ATTACHMENTS]],
        )


def given(peer: CourierPeer) -> CourierGiven | None:
    """None when no file was made since the agency's own newest one came."""
    return peer.given if peer.HasField("given") else None


def starts(wants: Iterable[WantPieces]) -> dict[bytes, int]:
    """Attachments, and the piece that each goes on from."""
    return {want.attachment: want.ranges[0].start for want in wants if want.ranges}


def asked(attachment: bytes, index: int) -> WantPieces:
    """From this piece on."""
    return WantPieces(attachment=attachment, ranges=[SeqRange(start=index, stop=index + 1)])


def _runs(runs: Ranges) -> list[SeqRange]:
    return [SeqRange(start=start, stop=stop) for start, stop in runs]
