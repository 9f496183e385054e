# SPDX-License-Identifier: Apache-2.0
"""Envelopes, manifests, wraps, contents, statements and receipts, as our implementation reads them."""

from __future__ import annotations

from vectorkit.case import Case, named
from vectorkit.run_documents import directory_of

from fanal.envelope import commitments, officer, open, receipts, statement, verify
from fanal.envelope.errors import Step, at
from fanal.envelope.seal import LaneKey
from fanal.envelope.verify import Verified
from fanal.keys import strict
from fanal.v1.envelope_pb2 import ReadReceipt, WrapProof


def _verified(data: bytes, case: Case) -> Verified:
    return verify.verify_received(verify.bound_and_decode(data), directory_of(case))


def _envelope(case: Case) -> dict[str, str]:
    found = _verified(case.data, case)
    return {
        "manifest-sha256": found.manifest_sha256.hex(),
        "envelope-id": found.received.envelope_id.hex(),
        "author": found.header.author,
        "lane": found.header.lane.hex(),
        "seq": str(found.header.seq),
        "standing": found.standing.value,
        "readers": " ".join(found.readers),
    }


def _manifest(case: Case) -> dict[str, str]:
    signature = bytes.fromhex(case.given["signature"])
    received = verify.decode_manifest_only(case.data, signature)
    found = verify.verify_signed(received, directory_of(case))
    return {"manifest-sha256": found.manifest_sha256.hex(), "standing": found.standing.value}


def _neighbour(case: Case) -> dict[str, str]:
    earlier = verify.bound_and_decode(named(case.given["before"]).data)
    verify.check_neighbour(earlier, verify.bound_and_decode(case.data))
    return {}


def _wrap(case: Case) -> dict[str, str]:
    key = _verified(named(case.given["key-envelope"]).data, case)
    with at(Step.KEY):
        proof = strict.decode(WrapProof, case.data, 8192)
    seeds = {bytes.fromhex(case.given["key-id"]): bytes.fromhex(case.given["seed"])}
    found = open.open_key(key, proof, case.given["reader"], seeds)
    return {"lane-key": found.key.hex()}


def _lane_key(case: Case) -> LaneKey:
    key = bytes.fromhex(case.given["lane-key"])
    return LaneKey(key, b"", bytes.fromhex(case.given["key-manifest-sha256"]))


def _content(case: Case) -> dict[str, str]:
    accepted = bytes.fromhex(case.given.get("statement-accepted-in", ""))
    found = open.open_content(
        _verified(case.data, case),
        _lane_key(case),
        case.given["reader"],
        directory_of(case),
        (lambda _digest: accepted) if accepted else None,
    )
    if isinstance(found, open.OpenedNotice):
        return {
            "statement-sha256": found.statement_sha256.hex(),
            "notice-sha256": commitments.sha256(found.notice_bytes).hex(),
            "officer": found.officer.officer_id,
            "fields": "decided" if found.fields_decided else "undecided",
        }
    if isinstance(found, open.OpenedReceipts):
        return {"receipts-sha256": commitments.sha256(strict.encode(found.receipts)).hex()}
    return {"control-sha256": commitments.sha256(found.message).hex()}


def _statement(case: Case) -> dict[str, str]:
    parsed = statement.decode(case.data)
    signature = bytes.fromhex(case.given["signature"])
    found = officer.check_statement(case.data, signature, parsed, directory_of(case))
    return {"officer": found.officer_id, "sha256": statement.statement_sha256(case.data).hex()}


def _receipts(case: Case) -> dict[str, str]:
    found = receipts.decode(case.data)
    return {"kinds": " ".join(descriptor.name for descriptor, _value in found.ListFields())}


def _read(case: Case) -> dict[str, str]:
    signature = bytes.fromhex(case.given["signature"])
    receipt = ReadReceipt(body=case.data, officer_signature=signature)
    said, by = receipts.read_receipt(receipt, case.given["reader"], directory_of(case))
    return {"manifest-sha256": said.manifest_sha256.hex(), "officer": by.officer_id}


RUNNERS = {
    "envelope": _envelope,
    "manifest": _manifest,
    "neighbour": _neighbour,
    "wrap": _wrap,
    "content": _content,
    "statement": _statement,
    "receipts": _receipts,
    "read": _read,
}
