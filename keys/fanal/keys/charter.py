# SPDX-License-Identifier: Apache-2.0
"""Charter updates: membership changes only as its governors decided, one version at a time, never back.

The rules are those of a TUF root (The Update Framework specification, 5.3 "Update the root role" and 6.1),
with charter for root and governor for root key. Pure. Version N+1 is accepted only if

1. it is of the same network (network id = SHA-256 of the body of charter 1);
2. its version is exactly N's plus one (TUF 5.3.5: no version skipped, none rolled back);
3. it names the SHA-256 of N's body as its predecessor;
4. its content keeps the rules of ``charter_rules``: among others no root key stands in two members;
5. every revocation of N is still in it, numbers go on without a gap, and each new one is signed by the root
   that this charter names for its agency;
6. a threshold of N's governors signed it (TUF 5.3.4);
7. a threshold of its own governors signed it (TUF 5.3.4).

A governor counts once and only with both root keys, Ed25519 and ML-DSA-44; a signature by one of them alone
is a downgrade. Keys are counted, never key ids or signatures. Expiry is no reason to refuse an update (TUF
5.3.6): traffic continues, marked, under an expired charter.
"""

from __future__ import annotations

from fanal.errors import VerificationError
from fanal.keys.charter_draft import (
    Changes,
    FileReservations,
    Reservations,
    cosign_charter,
    draft_first,
    draft_next,
    member_of,
    sign_charter,
)
from fanal.keys.charter_view import (
    ChannelView,
    CharterView,
    MemberView,
    RelayView,
    parse_charter,
    view_of,
)
from fanal.keys.documents import verified_keys
from fanal.keys.errors import (
    CHARTER_FORK,
    CHARTER_PREVIOUS,
    NETWORK_CHANGED,
    REVOCATION_DROPPED,
    SIGNATURE_MISSING,
    THRESHOLD,
    VERSION_ROLLED_BACK,
    VERSION_SKIPPED,
    ForkError,
)
from fanal.keys.keyid import key_id
from fanal.keys.pae import CHARTER
from fanal.keys.revocation import verify_revocation
from fanal.v1.identity_pb2 import SignedDocument

__all__ = [
    "Changes",
    "ChannelView",
    "CharterView",
    "FileReservations",
    "MemberView",
    "RelayView",
    "Reservations",
    "check_charter_fork",
    "cosign_charter",
    "draft_first",
    "draft_next",
    "first_charter",
    "governors_who_signed",
    "member_of",
    "parse_charter",
    "settle_fork",
    "sign_charter",
    "update_charter",
    "view_of",
]


def first_charter(document: SignedDocument, network: bytes | None = None) -> CharterView:
    """Accept charter 1 of a network: well-formed and signed by a threshold of its own governors.

    Whoever has the network id from elsewhere (an invitation, paper) passes it; without it this proves only
    that the charter is consistent. Raises VerificationError.
    """
    view = view_of(document)
    if view.version != 1:
        raise VerificationError(VERSION_SKIPPED, found=view.version, expected=0)
    if network is not None and view.network != network:
        raise VerificationError(NETWORK_CHANGED, found=view.network.hex(), expected=network.hex())
    _check_revocations(None, view)
    _check_threshold(view, document)
    return view


def update_charter(old: CharterView, document: SignedDocument) -> CharterView:
    """The view to hold after ``document`` arrived; ``old`` itself if it is the known one.

    The rules stand in the module docstring. Raises VerificationError.
    """
    new = view_of(document)
    if new.sha256 == old.sha256:
        return old
    _check_succession(old, new)
    _check_revocations(old, new)
    _check_threshold(old, document)
    _check_threshold(new, document)
    return new


def check_charter_fork(base: CharterView, one: SignedDocument, other: SignedDocument) -> None:
    """Raise ForkError, carrying both, if two different documents are each a valid successor of ``base``.

    Raises VerificationError if one of them is not valid: then there is no fork, only a bad document.
    """
    first, second = update_charter(base, one), update_charter(base, other)
    if first.sha256 != second.sha256:
        raise ForkError(CHARTER_FORK, one, other, version=first.version)


def settle_fork(
    base: CharterView, branches: tuple[CharterView, ...], document: SignedDocument
) -> CharterView:
    """Accept the charter that ends a fork of ``base``'s successors: N+2, naming one of them.

    It keeps every update rule towards the branch it names, except that the threshold is that of N's governors
    (``base``) beside its own: the branches' governors may be just what is disputed. Raises VerificationError.
    """
    new = view_of(document)
    named = [branch for branch in branches if branch.sha256 == new.previous_sha256]
    if not named:
        raise VerificationError(CHARTER_PREVIOUS, found=new.version)
    _check_succession(named[0], new)
    _check_revocations(named[0], new)
    _check_threshold(base, document)
    _check_threshold(new, document)
    return new


def governors_who_signed(view: CharterView, document: SignedDocument) -> tuple[str, ...]:
    """The governors of ``view`` whose both root keys signed the document, ascending.

    Raises VerificationError for a governor's signature that does not verify.
    """
    return tuple(agency for agency, count in _signatures(view, document).items() if count == 2)


def _signatures(view: CharterView, document: SignedDocument) -> dict[str, int]:
    keys = {agency: view.members[agency].root.typed() for agency in view.governors}
    verified = verified_keys(document, CHARTER, [key for pair in keys.values() for key in pair])
    return {agency: sum(key_id(key) in verified for key in pair) for agency, pair in keys.items()}


def _check_threshold(view: CharterView, document: SignedDocument) -> None:
    signatures = _signatures(view, document)
    count = sum(number == 2 for number in signatures.values())
    if count >= view.threshold:
        return
    for agency, number in signatures.items():
        if number == 1:
            raise VerificationError(SIGNATURE_MISSING, algorithm="Ed25519 / ML-DSA-44", agency=agency)
    raise VerificationError(THRESHOLD, found=count, version=view.version, threshold=view.threshold)


def _check_succession(old: CharterView, new: CharterView) -> None:
    if new.network != old.network:
        raise VerificationError(NETWORK_CHANGED, found=new.network.hex(), expected=old.network.hex())
    if new.version <= old.version:
        raise VerificationError(VERSION_ROLLED_BACK, found=new.version, expected=old.version)
    if new.version != old.version + 1:
        raise VerificationError(VERSION_SKIPPED, found=new.version, expected=old.version)
    if new.previous_sha256 != old.sha256:
        raise VerificationError(CHARTER_PREVIOUS, found=new.version)


def _check_revocations(old: CharterView | None, new: CharterView) -> None:
    known = {r.sha256 for r in old.revocations} if old else set()
    present = {r.sha256 for r in new.revocations}
    for revocation in old.revocations if old else ():
        if revocation.sha256 not in present:
            raise VerificationError(
                REVOCATION_DROPPED,
                agency=revocation.agency,
                number=revocation.number,
                version=new.version,
            )
    for revocation in new.revocations:
        if revocation.sha256 not in known:
            verify_revocation(revocation.document, new.root_keys(revocation.agency))
