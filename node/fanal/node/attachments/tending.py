# SPDX-License-Identifier: Apache-2.0
"""Files of attachments that nothing names any more go: erased notices, uploads that were never sent.

Promise: a file goes before its entry's content is reported erased, and stays while another notice that is
kept names it. What a kill or a restored folder leaves behind is found by the sweep, which retention runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fanal.node.attachments import counting
from fanal.node.lanes.rows import attachments_of
from fanal.node.ledger.rows import EntryRow

if TYPE_CHECKING:
    from fanal.node.node import Node

UNSENT = 86_400.0
"""So long an upload waits for the notice that names it."""


def drop(node: Node, entries: Sequence[EntryRow]) -> None:
    """Overwrite and remove the files of these entries."""
    gone = {row.manifest_sha256: attachments_of(row) for row in entries}
    author = {name: row.author for row in entries for name in gone[row.manifest_sha256]}
    for name in dict.fromkeys(name for names in gone.values() for name in names):
        if all(one.manifest_sha256 in gone for one in node.ledger.entries.attached(name)):
            counting.erase(node, author[name], name)


def sweep(node: Node) -> None:
    """Remove files that no kept notice names. Costs a look into the ledger for each file."""
    attached = node.ledger.entries.attached
    for name in node.attachments.names():
        if not attached(name):
            with node.writing:  # a notice that names it may be on its way into the ledger
                if not attached(name):
                    node.attachments.erase(name)
    for name in node.attachments.uploads(node.clock() - UNSENT):
        with node.writing:
            if attached(name):
                node.attachments.adopt([name])
            else:
                counting.erase(node, node.agency, name)
