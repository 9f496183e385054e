# SPDX-License-Identifier: Apache-2.0
"""``fanal audit compare``: one log seen twice, or two agencies' ledgers against each other.

Of one log: same size and another root is a fork; of two sizes the larger one's leaves must give the smaller
one's root. Of two agencies: what one says it sent against what the other logged, receipts on both sides, and
the heads that each holds of the other's log. What has not arrived yet is no lie: it is named and undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fanal.errors import VerificationError
from fanal.i18n import _, say, translate
from fanal.node.auditing.leaves import bytes_of, facts, number_of, value_of
from fanal.node.auditing.views import Side, signed
from fanal.node.ledger.audit_entries import failed, passed, undecided
from fanal.node.ledger.audit_trust import NONSENSE
from fanal.node.ledger.readonly import LedgerView
from fanal.proof.audit import Check, Status
from fanal.proof.leaf import Leaf, LeafType
from fanal.proof.leaf_forms import Value

NETWORK = "network"
READABLE = "database.readable"
SIGNED = "compare.signature"
ONE_LOG = "compare.one-log"
ENTRIES = "compare.entries"
RECEIPTS = "compare.receipts"
HEADS = "compare.heads"
BEYOND = "beyond-the-copy"
"""One holds what the other's copy does not reach: the copy is older, or its end was cut off."""
_MOST = 1000

_OTHER_NETWORK = _("The two ledgers are of different networks.")
_NO_KEY = _("No identity document at hand names the key of this log; name a ledger that holds it.")
_FORK = _("Size {size} has two roots: this log was forked or rewritten.")
_NO_LEAVES = _("The leaves of neither side reach from the smaller size to the larger one.")
_STATES = _("{count} states of the log lie on one way")
_ENTRIES = _("{count} envelopes are the same at both")
_RECEIPTS = _("{count} receipts are told alike by both")
_HEADS = _("{count} states of the log of {owner} that {holder} holds lie on the way of that log")
_DIFFER = _("{count} differences, listed below")
_LATE = _("{count} had not arrived when a copy was made, or were cut off; take fresh copies; listed below")
_NOTHING = _("The two have no log, lane or receipt in common that could be compared.")


@dataclass(frozen=True)
class Difference:
    """``what`` is a token, ``where`` the ids or numbers that name it; ``wrong``: no delay explains it."""

    what: str
    where: str
    wrong: bool


@dataclass
class Comparison:
    """The checks and every difference, at most a thousand of them."""

    checks: list[Check] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def verdict(self) -> Status:
        found = {check.status for check in self.checks}
        return next((one for one in (Status.FAILED, Status.UNDECIDED) if one in found), Status.PASSED)

    def judge(self, name: str, found: list[Difference], count: int, agreed: str, **who: str) -> None:
        """One check over these differences; ``count`` things agreed, and ``agreed`` tells of what."""
        self.differences += found[: max(0, _MOST - len(self.differences))]
        wrong = sum(one.wrong for one in found)
        if wrong:
            self.checks.append(failed(name, "0", str(wrong), translate(_DIFFER).format(count=wrong)))
        elif found:
            late = translate(_LATE).format(count=len(found))
            self.checks.append(undecided(name, "0", str(len(found)), late))
        else:
            self.checks.append(passed(name, found=str(count), detail=say(agreed, count=count, **who)))


def compare(a: Side, b: Side) -> Comparison:
    """Compare two sides. Never raises for what they hold."""
    result = Comparison()
    try:
        _compare(a, b, result)
    except NONSENSE as error:
        result.checks.append(failed(READABLE, detail=str(error)))
    return result


def _compare(a: Side, b: Side, result: Comparison) -> None:
    _networks(a, b, result)
    if a.origins & b.origins or (a.agency and a.agency == b.agency):
        _one_log(a, b, result)
    elif a.view is not None and b.view is not None:
        _two_agencies(a, b, result)
    else:
        _heads_of(a, b, result)
        _heads_of(b, a, result)
    if all(check.name == NETWORK for check in result.checks):
        result.checks.append(undecided(ONE_LOG, detail=translate(_NOTHING)))


