# SPDX-License-Identifier: Apache-2.0
"""The second implementation on what is signed and sealed: documents, envelopes, statements, contents."""

from __future__ import annotations

import re

from frompage import (
    Refused,
    check_key,
    decode,
    h,
    hkdf,
    key_id,
    leaf_hash,
    of_type,
    open_sealed,
    pae,
    require,
    root_from_path,
    sha256,
    verify,
)
from vectorkit.case import Case, named

_AGENCY = "[A-Z]{2}-[A-Z0-9]{2,8}"


def given(case: Case, name: str) -> bytes:
    return bytes.fromhex(case.given[name])


def lane_of(network: bytes, author: str, audience: bytes) -> bytes:
    return h("fanal/lane/v1", network, author.encode(), audience)


def check_audience(data: bytes, author: str) -> None:
    said = decode("Audience", data)
    agencies = said.get("agencies", [])
    require(bool(said.get("channel")) != bool(agencies), "one of two")
    if agencies:
        require(agencies == sorted(set(agencies)) and author in agencies, "agencies")
        require(2 <= len(agencies) <= 501, "number of agencies")
        require(all(re.fullmatch(_AGENCY, one) for one in agencies), "agency id")
    else:
        require(bool(re.fullmatch("[A-Z0-9_]{1,32}", said["channel"])), "channel")


def padme(length: int) -> int:
    """PURBs, algorithm 1; never under 1,024."""
    exponent = length.bit_length() - 1
    low = exponent - exponent.bit_length()
    return max(1024, -(-length >> low) << low if low > 0 else length)


def unpad(data: bytes) -> bytes:
    plain = data.rstrip(b"\0")
    require(plain.endswith(b"\x80") and len(data) == padme(len(plain)), "padding")
    return plain[:-1]


def keys_of(case: Case) -> dict[str, dict[bytes, dict]]:
    """Agency -> full key id -> key entry, from the identity documents; their root's Ed25519 must verify."""
    out: dict[str, dict[bytes, dict]] = {}
    for reference in case.given["identities"].split(" "):
        body = identity_body(named(reference).data)
        out.setdefault(body["agency"], {}).update(
            (key_id(e["public_key"]["key"]), e) for e in body["keys"] if e["public_key"]["algorithm"] == 1
        )
    return out


def identity_body(data: bytes) -> dict:
    document = decode("SignedDocument", data)
    require(document["type"] == of_type("identity"), "type")
    body = decode("Identity", document["body"])
    root = body["root_ed25519"]["key"]
    check_key(root)
    signatures = {s["key_id"]: s["signature"] for s in document["signatures"]}
    require(len(signatures) == len(document["signatures"]), "a signature twice")
    require(key_id(body["root_ml_dsa"]["key"], "ML_DSA_44") in signatures, "no ML-DSA-44 signature")
    require(key_id(root) in signatures, "no Ed25519 signature")
    verify(root, pae(document["type"], document["body"]), signatures[key_id(root)])
    return body


def read_identity(case: Case) -> dict[str, str]:
    body = identity_body(case.data)
    require(body["root_ed25519"]["key"] == given(case, "root-ed25519"), "root")
    digest = sha256(decode("SignedDocument", case.data)["body"])
    return {"agency": body["agency"], "serial": str(body["serial"]), "sha256": digest.hex()}


def read_charter(case: Case) -> dict[str, str]:
    document = decode("SignedDocument", case.data)
    body = decode("Charter", document["body"])
    digest = sha256(document["body"])
    network = body.get("network", digest)
    require(network == given(case, "network"), "network")
    roots = [m["root_ed25519"]["key"] for m in body["members"] if m.get("governor")]
    signatures = {s["key_id"]: s["signature"] for s in document.get("signatures", [])}
    signed = [root for root in roots if key_id(root) in signatures]
    for root in signed:
        verify(root, pae(of_type("charter"), document["body"]), signatures[key_id(root)])
    require(len(signed) >= body["threshold"], "threshold")
    return {"version": str(body["version"]), "network": network.hex(), "sha256": digest.hex()}


SUITE = "XWING-HKDF-SHA256-CHACHA20POLY1305"
LENGTHS = {"network": 32, "charter_sha256": 32, "author_key_id": 32, "lane": 32, "key_commitment": 32,
           "incarnation": 16, "envelope_id": 16}  # fmt: skip


