# SPDX-License-Identifier: Apache-2.0
"""Receipts: what a node says it stored, refused or holds, and what an officer says was read.

Promise: a READ receipt carries the signature of an officer with the right READ over network, agency, officer
and the manifest that was read, so no node can issue one alone. Everything else is a fact of the node, signed
by the envelope it travels in. Receipts are bounded and strictly decoded; ranges are ascending and disjoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fanal.envelope import limits
from fanal.envelope.commitments import DEFAULT_RNG, Rng
from fanal.envelope.errors import OTHER_NETWORK, RECEIPTS, Step, at
from fanal.envelope.officer import SigningOfficer, check_signature
from fanal.envelope.trust import Trust
from fanal.errors import VerificationError
from fanal.keys import ed25519, pae, strict
from fanal.keys.keyid import ed25519_key, key_id
from fanal.v1.envelope_pb2 import (
    Content,
    Held,
    ReadReceipt,
    ReadStatement,
    RecallAnswer,
    RecallOutcome,
    Receipts,
    Rejected,
    RejectedProblem,
    SeqRange,
    StoredCoverage,
)
from fanal.v1.identity_pb2 import OfficerRight

NO_KEY: Final = "NO_KEY"
"""The reason of a Held receipt: stored, but no wrap of the lane key has come."""

_CODE: Final = re.compile(r"[A-Z0-9_]{1,64}")
_NOTICE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_OUTCOMES: Final = (RecallOutcome.COMPLIED, RecallOutcome.REFUSED, RecallOutcome.HELD)
_FIELD: Final = re.compile(r"[A-Za-z0-9_.\[\]]{0,256}")


def coverage(
    lane: bytes, incarnation: bytes, ranges: Iterable[tuple[int, int]], head: bytes
) -> StoredCoverage:
    """Half-open ranges (start, stop) that are durable here; ``head`` is the manifest hash at the last."""
    seq_ranges = [SeqRange(start=start, stop=stop) for start, stop in ranges]
    return StoredCoverage(lane=lane, incarnation=incarnation, ranges=seq_ranges, head=head)


def rejected(manifest_sha256: bytes, problems: Iterable[tuple[str, str]]) -> Rejected:
    """A notice that is kept and marked, with (code, field) of each problem."""
    listed = [RejectedProblem(code=code, field=field) for code, field in problems]
    return Rejected(manifest_sha256=manifest_sha256, problems=listed)


def held(manifest_sha256: bytes, reason: str = NO_KEY) -> Held:
    """An envelope that is stored and cannot be opened yet."""
    return Held(manifest_sha256=manifest_sha256, reason=reason)


def sign_read(
    network: bytes, reader: str, manifest_sha256: bytes, read_at: int, officer_seed: bytes
) -> ReadReceipt:
    """What an officer's client signs when the officer has read a notice. ``read_at`` in Unix seconds."""
    statement = ReadStatement(
        network=network,
        reader=reader,
        officer_key_id=key_id(ed25519_key(ed25519.public_of(officer_seed))),
        manifest_sha256=manifest_sha256,
        read_at=read_at,
    )
    body = strict.encode(statement)
    return ReadReceipt(body=body, officer_signature=ed25519.sign(officer_seed, pae.pae(pae.READ, body)))


def content_of(receipts: Receipts, rng: Rng = DEFAULT_RNG) -> Content:
    """The content of a RECEIPT envelope. Raises VerificationError for what the author would refuse."""
    check(receipts)
    return Content(receipts=strict.encode(receipts), content_salt=rng(limits.SALT))


def decode(data: bytes) -> Receipts:
    """Strictly decoded and checked for shape. Raises VerificationError."""
    receipts = strict.decode(Receipts, data, limits.ENVELOPE)
    check(receipts)
    return receipts


def read_receipt(
    receipt: ReadReceipt, reader: str, trust: Trust, now: int | None = None
) -> tuple[ReadStatement, SigningOfficer]:
    """What was read and by whom. ``reader`` is the author of the RECEIPT envelope.

    Raises VerificationError at step ``receipts``; UnknownIdentity when the officer's key is not known yet.
    """
    with at(Step.RECEIPTS):
        statement = strict.decode(ReadStatement, receipt.body, limits.READ_STATEMENT)
        _check_read(statement, reader, trust)
        officer = check_signature(
            reader,
            statement.officer_key_id,
            OfficerRight.READ,
            pae.READ,
            receipt.body,
            receipt.officer_signature,
            trust,
            now,
        )
        return statement, officer


def check(receipts: Receipts) -> None:
    """Raise VerificationError unless every receipt has the right form and there is at least one."""
    counts = [len(group) for _field, group in receipts.ListFields()]
    _require(any(counts), "there are none")
    _require(all(count <= limits.RECEIPTS for count in counts), f"more than {limits.RECEIPTS} of a kind")
    for item in (*receipts.stored, *receipts.relayed):
        _check_coverage(item)
    for refusal in receipts.rejected:
        _require(len(refusal.manifest_sha256) == limits.HASH, "a manifest hash has another length")
        _require(
            0 < len(refusal.problems) <= limits.PROBLEMS, "a rejection without problems, or with too many"
        )
        for problem in refusal.problems:
            _require(bool(_CODE.fullmatch(problem.code)), "a problem's code is no token")
            _require(bool(_FIELD.fullmatch(problem.field)), "a problem's field is no path")
    for waiting in receipts.held:
        _require(len(waiting.manifest_sha256) == limits.HASH, "a manifest hash has another length")
        _require(bool(_CODE.fullmatch(waiting.reason)), "a reason is no token")
    for recall in receipts.recalls:
        _check_recall(recall)
    for read in receipts.read:
        _require(0 < len(read.body) <= limits.READ_STATEMENT, "a read statement has another length")
        _require(len(read.officer_signature) == limits.SIGNATURE, "a signature has another length")


def _check_recall(item: RecallAnswer) -> None:
    _require(len(item.manifest_sha256) == limits.HASH, "a manifest hash has another length")
    _require(bool(_NOTICE_ID.fullmatch(item.notice_id)), "a recalled notice's id is no UUID")
    _require(item.outcome in _OUTCOMES, "the outcome of a recall is not known")
    named = _CODE.fullmatch(item.reason) if item.outcome != RecallOutcome.COMPLIED else not item.reason
    _require(bool(named), "a refusal or a hold without a token, or compliance with one")
    _require(0 < item.at <= limits.MAX_TIME, "the time of an answer is not plausible")


def _check_coverage(item: StoredCoverage) -> None:
    _require(len(item.lane) == limits.HASH, "a lane id has another length")
    _require(len(item.incarnation) == limits.INCARNATION, "an incarnation has another length")
    _require(len(item.head) == limits.HASH, "a head has another length")
    _require(len(item.ranges) > 0, "a coverage without ranges")
    previous = -1
    for span in item.ranges:
        # Adjacent ranges would be one range: there is one way to say one thing.
        _require(
            previous < span.start < span.stop <= limits.MAX_SEQ + 1, "ranges are not ascending and disjoint"
        )
        previous = span.stop


def _check_read(statement: ReadStatement, reader: str, trust: Trust) -> None:
    if statement.network != trust.newest.network:
        found, expected = statement.network.hex(), trust.newest.network.hex()
        raise VerificationError(OTHER_NETWORK, found=found, expected=expected)
    _require(statement.reader == reader, "a read receipt of another agency than the sender")
    _require(len(statement.manifest_sha256) == limits.HASH, "a manifest hash has another length")
    _require(0 < statement.read_at <= limits.MAX_TIME, "the time of reading is not plausible")


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise VerificationError(RECEIPTS, reason=reason)
