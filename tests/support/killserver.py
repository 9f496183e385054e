# SPDX-License-Identifier: Apache-2.0
"""Small lives to kill: a process that has imported the program forks one for each, without daemon or network.

    python -m killserver SENDER-HOME READER-HOME DRAFTS

Of each number N on standard input a life sends the drafts from N on, the last one before N once more, and
carries envelopes, wraps and receipts between both agencies: the two stories, on real ledgers and vaults. On
stdout: ``ack N ENVELOPE-ID LEAF`` once draft N is durable, and ``end STATUS`` when the life is over. It forks
while no thread runs and no database is open.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from nodenet import some_notice

from fanal.cli.client.officer import current_seed
from fanal.config.home import Home
from fanal.config.load import load
from fanal.envelope.statement import SignedDraft, compose_signed, handling_of
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node import housekeeping, incoming, outgoing
from fanal.node.arrival import opening
from fanal.node.checkpoints import behind
from fanal.node.damage import sound
from fanal.node.desk.actor import Actor
from fanal.node.housekeeping import Job
from fanal.node.lanes import audience
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.node import Node
from fanal.node.receipts import issuing
from fanal.notices.compose import make_ref, stamp
from fanal.v1.envelope_pb2 import EnvelopeClass
from fanal.v1.identity_pb2 import KeyUse

A_LIFE = 3
"""Drafts that a life sends before it ends by itself."""
RECENT = 80
"""Entries that are offered again to who may have missed them: more than two lives write."""
YEAR, FIRST_REF = 2030, 1


def opened(home: Path) -> Node:
    found = Home(home)
    node = Node.open(found, load(found, environ=os.environ), time.time)
    node.unlock_with(read_key_file(found.unlock_key))
    return node


def officer(home: Path) -> tuple[bytes, Actor]:
    """The first officer's seed, and as whom the node knows it."""
    found = Home(home)
    store = Keystore.open(found.officer_file(found.officers()[0]), read_key_file(found.unlock_key))
    node = opened(home)
    key = node.identity.of_use(KeyUse.OFFICER)[0]
    node.close()
    return current_seed(store, found), Actor(key.key_id, "duty-1", frozenset({1, 2, 3, 4}), 1)


def drafts(node: Node, seed: bytes, reader: str, count: int) -> list[SignedDraft]:
    """So many signed notices; which of them are sent is for the lives to see."""
    made = []
    for number in range(count):
        notice = some_notice(node.agency, f"Seen {number}", node.now)
        audience.address(notice, [reader])
        resolved = audience.resolve(notice, node.agency, node.directory.newest)
        ready = stamp(notice, make_ref(node.agency, YEAR, FIRST_REF + number), node.now, os.urandom)
        made.append(
            compose_signed(
                ready.SerializeToString(deterministic=True),
                network=node.network,
                charter=node.charter_ref,
                envelope_id=os.urandom(16),
                author=node.agency,
                audience=resolved.audience,
                handling=handling_of(ready),
                officer_seed=seed,
                now=node.now,
            )
        )
    return made


def carry(source: Node, target: Node) -> None:
    """Everything recent of one node to the other, which opens it."""
    rows = source.ledger.entries.since(max(0, source.ledger.head().entries - RECENT), RECENT)
    keys = [row.manifest_sha256 for row in rows if row.klass == EnvelopeClass.KEY]
    wraps = [wrap for key in keys for wrap in sound.wraps(source, key, (target.agency,))[1]]
    incoming.receive(target, source.agency, [envelope_bytes(row) for row in rows], wraps)
    opening.open_arrived(target, keys)


def settle(node: Node) -> None:
    """Receipts and a checkpoint, as the daemon's keeper has them written."""
    streams = frozenset(issuing.uncovered(node))
    housekeeping.work(node, Job(streams=streams, checkpoint=behind(node.ledger)), set())


def live(sender_home: Path, reader_home: Path, actor: Actor, made: list[SignedDraft], first: int) -> None:
    sender, reader = opened(sender_home), opened(reader_home)
    for number in range(max(0, first - 1), min(len(made), first + A_LIFE)):
        sent = outgoing.send(sender, actor, made[number])
        say(f"ack {number} {sent.envelope_id.hex()} {sent.leaf_index}")
        carry(sender, reader)
        settle(reader)
        carry(reader, sender)
        opening.open_arrived(sender)
    settle(sender)


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def main(sender_home: Path, reader_home: Path, count: int) -> None:
    logging.disable(logging.CRITICAL)
    seed, actor = officer(sender_home)
    node = opened(sender_home)
    made = drafts(node, seed, load(Home(reader_home)).agency, count)
    node.close()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(sender_home, reader_home, actor, made, int(line))
                os._exit(0)
            finally:
                logging.disable(logging.NOTSET)
                logging.getLogger().exception("a life failed")
                os._exit(1)
        say(f"end {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
