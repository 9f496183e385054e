# SPDX-License-Identifier: Apache-2.0
"""Networks with small quotas, and what is counted of one envelope, for the tests of limits."""

from __future__ import annotations

from dataclasses import replace

from nodenet import NodeHost, NodeNet, ready, some_notice

from fanal.config.settings import Limits
from fanal.envelope import audience as audiences
from fanal.envelope import receipts as wire
from fanal.errors import FanalError
from fanal.node.lanes.own import LaneBatch
from fanal.node.ledger.rows import EntryRow
from fanal.node.quotas.quotas import Asked, Quotas
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, Receipts
from fanal.v1.notice_pb2 import Notice, Urgency

HOUR = 3600
NOW = 500_000 * HOUR
"""The beginning of an hour."""
FOUNDED = NOW - 10 * HOUR
FREE = 10_000_000


def quotas(limits: Limits | None = None, *, full: bool = False, members: int = 3) -> Quotas:
    """Counts of a network of three that is ten hours old."""
    return Quotas(limits or Limits(), lambda: FOUNDED, lambda: members, lambda _key: None, lambda: full)


def asked(author: str = "GE-CUS", *, flash: bool = False, created: int = NOW, **more: object) -> Asked:
    """A notice of a thousand bytes."""
    priority = EnvelopePriority.FLASH if flash else EnvelopePriority.ROUTINE
    one = Asked(author, EnvelopeClass.NOTICE, priority, created, 1000)
    return replace(one, **more)  # type: ignore[arg-type]


def network(*names: str, small: Limits, at: tuple[str, ...], **more: object) -> NodeNet:
    """A network in which these nodes have small quotas, and the others send as they like."""
    free = Limits(flash_per_hour=1000, routine_per_hour=FREE, new_lanes_per_hour=1000)
    policy = {name: small if name in at else free for name in names}
    net = NodeNet(*names, policy=policy, duty=True, **more)  # type: ignore[arg-type]
    net.run(HOUR - net.now % HOUR)
    return net


def notice(originator: str, *, flash: bool = False) -> Notice:
    """A notice with an id of its own."""
    found = ready(some_notice(originator), originator)
    if flash:
        found.urgency = Urgency.FLASH
    return found


def send(host: NodeHost, to: tuple[str, ...], number: int = 1, *, flash: bool = False) -> list[api.SendReply]:
    """So many notices, one after the other."""
    return [host.send(notice(host.name, flash=flash), to) for _ in range(number)]


def flood_of_receipts(host: NodeHost, to: str, number: int) -> None:
    """A node that cheats: it stores and announces so many receipts about nothing."""
    told = wire.coverage(bytes(32), bytes(16), [(0, 1)], bytes(32))
    for _ in range(number):
        batch = LaneBatch(host.node, host.node.now)
        batch.content(
            wire.content_of(Receipts(stored=[told])),
            EnvelopeClass.RECEIPT,
            audiences.explicit(host.name, (to,)),
            host.net.rng(16),
            charter=host.node.directory.newest,
            priority=EnvelopePriority.ROUTINE,
            expires=host.node.now + 86_400,
        )
        host.ledger.append(batch.batch())
        host.host.committed(batch.metas(), batch.wrap_metas())


def refused(host: NodeHost, to: tuple[str, ...], *, flash: bool = False) -> FanalError:
    """The refusal of one more."""
    try:
        send(host, to, flash=flash)
    except FanalError as error:
        return error
    raise AssertionError("it was taken")


def held(host: NodeHost, author: str, klass: int = EnvelopeClass.NOTICE) -> int:
    """How many envelopes of an author this node's ledger holds."""
    rows = host.ledger.entries.since(0, 100_000)
    return sum(row.author == author and row.klass == klass for row in rows)


def size_of(row: EntryRow) -> int:
    """The bytes that a node keeps of an envelope."""
    return len(row.manifest) + len(row.signature) + len(row.body or b"") + len(row.own_wrap)


def tracked(host: NodeHost, reply: api.SendReply) -> dict[str, api.Delivery]:
    """By recipient."""
    found = host.desk.track(host.officer, api.TrackRequest(notice=reply.ref))
    return {one.recipient: one for one in found.deliveries}


def findings(host: NodeHost) -> dict[str, dict[str, str]]:
    """Of ``fanal doctor``: error id -> facts."""
    return {one.id: dict(one.facts) for one in host.desk.status(host.officer, api.StatusRequest()).findings}
