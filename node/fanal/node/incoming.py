# SPDX-License-Identifier: Apache-2.0
"""The story of what arrives, from a peer's bytes to a receipt.

    bound -> decode -> verify -> policy -> quota -> append -> forward           `receive`, here
    -> open -> validate -> inbox -> receipt                                     `opening.open_arrived`
    -> chains, forks, own entries that came back                               `judging.judge`

Nothing unverified is stored, nothing is acknowledged before its commit, and what a crash interrupts after it
is taken up again: opening reads the ledger from the vault's own cursor, judging from one in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fanal.envelope.errors import Step
from fanal.envelope.trust import Standing
from fanal.envelope.verify import Verified, verify_wrap
from fanal.errors import FanalError, VerificationError
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.node import failpoints
from fanal.node.arrival import offered
from fanal.node.damage import soundwraps
from fanal.node.errors import WRAP_WITHOUT_KEY
from fanal.node.forks import kept as kept_forks
from fanal.node.forks.kept import Known
from fanal.node.gossip.entitlement import may_hold, readers_of
from fanal.node.gossip.events import EntryMeta, Place, WrapMeta
from fanal.node.inbox import unseen
from fanal.node.lanes.leaves import entry_leaf, incident_leaf, refusal_leaf
from fanal.node.lanes.rows import (
    attachments_of,
    lane_of,
    meta_of,
    place_of,
    row_of,
    successor_of,
    view_of,
)
from fanal.node.ledger.interface import ForkFound
from fanal.node.ledger.rows import Appended, AttachmentRow, Batch, EntryRow, Fork, LeafRow, WrapRow
from fanal.node.quotas import asking
from fanal.node.quotas.errors import FLASH_DEMOTED
from fanal.node.quotas.quotas import Charge, Over
from fanal.proof.leaf import LeafType
from fanal.v1.envelope_pb2 import EnvelopeClass, WrapProof

if TYPE_CHECKING:
    from fanal.node.node import Node

REFUSED = "refused"
"""What a peer is told of every failure after the signature: it learns nothing from the difference."""
NOT_ENTITLED = "not-entitled"


@dataclass
class Outcome:
    """What became of one delivery: what to acknowledge, what to refuse, and what to fetch first."""

    entries: tuple[EntryMeta, ...] = ()
    known: tuple[Place, ...] = ()
    held: tuple[EntryMeta, ...] = ()
    """Of what the ledger had before: gossip may not have heard of it, if its commit lost its answer."""
    wraps: tuple[WrapMeta, ...] = ()
    refused: list[tuple[Place, str]] = field(default_factory=list)
    deferred: list[tuple[Place, Over]] = field(default_factory=list)
    """Over a quota of their author: not stored, not acknowledged, asked for again later. No strike."""
    missing_charter: bool = False
    missing_agencies: set[str] = field(default_factory=set)
    attached: bool = False
    """Something came with attachments, which are fetched after it."""
    whole: tuple[bytes, ...] = ()
    """Attachments of which a courier file brought the last piece."""
    strikes: list[FanalError] = field(default_factory=list)
    """Garbage and bad signatures; they count against the link."""
    forks: list[Known] = field(default_factory=list)
    """Proofs of forks that are new here: everybody is told. More may come of what is judged afterwards."""
    mended: bool = False
    """A good copy has replaced a damaged entry: what could not be opened is tried again."""
    branches: list[tuple[str, Place]] = field(default_factory=list)
    """Whom to ask for the other branch of a fork, and at which places."""

    def told(self, unheard: tuple[EntryMeta, ...]) -> tuple[tuple[EntryMeta, ...], tuple[Place, ...]]:
        """What is news to gossip, of which ``unheard`` was here before, and what it knew."""
        places = {one.place for one in unheard}
        return self.entries + unheard, tuple(place for place in self.known if place not in places)


def receive(node: Node, peer: str, envelopes: Sequence[bytes], wraps: Iterable[WrapProof] = ()) -> Outcome:
    """Take what ``peer`` delivers, up to the commit. Raises FanalError only when the ledger cannot store:
    then nothing was taken and nothing may be acknowledged."""
    outcome = Outcome()
    charges: list[Charge] = []
    try:
        _take(node, peer, envelopes, wraps, outcome, charges)
    finally:
        node.quotas.give_back(charges)
    _log_refusals(node, peer, outcome)
    return outcome


def _take(
    node: Node,
    peer: str,
    envelopes: Sequence[bytes],
    wraps: Iterable[WrapProof],
    outcome: Outcome,
    charges: list[Charge],
) -> None:
    """``charges``, at any end of this, are those of what was not stored."""
    admitted: list[Verified] = []
    copies: list[Verified] = []
    seen = asking.Seen()
    for raw in envelopes:
        found = _admit(node, raw, outcome)
        if found is None or _reuses_an_id(node, found, admitted, outcome):
            continue
        if node.damage.expected(_place(found)) is not None:
            copies.append(found)  # it was charged when it first came
            continue
        charge = _charge(node, found, seen)
        if isinstance(charge, Over):
            outcome.deferred.append((_place(found), charge))
            continue
        admitted.append(found)
        charges.append(charge)
    if copies:
        _mend(node, copies, outcome)
    proofs = _wrap_rows(node, admitted, wraps, outcome)
    if admitted or proofs:
        _store(node, peer, admitted, proofs, outcome, charges)


def places_of(envelopes: Iterable[bytes]) -> Iterator[Place]:
    """Where readable envelopes say that they stand; of those that are not, nothing."""
    for raw in envelopes:
        try:
            header = offered.decode(raw).header
        except VerificationError:
            continue
        yield Place(header.lane, header.incarnation, header.seq)


def _admit(node: Node, raw: bytes, outcome: Outcome) -> Verified | None:
    """Bound, decode, verify, policy; None when it is not taken, with the reason in ``outcome``."""
    try:
        received = offered.decode(raw)
    except VerificationError as error:
        outcome.strikes.append(error)
        return None
    place = Place(received.header.lane, received.header.incarnation, received.header.seq)
    wanted = node.damage.expected(place)
    row = node.ledger.entries.get(manifest_sha256=received.manifest_sha256) if wanted is None else None
    if row is not None:
        outcome.known += (place,)
        outcome.held += (meta_of(received, row),)
        return None
    if wanted is not None and wanted != received.manifest_sha256:
        outcome.refused.append((place, REFUSED))
        return None
    if node.draining and received.header.envelope_class == EnvelopeClass.NOTICE:
        return None  # not acknowledged, so the peer keeps it and offers it again on the next link
    try:
        verified = offered.verify(received, node)
    except UnknownCharter:
        outcome.missing_charter = True
    except UnknownIdentity:
        outcome.missing_agencies.add(received.header.author)
    except VerificationError as error:
        if error.facts.get("step") == Step.SIGNATURE:
            outcome.strikes.append(error)
        outcome.refused.append((place, REFUSED))
    else:
        if not _may_keep(node, verified):
            outcome.refused.append((place, NOT_ENTITLED))
        elif offered.final(node, verified):
            return verified
        else:
            outcome.refused.append((place, offered.NOT_FINAL))
    return None


def _reuses_an_id(node: Node, verified: Verified, admitted: Sequence[Verified], outcome: Outcome) -> bool:
    """Whether its author signed an id for a second place. Refused here, alone: the ledger would refuse the
    whole delivery, and with it what others sent. Two envelopes at one place are a fork, and kept as proof."""
    header, place = verified.header, _place(verified)
    known = node.ledger.entries.get(envelope_id=header.envelope_id, author=header.author)
    places = [place_of(known)] if known is not None else []
    key = (header.author, header.envelope_id)
    places += [_place(one) for one in admitted if (one.header.author, one.header.envelope_id) == key]
    if not places or place in places or node.ledger.entries.at(*place) is not None:
        return False
    outcome.refused.append((place, REFUSED))
    return True


def _charge(node: Node, verified: Verified, seen: asking.Seen) -> Charge | Over:
    """Count it against its author's quotas, before anything of it is stored."""
    row = row_of(verified.received, "", node.now)
    found = asking.admit(node, row, verified.header, seen)
    if isinstance(found, Charge) and found.demoted:
        most = node.settings.limits.flash_per_hour
        node.conduct.note(row.author, FanalError(FLASH_DEMOTED, author=row.author, most=most), node.now)
    return found


