# SPDX-License-Identifier: Apache-2.0
"""Copies that leave the screen: paper with its marks on every page, JSON lines, the ledger as a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from clikit import FakeNode, Run, a_notice, misfits, showing

from fanal.cli.copies import paper
from fanal.cli.shown import audit_shapes, shapes
from fanal.cli.shown.text import width
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys.secret import read_key_file
from fanal.node.errors import NOTICE_UNKNOWN
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.service.errors import NOT_PERMITTED
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

LOGGED = api.Logged(person=b"\5" * 16, at=1_800_000_000, leaf_index=77)


def printing(node: FakeNode, notice: Notice) -> None:
    """Lets the node hand a notice out as printed."""
    showing(node, notice, outgoing=False)
    node.answers["Show"].summary.status = "ISSUED"
    node.answers["Print"] = api.PrintReply(shown=node.answers["Show"], logged=LOGGED)


def long_notice() -> Notice:
    """Of several pages, with lines that try to be marks, and with wide letters."""
    notice = a_notice("GE-CUS")
    notice.legal_basis = "\u7532" * 200 + "\fTLP:CLEAR\n" + "TLP:CLEAR\n" * 150
    return notice


def test_every_page_bears_its_marks_and_who_printed_it(run: Run, sending: FakeNode) -> None:
    """TLP, number, ref and status on top; time, pseudonym and leaf at the foot; the same length each."""
    printing(sending, long_notice())
    pages = run("notice", "print", "0190").out.removesuffix("\n").split("\f")
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        lines = page.removesuffix("\n").split("\n")
        assert lines[0].split() == ["TLP:AMBER", "page", str(number), "of", str(len(pages))]
        assert sending.answers["Show"].summary.ref in lines[1]
        assert "ISSUED" in lines[1]
        assert lines[-3] == "Printed 2027-01-15T08:00:00Z, leaf 77 of the ledger of AZ-CUS,"
        assert lines[-2] == f"by {'05' * 16}"
        assert lines[-1] == "TLP:AMBER"
        assert len(lines) == paper.LINES
        assert all(width(line) <= paper.COLUMNS for line in lines)
        assert [line for line in lines if line.startswith("TLP:CLEAR")] == []


def test_paper_says_what_may_be_done_and_what_was_verified(run: Run, sending: FakeNode) -> None:
    """Handling codes in words, the verification in words, and a suspect key on the paper too."""
    notice = a_notice("GE-CUS")
    notice.handling.code, notice.handling.onward = 2, 2
    printing(sending, notice)
    sending.answers["Print"].shown.summary.revoked_key = "OFFICER"
    sending.answers["Print"].shown.summary.status = "SUSPECT"
    text = " ".join(run("notice", "print", "0190").out.split())
    assert "H1: not in court proceedings without permission" in text
    assert "with the originator's consent only" in text
    assert "verified by this agency's node on arrival" in text
    assert "SUSPECT the key of GE-CUS's officer was revoked" in text
    assert sending.requests("MarkRead") == []


def test_a_print_to_a_file_is_private_new_and_the_same(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """Mode 0600; a file that is there stops it before the node logs anything; JSON has its shape."""
    printing(sending, long_notice())
    text = run("notice", "print", "0190").out
    path = tmp_path / "notice.txt"
    answer = run("notice", "print", "0190", "-o", path, "--json").json
    assert misfits(answer, shapes.PrintAnswer) == []
    assert (path.read_text(), path.stat().st_mode & 0o777, answer["leaf"]) == (text, 0o600, 77)
    assert run("notice", "print", "0190", "--json").json["text"] == text
    before = len(sending.requests("Print"))
    assert run("notice", "print", "0190", "-o", path).code == 1
    assert len(sending.requests("Print")) == before
    sending.answers["Print"] = FanalError(NOTICE_UNKNOWN, notice="0190")
    assert run("notice", "print", "0190", "-o", tmp_path / "none").code == 9
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == ["notice.txt"]


def exporting(node: FakeNode, fits: int) -> list[Notice]:
    """Lets the node list three notices, and hand out ``fits`` of those asked for in one answer."""
    notices = [a_notice("GE-CUS") for _at in range(3)]
    known: dict[str, api.ShowReply] = {}
    for notice in notices:
        showing(node, notice, outgoing=False)
        known[notice.notice_id] = node.answers["Show"]
    node.answers["List"] = api.ListReply(notices=[one.summary for one in known.values()])
    node.answers["Export"] = lambda request: api.ExportReply(
        shown=[known[one] for one in list(request.notices)[:fits]], logged=LOGGED
    )
    return notices


@pytest.mark.parametrize("fits", [1, 2, 3])
def test_exported_notices_are_lines_in_the_shape_of_show(
    run: Run, sending: FakeNode, tmp_path: Path, fits: int
) -> None:
    """All since a date, however few fit in an answer: each once, in a private file."""
    notices, path = exporting(sending, fits), tmp_path / "all.jsonl"
    answer = run("notice", "export", "--since", "2026-11-01", "-o", path, "--json").json
    assert misfits(answer, shapes.NoticesExported) == []
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["summary"]["notice_id"] for one in lines] == [one.notice_id for one in notices]
    assert [misfits(one, shapes.NoticeShown) for one in lines] == [[], [], []]
    assert (answer["notices"], answer["exported_by"]) == (3, "05" * 16)
    assert answer["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.stat().st_mode & 0o777 == 0o600
    assert sending.requests("List")[0].since == 1_793_491_200
    assert len(sending.requests("GetCharter")) <= 1
    assert sending.requests("MarkRead") == []


def test_an_export_that_is_refused_leaves_no_file(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """Neither whole nor in part; ids or a date are named, not both and not none."""
    exporting(sending, 3)
    sending.answers["Export"] = FanalError(NOTICE_UNKNOWN, notice="x")
    path = tmp_path / "x.jsonl"
    assert run("notice", "export", "x", "-o", path).code == 9
    assert run("notice", "export", "-o", path).code == 2
    assert run("notice", "export", "x", "--since", "2026-11-01", "-o", path).code == 2
    assert run("notice", "export", "--since", "soon", "-o", path).code == 2
    assert [one for one in tmp_path.iterdir() if "jsonl" in one.name] == []


@pytest.fixture
def ledger(home: Home) -> Home:
    """An agency whose node ran once."""
    assert read_key_file(home.unlock_key)
    open_ledger(home.data, now=1_800_000_000).close()
    return home


def test_beside_a_running_node_the_ledgers_export_is_logged_first(
    run: Run, sending: FakeNode, ledger: Home, tmp_path: Path
) -> None:
    """The node gets the hash while the file has no name yet; a refusal leaves no file."""
    assert ledger.data.is_dir()
    path = tmp_path / "ledger.zip"
    seen: list[bool] = []

    def logs(_request: Any) -> api.LogExportReply:
        seen.append(path.exists())
        return api.LogExportReply(logged=LOGGED)

    sending.answers["LogExport"] = logs
    ran = run("audit", "export", "-o", path, "--json")
    assert misfits(ran.json, audit_shapes.ExportAnswer) == []
    assert (ran.json["logged"], ran.json["leaf"], seen, ran.err) == (True, 77, [False], "")
    assert sending.requests("LogExport")[0].file == hashlib.sha256(path.read_bytes()).digest()
    sending.answers["LogExport"] = FanalError(NOT_PERMITTED, officer="o", action="LogExport", right="READ")
    refused = tmp_path / "refused.zip"
    assert run("audit", "export", "-o", refused).code != 0
    assert [one for one in tmp_path.iterdir() if "refused" in one.name] == []


def test_an_export_that_nobody_can_log_says_so(run: Run, ledger: Home, tmp_path: Path) -> None:
    """A stopped node, and a copy elsewhere although a node runs: said on stderr, and in JSON."""
    ran = run("audit", "export", "-o", tmp_path / "one.zip", "--json")
    assert (ran.code, ran.json["logged"], ran.json["leaf"]) == (0, False, -1)
    assert "This export is not in the ledger" in ran.err
    assert ledger.data.is_dir()
