# SPDX-License-Identifier: Apache-2.0
"""Whom a courier file's import tells what it changed: gossip and the vault hear of it as of a link's news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fanal.node.gossip.events import WrapsMissing
from fanal.node.incoming import Outcome


@dataclass(frozen=True)
class Told:
    """Whom to tell what an import changed, from the thread that imports."""

    carried: Callable[[Outcome], None] = field(default=lambda _outcome: None)
    """Entries, wraps and fork proofs are durable: gossip forwards them, the vault opens them."""
    changed: Callable[[], None] = field(default=lambda: None)
    """Charter or identities changed."""
    answered: Callable[[], None] = field(default=lambda: None)
    """A witness has told what it holds of our log."""
    asked: Callable[[WrapsMissing], None] = field(default=lambda _missing: None)
    """The sender asks for wraps that are not here: gossip asks on for them."""
