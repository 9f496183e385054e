# SPDX-License-Identifier: Apache-2.0
"""Charter updates under attack: the rules of a TUF root, one test an attack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from agencies import NOW, YEAR, Agency, MemoryReservations, found, signed

from fanal.errors import ErrorKind, FanalError, VerificationError
from fanal.keys import charter
from fanal.keys.charter import Changes, ChannelView, CharterView, RelayView
from fanal.keys.errors import (
    BAD_SIGNATURE,
    CHARTER_FIELD,
    CHARTER_FORK,
    CHARTER_PREVIOUS,
    DUPLICATE_SIGNATURE,
    KEY_REUSED,
    NETWORK_CHANGED,
    NO_CHANNEL,
    NOT_CANONICAL,
    NOT_MEMBER,
    SIGNATURE_MISSING,
    THRESHOLD,
    UNKNOWN_FIELD,
    VERSION_ROLLED_BACK,
    VERSION_SKIPPED,
    WEAK_KEY,
    WRONG_TYPE,
    ForkError,
)
from fanal.keys.pae import CHARTER, IDENTITY
from fanal.keys.strict import encode
from fanal.v1.charter_pb2 import Charter
from fanal.v1.identity_pb2 import SignedDocument

AZ, BG, GE, KZ, TR = (Agency(name) for name in ("AZ-CUS", "BG-CUS", "GE-CUS", "KZ-CUS", "TR-CUS"))
CHANNELS = {"CASPIAN": ("AZ-CUS", "GE-CUS", "KZ-CUS")}
# Three governors, two of whom must sign.
ONE = charter.first_charter(signed(found([AZ, BG, GE], [KZ], threshold=2, channels=CHANNELS), AZ, BG))
ADD_TR = Changes(created=NOW + 1, add=(charter.member_of("TR-CUS", TR.root.public),))
DRAFT = charter.draft_next(ONE, ADD_TR)
TWO = charter.update_charter(ONE, signed(DRAFT, AZ, GE))


def refusal(call: Callable[[], object]) -> ErrorKind:
    with pytest.raises(VerificationError) as refused:
        call()
    return refused.value.kind


def offer(draft: Charter, *signers: Agency, old: CharterView = ONE) -> CharterView:
    return charter.update_charter(old, signed(draft, *signers))


def changed(**fields: object) -> Charter:
    copy = Charter()
    copy.CopyFrom(DRAFT)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


# --- The first charter -----------------------------------------------------


def test_network_id_is_the_hash_of_charter_one() -> None:
    """And stays the same in every later version."""
    assert ONE.network == ONE.sha256 == TWO.network
    assert TWO.sha256 != TWO.network


def test_first_charter_needs_a_threshold_of_its_own_governors() -> None:
    """One of two needed signatures founds nothing."""
    draft = found([AZ, BG], threshold=2)
    assert refusal(lambda: charter.first_charter(signed(draft, AZ))) is THRESHOLD
    assert charter.first_charter(signed(draft, AZ, BG)).governors == ("AZ-CUS", "BG-CUS")


def test_first_charter_of_another_network_is_refused() -> None:
    """The network id on paper decides."""
    assert refusal(lambda: charter.first_charter(ONE.document, bytes(32))) is NETWORK_CHANGED
    assert charter.first_charter(ONE.document, ONE.network) == ONE


def test_later_charter_is_no_first_charter() -> None:
    """Trust never starts in the middle of the chain."""
    assert refusal(lambda: charter.first_charter(TWO.document)) is VERSION_SKIPPED


# --- Thresholds -----------------------------------------------------


def test_update_signed_by_both_thresholds_is_accepted() -> None:
    """Two of three governors, who govern before and after."""
    assert TWO.version == 2
    assert TWO.is_member("TR-CUS")
    assert charter.update_charter(ONE, ONE.document) is ONE


def test_threshold_by_duplicate_key_ids_is_refused() -> None:
    """One governor's signature listed twice is no second governor."""
    document = signed(DRAFT, AZ)
    document.signatures.extend(list(document.signatures))
    assert refusal(lambda: charter.update_charter(ONE, document)) is DUPLICATE_SIGNATURE


