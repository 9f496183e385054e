# SPDX-License-Identifier: Apache-2.0
"""The prover's log: its signed checkpoint, each leaf under it, who cosigned it, and what the leaves say.

Promise: a leaf counts only with its inclusion proof under the one checkpoint that a key of the prover's log
signed. Too few cosignatures leave the verdict undecided: such a log could still show another history to
somebody else. Sources: RFC 9162, c2sp.org/tlog-checkpoint, tlog-cosignature, tlog-proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fanal.errors import VerificationError
from fanal.i18n import _, say, translate
from fanal.keys.merkle import leaf_hash
from fanal.keys.trust import Directory
from fanal.proof import checkpoint as checkpoints
from fanal.proof import note as notes
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.evidence import layout
from fanal.proof.evidence.documents import anchors, log_keys, witnesses
from fanal.proof.evidence.errors import BUNDLE_CHANGED, BUNDLE_MISMATCH
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.items import Shown
from fanal.proof.evidence.layout import Log
from fanal.proof.evidence.told import moment
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.proof.quorum import Quorum, count, needed
from fanal.proof.tree import verify_consistency, verify_inclusion
from fanal.v1.identity_pb2 import KeyUse

_NO_KEY = _("No good key of {agency} for log {origin} is in the bundle.")
_FEW = _("Only {found} of {expected} witnesses have cosigned a checkpoint with this notice under it.")
_NO_ANCHOR = _("The checkpoint carries no post-quantum anchor yet.")
_ERASED = _(
    "The prover erased the content on this legal basis and has no key to it: it cannot be had from there any "
    "more. That it was signed, sent and received stays proven."
)
_ERASED_PENDING = _(
    "The prover erased the content on this legal basis; the key to copies of its ciphertext is destroyed "
    "later. That it was signed, sent and received stays proven."
)
_REVOKED = _("The author's key has been revoked since, and no witness saw the notice before the cut-off.")
_RETIRED = _("The author's key was retired since, and no witness saw the notice before that.")
_NOT_LISTED = _(
    "An older version made this bundle: an entry of the log, such as an erasure, may have been taken out."
)
_ARRIVED = (LeafType.ENVELOPE_IN, LeafType.RELAY)
_RECEIPTS = (LeafType.RECEIPT_IN, LeafType.RECEIPT_OUT)


@dataclass(frozen=True)
class Proven:
    """A checkpoint that verified, the leaves under it with their indexes, and the quorum."""

    checkpoint: Checkpoint
    leaves: tuple[tuple[int, Leaf], ...]


def check_log(findings: Findings, log: Log, directory: Directory, prover: str) -> Proven | None:
    """Checkpoint, leaves, anchor; None when nothing of the log can be believed."""
    point: Checkpoint | None = None
    with findings.check("log.checkpoint") as step:
        point = _checkpoint(log.checkpoint, directory, prover)
        step.found = f"{point.size} {point.root.hex()}"
    if point is None:
        return None
    leaves: list[tuple[int, Leaf]] = []
    with findings.check("log.inclusion") as step:
        for one in log.leaves:
            leaves.append((one.proof.index, decode(one.data)))
            _same_checkpoint(one.proof.note, log.checkpoint)
            verify_inclusion(leaf_hash(one.data), one.proof.index, point.size, one.proof.path, point.root)
        step.found = str(len(leaves))
    if log.cosigned and log.consistency is not None:
        with findings.check("log.consistency") as step:
            old = _checkpoint(log.cosigned, directory, prover)
            step.found = f"{old.size} -> {point.size}"
            proof = log.consistency
            # A log that the prover began since has another origin and goes on in the same tree.
            if (proof.old, proof.new) != (old.size, point.size):
                raise _mismatch("The consistency proof", old.size, proof.old)
            verify_consistency(old.size, old.root, point.size, point.root, proof.path)
    with findings.check("log.anchor") as step:
        step.found = _anchor(log, directory, prover)
    return Proven(point, tuple(leaves)) if findings.passed("log.inclusion") else None


def check_notice_leaf(
    findings: Findings, proven: Proven, shown: Shown, prover: str, name: str = "log.notice"
) -> int | None:
    """The leaf that logs the notice, or its withdrawal, at the prover: its index."""
    header = shown.received.header
    index: int | None = None
    with findings.check(name) as step:
        kinds = (LeafType.ENVELOPE_OUT,) if prover == header.author else _ARRIVED
        for place, leaf in proven.leaves:
            if leaf.type in kinds and leaf["manifest"] == shown.received.manifest_sha256:
                _same_header(leaf, shown)
                index, step.found = place, _words(leaf)
                break
        else:
            raise _mismatch("The log entry about this notice", shown.received.manifest_sha256.hex(), "-")
    return index


def shown_since(proven: Proven, index: int | None) -> tuple[int, int]:
    """How many entries from the notice's on are in the bundle, and how many the log has up to the last one
    of them, the export."""
    places = [place for place, _leaf in proven.leaves if place >= (index or 0)]
    return len(places), max(places, default=0) - (index or 0) + 1


def check_receipt_leaves(findings: Findings, proven: Proven, digests: Collection[bytes]) -> None:
    """Each receipt that names the notice was logged when it was issued or arrived."""
    logged = {leaf["receipt"] for _place, leaf in proven.leaves if leaf.type in _RECEIPTS}
    if digests:
        with findings.check("log.receipts") as step:
            for digest in sorted(digests):
                if digest not in logged:
                    raise _mismatch("The log entry about a receipt", digest.hex(), "-")
            step.found = str(len(digests))


def check_leaves(findings: Findings, log: Log, expected: str) -> None:
    """No leaf was taken out or put in: an erasure cannot be hidden by who only passes the bundle on."""
    with findings.check("log.leaves") as step:
        if not expected:
            raise Undecided(translate(_NOT_LISTED), needed=False)
        found = layout.leaves_digest(leaf.data for leaf in log.leaves[:-1])
        if found != expected:
            raise VerificationError(BUNDLE_CHANGED, expected=expected, found=found)
        step.found = str(len(log.leaves))


def check_export(findings: Findings, proven: Proven, digest: bytes, shown: Shown) -> None:
    """The prover logged that exactly these files were handed out."""
    with findings.check("log.export") as step:
        exports = [leaf for _place, leaf in proven.leaves if leaf.type is LeafType.EXPORT]
        mine = [leaf for leaf in exports if leaf["envelope"] == shown.received.header.envelope_id]
        for leaf in mine:
            if leaf["file"] == digest:
                step.found = _words(leaf)
                return
        found = _hex(mine[0]["file"]) if mine else "-"
        raise VerificationError(BUNDLE_CHANGED, expected=digest.hex(), found=found)


def check_erasure(findings: Findings, proven: Proven, shown: Shown) -> set[str]:
    """What the log says about the erasure of the content, if anything; on which bases it was erased."""
    bases = set()
    for _place, leaf in proven.leaves:
        if leaf.type is LeafType.ERASURE and leaf["manifest"] == shown.received.manifest_sha256:
            with findings.check("log.erasure") as step:
                step.found = " ".join((_words(leaf), str(leaf["basis"]), str(leaf["state"])))
                step.detail = translate(_ERASED if leaf["state"] == "final" else _ERASED_PENDING)
            bases.add(str(leaf["basis"]))
    return bases


def check_witnesses(
    findings: Findings, log: Log, directory: Directory, prover: str, index: int, shown: Shown
) -> None:
    """The quorum of the newest charter in the bundle, and what it means for a key that is no longer good."""
    times: list[int] = []
    with findings.check("log.cosignatures") as step:
        charter = directory.newest
        wanted = needed(len(charter.members), charter.quorum)
        best = Quorum({}, wanted)
        for note in (log.checkpoint, log.cosigned):
            if note and checkpoints.parse_text(notes.parse(note).text).size > index:
                found = count(note, prover, witnesses(directory), wanted)
                times += found.cosigned.values()
                best = max(best, found, key=lambda one: len(one.cosigned))
        step.expected, step.found = str(wanted), " ".join(sorted(best.cosigned)) or "0"
        if not best.passed:
            detail = say(_FEW, found=len(best.cosigned), expected=wanted)
            raise Undecided(detail, expected=str(wanted), found=step.found)
    with findings.check("notice.key") as step:
        _author_key(directory, shown, prover, times)
        step.found = shown.verified.standing.value


def _author_key(directory: Directory, shown: Shown, prover: str, seen: Iterable[int]) -> None:
    """Current; or retired and logged by its own agency, or seen by a witness before it ended."""
    header = shown.received.header
    key = directory.signing_key(header.author, header.author_key_id, KeyUse.NODE_SIGN)
    earliest = min(seen, default=None)
    if key.cut_off is not None:
        if earliest is None or earliest >= key.cut_off:
            raise Undecided(translate(_REVOKED), expected=str(key.cut_off), found=str(earliest or "-"))
        return
    views = directory.identities(header.author)
    last = max(view.serial for view in views if header.author_key_id in view.keys)
    after = [view.created for view in views if view.serial > last]
    if after and prover != header.author and (earliest is None or earliest > min(after)):
        raise Undecided(translate(_RETIRED), expected=str(min(after)), found=str(earliest or "-"))


def _checkpoint(note: bytes, directory: Directory, prover: str) -> Checkpoint:
    origin = checkpoints.parse_text(notes.parse(note).text).origin
    keys = log_keys(directory, prover, origin)
    if not keys:
        raise Undecided(say(_NO_KEY, agency=prover, origin=origin))
    return checkpoints.verify(note, keys, origin)


def _same_checkpoint(note: bytes, checkpoint: bytes) -> None:
    """A proof carries the bundle's checkpoint, with some of its signature lines."""
    inner, outer = notes.parse(note), notes.parse(checkpoint)
    if inner.text != outer.text or not set(inner.signatures) <= set(outer.signatures):
        raise _mismatch("A proof's checkpoint", outer.text.decode(), inner.text.decode())


def _anchor(log: Log, directory: Directory, prover: str) -> str:
    keys = anchors(directory, prover)
    note = notes.parse(log.checkpoint)
    named = {(line.name, line.key_id) for line in note.signatures}
    present = [key for key in keys if (key.name, key.key_id) in named]
    if not present:
        raise Undecided(translate(_NO_ANCHOR), needed=False)
    notes.verify(note, present)
    return present[0].name


def _same_header(leaf: Leaf, shown: Shown) -> None:
    header = shown.received.header
    for key, expected in (
        ("lane", header.lane),
        ("incarnation", header.incarnation),
        ("seq", header.seq),
        ("envelope", header.envelope_id),
        ("author", header.author),
    ):
        if leaf[key] != expected:
            raise _mismatch("The leaf: " + key, _hex(expected), _hex(leaf[key]))


def _words(leaf: Leaf) -> str:
    """Type and time of a leaf, as on its line."""
    return f"{leaf.type.value} {moment(int(leaf['time'] or 0))}"


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _mismatch(what: str, expected: str | int, found: str | int) -> VerificationError:
    return VerificationError(BUNDLE_MISMATCH, what=what, expected=expected, found=found)
