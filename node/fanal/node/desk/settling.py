# SPDX-License-Identifier: Apache-2.0
"""What an operator settles: an incident that was looked into is told apart, and is no problem any more.

Nothing is deleted: proofs, both branches and the incident's leaf stay, and an audit goes on naming it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk import condition
from fanal.node.desk.actor import Actor
from fanal.node.errors import NO_SUCH_FINDING, SETTLE_REASON
from fanal.node.forks import settled
from fanal.node.forks.settled import Settled
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

LONGEST = 500
"""Characters of a reason."""


def settle(node: Node, actor: Actor, request: api.SettleRequest) -> bool:
    """True when it was settled before; the first reason stands. NO_SUCH_FINDING, SETTLE_REASON, LOCKED."""
    reason = request.reason.strip()
    if not 0 < len(reason) <= LONGEST or not reason.isprintable():
        raise FanalError(SETTLE_REASON, limit=LONGEST)
    with node.writing:
        if request.finding in settled.known(node):
            return True
        open_ones = {one.key: one for one in condition.findings(node) if one.key}
        finding = open_ones.get(request.finding)
        if finding is None:
            raise FanalError(NO_SUCH_FINDING, finding=request.finding[:80])
        record = Settled(finding.level, finding.subject, finding.id, dict(finding.facts), node.now)
        settled.settle(node, actor, request.finding, record, reason)
    return False


def told(node: Node) -> Iterator[api.Settled]:
    """Every settled finding, oldest first; who and why only while the vault is open."""
    words = {} if node.locked else node.vault.settled()
    for key, one in settled.known(node).items():
        officer, reason = words.get(key, ("", ""))
        finding = api.Finding(level=one.level, subject=one.subject, id=one.id, facts=one.facts, key=key)
        yield api.Settled(finding=finding, officer=officer, at=one.at, reason=reason)
