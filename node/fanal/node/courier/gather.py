# SPDX-License-Identifier: Apache-2.0
"""What goes into a file for an agency: the frames that a link to it would carry, in the order to take them.

    documents, fork proofs, our clock and verdicts, checkpoints, wraps and pieces asked for,
    alerts with their lane keys, all other entries with their wraps, pieces of attachments

Promise: no frame names a lane that the charter does not let the addressee hold, and nothing but ciphertext
and signed documents is in any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fanal.node.courier import attached, remembered
from fanal.node.courier.carried import Carried, given, starts
from fanal.node.courier.form import LIMITS
from fanal.node.damage import sound
from fanal.node.forks import kept
from fanal.node.gossip.actions import Wanted
from fanal.node.gossip.clock import LaneBook, Stream
from fanal.node.gossip.documents import frames_of
from fanal.node.gossip.entitlement import may_offer, readers_of, wraps_due
from fanal.node.gossip.events import Heads, LoadedEntry, Span, WrapMeta
from fanal.node.gossip.push import wrap_frames
from fanal.node.gossip.queue import StreamKey
from fanal.node.gossip.ranges import Ranges
from fanal.node.gossip.sync import clock_frames
from fanal.node.lanes import reading
from fanal.node.witness import attending, ownlog
from fanal.v1 import peer_pb2
from fanal.v1.courier_pb2 import CourierPeer
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority

if TYPE_CHECKING:
    from fanal.node.node import Node

FORKS = 64
"""Fork proofs in a file, the newest, as on a new link."""
WRAPS_ASKED = 1000
REFS = 1000


class Gathering:
    """One file's frames. ``everything`` sends also what the agency is known to have; ``rest`` leaves out what
    the files have that were made since its own newest one came. ``carried``, ``giving``: what is in them now.

    Whoever asks for the next frame has written the one before.
    """

    def __init__(
        self, node: Node, agency: str, peer: CourierPeer, everything: bool, rest: bool = False
    ) -> None:
        self.node, self.agency, self.peer, self.everything = node, agency, peer, everything
        book = LaneBook(reading.lane_infos(node.ledger, closed=True), LIMITS.keys_per_stream)
        roster = node.roster()
        shared = [lane for lane in book.lanes.values() if may_offer(agency, lane.view, roster)]
        self.lanes = {lane.view.lane: lane.view for lane in shared}
        self.streams: dict[StreamKey, Stream] = {
            (lane.view.lane, incarnation): stream
            for lane in sorted(shared, key=lambda one: one.view.lane)
            for incarnation, stream in sorted(lane.streams.items())
        }
        before = given(peer) if rest else None
        self.carried = Carried(before)
        self.giving = attached.Giving(node, agency, starts(peer.pieces if before is None else before.pieces))
        self.told = remembered.told(node, peer, self.streams)
        self.ends = {(row.lane, row.incarnation): (row.next, row.head) for row in peer.rows}

    def frames(self, wraps: Iterable[WrapMeta]) -> Iterator[peer_pb2.Frame]:
        """All of them; ``wraps`` are those that we lack."""
        yield from self.documents()
        yield from self.forks()
        yield from self.clock()
        yield from self.checkpoints()
        yield from self.wraps_wanted(wraps)
        yield from self.wraps_given()
        yield from attached.wanted(self.node, self.lanes)
        missing = {key: self._missing(key, stream) for key, stream in self.streams.items()}
        alerts = {key: self._alerts(key, runs) for key, runs in missing.items()}
        for key, runs in alerts.items():
            yield from self.entries(key, runs)
        for key, runs in missing.items():
            yield from self.entries(key, runs.minus(alerts[key]))
        yield from self.giving.frames()

    def documents(self) -> Iterator[peer_pb2.Frame]:
        """What the agency is not known to hold of charters and identities."""
        theirs = Heads() if self.everything else Heads.of_hello(self.peer.hello)
        newer = tuple(
            agency
            for agency, (serial, _) in sorted(self.node.heads().identities.items())
            if serial > theirs.identities.get(agency, (0, b""))[0]
        )
        charters, identities = reading.load_documents(self.node, theirs.charter_version, newer)
        return frames_of(charters, identities, LIMITS)

    def forks(self) -> Iterator[peer_pb2.Frame]:
        for line in kept.known(self.node)[-FORKS:]:
            proof = kept.proof(self.node, line.key)
            if proof is not None and proof.ByteSize() <= kept.MAX_PROOF:
                yield peer_pb2.Frame(fork=proof)

    def clock(self) -> Iterator[peer_pb2.Frame]:
        """What we hold, and what we shall not take."""
        rows = (stream.to_clock(key) for key, stream in self.streams.items() if stream.live)
        yield from clock_frames(rows, LIMITS, complete=True)
        if self.peer.refused:
            yield peer_pb2.Frame(ack=peer_pb2.Acknowledgement(refused=self.peer.refused))

    def checkpoints(self) -> Iterator[peer_pb2.Frame]:
        """Where its log stands with us, what we answer about it, and our own newest checkpoint."""
        yield peer_pb2.Frame(witnessed=attending.head_for(self.node, self.agency))
        if self.peer.HasField("cosigned"):
            yield peer_pb2.Frame(cosigned=self.peer.cosigned)
        offer = ownlog.offer_for(self.node, self.agency, self.peer.log_size, False)
        if offer is not None:
            yield peer_pb2.Frame(checkpoint=offer)

    def wraps_wanted(self, missing: Iterable[WrapMeta]) -> Iterator[peer_pb2.Frame]:
        asked = [wrap for wrap in missing if wrap.lane in self.lanes]
        for wrap in asked[:WRAPS_ASKED]:
            want = peer_pb2.WantWraps(
                key_manifest_sha256=wrap.key_manifest_sha256, recipients=[wrap.recipient]
            )
            yield peer_pb2.Frame(want_wraps=want)

    def wraps_given(self) -> Iterator[peer_pb2.Frame]:
        """The wraps that its newest file asked for, as far as they are here and it may hold the lane."""
        for want in self.peer.wants:
            recipients = tuple(want.recipients) or (self.agency,)
            view, wraps = sound.wraps(self.node, want.key_manifest_sha256, recipients)
            if view is not None and view.lane in self.lanes:
                yield from wrap_frames(wraps, LIMITS)

    def entries(self, key: StreamKey, runs: Iterable[tuple[int, int]]) -> Iterator[peer_pb2.Frame]:
        """These numbers of a stream, ascending; each KEY envelope with the wraps of its readers, for this
        file may be their only way."""
        view = self.lanes[key[0]]
        due = wraps_due(self.agency, view, self.node.roster(), readers_of(view, self.node.roster()))
        for start, stop in runs:
            while start < stop:
                wanted = Wanted(Span(*key, start, stop), due)
                found, more = sound.entries(self.node, [wanted], LIMITS.batch_bytes)
                for frame, through in _entry_frames(found):
                    yield frame
                    self._through(through)
                start = found[-1].place.seq + 1 if more else stop

    def _through(self, entries: Iterable[LoadedEntry]) -> None:
        """They are in the file; their attachments follow."""
        for entry in entries:
            self.carried.add(entry.place)
            for name in attached.named_in(entry):
                self.giving.waiting.setdefault(name, 0)

    def _alerts(self, key: StreamKey, runs: Ranges) -> Ranges:
        """The numbers that go ahead of everything else, so that a full file has them: FLASH, and the lane
        keys of the same stream."""
        flash, keys = Ranges(), Ranges()
        for start, stop in runs:
            while start < stop:
                page = self.node.ledger.entries.refs(*key, start, stop, REFS)
                for ref in page:
                    if ref.priority == EnvelopePriority.FLASH:
                        flash.add(ref.seq, ref.seq + 1)
                    elif ref.klass == EnvelopeClass.KEY:
                        keys.add(ref.seq, ref.seq + 1)
                start = page[-1].seq + 1 if page else stop
        for start, stop in keys if flash else ():
            flash.add(start, stop)
        return flash

    def _missing(self, key: StreamKey, stream: Stream) -> Ranges:
        """Two heads at one end are a fork, of which it gets our half."""
        missing = Ranges(stream.held.minus(Ranges() if self.everything else self.told.get(key, Ranges())))
        end, head = self.ends.get(key, (0, b""))
        if end and end == stream.next and head not in (b"", stream.head):
            missing.add(end - 1, end)
        return Ranges(missing.minus(self.carried.entries.get(key, Ranges())))


def _entry_frames(entries: Iterable[LoadedEntry]) -> Iterator[tuple[peer_pb2.Frame, list[LoadedEntry]]]:
    """Batches as a link carries them: what follows a KEY envelope are its wraps. With each frame the entries
    that are complete with it."""
    batch: list[LoadedEntry] = []
    size = 0
    for entry in entries:
        full = size + len(entry.envelope) > LIMITS.batch_bytes or len(batch) >= LIMITS.batch_entries
        if batch and full:
            yield _batch(batch), batch
            batch, size = [], 0
        batch.append(entry)
        size += len(entry.envelope)
        if entry.wraps:
            *ahead, last = _batch(batch), *wrap_frames(entry.wraps, LIMITS)
            yield from ((frame, []) for frame in ahead)
            yield last, batch
            batch, size = [], 0
    if batch:
        yield _batch(batch), batch


def _batch(entries: Iterable[LoadedEntry]) -> peer_pb2.Frame:
    return peer_pb2.Frame(entries=peer_pb2.Entries(envelopes=[entry.envelope for entry in entries]))
