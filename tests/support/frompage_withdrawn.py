# SPDX-License-Identifier: Apache-2.0
"""The second implementation on one question: does this bundle prove that its author took the notice back?

Written from docs/evidence-bundle.md, "Withdrawn", and docs/protocol.md. It takes documents as they stand
under their own root: whose root that is, the kinds `identity` and `charter` of the kit judge.
"""

from __future__ import annotations

import base64
import datetime

from frompage import (
    Refused,
    decode,
    h,
    key_id,
    leaf_hash,
    of_type,
    pae,
    require,
    root_from_path,
    sha256,
    verify,
)
from frompage_signed import Pending, check_shape, identity_body

Files = dict[str, bytes]


def withdrawn(files: Files) -> tuple[str, str]:
    """ "with" or "without" deletion and when. Pending: claimed and not proven, or nothing ties the two.
    Refused: what is there does not withdraw this notice. ("", ""): nothing says that it was withdrawn."""
    if "withdrawal/manifest.bin" not in files:
        claimed = f" manifest={sha256(files['notice/manifest.bin']).hex()} basis=withdrawal "
        if any(name.endswith(".leaf") and claimed.encode() in data for name, data in files.items()):
            raise Pending
        return "", ""
    keys = _keys(files)
    notice, taken = _header(files, keys, "notice"), _header(files, keys, "withdrawal")
    require(notice["author"] == taken["author"], "by another author")
    said = _statement(files, keys, taken)
    named = _fields(files["withdrawal/fields.txt"], said["fields_root"])
    own = sha256(files["notice/manifest.bin"]).hex().encode()
    lists = {
        word: [v for p, v in named.items() if p.startswith(f"withdrawal.{word}_deletion[")]
        for word in ("with", "without")
    }
    number = _number(files, keys, notice)
    numbers = [value for path, value in named.items() if path.startswith("withdrawal.notice_ids[")]
    require(number is None or number in numbers, "another number")
    meant = [word for word, values in lists.items() if own in values]
    require(bool(meant) or not any(lists.values()), "another manifest")
    if not meant and number is None:
        raise Pending
    at = datetime.datetime.fromtimestamp(said["signed_at"], datetime.UTC)
    return (meant[0] if meant else "open"), at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _keys(files: Files) -> dict[tuple[str, bytes], dict]:
    bodies = [identity_body(data) for name, data in files.items() if name.startswith("identities/")]
    return {
        (body["agency"], key_id(entry["public_key"]["key"])): entry
        for body in bodies
        for entry in body["keys"]
        if entry["public_key"]["algorithm"] == 1
    }


def _header(files: Files, keys: dict[tuple[str, bytes], dict], folder: str) -> dict:
    data = files[f"{folder}/manifest.bin"]
    manifest = decode("Manifest", data)
    header = decode("Header", manifest["header"])
    check_shape(manifest, header)
    require(header["envelope_class"] == 1, "class")
    require(
        header["network"] == sha256(decode("SignedDocument", files["charters/0001.doc"])["body"]), "network"
    )
    entry = keys[header["author"], header["author_key_id"]]
    require(entry["use"] == 1, "author key")
    verify(entry["public_key"]["key"], pae(of_type("manifest"), data), files[f"{folder}/manifest.sig"])
    return header


def _statement(
    files: Files, keys: dict[tuple[str, bytes], dict], header: dict, folder: str = "withdrawal"
) -> dict:
    data, salt = files[f"{folder}/statement.bin"], files[f"{folder}/content.salt"]
    require(
        h("fanal/content-commitment/v1", salt, data) == header["content_commitment"], "content commitment"
    )
    said = decode("Statement", data)
    for name in ("network", "charter_version", "charter_sha256", "envelope_id", "author", "audience"):
        require(said[name] == header[name], name)
    entry = keys[said["author"], said["officer_key_id"]]
    require(entry["use"] == 7 and 1 in entry["officer"]["rights"], "officer")
    verify(entry["public_key"]["key"], pae(of_type("statement"), data), files[f"{folder}/statement.sig"])
    return said


def _fields(data: bytes, root: bytes) -> dict[str, bytes]:
    first, *lines = data.decode("ascii").splitlines()
    require(first == "fanal-fields/v1", "fields")
    found = {}
    for line in lines:
        word, path, index, blind, value, *siblings = line.split(" ")
        require(word == "field", "field")
        plain = b"" if value == "-" else base64.b64decode(value, validate=True)
        parts = (bytes.fromhex(blind), path.encode(), plain)
        one = leaf_hash(b"".join(len(v).to_bytes(8, "big") + v for v in parts), "fanal/fields/v1")
        hashes = [bytes.fromhex(one) for one in siblings]
        require(root_from_path(one, int(index), 2 ** len(hashes), hashes, "fanal/fields/v1") == root, "root")
        found[path] = plain
    return found


def _number(files: Files, keys: dict[tuple[str, bytes], dict], header: dict) -> bytes | None:
    """The notice's number, where named fields show it."""
    if "notice/fields.txt" not in files:
        return None
    said = _statement(files, keys, header, "notice")
    return _fields(files["notice/fields.txt"], said["fields_root"]).get("notice_id")


__all__ = ["Pending", "Refused", "withdrawn"]
