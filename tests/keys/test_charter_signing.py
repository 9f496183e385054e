# SPDX-License-Identifier: Apache-2.0
"""Revocations in the charter, and governors who sign: nothing is taken back, no version is signed twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from agencies import NOW, YEAR, Agency, MemoryReservations, found, signed

from fanal.errors import ErrorKind, FanalError, VerificationError
from fanal.keys import charter
from fanal.keys.charter import Changes, CharterView, FileReservations
from fanal.keys.errors import (
    NOT_GOVERNOR,
    REVOCATION_DROPPED,
    REVOCATION_FIELD,
    REVOCATION_NUMBER,
    SIGNATURE_MISSING,
    VERSION_RESERVED,
)
from fanal.keys.revocation import sign_revocation
from fanal.v1.charter_pb2 import Charter, Member
from fanal.v1.identity_pb2 import SignedDocument

AZ, BG, GE, KZ, TR = (Agency(name) for name in ("AZ-CUS", "BG-CUS", "GE-CUS", "KZ-CUS", "TR-CUS"))
# Three governors, two of whom must sign.
ONE = charter.first_charter(signed(found([AZ, BG, GE], [KZ], threshold=2), AZ, BG))
ADD_TR = Changes(created=NOW + 1, add=(charter.member_of("TR-CUS", TR.root.public),))
DRAFT = charter.draft_next(ONE, ADD_TR)
TWO = charter.update_charter(ONE, signed(DRAFT, AZ, GE))


def refusal(call: Callable[[], object]) -> ErrorKind:
    with pytest.raises(VerificationError) as refused:
        call()
    return refused.value.kind


def offer(draft: Charter, *signers: Agency, old: CharterView = ONE) -> CharterView:
    return charter.update_charter(old, signed(draft, *signers))


def new_governors(threshold: int = 2) -> Charter:
    """Power passes from AZ, BG, GE to KZ and TR."""
    changes = Changes(created=NOW + 1, add=ADD_TR.add, governors=("KZ-CUS", "TR-CUS"), threshold=threshold)
    return charter.draft_next(ONE, changes)


# --- Revocations in the charter -----------------------------------------------------


def revocation(agency: Agency, number: int, key: bytes, cut_off: int = NOW) -> SignedDocument:
    return sign_revocation(agency.root, agency.name, number, key, cut_off, "lost", NOW)


def with_revocations(old: CharterView, *documents: SignedDocument) -> Charter:
    return charter.draft_next(old, Changes(created=NOW + 2, revocations=documents))


def test_revocation_counts_from_its_cut_off() -> None:
    """And the earliest cut-off of several counts."""
    key = KZ.node_key_id
    documents = (revocation(KZ, 1, key, NOW - 5), revocation(KZ, 2, key, NOW - 50))
    view = offer(with_revocations(TWO, *documents), AZ, GE, old=TWO)
    assert view.revoked("KZ-CUS", key) == NOW - 50
    assert view.revoked("KZ-CUS", bytes(32)) is None


def test_agency_cannot_revoke_the_key_of_another() -> None:
    """A revocation binds its signer's keys only, whatever key id it names."""
    view = offer(with_revocations(TWO, revocation(KZ, 1, AZ.node_key_id)), AZ, GE, old=TWO)
    assert view.revoked("AZ-CUS", AZ.node_key_id) is None


def test_revocation_signed_by_another_root_is_refused() -> None:
    """Governors cannot revoke a member's key in its name."""
    forged = sign_revocation(AZ.root, "KZ-CUS", 1, KZ.node_key_id, NOW, "lost", NOW)
    assert refusal(lambda: offer(with_revocations(TWO, forged), AZ, GE, old=TWO)) is SIGNATURE_MISSING


def test_revocation_dropped_from_the_next_charter_is_refused() -> None:
    """Monotonic: what is revoked stays revoked."""
    view = offer(with_revocations(TWO, revocation(KZ, 1, KZ.node_key_id)), AZ, GE, old=TWO)
    draft = charter.draft_next(view, Changes(created=NOW + 3))
    assert offer(draft, AZ, GE, old=view).revoked("KZ-CUS", KZ.node_key_id) == NOW
    del draft.revocations[:]
    assert refusal(lambda: offer(draft, AZ, GE, old=view)) is REVOCATION_DROPPED


def test_revocation_numbers_have_no_gap() -> None:
    """Number 2 without number 1."""
    draft = with_revocations(TWO, revocation(KZ, 2, KZ.node_key_id))
    assert refusal(lambda: offer(draft, AZ, GE, old=TWO)) is REVOCATION_NUMBER


@pytest.mark.parametrize(
    ("number", "key", "cut_off", "reason"),
    [
        (0, bytes(32), NOW, "lost"),
        (1, bytes(31), NOW, "lost"),
        (1, bytes(32), 0, "lost"),
        (1, bytes(32), 1, "x"),
    ],
)
def test_malformed_revocation_is_not_signed(number: int, key: bytes, cut_off: int, reason: str) -> None:
    """The root refuses what peers would refuse."""
    call = lambda: sign_revocation(KZ.root, "KZ-CUS", number, key, cut_off, reason, NOW)  # noqa: E731
    assert refusal(call) is REVOCATION_FIELD


# --- Signing -----------------------------------------------------


def test_governor_reserves_the_version_before_signing(tmp_path: Path) -> None:
    """A second charter of one version is refused, also after a restart; the same one may be signed again."""
    charter.sign_charter(AZ.root, DRAFT, FileReservations(tmp_path))
    charter.sign_charter(AZ.root, DRAFT, FileReservations(tmp_path))
    other = charter.draft_next(ONE, Changes(created=NOW + 9))
    with pytest.raises(FanalError) as refused:
        charter.sign_charter(AZ.root, other, FileReservations(tmp_path))
    assert refused.value.kind is VERSION_RESERVED


def test_failed_reservation_leaves_no_signature(tmp_path: Path) -> None:
    """Without a durable promise nothing is signed."""
    with pytest.raises(FanalError):
        charter.sign_charter(AZ.root, DRAFT, FileReservations(tmp_path / "missing"))


def test_governors_sign_one_after_another() -> None:
    """The second adds to the first; an old governor who leaves may sign with the old charter at hand."""
    first = charter.sign_charter(KZ.root, new_governors(), MemoryReservations())
    with pytest.raises(FanalError) as refused:
        charter.cosign_charter(AZ.root, first, MemoryReservations())
    assert refused.value.kind is NOT_GOVERNOR
    document = first
    for governor in (TR, AZ, GE):
        document = charter.cosign_charter(governor.root, document, MemoryReservations(), ONE)
    assert charter.update_charter(ONE, document).version == 2
    assert charter.governors_who_signed(ONE, document) == ("AZ-CUS", "GE-CUS")


def test_founding_a_network_takes_one_governor() -> None:
    """The founder governs, whatever the entry said, and may create channels at once."""
    draft = charter.draft_first(
        "New",
        Member.FromString(charter.member_of("GE-CUS", GE.root.public).SerializeToString()),
        created=NOW,
        expires=NOW + YEAR,
        nonce=b"n" * 16,
        channels={"ALL": ("GE-CUS",)},
    )
    view = charter.first_charter(charter.sign_charter(GE.root, draft, MemoryReservations()))
    assert (view.governors, view.threshold, view.members_of("ALL")) == (("GE-CUS",), 1, ("GE-CUS",))
