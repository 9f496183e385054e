# SPDX-License-Identifier: Apache-2.0
"""Agencies with every private key at hand, and networks of them, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fanal.keys import certificate, charter, ed25519, identity, keyid, mldsa, root, trust, xwing
from fanal.v1.charter_pb2 import Charter
from fanal.v1.identity_pb2 import Custody, Identity, KeyEntry, KeyUse, OfficerRight, SignedDocument

NOW = 1_800_000_000
YEAR = 365 * identity.DAY
ALL_RIGHTS = (OfficerRight.AUTHOR, OfficerRight.RELEASE, OfficerRight.READ, OfficerRight.AUDIT)


class MemoryReservations:
    """What a governor promised to sign, kept in memory."""

    def __init__(self) -> None:
        self.promised: dict[tuple[bytes, int], bytes] = {}

    def reserve(self, network: bytes, version: int, body_sha256: bytes) -> None:
        self.promised[network, version] = body_sha256


@dataclass
class Agency:
    """One agency: its seeds, its certificate and its first identity document."""

    name: str
    now: int = NOW
    duty: bool = False
    root: root.Root = field(default_factory=root.generate)
    node: bytes = field(default_factory=ed25519.generate)
    encrypt: bytes = field(default_factory=xwing.generate)
    log: bytes = field(default_factory=ed25519.generate)
    witness: bytes = field(default_factory=ed25519.generate)
    anchor: bytes = field(default_factory=mldsa.generate)
    officer: bytes = field(default_factory=ed25519.generate)
    tls: certificate.Certificate = field(init=False)
    document: SignedDocument = field(init=False)

    def __post_init__(self) -> None:
        self.tls = certificate.create_certificate(self.now, YEAR)
        self.document = identity.first_identity(
            self.root,
            self.name,
            keys=self.entries(),
            created=self.now,
            not_after=self.now + 2 * YEAR,
            names={"en": self.name},
            endpoints=["127.0.0.1:7443"],
            duty=self.duty,
        )

    def entries(self) -> list[KeyEntry]:
        now, end, origin = self.now, self.now + YEAR, "fanal/net/" + self.name + "/log1"
        return [
            identity.key_entry(KeyUse.NODE_SIGN, ed25519.public_of(self.node), 1, now, end),
            identity.encrypt_entry(xwing.public_of(self.encrypt), 1, now),
            identity.tls_entry(self.tls.der, 1),
            identity.key_entry(KeyUse.LOG, ed25519.public_of(self.log), 1, now, end, origin),
            identity.key_entry(KeyUse.ANCHOR, mldsa.public_of(self.anchor), 1, now, end),
            identity.officer_entry(
                "duty-1", ALL_RIGHTS, Custody.OWN, ed25519.public_of(self.officer), 1, now, end
            ),
            identity.key_entry(KeyUse.WITNESS, ed25519.public_of(self.witness), 1, now, end),
        ]

    @property
    def node_key_id(self) -> bytes:
        return keyid.key_id(keyid.ed25519_key(ed25519.public_of(self.node)))

    @property
    def officer_key_id(self) -> bytes:
        return keyid.key_id(keyid.ed25519_key(ed25519.public_of(self.officer)))

    @property
    def encrypt_key_id(self) -> bytes:
        return keyid.key_id(keyid.x_wing_key(xwing.public_of(self.encrypt)))

    def view(self) -> identity.IdentityView:
        return identity.verify_identity(self.document, self.root.public)

    def next_draft(self, old: identity.IdentityView | None = None) -> Identity:
        return identity.draft_next_identity(old or self.view(), self.now + 1)

    def sign(self, draft: Identity) -> SignedDocument:
        return identity.sign_identity(self.root, draft)


def found(
    governors: Iterable[Agency],
    others: Iterable[Agency] = (),
    *,
    threshold: int = 1,
    channels: Mapping[str, tuple[str, ...]] | None = None,
) -> Charter:
    """An unsigned charter 1 with any number of governors, which one founder alone could not draft."""
    governors = list(governors)
    members = [charter.member_of(a.name, a.root.public, True) for a in governors]
    members += [charter.member_of(a.name, a.root.public) for a in others]
    draft = charter.draft_first(
        "Test", members[0], created=NOW, expires=NOW + YEAR, nonce=bytes(16), channels={}
    )
    del draft.members[:]
    draft.members.extend(sorted(members, key=lambda m: m.agency))
    draft.threshold = threshold
    for name, agencies in sorted((channels or {}).items()):
        draft.channels.add(name=name, members=sorted(agencies))
    return draft


def signed(draft: Charter, *signers: Agency) -> SignedDocument:
    """The draft under the signatures of these agencies, governors or not; no rule is checked."""
    from fanal.keys.pae import CHARTER
    from fanal.keys.strict import encode

    document = SignedDocument(type=CHARTER, body=encode(draft))
    for signer in signers:
        document = signer.root.cosign(document)
    return document


def following(old: charter.CharterView, created: int, *signers: Agency, **changes: object) -> SignedDocument:
    """The next charter, ``created`` seconds after NOW, with these changes."""
    draft = charter.draft_next(old, charter.Changes(created=NOW + created, **changes))  # type: ignore[arg-type]
    return signed(draft, *signers)


def network(
    founder: Agency, *others: Agency, channels: Mapping[str, tuple[str, ...]] | None = None
) -> trust.Directory:
    """A directory with charter 1 (one governor) and everybody's identity."""
    directory = trust.Directory.founded(signed(found([founder], others, channels=channels), founder))
    for agency in (founder, *others):
        directory.take_identity(agency.document)
    return directory
