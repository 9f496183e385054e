# SPDX-License-Identifier: Apache-2.0
"""Keys are rotated at both ends of a link while notices flow: real processes, real commands, no restart.
Afterwards every entry of both ledgers is held against the documents: none is under a retired key.

ROTATIONS=1000 make rotations: a longer campaign.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by, reader_has_all, sender_has_all

from fanal.cli.local.newkeys import acknowledged as goes_by
from fanal.envelope.verify import decode_manifest_only
from fanal.keys.documents import decode_document
from fanal.keys.identity import KeyView, verify_own_claim
from fanal.node.ledger.readonly import LedgerView, open_readonly
from fanal.v1.identity_pb2 import KeyUse

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"
ROTATIONS = int(os.environ.get("ROTATIONS", "10"))
LOOKS = 1_000
"""A node takes 10,000 calls of an officer a minute; what its ledger says is looked at of all."""
PLANS = (
    (A, "ENCRYPT"),
    (B, "ENCRYPT"),
    (A, "NODE_SIGN"),
    (B, "TLS"),
    (B, "WITNESS"),
    (A, "ANCHOR"),
    (A, "TLS"),
    (B, "NODE_SIGN"),
    (A, "OFFICER officer-1"),
    (B, "ANCHOR"),
)


def accepted_under_retired(node: RealNode) -> list[str]:
    """Entries in a stopped node's ledger under a key that was not good when they came, or that is older than
    the key of an entry before it in its stream: whoever rotates signs with the new key from then on."""
    view = open_readonly(node.home.data)
    try:
        keys, newest, wrong = node_keys(view), dict[tuple[bytes, bytes], int](), list[str]()
        for row in sorted(view.entries(), key=lambda row: (row.lane, row.incarnation, row.seq)):
            key = keys[decode_manifest_only(row.manifest, row.signature).header.author_key_id]
            before = newest.get((row.lane, row.incarnation), 0)
            if not key.valid_at(row.arrived) or key.epoch < before:
                wrong.append(row.envelope_id.hex())
            newest[row.lane, row.incarnation] = max(before, key.epoch)
        assert newest
        return wrong
    finally:
        view.close()


def node_keys(view: LedgerView) -> dict[bytes, KeyView]:
    """Full id -> node key as the last document that names it has it, with the end that a rotation gave it."""
    claims = [decode_document(row.document) for row in view.documents() if row.kind == "identity"]
    views = sorted((verify_own_claim(one) for one in claims), key=lambda one: one.serial)
    return {key.key_id: key for one in views for key in one.of_use(KeyUse.NODE_SIGN)}


def test_keys_of_every_use_are_rotated_under_load_and_nothing_is_lost(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """Each is taken up without a restart; every acknowledged notice is at the reader, once, STORED; none is
    accepted under a retired key."""
    listed, began = tmp_path / "acknowledged", time.monotonic()
    with load_on(network[A], listed, B):
        for number in range(ROTATIONS):
            name, what = PLANS[number % len(PLANS)]
            answer = json.loads(network[name].fanal("key", "rotate", *what.split(), "--json"))
            # "no" when a busy node took longer than the command waits.
            assert answer["taken_up"] != "stopped", answer
            until(lambda: goes_by(network[name].home) >= answer["serial"], "it is taken up")  # noqa: B023
    sent = acknowledged(listed)
    print(f"  {ROTATIONS} rotations, {len(sent)} notices in {time.monotonic() - began:.1f} s")
    officer = RealOfficer(network[A].home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    looked = random.Random(1).sample(sent, min(len(sent), LOOKS))
    assert [officer.states(one.ref) for one in looked] == [{B: "STORED"}] * len(looked)
    officer.again()
    for node in network.values():
        assert node.end() == 0
    sender_has_all(kept_by(network[A]), sent)
    reader_has_all(kept_by(network[B]), sent)
    assert [accepted_under_retired(node) for node in network.values()] == [[], []]
