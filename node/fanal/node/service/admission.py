# SPDX-License-Identifier: Apache-2.0
"""Who is calling: the agency whose identity document lists the key of the caller's certificate.

The key alone decides (SHA-256 of the SubjectPublicKeyInfo), for every call anew. Names in the certificate
count for nothing, because the holder of any pinned certificate can sign one in any name; so does the
handshake, because a session outlives the certificate that opened it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from fanal.errors import FanalError, VerificationError
from fanal.keys.errors import UnknownIdentity
from fanal.keys.trust import Directory
from fanal.node.service.errors import NO_IDENTITY, NOT_ADMITTED, PEER_CERTIFICATE_EXPIRED
from fanal.node.service.tls import PeerCertificate
from fanal.v1.identity_pb2 import KeyUse


@dataclass(frozen=True)
class PeerKey:
    """One currently valid TLS key of a trusted peer, from its identity document."""

    agency: str
    spki_sha256: bytes
    certificate: bytes
    not_after: int


def peers_of(directory: Directory, me: str, trusts: Callable[[str], bool]) -> tuple[str, ...]:
    """The members of the newest charter that this node links with, ascending."""
    return tuple(sorted(a for a in directory.newest.members if a != me and trusts(a)))


def keys_of(directory: Directory, agency: str, now: float) -> tuple[PeerKey, ...]:
    """The agency's valid and unrevoked TLS keys, newest first; empty without an identity document."""
    try:
        identity = directory.identity(agency)
    except UnknownIdentity:
        return ()
    return tuple(
        PeerKey(agency, hashlib.sha256(key.public).digest(), key.certificate, key.not_after)
        for key in identity.of_use(KeyUse.TLS_SPKI)
        if key.valid_at(int(now)) and directory.revoked(agency, key.key_id) is None
    )


def why_no_key(directory: Directory, agency: str, now: float) -> FanalError:
    """Why ``keys_of`` is empty: its document has not come, or its certificate is not valid at this time."""
    try:
        named = directory.identity(agency).of_use(KeyUse.TLS_SPKI)
    except UnknownIdentity:
        named = []
    if any(not key.valid_at(int(now)) and directory.revoked(agency, key.key_id) is None for key in named):
        return FanalError(PEER_CERTIFICATE_EXPIRED, agency=agency)
    return FanalError(NO_IDENTITY, agency=agency)


def peer_keys(
    directory: Directory, me: str, trusts: Callable[[str], bool], now: float
) -> tuple[PeerKey, ...]:
    """Every key that may open a session with this node now."""
    return tuple(key for agency in peers_of(directory, me, trusts) for key in keys_of(directory, agency, now))


def admit(certificate: PeerCertificate, keys: tuple[PeerKey, ...], now: float) -> str:
    """The agency that holds this key. VerificationError NOT_ADMITTED or PEER_CERTIFICATE_EXPIRED."""
    shown = hashlib.sha256(certificate.spki).digest()
    agency = next((key.agency for key in keys if key.spki_sha256 == shown), None)
    if agency is None:
        raise VerificationError(NOT_ADMITTED)
    if not certificate.not_before <= now <= certificate.not_after:
        raise VerificationError(PEER_CERTIFICATE_EXPIRED, agency=agency)
    return agency
