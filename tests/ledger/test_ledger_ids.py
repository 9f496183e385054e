# SPDX-License-Identifier: Apache-2.0
"""Envelope ids in a ledger: unique per author, on disk and in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch


def test_an_envelope_id_is_its_authors_alone(ledger: Ledger, kit: Any) -> None:
    """Another author's entry under the same id is stored beside it, and each is found as its author's."""
    ledger.append(kit.batch(0))
    first = kit.entry(0)
    other = replace(kit.entry(0, "b", envelope_id=first.envelope_id), author="XX-OTHER")
    ledger.append(Batch(lanes=(replace(kit.lane("b"), author="XX-OTHER"),), entries=(other,)))
    for one in (first, other):
        found = ledger.entries.get(envelope_id=first.envelope_id, author=one.author)
        assert found is not None and found.manifest_sha256 == one.manifest_sha256  # noqa: PT018
    assert ledger.entries.get(envelope_id=first.envelope_id, author="XX-NONE") is None