def check_shape(manifest: dict, header: dict) -> None:
    """The forms of docs/protocol.md, "Forms of a header"."""
    require((header.get("version"), header.get("suite")) == (1, SUITE), "version or suite")
    require(header.get("envelope_class") in (1, 2, 3, 4) and header.get("priority") in (1, 2, 3), "class")
    require(all(len(header.get(name, b"")) == size for name, size in LENGTHS.items()), "lengths")
    require(0 < header.get("created", 0) <= header.get("expires", 0) <= 253402300799, "times")
    seq, key = header.get("seq", 0), header["envelope_class"] == 3
    require(seq < 2**53 and len(header.get("previous_manifest_sha256", b"")) == (32 if seq else 0), "place")
    require(len(header.get("content_commitment", b"")) == (0 if key else 32), "content commitment")
    require(len(header.get("key_envelope", b"")) in ((0, 32) if key else (32,)), "key envelope")
    require(("wraps_root" in manifest) == key == (not manifest.get("body_length")), "parts of the class")
    attached = manifest.get("attachments", [])
    require(len(attached) <= 64 and len(set(attached)) == len(attached), "attachments")


def check_reader(case: Case, header: dict, agency: str) -> None:
    """The charter of the header has the channel, and the agency is in the audience."""
    held = [decode("SignedDocument", named(one).data)["body"] for one in case.given["charters"].split(" ")]
    bodies = {sha256(body): decode("Charter", body) for body in held}
    if header["charter_sha256"] not in bodies:
        raise Pending
    charter = bodies[header["charter_sha256"]]
    members = {member["agency"] for member in charter["members"]}
    channels = {channel["name"]: channel["members"] for channel in charter.get("channels", [])}
    said = header["audience"]
    require("agencies" in said or said["channel"] in channels, "channel")
    readers = said.get("agencies") or channels[said["channel"]]
    require(agency in members and agency in readers, "membership")


class Pending(Exception):  # noqa: N818
    """Something is not here yet."""


def verified_manifest(case: Case, data: bytes, signature: bytes) -> tuple[dict, dict]:
    manifest = decode("Manifest", data)
    header = decode("Header", manifest["header"])
    check_shape(manifest, header)
    require(header["network"] == given(case, "network"), "network")
    audience = re_encoded_audience(manifest["header"])
    check_audience(audience, header["author"])
    require(header["lane"] == lane_of(header["network"], header["author"], audience), "lane")
    check_reader(case, header, header["author"])
    entry = keys_of(case).get(header["author"], {}).get(header["author_key_id"])
    if entry is None:
        raise Pending
    require(entry["use"] == 1, "author key")
    require(len(signature) == 64, "signature")
    verify(entry["public_key"]["key"], pae(of_type("manifest"), data), signature)
    return manifest, header


def re_encoded_audience(header: bytes) -> bytes:
    """The audience's own bytes in the header: field 13, length-delimited."""
    from frompage import _value, _varint

    at = 0
    while at < len(header):
        tag, at = _varint(header, at)
        value, at = _value(header, at, tag & 7)
        if tag >> 3 == 13:
            return bytes(value)
    raise Refused("no audience")


def read_manifest(case: Case) -> dict[str, str]:
    verified_manifest(case, case.data, given(case, "signature"))
    return {"manifest-sha256": sha256(case.data).hex()}


def opened_envelope(case: Case, data: bytes) -> tuple[dict, dict, dict]:
    require(len(data) <= 65536 + 256, "size")
    envelope = decode("Envelope", data)
    manifest, header = verified_manifest(case, envelope["manifest"], envelope["signature"])
    body, own_wrap = envelope.get("body", b""), envelope.get("own_wrap", b"")
    require(len(body) == manifest.get("body_length", 0), "length of the body")
    if header["envelope_class"] != 3:
        require(sha256(body) == manifest["body_sha256"], "body")
        require(sha256(own_wrap) == manifest["own_wrap_sha256"], "own wrap")
    return envelope, manifest, header


def read_envelope(case: Case) -> dict[str, str]:
    envelope, _manifest, header = opened_envelope(case, case.data)
    return {
        "manifest-sha256": sha256(envelope["manifest"]).hex(),
        "envelope-id": header["envelope_id"].hex(),
        "author": header["author"],
        "lane": header["lane"].hex(),
        "seq": str(header.get("seq", 0)),
    }


def read_neighbour(case: Case) -> dict[str, str]:
    one, two = (
        decode("Envelope", data)["manifest"] for data in (named(case.given["before"]).data, case.data)
    )
    before, after = (decode("Header", decode("Manifest", data)["header"]) for data in (one, two))
    require(after["seq"] == before.get("seq", 0) + 1, "seq")
    require(after["incarnation"] == before["incarnation"] and after["lane"] == before["lane"], "lane")
    require(after["previous_manifest_sha256"] == sha256(one), "previous hash")
    return {}


