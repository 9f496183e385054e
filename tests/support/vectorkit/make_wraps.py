# SPDX-License-Identifier: Apache-2.0
"""Cases of wraps: a reader's own copy of a lane key."""

from __future__ import annotations

from typing import Any

from vectorkit.make_base import ANY, Collected, flipped
from vectorkit.make_envelopes import (
    AUTHOR,
    OTHER,
    READER,
    Sent,
    encryption,
)
from vectorkit.make_identities import UNKNOWN_FIELD
from vectorkit.world import Agency, drawn

from fanal.keys import strict
from fanal.v1.envelope_pb2 import (
    Wrap,
    WrapProof,
)


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    _wraps(out, world, sent)


def _reader(world: dict[str, Agency], sent: Sent, name: str = READER) -> dict[str, object]:
    agency = world[name]
    return {
        **sent.given,
        "key_envelope": "@envelope/key",
        "reader": name,
        "key_id": agency.encrypt_key_id,
        "seed": agency.seed("encrypt"),
    }


def _wraps(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    proofs = {Wrap.FromString(proof.wrap).recipient: proof for proof in sent.key.wraps}
    for name in (AUTHOR, READER, OTHER):
        out.accept(
            "wrap",
            name.lower(),
            f"The lane key for {name}, with its place under the wraps root.",
            strict.encode(proofs[name]),
            **_reader(world, sent, name),
        )
    mine, given = proofs[READER], _reader(world, sent)

    def changed(**fields: Any) -> bytes:
        proof = WrapProof()
        proof.CopyFrom(mine)
        for name, value in fields.items():
            proof.ClearField(name)
            proof.MergeFrom(WrapProof(**{name: value}))
        return strict.encode(proof)

    renamed = Wrap.FromString(mine.wrap)
    renamed.recipient = "MD-CUS"
    cases = {
        "for-another-reader": ("A wrap for another reader.", strict.encode(proofs[OTHER]), "FANAL-E0314"),
        "index-of-another": ("Another reader's place.", changed(index=proofs[OTHER].index), ANY),
        "recipient-renamed": (
            "The recipient's name replaced.",
            changed(wrap=strict.encode(renamed)),
            "FANAL-E0404",
        ),
        "sealed-flipped": (
            "One bit of the sealed key flipped.",
            changed(wrap=flipped(mine.wrap, 8 * 600)),
            "FANAL-E0404",
        ),
        "path-cut": ("A path without its last hash.", changed(path=list(mine.path)[:-1]), ANY),
        "of-another-envelope": (
            "It names another KEY envelope.",
            changed(key_manifest_sha256=drawn("other key")),
            "FANAL-E0314",
        ),
        "unknown-field": (
            "A field that version 1 does not have.",
            strict.encode(mine) + UNKNOWN_FIELD,
            "FANAL-E0208",
        ),
    }
    for name, (what, data, error) in cases.items():
        out.refuse("wrap", name, what, data, error, "key", **given)
    out.refuse(
        "wrap",
        "wrong-seed",
        "Opened with another private key.",
        strict.encode(mine),
        "FANAL-E0204",
        "key",
        **(given | {"seed": world[OTHER].seed("encrypt")}),
    )
    out.wait(
        "wrap",
        "key-not-held",
        "For an encryption key that is not held here.",
        strict.encode(mine),
        "FANAL-E0315",
        "",
        **(given | {"key_id": encryption(world[OTHER])[0]}),
    )
