# SPDX-License-Identifier: Apache-2.0
"""The second implementation's reader of each kind of the test kit: facts, or ``Refused``."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

from frompage import (
    check_consistency,
    check_key,
    checkpoint,
    decode,
    h,
    key_id,
    leaf,
    leaf_hash,
    note,
    of_type,
    pae,
    require,
    root_from_path,
    sha256,
    verify,
)
from frompage_forks import read_fork
from frompage_signed import (
    Pending,
    check_audience,
    given,
    keys_of,
    lane_of,
    read_charter,
    read_content,
    read_envelope,
    read_identity,
    read_manifest,
    read_neighbour,
    read_read,
    read_statement,
    read_wrap,
    unpad,
)
from vectorkit.case import Case

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "leaf-format.md"
_ROW = re.compile(r"^\| `([a-z-]+)` \| `([^`]+)` \|", re.M)
PIECE, PIECES = 65_536, "fanal/pieces/v1"
_HEX64 = "[0-9a-f]{64}"
_NUMBER = "0|[1-9][0-9]*"
_AGENCY = "[A-Z]{2}-[A-Z0-9]{2,8}"
_TOKEN = "[a-z0-9][a-z0-9-]{0,63}"
FORMS = {
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    **dict.fromkeys(["lane", "manifest", "receipt", "root", "note", "file", "evidence", "detail"], _HEX64),
    **dict.fromkeys(["incarnation", "envelope", "actor"], "[0-9a-f]{32}"),
    **dict.fromkeys(["seq", "first", "last", "size", "restored", "log"], _NUMBER),
    **dict.fromkeys(["author", "peer"], _AGENCY),
    "class": "notice|receipt|key|control",
    "kind": "stored|relayed|rejected|held|read|complied|refused",
    "act": "read|search|print|export",
    "state": "pending|final",
    **dict.fromkeys(["code", "what", "basis", "scope"], _TOKEN),
}


def hashes(data: bytes) -> list[bytes]:
    return [data[i : i + 32] for i in range(0, len(data), 32)]


def read_leaf(case: Case) -> dict[str, str]:
    table = {kind: keys.split(" ") for kind, keys in _ROW.findall(_PAGE.read_text())}
    return {"type": leaf(case.data, table, FORMS), "leaf-hash": leaf_hash(case.data).hex()}


def read_inclusion(case: Case) -> dict[str, str]:
    index, size = int(case.given["index"]), int(case.given["size"])
    found = root_from_path(given(case, "leaf-hash"), index, size, hashes(case.data))
    require(found == given(case, "root"), "root")
    return {}


def read_consistency(case: Case) -> dict[str, str]:
    old, new = int(case.given["old"]), int(case.given["new"])
    check_consistency(old, given(case, "old-root"), new, given(case, "new-root"), hashes(case.data))
    return {}


def read_note(case: Case) -> dict[str, str]:
    text, signed = note(case.data, case.given["keys"].split(" "))
    return {"text": text.hex(), "signed-by": " ".join(name for name, _ in signed)}


def read_checkpoint(case: Case) -> dict[str, str]:
    origin = case.given["origin"]
    text, signed = note(case.data, case.given["keys"].split(" "))
    found, size, root = checkpoint(text)
    require(found == origin and any(name == origin for name, _ in signed), "origin")
    return {"size": str(size), "root": root.hex()}


def read_cosignature(case: Case) -> dict[str, str]:
    text, ((_name, signature),) = note(case.data, [case.given["witness"]], kind=4)
    checkpoint(text)
    return {"time": str(int.from_bytes(signature[:8], "big"))}


def read_pae(case: Case) -> dict[str, str]:
    return {"pae": pae(case.given["type"], case.data).hex()}


def read_key(case: Case) -> dict[str, str]:
    check_key(case.data)
    return {"key-id": key_id(case.data).hex()}


def read_audience(case: Case) -> dict[str, str]:
    check_audience(case.data, case.given["author"])
    return {"lane": lane_of(given(case, "network"), case.given["author"], case.data).hex()}


def read_padding(case: Case) -> dict[str, str]:
    return {"plain": unpad(case.data).hex() or "-"}


def read_field(case: Case) -> dict[str, str]:
    path, value, blind = case.given["path"].encode(), given(case, "value"), given(case, "blind")
    one = leaf_hash(b"".join(len(v).to_bytes(8, "big") + v for v in (blind, path, value)), "fanal/fields/v1")
    siblings = hashes(case.data)
    found = root_from_path(one, int(case.given["index"]), 2 ** len(siblings), siblings, "fanal/fields/v1")
    require(found == given(case, "root"), "root")
    return {}


def read_join_code(case: Case) -> dict[str, str]:
    joined = b"".join(given(case, name) for name in ("charter", "inviter", "joiner")) + case.data
    digits = f"{int.from_bytes(sha256(b'fanal/join-code/v1' + bytes(1) + joined), 'big') % 10**24:024}"
    return {"digits": " ".join(digits[i : i + 4] for i in range(0, 24, 4))}


def read_invite(case: Case) -> dict[str, str]:
    text = case.data.decode("ascii").strip()
    require(text.startswith("fanal-invite-1:"), "prefix")
    encoded = text[15:]
    require(bool(re.fullmatch("[A-Za-z0-9_-]+", encoded)), "letters")
    raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    require(sha256(raw[:-4])[:4] == raw[-4:], "check sum")
    said = decode("Invite", raw[:-4])
    require(int(case.given["now"]) < said["expires"], "expired")
    return {"token-id": said["token_id"].hex(), "network": said["network"].hex(), "address": said["address"]}


def read_call(case: Case) -> dict[str, str]:
    said = case.given
    require(bool(re.fullmatch(_HEX64, said["key-id"])), "key id")
    require(bool(re.fullmatch("[0-9a-f]{32}", said["nonce"])), "nonce")
    require(bool(re.fullmatch("[1-9][0-9]{0,11}", said["time"])), "time")
    require(bool(re.fullmatch("[0-9a-f]{128}", said["signature"])), "signature")
    require(abs(int(said["now"]) - int(said["time"])) <= 60, "a minute")
    entry = keys_of(case)[said["agency"]].get(given(case, "key-id"))
    if entry is None:
        raise Pending
    require(entry["use"] == 7, "an officer's key")
    lines = (said["method"], sha256(case.data).hex(), said["key-id"], said["time"], said["nonce"], "")
    verify(
        entry["public_key"]["key"],
        pae(of_type("call"), "\n".join(lines).encode("ascii")),
        given(case, "signature"),
    )
    return {"officer-key-id": said["key-id"]}


def read_piece(case: Case) -> dict[str, str]:
    """docs/protocol.md, Attachments."""
    length, index = int(case.given["length"]), int(case.given["index"])
    path = given(case, "path") if "path" in case.given else b""
    count = -(-length // PIECE)
    require(length > 0 and 0 <= index < count, "place of the piece")
    require(len(case.data) == min(PIECE, length - index * PIECE), "length of the piece")
    hashes = [path[at : at + 32] for at in range(0, len(path), 32)]
    root = root_from_path(leaf_hash(case.data, PIECES), index, count, hashes, PIECES)
    name = h("fanal/attachment/v1", length.to_bytes(8, "big"), root)
    require(name == given(case, "attachment"), "name of the ciphertext")
    return {}


READERS: dict[str, Callable[[Case], dict[str, str]]] = {
    "leaf": read_leaf,
    "inclusion": read_inclusion,
    "consistency": read_consistency,
    "note": read_note,
    "checkpoint": read_checkpoint,
    "cosignature": read_cosignature,
    "pae": read_pae,
    "ed25519-key": read_key,
    "audience": read_audience,
    "padding": read_padding,
    "field-proof": read_field,
    "join-code": read_join_code,
    "invite": read_invite,
    "identity": read_identity,
    "charter": read_charter,
    "manifest": read_manifest,
    "envelope": read_envelope,
    "neighbour": read_neighbour,
    "wrap": read_wrap,
    "statement": read_statement,
    "read": read_read,
    "content": read_content,
    "fork": read_fork,
    "call": read_call,
    "piece": read_piece,
}
