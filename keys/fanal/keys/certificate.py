# SPDX-License-Identifier: Apache-2.0
"""The node's TLS certificate: P-256, self-signed, pinned by peers on its public key alone.

P-256 because grpcio refuses Ed25519 and ML-DSA certificates. Nothing in it names the agency: peers authorise
on SHA-256 of the SubjectPublicKeyInfo in the identity document, never on CN or SAN. All nodes carry the same
DNS name, which is the target name clients override to.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fanal.errors import VerificationError
from fanal.keys.call_errors import CERTIFICATE_MALFORMED

TARGET_NAME = "fanal.invalid"
"""The one name in every certificate (RFC 2606, section 2: never a real host)."""
MAX_CERTIFICATE = 4096
BACKDATED_SECONDS = 3600
"""Validity starts this much before ``now``, for peers whose clock is late."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key."""

    der: bytes
    pem: bytes
    key_pem: bytes = field(repr=False)
    spki: bytes
    not_before: int
    not_after: int


def create_certificate(now: int, valid_seconds: int) -> Certificate:
    """A new P-256 key (PKCS#8 PEM, unencrypted: the file's mode protects it) and its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    not_before, not_after = now - BACKDATED_SECONDS, now + valid_seconds
    certificate = _build(key, not_before, not_after)
    encoding = serialization.Encoding
    return Certificate(
        der=certificate.public_bytes(encoding.DER),
        pem=certificate.public_bytes(encoding.PEM),
        key_pem=key.private_bytes(
            encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        spki=_spki(certificate),
        not_before=not_before,
        not_after=not_after,
    )


def spki(der: bytes) -> bytes:
    """The DER SubjectPublicKeyInfo of a certificate with a P-256 key. Raises VerificationError."""
    return _spki(_parse(der))


def spki_sha256(der: bytes) -> bytes:
    """SHA-256 of the certificate's SubjectPublicKeyInfo: what peers pin. Raises VerificationError."""
    return hashlib.sha256(spki(der)).digest()


def validity(der: bytes) -> tuple[int, int]:
    """(not before, not after) of a certificate in Unix seconds. Raises VerificationError."""
    certificate = _parse(der)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return int(start.timestamp()), int(end.timestamp())


def pem_of(der: bytes) -> bytes:
    """The PEM form of a DER certificate, as grpc wants it. Raises VerificationError."""
    return _parse(der).public_bytes(serialization.Encoding.PEM)


def der_of(pem: bytes) -> bytes:
    """The DER form of the first certificate in a PEM file. Raises VerificationError."""
    try:
        return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    except ValueError:
        raise VerificationError(CERTIFICATE_MALFORMED, reason="no PEM certificate") from None


def _parse(der: bytes) -> x509.Certificate:
    if len(der) > MAX_CERTIFICATE:
        raise VerificationError(CERTIFICATE_MALFORMED, reason=f"over {MAX_CERTIFICATE} bytes")
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise VerificationError(CERTIFICATE_MALFORMED, reason="it does not parse") from None


def _spki(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise VerificationError(CERTIFICATE_MALFORMED, reason="its key is not P-256")
    if certificate.subject != _name(key) or certificate.issuer != _name(key):
        raise VerificationError(CERTIFICATE_MALFORMED, reason="its subject is not that of its key")
    return _spki_of(key)


def _spki_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _name(key: ec.EllipticCurvePublicKey) -> x509.Name:
    """Unique per key: TLS libraries find a pinned certificate by its subject, and with two of one subject
    they try the first only, so that a peer with a copied name could lock another out.
    """
    attributes = [
        x509.NameAttribute(NameOID.COMMON_NAME, TARGET_NAME),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, hashlib.sha256(_spki_of(key)).hexdigest()[:40]),
    ]
    return x509.Name(attributes)


def _build(key: ec.EllipticCurvePrivateKey, not_before: int, not_after: int) -> x509.Certificate:
    name = _name(key.public_key())
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_utc(not_before))
        .not_valid_after(_utc(not_after))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TARGET_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(key, hashes.SHA256())
    )


def _utc(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
