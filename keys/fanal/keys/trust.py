# SPDX-License-Identifier: Apache-2.0
"""The verified state of a node or an auditor: every charter version and every identity it has accepted.

Promise: nothing is in a ``Directory`` that did not pass the rules of ``charter``, ``identity`` or
``revocation``, and what is in it is never forgotten, so that old signatures stay resolvable. It lives in
memory; the caller stores the documents it accepted and gives them to ``restore`` at start.

A root that the charter has replaced signs nothing new: a document with a new serial counts under the root of
the newest charter only. Older serials may be filled in later, if the chain of hashes leads to them.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fanal.errors import FanalError, VerificationError
from fanal.keys.charter_line import CharterLine, Fork
from fanal.keys.charter_view import CharterView
from fanal.keys.documents import RootKeys, body_sha256
from fanal.keys.errors import (
    IDENTITY_UNKNOWN,
    KEY_REUSED,
    KEY_UNKNOWN,
    ROOT_MISMATCH,
    SERIAL_FALLEN,
    ForkError,
    UnknownIdentity,
)
from fanal.keys.identity import (
    IdentityView,
    KeyView,
    check_follows,
    check_not_forked,
    parse_identity,
    root_keys_of,
    verify_identity,
)
from fanal.keys.identity_rules import use_name
from fanal.keys.keyid import key_id
from fanal.keys.pae import CHARTER, IDENTITY
from fanal.keys.revocation import RevocationView
from fanal.keys.revocation_book import RevocationBook
from fanal.v1.identity_pb2 import Identity, KeyUse, SignedDocument


class KeyStatus(enum.Enum):
    """What a key is worth as far as documents and the own clock say; senders' clocks play no part."""

    CURRENT = "current"
    RETIRED = "retired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class KnownKey:
    """A key found by its full id. ``cut_off`` (Unix seconds) is set when it is revoked."""

    agency: str
    key: KeyView
    status: KeyStatus
    cut_off: int | None = None

    @property
    def public(self) -> bytes:
        return self.key.public


