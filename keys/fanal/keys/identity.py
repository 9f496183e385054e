# SPDX-License-Identifier: Apache-2.0
"""Identity documents: which keys speak for an agency, for what, and how one document follows another.

Promise: an ``IdentityView`` exists only for a document that both root keys of the agency signed and whose
content keeps every rule of ``identity_rules``. All functions are pure.

Update rules (protocol.md, "Identity"):
1. The document is of the same agency and signed by both root keys named in the charter.
2. The serial never falls. The same bytes again are the known document.
3. Two documents of one serial are a fork proof: ``ForkError`` carries both.
4. The next serial names the hash of the one before. Across a gap the root's signature vouches alone.
5. A public key keeps its use, epoch and officer for ever, in later documents too.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fanal.errors import FanalError, VerificationError
from fanal.keys.certificate import spki, spki_sha256, validity
from fanal.keys.documents import RootKeys, body_sha256, check_form, verify_by_root
from fanal.keys.errors import (
    AGENCY_CHANGED,
    IDENTITY_EXPIRED,
    IDENTITY_FORK,
    IDENTITY_PREVIOUS,
    KEY_NOT_CURRENT,
    KEY_REUSED,
    KEY_UNKNOWN,
    ROOT_MISMATCH,
    SERIAL_FALLEN,
    ForkError,
)
from fanal.keys.identity_rules import ALGORITHM_OF_USE, MAX_IDENTITY, check_identity, use_name
from fanal.keys.keyid import key_id, spki_key
from fanal.keys.pae import IDENTITY
from fanal.keys.root import Root
from fanal.keys.strict import decode, encode
from fanal.v1.identity_pb2 import (
    AgencyName,
    Custody,
    Identity,
    KeyEntry,
    KeyUse,
    Officer,
    OfficerRight,
    PublicKey,
    SignedDocument,
)

DAY = 86_400
ENCRYPT_EPOCH = 90 * DAY
"""How long an encryption key is valid."""
ENCRYPT_OVERLAP = 30 * DAY
"""How long it is valid beside its successor."""


@dataclass(frozen=True)
class KeyView:
    """One typed key. Times in Unix seconds; valid while not_before <= now < not_after."""

    key_id: bytes
    use: KeyUse.Code
    public: bytes
    epoch: int
    not_before: int
    not_after: int
    log_origin: str = ""
    certificate: bytes = b""
    officer: OfficerView | None = None

    def valid_at(self, now: int) -> bool:
        return self.not_before <= now < self.not_after


@dataclass(frozen=True)
class OfficerView:
    """A person, known to others by a pseudonym only."""

    officer_id: str
    rights: frozenset[OfficerRight.Code]
    custody: Custody.Code


@dataclass(frozen=True)
class IdentityView:
    """A verified identity document. ``sha256`` is that of its exact body."""

    agency: str
    serial: int
    sha256: bytes
    previous_sha256: bytes
    created: int
    not_after: int
    root: RootKeys
    names: Mapping[str, str]
    roles: tuple[str, ...]
    endpoints: tuple[str, ...]
    duty: bool
    keys: Mapping[bytes, KeyView]
    document: SignedDocument = field(repr=False, compare=False)

    def key(self, identifier: bytes) -> KeyView:
        """The key with this full id. Raises FanalError (KEY_UNKNOWN)."""
        if identifier not in self.keys:
            raise FanalError(KEY_UNKNOWN, agency=self.agency, key_id=identifier.hex(), use="anything")
        return self.keys[identifier]

    def of_use(self, use: KeyUse.Code) -> list[KeyView]:
        """All keys for a use, the highest epoch first."""
        return sorted((k for k in self.keys.values() if k.use == use), key=lambda k: -k.epoch)

    def current(self, use: KeyUse.Code, now: int) -> KeyView:
        """The key of the highest epoch that is valid at ``now``. Raises FanalError (KEY_NOT_CURRENT)."""
        for key in self.of_use(use):
            if key.valid_at(now):
                return key
        raise FanalError(KEY_NOT_CURRENT, agency=self.agency, use=use_name(use))

    def officer(self, identifier: bytes) -> KeyView:
        """The officer's key with this id; its ``officer`` is set. Raises FanalError (KEY_UNKNOWN)."""
        key = self.keys.get(identifier)
        if key is None or key.officer is None:
            raise FanalError(KEY_UNKNOWN, agency=self.agency, key_id=identifier.hex(), use="OFFICER")
        return key

    @property
    def certificate(self) -> bytes:
        """DER of the newest TLS certificate, or empty."""
        certified = self.of_use(KeyUse.TLS_SPKI)
        return certified[0].certificate if certified else b""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER of every TLS certificate peers may meet, the newest first."""
        return tuple(k.certificate for k in self.of_use(KeyUse.TLS_SPKI))

    @property
    def spki_hashes(self) -> frozenset[bytes]:
        """SHA-256 of every SubjectPublicKeyInfo that authenticates this agency's node."""
        return frozenset(spki_sha256(der) for der in self.certificates)

    def expired(self, now: int) -> bool:
        return now >= self.not_after


