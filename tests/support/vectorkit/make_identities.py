# SPDX-License-Identifier: Apache-2.0
"""Cases of identity documents: their rules, signatures, and how one follows another."""

from __future__ import annotations

from collections.abc import Callable

from vectorkit.make_base import Collected, flipped
from vectorkit.world import NOW, YEAR, Agency

from fanal.keys import pae
from fanal.keys.documents import encode_document
from fanal.keys.identity import draft_next_identity, verify_identity
from fanal.keys.strict import encode
from fanal.v1.identity_pb2 import Identity, Signature, SignedDocument

# A point of order 8, its non-canonical sibling, and the identity (RFC 8032, 5.1.3 and 8.4; CCTV).
MIXED_ORDER = bytes.fromhex("06903bfea2a1ddc586e78a189513f47ac6ae27e4e7803a1c2fb94c94b18f3958")
"""The public key of the seed of 32 zero bytes, with ORDER_8 added to it."""
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
IDENTITY_POINT = bytes([1]) + bytes(31)
NON_CANONICAL = bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
UNKNOWN_FIELD = bytes([0xFA, 0x3F, 1, 0x78])
"""Field 1023, one byte: no message of version 1 has it."""


_Rules = dict[str, tuple[str, Callable[[Identity], object], str]]


def make(out: Collected, world: dict[str, Agency]) -> None:
    for name in world:
        given = roots(world[name])
        document = encode_document(world[name].document())
        out.accept("identity", name.lower(), f"The first identity document of {name}.", document, **given)
    _identities(out, world["GE-CUS"], world["TR-CUS"])


def roots(agency: Agency) -> dict[str, object]:
    public = agency.root.public
    return {"root_ed25519": public.ed25519, "root_ml_dsa_44": public.ml_dsa}


def signed(agency: Agency, kind: str, body: bytes) -> bytes:
    """Any body under both root keys; no rule is asked."""
    return encode_document(agency.root.sign(kind, body))


def _identities(out: Collected, ge: Agency, tr: Agency) -> None:
    first, given = ge.document(), roots(ge)
    view = verify_identity(first, ge.root.public)
    second = draft_next_identity(view, NOW + 60)
    before = {"before": "@identity/ge-cus"}
    accept, refuse = out.accept, out.refuse
    _identity_rules(out, ge, tr)
    kept = encode_document(ge.root.sign(pae.IDENTITY, encode(second)))
    accept("identity", "serial-two", "The next serial names the body before it.", kept, **given, **before)
    accept(
        "identity",
        "same-again",
        "The document already held, once more.",
        encode_document(first),
        **given,
        **before,
    )
    accept("identity", "in-force", "In force at this time.", encode_document(first), **given, now=NOW + YEAR)

    data = encode_document(first)
    _forged_identities(out, ge, tr, first)
    other = draft_next_identity(view, NOW + 60)
    other.endpoints[:] = ["elsewhere.example:7443"]
    refuse(
        "identity",
        "two-of-one-serial",
        "Two documents of one serial are a fork proof.",
        _changed(ge, lambda d: setattr(d, "duty", False), first.body),
        "FANAL-E0225",
        **given,
        **before,
    )
    refuse(
        "identity",
        "serial-rolled-back",
        "A serial below the one held.",
        data,
        "FANAL-E0223",
        **given,
        before="@identity/serial-two",
    )
    refuse(
        "identity",
        "previous-hash-wrong",
        "The next serial names another body.",
        _changed(ge, lambda d: setattr(d, "previous_sha256", bytes(32)), encode(second)),
        "FANAL-E0224",
        **given,
        **before,
    )
    refuse(
        "identity",
        "expired",
        "A document whose time is over.",
        data,
        "FANAL-E0226",
        **given,
        now=NOW + 2 * YEAR,
    )
    refuse(
        "identity",
        "key-changes-use",
        "A key that had another use in the serial before.",
        _changed(ge, _swap_uses, encode(second)),
        "FANAL-E0221",
        **given,
        **before,
    )


def _changed(ge: Agency, change: Callable[[Identity], object], base: bytes) -> bytes:
    """A document whose root signs whatever the change makes of it."""
    draft = Identity.FromString(base)
    change(draft)
    return signed(ge, pae.IDENTITY, encode(draft))


def _keys_swapped(draft: Identity) -> None:
    draft.keys[0].public_key.CopyFrom(draft.keys[4].public_key)


def _identity_rules(out: Collected, ge: Agency, tr: Agency) -> None:
    for name, (what, change, error) in {**_bad_keys(), **_bad_frames(tr)}.items():
        data = _changed(ge, change, ge.document().body)
        out.refuse("identity", name, what, data, error, **roots(ge))


