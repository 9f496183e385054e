# SPDX-License-Identifier: Apache-2.0
"""What takes the place of damaged rows, in both ledgers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, DocumentRow, WrapRow


def test_a_worthless_wrap_makes_room_for_a_good_one(ledger: Ledger, kit: Any) -> None:
    """Dropped and stored in one batch, or dropped alone; the others of its KEY envelope stay."""
    key = replace(kit.entry(0), klass=3)
    bad, good, other = (
        WrapRow(key.manifest_sha256, index, name, text * 9, ())
        for index, name, text in ((0, "GE-CUS", b"bad "), (0, "GE-CUS", b"good"), (1, "IT-CGD", b"wrap"))
    )
    ledger.append(Batch(lanes=(kit.lane(),), entries=(key,), wraps=(bad, other)))
    ledger.append(Batch(dropped_wraps=((key.manifest_sha256, 0),), wraps=(good,)))
    assert ledger.entries.wraps(key.manifest_sha256) == [good, other]
    ledger.append(Batch(dropped_wraps=((key.manifest_sha256, 0), (key.manifest_sha256, 7))))
    assert ledger.entries.wraps(key.manifest_sha256) == [other]


def test_a_good_copy_of_a_document_takes_the_place_of_the_damaged_one(ledger: Ledger, kit: Any) -> None:
    """Whatever column was changed; when it came and its place in the order stay."""
    rows = [DocumentRow("charter", "", n, kit.sha(f"{n}"), b"c%d" % n, n) for n in (1, 2, 3)]
    ledger.append(Batch(documents=tuple(rows)))
    stored = ledger.facts.documents()
    assert [row.number for row in stored] == [1, 2, 3]
    good = replace(stored[1], kind="identity", agency="GE-CUS", serial=9, sha256=kit.sha("x"), document=b"x")
    ledger.append(Batch(mended_documents=(replace(good, arrived=77),)))
    assert ledger.facts.documents() == [stored[0], good, stored[2]]
