# SPDX-License-Identifier: Apache-2.0
"""A charter as the rest of Fanal sees it: who belongs, who reads which channel, who carries it.

``view_of`` turns a document into a view without verifying a signature; only ``charter`` may call it on what
came from others.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field

from fanal.errors import FanalError, VerificationError
from fanal.keys.charter_rules import MAX_CHARTER, check_charter
from fanal.keys.documents import RootKeys, body_sha256, check_form
from fanal.keys.errors import NO_CHANNEL, NOT_MEMBER, REVOCATION_NUMBER
from fanal.keys.pae import CHARTER
from fanal.keys.revocation import RevocationView, parse_revocation
from fanal.keys.strict import decode
from fanal.v1.charter_pb2 import Charter
from fanal.v1.identity_pb2 import SignedDocument


@dataclass(frozen=True)
class MemberView:
    """A member and the public keys of its root."""

    agency: str
    root: RootKeys
    governor: bool


@dataclass(frozen=True)
class ChannelView:
    """A closed user group; members and relays ascending."""

    name: str
    members: tuple[str, ...]
    relays: tuple[str, ...] = ()


@dataclass(frozen=True)
class RelayView:
    """A member that carries what it cannot read; ``direct``: also explicit lanes of those it serves."""

    agency: str
    direct: bool = False
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class CharterView:
    """One version of a network's charter. ``sha256`` is that of the exact body; times in Unix seconds."""

    network: bytes
    name: str
    version: int
    sha256: bytes
    previous_sha256: bytes
    created: int
    expires: int
    threshold: int
    members: Mapping[str, MemberView]
    channels: Mapping[str, ChannelView]
    relays: Mapping[str, RelayView]
    quorum: int
    suites: tuple[str, ...]
    revocations: tuple[RevocationView, ...]
    document: SignedDocument = field(repr=False, compare=False)

    @property
    def governors(self) -> tuple[str, ...]:
        return tuple(agency for agency, member in self.members.items() if member.governor)

    def is_member(self, agency: str) -> bool:
        return agency in self.members

    def member(self, agency: str) -> MemberView:
        """Raises VerificationError (NOT_MEMBER)."""
        if agency not in self.members:
            raise VerificationError(NOT_MEMBER, agency=agency[:16], version=self.version)
        return self.members[agency]

    def root_keys(self, agency: str) -> RootKeys:
        """The root keys of a member. Raises VerificationError (NOT_MEMBER)."""
        return self.member(agency).root

    def members_of(self, channel: str) -> tuple[str, ...]:
        """The readers of a channel, ascending. Raises FanalError (NO_CHANNEL)."""
        return self._channel(channel).members

    def relays_of(self, channel: str) -> tuple[str, ...]:
        """Who may hold a channel's ciphertext without reading it. Raises FanalError (NO_CHANNEL)."""
        return self._channel(channel).relays

    def relay(self, agency: str) -> RelayView | None:
        return self.relays.get(agency)

    def revoked(self, agency: str, key_id: bytes) -> int | None:
        """The earliest cut-off of an agency's own key in this charter, or None."""
        found = [r.cut_off for r in self.revocations if r.agency == agency and r.key_id == key_id]
        return min(found, default=None)

    def expired(self, now: int) -> bool:
        """Traffic goes on under an expired charter, marked."""
        return now >= self.expires

    def _channel(self, channel: str) -> ChannelView:
        if channel not in self.channels:
            raise FanalError(NO_CHANNEL, version=self.version, channel=channel[:40])
        return self.channels[channel]


def parse_charter(document: SignedDocument) -> Charter:
    """The strictly decoded body. Verifies no signature. Raises VerificationError."""
    check_form(document, CHARTER, MAX_CHARTER)
    return decode(Charter, document.body, MAX_CHARTER)


def view_of(document: SignedDocument) -> CharterView:
    """A view of a well-formed charter whose signatures are not yet verified. Raises VerificationError."""
    charter = parse_charter(document)
    check_charter(charter)
    sha256 = body_sha256(document)
    return CharterView(
        network=charter.network or sha256,
        name=charter.name,
        version=charter.version,
        sha256=sha256,
        previous_sha256=charter.previous_sha256,
        created=charter.created,
        expires=charter.expires,
        threshold=charter.threshold,
        members=types.MappingProxyType(_members(charter)),
        channels=types.MappingProxyType(
            {c.name: ChannelView(c.name, tuple(c.members), tuple(c.relays)) for c in charter.channels}
        ),
        relays=types.MappingProxyType(
            {r.agency: RelayView(r.agency, r.direct, tuple(r.serves)) for r in charter.relays}
        ),
        quorum=charter.witnesses.quorum,
        suites=tuple(charter.suites),
        revocations=_revocations(charter),
        document=document,
    )


def _members(charter: Charter) -> dict[str, MemberView]:
    return {
        m.agency: MemberView(m.agency, RootKeys(m.root_ed25519.key, m.root_ml_dsa.key), m.governor)
        for m in charter.members
    }


def _revocations(charter: Charter) -> tuple[RevocationView, ...]:
    last: dict[str, int] = {}
    views = []
    for document in charter.revocations:
        view = parse_revocation(document)
        expected = last.get(view.agency, 0) + 1
        if view.number != expected:
            raise VerificationError(
                REVOCATION_NUMBER, agency=view.agency, found=view.number, expected=expected
            )
        last[view.agency] = view.number
        views.append(view)
    return tuple(views)
