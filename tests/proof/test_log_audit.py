# SPDX-License-Identifier: Apache-2.0
"""The audit of a ledger: an honest one passes, and each way of changing one is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from fanal.keys.merkle import leaf_hash
from fanal.proof import audit
from fanal.proof import checkpoint as checkpoints
from fanal.proof.audit import LedgerAudit, Status
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.leaf import Leaf, LeafType, encode
from fanal.proof.note_key import Ed25519Signer, Ed25519Verifier
from fanal.proof.tree import Frontier

SEED = SigningKey(b"\x07" * 32)
ORIGIN = checkpoints.origin(bytes(32), "GE-CUS", 1)
LOG = Ed25519Signer(ORIGIN, bytes(SEED), bytes(SEED.verify_key))
KEY = Ed25519Verifier(ORIGIN, LOG.public_key)


def leaf(number, what="key-added"):
    fields = {"time": 1767225600 + number, "what": what, "detail": bytes([number]) * 32}
    return encode(Leaf.of(LeafType.ADMIN, fields))


class Ledger:
    """A node's rows: leaves, tree nodes, and checkpoints at some sizes."""

    def __init__(self, leaves, sizes):
        self.leaves, self.nodes, frontier = list(leaves), {}, Frontier()
        roots = {0: frontier.root()}
        for data in self.leaves:
            frontier, created = frontier.append(leaf_hash(data))
            roots[frontier.size] = frontier.root()
            self.nodes.update({(node.level, node.index): node.hash for node in created})
        self.notes = [note_of(size, roots[size]) for size in sizes]

    def stored(self, level, index):
        return self.nodes.get((level, index))

    def audit(self, *, nodes=True, notes_last=False, extra=(), strict=False):
        machine = LedgerAudit(ORIGIN, [KEY], self.stored if nodes else None)
        given_notes = [*self.notes, *extra]
        for note in [] if notes_last else given_notes:
            machine.feed_checkpoint(note)
        for index, data in enumerate(self.leaves):
            machine.feed(index, data)
        for note in given_notes if notes_last else []:
            machine.feed_checkpoint(note)
        return machine.finish(tail_must_be_signed=strict)


def note_of(size, root, signer=LOG):
    return checkpoints.sign(Checkpoint(signer.name, size, root), signer)


def honest():
    return Ledger([leaf(i) for i in range(20)], [0, 4, 9, 16, 20])


def failed(report):
    return {check.name for check in report.checks if check.status is Status.FAILED}


def check(report, name):
    return next(found for found in report.checks if found.name == name)


@pytest.mark.parametrize("nodes", [True, False])
def test_an_honest_ledger_passes(nodes):
    """Leaves, nodes, signatures and roots pass, with counts of what was checked."""
    report = honest().audit(nodes=nodes)
    assert report.verdict is Status.PASSED
    assert report.first_bad is None
    assert report.size == 20
    assert check(report, audit.ROOT).found == "5"
    assert check(report, audit.FORMAT).found == "20"
    assert (audit.NODES in {c.name for c in report.checks}) is nodes


def test_the_report_turns_into_plain_json_values():
    """The report's facts carry the verdict and every check in words."""
    facts = honest().audit().facts()
    assert facts["verdict"] == "passed"
    assert facts["first_bad"] is None
    assert facts["checks"][0] == {
        "name": "leaves.order",
        "status": "passed",
        "expected": "",
        "found": "20",
        "detail": "",
    }


def test_an_empty_ledger_passes():
    """A ledger without leaves has nothing that could be wrong."""
    assert Ledger([], []).audit().verdict is Status.PASSED
    assert Ledger([], [0]).audit(notes_last=True).verdict is Status.PASSED


def test_checkpoints_may_come_after_their_leaves_when_nodes_are_stored():
    """Past roots are computed from nodes that the leaves have confirmed."""
    assert honest().audit(notes_last=True).verdict is Status.PASSED


def test_a_late_checkpoint_without_stored_nodes_is_undecided():
    """Without nodes there is no way back to an earlier root, and the report says so."""
    report = honest().audit(nodes=False, notes_last=True)
    assert report.verdict is Status.UNDECIDED
    assert check(report, audit.ROOT).detail


