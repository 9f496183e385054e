# SPDX-License-Identifier: Apache-2.0
"""The node's TLS certificate: P-256, self-signed, pinned by peers on its public key alone.

P-256 because grpcio refuses Ed25519 and ML-DSA certificates. Nothing in it names the agency: peers authorise
on SHA-256 of the SubjectPublicKeyInfo in the identity document, never on CN or SAN. All nodes carry the same
DNS name, which is the target name clients override to.

Promise: only one form is taken (protocol.md, "Between peers"), byte for byte as `create_certificate`
writes it for this key, serial number and validity. A node gives TLS the certificates of all its peers at
once, and TLS reads none that stands behind one which it cannot read, though another library can: those
peers were shut out.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fanal.errors import VerificationError
from fanal.keys.call_errors import CERTIFICATE_MALFORMED

TARGET_NAME = "fanal.invalid"
"""The one name in every certificate (RFC 2606, section 2: never a real host)."""
MAX_CERTIFICATE = 4096
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature, x509.InvalidVersion)
"""What the library raises of bytes that are no certificate, or not one that it knows."""
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
    builder = _builder(key.public_key(), x509.random_serial_number(), _utc(not_before), _utc(not_after))
    certificate = builder.sign(key, hashes.SHA256())
    encoding = serialization.Encoding
    return Certificate(
        der=certificate.public_bytes(encoding.DER),
        pem=certificate.public_bytes(encoding.PEM),
        key_pem=key.private_bytes(
            encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        spki=_spki_of(key.public_key()),
        not_before=not_before,
        not_after=not_after,
    )


def spki(der: bytes) -> bytes:
    """The DER SubjectPublicKeyInfo of a certificate in the form of the protocol. Raises VerificationError."""
    return _spki_of(_key_of(der))


def spki_sha256(der: bytes) -> bytes:
    """SHA-256 of the certificate's SubjectPublicKeyInfo: what peers pin. Raises VerificationError."""
    return hashlib.sha256(spki(der)).digest()


def validity(der: bytes) -> tuple[int, int]:
    """(not before, not after) of a certificate in Unix seconds. Raises VerificationError."""
    with _read("its dates do not parse"):
        certificate = _parse(der)
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return int(start.timestamp()), int(end.timestamp())


def pem_of(der: bytes) -> bytes:
    """The PEM form of a DER certificate, as grpc wants it. Raises VerificationError."""
    return _parse(der).public_bytes(serialization.Encoding.PEM)


def der_of(pem: bytes) -> bytes:
    """The DER form of the first certificate in a PEM file. Raises VerificationError."""
    with _read("no PEM certificate"):
        return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def _parse(der: bytes) -> x509.Certificate:
    if len(der) > MAX_CERTIFICATE:
        raise VerificationError(CERTIFICATE_MALFORMED, reason=f"over {MAX_CERTIFICATE} bytes")
    with _read("it does not parse"):
        return x509.load_der_x509_certificate(der)


@functools.lru_cache(maxsize=1024)
def _key_of(der: bytes) -> ec.EllipticCurvePublicKey:
    """The key in a certificate that it signs itself, in the one form."""
    certificate = _parse(der)
    with _read("its key does not parse"):
        key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise VerificationError(CERTIFICATE_MALFORMED, reason="its key is not P-256")
    with _read("it is not in the form of the protocol"):
        if certificate.subject != _name(key):
            raise VerificationError(CERTIFICATE_MALFORMED, reason="its subject is not that of its key")
        if not _in_form(certificate, key, der):
            raise VerificationError(CERTIFICATE_MALFORMED, reason="it is not in the form of the protocol")
    with _read("it is not signed with its key"):
        certificate.verify_directly_issued_by(certificate)
    return key


def _in_form(certificate: x509.Certificate, key: ec.EllipticCurvePublicKey, der: bytes) -> bool:
    """Whether what is signed, and how the signature is wrapped, is as we write it."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    ours = _builder(key, certificate.serial_number, start, end).sign(_any_key(), hashes.SHA256())
    same = certificate.tbs_certificate_bytes == ours.tbs_certificate_bytes
    return same and der.endswith(b"\0" + certificate.signature)


@functools.cache
def _any_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@contextlib.contextmanager
def _read(reason: str) -> Iterator[None]:
    """What a library says of bytes that are none is a refusal of ours."""
    try:
        yield
    except UNREADABLE:
        raise VerificationError(CERTIFICATE_MALFORMED, reason=reason) from None


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


def _builder(
    key: ec.EllipticCurvePublicKey, serial: int, start: datetime.datetime, end: datetime.datetime
) -> x509.CertificateBuilder:
    name = _name(key)
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TARGET_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    )


def _utc(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
