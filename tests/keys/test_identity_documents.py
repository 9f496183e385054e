# SPDX-License-Identifier: Apache-2.0
"""Identity documents against forged, replayed, forked and weak ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from agencies import NOW, YEAR, Agency
from oddcert import PRINTABLE, UTC_TIME, resigned
from refusing import refusal

from fanal.errors import FanalError, VerificationError
from fanal.keys import certificate, ed25519, identity, xwing
from fanal.keys.call_errors import CERTIFICATE_MALFORMED
from fanal.keys.errors import (
    AGENCY_CHANGED,
    IDENTITY_EXPIRED,
    IDENTITY_FIELD,
    IDENTITY_FORK,
    IDENTITY_PREVIOUS,
    KEY_NOT_CURRENT,
    KEY_REUSED,
    KEY_UNKNOWN,
    ROOT_MISMATCH,
    SERIAL_FALLEN,
    SIGNATURE_MISSING,
    UNKNOWN_FIELD,
    WEAK_KEY,
    ForkError,
)
from fanal.keys.identity import DAY, ENCRYPT_EPOCH, ENCRYPT_OVERLAP
from fanal.keys.pae import IDENTITY
from fanal.keys.strict import encode
from fanal.v1.identity_pb2 import AgencyName, Custody, Identity, KeyEntry, KeyUse, OfficerRight

GE, TR = Agency("GE-CUS"), Agency("TR-CUS")
FIRST = GE.view()


def draft() -> Identity:
    return identity.parse_identity(GE.document)


def reread(changed: Identity) -> identity.IdentityView:
    """Sign without any check, as a hostile root would, and verify."""
    return identity.verify_identity(GE.root.sign(IDENTITY, encode(changed)), GE.root.public)


def test_identity_says_what_was_signed() -> None:
    """Every field comes back in the view, keys under their full id."""
    assert (FIRST.agency, FIRST.serial, FIRST.names["en"]) == ("GE-CUS", 1, "GE-CUS")
    assert FIRST.key(GE.node_key_id).public == ed25519.public_of(GE.node)
    officer = FIRST.officer(GE.officer_key_id).officer
    assert officer is not None
    assert (officer.officer_id, officer.custody) == ("duty-1", Custody.OWN)
    assert OfficerRight.AUTHOR in officer.rights
    assert FIRST.certificate == GE.tls.der
    assert FIRST.spki_hashes == {certificate.spki_sha256(GE.tls.der)}


def test_unknown_key_and_wrong_kind_of_key_are_named() -> None:
    """Asking for a key that is not there, or for an officer under a node's key, fails clearly."""
    for ask in (lambda: FIRST.key(bytes(32)), lambda: FIRST.officer(GE.node_key_id)):
        with pytest.raises(FanalError) as refused:
            ask()
        assert refused.value.kind is KEY_UNKNOWN


def test_identity_under_another_root_is_refused() -> None:
    """A document signed by the right name and the wrong root never verifies."""
    assert refusal(lambda: identity.verify_identity(GE.document, TR.root.public)) is ROOT_MISMATCH
    impostor = Agency("GE-CUS")
    assert refusal(lambda: identity.verify_identity(impostor.document, GE.root.public)) is ROOT_MISMATCH


def test_identity_without_the_post_quantum_signature_is_a_downgrade() -> None:
    """Ed25519 alone is not enough."""
    document = GE.sign(draft())
    del document.signatures[1]
    assert refusal(lambda: identity.verify_identity(document, GE.root.public)) is SIGNATURE_MISSING


def test_unknown_field_in_an_identity_is_refused_although_the_root_signed_it() -> None:
    """Strict decoding comes before trust."""
    document = GE.root.sign(IDENTITY, encode(draft()) + b"\xf8\x07\x01")
    assert refusal(lambda: identity.verify_identity(document, GE.root.public)) is UNKNOWN_FIELD


