# SPDX-License-Identifier: Apache-2.0
"""``fanal audit verify`` on a data folder: database, leaves, tree, checkpoints, envelopes, lanes and marker.

Promise: read-only, no node and no secret needed, also while the node runs; a check that cannot be made says
so and is never passed; the report names the first bad leaf. ``PRAGMA integrity_check`` misses most changes of
content and the hashes miss index pages, so both are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from fanal.i18n import _, translate
from fanal.node.ledger.audit_attachments import FILES, check_attachments
from fanal.node.ledger.audit_claims import MATCHED, Claims
from fanal.node.ledger.audit_entries import (
    EntryVerifier,
    check_audiences,
    check_entries,
    check_lanes,
    check_leaves_have_entries,
    check_predecessors,
    failed,
    passed,
    undecided,
)
from fanal.node.ledger.audit_facts import LeafFacts
from fanal.node.ledger.audit_heads import HEADS as HEADS_OF_PEERS
from fanal.node.ledger.audit_heads import INCARNATIONS, check_incarnations, check_peer_heads
from fanal.node.ledger.audit_trust import NONSENSE, Trusted, trust_of
from fanal.node.ledger.audit_witnesses import (
    ANCHORED,
    COSIGNED,
    FORKS,
    check_anchored,
    check_cosigned,
    check_forks,
)
from fanal.node.ledger.readonly import LedgerView, open_readonly
from fanal.proof import note as notes
from fanal.proof.audit import AuditReport, Check, LedgerAudit
from fanal.proof.checkpoint import parse_text

INTEGRITY = "database.integrity"
REFERENCES = "database.references"
READABLE = "database.readable"
KEY = "checkpoints.key"
ROW = "checkpoints.row"
MARK = "marker"
BEYOND = "tree.beyond"
_SHOWN = 3

_NO_KEY = _("No identity document of {agency} here names a key for its log.")
_OTHER_ROW = _("The row of the checkpoint of size {size} says another size or root than its signed text.")
_NODES = _("Nodes of the tree stand for leaves from {size} on, which are not here: the end was cut off.")
_NO_MARK = _("There is no readable marker beside the database.")
_OTHER = _("The marker is of an incarnation that the database does not know: one of them was restored.")
_BEHIND = _("The marker knows more than the database: the database was rolled back or copied.")


def audit_folder(
    folder: Path,
    *,
    agency: str = "",
    network: bytes | None = None,
    verify_entry: EntryVerifier | None = None,
) -> AuditReport:
    """Every check on the ledger in ``folder``.

    ``agency``: whose ledger it should be, else the one that its checkpoints name. ``network``: the id the
    auditor brings (32 bytes); without it the check of the network is undecided. ``verify_entry`` replaces
    the check of one envelope. Raises FanalError when there is no ledger that can be read at all.
    """
    view = open_readonly(folder)
    try:
        return audit_view(view, agency=agency, network=network, verify_entry=verify_entry)
    finally:
        view.close()


def audit_view(
    view: LedgerView,
    *,
    agency: str = "",
    network: bytes | None = None,
    verify_entry: EntryVerifier | None = None,
) -> AuditReport:
    """Every check on one state of a ledger: of a data folder, or of an export. As ``audit_folder``."""
    checks = [] if view.bodiless else _guarded(lambda: [*_database(view), _beyond(view)], INTEGRITY)
    checks += _guarded(lambda: [_rows(view)], ROW)
    trusted = trust_of(view, agency, network)
    checks += trusted.checks
    report = _log(view, trusted)
    verifier = verify_entry or trusted.verify_entry
    checks += _guarded(lambda: check_entries(view, verifier), READABLE)
    facts, claims = LeafFacts(view, trusted.agency), Claims(view, trusted.agency)
    fed = (facts.feed,) if view.bodiless else (facts.feed, claims.feed)
    checks += _guarded(lambda: check_leaves_have_entries(view, fed), READABLE)
    checks += _guarded(facts.results, READABLE)
    checks += [] if view.bodiless else _guarded(lambda: [claims.result()], MATCHED)
    checks += [] if view.bodiless else _guarded(lambda: [check_attachments(view)], FILES)
    checks += _guarded(lambda: check_lanes(view), READABLE)
    checks += _guarded(lambda: check_predecessors(view), READABLE)
    checks += _guarded(lambda: [check_forks(view, trusted)], FORKS)
    checks += _guarded(lambda: [check_cosigned(view, trusted)], COSIGNED)
    checks += _guarded(lambda: [check_anchored(view, trusted)], ANCHORED)
    if trusted.network:
        checks += _guarded(lambda: check_audiences(view, trusted.network), READABLE)
    checks += _guarded(lambda: [check_incarnations(view, trusted.agency)], INCARNATIONS)
    checks += _guarded(lambda: [check_peer_heads(view, trusted, facts.heads)], HEADS_OF_PEERS)
    checks += _guarded(lambda: [_marker(view)], MARK)
    return replace(report, checks=(*report.checks, *checks), first_bad=_first_bad(view, report))


def _guarded(make: Callable[[], list[Check]], name: str) -> list[Check]:
    """A page that cannot be read, or holds nonsense, fails its check and does not stop the others."""
    try:
        return make()
    except NONSENSE as error:
        return [failed(name, detail=str(error))]


def _database(view: LedgerView) -> list[Check]:
    """SQLite's own checks."""
    found = [row[0] for row in view.db.execute("PRAGMA integrity_check(10)")]
    good = found == ["ok"]
    integrity = passed(INTEGRITY) if good else failed(INTEGRITY, "ok", "; ".join(found[:_SHOWN]))
    broken = [f"{row[0]} row {row[1]}" for row in view.db.execute("PRAGMA foreign_key_check")]
    references = failed(REFERENCES, "", "; ".join(broken[:_SHOWN])) if broken else passed(REFERENCES)
    return [integrity, references]


