# SPDX-License-Identifier: Apache-2.0
"""The vault on disk and in memory, and notices to file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanal.node.inbox.interface import NoticeFiling, Vault
from fanal.node.inbox.sqlite import memory_vault, open_vault
from fanal.v1.notice_pb2 import Notice, Text, Tlp, Urgency

NOW = 1_800_000_000
KEY = bytes(range(32))


class Shelf:
    """Makes notices and filings from small numbers; the same call gives the same filing."""

    now = NOW
    key = KEY

    def uuid(self, number: int) -> str:
        return f"018ec697-7b00-7d8b-8c1b-{number:012x}"

    def notice(self, number: int = 1, revision: int = 1, author: str = "GE-CUS", **change: Any) -> Notice:
        notice = Notice(
            notice_id=self.uuid(number),
            ref=f"{author}-2026-{number:06d}-00",
            revision=revision,
            originator=author,
            urgency=Urgency.URGENT,
            texts=[
                Text(lang="fr", text="Café saisi à Батуми", original=True),
                Text(lang="en", text="Coffee seized"),
            ],
        )
        notice.handling.tlp = Tlp.AMBER
        notice.issued_at.FromSeconds(NOW - 100)
        notice.expires_at.FromSeconds(NOW + 1000)
        notice.shipment_warning.shipment.containers.add(number="QQQU1200010")
        for name, value in change.items():
            setattr(notice, name, value)
        return notice

    def filing(
        self, notice: Notice | bytes, author: str = "GE-CUS", mark: str = "", **change: Any
    ) -> NoticeFiling:
        data = notice if isinstance(notice, bytes) else notice.SerializeToString(deterministic=True)
        seed = data + author.encode() + mark.encode()
        fields: dict[str, Any] = {
            "envelope_id": hashlib.sha256(b"id" + seed).digest()[:16],
            "manifest_sha256": hashlib.sha256(b"manifest" + seed).digest(),
            "author": author,
            "notice": data,
            "statement": b"statement of " + seed[:200],
            "officer_signature": b"s" * 64,
            "content_key": b"k" * 32,
            "outgoing": False,
            "received_at": NOW,
        }
        return NoticeFiling(**{**fields, **change})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(params=["memory", "disk"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    """An empty vault of each kind."""
    made: Vault = memory_vault() if request.param == "memory" else open_vault(tmp_path / "vault.db", KEY)
    yield made
    made.close()
