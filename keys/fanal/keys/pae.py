# SPDX-License-Identifier: Apache-2.0
"""What is signed: PAE of the DSSE specification, and every type string and hash domain of the protocol.

Promise: no bytes signed or hashed for one purpose can be taken for those of another. A new field in a signed
message is a new type string. Source: DSSE v1.0.2, protocol.md "Signature Definition".
"""

from __future__ import annotations

from typing import Final

_TYPE = "application/vnd.fanal.{}.v1"

# --- Types of signed bytes ---
IDENTITY: Final = _TYPE.format("identity")
CHARTER: Final = _TYPE.format("charter")
REVOCATION: Final = _TYPE.format("revocation")
MANIFEST: Final = _TYPE.format("manifest")
STATEMENT: Final = _TYPE.format("statement")
RECEIPT: Final = _TYPE.format("receipt")
READ: Final = _TYPE.format("read")
CALL: Final = _TYPE.format("call")
ANCHOR: Final = _TYPE.format("anchor")
COURIER: Final = _TYPE.format("courier")
BUNDLE: Final = _TYPE.format("bundle")

# --- Domains of hashes and derived keys; each ends in NUL so that none is the beginning of another ---
KEY_DOMAIN: Final = b"fanal/key/v1\x00"
LANE_DOMAIN: Final = b"fanal/lane/v1\x00"
CONTENT_COMMITMENT_DOMAIN: Final = b"fanal/content-commitment/v1\x00"
NOTICE_COMMITMENT_DOMAIN: Final = b"fanal/notice-commitment/v1\x00"
KEY_COMMITMENT_DOMAIN: Final = b"fanal/key-commitment/v1\x00"
LANE_KEY_COMMITMENT_DOMAIN: Final = b"fanal/lane-key-commitment/v1\x00"
BODY_KEY_DOMAIN: Final = b"fanal/body-key/v1\x00"
FIELD_BLIND_DOMAIN: Final = b"fanal/field-blind/v1\x00"
FIELD_PAD_DOMAIN: Final = b"fanal/field-pad/v1\x00"
WRAP_INFO_DOMAIN: Final = b"fanal/wrap-info/v1\x00"
OWN_WRAP_DOMAIN: Final = b"fanal/own-wrap/v1\x00"
DIGEST_DOMAIN: Final = b"fanal/digest/v1\x00"
JOIN_CODE_DOMAIN: Final = b"fanal/join-code/v1\x00"
JOIN_REQUEST_DOMAIN: Final = b"fanal/join-request/v1\x00"
JOIN_REPLY_DOMAIN: Final = b"fanal/join-reply/v1\x00"
JOIN_OUTCOME_DOMAIN: Final = b"fanal/join-outcome/v1\x00"
KEYSTORE_DOMAIN: Final = b"fanal/keystore/v1\x00"
PERSON_DOMAIN: Final = b"fanal/person/v1\x00"
DETAIL_DOMAIN: Final = b"fanal/detail/v1\x00"
ATTACHMENT_DOMAIN: Final = b"fanal/attachment/v1\x00"

# --- Domains of Merkle trees (``fanal.keys.merkle`` prefixes their length) ---
FIELDS_TREE: Final = "fanal/fields/v1"
WRAPS_TREE: Final = "fanal/wraps/v1"
PIECES_TREE: Final = "fanal/pieces/v1"


def pae(type: str, body: bytes) -> bytes:
    """``DSSEv1 SP LEN(type) SP type SP LEN(body) SP body``: the bytes a signature covers."""
    encoded = type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(encoded), encoded, len(body), body)