def test_expired_identity_is_refused_only_where_a_live_one_is_asked_for() -> None:
    """With ``now`` the document must be in force; without, it is accepted and marked."""
    late = NOW + 3 * YEAR
    assert identity.verify_identity(GE.document, GE.root.public, NOW + 5) == FIRST
    for now in (late, NOW - 2 * DAY):
        assert (
            refusal(lambda now=now: identity.verify_identity(GE.document, GE.root.public, now))
            is IDENTITY_EXPIRED
        )
    assert FIRST.expired(late)
    assert not FIRST.expired(NOW)


# --- What a document may not say, even under a good signature ---------------------------------------------


def _weak_officer(d: Identity) -> None:
    d.keys[5].public_key.key = b"\x01" + bytes(31)


def _non_canonical_node(d: Identity) -> None:
    d.keys[0].public_key.key = b"\xee" + b"\xff" * 30 + b"\x7f"


def _low_order_encrypt(d: Identity) -> None:
    d.keys[1].public_key.key = d.keys[1].public_key.key[:1184] + bytes(32)


@pytest.mark.parametrize("spoil", [_weak_officer, _non_canonical_node, _low_order_encrypt])
def test_weak_key_in_an_identity_is_refused(spoil: Callable[[Identity], None]) -> None:
    """Small-order, non-canonical and unusable keys are stopped at enrolment."""
    changed = draft()
    spoil(changed)
    assert refusal(lambda: reread(changed)) is WEAK_KEY


def _copy(index: int, **fields: object) -> Callable[[Identity], None]:
    def spoil(d: Identity) -> None:
        entry = KeyEntry()
        entry.CopyFrom(d.keys[index])
        for name, value in fields.items():
            setattr(entry, name, value)
        d.keys.append(entry)

    return spoil


def _root_as_node_key(d: Identity) -> None:
    d.keys[0].public_key.CopyFrom(d.root_ed25519)


@pytest.mark.parametrize(
    "spoil",
    [_copy(0, use=KeyUse.WITNESS), _copy(0, epoch=2), _copy(3, log_origin="fanal/x/2"), _root_as_node_key],
)
def test_one_public_key_for_two_uses_is_refused(spoil: Callable[[Identity], None]) -> None:
    """Node and witness, two epochs, two logs, root and node: a key has one place."""
    changed = draft()
    spoil(changed)
    assert refusal(lambda: reread(changed)) is KEY_REUSED


SPOILED: list[tuple[str, Callable[[Identity], object]]] = [
    ("agency", lambda d: setattr(d, "agency", "GE-cus")),
    ("serial", lambda d: setattr(d, "serial", 0)),
    ("previous_sha256", lambda d: setattr(d, "previous_sha256", bytes(32))),
    ("previous_sha256", lambda d: setattr(d, "serial", 2)),
    ("not_after", lambda d: setattr(d, "not_after", d.created)),
    ("not_after", lambda d: setattr(d, "not_after", 2**62)),
    ("not_after", lambda d: setattr(d, "created", -1)),
    ("names", lambda d: d.names.append(AgencyName(lang="en", name="Twice"))),
    ("names", lambda d: d.names.append(AgencyName(lang="ru", name="line\nend"))),
    ("names", lambda d: d.names.append(AgencyName(lang="ru", name="x" * 201))),
    ("roles", lambda d: d.roles.append("Customs Office")),
    ("endpoints", lambda d: d.endpoints.append("no-port")),
    ("endpoints", lambda d: d.endpoints.append("host:65536")),
    ("keys[0].use", lambda d: setattr(d.keys[0], "use", 99)),
    ("keys[0].public_key", lambda d: setattr(d.keys[0], "use", KeyUse.ANCHOR)),
    ("keys[0].epoch", lambda d: setattr(d.keys[0], "epoch", 0)),
    ("keys[0].not_after", lambda d: setattr(d.keys[0], "not_after", 1)),
    ("keys[0].log_origin", lambda d: setattr(d.keys[0], "log_origin", "x")),
    ("keys[3].log_origin", lambda d: setattr(d.keys[3], "log_origin", "")),
    ("keys[3].log_origin", lambda d: setattr(d.keys[3], "log_origin", "a+b")),
    ("keys[0].certificate", lambda d: setattr(d.keys[0], "certificate", b"x")),
    ("keys[2].certificate", lambda d: setattr(d.keys[2], "certificate", TR.tls.der)),
    ("keys[2].public_key", lambda d: setattr(d.keys[2].public_key, "key", b"")),
    ("keys[0].officer", lambda d: d.keys[0].officer.SetInParent()),
    ("keys[5].officer", lambda d: d.keys[5].ClearField("officer")),
    ("keys[5].officer.officer_id", lambda d: setattr(d.keys[5].officer, "officer_id", "Ivan Ivanov")),
    ("keys[5].officer.rights", lambda d: d.keys[5].officer.ClearField("rights")),
    ("keys[5].officer.rights", lambda d: d.keys[5].officer.rights.extend([1])),
    ("keys[5].officer.rights", lambda d: d.keys[5].officer.rights.extend([9])),
    ("keys[5].officer.custody", lambda d: setattr(d.keys[5].officer, "custody", 0)),
]


