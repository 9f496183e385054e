# SPDX-License-Identifier: Apache-2.0
"""Revocations as known to one node: those of the newest charter and those that arrived on their own.

Alone, an agency's root may set a cut-off at most seven days back, so that nobody can quietly disown what was
signed long ago; more needs the governors, that is, a place in the charter.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.errors import VerificationError
from fanal.keys.charter_view import CharterView
from fanal.keys.errors import (
    NOT_MEMBER,
    REVOCATION_FORK,
    REVOCATION_NUMBER,
    REVOCATION_TOO_FAR_BACK,
    ForkError,
)
from fanal.keys.identity import DAY
from fanal.keys.revocation import ALONE_DAYS, RevocationView, parse_revocation, verify_revocation
from fanal.v1.identity_pb2 import SignedDocument


class RevocationBook:
    """Revocations that arrived on their own, by agency and number."""

    def __init__(self) -> None:
        self._alone: dict[str, dict[int, RevocationView]] = {}

    def copy(self) -> RevocationBook:
        """The same book, which can be changed on trial."""
        other = RevocationBook()
        other._alone = {agency: dict(numbers) for agency, numbers in self._alone.items()}
        return other

    def known(self, charter: CharterView, agency: str) -> list[RevocationView]:
        """All of an agency, ascending by number; what the charter says comes first for a number."""
        found = dict(self._alone.get(agency, {}))
        found.update({r.number: r for r in charter.revocations if r.agency == agency})
        return [found[number] for number in sorted(found)]

    def cut_off(self, charter: CharterView, agency: str, key_id: bytes) -> int | None:
        """The earliest cut-off of a key of the agency, or None."""
        cut_offs = [r.cut_off for r in self.known(charter, agency) if r.key_id == key_id]
        return min(cut_offs, default=None)

    def take(
        self, document: SignedDocument, charters: Iterable[CharterView], newest: CharterView, now: int | None
    ) -> bool:
        """Accept a revocation; False if known. ``now`` None: it was accepted before.

        Then the root of any charter held will do. Raises VerificationError, ForkError.
        """
        claimed = parse_revocation(document)
        known = {r.number: r for r in self.known(newest, claimed.agency)}
        same = known.get(claimed.number)
        if same is not None and same.sha256 == claimed.sha256:
            return False
        view = _verify(document, claimed, charters if now is None else (newest,))
        if same is not None:
            raise ForkError(REVOCATION_FORK, same.document, document, agency=view.agency, number=view.number)
        if view.number != len(known) + 1:
            raise VerificationError(
                REVOCATION_NUMBER, agency=view.agency, found=view.number, expected=len(known) + 1
            )
        _check_reach(view, now)
        self._alone.setdefault(view.agency, {})[view.number] = view
        return True


def _verify(
    document: SignedDocument, claimed: RevocationView, charters: Iterable[CharterView]
) -> RevocationView:
    error: VerificationError | None = None
    for root in {c.root_keys(claimed.agency) for c in charters if c.is_member(claimed.agency)}:
        try:
            return verify_revocation(document, root)
        except VerificationError as refused:
            error = refused
    raise error or VerificationError(NOT_MEMBER, agency=claimed.agency, version=0)


def _check_reach(view: RevocationView, now: int | None) -> None:
    if now is not None and view.cut_off < now - ALONE_DAYS * DAY:
        days = (now - view.cut_off) // DAY
        raise VerificationError(REVOCATION_TOO_FAR_BACK, agency=view.agency, days=days, limit=ALONE_DAYS)
