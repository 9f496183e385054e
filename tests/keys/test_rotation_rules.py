# SPDX-License-Identifier: Apache-2.0
"""The next key of a use in the next identity document, by its rules alone."""

from __future__ import annotations

import dataclasses

import pytest
from agencies import NOW, YEAR, Agency

from fanal.errors import FanalError
from fanal.keys import ed25519, xwing
from fanal.keys.certificate import create_certificate
from fanal.keys.errors import KEY_UNKNOWN
from fanal.keys.identity import (
    DAY,
    IdentityView,
    encrypt_entry,
    key_entry,
    officer_entry,
    tls_entry,
    update_identity,
)
from fanal.keys.rotation import (
    draft_revoked,
    draft_rotated,
    due,
    epoch_after,
    shown_certificate,
)
from fanal.v1.identity_pb2 import Custody, Identity, KeyEntry, KeyUse, OfficerRight


@pytest.fixture(scope="module")
def az() -> Agency:
    return Agency("AZ-CUS")


def taken(az: Agency, old: IdentityView, draft: Identity) -> IdentityView:
    """As a peer takes the signed draft."""
    return update_identity(old, az.sign(draft), az.root.public)


def new_encrypt(view: IdentityView, now: int) -> KeyEntry:
    return encrypt_entry(xwing.public_of(xwing.generate()), epoch_after(view, KeyUse.ENCRYPT), now)


def new_node_key(view: IdentityView, now: int) -> KeyEntry:
    public, epoch = ed25519.public_of(ed25519.generate()), epoch_after(view, KeyUse.NODE_SIGN)
    return key_entry(KeyUse.NODE_SIGN, public, epoch, now, now + YEAR)


def test_the_key_before_ends_after_its_overlap(az: Agency) -> None:
    """A node's key that had a year left has seven days, and the new one is the current one."""
    old = az.view()
    view = taken(az, old, draft_rotated(old, new_node_key(old, NOW), NOW))
    new, before = view.of_use(KeyUse.NODE_SIGN)
    assert (new.epoch, before.epoch) == (2, 1)
    assert before.not_after == NOW + 7 * DAY
    assert view.current(KeyUse.NODE_SIGN, NOW + 1).key_id == new.key_id
    assert view.not_after >= NOW + 2 * YEAR


def test_an_encryption_key_keeps_its_ninety_days_and_thirty_of_overlap(az: Agency) -> None:
    """Rotated when it is due, the old key loses nothing of its time; due is thirty days before its end."""
    old = az.view()
    end = old.of_use(KeyUse.ENCRYPT)[0].not_after
    assert not due(old, KeyUse.ENCRYPT, end - 30 * DAY - 1)
    assert due(old, KeyUse.ENCRYPT, end - 30 * DAY)
    view = taken(az, old, draft_rotated(old, new_encrypt(old, end - 30 * DAY), end - 30 * DAY))
    new, before = view.of_use(KeyUse.ENCRYPT)
    assert before.not_after == end
    assert new.not_after == end + 60 * DAY


def test_one_officers_new_key_leaves_the_others_alone(az: Agency) -> None:
    """Epochs and overlaps of officers count for each by the id."""
    old, public = az.view(), ed25519.public_of(ed25519.generate())
    end = old.of_use(KeyUse.OFFICER)[0].not_after
    entry = officer_entry("duty-2", [OfficerRight.READ], Custody.OWN, public, 1, NOW, NOW + YEAR)
    view = taken(az, old, draft_rotated(old, entry, NOW))
    assert epoch_after(view, KeyUse.OFFICER, "duty-2") == 2
    first = next(k for k in view.of_use(KeyUse.OFFICER) if k.officer and k.officer.officer_id == "duty-1")
    assert first.not_after == end


def test_a_document_never_outgrows_its_limit(az: Agency) -> None:
    """After a hundred rotations of one large and one small key it is still taken, and names the newest."""
    view = az.view()
    for number in range(100):
        now = NOW + number
        view = taken(az, view, draft_rotated(view, new_encrypt(view, now), now))
        view = taken(az, view, draft_rotated(view, new_node_key(view, now), now))
    assert [key.epoch for key in view.of_use(KeyUse.ENCRYPT)] == [101, 100, 99, 98]
    assert len(view.of_use(KeyUse.NODE_SIGN)) == 32
    assert view.of_use(KeyUse.NODE_SIGN)[0].epoch == 101


def test_a_revoked_key_ends_at_the_cut_off_and_stays_named(az: Agency) -> None:
    """What it signed before can still be judged by who never saw an older document."""
    old = az.view()
    identifier = old.of_use(KeyUse.NODE_SIGN)[0].key_id
    view = taken(az, old, draft_revoked(old, identifier, NOW + 5, NOW + 9, new_node_key(old, NOW)))
    assert view.key(identifier).not_after == NOW + 5
    assert view.current(KeyUse.NODE_SIGN, NOW + 1).epoch == 2
    with pytest.raises(FanalError) as refused:
        draft_revoked(old, bytes(32), NOW, NOW)
    assert refused.value.kind is KEY_UNKNOWN


def test_a_certificate_that_a_peer_does_not_know_is_not_shown(az: Agency) -> None:
    """Until every peer holds the document that names it, or the one before has ended or was revoked."""
    old = az.view()
    made = create_certificate(NOW, YEAR)
    view = taken(az, old, draft_rotated(old, tls_entry(made.der, 2), NOW))
    new, before = (key.key_id for key in view.of_use(KeyUse.TLS_SPKI))
    first = {before: 1, new: 2}
    assert shown_certificate(view, frozenset(), NOW, 1, first) == [before, new]
    assert shown_certificate(view, frozenset(), NOW, 2, first) == [new, before]
    assert shown_certificate(view, frozenset(), NOW + 30 * DAY, 1, first) == [new]
    assert shown_certificate(view, frozenset({before}), NOW, 1, first) == [new]
    aged = dataclasses.replace(view, keys={before: view.keys[before]})
    assert shown_certificate(aged, frozenset(), NOW + YEAR, 9, first) == []