@pytest.mark.parametrize(("field", "spoil"), SPOILED)
def test_field_that_breaks_a_rule_is_named(field: str, spoil: Callable[[Identity], object]) -> None:
    """The refusal names the field, before signing and after verifying alike."""
    changed = draft()
    spoil(changed)
    for call in (lambda: GE.sign(changed), lambda: reread(changed)):
        with pytest.raises(VerificationError) as refused:
            call()
        assert refused.value.kind is IDENTITY_FIELD
        assert refused.value.facts["field"] == field


def test_two_keys_of_one_use_share_no_epoch() -> None:
    """Epochs count up per use, and for officers per person."""
    changed = draft()
    changed.keys.append(identity.encrypt_entry(xwing.public_of(xwing.generate()), 1, NOW))
    assert refusal(lambda: reread(changed)) is IDENTITY_FIELD


def test_attack_a_document_with_a_certificate_of_another_form_is_refused() -> None:
    """Its own root signs it, its key is right and a library reads it: it never gets to TLS all the same."""

    def named(kind: bytes) -> Identity:
        changed = draft()
        [entry] = [one for one in changed.keys if one.use == KeyUse.TLS_SPKI]
        entry.certificate = resigned(GE.tls, PRINTABLE, kind)
        return changed

    assert reread(named(PRINTABLE)).spki_hashes == FIRST.spki_hashes
    assert refusal(lambda: reread(named(UTC_TIME))) is CERTIFICATE_MALFORMED


def test_too_many_keys_are_refused() -> None:
    """501 keys are one too many, found before any of them is checked."""
    changed = draft()
    for _ in range(500):
        changed.keys.add()
    assert refusal(lambda: identity.check_identity(changed)) is IDENTITY_FIELD


def test_own_root_must_be_the_one_in_the_draft() -> None:
    """A root does not sign a document that names another root."""
    assert refusal(lambda: TR.sign(draft())) is ROOT_MISMATCH


# --- One document after another ----------------------------------------------------------------------------


def update(old: identity.IdentityView | None, changed: Identity) -> identity.IdentityView:
    return identity.update_identity(old, GE.sign(changed), GE.root.public)


def test_next_serial_replaces_the_one_before() -> None:
    """A new endpoint under serial 2, chained by hash."""
    changed = GE.next_draft()
    changed.endpoints.append("example.org:7443")
    second = update(FIRST, changed)
    assert (second.serial, second.previous_sha256) == (2, FIRST.sha256)
    assert update(None, changed) == second


