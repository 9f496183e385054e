# SPDX-License-Identifier: Apache-2.0
"""``verify_bundle``: what one zip proves, to somebody who trusts nobody and brings the network id.

Promise: it never raises; whatever the bytes are, every check ends passed, failed or undecided. Order: form
and sums, network, charters, identities, the seal, the notice, its withdrawal, receipts, log, witnesses,
the export.
docs/evidence-bundle.md lists the checks.
"""

from __future__ import annotations

from fanal.errors import VerificationError
from fanal.i18n import _, translate
from fanal.keys.trust import Directory
from fanal.proof.evidence import container, items, layout, logged, told
from fanal.proof.evidence.documents import check_documents
from fanal.proof.evidence.errors import BUNDLE_FORM, BUNDLE_MISMATCH
from fanal.proof.evidence.findings import EvidenceReport, Findings, Undecided
from fanal.proof.evidence.items import Shown
from fanal.proof.evidence.layout import Log, Parts
from fanal.proof.evidence.script import script
from fanal.proof.evidence.seal import check_seal
from fanal.proof.evidence.withdrawal import check_absent, check_others, check_withdrawal

_OTHER_SCRIPT = _("verify.sh is not the one of this version: read it before running it.")


def verify_bundle(data: bytes, network: bytes | None) -> EvidenceReport:
    """Every check of a bundle; ``network`` is the 32-byte id that the auditor brought, or None."""
    findings = Findings()
    try:
        _verify(findings, data, network)
    except Exception as error:
        # Hostile bytes must not find a way to end an audit without a verdict.
        with findings.check("bundle.read"):
            raise VerificationError(
                BUNDLE_FORM, reason=f"it broke the reader ({type(error).__name__})"
            ) from None
    return findings.report()


def _verify(findings: Findings, data: bytes, network: bytes | None) -> None:
    parts: Parts | None = None
    log: Log | None = None
    files: dict[str, bytes] = {}
    with findings.check("bundle.form") as step:
        files = container.read(data)
        parts, log = layout.from_files(files)
        step.found = str(len(files))
    if parts is None or log is None:
        return
    with findings.check("bundle.sums"):
        if layout.sums_of(files) != files[layout.SUMS]:
            raise _mismatch("SHA256SUMS", "the files", "other sums")
    with findings.check("bundle.script"):
        if files[layout.SCRIPT] != script():
            raise Undecided(translate(_OTHER_SCRIPT), needed=False)
    directory = check_documents(findings, parts, log, network)
    if directory is None:
        return
    check_seal(findings, files, parts.cover, directory)
    shown = items.check_item(findings, parts.notice, directory, "notice")
    if shown is None:
        return
    withdrawal = check_withdrawal(findings, parts.withdrawal, shown, directory)
    check_others(findings, parts.cover.others)
    digests = _receipts(findings, parts, shown, withdrawal, directory)
    _log(findings, parts, log, (shown, withdrawal), digests, directory, layout.export_digest(files))


def _receipts(
    findings: Findings, parts: Parts, shown: Shown, withdrawal: Shown | None, directory: Directory
) -> set[bytes]:
    author = shown.received.header.author
    receipts = told.check_receipts(findings, parts.receipts, directory, author)
    with findings.check("receipts.chain") as step:
        chain = told.chain_of(parts.chain)
        step.found = str(len(chain))
    if not findings.passed("receipts.chain"):
        return set()
    named = told.check_facts(findings, receipts, shown, chain, directory, parts.cover.prover)
    if withdrawal is not None:
        named |= told.check_facts(
            findings, receipts, withdrawal, chain, directory, parts.cover.prover, "withdrawal."
        )
    with findings.check("receipts.used"):
        for one in receipts:
            if one.digest not in named:
                raise _mismatch("A receipt", "this notice", one.agency)
    return named


def _log(
    findings: Findings,
    parts: Parts,
    log: Log,
    notices: tuple[Shown, Shown | None],
    digests: set[bytes],
    directory: Directory,
    exported: bytes,
) -> None:
    prover = parts.cover.prover
    shown, withdrawal = notices
    proven = logged.check_log(findings, log, directory, prover)
    if proven is None:
        return
    index = logged.check_notice_leaf(findings, proven, shown, prover)
    if index is not None:
        logged.check_witnesses(findings, log, directory, prover, index, shown)
    if withdrawal is not None:
        logged.check_notice_leaf(findings, proven, withdrawal, prover, "log.withdrawal")
    logged.check_receipt_leaves(findings, proven, digests)
    bases = logged.check_erasure(findings, proven, shown)
    if parts.withdrawal is None:
        check_absent(findings, "withdrawal" in bases, *logged.shown_since(proven, index))
    logged.check_leaves(findings, log, parts.cover.leaves)
    logged.check_export(findings, proven, exported, shown)


def _mismatch(what: str, expected: str, found: str) -> VerificationError:
    return VerificationError(BUNDLE_MISMATCH, what=what, expected=expected, found=found)
