# SPDX-License-Identifier: Apache-2.0
"""What readers said about a notice: STORED, READ, REJECTED, HELD, and what they did about its withdrawal.

Promise: a fact counts for the agency whose node signed the RECEIPT manifest that commits to it, and only if
it names this notice: READ by hash and under the reader's officer's own signature; STORED by its place in the
lane, led back to this very manifest over the hashes between. A receipt that names nothing here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fanal.envelope.commitments import check_content, sha256
from fanal.envelope.receipts import decode, read_receipt
from fanal.envelope.trust import Standing
from fanal.envelope.verify import Received, decode_manifest_only, verify_signed
from fanal.errors import VerificationError
from fanal.i18n import _, say, translate
from fanal.keys.trust import Directory
from fanal.proof.evidence.errors import BUNDLE_MISMATCH
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.items import Shown
from fanal.proof.evidence.layout import ReceiptItem
from fanal.v1.envelope_pb2 import EnvelopeClass, ReadReceipt, RecallOutcome, Receipts, StoredCoverage

_NOTHING = _("No receipt of this reader is in the bundle.")
_NO_ANSWER = _("No answer of this reader to the withdrawal is in the bundle.")
_NO_CHAIN = _("The manifests between the notice and the head of the receipt are not in the bundle.")
_REVOKED = _("The key of {agency} that signed this has been revoked since.")
MAX_LINKS = 256
"""Most manifests between a notice and the head of a receipt that covers it."""


@dataclass(frozen=True)
class Told:
    """A RECEIPT envelope whose manifest and commitment verified."""

    received: Received
    receipts: Receipts
    digest: bytes

    @property
    def agency(self) -> str:
        return self.received.header.author


def check_receipts(
    findings: Findings, items: Iterable[ReceiptItem], directory: Directory, author: str
) -> list[Told]:
    """The receipts whose own signatures and commitments verify, to the author of the notice."""
    told = []
    for number, item in enumerate(items, 1):
        with findings.check(f"receipts.{number:04}") as step:
            one = _told(item, directory)
            if author not in one.received.header.audience.agencies:
                raise VerificationError(BUNDLE_MISMATCH, what="A receipt", expected=author, found=one.agency)
            step.found = one.agency
            told.append(one)
    return told


def check_facts(
    findings: Findings,
    told: Iterable[Told],
    shown: Shown,
    chain: Mapping[bytes, Received],
    directory: Directory,
    prover: str,
    prefix: str = "",
) -> set[bytes]:
    """One check per reader and fact about this notice; the digests of the receipts that named it.

    The author proves for all readers, so who is silent is named; a reader proves for itself. Of one fact the
    first telling counts; answers to a withdrawal follow each other, so all are told, the last one last.
    """
    named: set[bytes] = set()
    facts: dict[tuple[str, str], list[Callable[[], str]]] = {}
    for one in sorted(told, key=lambda one: one.received.header.created):
        for word, check in _about(one, shown, chain, directory):
            named.add(one.digest)
            facts.setdefault((one.agency, word), []).append(check)
    for (agency, word), checks in facts.items():
        with findings.check(f"{prefix}{word}.{agency}") as step:
            _check_reader(word, agency, shown)
            counted = checks if word == "recall" else checks[:1]
            step.found = ", ".join(check() for check in counted)
    author = shown.received.header.author
    for agency in shown.verified.readers if prover == author else (prover,):
        for word, why in (("stored", _NOTHING), ("recall", _NO_ANSWER))[: 2 if prefix else 1]:
            if agency != author and (agency, word) not in facts:
                with findings.check(f"{prefix}{word}.{agency}"):
                    raise Undecided(translate(why), needed=False)
    return named


def moment(seconds: int) -> str:
    """Unix seconds as 2026-01-01T00:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def chain_of(manifests: Iterable[bytes]) -> dict[bytes, Received]:
    """Manifests by their hash. Raises VerificationError for one that is malformed."""
    return {sha256(one): decode_manifest_only(one, bytes(64)) for one in manifests}


