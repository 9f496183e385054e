# SPDX-License-Identifier: Apache-2.0
"""The auditor's commands on ledgers that real nodes wrote, without a node and without a secret."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from audited import A, Audited, B, C
from clikit import Run, misfits
from sqlcipher3 import dbapi2 as driver

from fanal.cli.shown import audit_shapes as shapes


def change(folder: Path, *statements: str) -> None:
    """By root, with any SQLite tool."""
    connection = driver.connect(str(folder / "ledger.db"), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def not_passed(answer: Any) -> dict[str, str]:
    return {one["name"]: one["status"] for one in answer["checks"] if one["status"] != "passed"}


@pytest.mark.parametrize("agency", [A, B, C])
def test_ledgers_of_real_nodes_verify_with_the_network_id_brought(
    desk: Audited, run: Run, agency: str
) -> None:
    """Every check passes on what three nodes wrote, cosignatures, receipts and accesses included."""
    ran = run("audit", "verify", desk.folders[agency], "--network", desk.network, "--json")
    assert not_passed(ran.json) == {}
    assert (ran.code, ran.json["verdict"]) == (0, "passed")
    names = {one["name"] for one in ran.json["checks"]}
    assert {
        "receipts.envelope",
        "receipts.logged",
        "receipts.matched",
        "access.envelope",
        "checkpoints.cosigned",
    } <= names


def test_a_forged_anchor_is_found_and_the_newest_good_one_is_named(desk: Audited, run: Run) -> None:
    """A line of the agency's ML-DSA key that does not verify fails the audit; what is anchored is told."""
    asked = ("audit", "verify", desk.folders[A], "--network", desk.network, "--json")
    [good] = [one for one in run(*asked).json["checks"] if one["name"] == "checkpoints.anchored"]
    assert (good["status"], "size" in good["detail"]) == ("passed", True)
    connection = driver.connect(str(desk.folders[A] / "ledger.db"), isolation_level=None)
    anchored = "SELECT size, note FROM checkpoints WHERE instr(note, CAST('/anchor ' AS BLOB))"
    size, note = connection.execute(anchored).fetchone()
    head, mark, line = note.partition(b"/anchor ")
    forged = line[:400] + (b"A" if line[400:401] != b"A" else b"B") + line[401:]
    connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (head + mark + forged, size))
    connection.close()
    ran = run(*asked)
    assert (ran.code, not_passed(ran.json)) == (6, {"checkpoints.anchored": "failed"})


def test_without_a_network_id_the_verdict_is_undecided(desk: Audited, run: Run) -> None:
    """Anybody can found a network of any name: only the id from paper tells which one it is."""
    ran = run("audit", "verify", desk.folders[A], "--json")
    assert (ran.code, not_passed(ran.json)) == (7, {"network": "undecided"})
    assert run("audit", "verify", desk.folders[A], "--network", "00" * 32).code == 6
    assert run("audit", "verify", desk.folders[A], "--network", "12").code == 2


@pytest.mark.parametrize("command", [["verify"], ["access", "--ledger"]])
def test_what_is_not_there_is_named_as_it_was_typed(run: Run, tmp_path: Path, command: list[str]) -> None:
    """A mistyped bundle, export or folder is refused by its own name, not by that of a file inside it."""
    missing = tmp_path / "proof.zip"
    ran = run("audit", *command, missing)
    assert ran.code == 9
    assert f"There is no {missing}." in ran.err
    assert "fanal audit export or prove" in ran.err


def test_an_export_is_verified_like_the_folder_and_cannot_be_opened(
    desk: Audited, run: Run, tmp_path: Path
) -> None:
    """The same checks pass on the file; twice exported it has the same bytes; no body or wrap is in it."""
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    first = run("audit", "export", desk.folders[B], "-o", one, "--json")
    assert first.json["sha256"] == hashlib.sha256(one.read_bytes()).hexdigest()
    run("audit", "export", desk.folders[B], "-o", two)
    assert one.read_bytes() == two.read_bytes()
    ran = run("audit", "verify", one, "--network", desk.network, "--json")
    assert (ran.code, not_passed(ran.json)) == (0, {})
    assert ran.json["size"] == first.json["size"]
    folder = run("audit", "verify", desk.folders[B], "--network", desk.network, "--json").json
    made = {check["name"] for check in folder["checks"]}
    left_out = {"tree.nodes", "tree.beyond", "database.integrity", "database.references", "receipts.matched"}
    left_out |= {"entries.attachments"}
    assert made - left_out == {check["name"] for check in ran.json["checks"]}
    assert run("audit", "export", desk.folders[B], "-o", one).code == 1


