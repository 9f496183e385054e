# SPDX-License-Identifier: Apache-2.0
"""A look at everything that a node keeps, page by page: what the disk has changed is found though nobody
reads it, set aside, and fetched or filled again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.node.damage import docdamage, soundentries, soundwraps
from fanal.node.errors import DAMAGED
from fanal.v1.envelope_pb2 import EnvelopeClass

if TYPE_CHECKING:
    from fanal.node.node import Node

PAGE = 64


def scrub(node: Node, after: int) -> int:
    """Verify a page of entries and wraps beyond an arrival number; the documents before the first page, and
    the vault after the last. The last entry looked at; 0 at the end of the ledger. Raises DAMAGED when an
    arrival number has no entry."""
    if after == 0:
        docdamage.look(node.directory, node.ledger, node.copies, node.now)
    rows = node.ledger.entries.since(after, PAGE)
    for row in rows:
        if soundentries.is_sound(node, row) and row.klass == EnvelopeClass.KEY:
            soundwraps.of(node, row)
    for expected, row in enumerate(rows, after + 1):
        if row.arrival != expected:
            raise soundentries.broken(node, f"entry {expected} is not there")
    if not rows:
        check_vault(node)
    return rows[-1].arrival if rows else 0


def check_vault(node: Node) -> None:
    """Every page of an open vault; one that is damaged is filled again from the ledger, also one that could
    not be before."""
    if node.locked:
        return
    vault = node.vault
    if node.wanting is not None:
        node.rebuild_vault(vault, "")
        return
    try:
        found = "" if vault.is_sound() else "a page does not authenticate"
    except FanalError as error:
        if error.kind is not DAMAGED:
            raise
        found = str(error)
    if found:
        node.rebuild_vault(vault, found)
