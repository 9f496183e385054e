# SPDX-License-Identifier: Apache-2.0
"""Drafting and signing charters: a governor never signs two different charters of one version.

The version is reserved in a file before the signature is made, so that a crash between the two, or a restored
draft, cannot lead to a second charter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from google.protobuf.message import Message

from fanal.errors import FanalError
from fanal.keys.charter_rules import SUITE, check_charter
from fanal.keys.charter_view import ChannelView, CharterView, RelayView, parse_charter, view_of
from fanal.keys.documents import RootKeys, body_sha256
from fanal.keys.errors import NOT_GOVERNOR, VERSION_RESERVED
from fanal.keys.file_errors import FILE_EXISTS
from fanal.keys.files import read_private, write_private
from fanal.keys.pae import CHARTER
from fanal.keys.root import Root
from fanal.keys.strict import encode
from fanal.v1.charter_pb2 import Channel, Charter, Member, Relay, WitnessPolicy
from fanal.v1.identity_pb2 import SignedDocument


class Reservations(Protocol):
    """Remembers, durably, for which body a root has promised its signature."""

    def reserve(self, network: bytes, version: int, body_sha256: bytes) -> None:
        """Return when the promise is durable. Raises FanalError if another body holds the version."""
        ...


@dataclass(frozen=True)
class FileReservations:
    """One small file a version in the root's folder, created exclusively and fsynced."""

    folder: Path

    def reserve(self, network: bytes, version: int, body_sha256: bytes) -> None:
        path = self.folder / f"charter-{network.hex()[:16]}-{version}.reserved"
        promise = network.hex() + " " + body_sha256.hex() + "\n"
        try:
            write_private(path, promise.encode("ascii"), replace=False)
        except FanalError as error:
            if error.kind is not FILE_EXISTS:
                raise
            if read_private(path, limit=1024) != promise.encode("ascii"):
                raise FanalError(VERSION_RESERVED, version=version) from None


@dataclass(frozen=True)
class Changes:
    """What the next charter changes; everything else stays.

    ``add`` also replaces a member (new root keys). ``channels`` and ``relays`` are set by name, None removes.
    ``join`` adds agencies to channels, creating a channel that does not exist. ``governors`` is the whole new
    set. A removed member leaves every channel and relay entry.
    """

    created: int
    expires: int | None = None
    name: str | None = None
    add: tuple[Member, ...] = ()
    remove: tuple[str, ...] = ()
    governors: tuple[str, ...] | None = None
    threshold: int | None = None
    channels: Mapping[str, ChannelView | None] = field(default_factory=dict)
    join: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relays: Mapping[str, RelayView | None] = field(default_factory=dict)
    quorum: int | None = None
    revocations: tuple[SignedDocument, ...] = ()


def member_of(agency: str, root: RootKeys, governor: bool = False) -> Member:
    """The entry of a member."""
    ed25519_root, ml_dsa_root = root.typed()
    return Member(agency=agency, root_ed25519=ed25519_root, root_ml_dsa=ml_dsa_root, governor=governor)


def draft_first(
    name: str,
    founder: Member,
    *,
    created: int,
    expires: int,
    nonce: bytes,
    channels: Mapping[str, tuple[str, ...]] | None = None,
) -> Charter:
    """Charter 1 of a new network with one governor. ``nonce``: 16 random bytes.

    Raises VerificationError when a rule is broken.
    """
    governor = Member()
    governor.CopyFrom(founder)
    governor.governor = True
    charter = Charter(
        name=name,
        version=1,
        created=created,
        expires=expires,
        threshold=1,
        members=[governor],
        channels=[Channel(name=n, members=sorted(m)) for n, m in sorted((channels or {}).items())],
        witnesses=WitnessPolicy(quorum=0),
        suites=[SUITE],
        nonce=nonce,
    )
    check_charter(charter)
    return charter


