# SPDX-License-Identifier: Apache-2.0
"""The log's part of an evidence bundle: each leaf's place under one checkpoint, and who has cosigned it when.

Promise: the checkpoint covers every leaf of the bundle, the export's included; where an earlier one over the
notice has its quorum it is in the bundle too, because it dates the notice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.keys.documents import encode_document
from fanal.node.desk.provable import Gathered
from fanal.node.errors import PROOF_TOO_LARGE
from fanal.node.ledger.rows import Checkpoint
from fanal.node.witness import names, ownlog
from fanal.proof import note as notes
from fanal.proof.evidence import layout, pack
from fanal.proof.evidence.container import MAX_BUNDLE, MAX_FILES, MAX_NAME
from fanal.proof.evidence.layout import Log, LoggedLeaf, Parts
from fanal.proof.evidence.proofs import Consistency, Inclusion
from fanal.proof.leaf import MAX_LEAF_BYTES
from fanal.proof.tree import consistency_proof, inclusion_proof

if TYPE_CHECKING:
    from fanal.node.node import Node

_LOOK = 512
"""Checkpoints that are looked through for the first one with its quorum."""
_POLL = 0.05
_PATH = 64
"""Hashes of the longest path."""
_ZIP = 2 * (46 + MAX_NAME)
"""Bytes around one file in the archive."""


_LINE, _ANCHOR, _HASH_LINE, _SUM_LINE = 300, 4096, 45, 180
"""Bytes that one line of a witness, an anchor, a hash of a path and a line of the sums take at most."""


def check_room(node: Node, core: pack.Core, gathered: Gathered) -> None:
    """Raise PROOF_TOO_LARGE unless the bundle fits whatever witnesses will say: nothing is logged yet.

    Counted is the most that the log's part can take: every witness known on every note, the longest paths.
    """
    witnesses = names.witnesses(node.directory)
    note = _LINE * (2 + sum(map(len, witnesses.values())))
    leaves = [*(len(data) for _index, data in gathered.leaves), MAX_LEAF_BYTES]
    logged = sum(leaves) + len(leaves) * (note + _PATH * _HASH_LINE)
    documents = identities_of(node, witnesses)
    files = len(core.files) + 2 * len(leaves) + 5 + len(documents)
    size = sum(map(len, core.files.values())) + logged + sum(map(len, documents.values()))
    size += 2 * (note + _ANCHOR) + 2 * _PATH * _HASH_LINE + files * _SUM_LINE
    for unit, found, limit in (("files", files, MAX_FILES), ("bytes", size, MAX_BUNDLE - files * _ZIP)):
        if found > limit:
            raise FanalError(PROOF_TOO_LARGE, unit=unit, found=found, limit=limit)


def cosigned_in_time(node: Node, head: Checkpoint, patience: float) -> Checkpoint:
    """The first checkpoint from ``head`` on that has its quorum, or ``head`` as it is when the time is up."""
    until = time.monotonic() + patience
    while True:
        row = node.ledger.head().checkpoint
        for _step in range(_LOOK):
            # Witnesses may be asked for a later checkpoint first: it covers this one as well.
            if row is None or row.size <= head.size or ownlog.quorum_of(node, row.note).passed:
                break
            row = node.ledger.log.checkpoint(row.size - 1)
        assert row is not None  # checkpoints are never deleted
        if ownlog.quorum_of(node, row.note).passed or time.monotonic() >= until:
            return row
        time.sleep(_POLL)


def log_of(node: Node, row: Checkpoint, gathered: Gathered, parts: Parts) -> Log:
    short, tree, notice = pack.short_note(row.note), node.ledger.log.node, gathered.notice
    logged = tuple(
        LoggedLeaf(data, Inclusion(index, tuple(inclusion_proof(index, row.size, tree)), short))
        for index, data in gathered.leaves
    )
    older = _first_seen(node, row, notice)
    seen = names_on(node, row.note) | (names_on(node, older.note) if older else set())
    witnesses = {n: d for n, d in identities_of(node, seen).items() if n not in parts.identities}
    if older is None:
        return Log(logged, row.note, witnesses=witnesses)
    path = tuple(consistency_proof(older.size, row.size, tree))
    return Log(logged, row.note, older.note, Consistency(older.size, row.size, path), witnesses)


def _first_seen(node: Node, row: Checkpoint, index: int) -> Checkpoint | None:
    """The earliest checkpoint over the notice's leaf that has its quorum, if there is one before ``row``.

    The earliest, because it dates the notice: what a key signed counts for as long as the key was good.
    """
    size, reach = index + 1, 1
    for _step in range(_LOOK):
        found = node.ledger.log.checkpoint(min(size + reach - 1, row.size - 1))
        if found is None or found.size < size:
            if size + reach > row.size:
                return None
            reach *= 2
            continue
        found = _lowest(node, found, size)
        if ownlog.quorum_of(node, found.note).passed:
            return found
        size, reach = found.size + 1, 1
        if size >= row.size:
            return None
    return None


def _lowest(node: Node, found: Checkpoint, size: int) -> Checkpoint:
    """The smallest checkpoint of ``size`` leaves or more."""
    while True:
        before = node.ledger.log.checkpoint(found.size - 1)
        if before is None or before.size < size:
            return found
        found = before


def names_on(node: Node, note: bytes) -> set[str]:
    """The agencies whose witness lines stand on a checkpoint of ours."""
    lines = {(line.name, line.key_id) for line in notes.parse(note).signatures}
    known = names.witnesses(node.directory)
    return {agency for agency, keys in known.items() if any((k.name, k.key_id) in lines for k in keys)}


def identities_of(node: Node, agencies: Iterable[str]) -> dict[str, bytes]:
    """Every identity document held of these agencies: old signatures need old documents."""
    return {
        layout.identity_name(agency, view.serial): encode_document(view.document)
        for agency in sorted(agencies)
        for view in node.directory.identities(agency)
    }
