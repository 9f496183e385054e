# SPDX-License-Identifier: Apache-2.0
"""The root of an agency: Ed25519 and ML-DSA-44 together, in two files of their own, kept offline.

Promise: whatever the root signs carries both signatures. The files are encrypted PKCS#8 PEM (RFC 5958, PBES2)
which openssl reads, so that an agency can use its root without Fanal. OpenSSL reads the ML-DSA file from
version 3.5 on; the 3.0 of Debian 12 reads the Ed25519 file only.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from fanal.errors import FanalError
from fanal.keys import ed25519, mldsa
from fanal.keys.documents import RootKeys, Signer, add_signatures, sign_document
from fanal.keys.file_errors import FILE_EXISTS, ROOT_UNREADABLE
from fanal.keys.files import read_private, write_private
from fanal.keys.keyid import ed25519_key, ml_dsa_key
from fanal.keys.pkcs8 import IV_BYTES, PASSPHRASE_ROUNDS, RANDOM_KEY_ROUNDS, SALT_BYTES, encrypt_pkcs8
from fanal.keys.secret import KeyFile, Secret
from fanal.v1.identity_pb2 import SignedDocument

ED25519_FILE = "root-ed25519.pem"
ML_DSA_FILE = "root-ml-dsa-44.pem"
MAX_FILE = 16 * 1024


@dataclass(frozen=True)
class Root:
    """Both private root keys in memory. Hold it as short as possible."""

    public: RootKeys
    ed25519_seed: bytes = field(repr=False)
    ml_dsa_seed: bytes = field(repr=False)

    def sign(self, type: str, body: bytes) -> SignedDocument:
        """A document with both signatures over the exact ``body``."""
        return sign_document(type, body, self._signers())

    def cosign(self, document: SignedDocument) -> SignedDocument:
        """A copy of the document with both signatures added to those of others."""
        return add_signatures(document, self._signers())

    def _signers(self) -> tuple[Signer, Signer]:
        return (
            Signer(ed25519_key(self.public.ed25519), self.ed25519_seed),
            Signer(ml_dsa_key(self.public.ml_dsa), self.ml_dsa_seed),
        )


def generate() -> Root:
    """A new root in memory."""
    return _root(ed25519.generate(), mldsa.generate())


def create(folder: Path, secret: Secret) -> Root:
    """A new root, written to two files in ``folder`` (made with mode 0700), both under one secret.

    Raises FanalError if either file exists: a root is never overwritten.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (ED25519_FILE, ML_DSA_FILE):
        if (folder / name).exists():
            raise FanalError(FILE_EXISTS, path=str(folder / name))
    root = generate()
    ed25519_private = Ed25519PrivateKey.from_private_bytes(root.ed25519_seed)
    write_private(folder / ED25519_FILE, _pem(ed25519_private, secret), replace=False)
    ml_dsa_private = MLDSA44PrivateKey.from_seed_bytes(root.ml_dsa_seed)
    write_private(folder / ML_DSA_FILE, _pem(ml_dsa_private, secret), replace=False)
    return root


def load(folder: Path, secret: Secret) -> Root:
    """The root of ``folder``. Raises FanalError: files missing, open to others, wrong secret, damaged."""
    ed25519_private = _read(folder / ED25519_FILE, secret)
    ml_dsa_private = _read(folder / ML_DSA_FILE, secret)
    if not isinstance(ed25519_private, Ed25519PrivateKey):
        raise FanalError(ROOT_UNREADABLE, path=str(folder / ED25519_FILE))
    if not isinstance(ml_dsa_private, MLDSA44PrivateKey):
        raise FanalError(ROOT_UNREADABLE, path=str(folder / ML_DSA_FILE))
    return _root(ed25519_private.private_bytes_raw(), ml_dsa_private.private_bytes_raw())


def _root(ed25519_seed: bytes, ml_dsa_seed: bytes) -> Root:
    public = RootKeys(ed25519.public_of(ed25519_seed), mldsa.public_of(ml_dsa_seed))
    return Root(public, ed25519_seed, ml_dsa_seed)


def password_of(secret: Secret) -> bytes:
    """What openssl asks for: the passphrase in UTF-8, or the key file's bytes as 64 lower-case hex digits."""
    return secret.key.hex().encode("ascii") if isinstance(secret, KeyFile) else secret.text.encode("utf-8")


def _pem(key: Ed25519PrivateKey | MLDSA44PrivateKey, secret: Secret) -> bytes:
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    rounds = RANDOM_KEY_ROUNDS if isinstance(secret, KeyFile) else PASSPHRASE_ROUNDS
    salt, iv = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(IV_BYTES)
    return encrypt_pkcs8(plain, password_of(secret), rounds, salt, iv)


def _read(path: Path, secret: Secret) -> object:
    pem = read_private(path, MAX_FILE)
    try:
        return serialization.load_pem_private_key(pem, password_of(secret))
    except (ValueError, TypeError):
        raise FanalError(ROOT_UNREADABLE, path=str(path)) from None
