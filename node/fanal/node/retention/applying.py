# SPDX-License-Identifier: Apache-2.0
"""What was erased goes from a vault that is opened, before anybody reads in it."""

from __future__ import annotations

from collections.abc import Iterable

from fanal.node.inbox.interface import Vault
from fanal.node.retention.outside import Erased

_PAGE = 500


def to_vault(vault: Vault, lines: Iterable[Erased], now: int) -> None:
    """What the list names goes from it too, and from a vault that was restored alone. The list is looked up
    in pages, because it stands before every start: some microseconds a line."""
    manifests = [line.manifest_sha256 for line in lines]
    for start in range(0, len(manifests), _PAGE):
        page = manifests[start : start + _PAGE]
        found = vault.notices.with_content(page)
        if found:
            vault.erase(found, now)
