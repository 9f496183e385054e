# SPDX-License-Identifier: Apache-2.0
"""Audit of a ledger: its leaves in order, against its stored tree nodes and its signed checkpoints.

Promise: whoever changes, drops, adds or reorders a leaf under a checkpoint, signs two roots for one size,
or cuts off leaves that were signed for, makes a check fail; the report names the first bad index. The state
is O(log n) plus the checkpoints fed. Rules of the machine:

- ``feed_checkpoint`` before, between or after the leaves; a checkpoint whose size lies ahead waits for it.
- ``feed`` takes the leaves from index 0 on. After a gap no root can be known, so roots become undecided.
- with ``stored`` (the ledger's own node rows, None where a row is missing) every complete subtree is
  compared, so that a changed leaf is named exactly; without it only the span between two checkpoints is.
- ``finish`` reports what is missing. Leaves after the newest checkpoint are normal while a node runs.

What it cannot know: leaves that no checkpoint covers may be dropped unseen.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fanal.errors import VerificationError
from fanal.i18n import _, translate
from fanal.keys.merkle import leaf_hash
from fanal.proof import checkpoint as checkpoints
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.leaf import decode
from fanal.proof.note import Verifier
from fanal.proof.tree import Frontier, Node

StoredNodes = Callable[[int, int], bytes | None]
"""Reads the node row (level, index) of the ledger under audit; None when there is none."""


class Status(enum.Enum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Check:
    """One line of an audit; ``expected`` and ``found`` tell of the first failure, or count the passes."""

    name: str
    status: Status
    expected: str = ""
    found: str = ""
    detail: str = ""


@dataclass(frozen=True)
class AuditReport:
    """All checks, the size and root of the leaves fed, and the lowest index known to be bad, if any."""

    checks: tuple[Check, ...]
    size: int
    root: bytes
    first_bad: int | None

    @property
    def verdict(self) -> Status:
        """Failed if any check failed, else undecided if any is, else passed."""
        found = {check.status for check in self.checks}
        for status in (Status.FAILED, Status.UNDECIDED):
            if status in found:
                return status
        return Status.PASSED

    def facts(self) -> dict[str, object]:
        """The report as JSON values: the verdict, the checks, and what else is known."""
        names = ("name", "expected", "found", "detail")
        checks = [{n: getattr(c, n) for n in names} | {"status": c.status.value} for c in self.checks]
        return {
            "verdict": self.verdict.value,
            "checks": checks,
            "size": self.size,
            "root": self.root.hex(),
            "first_bad": self.first_bad,
        }


ORDER = "leaves.order"
FORMAT = "leaves.format"
NODES = "tree.nodes"
SIGNATURE = "checkpoints.signature"
ONE_ROOT = "checkpoints.one-root-per-size"
ROOT = "checkpoints.root"
TAIL = "ledger.tail"
COVERED = "ledger.covered"

_GAP = _("Leaves before this point are missing or out of place, so no later root can be known.")
_NODE = _("The stored node (level {level}, index {index}) is not what the leaves give.")
_NODE_MISSING = _("The stored node (level {level}, index {index}) is missing.")
_TWO_ROOTS = _("Two checkpoints of size {size} were signed with different roots: this is proof of a fork.")
_ROOT = _("The leaves do not give the signed root; the first bad leaf is one of {first} to {last}.")
_PAST = _("The checkpoint was given after its leaves, and no stored nodes were given to look back.")
_LOST = _(
    "A checkpoint of size {expected} was signed, but the ledger holds {found} leaves: the rest is lost."
)
_UNSIGNED = _("{count} leaves stand after the newest checkpoint and are not signed for yet.")
_NOTHING_SIGNED = _("No checkpoint covers these leaves: nothing shows that they are the ones first written.")


@dataclass
class _Tally:
    """One check in progress: how often it passed, and its first failure or doubt."""

    passed: int = 0
    worst: Check | None = None

    def note(self, check: Check) -> None:
        if self.worst is None or (check.status is Status.FAILED and self.worst.status is Status.UNDECIDED):
            self.worst = check

    def result(self, name: str) -> Check:
        return self.worst or Check(name, Status.PASSED, found=str(self.passed))


@dataclass
class LedgerAudit:
    """The state machine described above. ``keys`` are all keys the log ``origin`` ever signed with."""

    origin: str
    keys: Iterable[Verifier]
    stored: StoredNodes | None = None
    _frontier: Frontier = field(default_factory=Frontier, init=False)
    _roots: dict[int, list[bytes]] = field(default_factory=dict, init=False)
    _good: set[int] = field(default_factory=set, init=False)
    _broken: bool = field(default=False, init=False)
    _last_changed: int = field(default=-1, init=False)
    _first_bad: int | None = field(default=None, init=False)
    _tallies: dict[str, _Tally] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.keys = tuple(self.keys)
        names = [ORDER, FORMAT, *([NODES] if self.stored else []), SIGNATURE, ONE_ROOT, ROOT]
        self._tallies = {name: _Tally() for name in names}

    def feed(self, index: int, data: bytes) -> None:
        """The next leaf's exact bytes, and the index under which the ledger holds it."""
        self._check_order(index)
        self._check_format(index, data)
        self._frontier, created = self._frontier.append(leaf_hash(data))
        if self.stored and not self._broken:
            self._check_nodes(self.stored, created)
        for root in self._roots.get(self._frontier.size, ()):
            self._check_root(self._frontier.size, root, self._frontier.root())

    def feed_checkpoint(self, note: bytes) -> None:
        """A checkpoint note of this log, as stored or as a peer holds it."""
        try:
            given = checkpoints.verify(note, self.keys, self._origin_of(note))
        except VerificationError as error:
            self._fail(SIGNATURE, error.sentence, error)
            return
        self._tallies[SIGNATURE].passed += 1
        if self._is_new(given):
            self._place(given)

    def _origin_of(self, note: bytes) -> str:
        """A log that was continued under the next number is one tree with the keys of all its names."""
        claimed = note.split(b"\n", 1)[0].decode("utf-8", "replace")
        return claimed if any(key.name == claimed for key in self.keys) else self.origin

    def finish(self, *, tail_must_be_signed: bool = False) -> AuditReport:
        """The report over everything fed; unsigned leaves at the end are a doubt only if asked for."""
        size = self._frontier.size
        checks = [tally.result(name) for name, tally in self._tallies.items()]
        checks += [self._tail_check(size), self._covered_check(size, tail_must_be_signed)]
        return AuditReport(tuple(checks), size, self._frontier.root(), self._first_bad)

    def _check_order(self, index: int) -> None:
        expected = self._frontier.size
        if self._broken:
            return
        if index == expected:
            self._tallies[ORDER].passed += 1
            return
        self._broken = True
        self._note(ORDER, Status.FAILED, str(expected), str(index), translate(_GAP), expected)

    def _check_format(self, index: int, data: bytes) -> None:
        try:
            decode(data)
        except VerificationError as error:
            self._fail(FORMAT, error.sentence, error, index)
        else:
            self._tallies[FORMAT].passed += 1

    def _check_nodes(self, stored: StoredNodes, created: list[Node]) -> None:
        for node in created:
            held = stored(node.level, node.index)
            if held == node.hash:
                self._tallies[NODES].passed += 1
                continue
            # Above level 0 any leaf below the node may be the bad one, unless one is known already.
            first = node.index << node.level
            if self._last_changed >= first:
                return
            self._last_changed = first
            detail = translate(_NODE_MISSING if held is None else _NODE)
            detail = detail.format(level=node.level, index=node.index)
            found = "" if held is None else held.hex()
            self._note(NODES, Status.FAILED, node.hash.hex(), found, detail, first)
            return

    def _is_new(self, given: Checkpoint) -> bool:
        """Whether no checkpoint with this size and root was fed before; another root is a fork."""
        known = self._roots.setdefault(given.size, [])
        if given.root in known:
            return False
        known.append(given.root)
        if len(known) == 1:
            self._tallies[ONE_ROOT].passed += 1
        else:
            detail = translate(_TWO_ROOTS).format(size=given.size)
            self._note(ONE_ROOT, Status.FAILED, known[0].hex(), given.root.hex(), detail)
        return True

    def _place(self, given: Checkpoint) -> None:
        size = self._frontier.size
        if given.size > size:
            return
        root = self._frontier.root() if given.size == size else self._root_from_store(given.size)
        if root is None:
            self._note(ROOT, Status.UNDECIDED, given.root.hex(), "", translate(_PAST))
        else:
            self._check_root(given.size, given.root, root)

    def _root_from_store(self, size: int) -> bytes | None:
        """The root at an earlier size; only nodes that the leaves have confirmed are believed."""
        if size == 0:
            return Frontier().root()
        stored = self.stored
        if stored is None or self._broken or self._tallies[NODES].worst:
            return None
        return Frontier.from_nodes(size, lambda level, index: stored(level, index) or b"").root()

    def _check_root(self, size: int, expected: bytes, found: bytes) -> None:
        if self._broken:
            self._note(ROOT, Status.UNDECIDED, expected.hex(), "", translate(_GAP))
        elif expected == found:
            self._tallies[ROOT].passed += 1
            self._good.add(size)
        else:
            first = max((good for good in self._good if good < size), default=0)
            detail = translate(_ROOT).format(first=first, last=max(first, size - 1))
            accused = None if self._last_changed >= first else first
            self._note(ROOT, Status.FAILED, expected.hex(), found.hex(), detail, accused)

    def _tail_check(self, size: int) -> Check:
        signed = max(self._roots, default=0)
        if signed <= size:
            return Check(TAIL, Status.PASSED, str(signed), str(size))
        self._accuse(size)
        detail = translate(_LOST).format(expected=signed, found=size)
        return Check(TAIL, Status.FAILED, str(signed), str(size), detail)

    def _covered_check(self, size: int, strict: bool) -> Check:
        count = max(0, size - max(self._roots, default=0))
        if count and not self._roots:
            return Check(COVERED, Status.UNDECIDED, str(size), "0", translate(_NOTHING_SIGNED))
        status = Status.UNDECIDED if count and strict else Status.PASSED
        detail = translate(_UNSIGNED).format(count=count) if count else ""
        return Check(COVERED, status, str(size), str(size - count), detail)

    def _fail(self, name: str, detail: str, error: VerificationError, index: int | None = None) -> None:
        facts = error.facts
        expected, found = str(facts.get("expected", "")), str(facts.get("found", ""))
        self._note(name, Status.FAILED, expected, found, detail, index)

    def _note(
        self, name: str, status: Status, expected: str, found: str, detail: str, index: int | None = None
    ) -> None:
        self._tallies[name].note(Check(name, status, expected, found, detail))
        self._accuse(index)

    def _accuse(self, index: int | None) -> None:
        if index is not None and (self._first_bad is None or index < self._first_bad):
            self._first_bad = index