def test_threshold_by_one_signature_under_false_key_ids_is_refused() -> None:
    """A signature relabelled with another governor's key id does not verify under that key."""
    document, other = signed(DRAFT, AZ), signed(DRAFT, GE)
    for mine, theirs in zip(list(document.signatures), other.signatures, strict=True):
        document.signatures.add(key_id=theirs.key_id, signature=mine.signature)
    assert refusal(lambda: charter.update_charter(ONE, document)) is BAD_SIGNATURE


def test_threshold_by_the_same_key_as_two_members_is_refused() -> None:
    """One root entered under two agencies would count twice."""
    draft = changed()
    draft.members.append(charter.member_of("UZ-CUS", AZ.root.public, True))
    assert refusal(lambda: offer(draft, AZ)) is KEY_REUSED


def test_threshold_by_one_shared_half_of_a_root_is_refused() -> None:
    """Also when only the Ed25519 half is shared."""
    draft = changed()
    twin = charter.member_of("UZ-CUS", Agency("UZ-CUS").root.public, True)
    twin.root_ed25519.CopyFrom(charter.member_of("AZ-CUS", AZ.root.public).root_ed25519)
    draft.members.append(twin)
    assert refusal(lambda: offer(draft, AZ)) is KEY_REUSED


def test_too_few_governors_are_refused() -> None:
    """One of two."""
    assert refusal(lambda: offer(DRAFT, AZ)) is THRESHOLD


def test_signatures_of_plain_members_and_strangers_count_nothing() -> None:
    """A member that is no governor, and an agency outside."""
    assert refusal(lambda: offer(DRAFT, AZ, KZ, TR)) is THRESHOLD


def test_ml_dsa_signature_missing_is_a_downgrade() -> None:
    """A governor who signed with Ed25519 alone has not signed."""
    document = signed(DRAFT, AZ, GE)
    del document.signatures[3]
    assert refusal(lambda: charter.update_charter(ONE, document)) is SIGNATURE_MISSING


def new_governors(threshold: int = 2) -> Charter:
    """Power passes from AZ, BG, GE to KZ and TR."""
    changes = Changes(created=NOW + 1, add=ADD_TR.add, governors=("KZ-CUS", "TR-CUS"), threshold=threshold)
    return charter.draft_next(ONE, changes)


def test_charter_signed_by_the_new_keys_only_is_refused() -> None:
    """Whoever writes himself in as governor has not been let in."""
    assert refusal(lambda: offer(new_governors(), KZ, TR)) is THRESHOLD


def test_charter_signed_by_the_old_keys_only_is_refused() -> None:
    """The new governors must show that they hold their keys, or the network could lock itself out."""
    assert refusal(lambda: offer(new_governors(), AZ, GE)) is THRESHOLD


def test_power_passes_with_both_thresholds() -> None:
    """Old and new together; afterwards the old alone decide nothing."""
    view = offer(new_governors(), AZ, GE, KZ, TR)
    assert view.governors == ("KZ-CUS", "TR-CUS")
    third = charter.draft_next(view, Changes(created=NOW + 2))
    assert refusal(lambda: offer(third, AZ, GE, old=view)) is THRESHOLD
    assert offer(third, KZ, TR, old=view).version == 3


def test_weak_root_key_in_a_charter_is_refused() -> None:
    """Anybody could sign as a governor whose Ed25519 key has small order."""
    draft = changed()
    draft.members[0].root_ed25519.key = b"\x01" + bytes(31)
    assert refusal(lambda: offer(draft, AZ, GE)) is WEAK_KEY


# --- Succession -----------------------------------------------------


def test_version_skipped_is_refused() -> None:
    """Version 3 after version 1, even with all signatures."""
    assert refusal(lambda: offer(changed(version=3), AZ, BG, GE)) is VERSION_SKIPPED


