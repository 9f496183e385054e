# SPDX-License-Identifier: Apache-2.0
"""Whole nodes of which one seed decides every byte, so that a run repeats exactly.

Ed25519, commitments, ciphers, chains and trees are real. Only what draws its own randomness inside a library
is a stand-in of the same sizes: X-Wing's sealing and ML-DSA's hedged signatures. A file's cipher is real too;
the random header with which it begins is drawn here.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod
from typing import Any

import pytest
from agencies import Agency
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from nacl import bindings

from fanal.errors import VerificationError
from fanal.keys import certificate, mldsa, root, xwing
from fanal.keys.errors import BAD_SIGNATURE, SEALED_UNREADABLE


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, randomness comes from the seed alone. Networks are made and run inside."""
    draw = random.Random(f"bytes {seed}").randbytes
    certificate._any_key()  # made once in a process: the first run there draws no more than the others
    sign = partialmethod(x509.CertificateBuilder.sign, ecdsa_deterministic=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", draw)
        patch.setattr(ec, "generate_private_key", lambda curve: ec.derive_private_key(_number(draw), curve))
        patch.setattr(x509.CertificateBuilder, "sign", sign)
        patch.setattr(xwing, "seal", _seal)
        patch.setattr(xwing, "open", _open)
        patch.setattr(mldsa, "sign", lambda seed, message: _signature(mldsa.public_of(seed), message))
        patch.setattr(mldsa, "verify", _verify)
        patch.setattr(bindings, f"{_STREAM}_init_push", lambda state, key: _begun(state, key, draw))
        yield


_STREAM = "crypto_secretstream_xchacha20poly1305"


def _begun(state: Any, key: bytes, draw: Any) -> bytes:
    """Both ends of a stream begin in the same state."""
    header: bytes = draw(bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES)
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    return header


def seeded_agency(name: str, *, duty: bool) -> Agency:
    """A member whose keys come from the seed."""
    draw = os.urandom
    ml_dsa = [draw(mldsa.SEED_BYTES) for _ in range(2)]
    made = root._root(draw(32), ml_dsa[0])
    keys = {use: draw(32) for use in ("node", "encrypt", "log", "witness", "officer")}
    return Agency(name, duty=duty, root=made, anchor=ml_dsa[1], **keys)


def _number(draw: object) -> int:
    return 1 + int.from_bytes(draw(31))  # type: ignore[operator]


def _seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    key = hashlib.sha256(public + info).digest()
    head = hashlib.shake_256(key + plaintext).digest(xwing.ENCAPSULATED_BYTES)
    return head + _masked(key + head, plaintext) + _tag(key, head, plaintext)


def _open(seed: bytes, info: bytes, sealed: bytes) -> bytes:
    key = hashlib.sha256(xwing.public_of(seed) + info).digest()
    head, rest = sealed[: xwing.ENCAPSULATED_BYTES], sealed[xwing.ENCAPSULATED_BYTES :]
    plaintext = _masked(key + head, rest[: -xwing.TAG_BYTES])
    if rest[-xwing.TAG_BYTES :] != _tag(key, head, plaintext):
        raise VerificationError(SEALED_UNREADABLE)
    return plaintext


def _masked(key: bytes, data: bytes) -> bytes:
    mask = hashlib.shake_256(key).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, mask, strict=True))


def _tag(key: bytes, head: bytes, plaintext: bytes) -> bytes:
    return hashlib.sha256(key + head + plaintext).digest()[: xwing.TAG_BYTES]


def _signature(public: bytes, message: bytes) -> bytes:
    return hashlib.shake_256(public + message).digest(mldsa.SIGNATURE_BYTES)


def _verify(public: bytes, message: bytes, signature: bytes) -> None:
    if signature != _signature(public, message):
        raise VerificationError(BAD_SIGNATURE, algorithm=mldsa.NAME)
