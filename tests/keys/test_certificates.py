# SPDX-License-Identifier: Apache-2.0
"""The TLS certificate: what peers pin, and what is refused before it can be pinned."""

from __future__ import annotations

import datetime

import pytest
from agencies import NOW, YEAR
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from oddcert import PRINTABLE, UTC_TIME, resigned

from fanal.errors import VerificationError
from fanal.keys import certificate

MADE = certificate.create_certificate(NOW, YEAR)


def test_certificate_carries_the_one_target_name_and_its_validity() -> None:
    """DNS fanal.invalid, an hour back-dated, no authority over others."""
    parsed = x509.load_der_x509_certificate(MADE.der)
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["fanal.invalid"]
    assert certificate.validity(MADE.der) == (NOW - 3600, NOW + YEAR) == (MADE.not_before, MADE.not_after)
    assert not parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_forms_of_a_certificate_agree() -> None:
    """DER and PEM say the same, and the pin is over the public key only."""
    assert certificate.der_of(MADE.pem) == MADE.der
    assert certificate.der_of(certificate.pem_of(MADE.der)) == MADE.der
    key = serialization.load_pem_private_key(MADE.key_pem, None).public_key()
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    assert key.public_bytes(encoding, form) == MADE.spki == certificate.spki(MADE.der)
    assert len(certificate.spki_sha256(MADE.der)) == 32


def test_every_certificate_has_a_subject_of_its_own() -> None:
    """Two nodes never share a subject, by which TLS libraries look up what they trust."""
    other = certificate.create_certificate(NOW, YEAR)
    subjects = {x509.load_der_x509_certificate(c.der).subject.rfc4514_string() for c in (MADE, other)}
    assert len(subjects) == 2


def test_private_key_never_shows_in_repr() -> None:
    """The PEM of the key stays out of logs."""
    assert "PRIVATE" not in repr(MADE)
    assert "key_pem" not in repr(MADE)


def rsa_certificate() -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    start = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("bad", ["empty", "cut", "oversize", "RSA", "trailing"])
def test_bytes_that_are_no_certificate_of_ours_are_refused(bad: str) -> None:
    """Other keys, damage and padding end in a clear refusal, never in a library's exception."""
    data = {
        "empty": b"",
        "cut": MADE.der[:-1],
        "oversize": MADE.der + bytes(5000),
        "RSA": rsa_certificate(),
        "trailing": MADE.der + b"x",
    }[bad]
    with pytest.raises(VerificationError):
        certificate.spki_sha256(data)


def test_text_that_is_no_pem_is_refused() -> None:
    """A wrong file named as certificate is a clear refusal."""
    with pytest.raises(VerificationError):
        certificate.der_of(b"not a certificate")


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_changed_bit_of_a_certificate_is_taken() -> None:
    """It signs itself: each is a clear refusal, never a library's exception, never another form."""
    for at in range(8 * len(MADE.der)):
        data = bytearray(MADE.der)
        data[at // 8] ^= 1 << at % 8
        with pytest.raises(VerificationError):
            certificate.spki(bytes(data))


def test_attack_a_certificate_of_another_form_is_refused_though_it_parses_and_is_signed() -> None:
    """The control differs in nothing but the bytes that were replaced by themselves."""
    odd = resigned(MADE, PRINTABLE, UTC_TIME)
    assert certificate.spki(resigned(MADE, PRINTABLE, PRINTABLE)) == MADE.spki
    assert x509.load_der_x509_certificate(odd).subject == x509.load_der_x509_certificate(MADE.der).subject
    with pytest.raises(VerificationError):
        certificate.spki(odd)
