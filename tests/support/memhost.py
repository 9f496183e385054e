# SPDX-License-Identifier: Apache-2.0
"""One node of a network in memory: the production gossip core, a store, and the driver between them.

`ingest` and `take` are pluggable: by default envelopes are stubs, and a charter is its version number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memstore import (
    KEY,
    NOTICE,
    ROUTINE,
    MemStore,
    charter_document,
    identity_document,
    meta_of,
    places_of,
    sha256,
    stub_envelope,
    stub_wrap,
)

from fanal.node.gossip import actions, events
from fanal.node.gossip.actions import Action
from fanal.node.gossip.core import GossipCore
from fanal.node.gossip.entitlement import LaneView, Roster, may_hold, readers_of
from fanal.node.gossip.events import Committed, EntryMeta, Event, Heads, Place, Span, WrapMeta
from fanal.node.gossip.limits import GossipLimits
from fanal.v1 import envelope_pb2, peer_pb2

if TYPE_CHECKING:
    from memnet import MemNet


@dataclass
class Outcome:
    """What became of a handful of received bytes."""

    entries: list[EntryMeta] = field(default_factory=list)
    known: list[Place] = field(default_factory=list)
    refused: list[tuple[Place, str]] = field(default_factory=list)
    wraps: list[WrapMeta] = field(default_factory=list)


Ingest = Callable[["Host", str, tuple[bytes, ...], tuple[envelope_pb2.WrapProof, ...]], Outcome]


def stub_ingest(
    host: Host, peer: str, envelopes: tuple[bytes, ...], wraps: tuple[envelope_pb2.WrapProof, ...]
) -> Outcome:
    """The incoming story in small: decode, check the stand-in signature, policy, commit."""
    outcome = Outcome()
    for data in envelopes:
        try:
            meta = meta_of(data)
        except ValueError:
            continue
        if not host.net.may_hold(host.name, meta.view, host.store.charter):
            outcome.refused.append((meta.place, "NOT_ENTITLED"))
        elif host.store.put(data):
            outcome.entries.append(meta)
        else:
            outcome.known.append(meta.place)
    for proof in () if host.loses_wraps else wraps:
        wrap = host.store.put_wrap(proof)
        if wrap is not None:
            outcome.wraps.append(wrap)
    return outcome


def lanes_named(frame: peer_pb2.Frame, store: MemStore) -> Iterator[LaneView]:
    """The lanes a frame tells its receiver of. Answers that repeat what the receiver named itself
    (NotFound, Acknowledgement) tell nothing."""
    kind = frame.WhichOneof("frame")
    if kind == "entries":
        for data in frame.entries.envelopes:
            yield meta_of(data).view
    lanes: list[bytes] = []
    if kind == "clock":
        lanes = [row.lane for row in frame.clock.rows]
    elif kind == "want":
        lanes = [frame.want.lane]
    elif kind == "announce":
        lanes = [named.lane for named in frame.announce.runs]
    elif kind == "graft":
        lanes = [frame.graft.lane]
    elif kind == "prune":
        lanes = list(frame.prune.lanes)
    elif kind == "wraps":
        lanes = [store.key_places[wrap.key_manifest_sha256].lane for wrap in frame.wraps.wraps]
    elif kind == "want_wraps" and frame.want_wraps.key_manifest_sha256 in store.key_places:
        lanes = [store.key_places[frame.want_wraps.key_manifest_sha256].lane]
    for lane in lanes:
        if lane in store.views:
            yield store.views[lane]


class Host:
    """A node that can crash. What is in `store` survives; everything else does not."""

    def __init__(self, name: str, net: MemNet, limits: GossipLimits | None) -> None:
        self.name = name
        self.net = net
        self.limits = limits
        self.store = MemStore()
        self.incarnation = sha256(f"incarnation {name}".encode())[:16]
        self.ingest: Ingest = stub_ingest
        self.alive = False
        self.reading = True
        self.loses_wraps = False
        self.withholds = False  # announces entries and never sends them
        self.full = False  # the disk: nothing that arrives can be stored
        self.lies: Callable[[peer_pb2.Frame], peer_pb2.Frame] | None = None  # what it says instead
        self.clock_ahead = 0.0  # seconds by which this machine's clock is wrong
        self.read_delay = 0.0005
        self.commit_delay = 0.001
        self.crash_after_commits = 0  # crash before answering the n-th commit from now
        self.held_facts: dict[str, list[Span]] = {}
        self.refused_facts: list[actions.RecordRefused] = []
        self.cuts: list[actions.Cut] = []
        self.ingested = 0
        self.largest_load = 0
        self.rosters_seen: list[Roster] = []
        self._life = 0
        self._wake = 0
        self._core: GossipCore | None = None

    # life

    @property
    def core(self) -> GossipCore:
        assert self._core is not None
        return self._core

    @property
    def run(self) -> bytes:
        return sha256(f"run {self.name} {self._life}".encode())[:16]

    @property
    def roster(self) -> Roster:
        return self.net.rosters[self.store.charter]

    @property
    def clock(self) -> float:
        """What this machine takes the time to be."""
        return self.net.now + self.clock_ahead

    def start(self) -> None:
        """A process starts on what the store holds."""
        self.alive = True
        self._life += 1
        self.rosters_seen.append(self.roster)
        infos, closed = self.store.lane_infos(), self.store.closed_stream
        self._core = GossipCore(self.name, self.roster, self.store.heads(), infos, self.limits, closed)

    def crash(self) -> None:
        """kill -9: links break, memory is gone."""
        self.alive = False
        self._life += 1
        self._core = None
        for link in self.net.links.values():
            if self.name in link.ends:
                self.net.down(link, "crashed")

    def lose_store(self) -> None:
        """The disk is replaced: a new, empty store."""
        self.store = MemStore(charter=self.store.charter)

    def accepts(self, peer: str) -> bool:
        return self.roster.is_peer(peer)

    def was_ever_entitled(self, view: LaneView) -> bool:
        return any(may_hold(self.name, view, roster) for roster in self.rosters_seen)

    # events

    def feed(self, event: Event) -> None:
        if not self.alive:
            return
        for action in self.core.handle(event, self.clock):
            _PERFORM[type(action)](self, action)

    def link_up(self, peer: str, run: bytes, heads: Heads) -> None:
        self.feed(events.LinkUp(peer, run, heads))

    def link_down(self, peer: str, reason: str) -> None:
        self.feed(events.LinkDown(peer, reason))

    def frame(self, sender: str, frame: peer_pb2.Frame) -> None:
        self.feed(events.Received(sender, frame))

    def later(self, delay: float, call: Callable[[], None]) -> None:
        """Only if this process still lives then."""
        life = self._life
        self.net.at(delay, lambda: call() if self._life == life else None)

    # writing

    def write(
        self, view: LaneView, count: int = 1, priority: int = ROUTINE, size: int = 1024, rekey: bool = False
    ) -> list[Place]:
        """Write notices to a lane, with a KEY envelope before the first."""
        assert view.author == self.name
        key = self._key_of(view, priority, rekey)
        places = []
        for _ in range(count):
            body = b"n" * size
            places.append(self._append(view, NOTICE, priority, body, key).place)
        return places

    def write_plain(self, view: LaneView, priority: int = ROUTINE, size: int = 1024) -> Place:
        """Write one notice under a key that is taken to have been given before."""
        return self._append(view, NOTICE, priority, b"n" * size, b"").place

    def _key_of(self, view: LaneView, priority: int, rekey: bool) -> bytes:
        newest = self.store.newest_key(view.lane, self.incarnation)
        if newest is not None and not rekey:
            return newest
        return self._append(view, KEY, priority, b"", b"").manifest_sha256

    def _append(self, view: LaneView, klass: int, priority: int, body: bytes, key: bytes) -> EntryMeta:
        seq, previous = self.store.next_of(view.lane, self.incarnation)
        header = self.header(view, seq, previous)
        header.envelope_class, header.priority, header.key_envelope = klass, priority, key
        readers = sorted(readers_of(view, self.roster)) if klass == KEY else []
        data, manifest_sha256 = stub_envelope(header, body, len(readers))
        assert self.store.put(data)
        for index, reader in enumerate(readers):
            self.store.put_wrap(stub_wrap(manifest_sha256, reader, index))
        meta = meta_of(data)
        self.feed(Committed(entries=(meta,)))
        return meta

    def header(self, view: LaneView, seq: int, previous: bytes) -> envelope_pb2.Header:
        header = envelope_pb2.Header(
            version=1,
            author=view.author,
            lane=view.lane,
            incarnation=self.incarnation,
            seq=seq,
            previous_manifest_sha256=previous,
            audience=envelope_pb2.Audience(channel=view.channel, agencies=sorted(view.agencies)),
        )
        if seq == 0:
            self._name_predecessor(header)
        return header

    def _name_predecessor(self, header: envelope_pb2.Header) -> None:
        others = [m for k, m in self.store.last.items() if k[0] == header.lane and k[1] != header.incarnation]
        if others:
            last = max(others, key=lambda meta: meta.place.seq)
            header.predecessor.incarnation = last.place.incarnation
            header.predecessor.next = last.place.seq + 1
            header.predecessor.head = last.manifest_sha256

    def take_charter(self, version: int) -> None:
        """A new charter is known here (signed here, or brought otherwise)."""
        if version > self.store.charter:
            self.store.charter = version
            self.rosters_seen.append(self.roster)
            self.feed(events.RosterChanged(self.roster))

    def sign_charter(self, version: int) -> None:
        """A charter is made here: take it, and tell the others."""
        self.take_charter(version)
        self.feed(events.DocumentsTaken(self.store.heads()))

    # actions

    def _send(self, action: actions.Send) -> None:
        frame = action.frame if self.lies is None else self.lies(action.frame)
        self.net.transmit(self.name, action.peer, frame, action.priority)

    def _load_entries(self, action: actions.LoadEntries) -> None:
        if self.withholds:
            self._promise(action)
            return

        def answer() -> None:
            entries, size, truncated = [], 0, False
            for wanted in action.wanted:
                span = wanted.span
                for seq in range(span.start, span.stop):
                    if size >= action.limit_bytes:
                        truncated = True
                        break
                    entry = self.store.load(Place(span.lane, span.incarnation, seq), wanted.wraps_for)
                    if entry is not None:
                        entries.append(entry)
                        size += len(entry.envelope)
            self.largest_load = max(self.largest_load, size)
            self.feed(events.Loaded(action.peer, action.request, tuple(entries), truncated))

        self.later(self.read_delay, answer)

    def _promise(self, action: actions.LoadEntries) -> None:
        """Announce what should have been sent."""
        runs = []
        for span in (wanted.span for wanted in action.wanted):
            run = envelope_pb2.SeqRange(start=span.start, stop=span.stop)
            runs.append(peer_pb2.LaneRuns(lane=span.lane, incarnation=span.incarnation, ranges=[run]))
        announce = peer_pb2.Announce(runs=runs, pushed=True)
        self.net.transmit(self.name, action.peer, peer_pb2.Frame(announce=announce))
        self.later(self.read_delay, lambda: self.feed(events.Loaded(action.peer, action.request, ())))

    def _load_wraps(self, action: actions.LoadWraps) -> None:
        def answer() -> None:
            place = self.store.key_places.get(action.key_manifest_sha256)
            view = self.store.entries[place][0].view if place is not None else None
            wraps = self.store.wraps_of(action.key_manifest_sha256, action.recipients)
            self.feed(events.LoadedWraps(action.peer, action.request, view, wraps))

        self.later(self.read_delay, answer)

    def _load_documents(self, action: actions.LoadDocuments) -> None:
        def answer() -> None:
            after = self.store.charter if action.charters_after is None else action.charters_after
            charters = [charter_document(v) for v in range(after + 1, self.store.charter + 1)]
            serials = self.store.serials
            documents = [identity_document(a, serials[a]) for a in action.identities_of if a in serials]
            self.feed(events.LoadedDocuments(action.peer, action.request, tuple(charters), tuple(documents)))

        self.later(self.read_delay, answer)

    def _ingest(self, action: actions.Ingest) -> None:
        def commit() -> None:
            if self.full:
                self.feed(events.NotStored(action.peer, action.request, places_of(action.envelopes)))
                return
            outcome = self.ingest(self, action.peer, action.envelopes, action.wraps)
            self.ingested += len(action.envelopes)
            if self.crash_after_commits and outcome.entries:
                self.crash_after_commits -= 1
                if self.crash_after_commits == 0:
                    self.crash()
                    return
            if outcome.refused:
                self.feed(events.Refused(action.peer, tuple(outcome.refused)))
            self.feed(
                Committed(
                    tuple(outcome.entries),
                    action.peer,
                    action.request,
                    tuple(outcome.known),
                    tuple(outcome.wraps),
                )
            )

        self.later(self.commit_delay, commit)

    def _take_documents(self, action: actions.TakeDocuments) -> None:
        def take() -> None:
            for document in action.charters:
                version = int(document.body)
                if version == self.store.charter + 1:
                    self.take_charter(version)
            for document in action.identities:
                agency, serial = document.body.decode().split()
                self.store.serials[agency] = max(int(serial), self.store.serials.get(agency, 0))
            self.feed(events.DocumentsTaken(self.store.heads(), action.peer, action.request))

        self.later(self.commit_delay, take)

    def _record_held(self, action: actions.RecordHeld) -> None:
        self.held_facts.setdefault(action.peer, []).extend(action.spans)

    def _wake_at(self, action: actions.WakeAt) -> None:
        self._wake += 1
        mine = self._wake
        delay = action.time - self.clock
        self.later(delay, lambda: self.feed(events.Tick()) if self._wake == mine else None)

    def _cut(self, action: actions.Cut) -> None:
        self.cuts.append(action)
        link = self.net.links.get(frozenset((self.name, action.peer)))
        if link is not None:
            self.later(0.0, lambda: self.net.down(link, action.error.kind.id))


_PERFORM: dict[type[Action], Callable[[Host, Action], None]] = {
    actions.Send: Host._send,
    actions.LoadEntries: Host._load_entries,
    actions.LoadWraps: Host._load_wraps,
    actions.LoadDocuments: Host._load_documents,
    actions.Ingest: Host._ingest,
    actions.TakeDocuments: Host._take_documents,
    actions.RecordHeld: Host._record_held,
    actions.RecordRefused: lambda host, action: host.refused_facts.append(action),
    actions.WakeAt: Host._wake_at,
    actions.Cut: Host._cut,
    actions.Rest: lambda _host, _action: None,  # this network does not read ahead
    actions.Noted: lambda _host, _action: None,  # nobody is told here
    actions.RecordDeferred: lambda _host, _action: None,
}
