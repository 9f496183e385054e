# SPDX-License-Identifier: Apache-2.0
"""Envelopes of a node that cheats: sealed with its real keys, past its own checks and its own ledger."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from nodenet import NodeHost

from fanal.envelope import audience as audiences
from fanal.envelope.receipts import content_of
from fanal.envelope.statement import compose_signed, handling_of
from fanal.node.lanes.own import LaneBatch
from fanal.node.lanes.rows import envelope_bytes
from fanal.notices.compose import make_ref, stamp
from fanal.v1.envelope_pb2 import Content, EnvelopeClass, EnvelopePriority, Receipts, WrapProof
from fanal.v1.notice_pb2 import Notice


@dataclass(frozen=True)
class Delivery:
    """What a peer hands over: a lane's KEY envelope if one was due, then the envelope, and the wraps."""

    envelopes: tuple[bytes, ...]
    wraps: tuple[WrapProof, ...]


def sealed(
    host: NodeHost,
    to: tuple[str, ...],
    notice: Notice,
    change: Callable[[Notice], None] = lambda _notice: None,
    envelope_id: bytes = b"",
) -> Delivery:
    """A notice sealed to ``to`` without asking any rule; ``change`` spoils it before the officer signs."""
    notice = stamp(notice, make_ref(host.name, 2027, 7), host.node.now, os.urandom)
    del notice.recipients[:]
    notice.recipients.extend(to)
    change(notice)
    envelope_id = envelope_id or os.urandom(16)
    audience = audiences.explicit(host.name, to)
    draft = compose_signed(
        notice.SerializeToString(deterministic=True),
        network=host.node.network,
        charter=host.node.charter_ref,
        envelope_id=envelope_id,
        author=host.name,
        audience=audience,
        handling=handling_of(notice),
        officer_seed=host.agency.officer,
        now=host.node.now,
    )
    return sealed_content(host, to, draft.content(), EnvelopeClass.NOTICE, envelope_id)


def sealed_receipts(host: NodeHost, to: str, receipts: Receipts) -> Delivery:
    """Receipts of any content, sealed to one agency."""
    return sealed_content(host, (to,), content_of(receipts), EnvelopeClass.RECEIPT, os.urandom(16))


def sealed_content(
    host: NodeHost, to: tuple[str, ...], content: Content, klass: EnvelopeClass.Code, envelope_id: bytes
) -> Delivery:
    """Any content in a valid seal of its author."""
    batch = LaneBatch(host.node, host.node.now)
    batch.content(
        content,
        klass,
        audiences.explicit(host.name, to),
        envelope_id,
        charter=host.node.directory.newest,
        priority=EnvelopePriority.ROUTINE,
        expires=host.node.now + 86_400,
    )
    proofs = tuple(
        WrapProof(key_manifest_sha256=w.key_manifest_sha256, index=w.index, wrap=w.wrap, path=w.path)
        for w in batch.wraps
    )
    return Delivery(tuple(envelope_bytes(row) for row in batch.rows), proofs)