def _networks(a: Side, b: Side, result: Comparison) -> None:
    found = [side.trusted.network for side in (a, b) if side.trusted is not None and side.trusted.network]
    if len(found) == 2:
        same = found[0] == found[1]
        check = passed(NETWORK, found[0].hex(), found[1].hex())
        result.checks.append(
            check if same else failed(NETWORK, found[0].hex(), found[1].hex(), translate(_OTHER_NETWORK))
        )


def _one_log(a: Side, b: Side, result: Comparison) -> None:
    _signatures(a, b, result)
    points = [point for side in (a, b) for point, _note in side.points]
    sizes = {point.size for point in points}
    known: dict[int, bytes] = {}
    found: list[Difference] = []
    for size, root in (
        *((point.size, point.root) for point in points),
        *a.roots(sizes).items(),
        *b.roots(sizes).items(),
    ):
        if known.setdefault(size, root) != root:
            found.append(Difference("two-roots", translate(_FORK).format(size=size), True))
    found += _leaves_differ(a, b)
    # Without leaves two different sizes cannot be led to each other.
    bare = a.view is None and b.view is None and len(sizes) > 1
    behind = [s for s in (a, b) if s.view is not None and s.size < max(sizes, default=0)]
    other = [s for s in (a, b) if s.view is not None and s.size >= max(sizes, default=0)]
    if not found and (bare or (behind and not other)):
        result.checks.append(undecided(ONE_LOG, detail=translate(_NO_LEAVES)))
        return
    result.judge(ONE_LOG, _once(found), len(sizes), _STATES)


def _once(found: list[Difference]) -> list[Difference]:
    return list(dict.fromkeys(found))


def _leaves_differ(a: Side, b: Side) -> list[Difference]:
    """The first leaf that two copies of one log do not share."""
    if a.view is None or b.view is None:
        return []
    for (index, one), (_index, other) in zip(a.view.leaves(), b.view.leaves(), strict=False):
        if one != other:
            return [Difference("leaf-differs", str(index), True)]
    return []


def _signatures(a: Side, b: Side, result: Comparison) -> None:
    """The lone checkpoints; those in a ledger are checked by ``audit verify``."""
    directories = [s.trusted.directory for s in (a, b) if s.trusted is not None and s.trusted.directory]
    for side in (a, b):
        if side.view is not None:
            continue
        for point, note in side.points:
            try:
                good = signed(note, point, directories)
            except VerificationError as error:
                result.checks.append(failed(SIGNED, point.origin, side.name, error.sentence))
                continue
            doubt = undecided(SIGNED, point.origin, side.name, translate(_NO_KEY))
            result.checks.append(passed(SIGNED, point.origin, side.name) if good else doubt)


def _two_agencies(a: Side, b: Side, result: Comparison) -> None:
    sent = [*_entries(a, b), *_entries(b, a)]
    result.judge(ENTRIES, [one for one in sent if one is not None], sent.count(None), _ENTRIES)
    told = [*_receipts(a, b), *_receipts(b, a)]
    result.judge(RECEIPTS, [one for one in told if one is not None], told.count(None), _RECEIPTS)
    _heads_of(a, b, result)
    _heads_of(b, a, result)


def _entries(mine: Side, other: Side) -> Iterator[Difference | None]:
    """What ``mine`` authored: as ``other`` holds it. None for each that agrees."""
    assert mine.view is not None
    assert other.view is not None
    following = {(row.lane, row.incarnation): row.next for row, _places in mine.view.lanes()}
    for place, manifest in _authored(other.view, mine.agency):
        held = mine.view.at(*place)
        if held == manifest:
            yield None
            continue
        where = f"{mine.agency} {_place(place)}"
        if held is not None:
            yield Difference("two-manifests-at-one-place", where, True)
        elif place[2] < following.get(place[:2], 0):
            yield Difference("missing-at-its-author", where, True)
        else:
            yield Difference(BEYOND, where, False)
    for place, _manifest in _sent_to(mine.view, mine.agency, other.agency):
        if other.view.at(*place) is None:
            yield Difference("not-arrived", f"{mine.agency} -> {other.agency} {_place(place)}", False)


Place = tuple[bytes, bytes, int]