# --- Writing ---------------------------------------------------------------------------------------------


def key_entry(
    use: KeyUse.Code, public: bytes, epoch: int, not_before: int, not_after: int, log_origin: str = ""
) -> KeyEntry:
    """An entry for any use but TLS_SPKI and OFFICER; the algorithm follows from the use."""
    key = PublicKey(algorithm=ALGORITHM_OF_USE[use], key=public)
    return KeyEntry(
        use=use,
        public_key=key,
        epoch=epoch,
        not_before=not_before,
        not_after=not_after,
        log_origin=log_origin,
    )


def tls_entry(certificate: bytes, epoch: int) -> KeyEntry:
    """An entry for a TLS certificate (DER), valid as long as the certificate."""
    not_before, not_after = validity(certificate)
    return KeyEntry(
        use=KeyUse.TLS_SPKI,
        public_key=spki_key(spki(certificate)),
        epoch=epoch,
        not_before=not_before,
        not_after=not_after,
        certificate=certificate,
    )


def officer_entry(
    officer_id: str,
    rights: Iterable[OfficerRight.Code],
    custody: Custody.Code,
    public: bytes,
    epoch: int,
    not_before: int,
    not_after: int,
) -> KeyEntry:
    """An entry for an officer's Ed25519 key; rights are put in order."""
    entry = key_entry(KeyUse.OFFICER, public, epoch, not_before, not_after)
    entry.officer.CopyFrom(Officer(officer_id=officer_id, rights=sorted(set(rights)), custody=custody))
    return entry


def encrypt_entry(public: bytes, epoch: int, not_before: int) -> KeyEntry:
    """An entry for an X-Wing key of one epoch of 90 days."""
    return key_entry(KeyUse.ENCRYPT, public, epoch, not_before, not_before + ENCRYPT_EPOCH)


def encrypt_epoch_due(view: IdentityView, now: int) -> bool:
    """Whether the next encryption epoch must start: the newest key has no more than the overlap left."""
    keys = view.of_use(KeyUse.ENCRYPT)
    return not keys or now >= keys[0].not_after - ENCRYPT_OVERLAP


def first_identity(
    root: Root,
    agency: str,
    *,
    keys: Iterable[KeyEntry],
    created: int,
    not_after: int,
    names: Mapping[str, str] | None = None,
    roles: Iterable[str] = (),
    endpoints: Iterable[str] = (),
    duty: bool = False,
) -> SignedDocument:
    """Serial 1 of an agency, checked and signed. Raises VerificationError when a rule is broken."""
    ed25519_root, ml_dsa_root = root.public.typed()
    identity = Identity(
        agency=agency,
        serial=1,
        created=created,
        not_after=not_after,
        root_ed25519=ed25519_root,
        root_ml_dsa=ml_dsa_root,
        names=[AgencyName(lang=lang, name=name) for lang, name in sorted((names or {}).items())],
        roles=roles,
        endpoints=endpoints,
        duty=duty,
        keys=keys,
    )
    return sign_identity(root, identity)


def draft_next_identity(old: IdentityView, created: int) -> Identity:
    """The same content as ``old`` under the next serial, for the caller to change and sign."""
    identity = parse_identity(old.document)
    identity.serial = old.serial + 1
    identity.previous_sha256 = old.sha256
    identity.created = created
    return identity


def sign_identity(root: Root, identity: Identity) -> SignedDocument:
    """Sign a draft with both root keys. Raises VerificationError for what peers would refuse."""
    check_identity(identity)
    if root_keys_of(identity) != root.public:
        raise VerificationError(ROOT_MISMATCH, agency=identity.agency)
    return root.sign(IDENTITY, encode(identity))


# --- Verifying -------------------------------------------------------------------------------------------


def parse_identity(document: SignedDocument) -> Identity:
    """The strictly decoded body. Verifies no signature. Raises VerificationError."""
    check_form(document, IDENTITY, MAX_IDENTITY)
    return decode(Identity, document.body, MAX_IDENTITY)