def _check_reader(word: str, agency: str, shown: Shown) -> None:
    """Who only carries a notice says RELAYED and nothing else of it."""
    if word != "relayed" and agency not in shown.verified.readers:
        readers = ", ".join(shown.verified.readers)
        raise VerificationError(BUNDLE_MISMATCH, what="A receipt", expected=readers, found=agency)


def _told(item: ReceiptItem, directory: Directory) -> Told:
    received = decode_manifest_only(item.manifest, item.signature)
    if received.header.envelope_class != EnvelopeClass.RECEIPT:
        found = str(received.header.envelope_class)
        raise VerificationError(BUNDLE_MISMATCH, what="A receipt", expected="RECEIPT", found=found)
    verified = verify_signed(received, directory)
    check_content(received.header.content_commitment, item.content_salt, item.receipts)
    if verified.standing is Standing.REVOKED:
        raise Undecided(say(_REVOKED, agency=received.header.author))
    return Told(received, decode(item.receipts), sha256(item.receipts))


def _about(
    told: Told, shown: Shown, chain: Mapping[bytes, Received], directory: Directory
) -> Iterator[tuple[str, Callable[[], str]]]:
    """(word, its check) for everything in the receipts that names this notice."""
    manifest, header = shown.received.manifest_sha256, shown.received.header
    signed_at = moment(told.received.header.created)
    for word, coverages in (("stored", told.receipts.stored), ("relayed", told.receipts.relayed)):
        for item in coverages:
            place = item.lane == header.lane and item.incarnation == header.incarnation
            if place and any(span.start <= header.seq < span.stop for span in item.ranges):
                yield word, lambda item=item: _covered(item, shown, chain, signed_at)  # type: ignore[misc]
    for refusal in told.receipts.rejected:
        if refusal.manifest_sha256 == manifest:
            first = refusal.problems[0]
            yield "rejected", lambda first=first: f"{first.code} {first.field}".strip()  # type: ignore[misc]
    for waiting in told.receipts.held:
        if waiting.manifest_sha256 == manifest:
            yield "held", lambda waiting=waiting: waiting.reason  # type: ignore[misc]
    for read in told.receipts.read:
        if manifest in read.body:
            yield "read", lambda read=read: _read(read, told, manifest, directory)  # type: ignore[misc]
    for answer in told.receipts.recalls:
        if answer.manifest_sha256 == manifest:
            words = f"{RecallOutcome.Code.Name(answer.outcome)} {answer.reason}".strip()
            yield "recall", lambda words=words, at=answer.at: f"{words} {moment(at)}"  # type: ignore[misc]


def _covered(item: StoredCoverage, shown: Shown, chain: Mapping[bytes, Received], signed_at: str) -> str:
    """Lead the signed head back to the notice's manifest, hash by hash."""
    header, digest, seq = shown.received.header, item.head, item.ranges[-1].stop - 1
    for _link in range(MAX_LINKS):
        if seq == header.seq:
            break
        link = chain.get(digest)
        if link is None:
            raise Undecided(translate(_NO_CHAIN), expected=digest.hex(), needed=False)
        if (link.header.lane, link.header.incarnation, link.header.seq) != (item.lane, item.incarnation, seq):
            raise VerificationError(BUNDLE_MISMATCH, what="A manifest", expected=seq, found=link.header.seq)
        digest, seq = link.header.previous_manifest_sha256, seq - 1
    if seq != header.seq or digest != shown.received.manifest_sha256:
        raise VerificationError(
            BUNDLE_MISMATCH,
            what="The head of a receipt",
            expected=shown.received.manifest_sha256.hex(),
            found=digest.hex(),
        )
    return signed_at


def _read(read: ReadReceipt, told: Told, manifest: bytes, directory: Directory) -> str:
    statement, officer = read_receipt(read, told.agency, directory)
    if statement.manifest_sha256 != manifest:
        raise VerificationError(
            BUNDLE_MISMATCH,
            what="A READ receipt",
            expected=manifest.hex(),
            found=statement.manifest_sha256.hex(),
        )
    if officer.standing is Standing.REVOKED:
        raise Undecided(say(_REVOKED, agency=told.agency))
    return moment(statement.read_at)