def test_known_document_again_changes_nothing() -> None:
    """The same bytes give the very view that was held."""
    assert identity.update_identity(FIRST, GE.document, GE.root.public) is FIRST


def test_fallen_serial_is_refused() -> None:
    """An old document replayed after a newer one."""
    second = update(FIRST, GE.next_draft())
    assert refusal(lambda: identity.update_identity(second, GE.document, GE.root.public)) is SERIAL_FALLEN


def test_two_identities_at_one_serial_are_a_fork_proof_with_both() -> None:
    """The error carries both signed documents, each valid on its own."""
    one, other = GE.next_draft(), GE.next_draft()
    other.duty = True
    held = update(FIRST, one)
    with pytest.raises(ForkError) as proof:
        update(held, other)
    assert proof.value.kind is IDENTITY_FORK
    views = [identity.verify_identity(d, GE.root.public) for d in (proof.value.first, proof.value.second)]
    assert [v.duty for v in views] == [False, True]
    assert {v.serial for v in views} == {2}


def test_changed_previous_hash_is_refused() -> None:
    """Serial 2 that does not follow the serial 1 known here."""
    changed = GE.next_draft()
    changed.previous_sha256 = bytes(32)
    assert refusal(lambda: update(FIRST, changed)) is IDENTITY_PREVIOUS


def test_gap_in_serials_is_accepted_on_the_roots_word() -> None:
    """A node that was away takes serial 5 without 2 to 4."""
    changed = GE.next_draft()
    changed.serial, changed.previous_sha256 = 5, b"\x07" * 32
    assert update(FIRST, changed).serial == 5


def test_document_of_another_agency_is_no_update() -> None:
    """Agencies are never mixed up, although both documents are valid."""
    call = lambda: identity.update_identity(FIRST, TR.document, TR.root.public)  # noqa: E731
    assert refusal(call) is AGENCY_CHANGED


def test_key_that_changes_its_use_later_is_refused() -> None:
    """A node key of serial 1 cannot become a witness key in serial 2."""
    changed = GE.next_draft()
    changed.keys[0].use, changed.keys[0].epoch = KeyUse.WITNESS, 2
    assert refusal(lambda: update(FIRST, changed)) is KEY_REUSED


def test_key_that_changes_its_officer_later_is_refused() -> None:
    """What one person signed can never be put under another person's name."""
    changed = GE.next_draft()
    changed.keys[5].officer.officer_id = "duty-2"
    assert refusal(lambda: update(FIRST, changed)) is KEY_REUSED


# --- Epochs ------------------------------------------------------------------------------------------------


def test_current_key_is_the_valid_one_of_the_highest_epoch() -> None:
    """In the 30 days of overlap the newer key is used; after its end an old key never."""
    start = NOW + ENCRYPT_EPOCH - ENCRYPT_OVERLAP
    newer = xwing.generate()
    changed = GE.next_draft()
    changed.keys.append(identity.encrypt_entry(xwing.public_of(newer), 2, start))
    view = update(FIRST, changed)
    assert view.current(KeyUse.ENCRYPT, start - 1).epoch == 1
    assert view.current(KeyUse.ENCRYPT, start).epoch == 2
    assert view.key(GE.encrypt_key_id).valid_at(start)
    assert view.current(KeyUse.ENCRYPT, NOW + ENCRYPT_EPOCH).epoch == 2
    for now in (NOW - 1, start + ENCRYPT_EPOCH):
        with pytest.raises(FanalError) as refused:
            view.current(KeyUse.ENCRYPT, now)
        assert refused.value.kind is KEY_NOT_CURRENT


def test_next_encryption_epoch_is_due_thirty_days_before_the_end() -> None:
    """The operator is told in time, and at once when there is no key."""
    due = NOW + ENCRYPT_EPOCH - ENCRYPT_OVERLAP
    assert not identity.encrypt_epoch_due(FIRST, due - 1)
    assert identity.encrypt_epoch_due(FIRST, due)