@given(st.integers(0, 19), st.data())
@settings(max_examples=60)
def test_a_flipped_byte_of_any_leaf_is_named_exactly(victim, data):
    """With stored nodes, the first bad index is the changed leaf's."""
    ledger = honest()
    at = data.draw(st.integers(0, len(ledger.leaves[victim]) - 1))
    changed = bytearray(ledger.leaves[victim])
    changed[at] ^= data.draw(st.integers(1, 255))
    ledger.leaves[victim] = bytes(changed)
    report = ledger.audit()
    assert report.verdict is Status.FAILED
    assert report.first_bad == victim
    assert {audit.NODES, audit.ROOT} <= failed(report)


def test_without_nodes_a_changed_leaf_is_narrowed_to_its_checkpoint_span():
    """Only the roots speak then: the bad leaf lies after the last good checkpoint."""
    ledger = honest()
    ledger.leaves[11] = leaf(99)
    report = ledger.audit(nodes=False)
    assert report.first_bad == 9
    assert "9 to 15" in check(report, audit.ROOT).detail


def test_a_leaf_changed_together_with_its_own_node_is_still_found():
    """The parent's node gives the change away and names the pair it covers."""
    ledger = honest()
    ledger.leaves[11] = leaf(99)
    ledger.nodes[0, 11] = leaf_hash(ledger.leaves[11])
    report = ledger.audit()
    assert report.first_bad == 10
    assert "(level 1, index 5)" in check(report, audit.NODES).detail


def test_a_whole_rewritten_tree_fails_at_the_signed_root():
    """Recomputing every node does not help against a signed root."""
    ledger = honest()
    leaves = list(ledger.leaves)
    leaves[2] = leaf(99)
    rewritten = Ledger(leaves, [])
    rewritten.notes = ledger.notes
    report = rewritten.audit()
    assert failed(report) == {audit.ROOT}
    assert report.first_bad == 0


def test_reordered_leaves_are_found_at_the_first_of_them():
    """Two leaves in each other's place are named by the lower index."""
    ledger = honest()
    ledger.leaves[6], ledger.leaves[7] = ledger.leaves[7], ledger.leaves[6]
    assert ledger.audit().first_bad == 6


def test_a_missing_stored_node_is_reported():
    """A node row that was deleted is a failure of the tree, not of the leaves' roots."""
    ledger = honest()
    del ledger.nodes[2, 1]
    report = ledger.audit()
    assert failed(report) == {audit.NODES}
    assert report.first_bad == 4
    assert check(report, audit.NODES).found == ""
    assert check(ledger.audit(notes_last=True), audit.ROOT).status is Status.UNDECIDED


@pytest.mark.parametrize("second", [3, 5, 19])
def test_a_gap_or_repetition_of_indexes_is_named_and_later_roots_are_undecided(second):
    """After leaf 3 anything but 4 is out of order; what follows is not judged by a guessed root."""
    ledger = honest()
    machine = LedgerAudit(ORIGIN, [KEY], ledger.stored)
    for note in ledger.notes[:3]:
        machine.feed_checkpoint(note)
    for index in (0, 1, 2, 3, second, second + 1, 19, 19, 19):
        machine.feed(index, ledger.leaves[min(index, 19)])
    machine.feed_checkpoint(note_of(6, bytes(32)))
    report = machine.finish()
    assert report.first_bad == 4
    assert failed(report) == {audit.ORDER}
    assert check(report, audit.ORDER).expected == "4"
    assert check(report, audit.ORDER).found == str(second)
    assert check(report, audit.ROOT).status is Status.UNDECIDED


def test_a_truncated_tail_is_found_by_its_checkpoint():
    """Leaves that were signed for and are gone are reported with both sizes."""
    ledger = honest()
    del ledger.leaves[17:]
    report = ledger.audit()
    assert failed(report) == {audit.TAIL}
    assert report.first_bad == 17
    assert (check(report, audit.TAIL).expected, check(report, audit.TAIL).found) == ("20", "17")


def test_a_tail_that_only_a_peer_saw_signed_is_found_too():
    """A checkpoint held by a peer convicts a ledger that dropped both leaves and checkpoint."""
    ledger, peer_note = honest(), honest().notes[-1]
    del ledger.leaves[17:], ledger.notes[-1]
    assert ledger.audit().verdict is Status.PASSED
    assert failed(ledger.audit(extra=[peer_note])) == {audit.TAIL}