def _place(verified: Verified) -> Place:
    return Place(verified.header.lane, verified.header.incarnation, verified.header.seq)


def _may_keep(node: Node, verified: Verified) -> bool:
    """A node keeps the lanes it may read or relay, of authors who are members; nothing else."""
    if verified.standing is Standing.REMOVED:
        return False
    return may_hold(node.agency, view_of(verified.received), node.roster())


def _wrap_rows(
    node: Node, admitted: Sequence[Verified], proofs: Iterable[WrapProof], outcome: Outcome
) -> list[WrapRow]:
    """The wraps that a signed KEY envelope, here or in the ledger, holds for one of its readers."""
    keys = {verified.manifest_sha256: verified for verified in admitted if verified.received.is_key}
    rows = []
    for proof in proofs:
        manifest = proof.key_manifest_sha256
        try:
            verified = keys.get(manifest) or _stored_key(node, manifest)
            if verified is None:
                continue
            keys[manifest] = verified
            wrap = verify_wrap(verified, proof)
        except FanalError as error:
            outcome.strikes.append(error)
            continue
        rows.append(WrapRow(manifest, proof.index, wrap.recipient, proof.wrap, tuple(proof.path)))
    return rows


def _stored_key(node: Node, manifest_sha256: bytes) -> Verified | None:
    row = node.ledger.entries.get(manifest_sha256=manifest_sha256)
    return None if row is None else offered.stored(node, row)


