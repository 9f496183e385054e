# SPDX-License-Identifier: Apache-2.0
"""Revocations as known to one node: those of the newest charter and those that arrived on their own.

Alone, an agency's root may set a cut-off at most seven days back, so that nobody can quietly disown what was
signed long ago; more needs the governors, that is, a place in the charter. A revocation never gets too old to
be taken: whoever hears of it late counts it from seven days before it heard, whatever date its author wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

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
        self,
        document: SignedDocument,
        charters: Iterable[CharterView],
        newest: CharterView,
        heard: int | None,
        *,
        stored: bool = False,
    ) -> bool:
        """Accept a revocation; False if known. ``heard``: trusted time when it came (Unix seconds); None
        when it is one's own. ``stored``: it was accepted before; then, and for one's own, the root of any
        charter held will do. Raises VerificationError, ForkError.
        """
        claimed = parse_revocation(document)
        known = {r.number: r for r in self.known(newest, claimed.agency)}
        same = known.get(claimed.number)
        if same is not None and same.sha256 == claimed.sha256:
            return False
        believed = stored or heard is None
        view = _verify(document, claimed, charters if believed else (newest,))
        if same is not None:
            raise ForkError(REVOCATION_FORK, same.document, document, agency=view.agency, number=view.number)
        if view.number != len(known) + 1:
            raise VerificationError(
                REVOCATION_NUMBER, agency=view.agency, found=view.number, expected=len(known) + 1
            )
        if not believed:
            _check_reach(view)
        self._alone.setdefault(view.agency, {})[view.number] = _counted(view, heard)
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


def _check_reach(view: RevocationView) -> None:
    """By its own dates, so that every node says the same of it, whenever it comes."""
    if view.cut_off < view.created - ALONE_DAYS * DAY:
        days = (view.created - view.cut_off) // DAY
        raise VerificationError(REVOCATION_TOO_FAR_BACK, agency=view.agency, days=days, limit=ALONE_DAYS)


def _counted(view: RevocationView, heard: int | None) -> RevocationView:
    """With the cut-off from which it counts here: its author's date of signing is only a claim, so the root
    alone takes nothing back that was here seven days before."""
    if heard is None:
        return view
    return replace(view, cut_off=max(view.cut_off, heard - ALONE_DAYS * DAY))
