# SPDX-License-Identifier: Apache-2.0
"""Three agencies with a notice that is taken back, held, released or erased."""

from __future__ import annotations

import os

from nodenet import NodeHost, NodeNet, some_notice

from fanal.notices import answers
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

TEXT = "Lorry with a false floor"


def three() -> NodeNet:
    """Three agencies, linked."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    return net


def sent_to(net: NodeNet, *readers: str) -> api.SendReply:
    """A notice of GE-CUS that has arrived."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", TEXT), readers)
    net.run(20)
    return sent


def withdraw(net: NodeNet, sent: api.SendReply, *, delete: bool, seconds: float = 30) -> None:
    net.nodes["GE-CUS"].send(withdrawal(net, sent, delete=delete))
    net.run(seconds)


def withdrawal(net: NodeNet, sent: api.SendReply, *, delete: bool) -> Notice:
    """What `fanal notice withdraw` drafts now."""
    shown = net.nodes["GE-CUS"].show(sent.ref)
    notice = Notice.FromString(shown.notice or net.nodes["GE-CUS"].show(shown.withdrawn_by).notice)
    notice.notice_id = sent.notice_id
    if not shown.notice:
        del notice.recipients[:]
    return answers.withdraw(
        notice,
        "GE-CUS",
        WithdrawalReason.ERROR,
        int(net.now),
        os.urandom,
        delete_required=delete,
        forwarded_to=shown.restated_to,
        sent_to=shown.sent_to,
        manifests=shown.manifests,
    )


def hold(host: NodeHost, ref: str, reason: str = "COURT_ORDER") -> None:
    host.desk.set_hold(host.officer, api.SetHoldRequest(notice=ref, hold=True, reason=reason))


def release(host: NodeHost, ref: str) -> None:
    host.desk.set_hold(host.officer, api.SetHoldRequest(notice=ref, hold=False))


def tracked(host: NodeHost, ref: str) -> dict[str, tuple[str, str]]:
    """What `fanal notice track` shows: recipient -> state and reason."""
    reply = host.desk.track(host.officer, api.TrackRequest(notice=ref))
    return {one.recipient: (one.state, one.reason) for one in reply.deliveries}


def body_of(host: NodeHost, sent: api.SendReply) -> bytes | None:
    row = host.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    return row.body


def leaves(host: NodeHost, kind: str) -> list[bytes]:
    return [one for one in host.ledger.log.leaves(0, 10_000) if one.split(b" ")[1] == kind.encode()]
