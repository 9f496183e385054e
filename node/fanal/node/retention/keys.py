# SPDX-License-Identifier: Apache-2.0
"""Destroying keys 30 days after their epoch: lane keys with their wraps, and X-Wing private keys.

From then on a copy of a ciphertext anywhere, a backup's included, opens with nothing that this node has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.keys import xwing
from fanal.keys.keyid import key_id, x_wing_key
from fanal.node.lanes.leaves import admin_leaf
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.retention import erasing
from fanal.node.unlocked import ENCRYPT
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node

KEPT = 30 * 86_400
"""After the end of a key's epoch."""


def destroy_lane_key(node: Node, row: EntryRow) -> None:
    """The key that a KEY envelope announced, with every wrap of it. The vault first: a kill in between is
    taken up again, because the entry stays due until the ledger has committed."""
    if not row.key_envelope:
        node.vault.destroy_lane_key(row.manifest_sha256)
    leaf = admin_leaf("lane-key-destroyed", row.manifest_sha256, node.now)
    node.ledger.append(Batch(destroyed=(row.manifest_sha256,), leaves=(leaf,)))
    if not row.key_envelope:
        erasing.finalise(node, row.manifest_sha256)


def destroy_encryption_keys(node: Node, now: int) -> int:
    """X-Wing private keys whose epoch ended 30 days before ``now`` (trusted time): out of the keystore's file
    and out of memory. Returns how many. One that no identity document names is kept."""
    store = node.keystore
    if store is None:
        return 0
    names = {
        name: key_id(x_wing_key(xwing.public_of(seed)))
        for name, seed in store.items()
        if name.startswith(ENCRYPT)
    }
    ends: dict[bytes, int] = {}
    for view in node.directory.identities(node.agency):
        for key in view.of_use(KeyUse.ENCRYPT):
            ends[key.key_id] = max(ends.get(key.key_id, 0), key.not_after)
    over = {name: one for name, one in names.items() if one in ends and ends[one] + KEPT <= now}
    if not over:
        return 0
    leaves = tuple(admin_leaf("encrypt-key-destroyed", one, node.now) for one in over.values())
    node.ledger.append(Batch(leaves=leaves))
    for name in over:
        store.remove(name)
    store.save()
    left = {one: seed for one, seed in node.keys.decrypt.items() if one not in over.values()}
    node.replace_keys(replace(node.keys, decrypt=left))
    return len(over)