def _store(
    node: Node,
    peer: str,
    admitted: Sequence[Verified],
    proofs: Sequence[WrapRow],
    outcome: Outcome,
    charges: list[Charge],
) -> None:
    """One transaction for the whole delivery."""
    node.judged.begin()
    now = node.now  # once: the clock may jump, and the leaf says when the entry came
    kept = [offered.kept(node, row_of(verified.received, peer, now)) for verified in admitted]
    rows = tuple(row for row, _ in kept)
    batch = Batch(
        lanes=tuple({v.header.lane: lane_of(v.header) for v in admitted}.values()),
        entries=rows,
        wraps=tuple(proofs),
        dropped_wraps=soundwraps.replaced(node, proofs),
        attached=tuple(_attached(node, rows)),
        leaves=tuple(_leaf(node, peer, verified, entry, now) for entry, verified in enumerate(admitted)),
        successors=tuple(filter(None, (successor_of(one.header) for one in admitted))),
        held=offered.never_held(rows),
        erased=tuple(erasure for _, erasures in kept for erasure in erasures),
        meta=(
            *node.quotas.rows(charge.author for charge in charges),
            *((unseen.mark(node.found),) if node.locked else ()),
        ),
    )
    failpoints.hit("incoming.before-append")
    appended = _append(node, peer, batch)
    failpoints.hit("incoming.after-append")
    counted = tuple(charges)
    charges[:] = [charge for charge, new in zip(counted, appended.stored, strict=True) if not new]
    metas = [_meta(*one) for one in zip(admitted, rows, counted, strict=True)]
    in_lane = [arrival > 0 for arrival in appended.arrivals]
    outcome.entries += tuple(m for m, fresh in zip(metas, appended.fresh, strict=True) if fresh)
    outcome.known += tuple(
        place_of(row)
        for row, new, lies in zip(rows, appended.fresh, in_lane, strict=True)
        if lies and not new
    )
    outcome.refused += [(place_of(r), REFUSED) for r, kept in zip(rows, in_lane, strict=True) if not kept]
    outcome.wraps = _wrap_metas(node, admitted, proofs)
    outcome.attached = bool(batch.attached)
    outcome.forks = kept_forks.of_entries(node, appended.forks)
    outcome.branches = [(peer, place) for place in _before(appended.forks, outcome.forks)]


