# SPDX-License-Identifier: Apache-2.0
"""``receipts.matched``: what a node says became of its notices, against the receipts in its own log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from audited import A, Audited
from clikit import Run
from sqlcipher3 import dbapi2 as driver

from fanal.node.ledger.audit_claims import Spans


def verified(desk: Audited, run: Run, *statements: str) -> tuple[int, dict[str, str], str]:
    """Exit code, what did not pass, and the words of the check, after root changed A's ledger."""
    connection = driver.connect(str(Path(desk.folders[A]) / "ledger.db"), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    ran = run("audit", "verify", desk.folders[A], "--network", desk.network, "--json")
    checks = {one["name"]: one for one in ran.json["checks"]}
    doubts = {name: one["status"] for name, one in checks.items() if one["status"] != "passed"}
    return ran.code, doubts, checks["receipts.matched"]["detail"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("state = 'READ'", "READ at TR-CUS, and no receipt leaf of TR-CUS"),
        ("state = 'ANSWERED', reached = 5", "answered by TR-CUS, which never wrote"),
        ("state = 'REJECTED', reason = 'X'", "REJECTED at TR-CUS"),
        ("state = 'HELD', reason = 'NO_KEY'", "HELD at TR-CUS"),
        ("state = 'RELAYED', via = 'GE-CUS'", "no receipt leaf of GE-CUS"),
        ("state = 'WITHDRAWN', reached = 6, reason = 'COMPLIED'", "COMPLIED at TR-CUS"),
        ("state = 'REFUSED', reached = 6", "REFUSED at TR-CUS"),
        ("recipient = 'UA-BGS'", "STORED at UA-BGS"),
        ("state = 'BURNT'", "which is no state"),
    ],
)
def test_deliveries_edited_by_hand_to_claim_what_nobody_said_are_named(
    desk: Audited, run: Run, change: str, words: str
) -> None:
    """Root makes the table say that TR-CUS read, answered, refused or complied: no leaf backs it."""
    code, doubts, detail = verified(
        desk, run, f"UPDATE deliveries SET {change} WHERE recipient = 'TR-CUS' AND state = 'STORED'"
    )
    assert (code, doubts) == (6, {"receipts.matched": "failed"})
    assert words in detail
    assert re.search("[0-9a-f]{32}", detail)


def test_a_reading_whose_leaf_was_taken_away_is_named(desk: Audited, run: Run) -> None:
    """The leaf goes and the claim stays: the claim accuses, whatever else does."""
    change = "UPDATE leaves SET data = CAST(replace(data, 'kind=read', 'kind=held') AS BLOB)"
    code, doubts, detail = verified(desk, run, change + " WHERE data LIKE '% receipt-in %'")
    assert (code, doubts["receipts.matched"]) == (6, "failed")
    assert f"{desk.envelope} is said to be READ" in detail


def test_a_claim_about_an_envelope_that_is_not_here_is_undecided(desk: Audited, run: Run) -> None:
    """Nobody can tell what it was: it is named."""
    code, doubts, detail = verified(
        desk, run, "UPDATE deliveries SET envelope_id = zeroblob(16) WHERE recipient = 'TR-CUS'"
    )
    assert (code, doubts) == (7, {"receipts.matched": "undecided"})
    assert "00" * 16 in detail


def test_what_claims_too_little_accuses_nobody(desk: Audited, run: Run) -> None:
    """The leaves prove what they prove."""
    assert verified(desk, run, "UPDATE deliveries SET state = 'QUEUED', reached = 0")[:2] == (0, {})
    assert verified(desk, run, "DELETE FROM deliveries")[:2] == (0, {})


def test_ranges_of_receipts_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand receipts that touch are one range; a gap stays a gap."""
    spans = Spans()
    for number in range(10_000):
        if number != 5_000:
            spans.add(number, number + 1)
    assert [spans.holds(number) for number in (0, 4_999, 5_000, 5_001, 9_999, 10_000)] == [
        True, True, False, True, True, False,
    ]  # fmt: skip
    assert len(spans._ranges) == 2