def test_version_rolled_back_is_refused() -> None:
    """Charter 1 after charter 2, or another charter 2."""
    assert refusal(lambda: charter.update_charter(TWO, ONE.document)) is VERSION_ROLLED_BACK
    other = charter.draft_next(ONE, Changes(created=NOW + 9))
    assert refusal(lambda: offer(other, AZ, GE, old=TWO)) is VERSION_ROLLED_BACK


def test_network_id_changed_is_refused() -> None:
    """A charter of another network never enters this chain."""
    assert refusal(lambda: offer(changed(network=b"\x05" * 32), AZ, GE)) is NETWORK_CHANGED


def test_previous_hash_wrong_is_refused() -> None:
    """A successor of a charter that is not ours."""
    assert refusal(lambda: offer(changed(previous_sha256=b"\x05" * 32), AZ, GE)) is CHARTER_PREVIOUS


def test_wrong_type_string_is_refused() -> None:
    """A charter signed as an identity document is no charter."""
    document = SignedDocument(type=IDENTITY, body=encode(DRAFT))
    for governor in (AZ, GE):
        document = governor.root.cosign(document)
    assert refusal(lambda: charter.update_charter(ONE, document)) is WRONG_TYPE
    document.type = CHARTER
    assert refusal(lambda: charter.update_charter(ONE, document)) is BAD_SIGNATURE


@pytest.mark.parametrize(
    ("tail", "kind"),
    [(b"\xf8\x07\x01", UNKNOWN_FIELD), (b"\x7a\x00", UNKNOWN_FIELD), (b"\x18\x02", NOT_CANONICAL)],
)
def test_smuggled_field_and_reencoded_charter_are_refused(tail: bytes, kind: ErrorKind) -> None:
    """An unknown field, the reserved field 15, or a field twice, all under good signatures."""
    document = SignedDocument(type=CHARTER, body=encode(DRAFT) + tail)
    for governor in (AZ, GE):
        document = governor.root.cosign(document)
    assert refusal(lambda: charter.update_charter(ONE, document)) is kind


def test_expired_charter_is_marked_and_can_still_be_updated() -> None:
    """Traffic continues under it, and a network that missed the date heals itself."""
    late = NOW + 2 * YEAR
    assert ONE.expired(late)
    assert not ONE.expired(NOW)
    renewed = charter.draft_next(ONE, Changes(created=late, expires=late + YEAR))
    assert not offer(renewed, AZ, BG).expired(late)


def test_fork_of_two_valid_successors_carries_both() -> None:
    """The proof holds two documents, each valid on its own."""
    other = signed(charter.draft_next(ONE, Changes(created=NOW + 9)), BG, GE)
    with pytest.raises(ForkError) as proof:
        charter.check_charter_fork(ONE, TWO.document, other)
    assert proof.value.kind is CHARTER_FORK
    assert (proof.value.first, proof.value.second) == (TWO.document, other)
    charter.check_charter_fork(ONE, TWO.document, TWO.document)
    unsigned = signed(charter.draft_next(ONE, Changes(created=NOW + 9)), BG)
    assert refusal(lambda: charter.check_charter_fork(ONE, TWO.document, unsigned)) is THRESHOLD


# --- Content -----------------------------------------------------


def _relay_reads(d: Charter) -> None:
    d.relays.add(agency="GE-CUS", serves=["AZ-CUS"])
    d.channels[0].relays.append("GE-CUS")


