# SPDX-License-Identifier: Apache-2.0
"""Findings that an operator has settled: which, when, and as what person; nothing of the incident goes.

Promise: a finding is settled by its own key, so a new proof, a new conflict or another incarnation that comes
back is a new finding. The record stays when the proof has made room for a newer one. Who and why in words are
in the vault, for the ledger carries no free text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from fanal.node.desk.actor import Actor, person_mac
from fanal.node.lanes import leaves
from fanal.node.ledger.rows import Batch

if TYPE_CHECKING:
    from fanal.node.node import Node

_META = "findings.settled"
_DIGITS = 16


@dataclass(frozen=True)
class Settled:
    """A finding as it was told (``id`` is an error id), and when it was settled (Unix seconds)."""

    level: str
    subject: str
    id: str
    facts: dict[str, str]
    at: int


def key_of(word: str, *evidence: bytes | str) -> str:
    """The name of a finding: what it is, and what proves it."""
    digest = hashlib.sha256()
    for part in evidence:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(4, "big") + data)
    return f"{word}-{digest.hexdigest()[:_DIGITS]}"


def known(node: Node) -> dict[str, Settled]:
    """Every settled finding by its key, oldest first."""
    data = node.ledger.facts.meta(_META)
    return {key: Settled(**one) for key, one in json.loads(data).items()} if data else {}


def settle(node: Node, actor: Actor, key: str, finding: Settled, reason: str) -> None:
    """Keep it, with a leaf that names the person as an HMAC and the reason as a salted hash.

    The reason is in the vault before the ledger says so: a kill between the two leaves an open finding.
    """
    with node.writing:
        before = known(node)
        if key in before:
            return
        node.vault.settle(key, actor.officer_id, reason)
        kept = {name: asdict(one) for name, one in (before | {key: finding}).items()}
        person = node.keys.person_key
        detail = leaves.detail(person, key.encode(), reason.encode())
        leaf = leaves.admin_leaf("finding-settled", detail, node.now, person_mac(person, actor.officer_id))
        node.ledger.append(Batch(leaves=(leaf,), meta=((_META, json.dumps(kept).encode()),)))
