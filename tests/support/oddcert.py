# SPDX-License-Identifier: Apache-2.0
"""Certificates with bytes of what is signed replaced, and signed anew with their own key."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fanal.keys.certificate import Certificate

PRINTABLE, UTC_TIME = b"\x06\x03\x55\x04\x05\x13", b"\x06\x03\x55\x04\x05\x17"
"""The serial number in a subject, as text and, which only some libraries take, as a time."""
_ALGORITHM = bytes.fromhex("300a06082a8648ce3d040302")
"""ecdsa-with-SHA256."""


def resigned(made: Certificate, old: bytes, new: bytes) -> bytes:
    """DER. ``new`` is as long as ``old``, which is in it."""
    key = serialization.load_pem_private_key(made.key_pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    body = x509.load_der_x509_certificate(made.der).tbs_certificate_bytes
    assert len(old) == len(new)
    assert old in body
    body = body.replace(old, new)
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    inner = body + _ALGORITHM + bytes([3, len(signature) + 1, 0]) + signature
    return b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