def _log(view: LedgerView, trusted: Trusted) -> AuditReport:
    """Leaves against stored nodes and checkpoints."""
    machine = LedgerAudit(trusted.origin, trusted.log_keys, None if view.bodiless else view.node)
    checks = _guarded(lambda: _feed_checkpoints(view, trusted, machine), READABLE)
    unread = _guarded(lambda: _feed_leaves(view, machine), READABLE)
    report = machine.finish()
    bad = report.size if unread and report.first_bad is None else report.first_bad
    return replace(report, checks=(*report.checks, *checks, *unread), first_bad=bad)


def _feed_checkpoints(view: LedgerView, trusted: Trusted, machine: LedgerAudit) -> list[Check]:
    if trusted.log_keys:
        for checkpoint in view.checkpoints():
            machine.feed_checkpoint(checkpoint.note)
    elif next(view.checkpoints(), None) is not None:
        return [undecided(KEY, detail=translate(_NO_KEY).format(agency=trusted.agency or "?"))]
    return []


def _feed_leaves(view: LedgerView, machine: LedgerAudit) -> list[Check]:
    for index, data in view.leaves():
        machine.feed(index, data)
    return []


def _beyond(view: LedgerView) -> Check:
    """Nodes of the tree are written with their leaves; those that stand for no leaf tell of lost ones."""
    size = view.size()
    count = view.nodes_beyond(size)
    if count:
        return failed(BEYOND, "0", str(count), translate(_NODES).format(size=size))
    return passed(BEYOND)


def _first_bad(view: LedgerView, report: AuditReport) -> int | None:
    """What the leaves say, or else the end of the log where more leaves than are here are known of."""
    try:
        size = view.size()
        known = view.mark.size if view.mark is not None else 0
        lost = known > size or (not view.bodiless and view.nodes_beyond(size) > 0)
    except NONSENSE:
        return report.first_bad
    return size if report.first_bad is None and lost else report.first_bad


def _rows(view: LedgerView) -> Check:
    """The node finds a checkpoint by these columns; what is signed is the text beside them."""
    count = 0
    for row in view.checkpoints():
        text = parse_text(notes.parse(row.note).text)
        if (text.size, text.root) != (row.size, row.root):
            detail = translate(_OTHER_ROW).format(size=row.size)
            return failed(ROW, f"{text.size} {text.root.hex()}", f"{row.size} {row.root.hex()}", detail)
        count += 1
    return passed(ROW, found=str(count))


def _marker(view: LedgerView) -> Check:
    mark = view.mark
    if mark is None:
        return undecided(MARK, detail=translate(_NO_MARK))
    size = view.size()
    entries = view.arrivals()
    if mark.incarnation not in view.incarnations():
        return failed(MARK, mark.incarnation.hex(), "", translate(_OTHER))
    if mark.size > size or mark.entries > entries:
        return failed(MARK, f"{mark.size}/{mark.entries}", f"{size}/{entries}", translate(_BEHIND))
    return passed(MARK, f"{mark.size}/{mark.entries}", f"{size}/{entries}")


def failures(report: AuditReport) -> Iterator[Check]:
    """The checks that did not pass."""
    return (check for check in report.checks if check.status.value != "passed")