@pytest.mark.parametrize("notes_last", [True, False])
def test_a_history_signed_again_with_the_stolen_key_is_convicted_by_an_older_checkpoint(notes_last):
    """Two roots at one size, both signed, prove the fork whatever the ledger now says."""
    leaves = [leaf(i) for i in range(20)]
    leaves[13] = leaf(99)
    forged = Ledger(leaves, [0, 4, 9, 16, 20])
    assert forged.audit().verdict is Status.PASSED
    report = forged.audit(extra=[honest().notes[3]], notes_last=notes_last)
    assert failed(report) == {audit.ONE_ROOT, audit.ROOT}
    assert report.first_bad == 9


def test_the_same_checkpoint_twice_is_no_fork():
    """A copy of a checkpoint changes nothing."""
    ledger = honest()
    report = ledger.audit(extra=ledger.notes)
    assert report.verdict is Status.PASSED
    assert check(report, audit.ONE_ROOT).found == "5"


def test_a_checkpoint_that_does_not_verify_is_reported_and_not_believed():
    """A forged or foreign checkpoint fails its own check and judges no leaf."""
    stranger = SigningKey(b"\x08" * 32)
    forged = note_of(20, bytes(32), Ed25519Signer(ORIGIN, bytes(stranger), bytes(stranger.verify_key)))
    for note in (forged, b"", honest().notes[1][:-3] + b"AA\n"):
        report = honest().audit(extra=[note])
        assert failed(report) == {audit.SIGNATURE}
        assert check(report, audit.SIGNATURE).detail
        assert report.first_bad is None


def test_a_leaf_that_breaks_the_format_is_named_though_its_root_is_signed():
    """Bytes that were logged and signed but are no leaf are reported at their index."""
    leaves = [leaf(i) for i in range(5)]
    leaves[3] = b"Nino Beridze read it\n"
    leaves[4] = b"x\n"
    report = Ledger(leaves, [5]).audit()
    assert failed(report) == {audit.FORMAT}
    assert report.first_bad == 3


def test_unsigned_leaves_at_the_end_are_normal_unless_asked_for():
    """A running node has a tail; an export for evidence must not."""
    ledger = honest()
    ledger.leaves.append(leaf(20))
    ledger.nodes.update(Ledger(ledger.leaves, []).nodes)
    report = ledger.audit()
    assert report.verdict is Status.PASSED
    assert check(report, audit.COVERED).detail.startswith("1 leaves")
    assert ledger.audit(strict=True).verdict is Status.UNDECIDED


def test_leaves_without_any_checkpoint_are_undecided():
    """Nothing signed means nothing shown, and that is said instead of passed."""
    report = Ledger([leaf(1)], []).audit()
    assert report.verdict is Status.UNDECIDED
    assert check(report, audit.COVERED).status is Status.UNDECIDED


def test_a_failure_outweighs_an_earlier_doubt():
    """An undecided root does not hide a wrong one that comes later."""
    ledger = honest()
    machine = LedgerAudit(ORIGIN, [KEY])
    for index in range(10):
        machine.feed(index, ledger.leaves[index])
    machine.feed_checkpoint(ledger.notes[1])
    machine.feed_checkpoint(note_of(10, bytes(32)))
    report = machine.finish()
    assert failed(report) == {audit.ROOT}
    assert check(report, audit.ROOT).expected == "00" * 32


def test_the_checkpoints_of_the_log_before_count_for_the_tree_that_goes_on():
    """Log 2 continues the leaves of log 1 under a new name; both names' checkpoints are checked."""
    key = SigningKey(b"\x08" * 32)
    second = Ed25519Signer(ORIGIN.removesuffix("1") + "2", bytes(key), bytes(key.verify_key))
    ledger, frontier = honest(), Frontier()
    for data in ledger.leaves[:18]:
        frontier, _ = frontier.append(leaf_hash(data))
    machine = LedgerAudit(second.name, [KEY, Ed25519Verifier(second.name, second.public_key)])
    for note in (ledger.notes[2], note_of(18, frontier.root(), second)):
        machine.feed_checkpoint(note)
    for index, data in enumerate(ledger.leaves):
        machine.feed(index, data)
    assert machine.finish().verdict is Status.PASSED
