# SPDX-License-Identifier: Apache-2.0
"""Notices and charters that a person gets wrong, through commands at a running node."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile import Ended
from realnet import RealNode

from fanal.notices.compose import new_notice_id

pytestmark = pytest.mark.process

Send = Callable[..., Ended]
Run = Callable[..., Ended]


@pytest.fixture
def send(network: dict[str, RealNode], tmp_path: Path, run: Run) -> Send:
    """Sends a valid draft with these changes: ``send({"ref": "x"}, "--to", "GE-CUS")``."""
    az = network["AZ-CUS"]
    draft = tmp_path / "base.json"
    az.fanal("notice", "new", "MODUS_OPERANDI", "-o", str(draft))
    base = json.loads(draft.read_text())
    base["legal_basis"] = "Customs cooperation agreement, article 12"
    base["evaluation"] = {"grade": "B2"}
    base["modus_operandi"] = {"category": "CONCEALMENT", "technique": "FALSE_FLOOR", "detection_hints": ["x"]}

    def one(changes: dict[str, Any], *arguments: str) -> Ended:
        path = tmp_path / "draft.json"
        fresh = {"notice_id": new_notice_id(int(time.time()), os.urandom)}
        path.write_text(json.dumps(base | fresh | changes))
        return run("notice", "send", str(path), "--yes", *arguments, env=az.env())

    return one


def texts(text: str) -> dict[str, Any]:
    return {"texts": [{"lang": "en", "text": text, "original": True}]}


def test_every_wrong_audience_is_refused_before_anything_is_signed(send: Send) -> None:
    """Nobody, oneself, an unknown group, a stranger, 501 of them, the same one 300 times."""
    many = {"recipients": [f"TR-X{number:03d}" for number in range(501)]}
    for changes, to, code, error in (
        ({}, (), 8, "FANAL-E0670"),
        ({}, ("--to", ","), 8, "FANAL-E0670"),
        ({}, ("--to", "AZ-CUS"), 8, "FANAL-E0670"),
        ({}, ("--to", "group:NOPE"), 8, "FANAL-E0672"),
        ({}, ("--to", "group:CASPIAN", "--to", "group:B"), 2, "FANAL-E0951"),
        ({}, ("--to", "TR-CUS"), 8, "FANAL-E0671"),
        (many, (), 8, "FANAL-E0671"),
        ({"recipients": ["GE-CUS"] * 300}, (), 8, "FANAL-E0932"),
    ):
        ran = send(changes, *to).refused(code, error)
        assert len(ran.err) < 2_000


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        (texts("x" * 8_001), "TOO_LONG"),
        (texts("a\u202eb"), "BIDI_CONTROL"),
        (texts("a\u001b[31mb"), "CONTROL_CHARACTER"),
        ({"expires_at": "2001-12-31T23:59:59Z"}, "DATE_ORDER"),
        ({"expires_at": "9999-12-31T23:59:59Z"}, "DATE_ORDER"),
        ({"originator": "GE-CUS"}, "originator"),
        ({"ref": "GE-CUS-2026-000001-00"}, "CHECK_DIGIT"),
        ({"revision": 5}, "previous_sha256"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_sent(send: Send, changes: dict[str, Any], word: str) -> None:
    """8,001 characters, hidden direction, escapes, impossible times, another's name, a path for a name."""
    assert word in send(changes, "--to", "GE-CUS").refused(8, "FANAL-E0932").err


def test_an_attachment_that_is_only_named_is_refused(send: Send) -> None:
    """A draft names a file, by a path at that, and none was given for it: nothing is sent."""
    changes = {"attachments": [{"name": "../../etc/passwd"}]}
    assert "--attach" in send(changes, "--to", "GE-CUS").refused(2, "FANAL-E0971").err


def test_what_is_no_notice_at_all_is_refused_in_one_sentence(
    send: Send, network: dict[str, RealNode]
) -> None:
    """A year of five digits, a text of 300 KB, a number where an object belongs."""
    for changes in (
        {"issued_at": "99999-12-31T23:59:59Z"},
        texts("\U0001f600" * 70_000),
        {"handling": 7},
        {"urgency": 10**400},
    ):
        send(changes, "--to", "GE-CUS").refused(1, "FANAL-E0113")