def _attached(node: Node, rows: Sequence[EntryRow]) -> Iterator[AttachmentRow]:
    """What came with content that is kept. A file may be here already, with a notice that was restated."""
    for row in rows:
        for name in attachments_of(row) if row.body is not None else ():
            yield AttachmentRow(name, row.manifest_sha256, node.attachments.whole(name))


def _meta(verified: Verified, row: EntryRow, charge: Charge) -> EntryMeta:
    """For gossip and receipts: an alert over its author's quota is treated as ROUTINE from here on."""
    meta = meta_of(verified.received, row)
    return replace(meta, priority=asking.meta_priority(meta.priority, charge))


def _mend(node: Node, copies: Sequence[Verified], outcome: Outcome) -> None:
    """Good copies of damaged entries, in their places; from now on they are held, served and opened again."""
    rows = [offered.kept(node, row_of(one.received, "", node.now))[0] for one in copies]
    leaves = tuple(incident_leaf("entry-mended", node.now, r.author, r.manifest_sha256) for r in rows)
    node.ledger.append(Batch(mended=tuple(rows), leaves=leaves))
    for one in copies:
        node.damage.mended(_place(one))
    outcome.entries += tuple(meta_of(one.received, row) for one, row in zip(copies, rows, strict=True))
    outcome.mended = True


def _append(node: Node, peer: str, batch: Batch) -> Appended:
    """Append; a fork is kept as proof, and the rest counts.

    A KEY envelope that forks is not in its lane, so its wraps have nothing to hang on: they are left out.
    """
    try:
        return node.ledger.append(batch)
    except FanalError as error:
        if error.kind is WRAP_WITHOUT_KEY and batch.entries:
            return _append(node, peer, replace(batch, wraps=()))
        if not isinstance(error, ForkFound):
            raise
        return error.appended


def _before(found: Sequence[Fork], proven: Sequence[Known]) -> Iterator[Place]:
    """Towards where two branches part, while that gives new proofs."""
    new = {(one.where, one.incarnation, one.number) for one in proven}
    for fork in found:
        row = fork.offered
        place = (row.lane.hex(), row.incarnation.hex(), row.seq)
        if row.seq and row.previous != fork.kept.previous and place in new:
            yield Place(row.lane, row.incarnation, row.seq - 1)


def _leaf(node: Node, peer: str, verified: Verified, entry: int, now: int) -> LeafRow:
    reads = node.agency in readers_of(view_of(verified.received), node.roster())
    kind = LeafType.ENVELOPE_IN if reads else LeafType.RELAY
    return entry_leaf(kind, verified.received, peer, now, entry)


def _wrap_metas(node: Node, admitted: Sequence[Verified], proofs: Sequence[WrapRow]) -> tuple[WrapMeta, ...]:
    lanes = {verified.manifest_sha256: verified.header.lane for verified in admitted}
    metas = []
    for row in proofs:
        manifest = row.key_manifest_sha256
        entry = None if manifest in lanes else node.ledger.entries.get(manifest_sha256=manifest)
        lane = lanes.get(manifest) or (entry.lane if entry else b"")
        metas.append(WrapMeta(manifest, lane, row.recipient))
    return tuple(metas)


def _log_refusals(node: Node, peer: str, outcome: Outcome) -> None:
    """One leaf per peer and cause, however often it is repeated."""
    codes = {error.kind.id.lower() for error in outcome.strikes} | {reason for _, reason in outcome.refused}
    if codes:
        leaves = tuple(refusal_leaf(code, node.now, peer=peer) for code in sorted(codes))
        node.ledger.append(Batch(leaves=leaves))
