# SPDX-License-Identifier: Apache-2.0
"""The next key of a use in the next identity document: how long a key lives, and how long the old one stays.

Promise: the key before stays good beside its successor for its overlap and no longer, so that nothing that is
under way is lost, and a document never outgrows its limit, however often keys are rotated. All functions are
pure; nothing is signed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fanal.keys.identity import (
    DAY,
    ENCRYPT_EPOCH,
    ENCRYPT_OVERLAP,
    IdentityView,
    KeyView,
    draft_next_identity,
)
from fanal.keys.keyid import key_id
from fanal.v1.identity_pb2 import Identity, KeyEntry, KeyUse

IDENTITY_DAYS = 730
KEY_DAYS = 400
LOG_DAYS = 3_650
BACKDATED = 300
"""Seconds: another machine's clock may be a little behind."""

LIFE = {
    KeyUse.NODE_SIGN: KEY_DAYS * DAY,
    KeyUse.ENCRYPT: ENCRYPT_EPOCH,
    KeyUse.TLS_SPKI: KEY_DAYS * DAY,
    KeyUse.LOG: LOG_DAYS * DAY,
    KeyUse.WITNESS: LOG_DAYS * DAY,
    KeyUse.ANCHOR: LOG_DAYS * DAY,
    KeyUse.OFFICER: KEY_DAYS * DAY,
}
OVERLAP = {
    KeyUse.NODE_SIGN: 7 * DAY,
    KeyUse.ENCRYPT: ENCRYPT_OVERLAP,
    KeyUse.TLS_SPKI: 30 * DAY,
    KeyUse.WITNESS: 7 * DAY,
    KeyUse.ANCHOR: 7 * DAY,
    KeyUse.OFFICER: 7 * DAY,
}
"""Seconds for which the key before stays good: TLS and ENCRYPT until peers that were away have come back."""
KEPT = {KeyUse.ENCRYPT: 4, KeyUse.TLS_SPKI: 4, KeyUse.ANCHOR: 8}
"""So many keys of a use stay named: these are large, and the first two verify nothing that is stored."""
KEPT_OF_OTHERS = 32


def epoch_after(view: IdentityView, use: KeyUse.Code, officer_id: str = "") -> int:
    """The number of the next key of a use; officers count for themselves."""
    return 1 + max((key.epoch for key in _of(view, use, officer_id)), default=0)


def due(view: IdentityView, use: KeyUse.Code, now: int, officer_id: str = "") -> bool:
    """Whether the next key shall be made: the newest has no more than its overlap left."""
    newest = max(_of(view, use, officer_id), key=lambda key: key.epoch, default=None)
    return newest is None or now >= newest.not_after - OVERLAP.get(use, 0)


def draft_rotated(view: IdentityView, entry: KeyEntry, now: int) -> Identity:
    """The identity document after ``view`` with ``entry`` as the newest key of its use, for the root to sign.

    The older keys end after the overlap at the latest; the document is good for two years from ``now``.
    """
    draft = draft_next_identity(view, now)
    draft.not_after = max(draft.not_after, now + IDENTITY_DAYS * DAY)
    older = [one for one in draft.keys if _same_place(one, entry)]
    for one in older:
        end_by(one, now + OVERLAP.get(entry.use, 0))
    older.sort(key=lambda one: -one.epoch)
    gone = {key_id(one.public_key) for one in older[KEPT.get(entry.use, KEPT_OF_OTHERS) - 1 :]}
    _keep(draft, (one for one in draft.keys if key_id(one.public_key) not in gone))
    draft.keys.append(entry)
    return draft


def draft_revoked(
    view: IdentityView, identifier: bytes, cut_off: int, now: int, successor: KeyEntry | None = None
) -> Identity:
    """The identity document that goes with a revocation: the key ends at the cut-off, and its successor, if
    there is one, is the newest of its use.

    The key stays named, so that what it signed before can be judged. Raises FanalError (KEY_UNKNOWN)."""
    view.key(identifier)
    draft = draft_rotated(view, successor, now) if successor else draft_next_identity(view, now)
    for one in draft.keys:
        if key_id(one.public_key) == identifier:
            end_by(one, cut_off)
    return draft


def end_by(entry: KeyEntry, at: int) -> None:
    """The key ends at ``at`` at the latest, and a second after its beginning at the earliest."""
    entry.not_after = max(entry.not_before + 1, min(entry.not_after, at))


def shown_certificate(
    view: IdentityView,
    revoked: frozenset[bytes],
    now: int,
    oldest_known: int,
    first_named: Mapping[bytes, int],
) -> list[bytes]:
    """Key ids of this agency's TLS keys, the one to show first.

    The newest key that every peer knows comes first: a peer that has not got the document yet could not be
    reached, and could not reach us, under a newer one. ``oldest_known``: the lowest serial of this agency's
    documents that some peer holds; ``first_named``: the serial in which a key appeared.
    """
    good = [k for k in view.of_use(KeyUse.TLS_SPKI) if k.valid_at(now) and k.key_id not in revoked]
    known = [k for k in good if first_named.get(k.key_id, view.serial) <= oldest_known]
    return [k.key_id for k in (*known, *reversed([k for k in good if k not in known]))]


def _of(view: IdentityView, use: KeyUse.Code, officer_id: str) -> list[KeyView]:
    return [key for key in view.of_use(use) if (key.officer.officer_id if key.officer else "") == officer_id]


def _same_place(one: KeyEntry, entry: KeyEntry) -> bool:
    return one.use == entry.use and one.officer.officer_id == entry.officer.officer_id


def _keep(draft: Identity, entries: Iterable[KeyEntry]) -> None:
    kept = [KeyEntry.FromString(one.SerializeToString()) for one in entries]
    del draft.keys[:]
    draft.keys.extend(kept)
