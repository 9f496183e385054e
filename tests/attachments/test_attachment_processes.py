# SPDX-License-Identifier: Apache-2.0
"""An attachment between real nodes, by officers' commands: cut lines, a relay, an author that is gone."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cutline import CutLine
from realdraft import new_draft, send
from realnet import QUICK, RealNode, found_network, free_ports, until
from realofficer import RealOfficer

from fanal.node.ledger.audit import audit_folder
from fanal.node.ledger.audit_attachments import FILES

pytestmark = pytest.mark.process

A, RELAY, B = "AZ-CUS", "XX-RLY", "GE-CUS"
SIZE = int(os.environ.get("ATTACH_MIB", "8")) * 1024 * 1024
RATE = SIZE // 3
"""Bytes a second of each line, so that there is time to cut it."""
CUTS = 3


@pytest.fixture
def network(tmp_path: Path) -> Iterator[tuple[dict[str, RealNode], dict[str, CutLine]]]:
    """Author and reader reach nobody but the relay, and every connection goes over a slow line."""
    nodes = found_network(tmp_path, (A, RELAY, B))
    _make_relay(nodes[A], tmp_path / "charter.json")
    nodes[A].end()
    lines = {}
    with ExitStack() as stack:
        for node, port in zip(nodes.values(), free_ports(len(nodes)), strict=True):
            lines[node.name] = CutLine(node.port, port, RATE)
            stack.callback(lines[node.name].close)
            node.settings = {**QUICK, "FANAL_LISTEN": f"127.0.0.1:{port}"}
        for name in (A, B):
            with nodes[name].home.settings_file.open("a") as file:
                file.write(f'peers = ["{RELAY}"]\n')
        for node in nodes.values():
            node.start()
        yield nodes, lines
        for node in nodes.values():
            if node.process is not None:
                node.end()


def _make_relay(governor: RealNode, file: Path) -> None:
    governor.fanal("network", "charter", "--export", str(file))
    wanted = json.loads(file.read_text())
    wanted["channels"][0]["members"] = [A, B]
    wanted["relays"] = [{"agency": RELAY, "direct": True, "serves": [A, B]}]
    file.write_text(json.dumps(wanted))
    governor.fanal("network", "charter", "--apply", str(file), "--yes")


def rss_mib(node: RealNode) -> int:
    assert node.process is not None
    pages = Path(f"/proc/{node.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") // 1024**2


def pieces_at(node: RealNode, name: str) -> int:
    """Verified pieces on the disk of a node, whole or in part."""
    folder = node.home.data / "attachments"
    found = [folder / name, folder / f"{name}.part"]
    return max((path.stat().st_size // 65_536 for path in found if path.exists()), default=0)


def test_a_file_crosses_cut_lines_and_a_relay_after_its_author_is_gone(
    network: tuple[dict[str, RealNode], dict[str, CutLine]], tmp_path: Path
) -> None:
    """8 MiB, each line cut three times on the way, the author stopped once the relay has the file, the
    reader's node killed and started again: the reader's file equals the original byte for byte, the relay
    holds nothing of it in the clear, no node grew, and no check of a ledger fails. ATTACH_MIB=64 for more."""
    nodes, lines = network
    author, relay, reader = (nodes[name] for name in (A, RELAY, B))
    original = tmp_path / "evidence.bin"
    original.write_bytes(hashlib.shake_256(b"evidence").digest(SIZE))
    for name in (A, B):
        officer = RealOfficer(nodes[name].home)
        until(lambda officer=officer: officer.status().peers_connected == 1, f"{name} is linked")
    before = {node.name: rss_mib(node) for node in nodes.values()}
    draft = new_draft(author, tmp_path / "draft.json")
    reader.end()
    ref = send(author, draft, B, "--attach", str(original))
    shown = json.loads(author.fanal("notice", "show", ref, "--json"))
    [attached] = shown["notice"]["attachments"]
    name = attached["blob_id"]
    assert (attached["name"], int(attached["size_bytes"])) == ("evidence.bin", SIZE)
    assert shown["attachments"][0]["state"] == "HERE"
    _over(lines, RELAY, A, relay, name)
    until(lambda: (relay.home.data / "attachments" / name).exists(), "the relay has the file")
    peak = {node.name: rss_mib(node) for node in (author, relay)}
    author.end()
    reader.start()
    _over(lines, RELAY, B, reader, name)
    until(lambda: pieces_at(reader, name) >= SIZE // 65_536 * 5 // 8, "most of it is at the reader")
    peak[B] = rss_mib(reader)
    reader.end(signal.SIGKILL)
    reader.start()
    until(lambda: (reader.home.data / "attachments" / name).exists(), "the reader has the file")
    target = tmp_path / "got.bin"
    reader.fanal("notice", "attachment", ref, "-o", str(target))
    assert target.read_bytes() == original.read_bytes()
    reader.fanal("notice", "attachment", ref, "-o", str(target), code=1)
    print("  RSS MiB:", {one: (before.get(one), peak[one]) for one in peak})
    assert all(peak[one] - before[one] < 40 for one in (A, RELAY))
    for node in (relay, reader):
        node.end()
        checks = {check.name: check.status.value for check in audit_folder(node.home.data).checks}
        assert checks[FILES] == "passed"
        assert "failed" not in checks.values()
    kept = b"".join(path.read_bytes() for path in relay.home.data.rglob("*") if path.is_file())
    assert original.read_bytes()[5000:5064] not in kept


def _over(lines: dict[str, CutLine], one: str, other: str, node: RealNode, name: str) -> None:
    """Cut both possible lines between two nodes (either may have dialled) while the file is on its way."""
    for _ in range(CUTS):
        goal = pieces_at(node, name) + 20
        until(lambda goal=goal: pieces_at(node, name) >= goal, f"{goal} pieces are at {node.name}")
        assert lines[one].cut() + lines[other].cut()
