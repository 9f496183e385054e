# SPDX-License-Identifier: Apache-2.0
"""Strict decoding and signed documents: exact bytes, one type, a key counts once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, root
from fanal.keys.agency import check_agency, is_agency
from fanal.keys.documents import (
    MAX_SIGNATURES,
    RootKeys,
    Signer,
    decode_document,
    encode_document,
    sign_document,
    verified_keys,
    verify_by_root,
)
from fanal.keys.errors import (
    BAD_SIGNATURE,
    DUPLICATE_SIGNATURE,
    MALFORMED,
    NOT_CANONICAL,
    SIGNATURE_MISSING,
    TOO_LARGE,
    TOO_MANY_SIGNATURES,
    UNKNOWN_FIELD,
    WEAK_KEY,
    WRONG_TYPE,
)
from fanal.keys.keyid import ed25519_key, key_id, x_wing_key
from fanal.keys.strict import decode, encode
from fanal.v1.identity_pb2 import AgencyName, Identity, KeyEntry, Officer, Revocation, SignedDocument

IDENTITY = Identity(
    agency="GE-CUS",
    serial=3,
    names=[AgencyName(lang="en", name="Georgia")],
    keys=[KeyEntry(epoch=1, officer=Officer(officer_id="a", rights=[1, 2]))],
)
UNKNOWN = b"\xf8\x07\x01"  # field 127, varint 1


def refused_as(data: bytes, limit: int = 1000) -> object:
    with pytest.raises(VerificationError) as refused:
        decode(Identity, data, limit)
    return refused.value.kind


def test_what_we_encode_decodes_to_the_same_bytes() -> None:
    """encode and decode are inverse."""
    data = encode(IDENTITY)
    assert encode(decode(Identity, data, len(data))) == data


def test_size_is_checked_before_parsing() -> None:
    """One byte over the limit is refused, whatever the bytes are."""
    assert refused_as(b"\xff" * 11, limit=10) is TOO_LARGE


def test_unknown_field_smuggled_into_a_document_is_refused() -> None:
    """A field nobody shows could carry anything under the root's signature."""
    assert refused_as(encode(IDENTITY) + UNKNOWN) is UNKNOWN_FIELD


def test_unknown_field_deep_inside_is_refused() -> None:
    """Also in a message of a message of a message."""
    officer = encode(Officer(officer_id="a")) + UNKNOWN
    entry = b"\x42" + bytes([len(officer)]) + officer
    assert refused_as(b"\x62" + bytes([len(entry)]) + entry) is UNKNOWN_FIELD


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("over-long varint", b"\x10\x83\x00"),
        ("field twice", b"\x10\x01\x10\x03"),
        ("fields in another order", b"\x10\x03\x0a\x01A"),
        ("default written out", b"\x10\x00"),
        ("packed numbers unpacked", b"\x62\x06\x42\x04\x10\x01\x10\x02"),
    ],
)
def test_reencoded_document_with_other_bytes_is_refused(name: str, data: bytes) -> None:
    """One message has one encoding; every other spelling of it is refused."""
    assert refused_as(data) is NOT_CANONICAL, name


def test_bytes_that_do_not_parse_are_refused() -> None:
    """Truncated fields and text that is not UTF-8 end in the same clear refusal."""
    assert refused_as(b"\x0a\x05GE") is MALFORMED
    assert refused_as(b"\x0a\x02\xff\xfe") is MALFORMED


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_mutation_of_a_document_reads_as_the_same_document(data: st.DataObject) -> None:
    """Any single byte changed, removed or added is refused or means something else."""
    revocation = Revocation(agency="GE-CUS", number=1, key_id=bytes(32), cut_off=5, reason="lost", created=9)
    good = encode(revocation)
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.binary(min_size=0, max_size=2).filter(lambda b: b != good[at : at + 1]))
    mutated = good[:at] + byte + good[at + 1 :]
    try:
        message = decode(Revocation, mutated, 1000)
    except VerificationError:
        return
    assert encode(message) == mutated
    assert mutated == good or message != revocation


# --- Documents -------------------------------------------------------------------------------------------

TYPE = "application/vnd.fanal.test.v1"
ROOT = root.generate()


def test_document_of_the_root_carries_and_needs_both_signatures() -> None:
    """The document verifies under both root keys and survives storage byte for byte."""
    document = ROOT.sign(TYPE, b"body")
    stored = decode_document(encode_document(document))
    verify_by_root(stored, TYPE, "GE-CUS", ROOT.public)
    assert len(stored.signatures) == 2


@pytest.mark.parametrize("missing", [0, 1])
def test_missing_signature_of_one_root_key_is_a_downgrade(missing: int) -> None:
    """Ed25519 alone, or ML-DSA-44 alone, is refused: no attacker may choose the weaker."""
    document = ROOT.sign(TYPE, b"body")
    del document.signatures[missing]
    with pytest.raises(VerificationError) as refused:
        verify_by_root(document, TYPE, "GE-CUS", ROOT.public)
    assert refused.value.kind is SIGNATURE_MISSING


