# SPDX-License-Identifier: Apache-2.0
"""The chain of charters a node holds, and what happens when the governors sign two of one version.

Promise: every charter in it passed ``charter.update_charter`` (or ``settle_fork``) on a predecessor in it;
none is ever forgotten.

Fork: two valid successors of one version freeze membership. The one known first stays in force, both stay
resolvable by hash, and only a next version that names one of them with the threshold of the version before
ends it. Whoever already holds such a version when the second successor turns up keeps the proof and is not
frozen.
"""

from __future__ import annotations

from dataclasses import dataclass

from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import first_charter, governors_who_signed, settle_fork, update_charter
from fanal.keys.charter_view import CharterView, view_of
from fanal.keys.documents import body_sha256
from fanal.keys.errors import (
    CHARTER_FORK,
    CHARTER_FROZEN,
    CHARTER_PREVIOUS,
    CHARTER_UNKNOWN,
    VERSION_ROLLED_BACK,
    ForkError,
    UnknownCharter,
)
from fanal.v1.identity_pb2 import SignedDocument


@dataclass(frozen=True)
class Fork:
    """Valid successors of one charter, in the order in which they became known. Membership is frozen."""

    base: CharterView
    branches: tuple[CharterView, ...]


class CharterLine:
    """See the module docstring. ``network`` comes from the invitation, from paper, or one's own charter 1."""

    def __init__(self, network: bytes) -> None:
        self.network = network
        self.fork: Fork | None = None
        self._held: dict[bytes, CharterView] = {}
        self._newest: CharterView | None = None

    def copy(self) -> CharterLine:
        """The same line, which can be changed on trial."""
        other = CharterLine(self.network)
        other.fork, other._held, other._newest = self.fork, dict(self._held), self._newest
        return other

    @property
    def newest(self) -> CharterView:
        """The charter in force. Raises UnknownCharter before charter 1 was taken."""
        if self._newest is None:
            raise UnknownCharter(CHARTER_UNKNOWN, version=1)
        return self._newest

    def get(self, version: int, sha256: bytes) -> CharterView:
        """The charter with this version and hash. Raises UnknownCharter when it is not held (yet)."""
        view = self._held.get(sha256)
        if view is None or view.version != version:
            raise UnknownCharter(CHARTER_UNKNOWN, version=version)
        return view

    def all(self) -> list[CharterView]:
        """Every charter held, branches included, ascending by version."""
        return sorted(self._held.values(), key=lambda view: view.version)

    def line(self) -> list[CharterView]:
        """Charter 1 to the newest, each the predecessor of the next."""
        views, view = [], self._newest
        while view is not None:
            views.append(view)
            view = self._held.get(view.previous_sha256)
        return views[::-1]

    def take(self, document: SignedDocument) -> bool:
        """Accept a charter; False if it is held already.

        Raises UnknownCharter if its predecessor is not held yet, ForkError with both documents (both are then
        held), and VerificationError.
        """
        sha256 = body_sha256(document)
        if sha256 in self._held:
            return False
        if self._newest is None:
            self._enter(first_charter(document, self.network))
            return True
        claimed = view_of(document)
        parent = self._held.get(claimed.previous_sha256)
        if parent is None:
            raise self._no_parent(claimed)
        if self.fork is not None and parent in self.fork.branches:
            self._enter(self._settling(self.fork, document))
            return True
        self._extend(parent, update_charter(parent, document))
        return True

    def _enter(self, view: CharterView) -> None:
        self._held[view.sha256] = view
        self._newest = view
        self.fork = None

    def _no_parent(self, claimed: CharterView) -> FanalError:
        newest = self.newest.version
        if claimed.version > newest + 1:
            return UnknownCharter(CHARTER_UNKNOWN, version=claimed.version - 1)
        if claimed.version == 1:
            return VerificationError(VERSION_ROLLED_BACK, found=1, expected=newest)
        return VerificationError(CHARTER_PREVIOUS, found=claimed.version)

    def _settling(self, fork: Fork, document: SignedDocument) -> CharterView:
        try:
            return settle_fork(fork.base, fork.branches, document)
        except VerificationError as error:
            raise _frozen(fork) from error

    def _extend(self, parent: CharterView, view: CharterView) -> None:
        siblings = self._successors(parent)
        if siblings:
            self._held[view.sha256] = view
            self._fork(parent, siblings, view)
        elif parent is self._newest and self.fork is None:
            self._enter(view)
        elif self.fork is not None:
            raise _frozen(self.fork)
        else:
            # A successor of a branch that the governors have dropped.
            raise VerificationError(CHARTER_PREVIOUS, found=view.version)

    def _fork(self, parent: CharterView, siblings: tuple[CharterView, ...], view: CharterView) -> None:
        # A lower fork takes over: what was built on its branches is disputed with them.
        lower = self.fork is None or parent.version <= self.fork.base.version
        if lower and not self._settled(parent, siblings):
            self.fork = Fork(parent, (*siblings, view))
        first, second = siblings[0].document, view.document
        raise ForkError(CHARTER_FORK, first, second, version=view.version)

    def _settled(self, parent: CharterView, siblings: tuple[CharterView, ...]) -> bool:
        return any(
            len(governors_who_signed(parent, view.document)) >= parent.threshold
            for view in self.line()
            if view.previous_sha256 in {sibling.sha256 for sibling in siblings}
        )

    def _successors(self, parent: CharterView) -> tuple[CharterView, ...]:
        return tuple(view for view in self._held.values() if view.previous_sha256 == parent.sha256)


def _frozen(fork: Fork) -> VerificationError:
    return VerificationError(CHARTER_FROZEN, version=fork.branches[0].version, base=fork.base.version)
