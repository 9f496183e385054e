# SPDX-License-Identifier: Apache-2.0
"""The directory of a node: what it takes, what it keeps, and what it says of old and revoked keys."""

from __future__ import annotations

import pytest
from agencies import NOW, Agency, following, found, network, signed
from refusing import refusal

from fanal.errors import VerificationError
from fanal.keys import charter, documents, identity, root, xwing
from fanal.keys.errors import (
    CHARTER_FROZEN,
    CHARTER_PREVIOUS,
    IDENTITY_FORK,
    KEY_REUSED,
    NETWORK_CHANGED,
    NOT_MEMBER,
    ROOT_MISMATCH,
    SERIAL_FALLEN,
    VERSION_ROLLED_BACK,
    ForkError,
    UnknownCharter,
    UnknownIdentity,
)
from fanal.keys.revocation import sign_revocation
from fanal.keys.trust import Directory, KeyStatus
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

AZ, BG, GE, TR = (Agency(name) for name in ("AZ-CUS", "BG-CUS", "GE-CUS", "TR-CUS"))


@pytest.fixture
def directory() -> Directory:
    return network(AZ, GE)


# --- Charters ---


def test_charters_of_every_version_stay_resolvable(directory: Directory) -> None:
    """By version and hash; a hash under another version is not known."""
    one = directory.newest
    assert directory.take_charter(following(one, 1, AZ))
    assert not directory.take_charter(one.document)
    assert directory.charter(1, one.sha256) == one
    assert [view.version for view in directory.charters()] == [1, 2]
    with pytest.raises(UnknownCharter):
        directory.charter(2, one.sha256)


def test_charter_not_known_yet_is_no_refusal(directory: Directory) -> None:
    """Version 3 before version 2 waits: the error is not a verification failure."""
    two = charter.update_charter(directory.newest, following(directory.newest, 1, AZ))
    three = following(two, 2, AZ)
    with pytest.raises(UnknownCharter) as waiting:
        directory.take_charter(three)
    assert not isinstance(waiting.value, VerificationError)
    directory.take_charter(two.document)
    assert directory.take_charter(three)


def test_empty_directory_takes_only_charter_one_of_its_network(directory: Directory) -> None:
    """The network id is the anchor: nothing is trusted because it came first."""
    empty = Directory(bytes(32))
    assert refusal(lambda: empty.take_charter(directory.newest.document)) is NETWORK_CHANGED
    for ask in (lambda: empty.newest, lambda: empty.charter(1, bytes(32))):
        with pytest.raises(UnknownCharter):
            ask()


def test_charter_one_of_another_network_is_refused_later_too(directory: Directory) -> None:
    """Version 1 with another hash, and a successor of a stranger."""
    other = network(TR)
    assert refusal(lambda: directory.take_charter(other.newest.document)) is VERSION_ROLLED_BACK
    stranger = following(other.newest, 1, TR)
    assert refusal(lambda: directory.take_charter(stranger)) is CHARTER_PREVIOUS


def forked(threshold: int = 1) -> tuple[Directory, SignedDocument, SignedDocument]:
    """A directory that holds two successors of charter 1, of which one adds BG as a second governor."""
    governors = [AZ, GE]
    directory = Directory.founded(signed(found(governors, threshold=threshold), *governors))
    one = directory.newest
    entry = (charter.member_of("BG-CUS", BG.root.public, True),)
    first = following(one, 1, AZ, GE, BG, add=entry, governors=("BG-CUS",), threshold=1)
    second = following(one, 2, AZ, GE)
    directory.take_charter(first)
    with pytest.raises(ForkError) as proof:
        directory.take_charter(second)
    assert (proof.value.first, proof.value.second) == (first, second)
    return directory, first, second


def test_fork_freezes_membership_and_keeps_both_branches() -> None:
    """Traffic goes on under the first, both resolve, and a branch's own governors cannot go on alone."""
    directory, first, second = forked(threshold=2)
    assert directory.fork is not None
    assert directory.newest.document == first
    for branch in (first, second):
        directory.charter(2, documents.body_sha256(branch))
    alone = following(directory.newest, 5, BG)
    assert refusal(lambda: directory.take_charter(alone)) is CHARTER_FROZEN


