# SPDX-License-Identifier: Apache-2.0
"""Ed25519, ML-DSA-44, X-Wing and PAE against public vectors and known attacks on verifiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from fanal.errors import VerificationError
from fanal.keys import ed25519, mldsa, xwing
from fanal.keys.errors import BAD_SIGNATURE, KEY_LENGTH, SEALED_UNREADABLE, WEAK_KEY
from fanal.keys.keyid import ed25519_key, key_id, ml_dsa_key, spki_key, x_wing_key
from fanal.keys.pae import pae

PUBLIC = Path(__file__).parent.parent / "vectors" / "public"
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]
NON_CANONICAL = [
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def vectors(name: str) -> Any:
    return json.loads((PUBLIC / name).read_text())


def wycheproof() -> list[Any]:
    groups = vectors("ed25519_test.json")["testGroups"]
    return [
        pytest.param(bytes.fromhex(g["publicKey"]["pk"]), t, id=f"{t['tcId']}-{t['comment'] or 'plain'}")
        for g in groups
        for t in g["tests"]
    ]


@pytest.mark.parametrize(("public", "case"), wycheproof())
def test_ed25519_agrees_with_wycheproof(public: bytes, case: dict[str, str]) -> None:
    """Each of the 151 edge cases verifies exactly when Wycheproof says so."""
    message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
    if case["result"] == "valid":
        ed25519.verify(public, message, signature)
    else:
        with pytest.raises(VerificationError):
            ed25519.verify(public, message, signature)


@pytest.mark.parametrize("public", SMALL_ORDER + NON_CANONICAL)
def test_weak_ed25519_key_is_refused_at_enrolment(public: str) -> None:
    """A small-order or non-canonical public key is never enrolled."""
    with pytest.raises(VerificationError) as refused:
        ed25519.validate_public(bytes.fromhex(public))
    assert refused.value.kind is WEAK_KEY


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_universal_forgery_under_a_small_order_key_is_refused(public: str) -> None:
    """R = identity and S = 0 verify any message under such a key with a lax verifier; not with ours."""
    forged = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    with pytest.raises(VerificationError):
        ed25519.verify(bytes.fromhex(public), b"any message", forged)


def test_both_ed25519_libraries_agree_on_what_we_sign() -> None:
    """A signature of ours verifies under OpenSSL, and one of OpenSSL's under ours, with equal bytes."""
    seed = ed25519.generate()
    theirs = Ed25519PrivateKey.from_private_bytes(seed)
    signature = ed25519.sign(seed, b"message")
    assert signature == theirs.sign(b"message")
    Ed25519PublicKey.from_public_bytes(ed25519.public_of(seed)).verify(signature, b"message")
    ed25519.verify(theirs.public_key().public_bytes_raw(), b"message", signature)
    ed25519.validate_public(ed25519.public_of(seed))


@pytest.mark.parametrize("algorithm", [ed25519, mldsa])
def test_signature_over_other_bytes_or_of_another_key_is_refused(algorithm: Any) -> None:
    """One changed bit of message, signature or key makes verification fail."""
    seed, other = algorithm.generate(), algorithm.generate()
    public, signature = algorithm.public_of(seed), algorithm.sign(seed, b"message")
    algorithm.verify(public, b"message", signature)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    attempts = [(public, b"massage", signature), (public, b"message", flipped)]
    attempts.append((algorithm.public_of(other), b"message", signature))
    for attempt in attempts:
        with pytest.raises(VerificationError) as refused:
            algorithm.verify(*attempt)
        assert refused.value.kind is BAD_SIGNATURE


@pytest.mark.parametrize("algorithm", [ed25519, mldsa])
def test_key_or_signature_of_wrong_length_is_named(algorithm: Any) -> None:
    """Cut or extended keys and signatures are refused before any arithmetic."""
    seed = algorithm.generate()
    public, signature = algorithm.public_of(seed), algorithm.sign(seed, b"m")
    attempts = [(public[:-1], signature), (public + b"x", signature), (public, signature[:-1]), (public, b"")]
    for bad_public, bad_signature in attempts:
        with pytest.raises(VerificationError) as refused:
            algorithm.verify(bad_public, b"m", bad_signature)
        assert refused.value.kind is KEY_LENGTH


