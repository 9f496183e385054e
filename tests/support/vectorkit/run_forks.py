# SPDX-License-Identifier: Apache-2.0
"""Fork proofs and officers' calls, as our implementation reads them."""

from __future__ import annotations

from vectorkit.case import Case
from vectorkit.run_documents import directory_of

from fanal.keys import calls, strict
from fanal.keys.calls import NonceCache
from fanal.node.forks.kept import MAX_PROOF
from fanal.proof import forks
from fanal.v1.identity_pb2 import KeyUse
from fanal.v1.peer_pb2 import ForkProof


def _fork(case: Case) -> dict[str, str]:
    found = forks.verify(strict.decode(ForkProof, case.data, MAX_PROOF), directory_of(case))
    return {
        "kind": found.kind,
        "agency": found.agency or "-",
        "where": found.where,
        "number": str(found.number),
        "incarnation": found.incarnation.hex() or "-",
    }


def _call(case: Case) -> dict[str, str]:
    given, directory = case.given, directory_of(case)
    metadata = (
        (calls.KEY_FIELD, given["key-id"]),
        (calls.TIME_FIELD, given["time"]),
        (calls.NONCE_FIELD, given["nonce"]),
        (calls.SIGNATURE_FIELD, given["signature"]),
    )

    def find(identifier: bytes) -> bytes:
        return directory.signing_key(given["agency"], identifier, KeyUse.OFFICER).key.public

    now = int(given["now"])
    signer = calls.verify_call(metadata, given["method"], case.data, find, now, NonceCache(0))
    return {"officer-key-id": signer.hex()}


RUNNERS = {"fork": _fork, "call": _call}
