# SPDX-License-Identifier: Apache-2.0
"""Real nodes and real commands, and between them nothing but files."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clikit import misfits
from realdraft import new_draft, send
from realnet import RealNode, command, found_network, free_ports

from fanal.cli.shown import shapes

pytestmark = pytest.mark.process
A, B = "AZ-CUS", "GE-CUS"
Pair = tuple[RealNode, RealNode]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two members, each listening where the other does not look: no connection ever comes up."""
    nodes = found_network(tmp_path_factory.mktemp("apart"), (A, B))
    assert nodes[A].end() == 0
    apart = [
        replace(node, settings={**node.settings, "FANAL_LISTEN": f"127.0.0.1:{port}"})
        for node, port in zip(nodes.values(), free_ports(2), strict=True)
    ]
    for node in apart:
        node.start()
    yield apart[0], apart[1]
    for node in apart:
        if node.process is not None:
            node.end()


def _state(node: RealNode, ref: str) -> str:
    [row] = json.loads(node.fanal("notice", "track", ref, "--json"))["deliveries"]
    return str(row["state"])


def _refs(node: RealNode) -> set[str]:
    return {row["ref"] for row in json.loads(node.fanal("notice", "list", "--json"))["notices"]}


def _export(node: RealNode, to: str, file: Path, *more: str, code: int = 0) -> shapes.CourierExported:
    made: shapes.CourierExported = json.loads(
        node.fanal("courier", "export", "--to", to, str(file), *more, "--json", code=code)
    )
    assert misfits(made, shapes.CourierExported) == []
    assert made["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.stat().st_mode & 0o777 == 0o600
    return made


def _import(node: RealNode, file: Path) -> shapes.CourierImported:
    taken: shapes.CourierImported = json.loads(node.fanal("courier", "import", str(file), "--json"))
    assert misfits(taken, shapes.CourierImported) == []
    return taken


def test_a_notice_and_its_receipt_go_by_file_between_nodes_that_never_met(pair: Pair, tmp_path: Path) -> None:
    """Sent, carried, read and answered with commands only; both ledgers verify."""
    a, b = pair
    ref = send(a, new_draft(a, tmp_path / "draft.json"), B)
    there, back = tmp_path / "there.courier", tmp_path / "back.courier"
    made = _export(a, B, there)
    taken = _import(b, there)
    assert (taken["from"], taken["new"], taken["sha256"]) == (A, made["envelopes"], made["sha256"])
    assert ref in _refs(b)
    b.fanal("notice", "show", ref)
    _export(b, A, back)
    assert _state(a, ref) == "QUEUED"
    _import(a, back)
    assert _state(a, ref) == "READ"
    for node, other in ((a, B), (b, A)):
        [peer] = json.loads(node.fanal("peer", "list", "--json"))["peers"]
        assert (peer["agency"], peer["state"], peer["received"]) == (other, peer["state"], 0)
        assert peer["state"] != "CONNECTED"
    for sender, receiver, name in ((a, b, B), (b, a, A)):  # each other's witnesses
        _export(sender, name, file := tmp_path / f"for-{name}.courier")
        _import(receiver, file)
    for node in pair:
        assert json.loads(node.fanal("audit", "verify", "--json"))["verdict"] == "passed"


def test_attachments_go_by_file_both_ways_between_nodes_that_never_met(pair: Pair, tmp_path: Path) -> None:
    """3 MiB in two files of 2 MiB without an answer between, and a small one with the answer; each officer
    saves what the other attached, byte for byte."""
    a, b = pair
    large, small = tmp_path / "scan.bin", tmp_path / "reply.bin"
    large.write_bytes(hashlib.shake_256(b"scan").digest(3 * 1024 * 1024))
    small.write_bytes(hashlib.shake_256(b"reply").digest(100_000))
    sent = send(a, new_draft(a, tmp_path / "there.json"), B, "--attach", str(large))
    back = send(b, new_draft(b, tmp_path / "back.json"), A, "--attach", str(small))
    first, rest, answer = (tmp_path / f"{name}.courier" for name in ("first", "rest", "answer"))
    made = _export(a, B, first, "--max-size", "2", code=3)
    assert (made["attachments"], made["attachments_part"], made["partial"]) == (0, 1, True)
    made = _export(a, B, rest, "--max-size", "2", "--rest")
    assert (made["envelopes"], made["attachments"], made["partial"]) == (0, 1, False)
    assert _import(b, first)["attachments_part"] == 1
    assert _import(b, rest)["attachments"] == 1
    _export(b, A, answer)
    assert _import(a, answer)["attachments"] == 1
    assert _state(a, sent) == "STORED"
    for node, ref, original in ((b, sent, large), (a, back, small)):
        saved = tmp_path / f"{node.name}.bin"
        node.fanal("notice", "attachment", ref, "-o", str(saved))
        assert saved.read_bytes() == original.read_bytes()
    assert _export(a, B, tmp_path / "last.courier")["attachments"] == 0


def test_refused_files_say_why_and_change_nothing(pair: Pair, tmp_path: Path) -> None:
    """Damaged, for somebody else, no courier file, none at all; what has the name is never written over."""
    a, b = pair
    ref = send(a, new_draft(a, tmp_path / "draft.json"), B)
    file, bad = tmp_path / "there.courier", tmp_path / "bad.courier"
    _export(a, B, file)
    data = file.read_bytes()
    bad.write_bytes(data[:500] + bytes([data[500] ^ 1]) + data[501:])
    for node, name, code, error in (
        (b, bad, 6, "FANAL-E0862"),
        (a, file, 4, "FANAL-E0865"),
        (b, tmp_path / "draft.json", 6, "FANAL-E0860"),
        (b, tmp_path / "none", 1, "FANAL-E0931"),
    ):
        answer = json.loads(node.fanal("courier", "import", str(name), "--json", code=code))
        assert answer["error"]["id"] == error
    again = json.loads(a.fanal("courier", "export", "--to", B, str(file), "--json", code=1))
    assert again["error"]["id"] == "FANAL-E0930"
    assert ref not in _refs(b)
    assert file.read_bytes() == data


def test_an_import_cut_by_a_kill_is_completed_by_the_same_file(pair: Pair, tmp_path: Path) -> None:
    """kill -9 in the middle: what was taken in stays, and importing again brings the rest, each once."""
    a, b = pair
    refs = {
        send(a, new_draft(a, tmp_path / f"{number}.json"), to)
        for number, to in enumerate((B, "group:CASPIAN", B))
    }
    file, back = tmp_path / "there.courier", tmp_path / "back.courier"
    _export(a, B, file)
    b.end()
    process = b.launch("incoming.after-append:2:stop")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["ready"]
    with subprocess.Popen(
        command("courier", "import", str(file)), env=b.env(), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as client:  # fmt: skip
        b.kill_where_it_stops()
        _, why = client.communicate(timeout=60)
        assert client.returncode == 5, why
    b.start()
    taken = _import(b, file)
    assert (taken["refused"], taken["waiting"]) == (0, 0)
    assert taken["known"] > 0
    assert refs <= _refs(b)
    _export(b, A, back)
    _import(a, back)
    assert {_state(a, ref) for ref in refs} == {"STORED"}