@pytest.mark.parametrize("winner", [0, 1])
def test_fork_is_settled_by_the_governors_before_it(winner: int) -> None:
    """Version 3 naming either branch, with the threshold of version 1, ends it for everybody."""
    directory, *branches = forked(threshold=2)
    view = charter.update_charter(directory.charters()[0], branches[winner])
    settling = following(view, 5, AZ, GE, BG)
    assert directory.take_charter(settling)
    assert directory.fork is None
    assert directory.newest.document == settling
    assert [v.version for v in directory.charters()] == [1, 2, 3]
    loser = charter.update_charter(directory.charters()[0], branches[1 - winner])
    assert refusal(lambda: directory.take_charter(following(loser, 6, AZ, GE, BG))) is not None


def test_third_branch_joins_the_fork() -> None:
    """Every further successor is a proof of its own and may be the one that is named."""
    directory, _first, _second = forked()
    third = following(directory.charters()[0], 3, AZ, GE)
    with pytest.raises(ForkError):
        directory.take_charter(third)
    assert directory.fork is not None
    assert len(directory.fork.branches) == 3


def test_late_branch_does_not_freeze_a_settled_line(directory: Directory) -> None:
    """Whoever holds version 3 with version 1's threshold keeps the proof and carries on."""
    one = directory.newest
    directory.take_charter(following(one, 1, AZ))
    directory.take_charter(following(directory.newest, 2, AZ))
    with pytest.raises(ForkError):
        directory.take_charter(following(one, 9, AZ))
    assert directory.fork is None
    assert directory.newest.version == 3


def test_restart_restores_everything_forks_included() -> None:
    """The stored documents, in the order of acceptance, give the same state."""
    directory, first, second = forked()
    ones = directory.charters()[0].document
    again = Directory.restore(directory.network, [ones, AZ.document, first, second])
    assert again.fork == directory.fork
    assert again.newest == directory.newest
    assert again.agencies() == ["AZ-CUS"]
    assert "AZ" not in repr(again)


# --- Identities ---


def test_identity_is_taken_once(directory: Directory) -> None:
    """The same document again is not new."""
    assert directory.agencies() == ["AZ-CUS", "GE-CUS"]
    assert not directory.take_identity(GE.document)
    assert directory.identity("GE-CUS") == GE.view()
    with pytest.raises(UnknownIdentity):
        directory.identity("TR-CUS")


def test_identity_of_a_stranger_is_refused(directory: Directory) -> None:
    """Not a member, or a member's name under another root."""
    assert refusal(lambda: directory.take_identity(TR.document)) is NOT_MEMBER
    assert refusal(lambda: directory.take_identity(Agency("GE-CUS").document)) is ROOT_MISMATCH


def test_two_identities_at_one_serial_are_reported_with_both(directory: Directory) -> None:
    """The second is not taken; the error is the proof."""
    changed = identity.parse_identity(GE.document)
    changed.duty = True
    other = GE.sign(changed)
    with pytest.raises(ForkError) as proof:
        directory.take_identity(other)
    assert proof.value.kind is IDENTITY_FORK
    assert (proof.value.first, proof.value.second) == (GE.document, other)


def test_one_public_key_in_two_identities_is_refused(directory: Directory) -> None:
    """An agency that copies another's key, or a member's root key, is found out."""
    for stolen in (AZ.entries()[0], AZ.entries()[5]):
        changed = GE.next_draft()
        changed.keys.append(stolen)
        changed.keys[-1].epoch = 9
        assert refusal(lambda c=changed: directory.take_identity(GE.sign(c))) is KEY_REUSED
    changed = GE.next_draft()
    changed.keys[0].public_key.key = AZ.root.public.ed25519
    assert refusal(lambda: directory.take_identity(GE.sign(changed))) is KEY_REUSED


def second_and_third() -> tuple[SignedDocument, SignedDocument]:
    """GE's serials 2 and 3; serial 3 has a new encryption key instead of the first."""
    two = GE.sign(GE.next_draft())
    draft = GE.next_draft(identity.verify_identity(two, GE.root.public))
    del draft.keys[1]
    draft.keys.append(identity.encrypt_entry(xwing.public_of(xwing.generate()), 2, NOW))
    return two, GE.sign(draft)


def test_history_is_filled_in_backwards_along_the_hashes(directory: Directory) -> None:
    """Serial 2 after serial 3 is taken if serial 3 names its hash, and never becomes the newest."""
    two, three = second_and_third()
    assert directory.take_identity(three)
    assert directory.take_identity(two)
    assert directory.identity("GE-CUS").serial == 3
    assert [view.serial for view in directory.identities("GE-CUS")] == [1, 2, 3]