def _bad_keys() -> _Rules:
    return {
        "small-order-key": (
            "A key of small order: under it any message verifies.",
            lambda d: setattr(d.keys[0].public_key, "key", ORDER_8),
            "FANAL-E0202",
        ),
        "mixed-order-key": (
            "A good point and one of order 8, added: one signature is good here and bad there.",
            lambda d: setattr(d.keys[0].public_key, "key", MIXED_ORDER),
            "FANAL-E0202",
        ),
        "identity-point-key": (
            "The neutral element as a key.",
            lambda d: setattr(d.keys[0].public_key, "key", IDENTITY_POINT),
            "FANAL-E0202",
        ),
        "non-canonical-key": (
            "A key that is not the canonical encoding of its point.",
            lambda d: setattr(d.keys[0].public_key, "key", NON_CANONICAL),
            "FANAL-E0202",
        ),
        "key-cut": (
            "A key of 31 bytes.",
            lambda d: setattr(d.keys[0].public_key, "key", bytes(31)),
            "FANAL-E0201",
        ),
        "one-key-two-uses": ("One public key for signing and for witnessing.", _keys_swapped, "FANAL-E0221"),
        "two-keys-one-epoch": (
            "Two officers' keys of one officer and epoch.",
            lambda d: setattr(d.keys[7].officer, "officer_id", "duty-1"),
            "FANAL-E0220",
        ),
    }


def _bad_frames(tr: Agency) -> _Rules:
    return {
        "use-unknown": (
            "A use that version 1 does not have.",
            lambda d: setattr(d.keys[0], "use", 9),
            "FANAL-E0220",
        ),
        "wrong-algorithm": (
            "An encryption key said to be of Ed25519.",
            lambda d: setattr(d.keys[1].public_key, "algorithm", 1),
            "FANAL-E0220",
        ),
        "rights-not-ascending": (
            "Rights in another order.",
            lambda d: d.keys[6].officer.rights.extend([1]),
            "FANAL-E0220",
        ),
        "serial-zero": ("Serials start at one.", lambda d: setattr(d, "serial", 0), "FANAL-E0220"),
        "far-future": (
            "A document good until the year 10000.",
            lambda d: setattr(d, "not_after", 253402300800),
            "FANAL-E0220",
        ),
        "epoch-zero": ("Epochs start at one.", lambda d: setattr(d.keys[0], "epoch", 0), "FANAL-E0220"),
        "agency-with-path": (
            "An agency named like a path.",
            lambda d: setattr(d, "agency", "../GE-CUS"),
            "FANAL-E0220",
        ),
        "root-of-another": (
            "Another agency's root in the document.",
            lambda d: setattr(d.root_ed25519, "key", tr.root.public.ed25519),
            "FANAL-E0222",
        ),
    }


def _swap_uses(draft: Identity) -> None:
    one, other = draft.keys[0].public_key.key, draft.keys[4].public_key.key
    draft.keys[0].public_key.key, draft.keys[4].public_key.key = other, one


def _forged_identities(out: Collected, ge: Agency, tr: Agency, first: SignedDocument) -> None:
    given, data, refuse = roots(ge), encode_document(first), out.refuse
    one, two = first.signatures

    def under(*signatures: Signature, type: str = first.type, body: bytes = first.body) -> bytes:
        return encode_document(SignedDocument(type=type, body=body, signatures=signatures))

    foreign = tr.root.sign(pae.IDENTITY, first.body)
    bad = {
        "without-ml-dsa": ("Signed by Ed25519 alone: a downgrade.", under(one), "FANAL-E0213"),
        "without-ed25519": ("Signed by ML-DSA-44 alone.", under(two), "FANAL-E0213"),
        "unsigned": ("No signature.", under(), "FANAL-E0213"),
        "signed-by-another-root": (
            "Signed by another agency's root.",
            encode_document(foreign),
            "FANAL-E0213",
        ),
        "same-signature-twice": ("One key's signature twice.", under(one, one, two), "FANAL-E0212"),
        "ed25519-flipped": (
            "One bit of the Ed25519 signature flipped.",
            under(Signature(key_id=one.key_id, signature=flipped(one.signature, 9)), two),
            "FANAL-E0203",
        ),
        "ml-dsa-flipped": (
            "One bit of the ML-DSA-44 signature flipped.",
            under(one, Signature(key_id=two.key_id, signature=flipped(two.signature, 999))),
            "FANAL-E0203",
        ),
        "signatures-of-another-type": (
            "The root's signatures over the same bytes as another type.",
            under(*ge.root.sign(pae.CHARTER, first.body).signatures),
            "FANAL-E0203",
        ),
        "type-of-another-version": (
            "A type string of version 2.",
            under(*first.signatures, type=first.type.replace("v1", "v2")),
            "FANAL-E0210",
        ),
        "body-changed": (
            "A name in the body changed after signing.",
            under(*first.signatures, body=first.body.replace(b"customs", b"Customs")),
            "*",
        ),
        "unknown-field-in-body": (
            "A field that version 1 does not have, signed by the root.",
            signed(ge, pae.IDENTITY, first.body + UNKNOWN_FIELD),
            "FANAL-E0208",
        ),
        "unknown-field-outside": (
            "An unknown field beside the signatures.",
            data + UNKNOWN_FIELD,
            "FANAL-E0208",
        ),
        "duplicate-field": (
            "The agency twice in the body.",
            signed(ge, pae.IDENTITY, first.body + first.body[:8]),
            "FANAL-E0209",
        ),
        "trailing-zero": ("A byte behind the document.", data + b"\0", "FANAL-E0207"),
        "cut": ("A document cut in the middle.", data[: len(data) // 2], "FANAL-E0207"),
        "empty": ("No bytes.", b"", "FANAL-E0210"),
    }
    for name, (what, bytes_, error) in bad.items():
        refuse("identity", name, what, bytes_, error, **given)