@pytest.mark.parametrize("algorithm", [ed25519, mldsa, xwing])
def test_seed_of_wrong_length_is_a_programming_error(algorithm: Any) -> None:
    """A private key that is not 32 bytes long never gets into a signature or a decryption."""
    with pytest.raises(ValueError, match="32 bytes"):
        algorithm.public_of(bytes(31))


@pytest.mark.parametrize("index", range(3))
def test_xwing_public_key_follows_the_draft(index: int) -> None:
    """Seed to public key as in the vectors of draft-connolly-cfrg-xwing-kem."""
    vector = vectors("xwing-test-vectors.json")[index]
    assert xwing.public_of(bytes.fromhex(vector["seed"])).hex() == vector["pk"]


def test_hpke_suite_opens_the_public_vector() -> None:
    """Our private key form opens the published ciphertext of exactly our suite (0x647a, 1, 3)."""
    suites = {(v["kem_id"], v["kdf_id"], v["aead_id"]): v for v in vectors("hpke-pq-test-vectors.json")}
    vector = suites[0x647A, 1, 3]
    seed = bytes.fromhex(vector["skRm"])
    assert xwing.public_of(seed).hex() == vector["pkRm"]
    first = vector["encryptions"][0]
    sealed, info = bytes.fromhex(vector["enc"] + first["ct"]), bytes.fromhex(vector["info"])
    key = MLKEM768X25519PrivateKey(*xwing._halves(seed))
    aad = bytes.fromhex(first["aad"])
    plain = openssl.hpke._decrypt_with_aad(xwing._SUITE, sealed, key, info, aad)
    assert plain.hex() == first["pt"]


def test_sealed_key_opens_for_its_reader_only() -> None:
    """32 bytes seal to 1,168; another key, info, or any change opens nothing."""
    seed, info = xwing.generate(), b"header hash, GE-CUS, key id"
    sealed = xwing.seal(xwing.public_of(seed), info, bytes(range(32)))
    assert len(sealed) == xwing.SEALED_KEY_BYTES == 1168
    assert xwing.open(seed, info, sealed) == bytes(range(32))
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    attempts = [(xwing.generate(), info, sealed), (seed, b"other", sealed), (seed, info, flipped)]
    attempts += [(seed, info, sealed[:n]) for n in (0, 1, 1119, 1120, 1167)] + [(seed, info, sealed + b"x")]
    for attempt in attempts:
        with pytest.raises(VerificationError) as refused:
            xwing.open(*attempt)
        assert refused.value.kind is SEALED_UNREADABLE


@pytest.mark.parametrize("half", ["low-order X25519", "unreduced ML-KEM", "short"])
def test_unusable_xwing_key_is_refused_at_enrolment(half: str) -> None:
    """A key to which nothing can be sealed would stop every notice to its channel: it is never enrolled."""
    good = xwing.public_of(xwing.generate())
    bad = {
        "low-order X25519": good[:1184] + bytes(32),
        "unreduced ML-KEM": b"\xff" * 1184 + good[1184:],
        "short": good[:-1],
    }[half]
    with pytest.raises(VerificationError):
        xwing.validate_public(bad)
    xwing.validate_public(good)


def test_pae_is_that_of_the_dsse_specification() -> None:
    """The example of the DSSE protocol document, and lengths count bytes."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_pae_cannot_be_cut_at_another_place() -> None:
    """Type and body under their lengths: moving a byte from one to the other changes the signed bytes."""
    assert pae("ab", b"c") != pae("a", b"bc")
    assert pae("a 1 b", b"") != pae("a", b"b")


def test_key_id_covers_algorithm_and_key() -> None:
    """The same bytes under another algorithm, or other bytes, have another id of 32 bytes."""
    ids = {key_id(make(bytes(32))) for make in (ed25519_key, ml_dsa_key, x_wing_key, spki_key)}
    ids.add(key_id(ed25519_key(bytes(31) + b"\x01")))
    assert len(ids) == 5
    assert {len(identifier) for identifier in ids} == {32}