class Directory:
    """See the module docstring. ``network``: the id from an invitation, from paper, or of one's charter 1."""

    def __init__(self, network: bytes) -> None:
        self._charters = CharterLine(network)
        self._identities: dict[str, dict[int, IdentityView]] = {}
        self._owners: dict[bytes, str] = {}
        self._revocations = RevocationBook()

    @classmethod
    def founded(cls, charter_1: SignedDocument) -> Directory:
        """Trust this charter 1 because it is one's own: just founded, or from one's own store."""
        directory = cls(body_sha256(charter_1))
        directory.take_charter(charter_1)
        return directory

    @classmethod
    def restore(
        cls,
        network: bytes,
        documents: Iterable[SignedDocument],
        heard: Mapping[bytes, int] = MappingProxyType({}),
        refused: list[SignedDocument] | None = None,
    ) -> Directory:
        """The directory of one's own stored documents, each kind in the order in which it was accepted.

        ``heard``: SHA-256 of the body of a single revocation -> when it came (Unix seconds); one that is
        not there counts from its cut-off. Signatures are verified again; a fork is taken up as such. Raises
        VerificationError and UnknownCharter; with ``refused`` what does not verify is put there instead,
        and the rest is taken.
        """
        directory = cls(network)
        by_type: dict[str, list[SignedDocument]] = {}
        for document in documents:
            by_type.setdefault(document.type, []).append(document)
        for charter in by_type.pop(CHARTER, []):
            with _kept(charter, refused):
                directory.take_charter(charter)
        for identity in by_type.pop(IDENTITY, []):
            with _kept(identity, refused):
                directory.take_identity(identity, stored=True)
        for rest in by_type.values():
            for revocation in rest:
                with _kept(revocation, refused):
                    directory.take_revocation(revocation, heard.get(body_sha256(revocation)), stored=True)
        return directory

    def copy(self) -> Directory:
        """The same state, which can be changed on trial. Views are shared: they never change."""
        other = Directory(self.network)
        other._charters = self._charters.copy()
        other._identities = {agency: dict(held) for agency, held in self._identities.items()}
        other._owners = dict(self._owners)
        other._revocations = self._revocations.copy()
        return other

    # --- Charters ---

    @property
    def network(self) -> bytes:
        return self._charters.network

    @property
    def newest(self) -> CharterView:
        """The charter in force. Raises UnknownCharter before charter 1 was taken."""
        return self._charters.newest

    @property
    def founded_at(self) -> int:
        """When the network began: the time of charter 1, Unix seconds."""
        return self.charter(1, self.network).created

    @property
    def fork(self) -> Fork | None:
        """The unsettled fork of the charter that freezes membership, or None."""
        return self._charters.fork

    def charter(self, version: int, sha256: bytes) -> CharterView:
        """The charter an envelope names. Raises UnknownCharter when it is not held yet: wait."""
        return self._charters.get(version, sha256)

    def charters(self) -> list[CharterView]:
        """Charter 1 to the newest, as another node would take them."""
        return self._charters.line()

    def take_charter(self, document: SignedDocument) -> bool:
        """Accept a charter; False if it is held already.

        Raises UnknownCharter (predecessor not held yet), ForkError (both documents, both are then held) and
        VerificationError.
        """
        return self._charters.take(document)

    # --- Identities ---

    def agencies(self) -> list[str]:
        """Every agency with an identity, ascending."""
        return sorted(self._identities)

    def identity(self, agency: str) -> IdentityView:
        """The newest identity of an agency. Raises UnknownIdentity."""
        held = self._identities.get(agency)
        if not held:
            raise UnknownIdentity(IDENTITY_UNKNOWN, agency=agency[:16], key_id="")
        return held[max(held)]

    def identities(self, agency: str) -> list[IdentityView]:
        """Every serial held of an agency, ascending; empty when none is."""
        return [view for _serial, view in sorted(self._identities.get(agency, {}).items())]

    def take_identity(self, document: SignedDocument, *, stored: bool = False) -> bool:
        """Accept an identity document; False if it is held already.

        ``stored``: it comes from one's own store, where it was accepted before; then the root of any charter
        held will do. Raises ForkError (both documents) and VerificationError.
        """
        claimed = parse_identity(document)
        held = self._identities.get(claimed.agency, {})
        same = held.get(claimed.serial)
        if same is not None and same.sha256 == body_sha256(document):
            return False
        is_new = not held or claimed.serial > max(held)
        view = verify_identity(document, self._root_for(claimed, any_charter=stored or not is_new))
        self._check_place(view, held)
        if not stored:
            # What was one agency's key then may have become another's root since.
            self._check_owner(view)
        self._identities.setdefault(view.agency, {})[view.serial] = view
        for identifier in view.keys:
            self._owners[identifier] = view.agency
        return True

    def _root_for(self, claimed: Identity, *, any_charter: bool) -> RootKeys:
        named = root_keys_of(claimed)
        if any_charter:
            for charter in self._charters.all():
                if charter.is_member(claimed.agency) and charter.root_keys(claimed.agency) == named:
                    return named
            raise VerificationError(ROOT_MISMATCH, agency=claimed.agency[:16])
        return self.newest.root_keys(claimed.agency)

    def _check_place(self, view: IdentityView, held: dict[int, IdentityView]) -> None:
        if view.serial in held:
            check_not_forked(held[view.serial], view)
        after = held.get(view.serial + 1)
        linked = after is not None and after.previous_sha256 == view.sha256
        if held and view.serial < max(held) and not linked:
            # History is filled in backwards along the hashes only, so that it cannot be invented later.
            raise VerificationError(SERIAL_FALLEN, agency=view.agency, found=view.serial, expected=max(held))
        for other in held.values():
            earlier, later = sorted((other, view), key=lambda v: v.serial)
            check_follows(earlier, later)

    def _check_owner(self, view: IdentityView) -> None:
        roots = {key_id(k): m.agency for m in self.newest.members.values() for k in m.root.typed()}
        for identifier in view.keys:
            owner = self._owners.get(identifier) or roots.get(identifier)
            if owner is not None and (owner != view.agency or identifier in roots):
                raise VerificationError(
                    KEY_REUSED, key_id=identifier.hex(), first=owner, second=f"{view.agency} {view.serial}"
                )

    # --- Keys ---

    def signing_key(
        self, agency: str, identifier: bytes, use: KeyUse.Code, now: int | None = None
    ) -> KnownKey:
        """The agency's key with this full id, and what it is worth.

        RETIRED: the newest identity no longer names it, or (with the own trusted ``now``) its time is over.
        REVOKED: see ``cut_off``. Raises UnknownIdentity when no identity held names it (wait, ask for newer
        ones) and VerificationError when it is not for this use.
        """
        for view in reversed(self.identities(agency)):
            key = view.keys.get(identifier)
            if key is not None:
                break
        else:
            raise UnknownIdentity(IDENTITY_UNKNOWN, agency=agency[:16], key_id=identifier.hex()[:64])
        if key.use != use:
            raise VerificationError(KEY_UNKNOWN, agency=agency, key_id=identifier.hex(), use=use_name(use))
        cut_off = self.revoked(agency, identifier)
        if cut_off is not None:
            return KnownKey(agency, key, KeyStatus.REVOKED, cut_off)
        retired = view is not self.identity(agency) or (now is not None and now >= key.not_after)
        return KnownKey(agency, key, KeyStatus.RETIRED if retired else KeyStatus.CURRENT)

    def officer(self, agency: str, identifier: bytes, now: int | None = None) -> KnownKey:
        """An officer's key (``.key.officer`` is set); errors as ``signing_key``."""
        return self.signing_key(agency, identifier, KeyUse.OFFICER, now)

    def encryption_keys(self, agencies: Iterable[str], now: int) -> dict[str, tuple[bytes, bytes]]:
        """(key id, X-Wing public key) of each agency that has a valid one; others are left out."""
        found = {}
        for agency in agencies:
            key = self._encryption_key(agency, now)
            if key is not None:
                found[agency] = (key.key_id, key.public)
        return found

    def _encryption_key(self, agency: str, now: int) -> KeyView | None:
        if agency not in self._identities:
            return None
        keys = self.identity(agency).of_use(KeyUse.ENCRYPT)
        usable = (k for k in keys if k.valid_at(now) and self.revoked(agency, k.key_id) is None)
        return next(usable, None)

    # --- Revocations ---

    def revoked(self, agency: str, identifier: bytes) -> int | None:
        """The earliest cut-off of an agency's key, by the newest charter or a single revocation; or None."""
        return self._revocations.cut_off(self.newest, agency, identifier)

    def revocations(self, agency: str) -> list[RevocationView]:
        """Every revocation of an agency that is known, ascending by number."""
        return self._revocations.known(self.newest, agency)

    def take_revocation(self, document: SignedDocument, heard: int | None, *, stored: bool = False) -> bool:
        """Accept a single revocation; False if it is known. It may come at any time, and counts from seven
        days before ``heard`` (trusted time, Unix seconds) at the earliest. None: it is one's own.

        ``stored``: it was accepted before. Raises VerificationError (also when by its own dates it reaches
        more than 7 days back, which only the governors may) and ForkError (two of one number).
        """
        return self._revocations.take(document, self._charters.all(), self.newest, heard, stored=stored)

    def __repr__(self) -> str:
        return f"Directory(network={self.network.hex()[:16]}, agencies={len(self._identities)})"


@contextlib.contextmanager
def _kept(document: SignedDocument, refused: list[SignedDocument] | None) -> Iterator[None]:
    """Taking up a stored document: see ``Directory.restore``."""
    try:
        yield
    except ForkError:
        # The proof of a fork is stored as two documents: the second must not keep a node from starting.
        return
    except FanalError:
        if refused is None:
            raise
        refused.append(document)
