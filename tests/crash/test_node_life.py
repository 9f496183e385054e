# SPDX-License-Identifier: Apache-2.0
"""The life of a real node: one per folder, an orderly end under load, and what it does while locked."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by

from fanal.errors import Exit, FanalError
from fanal.node.errors import FOLDER_IN_USE, LOCKED

pytestmark = pytest.mark.process


def test_a_second_daemon_in_one_folder_is_refused(running: dict[str, RealNode]) -> None:
    """It ends at once with a sentence that says why, and the first one goes on undisturbed."""
    node = running["GE-CUS"]
    before = RealOfficer(node.home)
    incarnation = before.status().incarnation
    refused = json.loads(node.fanal("node", "run", "--json", code=Exit.FAILED))
    assert refused["error"]["id"] == FOLDER_IN_USE.id
    assert before.status().incarnation == incarnation
    before.again()
    assert node.end() == 0


def test_a_socket_that_a_kill_left_behind_does_not_stop_the_next_start(running: dict[str, RealNode]) -> None:
    """After kill -9 socket and lock are still there as files; the next start takes them over."""
    node = running["GE-CUS"]
    assert node.end(signal.SIGKILL) == -signal.SIGKILL
    assert node.home.socket.exists()
    ready = node.start()
    assert ready["agency"] == "GE-CUS"
    assert not ready["locked"]
    print(f"  ready {node.seconds_to_ready:.2f} s after kill -9")


def test_sigterm_under_load_finishes_what_was_taken(running: dict[str, RealNode], tmp_path: Path) -> None:
    """Sender and receiver end with exit 0 while notices come in; nothing acknowledged is missing."""
    sender, receiver = running["AZ-CUS"], running["GE-CUS"]
    listed = tmp_path / "acknowledged"
    with load_on(sender, listed, "GE-CUS", "GE-CUS,TR-CUS"):
        for node in (receiver, sender, receiver, sender):
            enough = len(acknowledged(listed)) + 10
            until(lambda enough=enough: len(acknowledged(listed)) >= enough, "the load is under way")  # type: ignore[misc]
            began = time.monotonic()
            assert node.end(signal.SIGTERM) == 0
            assert not node.home.socket.exists()
            print(f"  {node.name} ended {time.monotonic() - began:.2f} s after SIGTERM")
            node.start()
    officer = RealOfficer(sender.home)
    until(lambda: officer.status().waiting_deliveries == 0, "every recipient has stored every notice")
    officer.again()
    for node in running.values():
        assert node.end() == 0
    ids = {one.envelope_id for one in acknowledged(listed)}
    for node, leaf in ((sender, "envelope-out"), (receiver, "envelope-in")):
        kept = kept_by(node)
        for found in (kept.entries, kept.filed, kept.leaves[leaf]):
            assert {found[one] for one in ids} == {1}
        assert kept.wrong == []


def test_a_locked_node_stores_and_neither_reads_nor_signs(running: dict[str, RealNode]) -> None:
    """Started without its key it takes a notice (SENT), shows nothing; unlocked, it files it and answers."""
    sender, receiver = running["AZ-CUS"], running["TR-CUS"]
    assert receiver.end() == 0
    settings = receiver.home.settings_file
    given = settings.read_text()
    settings.write_text("".join(line for line in given.splitlines(True) if not line.startswith("key_file")))
    try:
        assert receiver.start()["locked"]
        theirs, ours = RealOfficer(receiver.home), RealOfficer(sender.home)
        sent = ours.send(ours.prepared(["TR-CUS"], "Under lock"))
        until(lambda: ours.states(sent.ref) == {"TR-CUS": "SENT"}, "the locked node has committed it")
        size = theirs.status().ledger_size
        with pytest.raises(FanalError) as refused:
            theirs.list()
        assert refused.value.kind is LOCKED
        assert theirs.status().locked
        assert theirs.status().ledger_size == size  # neither receipt nor checkpoint
        quiet = theirs.status().now + 3
        until(lambda: theirs.status().now > quiet, "gossip has nothing left to do")
        assert theirs.unlock(receiver.home.unlock_key)
        # Well within a heartbeat: unlocking itself sets the receipt going.
        until(lambda: ours.states(sent.ref) == {"TR-CUS": "STORED"}, "the unlocked node signed for it", 15)
        assert sent.notice_id in {one.notice_id for one in theirs.list()}
        theirs.again()
        ours.again()
    finally:
        settings.write_text(given)
        assert receiver.end() == 0
