# SPDX-License-Identifier: Apache-2.0
"""How much of this node's limits an author has used: for `fanal quota`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.v1 import officer_pb2 as api

if TYPE_CHECKING:
    from fanal.node.node import Node


def of(node: Node, author: str) -> list[api.Use]:
    """One row a limit, in the order of the settings; what waits because of it, and until when."""
    limits = node.settings.limits
    waiting = {one.over.limit: one for one in node.quotas.waiting(node.now) if one.over.author == author}
    used = node.quotas.of(author, node.now)
    used["attachment_bytes_per_day"] = node.budget.used(author, node.clock())
    rows = []
    for limit, count in used.items():
        row = api.Use(limit=limit, used=count, most=getattr(limits, limit))
        if limit in waiting:
            row.waiting, row.until = waiting[limit].count, waiting[limit].over.until
        rows.append(row)
    return rows