SPOILED: list[tuple[str, Callable[[Charter], object]]] = [
    ("version", lambda d: setattr(d, "version", 0)),
    ("nonce", lambda d: setattr(d, "nonce", bytes(16))),
    ("name", lambda d: setattr(d, "name", "")),
    ("expires", lambda d: setattr(d, "expires", d.created)),
    ("threshold", lambda d: setattr(d, "threshold", 0)),
    ("threshold", lambda d: setattr(d, "threshold", 4)),
    ("members", lambda d: d.ClearField("members")),
    ("members", lambda d: d.members.append(charter.member_of("AA-CUS", KZ.root.public))),
    ("members", lambda d: setattr(d.members[4], "agency", "ZZ-CUS")),
    ("members.governor", lambda d: [setattr(m, "governor", False) for m in d.members]),
    ("channels.name", lambda d: setattr(d.channels[0], "name", "caspian")),
    ("channels", lambda d: d.channels.add(name="BALKAN", members=["BG-CUS"])),
    ("channels.CASPIAN.members", lambda d: d.channels[0].ClearField("members")),
    ("channels.CASPIAN.members", lambda d: d.channels[0].members.append("UZ-CUS")),
    ("channels.CASPIAN.members", lambda d: d.channels[0].members.append("AZ-CUS")),
    ("channels.CASPIAN.relays", lambda d: d.channels[0].relays.append("BG-CUS")),
    ("channels.CASPIAN.relays", _relay_reads),
    ("relays", lambda d: d.relays.add(agency="UZ-CUS")),
    ("relays.serves", lambda d: d.relays.add(agency="BG-CUS", serves=["BG-CUS"])),
    ("witnesses.quorum", lambda d: setattr(d.witnesses, "quorum", 5)),
    ("suites", lambda d: d.ClearField("suites")),
    ("suites", lambda d: d.suites.append("A")),
]


@pytest.mark.parametrize(("field", "spoil"), SPOILED)
def test_charter_field_that_breaks_a_rule_is_named(field: str, spoil: Callable[[Charter], object]) -> None:
    """Under good signatures and before signing alike."""
    draft = changed()
    spoil(draft)
    for call in (
        lambda: offer(draft, AZ, BG, GE),
        lambda: charter.sign_charter(AZ.root, draft, MemoryReservations()),
    ):
        with pytest.raises(VerificationError) as refused:
            call()
        assert refused.value.kind is CHARTER_FIELD
        assert refused.value.facts["field"] == field


def test_channels_are_those_of_the_named_version() -> None:
    """A member that joins a channel in version 3 does not read what named version 2."""
    three = offer(
        charter.draft_next(TWO, Changes(created=NOW + 2, join={"CASPIAN": ("TR-CUS",)})), AZ, GE, old=TWO
    )
    assert TWO.members_of("CASPIAN") == ("AZ-CUS", "GE-CUS", "KZ-CUS")
    assert three.members_of("CASPIAN") == ("AZ-CUS", "GE-CUS", "KZ-CUS", "TR-CUS")
    with pytest.raises(FanalError) as refused:
        ONE.members_of("BALKAN")
    assert refused.value.kind is NO_CHANNEL


def test_relays_say_whom_they_serve() -> None:
    """DIRECT and the served members come back in the view; others are no relays."""
    relay = RelayView("BG-CUS", direct=True, serves=("AZ-CUS", "KZ-CUS"))
    channel = ChannelView("CASPIAN", CHANNELS["CASPIAN"], ("BG-CUS",))
    changes = Changes(created=NOW + 2, relays={"BG-CUS": relay}, channels={"CASPIAN": channel})
    view = offer(charter.draft_next(TWO, changes), AZ, GE, old=TWO)
    assert view.relay("BG-CUS") == relay
    assert view.relay("AZ-CUS") is None
    assert view.relays_of("CASPIAN") == ("BG-CUS",)
    gone = Changes(created=NOW + 3, relays={"BG-CUS": None}, channels={"CASPIAN": None})
    bare = offer(charter.draft_next(view, gone), AZ, GE, old=view)
    assert not bare.relays
    assert not bare.channels


def test_removed_member_leaves_channels_and_relays() -> None:
    """Removal is complete in one change."""
    view = offer(charter.draft_next(TWO, Changes(created=NOW + 2, remove=("KZ-CUS",))), AZ, GE, old=TWO)
    assert view.members_of("CASPIAN") == ("AZ-CUS", "GE-CUS")
    assert not view.is_member("KZ-CUS")
    assert refusal(lambda: view.root_keys("KZ-CUS")) is NOT_MEMBER
