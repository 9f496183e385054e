# SPDX-License-Identifier: Apache-2.0
"""The wall clocks of both nodes jump at once, each by an hour to ten years its own way, while notices flow.

JUMPS=200 make clocks: a longer campaign.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakeclock import DAY, HOUR, YEAR, FakeClock, fake_clock
from realnet import QUICK, RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by, reader_has_all, sender_has_all

from fanal.keys.certificate import spki_sha256
from fanal.keys.documents import decode_document
from fanal.keys.identity import verify_own_claim

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"
JUMPS = int(os.environ.get("JUMPS", "8"))
SHIFTS = (HOUR, 0, -HOUR, 10 * YEAR, 0, -10 * YEAR, 0, 400 * DAY, -DAY, 0, 30 * DAY, -YEAR, 0)
THEIRS = (-DAY, HOUR, 0, -10 * YEAR, YEAR, 0, 10 * YEAR, -HOUR, 0, 400 * DAY, -30 * DAY, 0, -YEAR)
"""Of the other node at the same moments; both are right only at the end."""


def jumps_in(log: Path) -> int:
    return log.read_text().count("clock_jumped")


def jump(node: RealNode, clock: FakeClock, shift: int) -> None:
    """The clock is so far off from now on, and the node has said so."""
    jump_at_once([(node, clock, shift)])


def jump_at_once(moved: Sequence[tuple[RealNode, FakeClock, int]]) -> Counter[str]:
    """The clocks are so far off from now on; which nodes have said so: those that were not so before."""
    known = {node.log: jumps_in(node.log) for node, clock, shift in moved if clock.shift != shift}
    for _node, clock, shift in moved:
        clock.shift = shift
    until(lambda: all(jumps_in(log) > before for log, before in known.items()), "the jumps are noticed")
    return Counter(node.name for node, _clock, _shift in moved if node.log in known)


def test_nothing_is_lost_or_erased_when_clocks_jump_at_once_under_load(
    network: dict[str, RealNode], clock: FakeClock, tmp_path: Path
) -> None:
    """Every acknowledged notice is at the reader, once, and readable; each jump is in its node's log, once.

    One issued under a date that the reader has not reached is stored, marked and answered REJECTED.
    """
    listed, began, done = tmp_path / "acknowledged", time.monotonic(), Counter[str]()
    network[A].settings = {**network[A].settings, "CRASHLOAD_GIVES_UP": "1"}
    with fake_clock(tmp_path, "theirs") as theirs, load_on(network[A], listed, B):
        assert network[B].end() == 0
        network[B].settings = {**QUICK, **theirs.env}
        network[B].start()
        until(lambda: len(acknowledged(listed)) > 5, "notices flow")
        for number in range(JUMPS):
            ours, other = SHIFTS[number % len(SHIFTS)], THEIRS[number % len(THEIRS)]
            done += jump_at_once([(network[A], clock, ours), (network[B], theirs, other)])
        done += jump_at_once([(network[A], clock, 0), (network[B], theirs, 0)])
        before = len(acknowledged(listed))
        until(lambda: len(acknowledged(listed)) > before + 5, "notices flow again")
    sent = acknowledged(listed)
    print(f"  {dict(done)} jumps, {len(sent)} notices in {time.monotonic() - began:.1f} s")
    officer = RealOfficer(network[A].home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    states = [officer.states(one.ref)[B] for one in sent]
    assert set(states) <= {"STORED", "REJECTED"}
    assert states[:5] + states[-5:] == ["STORED"] * 10
    officer.again()
    for node in network.values():
        assert node.end() == 0
    assert {name: jumps_in(node.log) for name, node in network.items()} == done
    sender_has_all(kept_by(network[A]), sent)
    reader_has_all(kept_by(network[B]), sent)


def shown(node: RealNode, peer: str) -> dict[str, str]:
    row: dict[str, str] = json.loads(node.fanal("peer", "show", peer, "--json"))
    return row


def certificate_of(node: RealNode) -> str:
    """SHA-256 of the newest TLS key in an agency's own document."""
    view = verify_own_claim(decode_document(node.home.identity_files()[-1].read_bytes()))
    return spki_sha256(view.certificate).hex()


def test_a_certificate_that_has_ended_is_named_on_both_sides_and_mended(
    network: dict[str, RealNode], clock: FakeClock, tmp_path: Path
) -> None:
    """Own and peer's: doctor, peer show and track say which, with id and command; the command mends it."""
    ended, other = network[A], network[B]
    assert other.end() == 0
    other.settings = {**ended.settings, "CRASHLOAD_GIVES_UP": "1"}
    other.start()
    jump(ended, clock, 350 * DAY)
    for node, more in ((ended, ()), (other, ("NODE_SIGN", "TLS"))):
        for use in ("OFFICER officer-1", "ENCRYPT", *more):
            assert json.loads(node.fanal("key", "rotate", *use.split(), "--json"))["taken_up"] == "yes"
    until(lambda: shown(ended, B)["tls_spki_sha256"] == certificate_of(other), "the new one is known")
    listed = tmp_path / "acknowledged"
    with load_on(other, listed, A):
        until(lambda: acknowledged(listed), "one is taken: the other's key for reading is known")
        assert ended.end() == 0
        gone = len(acknowledged(listed))
        until(lambda: len(acknowledged(listed)) > gone + 2, "some are taken while it is away")
    jump(other, clock, 405 * DAY)
    ended.start()
    rows = json.loads(ended.fanal("doctor", "--json", code=1))["checks"]
    assert "fanal key rotate TLS" in {row["next"] for row in rows if row["level"] == "problem"}
    until(lambda: shown(ended, B)["reason_id"] == "FANAL-E0820", "the own certificate is named")
    until(lambda: shown(other, A)["reason_id"] == "FANAL-E0832", "the peer's certificate is named")
    sent = acknowledged(listed)[-1].ref
    tracked = json.loads(other.fanal("notice", "track", sent, "--json"))["deliveries"]
    assert [row["reason_id"] for row in tracked] == ["FANAL-E0832"], tracked
    for use in ("TLS", "NODE_SIGN", "ENCRYPT"):
        ended.fanal("key", "rotate", use)
    # The peer admits no certificate that it knows, so the document comes by hand.
    shutil.copy(ended.home.identity_files()[-1], other.home.peer_file(A))
    until(lambda: shown(other, A)["state"] == "CONNECTED", "they are linked again")
