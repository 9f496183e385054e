# SPDX-License-Identifier: Apache-2.0
"""The node's own condition: what `fanal status` shows, and what `fanal doctor` tells a person to mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fanal.errors import ErrorKind, FanalError
from fanal.keys.identity import KeyView
from fanal.keys.identity_rules import use_name
from fanal.node.damage.docerrors import DOCUMENTS_LOST
from fanal.node.desk import tracking
from fanal.node.errors import (
    CHARTER_EXPIRED,
    CHARTER_FORKED,
    DAMAGED,
    DISK_FAILS,
    DISK_NEARLY_FULL,
    ENTRIES_DAMAGED,
    KEY_ENDS,
    KEY_NOT_HERE,
    LEDGER_BEGAN_ANEW,
    LOCKED,
)
from fanal.node.forks import kept as kept_forks
from fanal.node.forks import returned, settled
from fanal.node.forks.errors import (
    DOCUMENT_FORKED,
    LANE_FORKED,
    LANE_SPLIT,
    LOG_FORKED,
    OWN_LANE_FORKED,
    OWN_LANE_SPLIT,
    OWN_RETURNED,
)
from fanal.node.lanes import readingkeys
from fanal.node.quotas import asking
from fanal.node.quotas.errors import (
    AUTHOR_OVER_QUOTA,
    DISK_REFUSES,
    PEER_NAMED_UNKNOWN,
    RESERVE_MISSING,
)
from fanal.node.quotas.quotas import DISK_LIMIT
from fanal.node.quotas.room import reserve_file
from fanal.node.retention import holds, restored, trusted
from fanal.node.retention.errors import CLOCK_AHEAD, CLOCK_JUMPED, INBOX_CLOSED, ON_HOLD
from fanal.node.software import SOFTWARE
from fanal.node.store.errors import STORE_BUSY, VAULT_WANTING
from fanal.node.witness import attending, ownlog
from fanal.node.witness import standing as witnessing
from fanal.node.witness.errors import (
    CHECKPOINTS_WAIT,
    LOG_BEGAN_ANEW,
    LOG_ROLLED_BACK,
    QUORUM_SHORT,
    WITNESS_CONFLICT,
)
from fanal.v1 import officer_pb2 as api
from fanal.v1.identity_pb2 import KeyUse

if TYPE_CHECKING:
    from fanal.node.node import Node

LATE = 600
"""Seconds without a quorum before a person is told."""
SOON = 30 * 86_400
_NEEDED = (KeyUse.NODE_SIGN, KeyUse.ENCRYPT, KeyUse.TLS_SPKI, KeyUse.LOG)
_HARMLESS_STARTS = ("", "created")


def status(node: Node) -> api.StatusReply:
    """All but what only the transport knows."""
    head, charter = node.ledger.head(), node.directory.newest
    return api.StatusReply(
        agency=node.agency,
        network=node.network,
        network_name=charter.name,
        charter_version=charter.version,
        locked=node.locked,
        incarnation=head.incarnation,
        ledger_size=head.size,
        ledger_root=head.root,
        checkpoint=head.checkpoint.note.decode("utf-8") if head.checkpoint else "",
        inbox_unread=0 if node.locked or node.wanting else node.vault.notices.unread(),
        waiting_deliveries=node.ledger.facts.waiting_count(),
        software=SOFTWARE,
        now=node.now,
        findings=list(findings(node)),
        settled_count=len(settled.known(node)),
    )


def findings(node: Node) -> Iterator[api.Finding]:
    """What a person should look at and has not settled, the gravest first by subject."""
    done = settled.known(node)
    return (one for one in _all(node) if one.key not in done)


def _all(node: Node) -> Iterator[api.Finding]:
    if node.locked:
        yield _finding("warning", "key", LOCKED)
    if node.ledger.opened.reason not in _HARMLESS_STARTS:
        opened = node.ledger.opened
        key = settled.key_of("ledger", node.ledger.head().store_id, opened.reason, str(opened.marker_size))
        facts: dict[str, str | int] = {"reason": opened.reason, "size": opened.marker_size}
        yield _finding("problem", "ledger", LEDGER_BEGAN_ANEW, key, **facts)
    if node.damage.beyond_mending is not None:
        yield _finding("problem", "ledger", DAMAGED, **node.damage.beyond_mending.facts)
    if node.damage.waiting:
        yield _finding("problem", "ledger", ENTRIES_DAMAGED, count=node.damage.waiting)
    if node.wanting is not None:
        yield _finding("problem", "inbox", VAULT_WANTING, reason=str(node.wanting))
    if lost := node.lost.rows:
        yield _finding("problem", "ledger", DOCUMENTS_LOST, count=len(lost))
    yield from _witnesses(node)
    yield from _forks(node)
    yield from _returned(node)
    if node.directory.fork is not None:
        yield _finding("problem", "charter", CHARTER_FORKED)
    if node.directory.newest.expired(node.now):
        yield _finding("warning", "charter", CHARTER_EXPIRED)
    yield from _keeping(node)
    yield from _keys(node)
    yield from _readers(node)
    yield from _trusted(node)
    yield from _disk(node)
    yield from _quotas(node)


def _witnesses(node: Node) -> Iterator[api.Finding]:
    """What witnesses found of our log, and we of theirs."""
    lost, standing = witnessing.lost_now(node), node.standing
    if lost is not None:
        point = lost.point
        yield _finding(
            "problem",
            "ledger",
            LOG_ROLLED_BACK,
            origin=point.origin,
            size=point.size,
            root=point.root.hex(),
            restored=lost.restored,
            witness=lost.witness,
        )
    elif not witnessing.may_sign(node):
        yield _finding("warning", "ledger", CHECKPOINTS_WAIT)
    elif standing.short_since is not None and node.now - standing.short_since >= LATE:
        quorum = ownlog.newest_quorum(node)
        minutes = int(node.now - standing.short_since) // 60
        if quorum is not None:
            found, expected = len(quorum.cosigned), quorum.needed
            yield _finding("warning", "ledger", QUORUM_SHORT, minutes=minutes, found=found, expected=expected)
    for head in node.ledger.facts.peer_checkpoints():
        conflict = attending.conflict(node, head.origin)
        if conflict is not None:
            key = attending.finding_key(conflict)
            yield _finding("problem", "ledger", WITNESS_CONFLICT, key, agency=head.agency, origin=head.origin)
        left = attending.begun_anew(node, head.origin)
        if left is not None:
            key = settled.key_of("log", head.origin, left.root)
            facts = {"agency": head.agency, "origin": head.origin, "before": left.origin}
            root = left.root.hex()
            yield _finding("problem", "ledger", LOG_BEGAN_ANEW, key, size=left.size, root=root, **facts)


def _forks(node: Node) -> Iterator[api.Finding]:
    """Every fork that is proven here, for as long as the proof is kept."""
    kinds = {"entry": LANE_FORKED, "successor": LANE_SPLIT, "root": LOG_FORKED}
    for one in kept_forks.known(node):
        kind = kinds.get(one.kind, DOCUMENT_FORKED)
        if one.agency == node.agency:
            kind = {"entry": OWN_LANE_FORKED, "successor": OWN_LANE_SPLIT}.get(one.kind, kind)
        agency = one.agency or "-"
        facts: dict[str, str | int] = {"agency": agency, "where": one.where, "number": one.number}
        yield _finding("problem", "ledger", kind, kept_forks.finding_key(one.key), **facts)


def _returned(node: Node) -> Iterator[api.Finding]:
    """Own entries that this database had not got."""
    one = returned.known(node)
    if one is not None:
        key = settled.key_of("returned", one.incarnation)
        yield _finding("problem", "ledger", OWN_RETURNED, key, count=one.count, peer=one.peer)


def _keys(node: Node) -> Iterator[api.Finding]:
    for use in _NEEDED:
        try:
            key = node.identity.current(use, node.now)
        except FanalError as error:
            yield _finding("problem", "key", error.kind, **error.facts)
            continue
        if not node.locked and not _is_here(node, key):
            name = use_name(use)
            yield _finding("problem", "key", KEY_NOT_HERE, use=name, epoch=key.epoch)
        if key.not_after <= node.now + SOON:
            days = max(0, key.not_after - node.now) // 86_400
            yield _finding("warning", "key", KEY_ENDS, use=use_name(use), days=days)


def _readers(node: Node) -> Iterator[api.Finding]:
    """Members for whom nothing can be sealed, or soon no more."""
    for agency in sorted(set(node.directory.newest.members) - {node.agency}):
        found = readingkeys.of(node.directory, agency, node.now).finding
        if found is not None:
            yield _finding("warning", "peer", found.kind, **found.facts)


def _trusted(node: Node) -> Iterator[api.Finding]:
    """Agencies on the trust list that the charter does not know: they link with nobody, and who was meant
    does not either."""
    members = sorted(set(node.directory.newest.members) - {node.agency})
    listed = () if node.settings.peers == "*" else node.settings.peers
    for agency in sorted(set(listed) - {node.agency, *members}):
        nearest = next(iter(difflib.get_close_matches(agency, members, n=1, cutoff=0.5)), "-")
        yield _finding("warning", "peer", PEER_NAMED_UNKNOWN, agency=agency, nearest=nearest)


def _is_here(node: Node, key: KeyView) -> bool:
    """Whether the unlocked node holds the private key of one that its document names."""
    if key.use == KeyUse.ENCRYPT:
        return key.key_id in node.keys.decrypt
    return key.use != KeyUse.NODE_SIGN or key.key_id == node.keys.signer.key_id


def _keeping(node: Node) -> Iterator[api.Finding]:
    """A clock that nobody vouches for, an inbox that waits after a restore, and legal holds."""
    if trusted.now(node).waits:
        days = (node.now - (trusted.last_known(node) or node.now)) // trusted.DAY
        yield _finding("problem", "clock", CLOCK_JUMPED, days=days)
    witnessed = node.witnessed()
    if witnessed is not None and node.now > witnessed + trusted.DAY:
        days = (node.now - witnessed) // trusted.DAY
        yield _finding("warning", "clock", CLOCK_AHEAD, days=days)
    reason = restored.closed(node)
    if reason:
        yield _finding("problem", "ledger", INBOX_CLOSED, reason=reason)
    held = holds.held(node)
    if held:
        yield _finding("warning", "ledger", ON_HOLD, count=len(held))


def _disk(node: Node) -> Iterator[api.Finding]:
    try:
        node.ledger.check_there()
    except FanalError as gone:
        yield _finding("problem", "disk", gone.kind, **gone.facts)
        return
    held_up = node.failures.held_up(node.ticks)
    if held_up is not None and held_up.kind is STORE_BUSY:
        yield _finding("warning", "disk", STORE_BUSY, **held_up.facts)
    failed = node.failures.recent(node.ticks)
    if failed is not None:
        facts = {name: str(failed.newest.facts.get(name, "")) for name in ("path", "reason")}
        facts["reason"] = facts["reason"] or failed.newest.kind.id
        when = asking.when(failed.last)
        yield _finding("warning", "disk", DISK_FAILS, count=failed.count, when=when, **facts)
    if node.home is None:
        return
    size = node.settings.limits.reserve_bytes
    if size and not reserve_file(node.settings.data).exists():
        yield _finding("warning", "disk", RESERVE_MISSING)


def _quotas(node: Node) -> Iterator[api.Finding]:
    """The disk, authors who are over a quota here, and peers at which we are over one."""
    room, percent = node.room, node.room.percent or 0
    if room.refuses:
        reserve = node.settings.limits.reserve_bytes // 1024**2
        yield _finding("problem", "disk", DISK_REFUSES, percent=percent, reserve=reserve)
    elif room.warns:
        yield _finding("warning", "disk", DISK_NEARLY_FULL, percent=percent)
    for one in node.quotas.waiting(node.now):
        over = one.over
        if over.limit == DISK_LIMIT:
            continue
        facts: dict[str, str | int] = {"author": over.author, "limit": over.limit, "most": over.most}
        facts["count"] = one.count
        yield _finding("warning", "peer", AUTHOR_OVER_QUOTA, **facts, when=asking.when(over.until))
    for agency in sorted(node.directory.newest.members):
        waits = tracking.waits_at(node, agency)
        if waits is not None:
            yield _finding("warning", "peer", waits.kind, **waits.facts)


def _finding(level: str, subject: str, kind: ErrorKind, key: str = "", /, **facts: str | int) -> api.Finding:
    """``key``: of an incident that nothing ends but an operator's word."""
    words = {name: str(value) for name, value in facts.items()}
    return api.Finding(level=level, subject=subject, id=kind.id, facts=words, key=key)
