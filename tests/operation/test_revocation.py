# SPDX-License-Identifier: Apache-2.0
"""Keys are revoked while notices flow: nothing acknowledged is lost, and their successors take over."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

from fanal.config.home import Home
from fanal.config.load import load
from fanal.envelope.verify import decode_manifest_only
from fanal.keys.documents import decode_document
from fanal.keys.identity import IdentityView, verify_own_claim
from fanal.node.ledger.readonly import open_readonly
from fanal.node.node import Node
from fanal.v1.envelope_pb2 import EnvelopeClass
from fanal.v1.identity_pb2 import KeyUse

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"


def newest(home: Home) -> IdentityView:
    return verify_own_claim(decode_document(home.identity_files()[-1].read_bytes()))


def revoke(node: RealNode, use: KeyUse.Code) -> None:
    """The newest key of a use is no longer good from now on; its successor is made in the same step."""
    key = newest(node.home).of_use(use)[0].key_id.hex()
    words = ("--from", "now", "--reason", "compromised", "--yes", "--json")
    answer = json.loads(node.fanal("key", "revoke", key, *words))
    assert (answer["taken_up"], answer["successor"]) == ("yes", True), answer


def signed_by(node: RealNode) -> dict[str, bytes]:
    """Envelope id of each notice in a stopped node's ledger -> the node key that it is signed with."""
    view = open_readonly(node.home.data)
    try:
        rows = [row for row in view.entries() if row.klass == EnvelopeClass.NOTICE]
        headers = {r.envelope_id.hex(): decode_manifest_only(r.manifest, r.signature).header for r in rows}
        return {envelope: header.author_key_id for envelope, header in headers.items()}
    finally:
        view.close()


def test_keys_are_revoked_under_load_and_their_successors_take_over(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """Every acknowledged notice is at the reader once; what came under the new key is filed and STORED."""
    listed, began = tmp_path / "acknowledged", time.monotonic()
    sender, reader = network[A], network[B]
    stolen = newest(sender.home).of_use(KeyUse.NODE_SIGN)[0].key_id
    with load_on(sender, listed, B):
        until(lambda: len(acknowledged(listed)) > 20, "notices flow")
        revoke(sender, KeyUse.NODE_SIGN)
        revoke(reader, KeyUse.ENCRYPT)
        revoke(reader, KeyUse.TLS_SPKI)
        revoke(sender, KeyUse.TLS_SPKI)
        done = len(acknowledged(listed))
        until(lambda: len(acknowledged(listed)) > done + 20, "notices flow again")
    sent = acknowledged(listed)
    print(f"  {len(sent)} notices in {time.monotonic() - began:.1f} s")
    officer = RealOfficer(sender.home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    officer.again()
    for node in network.values():
        assert node.end() == 0
    by = signed_by(reader)
    kept = kept_by(reader)
    assert kept.entries == kept.leaves["envelope-in"] == Counter(one.envelope_id for one in sent)
    new = [one.envelope_id for one in sent if by[one.envelope_id] != stolen]
    assert set(new) <= set(kept.filed)
    assert len(new) > 20
    assert set(kept.filed.values()) == {1}
    # The last of the old key is older than the first of the new: after the step nothing is signed with it.
    numbers = [by[one.envelope_id] == stolen for one in sorted(sent, key=lambda one: one.leaf)]
    assert numbers == sorted(numbers, reverse=True)


def test_the_governors_revoke_what_lies_further_back_at_running_nodes(network: dict[str, RealNode]) -> None:
    """The file of `key revoke` goes into the charter by `network charter --revoke`; others take it."""
    governor, other = network[A], network[B]
    key = newest(governor.home).of_use(KeyUse.ANCHOR)[0].key_id
    words = ("--from", "2026-01-01", "--reason", "compromised", "--yes", "--json")
    answer = json.loads(governor.fanal("key", "revoke", key.hex(), *words))
    assert (answer["taken_up"], answer["needs_governors"]) == ("yes", True)
    waiting = answer["for_governors"]
    governor.fanal("network", "charter", "--revoke", waiting, "--yes", code=0)
    version = json.loads(governor.fanal("network", "charter", "--json"))["version"]
    until(
        lambda: json.loads(other.fanal("network", "charter", "--json"))["version"] == version,
        "the charter is there",
    )
    assert other.end() == 0
    node = Node.open(other.home, load(other.home), time.time)
    try:
        assert node.directory.revoked(A, key) == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    finally:
        node.close()