def draft_next(view: CharterView, changes: Changes) -> Charter:
    """The charter after ``view`` with ``changes``. Raises VerificationError when a rule is broken."""
    charter = parse_charter(view.document)
    charter.network = view.network
    charter.version = view.version + 1
    charter.previous_sha256 = view.sha256
    charter.nonce = b""
    charter.created = changes.created
    charter.expires = view.expires if changes.expires is None else changes.expires
    charter.name = view.name if changes.name is None else changes.name
    _change_members(charter, changes)
    _change_channels(charter, view, changes)
    _change_relays(charter, view, changes)
    if changes.threshold is not None:
        charter.threshold = changes.threshold
    if changes.quorum is not None:
        charter.witnesses.quorum = changes.quorum
    charter.revocations.extend(changes.revocations)
    check_charter(charter)
    return charter


def sign_charter(root: Root, charter: Charter, reservations: Reservations) -> SignedDocument:
    """Reserve the version durably, then sign with both root keys.

    Raises VerificationError for a draft that breaks a rule, FanalError if this root is no governor or has
    promised another charter of this version.
    """
    return _sign(root, SignedDocument(type=CHARTER, body=encode(charter)), reservations, (charter,))


def cosign_charter(
    root: Root, document: SignedDocument, reservations: Reservations, old: CharterView | None = None
) -> SignedDocument:
    """Add this governor's signatures to a charter others have signed; errors as ``sign_charter``.

    With ``old``, a governor of the version before who is none in the new one may sign as well: its
    signature counts towards the old threshold.
    """
    charters = (parse_charter(document),) + ((parse_charter(old.document),) if old else ())
    return _sign(root, document, reservations, charters)


def _sign(
    root: Root, document: SignedDocument, reservations: Reservations, charters: tuple[Charter, ...]
) -> SignedDocument:
    view = view_of(document)
    if not any(_is_governor(root.public, charter) for charter in charters):
        raise FanalError(NOT_GOVERNOR)
    reservations.reserve(view.network, view.version, body_sha256(document))
    return root.cosign(document)


def _is_governor(root: RootKeys, charter: Charter) -> bool:
    return any(
        m.governor and m.root_ed25519.key == root.ed25519 and m.root_ml_dsa.key == root.ml_dsa
        for m in charter.members
    )


def _change_members(charter: Charter, changes: Changes) -> None:
    members = {m.agency: m for m in charter.members} | {m.agency: m for m in changes.add}
    kept = [members[agency] for agency in sorted(members.keys() - set(changes.remove))]
    if changes.governors is not None:
        kept = [
            Member(
                agency=m.agency,
                root_ed25519=m.root_ed25519,
                root_ml_dsa=m.root_ml_dsa,
                governor=m.agency in changes.governors,
            )
            for m in kept
        ]
    _replace(charter.members, kept)


def _change_channels(charter: Charter, view: CharterView, changes: Changes) -> None:
    channels: dict[str, ChannelView | None] = {**view.channels, **changes.channels}
    for name, agencies in changes.join.items():
        before = channels.get(name) or ChannelView(name, ())
        channels[name] = ChannelView(name, (*before.members, *agencies), before.relays)
    gone = set(changes.remove)
    entries = [
        Channel(name=name, members=sorted({*c.members} - gone), relays=sorted({*c.relays} - gone))
        for name, c in sorted(channels.items())
        if c is not None and {*c.members} - gone
    ]
    _replace(charter.channels, entries)


def _change_relays(charter: Charter, view: CharterView, changes: Changes) -> None:
    relays: dict[str, RelayView | None] = {**view.relays, **changes.relays}
    gone = set(changes.remove)
    entries = [
        Relay(agency=agency, direct=r.direct, serves=sorted({*r.serves} - gone))
        for agency, r in sorted(relays.items())
        if r is not None and agency not in gone
    ]
    _replace(charter.relays, entries)


def _replace(entries: Any, values: Sequence[Message]) -> None:
    del entries[:]
    entries.extend(values)