def root_keys_of(identity: Identity) -> RootKeys:
    """The root keys a document names; worth nothing until compared with the charter's."""
    return RootKeys(identity.root_ed25519.key, identity.root_ml_dsa.key)


def verify_identity(document: SignedDocument, root_keys: RootKeys, now: int | None = None) -> IdentityView:
    """Accept only a document that names ``root_keys``, is signed by both, and keeps every rule.

    With ``now`` it must also be in force; without, an expired one is accepted and marked by ``expired``:
    traffic never stops because a document ran out. Raises VerificationError.
    """
    identity = parse_identity(document)
    if root_keys_of(identity) != root_keys:
        raise VerificationError(ROOT_MISMATCH, agency=identity.agency[:16])
    verify_by_root(document, IDENTITY, identity.agency[:16], root_keys)
    check_identity(identity)
    view = _view(identity, document)
    if now is not None and not view.created - DAY <= now < view.not_after:
        raise VerificationError(IDENTITY_EXPIRED, agency=view.agency)
    return view


def verify_own_claim(document: SignedDocument, now: int | None = None) -> IdentityView:
    """Verify against the root keys the document itself names: proves possession, not who it is.

    For joining, where a person compares digits by telephone, and for one's own files.
    """
    return verify_identity(document, root_keys_of(parse_identity(document)), now)


def update_identity(
    old: IdentityView | None, document: SignedDocument, root_keys: RootKeys, now: int | None = None
) -> IdentityView:
    """The view to hold after ``document`` arrived: the rules stand in the module docstring.

    Returns ``old`` itself if the document is the known one. Raises VerificationError, ForkError.
    """
    new = verify_identity(document, root_keys, now)
    if old is None:
        return new
    check_same_agency(old, new)
    if new.sha256 == old.sha256:
        return old
    check_not_forked(old, new)
    if new.serial < old.serial:
        raise VerificationError(SERIAL_FALLEN, agency=old.agency, found=new.serial, expected=old.serial)
    check_follows(old, new)
    return new


def check_same_agency(old: IdentityView, new: IdentityView) -> None:
    """Raise VerificationError if the documents are of two agencies."""
    if new.agency != old.agency:
        raise VerificationError(AGENCY_CHANGED, found=new.agency, expected=old.agency)


def check_not_forked(one: IdentityView, other: IdentityView) -> None:
    """Raise ForkError if two different documents carry one serial."""
    if one.serial == other.serial and one.sha256 != other.sha256:
        raise ForkError(IDENTITY_FORK, one.document, other.document, agency=one.agency, serial=one.serial)


def check_follows(old: IdentityView, new: IdentityView) -> None:
    """Raise VerificationError unless the later document may stand after the earlier one (rules 4 and 5)."""
    if new.serial == old.serial + 1 and new.previous_sha256 != old.sha256:
        raise VerificationError(IDENTITY_PREVIOUS, agency=old.agency, found=new.serial, expected=old.serial)
    for identifier in old.keys.keys() & new.keys.keys():
        before, after = old.keys[identifier], new.keys[identifier]
        if _place(before) != _place(after):
            raise VerificationError(
                KEY_REUSED,
                key_id=identifier.hex(),
                first=f"{use_name(before.use)} in serial {old.serial}",
                second=f"{use_name(after.use)} in serial {new.serial}",
            )


def _place(key: KeyView) -> tuple[int, int, str, str]:
    return key.use, key.epoch, key.officer.officer_id if key.officer else "", key.log_origin


def _view(identity: Identity, document: SignedDocument) -> IdentityView:
    keys = {key_id(entry.public_key): _key_view(entry) for entry in identity.keys}
    return IdentityView(
        agency=identity.agency,
        serial=identity.serial,
        sha256=body_sha256(document),
        previous_sha256=identity.previous_sha256,
        created=identity.created,
        not_after=identity.not_after,
        root=root_keys_of(identity),
        names=types.MappingProxyType({name.lang: name.name for name in identity.names}),
        roles=tuple(identity.roles),
        endpoints=tuple(identity.endpoints),
        duty=identity.duty,
        keys=types.MappingProxyType(keys),
        document=document,
    )


def _key_view(entry: KeyEntry) -> KeyView:
    officer = None
    if entry.HasField("officer"):
        said = entry.officer
        officer = OfficerView(said.officer_id, frozenset(said.rights), said.custody)
    return KeyView(
        key_id=key_id(entry.public_key),
        use=entry.use,
        public=entry.public_key.key,
        epoch=entry.epoch,
        not_before=entry.not_before,
        not_after=entry.not_after,
        log_origin=entry.log_origin,
        certificate=entry.certificate,
        officer=officer,
    )