def read_wrap(case: Case) -> dict[str, str]:
    """The place under the wraps root; the sealed key itself needs X-Wing."""
    envelope, manifest, _header = opened_envelope(case, named(case.given["key-envelope"]).data)
    proof = decode("WrapProof", case.data)
    require(proof["key_manifest_sha256"] == sha256(envelope["manifest"]), "another KEY envelope")
    one = leaf_hash(proof["wrap"], "fanal/wraps/v1")
    found = root_from_path(
        one, proof.get("index", 0), manifest["wraps_count"], proof["path"], "fanal/wraps/v1"
    )
    require(found == manifest["wraps_root"], "wraps root")
    require(decode("Wrap", proof["wrap"])["recipient"] == case.given["reader"], "recipient")
    return {}


def officer_key(case: Case, agency: str, identifier: bytes, right: int) -> bytes:
    entry = keys_of(case).get(agency, {}).get(identifier)
    if entry is None:
        raise Pending
    require(entry["use"] == 7 and right in entry["officer"]["rights"], "officer")
    return bytes(entry["public_key"]["key"])


def read_statement(case: Case) -> dict[str, str]:
    said = decode("Statement", case.data)
    require(bool(re.fullmatch("[A-Z0-9_]{1,64}", said["handling"])), "handling")
    key = officer_key(case, said["author"], said["officer_key_id"], 1)
    verify(key, pae(of_type("statement"), case.data), given(case, "signature"))
    return {"sha256": sha256(case.data).hex()}


def read_read(case: Case) -> dict[str, str]:
    said = decode("ReadStatement", case.data)
    require(said["reader"] == case.given["reader"] and said["network"] == given(case, "network"), "reader")
    require(said.get("read_at", 0) > 0, "time")
    key = officer_key(case, said["reader"], said["officer_key_id"], 3)
    verify(key, pae(of_type("read"), case.data), given(case, "signature"))
    return {"manifest-sha256": said["manifest_sha256"].hex()}


def read_content(case: Case) -> dict[str, str]:
    envelope, manifest, header = opened_envelope(case, case.data)
    raw = manifest["header"]
    if header["key_envelope"] != given(case, "key-manifest-sha256"):
        raise Pending
    key = open_sealed(given(case, "lane-key"), "fanal/own-wrap/v1", raw, envelope["own_wrap"], sha256(raw))
    require(hkdf(key, b"fanal/key-commitment/v1\0", 32) == header["key_commitment"], "key commitment")
    content = decode("Content", unpad(open_sealed(key, "fanal/body-key/v1", raw, envelope["body"], raw)))
    core = {1: "statement", 2: "receipts", 4: "control"}[header["envelope_class"]]
    require(len(content.get("content_salt", b"")) == 32, "salt")
    found = h("fanal/content-commitment/v1", content["content_salt"], content[core])
    require(found == header["content_commitment"], "content commitment")
    if core != "statement":
        require(set(content) == {core, "content_salt"}, "parts")
        return {f"{core}-sha256": sha256(content[core]).hex()}
    return _notice(case, envelope["manifest"], header, content)


def _notice(case: Case, envelope_manifest: bytes, header: dict, content: dict) -> dict[str, str]:
    wanted = {"statement", "officer_signature", "notice", "notice_salt", "field_salt", "content_salt"}
    require(set(content) - {"attachment_keys"} == wanted, "parts")
    require(all(len(content[name]) == 32 for name in ("notice_salt", "field_salt")), "salt")
    said = decode("Statement", content["statement"])
    for name in ("network", "charter_version", "charter_sha256", "author", "envelope_id", "audience"):
        require(said[name] == header[name], name)
    key = officer_key(case, said["author"], said["officer_key_id"], 1)
    verify(key, pae(of_type("statement"), content["statement"]), content["officer_signature"])
    found = h("fanal/notice-commitment/v1", content["notice_salt"], content["notice"])
    require(found == said["notice_commitment"], "notice commitment")
    check_reader(case, header, case.given["reader"])
    before = case.given.get("statement-accepted-in", sha256(envelope_manifest).hex())
    require(before == sha256(envelope_manifest).hex(), "statement used before")
    digests = {"statement-sha256": content["statement"], "notice-sha256": content["notice"]}
    return {name: sha256(data).hex() for name, data in digests.items()}
