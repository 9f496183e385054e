# SPDX-License-Identifier: Apache-2.0
"""What `fanal key new-log` does, for a node in memory."""

from __future__ import annotations

from nodenet import NodeHost

from fanal.keys import ed25519
from fanal.keys.identity import key_entry
from fanal.node.witness.names import newest_origin
from fanal.proof.checkpoint import log_number
from fanal.v1.identity_pb2 import KeyUse

_YEAR = 365 * 86_400


def new_log(host: NodeHost) -> None:
    """The root registers the next log; the node restarts with it."""
    seed, now = ed25519.generate(), int(host.net.now)
    draft = host.agency.next_draft(host.node.identity)
    before = newest_origin(host.node.directory, host.name)
    number = log_number(before) + 1
    origin = f"{before.rpartition('/log')[0]}/log{number}"
    entry = key_entry(KeyUse.LOG, ed25519.public_of(seed), number, now - 300, now + _YEAR, origin)
    draft.keys.append(entry)
    host.documents.append(host.agency.sign(draft))
    host.more_keys[f"log-{number}"] = seed
    host.crash()
    host.net.run(5.0)
    host.start()
