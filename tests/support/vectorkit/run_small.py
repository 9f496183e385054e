# SPDX-License-Identifier: Apache-2.0
"""The small parts: lane ids, key ids, PAE, padding, fields roots and proofs, invitations, keystores."""

from __future__ import annotations

import tempfile
from pathlib import Path

from vectorkit.case import Case
from vectorkit.run_trees import hashes

from fanal.envelope import audience, fields, padding
from fanal.envelope.fields import FieldProof
from fanal.keys import ed25519, joining, keyid, keystore, pae, strict
from fanal.keys.secret import KeyFile
from fanal.v1.envelope_pb2 import Audience
from fanal.v1.notice_pb2 import Notice


def _pae(case: Case) -> dict[str, str]:
    return {"pae": pae.pae(case.given["type"], case.data).hex()}


def _ed25519_key(case: Case) -> dict[str, str]:
    ed25519.validate_public(case.data)
    return {"key-id": keyid.key_id(keyid.ed25519_key(case.data)).hex()}


def _audience(case: Case) -> dict[str, str]:
    said, author = strict.decode(Audience, case.data, 65536), case.given["author"]
    audience.check(said, author)
    return {"lane": audience.lane_id(bytes.fromhex(case.given["network"]), author, said).hex()}


def _padding(case: Case) -> dict[str, str]:
    return {"plain": padding.unpad(case.data).hex() or "-"}


def _fields_root(case: Case) -> dict[str, str]:
    notice, salt = Notice.FromString(case.data), bytes.fromhex(case.given["field-salt"])
    decided = fields.check_root(bytes.fromhex(case.given["root"]), notice, salt)
    return {"fields": "decided" if decided else "undecided"}


def _field_proof(case: Case) -> dict[str, str]:
    given = case.given
    value, blind = bytes.fromhex(given["value"]), bytes.fromhex(given["blind"])
    proof = FieldProof(given["path"], value, blind, int(given["index"]), tuple(hashes(case.data)))
    fields.verify_field(proof, bytes.fromhex(given["root"]))
    return {}


def _invite(case: Case) -> dict[str, str]:
    found = joining.decode_invite(case.data.decode("utf-8", "surrogateescape"))
    found.check_valid(int(case.given["now"]))
    return {"token-id": found.token_id.hex(), "network": found.network.hex(), "address": found.address}


def _join_code(case: Case) -> dict[str, str]:
    parts = [bytes.fromhex(case.given[name]) for name in ("charter", "inviter", "joiner")]
    return {"digits": joining.join_code(parts[0], parts[1], parts[2], case.data)}


def _keystore(case: Case) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "node.keys"
        path.touch(0o600)
        path.write_bytes(case.data)
        store = keystore.Keystore.open(path, KeyFile(bytes.fromhex(case.given["key-file"])))
    return {f"entry-{name}": store[name].hex() for name in sorted(store)}


RUNNERS = {
    "pae": _pae,
    "ed25519-key": _ed25519_key,
    "audience": _audience,
    "padding": _padding,
    "fields-root": _fields_root,
    "field-proof": _field_proof,
    "invite": _invite,
    "join-code": _join_code,
    "keystore": _keystore,
}
