# SPDX-License-Identifier: Apache-2.0
"""The part of an audit that follows entries: each one's envelope, its leaf, its place in its lane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fanal.envelope import audience as audiences
from fanal.envelope import limits
from fanal.envelope.verify import decode_manifest_only
from fanal.errors import FanalError, VerificationError
from fanal.i18n import _, translate
from fanal.keys import strict
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.node.errors import ROW_MISMATCH
from fanal.node.ledger.ranges import union
from fanal.node.ledger.readonly import LedgerView, Place
from fanal.node.ledger.rows import EntryRow, LaneRow, Range, WrapRow
from fanal.proof.audit import Check, Status
from fanal.proof.leaf import Leaf, LeafType, decode
from fanal.v1.envelope_pb2 import Audience

EntryVerifier = Callable[[EntryRow, Sequence[WrapRow]], None]
"""Raises when a stored entry or one of its wraps is not what was signed."""

SIGNATURES = "entries.signature"
HAVE_LEAF = "entries.leaf"
HAVE_ENTRY = "leaves.entry"
PREDECESSORS = "lanes.predecessors"
HEADS = "lanes.heads"
CHAIN = "lanes.chain"
AUDIENCE = "lanes.audience"

_NO_VERIFIER = _("There is nobody to believe, so no signature was checked.")
_BAD_ENTRY = _("Entry {arrival} (envelope {envelope}): {reason}")
_NO_LEAF = _("Entry {arrival} (envelope {envelope}) has no leaf that says so.")
_NOT_IN_ORDER = _("Entry {arrival} (envelope {envelope}) has leaf {index}, the one before it leaf {before}.")
_NO_ENTRY = _("Leaf {index} tells of manifest {manifest}, which no entry of this ledger names.")
_HEAD = _("The kept head of lane {lane} is not what its entries give: {field}.")
_CHAIN = _("Number {seq} of lane {lane} does not follow the manifest before it.")
_TWICE = _(
    "{agencies} went on twice from one point of a lane ({count}): a restored backup or a copied data folder; "
    "both branches are here"
)
_PREDECESSOR = _("Lane {lane} goes on in a new incarnation after another manifest than the one held there.")

_ENTRY_LEAVES = frozenset({LeafType.ENVELOPE_OUT, LeafType.ENVELOPE_IN, LeafType.RELAY})


class Mismatch(VerificationError):  # noqa: N818
    """A column of a row that is not what the manifest says."""

    def __init__(self, field: str) -> None:
        super().__init__(ROW_MISMATCH, field=field)


def passed(name: str, expected: str = "", found: str = "", detail: str = "") -> Check:
    return Check(name, Status.PASSED, expected, found, detail)


def failed(name: str, expected: str = "", found: str = "", detail: str = "") -> Check:
    return Check(name, Status.FAILED, expected, found, detail)


def undecided(name: str, expected: str = "", found: str = "", detail: str = "") -> Check:
    return Check(name, Status.UNDECIDED, expected, found, detail)


def check_entries(view: LedgerView, verify: EntryVerifier | None) -> list[Check]:
    """Every entry in order of arrival: its signature and hashes, and the leaf that tells of it. Both are
    written in one transaction, so leaves come in the order of their entries."""
    signatures, leaves, count, before = First(SIGNATURES), First(HAVE_LEAF), 0, -1
    for row in view.entries():
        count += 1
        facts: dict[str, str | int] = {"arrival": row.arrival, "envelope": row.envelope_id.hex()}
        if verify is not None:
            signatures.note(_verified(view, row, verify, facts))
        if not _leaf_tells(view, row):
            leaves.note(failed(HAVE_LEAF, detail=translate(_NO_LEAF).format_map(facts)))
            continue
        index = row.leaf or 0
        if index < before:
            detail = translate(_NOT_IN_ORDER).format(index=index, before=before, **facts)
            leaves.note(failed(HAVE_LEAF, str(before), str(index), detail))
        before = index
    if verify is None and count:
        signatures.note(undecided(SIGNATURES, detail=translate(_NO_VERIFIER)))
    return [signatures.result(count), leaves.result(count)]


def check_leaves_have_entries(view: LedgerView, others: Sequence[Callable[[int, Leaf], None]]) -> list[Check]:
    """Every leaf that tells of an envelope: an entry with that manifest names this very leaf. Leaves that
    tell of something else go to each of ``others``; unreadable ones are reported as leaves.format."""
    result, count = First(HAVE_ENTRY), 0
    for index, data in view.leaves():
        try:
            leaf = decode(data)
        except VerificationError:
            continue
        manifest = leaf["manifest"] if leaf.type in _ENTRY_LEAVES else None
        if not isinstance(manifest, bytes):
            for other in others:
                other(index, leaf)
            continue
        count += 1
        if view.leaf_of(manifest) != index:
            detail = translate(_NO_ENTRY).format(index=index, manifest=manifest.hex())
            result.note(failed(HAVE_ENTRY, str(index), str(view.leaf_of(manifest)), detail))
    return [result.result(count)]


def check_lanes(view: LedgerView) -> list[Check]:
    """Every lane: its kept head and holes are those of its entries, and neighbours follow each other."""
    heads, chain, count = First(HEADS), First(CHAIN), 0
    for row, places in view.lanes():
        count += 1
        _follow(row, places, heads, chain)
    return [heads.result(count), chain.result(count)]


def check_predecessors(view: LedgerView) -> list[Check]:
    """Every first number of an incarnation that names a predecessor: the head it names is the one held."""
    result, count = First(PREDECESSORS), 0
    closing: dict[tuple[str, bytes, bytes], int] = {}
    for row in view.firsts():
        try:
            header = decode_manifest_only(row.manifest, row.signature).header
        except VerificationError:
            continue  # reported as entries.signature
        if not header.HasField("predecessor") or not header.predecessor.next:
            continue
        count += 1
        before = header.predecessor
        point = (row.author, row.lane, before.incarnation)
        closing[point] = closing.get(point, 0) + 1
        held = view.at(row.lane, before.incarnation, before.next - 1)
        if held is not None and held != before.head:
            detail = translate(_PREDECESSOR).format(lane=row.lane.hex())
            result.note(failed(PREDECESSORS, before.head.hex(), held.hex(), detail))
    twice = [author for (author, _lane, _incarnation), found in closing.items() if found > 1]
    named = ", ".join(sorted(set(twice)))
    return [result.result(count, translate(_TWICE).format(agencies=named, count=len(twice)) if twice else "")]


def check_audiences(view: LedgerView, network: bytes) -> list[Check]:
    """Every lane: its id is the hash of its author and audience, so that nobody was let in afterwards."""
    result, count = First(AUDIENCE), 0
    for lane in view.audiences():
        count += 1
        try:
            audience = strict.decode(Audience, lane.audience, limits.ENVELOPE)
            audiences.check_lane(lane.lane, network, lane.author, audience)
            if audience.channel != lane.channel:
                raise Mismatch("channel")
        except VerificationError as error:
            result.note(failed(AUDIENCE, detail=f"{lane.lane.hex()}: {error.sentence}"))
    return [result.result(count)]


def _follow(row: LaneRow, places: Iterable[Place], heads: First, chain: First) -> None:
    following, head, holes = 0, b"", list[Range]()
    for place in places:
        if place.seq > following:
            holes.append(Range(following, place.seq))
        elif place.seq and place.previous and place.previous != head:
            detail = translate(_CHAIN).format(seq=place.seq, lane=row.lane.hex())
            chain.note(failed(CHAIN, head.hex(), place.previous.hex(), detail))
        following, head = place.seq + 1, place.manifest_sha256
    above = union((max(start, row.floor), stop) for start, stop in holes)
    for field, kept, found in (
        ("next", str(row.next), str(following)),
        ("head", row.head.hex(), head.hex()),
        ("holes", str([tuple(hole) for hole in row.holes]), str([tuple(hole) for hole in above])),
    ):
        if kept != found:
            detail = translate(_HEAD).format(lane=row.lane.hex(), field=field)
            heads.note(failed(HEADS, found, kept, detail))


def _verified(
    view: LedgerView, row: EntryRow, verify: EntryVerifier, facts: dict[str, str | int]
) -> Check | None:
    try:
        verify(row, view.wraps(row.arrival))
    except (UnknownCharter, UnknownIdentity) as error:
        return undecided(SIGNATURES, detail=translate(_BAD_ENTRY).format(**facts, reason=error.sentence))
    except FanalError as error:
        expected, found = str(error.facts.get("expected", "")), str(error.facts.get("found", ""))
        detail = translate(_BAD_ENTRY).format(**facts, reason=error.sentence)
        return failed(SIGNATURES, expected, found, detail)
    return None


def _leaf_tells(view: LedgerView, row: EntryRow) -> bool:
    data = view.leaf(row.leaf) if row.leaf is not None else None
    if data is None:
        return False
    try:
        leaf = decode(data)
    except VerificationError:
        return False
    if leaf.type not in _ENTRY_LEAVES:
        return False
    # Who brought it and when: "" and the time of sending for an own one.
    brought = "" if leaf.type is LeafType.ENVELOPE_OUT else leaf["peer"]
    if (brought, leaf["time"]) != (row.source, row.arrived):
        return False
    return (leaf["manifest"], leaf["envelope"]) == (row.manifest_sha256, row.envelope_id) and (
        leaf["lane"],
        leaf["incarnation"],
        leaf["seq"],
        leaf["author"],
    ) == (row.lane, row.incarnation, row.seq, row.author)


class First:
    """The first failure of one check, or else the first doubt."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._worst: Check | None = None

    def note(self, check: Check | None) -> None:
        if check is None or (self._worst is not None and self._worst.status is Status.FAILED):
            return
        if self._worst is None or check.status is Status.FAILED:
            self._worst = check

    def result(self, count: int, detail: str = "") -> Check:
        return self._worst or passed(self._name, found=str(count), detail=detail)
