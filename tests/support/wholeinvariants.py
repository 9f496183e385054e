# SPDX-License-Identifier: Apache-2.0
"""What must hold among whole nodes: always (`WholeWatch`), and once the faults are over (`unsettled`).

Honest nodes alone are judged, and a folder that was put back is judged by what it holds since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from nodenet import NodeHost
from wholefilechecks import check_folders, check_sent
from wholenode import WholeNode
from wholeroots import Roots
from wholeworld import Sent, WholeWorld

from fanal.node.forks import kept, returned
from fanal.node.gossip.clock import held_of_clock
from fanal.node.gossip.entitlement import LaneView, may_hold, readers_of
from fanal.node.inbox.interface import Status
from fanal.node.lanes.reading import view_of_lane
from fanal.node.ledger import rules
from fanal.node.ledger.rows import DeliveryFact, State
from fanal.node.witness import ownlog
from fanal.v1 import envelope_pb2, peer_pb2

SPANS = 10_000
ALL = 1_000_000
RECEIVED = (State.STORED, State.READ, State.ANSWERED)
Place = tuple[bytes, bytes, int]


class WholeWatch:
    """Safety. Every frame of an honest node is read as it leaves; `check` looks at what all of them hold."""

    def __init__(self, world: WholeWorld) -> None:
        self.world = world
        self.honest = frozenset(world.honest)
        self.manifests: dict[Place, bytes] = {}
        self.roots = Roots(world)
        self.reached: dict[tuple[bytes, str, int], int] = {}
        self.erased: set[tuple[str, int, bytes]] = set()
        world.net.watchers.append(self._frame)

    def _frame(self, sender: str, receiver: str, frame: peer_pb2.Frame) -> None:
        if sender not in self.honest:
            return
        host, kind = self.world.net.whole[sender], frame.WhichOneof("frame")
        if kind == "entries":
            for data in frame.entries.envelopes:
                self._sent(host, receiver, data)
        elif kind == "ack":
            for one in frame.ack.stored:
                held = host.ledger.entries.at(one.lane, one.incarnation, one.seq)
                assert held is not None, f"{sender} acknowledged what it lacks"
        elif kind == "clock":
            self._claimed(host, receiver, frame.clock)
        elif kind == "cosigned":
            self.roots.cosigned(host, receiver, frame.cosigned)
        elif kind == "pieces":
            check_sent(host, receiver, frame.pieces.attachment)

    def _sent(self, host: NodeHost, receiver: str, data: bytes) -> None:
        manifest = envelope_pb2.Envelope.FromString(data).manifest
        header = envelope_pb2.Header.FromString(envelope_pb2.Manifest.FromString(manifest).header)
        view = LaneView.of_audience(header.lane, header.author, header.audience)
        assert may_hold(receiver, view, host.roster), f"{host.name} sent a foreign entry to {receiver}"
        if header.author in self.honest:
            place = (header.lane, header.incarnation, header.seq)
            digest = hashlib.sha256(manifest).digest()
            known = self.manifests.setdefault(place, digest)
            assert known == digest, f"{header.author} signed number {header.seq} of an incarnation twice"

    def _claimed(self, host: NodeHost, receiver: str, clock: peer_pb2.Clock) -> None:
        for row in clock.rows:
            info = host.ledger.lanes.info(row.lane)
            assert info is not None, f"{host.name} claims a lane it lacks"
            view = view_of_lane(info)
            assert may_hold(receiver, view, host.roster), f"{host.name} named a foreign lane to {receiver}"
            for start, stop in held_of_clock(row, SPANS):
                held = host.ledger.entries.refs(row.lane, row.incarnation, start, stop, SPANS)
                assert len(held) == stop - start, f"{host.name} claims entries it lacks"

    def check(self) -> None:
        """No foreign lane, no accusation of who never was put back, nothing taken back, nothing lost."""
        clean = {name for name in self.honest if not self.world.net.whole[name].restored}
        for name in sorted(self.honest):
            host = self.world.net.whole[name]
            for info in host.ledger.lanes.infos():
                assert may_hold(name, view_of_lane(info), host.roster), f"{name} holds a foreign lane"
            accused = {one.agency for one in kept.known(host.node)} & clean
            assert not accused, f"{name} accuses {accused} of a fork"
        for one in self.world.sent:
            if one.author in self.honest and self.world.standing(one):
                self._kept(one)
            self._gone(one)
        assert not self.roots.broken, self.roots.broken
        check_folders(self.world)

    def _kept(self, one: Sent) -> None:
        host = self.world.net.whole[one.author]
        assert host.ledger.entries.get(envelope_id=one.envelope_id, author=one.author), f"{one.ref} is lost"
        for fact in host.ledger.facts.deliveries(one.envelope_id):
            rank = rules.rank(fact.state)
            key = (one.envelope_id, fact.recipient, one.run)
            assert rank < 0 or rank >= self.reached.get(key, 0), f"{one.ref} went back to {fact.state}"
            self.reached[key] = max(rank, self.reached.get(key, 0))

    def _gone(self, one: Sent) -> None:
        for name in self.honest:
            host = self.world.net.whole[name]
            key = (name, host.restored, one.envelope_id)
            row = host.ledger.entries.get(envelope_id=one.envelope_id, author=one.author)
            if row is not None and row.body is None:
                self.erased.add(key)
            came_back = key in self.erased and row is not None and row.body is not None
            assert not came_back, f"what was erased came back to {name}"


def unsettled(world: WholeWorld, among: Iterable[str]) -> str:
    """Liveness among these agencies, each linked or served by files; empty when all is well."""
    honest = [name for name in among if name in world.honest]
    return untold(world, honest) or _first(_unwitnessed(world, name, honest) for name in honest)


def untold(world: WholeWorld, among: Iterable[str]) -> str:
    """The same, whatever the witnesses have cosigned so far."""
    honest = [name for name in among if name in world.honest]
    unequal = _undocumented(world, honest) or _unequal(world, honest)
    unequal = unequal or _first(_unjudged(world.net.whole[name]) for name in honest)
    return unequal or _first(_undelivered(world, one, honest) for one in world.sent)


def _first(found: Iterable[str]) -> str:
    return next((why for why in found if why), "")


def _undocumented(world: WholeWorld, honest: list[str]) -> str:
    """Who does not know the newest charter, or the newest identity document of an honest agency."""
    for name in honest:
        directory = world.net.whole[name].node.directory
        if directory.newest.version <= len(world.made):
            return f"{name} does not know charter {len(world.made) + 1}"
        for other in sorted(set(world.serials) & set(honest)):
            if directory.identity(other).serial < world.serials[other]:
                return f"{name} does not know the newest keys of {other}"
    return ""


def _unequal(world: WholeWorld, honest: list[str]) -> str:
    held = {name: _places(world.net.whole[name]) for name in honest}
    bare = {name: _bare(world.net.whole[name]) for name in honest}
    gone = {place for name in honest for place in _unexplained(world.net.whole[name])}
    roster = world.net.whole[honest[0]].roster
    for view in _views(world, honest):
        readers = readers_of(view, roster)
        for group in _groups(world, [name for name in honest if may_hold(name, view, roster)]):
            whole = {place for name in group for place in held[name] - bare[name] if place[0] == view.lane}
            # Who cannot read a withdrawal takes, and so passes on, no bare manifest before its content has
            # expired: that goes from reader to reader alone.
            for some in _groups(world, sorted(group & readers)):
                own = {place for name in some for place in held[name] if place[0] == view.lane}
                why = _lacking(held, some, (whole | own) - gone, view.author)
                if why:
                    return why
            kept = whole - gone - set().union(*bare.values())
            why = _lacking(held, group - readers, kept, view.author)
            if why:
                return why
    return ""


def _lacking(held: dict[str, set[Place]], names: Iterable[str], due: set[Place], author: str) -> str:
    missing = ((name, len(due - held[name])) for name in sorted(names))
    return _first(f"{name} lacks {n} of {len(due)} entries of {author}" for name, n in missing if n)


def _unjudged(host: WholeNode) -> str:
    """Whether something came that this node has not looked at, or not told its operator of."""
    entries = host.ledger.entries.since(0, ALL)
    given_back = [row for row in entries if row.author == host.name and row.source]
    if given_back and returned.known(host.node) is None:
        return f"{host.name} does not say that it was given back what it lacked"
    return "" if host.node.judged.at == len(entries) else f"{host.name} has not judged all that came"


def _places(host: WholeNode) -> set[Place]:
    return {(row.lane, row.incarnation, row.seq) for row in host.ledger.entries.since(0, ALL)}


def _unexplained(host: WholeNode) -> set[Place]:
    """What an author erased whose folder was then put back: its withdrawal may be lost, and nobody takes what
    nothing explains."""
    own = {info.lane for info in host.ledger.lanes.infos() if info.author == host.name}
    return {place for place in _bare(host) if place[0] in own} if host.restored else set()


def _bare(host: WholeNode) -> set[Place]:
    """What it holds without its content."""
    rows = host.ledger.entries.since(0, ALL)
    return {(row.lane, row.incarnation, row.seq) for row in rows if row.body is None}


def _views(world: WholeWorld, honest: list[str]) -> list[LaneView]:
    infos = {info.lane: info for name in honest for info in world.net.whole[name].ledger.lanes.infos()}
    return [view_of_lane(infos[lane]) for lane in sorted(infos) if infos[lane].author in world.honest]


def _groups(world: WholeWorld, names: list[str]) -> Iterator[set[str]]:
    left = set(names)
    while left:
        group, reached = set[str](), {min(left)}
        while reached:
            group |= reached
            reached = {b for b in left - group if any(world.met(a, b) for a in reached)}
        left -= group
        yield group


def _undelivered(world: WholeWorld, one: Sent, honest: list[str]) -> str:
    """What its readers, and its author, do not know yet of a notice."""
    if one.author not in honest or one.unsure or not world.standing(one):
        return ""
    facts = {f.recipient: f for f in world.net.whole[one.author].ledger.facts.deliveries(one.envelope_id)}
    for name in sorted(one.readers & set(honest)):
        host = world.net.whole[name]
        if not world.reached(one, name):
            continue
        why = _unknown(host, one) or _unanswered(host, one, facts.get(name))
        if why:
            return f"{why}: {one.ref} of {one.author}, {name}"
    return _undeleted(world, one, honest)


def _unknown(host: WholeNode, one: Sent) -> str:
    found = host.vault.notices.get(host.node.now, envelope_id=one.envelope_id, author=one.author)
    if one.withdrawal:
        recall = host.vault.notices.recall(one.notice.notice_id, one.author)
        if recall is None:
            return "withdrawal not known"
        return "" if found is None or found.summary.status in _GONE else f"still {found.summary.status}"
    return "not opened" if found is None else ""


_GONE = (Status.WITHDRAWN, Status.ERASED)


def _unanswered(host: WholeNode, one: Sent, fact: DeliveryFact | None) -> str:
    if fact is None:
        return "no state at the author"
    if one.withdrawal:
        answered = (fact.state, fact.reason) == (State.WITHDRAWN, rules.COMPLIED)
        return "" if answered else f"recall not answered ({fact.state.value})"
    if f"{host.name}{host.restored}" in one.read_by and fact.state is not State.READ:
        return f"reading not told ({fact.state.value})"
    return "" if fact.state in RECEIVED else f"no receipt ({fact.state.value})"


def _undeleted(world: WholeWorld, one: Sent, honest: list[str]) -> str:
    for name in sorted(set(honest) & {one.author, *one.readers}) if one.deletes else ():
        row = world.net.whole[name].ledger.entries.get(envelope_id=one.envelope_id, author=one.author)
        if row is not None and row.body is not None and world.reached(one, name):
            return f"{name} still has the text of {one.ref}"
    return ""


def _unwitnessed(world: WholeWorld, name: str, honest: list[str]) -> str:
    """The newest checkpoint covers what was sent, and bears the line of every honest agency met."""
    host = world.net.whole[name]
    if host.restored:
        return ""  # a log that lost its end waits for an officer (`fanal key new-log`)
    newest = host.ledger.head().checkpoint
    if newest is None:
        return f"{name} has no checkpoint"
    lines = ownlog.quorum_of(host.node, newest.note).cosigned
    for other in sorted(honest):
        if other != name and world.met(name, other) and other not in lines:
            return f"{other} has not cosigned the log of {name}"
    return ""
