# SPDX-License-Identifier: Apache-2.0
"""Keys in a directory: whose they are, what became of them, and who may use them."""

from __future__ import annotations

import pytest
from agencies import NOW, YEAR, Agency, following, network
from refusing import refusal

from fanal.errors import FanalError, VerificationError
from fanal.keys import xwing
from fanal.keys.errors import (
    KEY_UNKNOWN,
    NOT_MEMBER,
    REVOCATION_FORK,
    REVOCATION_NUMBER,
    REVOCATION_TOO_FAR_BACK,
    SIGNATURE_MISSING,
    ForkError,
    UnknownCharter,
    UnknownIdentity,
)
from fanal.keys.identity import DAY
from fanal.keys.revocation import sign_revocation
from fanal.keys.trust import Directory, KeyStatus
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

AZ, BG, GE, TR = (Agency(name) for name in ("AZ-CUS", "BG-CUS", "GE-CUS", "TR-CUS"))


@pytest.fixture
def directory() -> Directory:
    return network(AZ, GE)


def test_key_past_its_time_is_retired_by_the_own_clock(directory: Directory) -> None:
    """Only the reader's trusted clock decides, and only if it is given."""
    wanted = ("GE-CUS", GE.node_key_id, KeyUse.NODE_SIGN)
    assert directory.signing_key(*wanted, now=NOW + YEAR).status is KeyStatus.RETIRED
    assert directory.signing_key(*wanted, now=NOW + YEAR - 1).status is KeyStatus.CURRENT


def test_key_of_no_known_identity_waits(directory: Directory) -> None:
    """It may stand in a newer document that is still on its way."""
    with pytest.raises(UnknownIdentity) as waiting:
        directory.signing_key("GE-CUS", bytes(32), KeyUse.NODE_SIGN)
    assert not isinstance(waiting.value, VerificationError)


def test_key_for_another_use_is_refused(directory: Directory) -> None:
    """A log key signs no envelope, and a node key is no officer."""
    call = lambda: directory.signing_key("GE-CUS", GE.node_key_id, KeyUse.LOG)  # noqa: E731
    assert refusal(call) is KEY_UNKNOWN
    assert refusal(lambda: directory.officer("GE-CUS", GE.node_key_id)) is KEY_UNKNOWN
    found_officer = directory.officer("GE-CUS", GE.officer_key_id).key.officer
    assert found_officer is not None
    assert found_officer.officer_id == "duty-1"


def test_keys_to_seal_to_are_the_valid_ones(directory: Directory) -> None:
    """An agency without identity or without a valid key is left out, for the caller to say so."""
    names = ("AZ-CUS", "GE-CUS", "TR-CUS")
    keys = directory.encryption_keys(names, NOW)
    assert sorted(keys) == ["AZ-CUS", "GE-CUS"]
    assert keys["GE-CUS"] == (GE.encrypt_key_id, xwing.public_of(GE.encrypt))
    assert directory.encryption_keys(names, NOW + YEAR) == {}


# --- Revocations ---


def revocation(number: int, key: bytes, cut_off: int = NOW) -> SignedDocument:
    return sign_revocation(GE.root, "GE-CUS", number, key, cut_off, "compromised", NOW)


def test_single_revocation_takes_effect_at_once(directory: Directory) -> None:
    """The key is revoked from the cut-off on, and nothing is sealed to a revoked key."""
    assert directory.take_revocation(revocation(1, GE.encrypt_key_id), NOW)
    assert not directory.take_revocation(directory.revocations("GE-CUS")[0].document, NOW)
    known = directory.signing_key("GE-CUS", GE.encrypt_key_id, KeyUse.ENCRYPT)
    assert (known.status, known.cut_off) == (KeyStatus.REVOKED, NOW)
    assert directory.encryption_keys(["GE-CUS"], NOW) == {}


def test_revocation_far_back_needs_the_governors(directory: Directory) -> None:
    """Eight days back alone is refused; in a charter it counts."""
    old = revocation(1, GE.node_key_id, NOW - 8 * DAY)
    assert refusal(lambda: directory.take_revocation(old, NOW)) is REVOCATION_TOO_FAR_BACK
    assert directory.revoked("GE-CUS", GE.node_key_id) is None
    directory.take_charter(following(directory.newest, 1, AZ, revocations=(old,)))
    assert directory.revoked("GE-CUS", GE.node_key_id) == NOW - 8 * DAY
    assert not directory.take_revocation(old, NOW)


def test_revocation_seven_days_back_is_accepted(directory: Directory) -> None:
    """The limit itself."""
    assert directory.take_revocation(revocation(1, GE.node_key_id, NOW - 7 * DAY), NOW)


def test_two_revocations_of_one_number_are_a_fork_proof(directory: Directory) -> None:
    """Two stories about one number carry both documents."""
    one, other = revocation(1, GE.node_key_id), revocation(1, GE.officer_key_id)
    directory.take_revocation(one, NOW)
    with pytest.raises(ForkError) as proof:
        directory.take_revocation(other, NOW)
    assert proof.value.kind is REVOCATION_FORK
    assert (proof.value.first, proof.value.second) == (one, other)


def test_revocation_out_of_turn_or_by_a_stranger_is_refused(directory: Directory) -> None:
    """Number 2 first, another root, an agency outside."""
    early = revocation(2, GE.node_key_id)
    assert refusal(lambda: directory.take_revocation(early, NOW)) is REVOCATION_NUMBER
    forged = sign_revocation(AZ.root, "GE-CUS", 1, GE.node_key_id, NOW, "lost", NOW)
    assert refusal(lambda: directory.take_revocation(forged, NOW)) is SIGNATURE_MISSING
    outside = sign_revocation(TR.root, "TR-CUS", 1, TR.node_key_id, NOW, "lost", NOW)
    assert refusal(lambda: directory.take_revocation(outside, NOW)) is NOT_MEMBER


def test_stored_revocation_is_restored_however_old(directory: Directory) -> None:
    """It was judged when it arrived; a restart does not judge its age again."""
    documents_held = [directory.newest.document, GE.document, revocation(1, GE.node_key_id, NOW - 400 * DAY)]
    again = Directory.restore(directory.network, documents_held)
    assert again.revoked("GE-CUS", GE.node_key_id) == NOW - 400 * DAY


def test_two_revocations_of_one_number_do_not_keep_a_node_from_starting() -> None:
    """One arrived alone, another of its number stands in a later charter: the charter's counts, as before."""
    directory = network(AZ, GE)
    alone, other = revocation(1, GE.node_key_id), revocation(1, GE.officer_key_id)
    directory.take_revocation(alone, NOW)
    newest = following(directory.newest, 1, AZ, revocations=(other,))
    first = directory.newest.document
    directory.take_charter(newest)
    again = Directory.restore(directory.network, [first, newest, GE.document, alone])
    assert again.revoked("GE-CUS", GE.officer_key_id) == NOW


def test_errors_of_waiting_are_errors_people_can_read() -> None:
    """Each has an id, a sentence and a hint."""
    for error in (UnknownCharter, UnknownIdentity):
        assert issubclass(error, FanalError)
