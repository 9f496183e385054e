# SPDX-License-Identifier: Apache-2.0
"""Homes kept by earlier versions, opened by today's program; none of a format may be forgotten."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from fakeclock import fake_clock
from realdraft import new_draft, send
from realnet import QUICK, RealNode, free_ports
from upgradekit import Kept, all_kept, present

FIRST = {"ledger": 1, "vault": 2}
"""The formats of the oldest kept home; what was before them was never kept by anybody."""
KEPT = all_kept()


@pytest.mark.parametrize("name", ["ledger", "vault"])
def test_a_home_of_every_format_is_kept(name: str) -> None:
    """Whoever raises a number runs tests/upgrade/make.py before, and after."""
    kept = {getattr(one.formats, name) for one in KEPT}
    wanted = set(range(FIRST[name], getattr(present(), name) + 1))
    assert not wanted - kept, f"no kept home of {name} {wanted - kept}: run tests/upgrade/make.py"


def test_a_home_is_kept_by_the_name_of_its_formats() -> None:
    """Archive and manifest agree, one of the present formats is among them, and each is small."""
    assert [one.path.name for one in KEPT] == [f"{one.formats.name}.tar.xz" for one in KEPT]
    assert present() in [one.formats for one in KEPT], "run tests/upgrade/make.py"
    assert all(one.path.stat().st_size < 300_000 for one in KEPT)


@pytest.mark.process
@pytest.mark.parametrize("kept", KEPT, ids=lambda one: one.path.name)
def test_a_kept_home_is_opened_and_goes_on(kept: Kept, tmp_path: Path) -> None:
    """At its own time: the node starts, shows what was read, keeps what was erased so, sends a new notice;
    then the audit passes."""
    home, noted = kept.unpack(tmp_path), kept.manifest
    port, join_port = free_ports(2)
    with fake_clock(tmp_path) as clock:
        clock.shift = noted["made"] - int(time.time())
        node = RealNode(
            noted["agency"], home, port, join_port,
            {**QUICK, **clock.env, "FANAL_LISTEN": f"127.0.0.1:{port}"},
        )  # fmt: skip
        node.start()
        try:
            shown = {ref: show(node, noted[ref]) for ref in ("read", "withdrawn", "erased", "with_file")}
            assert noted["text"] in json.dumps(shown["read"]["notice"])
            assert shown["withdrawn"]["notice"] is None
            assert shown["erased"]["erasure_basis"] == "order-court-order"
            assert shown["with_file"]["attachments"][0]["state"] == "HERE"
            node.fanal("notice", "attachment", noted["with_file"], "-o", str(tmp_path / "saved"))
            assert b"way-bill" in (tmp_path / "saved").read_bytes()
            new = send(node, new_draft(node, tmp_path / "draft.json"), noted["peer"])
            assert show(node, new)["notice"] is not None
        finally:
            assert node.end() == 0
        assert json.loads(node.fanal("audit", "verify", "--json"))["verdict"] == "passed"


def show(node: RealNode, ref: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(node.fanal("notice", "show", ref, "--json"))
    return found
