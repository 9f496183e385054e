# SPDX-License-Identifier: Apache-2.0
"""Entries that the disk has changed: found when they are read, never served, fetched from peers by hash.

Promise: what is given to a peer or opened here was verified against its signature after it was read. What
does not verify is set aside with an incident; gossip then lacks it, as if it had never come, and a peer's
copy replaces it in its place if it has the hash that the leaf names. Nothing else of the ledger moves.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from fanal.envelope.errors import Step
from fanal.errors import FanalError, VerificationError
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.node.arrival import offered
from fanal.node.errors import DAMAGED
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.lanes.rows import envelope_bytes, place_of, row_of
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.proof.leaf import LeafType, decode
from fanal.proof.tree import leaf_hash

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.damage")

_BYTES = frozenset({Step.LIMITS, Step.DECODE, Step.SHAPE, Step.SIGNATURE, Step.BODY})
"""Steps at which the bytes themselves are at fault; membership and keys may change under good bytes."""
_PLACE = ("lane", "incarnation", "seq", "author")
_COLUMNS = ("envelope_id", "klass", "priority", "created", "expires", "manifest_sha256", "previous",
            "key_envelope")  # fmt: skip
_ENTRY_LEAVES = frozenset({LeafType.ENVELOPE_OUT, LeafType.ENVELOPE_IN, LeafType.RELAY})


def is_sound(node: Node, row: EntryRow) -> bool:
    """Whether an entry, as read, is what was signed. One that is not is set aside, with an incident; what no
    copy of an entry can mend, since its lane's row or its leaf is changed too, is kept for `fanal doctor`. It
    stops nothing but itself."""
    raw = envelope_bytes(row)
    columns = repr([getattr(row, name) for name in (*_PLACE, *_COLUMNS)]).encode()
    digest = hashlib.sha256(raw + columns).digest()
    if node.damage.known_good(digest):
        return True
    try:
        if _is_sound(node, row):
            node.damage.passed(digest)
            return True
        set_aside(node, row)
    except FanalError as error:
        if error.kind is not DAMAGED:
            raise
        _give_up(node, row, error)
    return False


def set_aside(node: Node, row: EntryRow) -> None:
    """Note the damage once. The hash to look for is the one in the leaf, which the log's root proves."""
    expected = _from_leaf(node, row)
    if node.damage.note(place_of(row), expected):
        log.error("entry %s of %s is damaged and set aside", row.arrival, row.author)
        leaf = incident_leaf("entry-damaged", node.now, row.author, expected)
        node.ledger.append(Batch(leaves=(leaf,)))


def _give_up(node: Node, row: EntryRow, error: FanalError) -> None:
    if node.damage.lost(row.arrival, error):
        log.error("entry %s of %s cannot be mended: %s", row.arrival, row.author, error)


def _is_sound(node: Node, row: EntryRow) -> bool:
    try:
        verified = offered.stored(node, row)
    except (UnknownCharter, UnknownIdentity):
        return _has_its_hash(row)  # of the rest nobody can say; the reader will not take it either
    except VerificationError as error:
        return error.facts.get("step") not in _BYTES and _has_its_hash(row)
    signed = row_of(verified.received, row.source, row.arrived)
    if any(getattr(signed, name) != getattr(row, name) for name in _PLACE):
        raise broken(node, f"entry {row.arrival} stands in another lane")
    return all(getattr(signed, name) == getattr(row, name) for name in _COLUMNS)


def _has_its_hash(row: EntryRow) -> bool:
    """Whether the header is the one that came: a changed one may name a charter or an author nobody knows."""
    return hashlib.sha256(row.manifest).digest() == row.manifest_sha256


def broken(node: Node, reason: str) -> FanalError:
    """The ledger is changed where no peer's copy can mend it."""
    return FanalError(DAMAGED, path=str(node.settings.data / "ledger.db"), reason=reason)


def _from_leaf(node: Node, row: EntryRow) -> bytes:
    """The hash in the leaf, if the tree was built of it and it names this place. Raises DAMAGED otherwise: a
    changed row's own word would have peers asked for what never was, or a forger's envelope let in."""
    found = node.ledger.log.leaves(row.leaf, row.leaf + 1) if row.leaf is not None else []
    if row.leaf is not None and found and leaf_hash(found[0]) == node.ledger.log.node(0, row.leaf):
        leaf = decode(found[0])
        named = leaf.type in _ENTRY_LEAVES and (leaf["lane"], leaf["incarnation"], leaf["seq"])
        manifest = leaf["manifest"] if named == place_of(row) else None
        if isinstance(manifest, bytes):
            return manifest
    raise broken(node, f"entry {row.arrival} and its leaf are not what was signed")
