# SPDX-License-Identifier: Apache-2.0
"""The operator's cut: an agency that this node links with no more, until the operator says otherwise.

Kept as a setting of the ledger beside the trust list of fanal.toml, which it only narrows; each change is an
admin leaf that names the person as a keyed HMAC and the reason as a salted hash. What the agency wrote still
arrives through others: a member's envelopes are the charter's matter, not the operator's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.desk.actor import Actor, person_mac
from fanal.node.lanes.leaves import admin_leaf, detail
from fanal.node.ledger.rows import Batch
from fanal.node.quotas.blocked import SETTING
from fanal.node.quotas.errors import BLOCKED_ITSELF, NOT_A_MEMBER
from fanal.node.retention import holds
from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node

_EXAMPLE = "FLOODING"


def change(node: Node, actor: Actor, request: api.BlockPeerRequest) -> bool:
    """Block an agency, or let it in again; whether it was blocked before. The caller tells gossip.

    Raises NOT_A_MEMBER and BLOCKED_ITSELF, and BAD_TOKEN for a reason that is no token."""
    agency = request.agency
    if agency == node.agency:
        raise FanalError(BLOCKED_ITSELF, agency=agency)
    was = agency in node.blocked
    if not was and not node.directory.newest.is_member(agency):
        raise FanalError(NOT_A_MEMBER, agency=agency[:40])
    reason = "" if request.unblock else holds.check_token(request.reason, _EXAMPLE)
    with node.writing:
        after = {one: why for one, why in node.blocked.items() if one != agency}
        if reason:
            after[agency] = reason
        what = "peer-unblocked" if request.unblock else "peer-blocked"
        salted = detail(node.rng(16), agency.encode(), reason.encode())
        leaf = admin_leaf(what, salted, node.now, person_mac(node.keys.person_key, actor.officer_id))
        raw = json.dumps(after, sort_keys=True).encode("ascii")
        node.ledger.append(Batch(leaves=(leaf,), meta=((SETTING, raw),)))
        node.blocked = after
    return was
