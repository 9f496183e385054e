# SPDX-License-Identifier: Apache-2.0
"""Leaves, proofs, notes, checkpoints, cosignatures and anchors, as our implementation reads them."""

from __future__ import annotations

import base64

from vectorkit.case import Case

from fanal.proof import checkpoint, cosignature, leaf, note, tree, witness
from fanal.proof.anchor import AnchorVerifier
from fanal.proof.cosignature import CosignatureVerifier
from fanal.proof.note_key import parse_vkey


def hashes(data: bytes) -> list[bytes]:
    """A proof: hashes one behind the other; a rest is a hash of another length."""
    return [data[i : i + 32] for i in range(0, len(data), 32)]


def _leaf(case: Case) -> dict[str, str]:
    found = leaf.decode(case.data)
    return {"type": found.type.value, "leaf-hash": leaf.hash_of(case.data).hex()}


def _inclusion(case: Case) -> dict[str, str]:
    given = case.given
    index, size = int(given["index"]), int(given["size"])
    one, root = bytes.fromhex(given["leaf-hash"]), bytes.fromhex(given["root"])
    tree.verify_inclusion(one, index, size, hashes(case.data), root)
    return {}


def _consistency(case: Case) -> dict[str, str]:
    given = case.given
    old_root, new_root = bytes.fromhex(given["old-root"]), bytes.fromhex(given["new-root"])
    tree.verify_consistency(int(given["old"]), old_root, int(given["new"]), new_root, hashes(case.data))
    return {}


def _vkeys(case: Case) -> list[note.Verifier]:
    return [parse_vkey(line) for line in case.given["keys"].split(" ")]


def _note(case: Case) -> dict[str, str]:
    parsed = note.parse(case.data)
    names = [one.name for one in note.verify(parsed, _vkeys(case))]
    return {"text": parsed.text.hex(), "signed-by": " ".join(names)}


def _checkpoint(case: Case) -> dict[str, str]:
    found = checkpoint.verify(case.data, _vkeys(case), case.given["origin"])
    return {"size": str(found.size), "root": found.root.hex()}


def _cosignature(case: Case) -> dict[str, str]:
    return _timed(case, cosignature.parse_vkey(case.given["witness"]))


def _anchor(case: Case) -> dict[str, str]:
    name, _key_id, encoded = case.given["anchor"].split("+", 2)
    return _timed(case, AnchorVerifier(name, base64.b64decode(encoded)[1:]))


def _timed(case: Case, key: CosignatureVerifier | AnchorVerifier) -> dict[str, str]:
    parsed = note.parse(case.data)
    (line,) = note.verify(parsed, [key])
    checkpoint.parse_text(parsed.text)
    return {"time": str(cosignature.time_of(line.signature, len(line.signature) - cosignature.TIME_BYTES))}


def _offer(case: Case) -> dict[str, str]:
    """A checkpoint offered to a witness that holds an older one (C2SP tlog-witness)."""
    given = case.given
    offer = witness.read_offer(given["agency"], case.data, _vkeys(case))
    held = None
    if given["held-size"] != "0":
        held = witness.Held(int(given["held-size"]), bytes.fromhex(given["held-root"]))
    proof = hashes(bytes.fromhex(given.get("proof", "")))
    answer = witness.judge(held, offer, int(given["old-size"]), proof)
    return {"answer": "cosign" if isinstance(answer, witness.Accepted) else "holds"}


RUNNERS = {
    "leaf": _leaf,
    "inclusion": _inclusion,
    "consistency": _consistency,
    "note": _note,
    "checkpoint": _checkpoint,
    "cosignature": _cosignature,
    "anchor": _anchor,
    "offer": _offer,
}
