# SPDX-License-Identifier: Apache-2.0
"""Which agencies the operator has cut off, as the ledger keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fanal.node.ledger.interface import Ledger

SETTING = "peers.blocked"


def load(ledger: Ledger) -> dict[str, str]:
    """Agency -> reason token. A setting that is not of this form is nobody's block."""
    try:
        found = json.loads(ledger.facts.meta(SETTING) or b"{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}
