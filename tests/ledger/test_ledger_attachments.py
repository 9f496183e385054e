# SPDX-License-Identifier: Apache-2.0
"""Which attachments belong to which entry, and what is still missing: alike in every store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fanal.node.ledger.interface import AttachmentRow, Batch, EntryRow, ErasureRow, Ledger


def row(entry: EntryRow, name: bytes, length: int = 0, arrival: int = 0) -> AttachmentRow:
    lane = entry.lane if arrival else b""
    return AttachmentRow(name, entry.manifest_sha256, length, lane, arrival)


def erasure(entry: EntryRow) -> ErasureRow:
    return ErasureRow(entry.envelope_id, entry.manifest_sha256, b"", "expired", entry.arrived)


def test_an_attachment_is_missing_until_it_has_arrived(ledger: Ledger, kit: Any) -> None:
    """Stored with its entry, listed as missing, then as here with its length; offered again it changes
    nothing; lost, it is missing again."""
    entry, name = kit.entry(0), kit.sha("file")
    batch = Batch(lanes=(kit.lane(),), entries=(entry,), attached=(row(entry, name),))
    ledger.append(batch)
    assert ledger.entries.attached(name) == ledger.entries.missing(9) == [row(entry, name, 0, 1)]
    ledger.append(Batch(arrived=((name, 70),)))
    ledger.append(batch)
    assert ledger.entries.attached(name) == [row(entry, name, 70, 1)]
    assert ledger.entries.missing(9) == []
    ledger.append(Batch(arrived=((name, 0),)))
    assert ledger.entries.missing(9) == [row(entry, name, 0, 1)]


def test_what_is_missing_is_listed_page_by_page(ledger: Ledger, kit: Any) -> None:
    """In order of arrival, going on after the last one shown."""
    entries = tuple(kit.entry(seq) for seq in range(3))
    names = sorted(kit.sha(f"file {n}") for n in range(2))
    rows = tuple(row(entry, name) for entry in entries for name in names)
    ledger.append(Batch(lanes=(kit.lane(),), entries=entries, attached=rows))
    first = ledger.entries.missing(4)
    rest = ledger.entries.missing(4, (first[-1].arrival, first[-1].attachment))
    assert [(one.arrival, one.attachment) for one in first + rest] == [
        (n, m) for n in (1, 2, 3) for m in names
    ]


def test_one_file_of_two_entries_arrives_for_both_and_stays_with_the_other(ledger: Ledger, kit: Any) -> None:
    """A forwarded notice names the same file: erasing one of the two leaves it with the other."""
    entries, name = (kit.entry(0), kit.entry(0, "b")), kit.sha("file")
    lanes = (kit.lane(), kit.lane("b"))
    ledger.append(Batch(lanes=lanes, entries=entries, attached=tuple(row(one, name) for one in entries)))
    ledger.append(Batch(arrived=((name, 5),)))
    assert [one.length for one in ledger.entries.attached(name)] == [5, 5]
    ledger.append(Batch(erased=(erasure(entries[0]),)))
    assert ledger.entries.attached(name) == [row(entries[1], name, 5, 2)]
    ledger.append(Batch(erased=(erasure(entries[1]),)))
    assert ledger.entries.attached(name) == []


def test_an_attachment_of_no_entry_or_of_one_without_content_is_left_out(ledger: Ledger, kit: Any) -> None:
    """Nothing is fetched for a place that keeps no content, and nothing for a fork's other half."""
    bare, forked, name = kit.entry(0, body=None), kit.entry(1), kit.sha("file")
    unknown = replace(forked, manifest_sha256=kit.sha("another"))
    attached = tuple(row(one, name) for one in (bare, unknown))
    ledger.append(Batch(lanes=(kit.lane(),), entries=(bare, forked), attached=attached))
    assert ledger.entries.attached(name) == []
