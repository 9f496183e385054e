# SPDX-License-Identifier: Apache-2.0
"""Destroying keys 30 days after their epoch: lane keys with their wraps, and X-Wing private keys.

From then on a copy of a ciphertext anywhere, a backup's included, opens with nothing that this node has.
Nothing is destroyed while something that came before is still to be opened. Each kind goes in an order that a
kill cuts without harm: what is due stays due until its last step.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.keys import xwing
from fanal.keys.keyid import key_id, x_wing_key
from fanal.keys.keystore import Keystore
from fanal.node.lanes.leaves import admin_leaf
from fanal.node.ledger.rows import Batch, EntryRow, LeafRow
from fanal.node.retention import erasing, trusted
from fanal.node.unlocked import ENCRYPT
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.retention")

KEPT = 30 * trusted.DAY
"""After the end of a key's epoch."""
PATIENCE = 2.0
"""Seconds that this waits for a command which changes keys; it comes again in an hour."""
_PAGE = 64


def destroy_lane_key(node: Node, row: EntryRow) -> None:
    """The key that a KEY envelope announced, with every wrap of it.

    It is done, and what was erased under it FINAL, when neither write-ahead log holds anything of it: a
    reader of an older state may delay that, and the entry is then looked at again in an hour.
    """
    manifest, own = row.manifest_sha256, not row.key_envelope
    if not opened_all(node):
        node.ledger.append(Batch(postponed=((manifest, node.now + trusted.HOUR),)))
        return
    clean = not own or any(node.vault.destroy_lane_key(manifest) for _ in range(erasing.TRIES))
    leaf = _leaf("lane-key-destroyed", manifest, node.now)
    appended = node.ledger.append(Batch(destroyed=(manifest,), leaves=(leaf,)))
    if not (erasing.emptied(node, appended) and clean):
        node.ledger.append(Batch(postponed=((manifest, node.now + trusted.HOUR),)))
        return
    if own:
        erasing.finalise(node, manifest)
    node.ledger.append(Batch(postponed=((manifest, 0),)))


def opened_all(node: Node) -> bool:
    """Whether all that came from others has been opened, or waits for what this node has not got. Own
    receipts are filed with what comes next."""
    after = node.vault.cursor()
    while rows := node.ledger.entries.since(after, _PAGE):
        if any(row.author != node.agency for row in rows):
            return False
        after = rows[-1].arrival
    return True


def destroy_encryption_keys(node: Node, now: int) -> int:
    """X-Wing private keys whose epoch ended 30 days before ``now`` (trusted time): out of the keystore's
    file, of what an interrupted writing left beside it, and out of memory. Returns how many; one that no
    identity document names is kept. A file that cannot be written, or that somebody else is changing, is told
    in the log and tried again."""
    store = node.keystore
    if store is None or not opened_all(node):
        return 0
    over = _over(node, store, now)
    if not over:
        return 0
    try:
        # The file first: who holds it may have been suspended, and own writes do not wait for that.
        with store.changing(PATIENCE), node.writing:
            # The leaf before the file: a kill in between leaves the key for the next run, and no second leaf.
            leaves = tuple(_leaf("encrypt-key-destroyed", one, node.now) for one in over.values())
            node.ledger.append(Batch(leaves=leaves))
            for name in over.keys() & store.keys():
                store.remove(name)
            store.save(sweep=True)
            left = {one: seed for one, seed in node.keys.decrypt.items() if one not in over.values()}
            node.replace_keys(replace(node.keys, decrypt=left))
    except FanalError as error:
        log.error("encryption keys not destroyed: %s", error)
        return 0
    return len(over)


def _over(node: Node, store: Keystore, now: int) -> dict[str, bytes]:
    """Entry of the keystore -> key id, of the keys whose time is over."""
    names = {
        name: key_id(x_wing_key(xwing.public_of(seed)))
        for name, seed in store.items()
        if name.startswith(ENCRYPT)
    }
    ends: dict[bytes, int] = {}
    for view in node.directory.identities(node.agency):
        for key in view.of_use(KeyUse.ENCRYPT):
            ends[key.key_id] = max(ends.get(key.key_id, 0), key.not_after)
    return {name: one for name, one in names.items() if one in ends and ends[one] + KEPT <= now}


def _leaf(what: str, detail: bytes, now: int) -> LeafRow:
    """One leaf for one key, however often its destruction is begun."""
    key = hashlib.sha256(what.encode() + b" " + detail).digest()
    return replace(admin_leaf(what, detail, now), key=key)
