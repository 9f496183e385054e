# SPDX-License-Identifier: Apache-2.0
"""A revocation arrives after envelopes were opened: what is older than the cut-off stays good."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from agencies import MemoryReservations
from audited import A, B, C, stored
from clikit import Run
from nodenet import NodeNet, some_notice

from fanal.cli.shown.text import when
from fanal.keys import charter as charters
from fanal.keys.documents import body_sha256
from fanal.keys.revocation import sign_revocation
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger
from fanal.v1 import officer_pb2 as api


def revoke(net: NodeNet, name: str, key: bytes, cut_off: int) -> None:
    """The next charter revokes a key of the agency from ``cut_off`` on, and every node takes it."""
    agency, governor = net.nodes[name].agency, net.nodes[A]
    now = int(net.now)
    document = sign_revocation(agency.root, name, 1, key, cut_off, "compromised", now)
    changes = charters.Changes(created=now, revocations=(document,))
    draft = charters.draft_next(governor.node.directory.newest, changes)
    charter = charters.sign_charter(governor.agency.root, draft, MemoryReservations())
    for host in net.nodes.values():
        host.node.take_documents([charter], [])


@pytest.fixture
def revoked(tmp_path: Path) -> tuple[NodeNet, api.SendReply, api.SendReply, Path]:
    """B sends once, and four minutes later once more; then B's key is revoked from between the two on."""
    made: list[Path] = []

    def on_disk(**given: object) -> object:
        made.append(tmp_path / f"n{len(made)}")
        return open_ledger(made[-1], **given)  # type: ignore[arg-type]

    with mock.patch("nodenet.MemoryLedger", on_disk):
        net = NodeNet(A, B, C)
    for host in net.nodes.values():
        host.ledger.append(Batch(documents=tuple(stored(one) for one in host.documents)))
    old = net.nodes[B].send(some_notice(B), [C])
    net.run(240)
    cut_off = int(net.now)
    young = net.nodes[B].send(some_notice(B, "By whoever stole the key"), [C])
    net.run(240)
    assert {one.status for one in net.nodes[C].inbox()} == {"ISSUED"}
    revoke(net, B, net.nodes[B].agency.node_key_id, cut_off)
    net.run(5)
    return net, old, young, made[list(net.nodes).index(C)]


def test_what_was_opened_before_the_revocation_came_is_marked(
    revoked: tuple[NodeNet, api.SendReply, api.SendReply, Path],
) -> None:
    """In the list and in full: suspect after the cut-off, unchanged when witnesses saw it before."""
    net, old, young, _folder = revoked
    reader = net.nodes[C]
    assert {one.ref: one.status for one in reader.inbox()} == {old.ref: "ISSUED", young.ref: "SUSPECT"}
    assert reader.show(old.ref).summary.status == "ISSUED"
    assert reader.show(young.ref).summary.status == "SUSPECT"
    assert reader.show(old.ref).summary.revoked_key == reader.show(young.ref).summary.revoked_key == "NODE"
    assert reader.show(young.ref).notice


def test_the_auditor_lists_the_same_envelopes(
    revoked: tuple[NodeNet, api.SendReply, api.SendReply, Path], run: Run
) -> None:
    """From the ledger alone, beside its running node: the late one suspect, the early one vouched for."""
    net, old, young, folder = revoked
    network = net.nodes[C].node.network.hex()
    found = run("audit", "suspects", "--ledger", folder, "--json")
    listed = {one["envelope_id"] for one in found.json["suspects"]}
    assert (found.code, young.envelope_id.hex() in listed, old.envelope_id.hex() in listed) == (
        7,
        True,
        False,
    )
    every = run("audit", "suspects", "--ledger", folder, "--all", "--json").json["suspects"]
    vouched = {one["envelope_id"]: one["vouched"] for one in every}
    assert vouched[old.envelope_id.hex()].startswith("checkpoint ")
    assert run("audit", "verify", folder, "--network", network).code == 0


def test_a_revocation_is_the_charters(revoked: tuple[NodeNet, api.SendReply, api.SendReply, Path]) -> None:
    """Every node judges by the same newest charter."""
    net = revoked[0]
    assert len({body_sha256(host.node.directory.newest.document) for host in net.nodes.values()}) == 1


def test_the_auditor_is_told_of_revoked_officers_whom_a_ledger_cannot_see(tmp_path: Path, run: Run) -> None:
    """Nothing is suspect by its node's key; the revoked officer is named, with where the marks are."""
    with mock.patch("nodenet.MemoryLedger", lambda **given: open_ledger(tmp_path / "n", **given)):
        net = NodeNet(A)
    host = net.nodes[A]
    host.ledger.append(Batch(documents=tuple(stored(one) for one in host.documents)))
    cut_off = int(net.now)
    revoke(net, A, host.agency.officer_key_id, cut_off)
    found = run("audit", "suspects", "--ledger", tmp_path / "n", "--json")
    assert (found.code, found.json["suspects"]) == (0, [])
    [told] = found.json["revoked_officers"]
    assert (told["agency"], told["officer"], told["cut_off"]) == (A, "duty-1", when(cut_off))
    plain = run("audit", "suspects", "--ledger", tmp_path / "n")
    assert "officer duty-1 of AZ-CUS is revoked" in plain.err


def test_notices_under_an_officers_key_revoked_since_are_marked_at_every_node() -> None:
    """Also after they were opened and read, at the readers and at the sender alike: suspect from the cut-off
    on; what others saw before stands, and says that the key was revoked."""
    net = NodeNet(A, B, C)
    old = net.nodes[B].send(some_notice(B), [A, C])
    net.run(240)
    cut_off = int(net.now)
    young = net.nodes[B].send(some_notice(B, "By whoever stole the officer's key"), [A, C])
    net.run(240)
    assert net.nodes[C].read(young.ref)
    revoke(net, B, net.nodes[B].agency.officer_key_id, cut_off)
    for host in net.nodes.values():
        listed = {one.ref: one for one in host.inbox("all")}
        assert {ref: one.status for ref, one in listed.items()} == {old.ref: "ISSUED", young.ref: "SUSPECT"}
        assert {(one.revoked_key, one.revoked_from) for one in listed.values()} == {("OFFICER", cut_off)}
        assert host.show(young.ref).summary == listed[young.ref]
        assert host.show(young.ref).notice
