# SPDX-License-Identifier: Apache-2.0
"""Erasing content everywhere on this node: ciphertext, keys, salts, vault row, index; the proof stays.

Order: the list outside the databases, the files of attachments, the ledger (content gone and leaf written
in one transaction), the vault; both write-ahead logs are emptied before the erasure is reported. A kill in
between is taken up at the next start, from the list. What stays is header, signature and leaf: every proof
about them is still good. List and ledger are written by one at a time, who looks for legal holds first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fanal.node import failpoints
from fanal.node.attachments import tending
from fanal.node.lanes.leaves import detail
from fanal.node.ledger.rows import Appended, Batch, EntryRow, ErasureRow, LeafRow
from fanal.node.retention import holds
from fanal.node.retention.holds import Hold
from fanal.node.retention.outside import Erased
from fanal.proof.leaf import Leaf, LeafType, encode

if TYPE_CHECKING:
    from fanal.node.node import Node

APPLIED = "erasures.applied"
"""Setting of the ledger: how much of the outside list it contains."""
DELETE_BY = "delete-by"
WITHDRAWAL = "withdrawal"
EXPIRED = "expired"
_PAGE = 64
TRIES = 3


@dataclass(frozen=True)
class Result:
    """How many entries lost their content now; ``final`` when no key to any of them is left here; ``clean``
    when no write-ahead log holds anything of them. ``hold``: one that kept others of them."""

    count: int = 0
    final: bool = True
    clean: bool = True
    hold: Hold | None = None


def erase(node: Node, entries: Sequence[EntryRow], basis: str, actor: bytes | None = None) -> Result:
    """Erase the content of these entries, but of none that a legal hold keeps. Repeating it changes nothing.
    ``basis`` is a token of the leaf, ``actor`` the HMAC of the person whose order it is."""
    if not entries:
        return Result()
    with node.erasing:
        free, hold = holds.free(node, entries)
        if not free:
            return Result(hold=hold)
        with node.erasures.adding(_lines(free, basis, node.now)):
            failpoints.hit("erasing.after-list")
            rows, appended = _in_ledger(node, free, basis, actor)
    failpoints.hit("erasing.after-ledger")
    vault_clean = node.locked
    if not node.locked:
        manifests = [row.manifest_sha256 for row in free]
        vault_clean = any(node.vault.erase(manifests, node.now) for _ in range(TRIES))
    clean = emptied(node, appended)
    return Result(len(rows), all(row.final for row in rows), vault_clean and clean, hold)


def _lines(entries: Iterable[EntryRow], basis: str, now: int) -> list[Erased]:
    return [Erased(row.envelope_id, row.manifest_sha256, basis, now) for row in entries]


def _in_ledger(
    node: Node, entries: Sequence[EntryRow], basis: str, actor: bytes | None
) -> tuple[list[ErasureRow], Appended]:
    """Files and ciphertext go. Under ``Node.erasing``."""
    tending.drop(node, entries)
    rows = [_erasure(node, row, basis) for row in entries]
    leaves = tuple(leaf_of(row, node.now, actor) for row in rows)
    for row in entries:
        node.quotas.freed(row.author, len(row.body or b"") + len(row.own_wrap))
    meta = (*mark(node), *node.quotas.rows(row.author for row in entries))
    appended = node.ledger.append(Batch(erased=tuple(rows), leaves=leaves, meta=meta))
    tending.drop(node, entries)  # pieces that came since: from now on none is kept
    return rows, appended


def emptied(node: Node, appended: Appended) -> bool:
    """Whether the ledger's write-ahead log holds nothing of what this append deleted, now or soon after."""
    for _ in range(TRIES):
        if appended.clean:
            break
        appended = node.ledger.append(Batch())
    return appended.clean


def finalise(node: Node, key_envelope: bytes) -> None:
    """The lane key is gone: what was erased under it is gone for good, and the log says so."""
    while page := node.ledger.facts.pending_erasures(key_envelope, _PAGE):
        rows = [replace(row, final=True) for row in page]
        node.ledger.append(Batch(erased=tuple(rows), leaves=tuple(leaf_of(row, node.now) for row in rows)))


def mark(node: Node) -> tuple[tuple[str, bytes | None], ...]:
    """How much of the outside list the ledger contains, for the transaction that makes it so; nothing once
    it lacks a line before the last."""
    return () if node.erasures.lacking else ((APPLIED, len(node.erasures.lines).to_bytes(8)),)


def leaf_of(row: ErasureRow, now: int, actor: bytes | None = None) -> LeafRow:
    """One leaf for pending and one for final, however often it is repeated."""
    state = "final" if row.final else "pending"
    leaf = Leaf.of(
        LeafType.ERASURE,
        {
            "time": now,
            "actor": actor,
            "envelope": row.envelope_id,
            "manifest": row.manifest_sha256,
            "basis": row.basis,
            "state": state,
            "detail": detail(row.envelope_id, row.basis.encode(), row.at.to_bytes(8)),
        },
    )
    key = hashlib.sha256(b"erasure " + state.encode() + row.manifest_sha256).digest()
    return LeafRow(encode(leaf), key=key)


def _erasure(node: Node, row: EntryRow, basis: str) -> ErasureRow:
    known = node.ledger.facts.erasure(row.manifest_sha256)
    if known is not None:
        return known
    final = not _key_is_here(node, row.key_envelope)
    return ErasureRow(row.envelope_id, row.manifest_sha256, row.key_envelope, basis, node.now, final)


def _key_is_here(node: Node, key_envelope: bytes) -> bool:
    """Whether a copy of the ciphertext from elsewhere could still be opened with what is here."""
    if node.locked:
        return True
    if node.vault.lane_key(key_manifest_sha256=key_envelope) is not None:
        return True
    return bool(node.ledger.entries.wraps(key_envelope, [node.agency]))
