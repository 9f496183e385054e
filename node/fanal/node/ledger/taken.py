# SPDX-License-Identifier: Apache-2.0
"""What becomes of one entry of a batch, in both stores; the fields are those of ``rows.Appended``."""

from __future__ import annotations

from typing import NamedTuple

from fanal.node.ledger.rows import Fork


class Taken(NamedTuple):
    """``fresh``: a new entry. ``stored``: that, or a fork not kept before. ``arrival``: 0 for a fork."""

    fresh: bool
    stored: bool
    arrival: int
    fork: Fork | None = None