def test_an_id_that_fits_several_or_none_is_refused(
    send: Send, network: dict[str, RealNode], run: Run
) -> None:
    """A prefix of two notices is answered with both; what fits none, with none, and nothing is echoed raw."""
    env = network["AZ-CUS"].env()
    sent = [json.loads(send({}, "--to", "GE-CUS", "--json").out) for _ in range(2)]
    ids = [one["notice_id"] for one in sent]
    prefix = ids[0][:8]  # 65 s of the time of a UUIDv7
    assert ids[1].startswith(prefix)
    ran = run("notice", "show", prefix, env=env).refused(2, "FANAL-E0642")
    assert all(one in ran.err for one in ids)
    for word in ("0190aaaa", "\x1b[31m", "%s%n", "x" * 100_000):
        for verb in ("show", "track"):
            wanted = (8, "FANAL-E0840") if len(word) > 4096 else (9, "FANAL-E0641")
            ran = run("notice", verb, word, env=env).refused(*wanted)
            assert "\x1b" not in ran.err
            assert len(ran.err) < 2_000


def test_a_careless_edit_of_a_charter_signs_nothing(
    network: dict[str, RealNode], tmp_path: Path, run: Run
) -> None:
    """Left out, mistyped, twice, or what --apply cannot change: refused, and the charter stays."""
    az = network["AZ-CUS"]
    path = tmp_path / "charter.json"
    az.fanal("network", "charter", "--export", str(path))
    good = json.loads(path.read_text())
    channel = good["channels"][0]
    cases: list[tuple[str, str]] = [
        (json.dumps({k: v for k, v in good.items() if k != "channels"}), "missing"),
        (json.dumps({**good, "chanels": []}), "chanels"),
        (json.dumps({**good, "members": []}), "members cannot be changed"),
        (json.dumps({**good, "threshold": 0}), "threshold cannot be changed"),
        (json.dumps({**good, "channels": [channel, channel]}), "twice"),
        (json.dumps({**good, "channels": [{"name": "CASPIAN", "memebers": ["AZ-CUS"]}]}), "another form"),
        (json.dumps({**good, "relays": [{"agency": "GE-CUS"}]}), "another form"),
        (json.dumps({**good, "version": 1}), "another charter"),
        (json.dumps(good)[:-1] + ', "channels": []}', "not JSON"),
        ("\ufeff" + json.dumps(good), "not JSON"),
        ("[" * 100_000, "not JSON"),
        (json.dumps([]), "no JSON object"),
    ]
    for text, word in cases:
        path.write_text(text)
        ran = run("network", "charter", "--apply", str(path), "--yes", env=az.env())
        assert word in ran.refused(2, "FANAL-E0947").err
    assert json.loads(az.fanal("network", "charter", "--json"))["version"] == good["version"]


@pytest.mark.parametrize("given", ["/dev/zero", "/dev/null", "huge", "folder", "none", "noise"])
def test_files_that_hold_nothing_of_the_kind_are_refused_wherever_one_is_read(
    network: dict[str, RealNode], tmp_path: Path, run: Run, given: str
) -> None:
    """Endless, empty, 1 GiB, missing, a folder, noise: for each command that takes a file."""
    path = tmp_path / given if not given.startswith("/") else Path(given)
    if given == "huge":
        with path.open("wb") as file:
            file.truncate(1024**3)
    if given == "folder":
        path.mkdir()
    if given == "noise":
        path.write_bytes(os.urandom(5_000))
    az = network["AZ-CUS"]
    good = str(Path(__file__).parents[1] / "notices" / "corpus" / "notices.jsonl")
    for words in (
        ("notice", "check", good, "--context", str(path)),
        ("notice", "send", str(path), "--to", "GE-CUS"),
        ("network", "charter", "--apply", str(path)),
        ("status", "--key-file", str(path)),
    ):
        ran = run(*words, env=az.env())
        assert ran.code in (1, 2, 4, 8, 9), ran
        ran.refused(ran.code, ran.error_id)
        assert ran.error_id
        assert ran.seconds < 10
    judged = run("audit", "verify", str(path), env=az.env())
    assert judged.seconds < 10
    if path.is_file():
        # To an auditor a file that is no bundle is a verdict, with the one check that failed.
        assert (judged.code, "failed     bundle.form" in judged.out) == (6, True)
    else:
        judged.refused(judged.code, judged.error_id)
