# SPDX-License-Identifier: Apache-2.0
"""Whole nodes on the network in memory: real cryptography, ledgers and vaults, virtual time, seeded faults.

Everything of a node but its sockets and its disk is the production code: the stories, the host and the core.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from agencies import NOW, Agency, MemoryReservations, found, signed
from memnet import MemNet

from fanal.config.settings import Limits, Settings
from fanal.envelope.receipts import sign_read
from fanal.envelope.statement import SignedDraft, compose_signed, handling_of
from fanal.errors import FanalError
from fanal.keys import charter as charters
from fanal.keys import ed25519
from fanal.keys.identity import key_entry, parse_identity
from fanal.keys.trust import Directory
from fanal.node.attachments.folder import AttachmentFolder
from fanal.node.courier.told import Told
from fanal.node.desk.actor import Actor
from fanal.node.desk.desk import Desk
from fanal.node.gossip import events
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.events import Heads
from fanal.node.gossip.limits import GossipLimits
from fanal.node.host import Host
from fanal.node.inbox.sqlite import memory_vault
from fanal.node.lanes.audience import address
from fanal.node.lanes.written import Written
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.ledger.rows import Opened
from fanal.node.node import Node
from fanal.node.retention.outside import ErasureList
from fanal.node.unlocked import NodeKeys, of_entries
from fanal.notices.compose import new_draft, new_notice_id, stamp
from fanal.v1 import officer_pb2 as api
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import AttachmentKey
from fanal.v1.identity_pb2 import KeyUse, SignedDocument
from fanal.v1.notice_pb2 import Grade, Notice

Channels = Mapping[str, tuple[str, ...]]
Relays = Mapping[str, charters.RelayView]


class _Store:
    """What MemNet asks of a store."""

    def __init__(self, host: NodeHost) -> None:
        self._host = host

    def heads(self) -> Heads:
        return self._host.node.heads()


class NodeHost:
    """One agency's node on the network in memory. Ledger and vault survive `crash`; nothing else does."""

    clock_ahead = 0.0  # seconds by which this machine's clock is wrong
    disk_seconds = 0.0005  # that a job of the store takes

    def __init__(
        self, agency: Agency, net: NodeNet, charter: SignedDocument, documents: list[SignedDocument]
    ) -> None:
        self.agency, self.name, self.net = agency, agency.name, net
        self.settings = Settings(
            agency=agency.name,
            data=Path("unused"),
            socket=Path("unused"),
            peers=net.trust.get(agency.name, "*"),
            limits=net.policy.get(agency.name, Limits()),
        )
        self.store = _Store(self)
        self.ledger = MemoryLedger(now=int(net.now), random=net.rng)
        self.vault = memory_vault()
        self.documents = [charter, *documents]
        self.erasure_files: tuple[Path, ...] = ()
        self.erasures = lambda: ErasureList(self.erasure_files)
        self.files = AttachmentFolder(net.files / agency.name if net.files is not None else None)
        self.alive, self.reading, self.life = False, True, 0
        self.links_up: set[str] = set()
        self.cuts: list[tuple[str, str]] = []
        self.disk_percent: int | None = None
        self.rests: list[tuple[str, float]] = []
        self.more_keys: dict[str, bytes] = {}
        self.node: Node
        self.host: Host
        self.desk: Desk
        self._alarm = 0

    # life

    def start(self, *, locked: bool = False) -> None:
        """A process starts on what ledger and vault hold."""
        self.alive, self.life = True, self.life + 1
        self.node = Node(
            agency=self.name,
            ledger=self.ledger,
            directory=self.directory(),
            settings=self.settings,
            clock=lambda: self.net.now + self.clock_ahead,
            open_vault=lambda _keys: self.vault,
            rng=self.net.rng,
            erasures=self.erasures(),
            attachments=self.files,
            measure=lambda: self.disk_percent,
        )
        if not locked:
            self.node.unlock(self.keys())
        host = self.host = Host(self.node, self, self._run, self.net.host_limits)
        self.node.on_checkpoint = lambda: self.net.at(0.0005, self.host.checkpoint_made)
        self.desk = Desk(self.node, self._announce, host.roster_changed, host.start, lambda _peer: None)
        self.desk.courier.told = Told(host.carried, host.roster_changed, host.answered, host.handle)
        self.host.start()

    def directory(self) -> Directory:
        """What a starting process knows of the others: here what it was founded with."""
        directory = Directory.founded(self.documents[0])
        for document in self.documents[1:]:
            directory.take_identity(document)
        return directory

    def crash(self) -> None:
        """kill -9: what was not committed is gone, links break."""
        self.alive, self.life = False, self.life + 1
        self.ledger.opened = Opened("")
        for link in self.net.links.values():
            if self.name in link.ends:
                self.net.down(link, "crashed")

    def keys(self) -> NodeKeys:
        entries = {
            "node-sign": self.agency.node,
            "encrypt-1": self.agency.encrypt,
            "log": self.agency.log,
            "witness": self.agency.witness,
            "anchor": self.agency.anchor,
            "vault": bytes(32),
            **self.more_keys,
        }
        return of_entries(entries, self.name, self.node.identity, self.node.now)

    # what the host asks of its links

    def transmit(self, peer: str, frame: peer_pb2.Frame, priority: int) -> None:
        assert priority in tuple(Priority)
        self.net.transmit(self.name, peer, frame)

    def cut(self, peer: str, reason: str) -> None:
        self.cuts.append((peer, reason))
        self.net.down(self.net.link(self.name, peer), reason)

    def rest(self, peer: str, seconds: float) -> None:
        self.rests.append((peer, seconds))

    def wake_at(self, when: float) -> None:
        self._alarm += 1
        alarm, life = self._alarm, self.life

        def ring() -> None:
            if alarm == self._alarm and life == self.life:
                self.host.tick()

        self.net.at(when - self.clock_ahead - self.net.now, ring)

    def _run(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        life = self.life

        def later() -> None:
            if life == self.life:
                result = job()
                self.net.at(self.disk_seconds, lambda: done(result) if life == self.life else None)

        self.net.at(0.0005, later)

    def _announce(self, written: Written) -> None:
        self.host.announced(written)

    # what MemNet asks of a host

    @property
    def roster(self) -> Roster:
        return self.node.roster()

    @property
    def run(self) -> bytes:
        return self.node.run

    def accepts(self, peer: str) -> bool:
        return self.node.roster().is_peer(peer)

    def link_up(self, peer: str, run: bytes, heads: Heads) -> None:
        self.links_up.add(peer)
        self.host.handle(events.LinkUp(peer, run, heads))

    def link_down(self, peer: str, reason: str) -> None:
        if peer in self.links_up:
            self.links_up.discard(peer)
            if self.alive:
                self.host.handle(events.LinkDown(peer, reason))

    def frame(self, peer: str, frame: peer_pb2.Frame) -> None:
        if self.alive:
            self.host.handle(events.Received(peer, frame))

    def restart_without(self, *agencies: str) -> None:
        """A process that has not got the identity documents of these agencies."""
        first, *rest = self.documents
        self.documents = [first, *(one for one in rest if parse_identity(one).agency not in agencies)]
        self.start()

    def next_charter(
        self, add: Agency | None = None, channels: Channels | None = None, relays: Relays | None = None
    ) -> None:
        """This agency, the governor, puts the next charter in force."""
        views = {name: charters.ChannelView(name, members) for name, members in (channels or {}).items()}
        new = (charters.member_of(add.name, add.root.public),) if add else ()
        changes = charters.Changes(created=int(self.net.now), add=new, channels=views, relays=relays or {})
        draft = charters.draft_next(self.node.directory.newest, changes)
        document = charters.sign_charter(self.agency.root, draft, MemoryReservations())
        self.desk.apply_charter(self.officer, api.ApplyCharterRequest(charter=document))

    def new_node_key(self) -> SignedDocument:
        """Retire the node's signing key: identity 2 names another one, which signs from now on."""
        self.agency.node = ed25519.generate()
        draft, now = self.agency.next_draft(), int(self.net.now)
        kept = [entry for entry in draft.keys if entry.use != KeyUse.NODE_SIGN]
        new = key_entry(KeyUse.NODE_SIGN, ed25519.public_of(self.agency.node), 2, now, now + 86_400)
        del draft.keys[:]
        draft.keys.extend([*kept, new])
        document = self.agency.sign(draft)
        self.documents.append(document)
        self.ledger.opened = Opened("")
        self.start()
        return document

    # what officers do

    @property
    def officer(self) -> Actor:
        return Actor(self.agency.officer_key_id, "duty-1", frozenset({1, 2, 3, 4}), 1)

    def draft(
        self,
        notice: Notice,
        to: Iterable[str] = (),
        *,
        spoil: Callable[[Notice], None] = lambda _notice: None,
        reasons: Iterable[tuple[str, str]] | None = None,
        seed: bytes | None = None,
    ) -> SignedDraft:
        """What the officer's client makes: prepared by the node, stamped and signed on the officer's side."""
        request = api.PrepareRequest(to=to, notice=notice.SerializeToString(deterministic=True))
        prepared = self.desk.prepare(self.officer, request)
        problems = [(p.code, p.field, p.message) for p in prepared.problems if p.severity == "ERROR"]
        assert not problems, problems
        addressed = Notice()
        addressed.CopyFrom(notice)
        address(addressed, to)
        stamped = stamp(addressed, prepared.ref, prepared.now, self.net.rng)
        spoil(stamped)
        given = [(p.code, "tested") for p in prepared.problems] if reasons is None else reasons
        return compose_signed(
            stamped.SerializeToString(deterministic=True),
            network=prepared.network,
            charter=self.node.charter_ref,
            envelope_id=self.net.rng(16),
            author=self.name,
            audience=prepared.audience,
            handling=handling_of(stamped),
            officer_seed=seed or self.agency.officer,
            now=prepared.now,
            reasons=given,
            rng=self.net.rng,
        )

    def send(self, notice: Notice, to: Iterable[str] = ()) -> api.SendReply:
        return self.hand_in(self.draft(notice, to))

    def hand_in(self, draft: SignedDraft, keys: Iterable[AttachmentKey] = ()) -> api.SendReply:
        request = api.SendRequest(
            statement=draft.statement,
            officer_signature=draft.signature,
            notice=draft.notice,
            notice_salt=draft.notice_salt,
            field_salt=draft.field_salt,
            content_salt=draft.content_salt,
            attachment_keys=keys,
        )
        try:
            return self.desk.send(self.officer, request)
        except FanalError as error:
            self.host.refused(error)  # as the daemon does
            raise

    def states(self, notice: str) -> dict[str, str]:
        """Recipient -> state, as `fanal notice track` shows it."""
        reply = self.desk.track(self.officer, api.TrackRequest(notice=notice))
        return {one.recipient: one.state for one in reply.deliveries}

    def show(self, notice: str) -> api.ShowReply:
        return self.desk.show(self.officer, api.ShowRequest(notice=notice))

    def read(self, notice: str) -> bool:
        """An officer reads it and signs so."""
        shown = self.show(notice)
        node, officer = self.node, self.agency.officer
        signed_read = sign_read(node.network, self.name, shown.manifest_sha256, node.now, officer)
        request = api.MarkReadRequest(body=signed_read.body, officer_signature=signed_read.officer_signature)
        return self.desk.mark_read(self.officer, request).first

    def inbox(self, folder: str = "inbox") -> list[api.NoticeSummary]:
        return list(self.desk.list(self.officer, api.ListRequest(folder=folder, limit=500)).notices)


class NodeNet(MemNet):
    """Agencies in one network, the first of them its governor, every pair linked that trusts each other."""

    host_class = NodeHost
    host_limits: GossipLimits | None = None
    make_agency: Callable[..., Agency] = Agency

    def __init__(
        self,
        *names: str,
        seed: int = 0,
        channels: Channels | None = None,
        relays: Relays | None = None,
        trust: Mapping[str, tuple[str, ...]] | None = None,
        limits: GossipLimits | None = None,
        linked: bool = True,
        files: Path | None = None,
        policy: Mapping[str, Limits] | None = None,
        duty: bool = False,
    ) -> None:
        super().__init__((), Roster(frozenset()), seed, limits)
        self.now = float(NOW)
        self.trust = dict(trust or {})
        self.files = files
        self.policy = dict(policy or {})
        people = [self.make_agency(name, duty=duty) for name in names]
        charter = _charter(people, channels or {}, relays or {})
        documents = [agency.document for agency in people]
        made = {a.name: self.host_class(a, self, charter, documents) for a in people}
        self.hosts = made  # type: ignore[assignment]
        for host in self.nodes.values():
            host.start()
        for a, b in itertools.combinations(self.nodes.values(), 2):
            if linked and a.accepts(b.name) and b.accepts(a.name):
                self.connect(a.name, b.name)

    @property
    def nodes(self) -> dict[str, NodeHost]:
        return self.hosts  # type: ignore[return-value]

    def rng(self, count: int) -> bytes:
        return self.random.randbytes(count)

    def _watch(self, sender: str, receiver: str, frame: peer_pb2.Frame) -> None:
        self.frames[sender, receiver, str(frame.WhichOneof("frame"))] += 1
        self.bytes[sender, receiver] += frame.ByteSize()
        for watcher in self.watchers:
            watcher(sender, receiver, frame)


def _charter(people: list[Agency], channels: Channels, relays: Relays) -> SignedDocument:
    draft = found(people[:1], people[1:], channels=channels)
    for name, relay in sorted(relays.items()):
        draft.relays.add(agency=name, direct=relay.direct, serves=sorted(relay.serves))
    return signed(draft, people[0])


def some_notice(originator: str, text: str = "Lorry with a false floor", now: int = NOW) -> Notice:
    """A small valid MODUS_OPERANDI; its audience is given when it is sent."""
    notice = new_draft("MODUS_OPERANDI", originator, now, os.urandom)
    notice.evaluation.grade = Grade.B2
    notice.legal_basis = "Agreement on mutual assistance in customs matters, art. 5"
    notice.texts.add(lang="en", text=text, original=True)
    notice.modus_operandi.category = "CONCEALMENT"
    notice.modus_operandi.technique = "FALSE_FLOOR"
    return notice


def ready(draft: Notice, originator: str) -> Notice:
    """A fresh copy with an id of its own."""
    copy = Notice.FromString(draft.SerializeToString())
    copy.notice_id = new_notice_id(NOW, os.urandom)
    copy.originator = originator
    return copy