def test_invented_history_is_refused(directory: Directory) -> None:
    """Another serial 2, well signed, that serial 3 does not name."""
    _two, three = second_and_third()
    directory.take_identity(three)
    changed = GE.next_draft()
    changed.duty = True
    assert refusal(lambda: directory.take_identity(GE.sign(changed))) is SERIAL_FALLEN


def test_replaced_root_signs_nothing_new(directory: Directory) -> None:
    """After the charter names a new root, the stolen old one cannot publish a higher serial."""
    fresh = root.generate()
    entry = (charter.member_of("GE-CUS", fresh.public),)
    directory.take_charter(following(directory.newest, 1, AZ, add=entry))
    stolen = GE.sign(GE.next_draft())
    assert refusal(lambda: directory.take_identity(stolen)) is ROOT_MISMATCH
    draft = GE.next_draft()
    ed25519_root, ml_dsa_root = fresh.public.typed()
    draft.root_ed25519.CopyFrom(ed25519_root)
    draft.root_ml_dsa.CopyFrom(ml_dsa_root)
    assert directory.take_identity(identity.sign_identity(fresh, draft))
    stored = [v.document for a in directory.agencies() for v in directory.identities(a)]
    again = Directory.restore(directory.network, [v.document for v in directory.charters()] + stored)
    assert again.identity("GE-CUS").root == fresh.public


def test_the_stored_proof_of_two_identities_does_not_keep_a_node_from_starting() -> None:
    """Both documents of a fork are stored: after a restart the one taken first counts, as before."""
    directory = network(AZ, GE)
    changed = identity.parse_identity(GE.document)
    changed.duty = True
    stored = [directory.newest.document, AZ.document, GE.document, GE.sign(changed)]
    again = Directory.restore(directory.network, stored)
    assert again.identity("GE-CUS") == GE.view()


def test_a_key_that_became_a_members_root_later_does_not_keep_a_node_from_starting() -> None:
    """GE's identity was taken before the charter named its officer's key as the root of a newcomer."""
    directory = network(AZ, GE)
    roots = root.generate().public
    reused = charter.member_of(
        "TR-CUS", documents.RootKeys(GE.view().of_use(KeyUse.OFFICER)[0].public, roots.ml_dsa)
    )
    newest = following(directory.newest, 1, AZ, add=(reused,))
    directory.take_charter(newest)
    again = Directory.restore(directory.network, [directory.charters()[0].document, newest, GE.document])
    assert again.identity("GE-CUS") == GE.view()


def test_a_trial_changes_nothing_of_what_it_is_a_copy_of(directory: Directory) -> None:
    """It takes documents of every kind; the directory that was copied knows none of them."""
    trial = directory.copy()
    trial.take_charter(following(directory.newest, 1, AZ, add=(charter.member_of("TR-CUS", TR.root.public),)))
    trial.take_identity(TR.document)
    trial.take_revocation(revocation(1, GE.node_key_id), NOW)
    assert directory.newest.version == 1
    assert directory.agencies() == ["AZ-CUS", "GE-CUS"]
    assert directory.revoked("GE-CUS", GE.node_key_id) is None
    assert trial.newest.version == 2
    assert trial.agencies() == ["AZ-CUS", "GE-CUS", "TR-CUS"]
    assert trial.revoked("GE-CUS", GE.node_key_id) == NOW


# --- Keys ---


def test_key_is_current_then_retired_and_never_forgotten(directory: Directory) -> None:
    """A key that the newest identity no longer names still resolves, as retired."""
    wanted = ("GE-CUS", GE.encrypt_key_id, KeyUse.ENCRYPT)
    assert directory.signing_key(*wanted).status is KeyStatus.CURRENT
    two, three = second_and_third()
    directory.take_identity(two)
    directory.take_identity(three)
    assert directory.signing_key(*wanted).status is KeyStatus.RETIRED
    assert directory.signing_key(*wanted).public == xwing.public_of(GE.encrypt)


def revocation(number: int, key: bytes, cut_off: int = NOW) -> SignedDocument:
    return sign_revocation(GE.root, "GE-CUS", number, key, cut_off, "compromised", NOW)
