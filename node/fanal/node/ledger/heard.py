# SPDX-License-Identifier: Apache-2.0
"""When each single revocation first came: from seven days before that it counts, at this node and at whoever
audits its ledger (protocol.md, Documents, Revocation)."""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.ledger.rows import DocumentRow

REVOCATION = "revocation"


def heard(rows: Iterable[DocumentRow], agency: str) -> dict[bytes, int]:
    """SHA-256 of the body -> trusted time of arrival (Unix seconds), for all but those of ``agency``, which
    count from their cut-off."""
    return {row.sha256: row.arrived for row in rows if row.kind == REVOCATION and row.agency != agency}