def _place(place: Place) -> str:
    return f"{place[0].hex()[:16]} {place[1].hex()[:8]} {place[2]}"


def _authored(view: LedgerView, author: str) -> Iterator[tuple[Place, bytes]]:
    for row in view.entries():
        if row.author == author:
            yield (row.lane, row.incarnation, row.seq), row.manifest_sha256


def _sent_to(view: LedgerView, author: str, reader: str) -> Iterator[tuple[Place, bytes]]:
    """Own entries of lanes whose explicit audience names the reader; a channel's readers change with the
    charter, so nobody is accused over it."""
    for row in view.entries():
        told = view.told(row.envelope_id, author) if row.author == author else None
        if told is not None and reader.encode() in told[2]:
            yield (row.lane, row.incarnation, row.seq), row.manifest_sha256


Receipt = tuple[Value, ...]
_RECEIPT = ("kind", "lane", "incarnation", "first", "last", "receipt", "envelope")


def _receipts(teller: Side, told: Side) -> Iterator[Difference | None]:
    """What ``teller`` logged as answered to ``told``, and what ``told`` logged as heard from it."""
    assert teller.view is not None
    assert told.view is not None
    out = set(_logged(teller.view, LeafType.RECEIPT_OUT, told.agency))
    heard = set(_logged(told.view, LeafType.RECEIPT_IN, teller.agency))
    for _both in out & heard:
        yield None
    for receipt in _sorted(heard - out):
        known = isinstance(receipt[-1], bytes) and teller.view.told(receipt[-1], teller.agency) is not None
        what = "receipt-nobody-gave" if known else BEYOND
        yield Difference(what, f"{teller.agency} -> {told.agency} {_named(receipt)}", known)
    for receipt in _sorted(out - heard):
        yield Difference("receipt-not-arrived", f"{teller.agency} -> {told.agency} {_named(receipt)}", False)


def _logged(view: LedgerView, kind: LeafType, peer: str) -> Iterator[Receipt]:
    for _index, leaf in facts(view):
        if leaf.type is kind and value_of(leaf, "peer") == peer:
            yield tuple(leaf[key] for key in _RECEIPT)


def _sorted(receipts: set[Receipt]) -> list[Receipt]:
    return sorted(receipts, key=repr)


def _named(receipt: Receipt) -> str:
    kind, lane, _incarnation, first, last, _receipt, envelope = receipt
    shown = lane.hex()[:16] if isinstance(lane, bytes) else ""
    carrier = envelope.hex() if isinstance(envelope, bytes) else ""
    words = kind if isinstance(kind, str) else ""
    numbers = f"{int(first or 0)}..{int(last or 0)}"
    return f"{words} {shown} {numbers} in {carrier}"


def _heads_of(holder: Side, owner: Side, result: Comparison) -> None:
    """Heads of ``owner``'s log that ``holder`` logged or holds, against the owner's leaves."""
    if holder.view is None or owner.view is None or not owner.agency:
        return
    heads = dict(_held_heads(holder.view, owner))
    roots = owner.roots({size for size, _root in heads})
    found = []
    for size, root in heads:
        where = f"{owner.agency} {size} {root.hex()}"
        if size > owner.size:
            found.append(Difference(BEYOND, where, False))
        elif size in roots and roots[size] != root:
            found.append(Difference("two-roots", where, True))
    result.judge(HEADS, found, len(heads), _HEADS, holder=holder.agency or "-", owner=owner.agency)


def _held_heads(view: LedgerView, owner: Side) -> Iterator[tuple[tuple[int, bytes], None]]:
    for row in view.peer_checkpoints():
        if row.agency == owner.agency and row.origin in owner.origins:
            yield (row.size, row.root), None
    for _index, leaf in facts(view):
        if _is_head(leaf, owner):
            yield (number_of(leaf, "size"), bytes_of(leaf, "root")), None


def _is_head(leaf: Leaf, owner: Side) -> bool:
    if leaf.type is not LeafType.PEER_CHECKPOINT or leaf["peer"] != owner.agency:
        return False
    name = f"/log{number_of(leaf, 'log')}"
    return any(origin.endswith(name) for origin in owner.origins)
