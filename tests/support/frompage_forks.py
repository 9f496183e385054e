# SPDX-License-Identifier: Apache-2.0
"""The second implementation on fork proofs: docs/protocol.md, "Fork proofs", "Lanes" and "Documents".

Who signed two things where only one may be, or ``Refused``. Of documents it verifies the Ed25519 half.
"""

from __future__ import annotations

import base64

from frompage import checkpoint, decode, key_id, note, of_type, pae, require, sha256, verify
from frompage_signed import Pending, given, identity_body, verified_manifest
from vectorkit.case import Case, named

LOG = 4
Facts = dict[str, str]


def read_fork(case: Case) -> Facts:
    """The parts of a oneof exclude each other; an empty proof has none."""
    proof = decode("ForkProof", case.data)
    require(len(proof) == 1, "one of three")
    ((kind, pair),) = proof.items()
    return _READERS[kind](case, pair)


def _facts(kind: str, agency: str, where: str, number: int, incarnation: bytes = b"") -> Facts:
    said = {"kind": kind, "agency": agency, "where": where, "number": str(number)}
    return {**said, "incarnation": incarnation.hex() or "-"}


def _entry(case: Case, pair: dict) -> Facts:
    signed = [(pair[f"manifest_{side}"], pair[f"signature_{side}"]) for side in "ab"]
    one, other = (verified_manifest(case, data, signature)[1] for data, signature in signed)
    for header in (one, other):
        require((header["author"], header["author_key_id"]) not in _revoked(case), "a revoked key")
    require(all(one[name] == other[name] for name in ("author", "lane")), "two lanes")
    (first, _), (second, _) = signed
    require(first != second, "one manifest twice")
    author, lane, seq = one["author"], one["lane"].hex(), one.get("seq", 0)
    if (one["incarnation"], seq) == (other["incarnation"], other.get("seq", 0)):
        return _facts("entry", author, lane, seq, one["incarnation"])
    closed = one.get("predecessor", {}).get("incarnation")
    if closed is not None and closed == other.get("predecessor", {}).get("incarnation"):
        return _facts("successor", author, lane, 0, closed)
    beyond = _beyond(one, other, sha256(second)) or _beyond(other, one, sha256(first))
    require(bool(beyond), "two places")
    return _facts("successor", author, lane, 0, beyond)


def _beyond(first: dict, later: dict, later_sha256: bytes) -> bytes:
    """The incarnation that ``first`` closes, if ``later`` is of it and not within the end that it names."""
    end, seq = first.get("predecessor"), later.get("seq", 0)
    if end is None or end["incarnation"] != later["incarnation"]:
        return b""
    last, head = end.get("next", 0), end.get("head", b"")
    return later["incarnation"] if seq >= last or (seq == last - 1 and later_sha256 != head) else b""


def _root(case: Case, pair: dict) -> Facts:
    origin, size, _root = _point(pair["note_a"])
    found = [
        (agency, entry["public_key"]["key"])
        for agency, identifier, entry in _entries(case)
        if entry["use"] == LOG
        and entry.get("log_origin") == origin
        and (agency, identifier) not in _revoked(case)
    ]
    require(bool(found), "a log that no document names")
    keys = [_line(origin, key) for _, key in dict.fromkeys(found)]
    a, b = (checkpoint(note(pair[name], keys)[0]) for name in ("note_a", "note_b"))
    require(a[:2] == b[:2] == (origin, size) and a[2] != b[2], "not two roots of one log at one size")
    return _facts("root", found[0][0], origin, size)


def _point(data: bytes) -> tuple[str, int, bytes]:
    head, blank, _lines = data.rpartition(b"\n\n")
    require(bool(blank), "no blank line")
    return checkpoint(head + b"\n")


def _line(name: str, key: bytes) -> str:
    """The verifier key line of C2SP signed-note."""
    blob = b"\x01" + key
    identifier = sha256(name.encode() + b"\n" + blob)[:4]
    return f"{name}+{identifier.hex()}+{base64.b64encode(blob).decode()}"


def _document(case: Case, pair: dict) -> Facts:
    a, b = pair["a"], pair["b"]
    require(a["type"] == b["type"] and a["body"] != b["body"], "not two documents of one type")
    return _IDENTITIES_OR_CHARTERS[a["type"]](case, a, b)


def _identities(case: Case, a: dict, b: dict) -> Facts:
    one, other = (decode("Identity", document["body"]) for document in (a, b))
    for document, body in ((a, one), (b, other)):
        roots = [m["root_ed25519"]["key"] for m in _members(case) if m["agency"] == body["agency"]]
        require(body["root_ed25519"]["key"] in roots, "another root")
        _check_signed(document, body["root_ed25519"]["key"])
    require((one["agency"], one["serial"]) == (other["agency"], other["serial"]), "two serials")
    return _facts("identity", one["agency"], "identity", one["serial"])


def _charters(case: Case, a: dict, b: dict) -> Facts:
    one, other = (decode("Charter", document["body"]) for document in (a, b))
    held = {sha256(body): decode("Charter", body) for body in _charter_bodies(case)}
    if one["previous_sha256"] not in held:
        raise Pending
    base = held[one["previous_sha256"]]
    for document, body in ((a, one), (b, other)):
        require(body["network"] == given(case, "network"), "network")
        require(body["previous_sha256"] == one["previous_sha256"], "of two charters")
        require(body["version"] == base["version"] + 1, "version")
        for governing in (base, body):
            _check_threshold(document, governing)
    return _facts("charter", "-", "charter", one["version"])


def _check_threshold(document: dict, governing: dict) -> None:
    roots = {m["root_ed25519"]["key"] for m in governing["members"] if m.get("governor")}
    present = {one["key_id"] for one in document.get("signatures", [])}
    signed = [root for root in roots if key_id(root) in present]
    for root in signed:
        _check_signed(document, root)
    require(len(signed) >= governing["threshold"], "threshold")


def _check_signed(document: dict, root: bytes) -> None:
    signatures = {one["key_id"]: one["signature"] for one in document.get("signatures", [])}
    require(key_id(root) in signatures, "unsigned")
    verify(root, pae(document["type"], document["body"]), signatures[key_id(root)])


# --- What is held ------------------------------------------------------------------------------------------


def _charter_bodies(case: Case) -> list[bytes]:
    return [decode("SignedDocument", named(one).data)["body"] for one in case.given["charters"].split(" ")]


def _members(case: Case) -> list[dict]:
    return [member for body in _charter_bodies(case) for member in decode("Charter", body)["members"]]


def _revoked(case: Case) -> set[tuple[str, bytes]]:
    """Agency and key id of every revocation: a charter keeps those of the one before it."""
    said = [
        decode("Revocation", document["body"])
        for body in _charter_bodies(case)
        for document in decode("Charter", body).get("revocations", [])
    ]
    return {(one["agency"], one["key_id"]) for one in said}


def _entries(case: Case) -> list[tuple[str, bytes, dict]]:
    """Agency, key id and entry of every Ed25519 key that an identity document held names."""
    bodies = [identity_body(named(one).data) for one in case.given["identities"].split(" ")]
    return [
        (body["agency"], key_id(entry["public_key"]["key"]), entry)
        for body in bodies
        for entry in body["keys"]
        if entry["public_key"]["algorithm"] == 1
    ]


_READERS = {"entry": _entry, "root": _root, "document": _document}
_IDENTITIES_OR_CHARTERS = {of_type("identity"): _identities, of_type("charter"): _charters}