def test_a_ledger_whose_lanes_went_on_in_another_run_is_exported(
    desk: Audited, run: Run, tmp_path: Path
) -> None:
    """What an incarnation's successor says stands in the file too."""
    change(
        desk.folders[B],
        "INSERT INTO successors SELECT lane, zeroblob(16), incarnation, 1, zeroblob(32) FROM streams LIMIT 1",
    )
    path = tmp_path / "again.zip"
    assert run("audit", "export", desk.folders[B], "-o", path).code == 0
    assert len(content(path)["successors.jsonl"].splitlines()) == 2


def test_a_changed_export_fails_or_is_refused(desk: Audited, run: Run, tmp_path: Path) -> None:
    """One flipped byte in anything that the file says never passes; dates of the zip say nothing."""
    path = tmp_path / "one.zip"
    run("audit", "export", desk.folders[B], "-o", path)
    data, whole = path.read_bytes(), content(path)
    for at in range(200, len(data), len(data) // 23):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        code = run("audit", "verify", path, "--network", desk.network).code
        assert code in (2, 6) or (code == 0 and content(path) == whole)


def test_an_export_that_lost_its_newest_checkpoint_is_refused(
    desk: Audited, run: Run, tmp_path: Path
) -> None:
    """Its head tells how far it reached, so rows that were cut off are no shorter ledger."""
    path, cut = tmp_path / "one.zip", tmp_path / "cut.zip"
    run("audit", "export", desk.folders[B], "-o", path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(cut, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            lines = data.splitlines(keepends=True)
            new.writestr(info, b"".join(lines[:-1]) if info.filename == "checkpoints.jsonl" else data)
    ran = run("audit", "verify", cut, "--network", desk.network)
    assert (ran.code, "another checkpoint" in ran.err) == (6, True)


def test_an_export_with_something_hidden_around_it_is_refused(
    desk: Audited, run: Run, tmp_path: Path
) -> None:
    """Bytes before or behind the archive, and a link in it, are no part of an export."""
    path = tmp_path / "one.zip"
    run("audit", "export", desk.folders[B], "-o", path)
    data, whole = path.read_bytes(), content(path)
    linked = tmp_path / "linked.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        for name, inner in whole.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, inner)
    for odd in (b"#!/bin/sh\n" + data, data + b"\n", linked.read_bytes()):
        path.write_bytes(odd)
        ran = run("audit", "verify", path, "--network", desk.network)
        assert (ran.code, "FANAL-E0647" in ran.err) == (6, True)


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("DELETE FROM entries WHERE klass = 2 AND source = ''", "receipts.envelope"),
        ("UPDATE entries SET body = NULL, own_wrap = x'' WHERE klass = 1", "entries.body"),
        ("UPDATE checkpoints SET note = CAST(replace(note, '/witness', '/witnesz') AS BLOB)", ""),
    ],
)
def test_what_leaves_tell_is_held_against_the_entries(
    desk: Audited, run: Run, statement: str, check: str
) -> None:
    """A receipt without its envelope and a body that vanished are named; cosignatures cut off are a doubt."""
    change(desk.folders[B], "PRAGMA foreign_keys = OFF", statement)
    ran = run("audit", "verify", desk.folders[B], "--network", desk.network, "--json")
    if check:
        assert (ran.code, not_passed(ran.json)[check]) == (6, "failed")
    else:
        assert (ran.code, not_passed(ran.json)) == (7, {"checkpoints.cosigned": "undecided"})


def test_a_timeline_tells_one_envelope_from_sending_to_reading(desk: Audited, run: Run) -> None:
    """At the sender: sealed, answered STORED and READ; at the reader: stored, answered, read."""
    sender = run("audit", "timeline", desk.envelope, "--ledger", desk.folders[A], "--json").json
    told = [(one["type"], one["values"].get("kind")) for one in sender["events"]]
    assert told[0] == ("envelope-out", None)
    assert {("receipt-in", "stored"), ("receipt-in", "read")} <= set(told)
    assert {one["state"] for one in sender["deliveries"]} == {"READ"}
    assert any(one["cosigned"] for one in sender["events"])
    reader = run("audit", "timeline", desk.manifest[:12], "--ledger", desk.folders[B], "--json").json
    kinds = {one["type"] for one in reader["events"]}
    assert {"envelope-in", "receipt-out", "access"} <= kinds
    assert reader["envelope_id"] == desk.envelope
    text = run("audit", "timeline", desk.envelope, "--ledger", desk.folders[B]).out
    assert "access act=read" in text


def test_a_timeline_of_what_is_not_here_is_not_found(desk: Audited, run: Run) -> None:
    """Another agency's secret traffic, a ref, and a word are all the same: exit 9."""
    for what in ("ffffffffffff", "AZ-CUS-2026-000001-00", "'; DROP"):
        assert run("audit", "timeline", what, "--ledger", desk.folders[A]).code == 9
    assert run("audit", "timeline", desk.envelope, "--ledger", desk.folders[C]).code == 9


def test_access_lists_people_as_hmacs_without_a_key(desk: Audited, run: Run) -> None:
    """Whoever has no key sees that somebody read which envelope and when, and not who."""
    found = run("audit", "access", "--ledger", desk.folders[B], "--json").json["acts"]
    assert any(one["act"] == "read" and one["envelope_id"] == desk.envelope for one in found)
    assert {one["officer"] for one in found} == {""}
    [actor] = {one["actor"] for one in found}
    day = found[0]["time"][:10]
    same = run("audit", "access", "--who", actor, "--when", day, "--ledger", desk.folders[B], "--json")
    assert same.json["acts"] == found
    none = run("audit", "access", "--when", "..1999-12-31", "--ledger", desk.folders[B], "--json")
    assert none.json == {"acts": []}
    assert run("audit", "access", "--when", "soon", "--ledger", desk.folders[B]).code == 2
    turned = run("audit", "access", "--when", "2026-11-27..2026-11-25", "--ledger", desk.folders[B])
    assert (turned.code, "--when ends before it begins" in turned.err) == (2, True)


def test_completeness_counts_what_is_here_and_what_is_not(desk: Audited, run: Run) -> None:
    """All numbers are here; one deleted is missing; one changed does not follow."""
    whole = run("audit", "completeness", desk.lane[:8], "--ledger", desk.folders[B], "--json")
    [stream] = whole.json["streams"]
    assert (whole.code, stream["missing"], stream["broken"]) == (0, 0, [])
    assert stream["present"] == sum(one["last"] - one["first"] + 1 for one in stream["numbers"])
    beyond = run("audit", "completeness", desk.lane, "0..99", "--ledger", desk.folders[B], "--json")
    assert (beyond.code, beyond.json["streams"][0]["numbers"][-1]["state"]) == (7, "missing")
    change(
        desk.folders[B],
        "PRAGMA foreign_keys = OFF",
        f"UPDATE entries SET previous = zeroblob(32) WHERE envelope_id = x'{desk.envelope}'",
    )
    assert run("audit", "completeness", desk.lane, "--ledger", desk.folders[B]).code == 6
    unknown = run("audit", "completeness", "ffff", "--ledger", desk.folders[B])
    assert (unknown.code, "fanal audit completeness" in unknown.err) == (9, True)
    assert run("audit", "completeness", desk.lane, "7..1", "--ledger", desk.folders[B]).code == 2


def test_two_agencies_that_tell_the_truth_agree(desk: Audited, run: Run, tmp_path: Path) -> None:
    """What each sent, answered and saw of the other's log is in both ledgers, as folder or as export."""
    ran = run("audit", "compare", desk.folders[A], desk.folders[B], "--json")
    assert [one for one in ran.json["differences"] if one["wrong"]] == []
    assert {one["name"] for one in ran.json["checks"]} == {
        "network",
        "compare.entries",
        "compare.receipts",
        "compare.heads",
    }
    path = tmp_path / "b.zip"
    run("audit", "export", desk.folders[B], "-o", path)
    assert run("audit", "compare", desk.folders[A], path, "--json").json["checks"] == ran.json["checks"]


def test_a_denied_receipt_is_named(desk: Audited, run: Run) -> None:
    """B takes back the leaf of a receipt that it gave: A has heard it, and B's ledger holds its envelope."""
    change(desk.folders[B], "UPDATE leaves SET data = CAST('x' AS BLOB) WHERE data LIKE '% receipt-out %'")
    ran = run("audit", "compare", desk.folders[A], desk.folders[B], "--json")
    assert ran.code == 6
    assert "receipt-nobody-gave" in {one["what"] for one in ran.json["differences"] if one["wrong"]}


def test_an_entry_that_its_author_dropped_is_named(desk: Audited, run: Run) -> None:
    """A deletes what it sent to B: B holds it, so A's ledger has a hole that A signed for."""
    change(
        desk.folders[A],
        "PRAGMA foreign_keys = OFF",
        f"DELETE FROM entries WHERE envelope_id = x'{desk.envelope}'",
    )
    ran = run("audit", "compare", desk.folders[A], desk.folders[B], "--json")
    assert (ran.code, ran.json["verdict"]) == (6, "failed")
    assert "missing-at-its-author" in {one["what"] for one in ran.json["differences"]}


def notes_of(folder: Path) -> list[bytes]:
    connection = driver.connect(str(folder / "ledger.db"))
    found = [row[0] for row in connection.execute("SELECT note FROM checkpoints ORDER BY size")]
    connection.close()
    return found


def test_checkpoints_of_one_log_lead_to_its_ledger(desk: Audited, run: Run, tmp_path: Path) -> None:
    """An old checkpoint is a prefix of the ledger; two alone cannot be led to each other; a fork is found."""
    notes = notes_of(desk.folders[A])
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(notes[0])
    new.write_bytes(notes[-1])
    assert run("audit", "compare", old, desk.folders[A]).code == 0
    alone = run("audit", "compare", old, new, "--json")
    assert (alone.code, alone.json["verdict"]) == (7, "undecided")
    change(
        desk.folders[A],
        "UPDATE leaves SET data = CAST(replace(data, 'seq=0', 'seq=9') AS BLOB) WHERE idx IN "
        "(SELECT min(idx) FROM leaves WHERE data LIKE '% seq=0 %')",
    )
    forked = run("audit", "compare", new, desk.folders[A], "--json")
    assert (forked.code, forked.json["differences"][0]["what"]) == (6, "two-roots")
    junk = tmp_path / "junk"
    junk.write_bytes(b"no note\n")
    refused = run("audit", "compare", junk, desk.folders[A])
    assert (refused.code, "holds no checkpoint" in refused.err, ".." in refused.err) == (2, True, False)


def test_nothing_is_suspect_while_every_key_is_good(desk: Audited, run: Run) -> None:
    """Three nodes with their first keys: an empty list and exit 0."""
    ran = run("audit", "suspects", "--ledger", desk.folders[B], "--json")
    assert (ran.code, ran.json) == (0, {"suspects": [], "revoked_officers": []})


def test_commands_leave_the_audited_folder_as_it_was(desk: Audited, run: Run, tmp_path: Path) -> None:
    """Read-only: the same bytes afterwards, whatever was asked."""
    folder = desk.folders[B]
    before = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    run("audit", "verify", folder)
    run("audit", "export", folder, "-o", tmp_path / "x.zip")
    run("audit", "timeline", desk.envelope, "--ledger", folder)
    run("audit", "access", "--ledger", folder)
    run("audit", "suspects", "--ledger", folder)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    assert {name: after[name] for name in before} == before


def test_every_answer_has_the_shape_that_is_written_down(desk: Audited, run: Run, tmp_path: Path) -> None:
    """One line of JSON each, with the fields of its shape and no others."""
    folder, other = desk.folders[A], desk.folders[B]
    for words, shape in (
        (["export", folder, "-o", tmp_path / "a.zip"], shapes.ExportAnswer),
        (["compare", folder, other], shapes.CompareAnswer),
        (["timeline", desk.envelope, "--ledger", folder], shapes.TimelineAnswer),
        (["access", "--ledger", other], shapes.AccessAnswer),
        (["suspects", "--ledger", folder], shapes.SuspectsAnswer),
        (["completeness", "--ledger", folder], shapes.CompletenessAnswer),
        (["stats", folder], shapes.StatsAnswer),
    ):
        ran = run("audit", *words, "--json")
        assert ran.out.count("\n") == 1
        assert misfits(ran.json, shape) == []