def test_document_under_another_type_string_is_refused() -> None:
    """The same body relabelled fails at the type, and a relabelled signature at the PAE."""
    document = ROOT.sign(TYPE, b"body")
    with pytest.raises(VerificationError) as refused:
        verify_by_root(document, "application/vnd.fanal.charter.v1", "GE-CUS", ROOT.public)
    assert refused.value.kind is WRONG_TYPE
    document.type = "application/vnd.fanal.charter.v1"
    with pytest.raises(VerificationError) as refused:
        verify_by_root(document, document.type, "GE-CUS", ROOT.public)
    assert refused.value.kind is BAD_SIGNATURE


def test_changed_body_is_refused() -> None:
    """One byte of the body."""
    document = ROOT.sign(TYPE, b"body")
    document.body = b"bodz"
    with pytest.raises(VerificationError) as refused:
        verify_by_root(document, TYPE, "GE-CUS", ROOT.public)
    assert refused.value.kind is BAD_SIGNATURE


def test_one_signature_listed_twice_is_refused() -> None:
    """The same key id a second time."""
    document = ROOT.sign(TYPE, b"body")
    document.signatures.append(document.signatures[0])
    with pytest.raises(VerificationError) as refused:
        verified_keys(document, TYPE, ROOT.public.typed())
    assert refused.value.kind is DUPLICATE_SIGNATURE


def test_one_key_under_two_ids_counts_once() -> None:
    """Ids in the document are looked up, never believed: a signature copied under another id is nothing."""
    document = ROOT.sign(TYPE, b"body")
    document.signatures.add(key_id=bytes(32), signature=document.signatures[0].signature)
    twice = [*ROOT.public.typed(), *ROOT.public.typed()]
    assert len(verified_keys(document, TYPE, twice)) == 2


def test_signature_of_a_stranger_counts_nothing() -> None:
    """A valid signature by a key nobody asked about neither helps nor harms."""
    stranger = ed25519.generate()
    key = ed25519_key(ed25519.public_of(stranger))
    document = sign_document(TYPE, b"body", [Signer(key, stranger)])
    assert verified_keys(document, TYPE, ROOT.public.typed()) == frozenset()
    assert verified_keys(document, TYPE, [key]) == {key_id(key)}


def test_flood_of_signatures_is_refused_before_verifying() -> None:
    """129 signatures are one too many."""
    document = SignedDocument(type=TYPE, body=b"body")
    for index in range(MAX_SIGNATURES + 1):
        document.signatures.add(key_id=index.to_bytes(32, "big"), signature=bytes(64))
    with pytest.raises(VerificationError) as refused:
        verified_keys(document, TYPE, ROOT.public.typed())
    assert refused.value.kind is TOO_MANY_SIGNATURES


def test_encryption_key_signs_nothing() -> None:
    """A key of an algorithm that does not sign never verifies."""
    key = x_wing_key(bytes(1216))
    document = SignedDocument(type=TYPE, body=b"body")
    document.signatures.add(key_id=key_id(key), signature=bytes(64))
    with pytest.raises(VerificationError) as refused:
        verified_keys(document, TYPE, [key])
    assert refused.value.kind is WEAK_KEY


def test_small_order_root_verifies_nothing() -> None:
    """A root whose Ed25519 half has small order is refused before its signature is looked at."""
    weak = RootKeys(b"\x01" + bytes(31), ROOT.public.ml_dsa)
    with pytest.raises(VerificationError) as refused:
        verify_by_root(ROOT.sign(TYPE, b"body"), TYPE, "GE-CUS", weak)
    assert refused.value.kind is WEAK_KEY


def test_seeds_never_show_in_repr() -> None:
    """Neither a root nor a signer shows its private half."""
    signer = Signer(ed25519_key(bytes(32)), b"secret-seed")
    assert "secret" not in repr(signer)
    assert repr(ROOT.ed25519_seed) not in repr(ROOT)
    assert "seed" not in repr(ROOT)


@pytest.mark.parametrize("text", ["GE-CUS", "XX-SECR", "XX-DOCLAB", "IT-CGD", "TR-A1", "KZ-ABCDEFGH"])
def test_agency_ids_are_accepted(text: str) -> None:
    """A country or XX, a hyphen, 2 to 8 capitals or digits."""
    assert check_agency(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "GE", "GE-", "GE-C", "GE-ABCDEFGHI", "ge-CUS", "QQ-CUS", "GE_CUS", "GE-CUS\n", "GE-ÇUS", "GE-CU٣"],
)
def test_malformed_agency_id_is_refused(text: str) -> None:
    """Wrong length, case, country, script or trailing line end."""
    assert not is_agency(text)
    with pytest.raises(FanalError):
        check_agency(text)
