# SPDX-License-Identifier: Apache-2.0
"""Two agencies, made and joined with commands only, as a person would: real processes, sockets and disks."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3
from clikit import misfits
from realnet import free_ports

from fanal.cli.shown import shapes
from fanal.node.software import SOFTWARE

pytestmark = pytest.mark.process

ROOMS = os.pathsep.join(
    str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")
)
FANAL = [sys.executable, "-m", "fanal.cli"]
PATIENCE = 60.0


@dataclass
class Agency:
    """One agency's folder, its commands and its node."""

    name: str
    home: Path
    join_port: int
    node: subprocess.Popen[str] | None = None

    def env(self) -> dict[str, str]:
        return {
            "PYTHONPATH": ROOMS,
            "PATH": os.environ["PATH"],
            "FANAL_HOME": str(self.home),
            "FANAL_JOIN_LISTEN": f"127.0.0.1:{self.join_port}",
            "FANAL_RECEIPTS_BATCH_SECONDS": "0.1",
        }

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        return subprocess.Popen([*FANAL, *arguments], env=self.env(), text=True, **(pipes | more))

    def fanal(self, *arguments: str, code: int = 0) -> str:
        """Runs a command to its end; its stdout, once it ended with ``code``."""
        ran = subprocess.run(
            [*FANAL, *arguments], env=self.env(), text=True, capture_output=True, stdin=subprocess.DEVNULL,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ran.returncode == code, (arguments, ran)
        return ran.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.fanal(*arguments, "--json"))

    def up(self) -> None:
        """Starts the node and waits for its word that it is ready."""
        log = (self.home.parent / f"{self.name}.log").open("a")
        self.node = self.start("node", "run", stderr=log)
        log.close()
        assert self.node.stdout is not None
        assert json.loads(self.node.stdout.readline())["ready"]

    def down(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.node is not None
        self.node.send_signal(number)
        self.node.communicate(timeout=PATIENCE)
        node, self.node = self.node, None
        return node.returncode

    def until(self, arguments: list[str], found: str, where: str) -> Any:
        """Asks again until the JSON answer matches; the time-out names the last answer."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.json(*arguments)
            if re.search(found, json.dumps(answer)):
                return answer
            assert time.monotonic() < end, (where, answer)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Agency, Agency]]:
    """AZ-CUS and GE-CUS, joined through invite, join, telephone code and approve; both nodes run."""
    folder = tmp_path_factory.mktemp("net")
    ports = free_ports(4)
    az, ge = (Agency(name, folder / name, ports.pop()) for name in ("AZ-CUS", "GE-CUS"))
    for agency in (az, ge):
        agency.fanal("init", agency.name, "--key-file", "--listen", f"127.0.0.1:{ports.pop()}")
    az.fanal("network", "create", "caspian", "--channel", "CASPIAN")
    try:
        az.up()
        _join(az, ge, folder / "token")
        ge.up()
        yield az, ge
    finally:
        for agency in (az, ge):
            if agency.node is not None:
                agency.down(signal.SIGKILL)


def _join(az: Agency, ge: Agency, token: Path) -> None:
    az.fanal("network", "invite", "GE-CUS", "-o", str(token))
    assert token.stat().st_mode & 0o077 == 0
    joining = ge.start("network", "join", str(token), "--code", "-")
    assert joining.stdin is not None
    assert joining.stderr is not None
    shown = joining.stderr.readline()  # "Read this out to AZ-CUS:  1234 5678 ..."
    code = " ".join(re.findall(r"\b\d{4}\b", shown))
    wrong = " ".join(["0000"] * 6)
    az.fanal("network", "approve", "GE-CUS", "--code", wrong, code=6)
    [pending] = az.json("network", "approve")["pending"]
    assert pending["code"] == code
    joining.stdin.write(pending["code"] + "\n")
    joining.stdin.close()
    joining.stdin = None
    az.fanal("network", "approve", "GE-CUS", "--code", code, "--channel", "CASPIAN")
    out, err = joining.communicate(timeout=PATIENCE)
    assert joining.returncode == 0, (out, err)


def a_draft(agency: Agency, path: Path) -> Path:
    """A valid notice of the community, filled in as a person would."""
    agency.fanal("notice", "new", "MODUS_OPERANDI", "-o", str(path))
    draft = json.loads(path.read_text())
    draft["legal_basis"] = "Customs cooperation agreement, article 12"
    draft["evaluation"] = {"grade": "B2"}
    hints = ["Double floor in reefer units"]
    draft["modus_operandi"] = {
        "category": "CONCEALMENT",
        "technique": "FALSE_FLOOR",
        "detection_hints": hints,
    }
    path.write_text(json.dumps(draft))
    return path


def test_one_notice_is_sent_shown_tracked_and_acknowledged(
    network: tuple[Agency, Agency], tmp_path: Path
) -> None:
    """From a draft to ANSWERED with commands only; a non-member is refused; every ledger verifies."""
    az, ge = network
    az.until(["peer", "list"], "CONNECTED", "peers")
    assert az.json("peer", "ping", "GE-CUS")["round_trip_us"] > 0
    shown = az.json("peer", "show", "GE-CUS")
    assert (shown["protocol"], shown["protocols"], shown["software"]) == (1, "1", SOFTWARE)
    assert (shown["reading_key_not_after"] > shown["last_contact"], shown["reading_key_reason"]) == (True, "")
    draft = a_draft(az, tmp_path / "draft.json")
    az.fanal("notice", "send", str(draft), "--to", "GE-CUS", "--dry-run")
    az.fanal("notice", "send", str(draft), "--to", "XX-NONE", "--yes", code=8)
    sent = az.json("notice", "send", str(draft), "--to", "GE-CUS", "--yes")
    ref = sent["ref"]
    az.until(["notice", "track", ref], '"state": "STORED"', "stored")
    ge.until(["notice", "list"], ref, "inbox")
    text = ge.fanal("notice", "show", ref)
    assert "Double floor in reefer units" in text
    assert "officer officer-1 of AZ-CUS verified on this machine" in text
    az.until(["notice", "track", ref], '"state": "READ"', "read")
    ge.fanal("notice", "ack", ref, "--status", "ACCEPTED")
    az.until(["notice", "track", ref], '"state": "ANSWERED"', "answered")
    ge.fanal("notice", "show", "AZ-CUS-2026-999999-00", code=9)
    for agency in (az, ge):
        audited = agency.json("audit", "verify")
        assert misfits(audited, shapes.AuditAnswer) == []
        assert (audited["verdict"], audited["size"] > 3) == ("passed", True)


def test_what_an_officer_takes_away_is_in_the_ledger(network: tuple[Agency, Agency], tmp_path: Path) -> None:
    """A print, an exported notice and the ledger itself, each by the same officer, on a leaf of its own."""
    _az, ge = network
    [ref, *_more] = [one["ref"] for one in ge.json("notice", "list")["notices"]]
    printed = ge.json("notice", "print", ref)
    lines, copy = tmp_path / "all.jsonl", tmp_path / "ge.zip"
    exported = ge.json("notice", "export", "--since", "2020-01-01", "-o", str(lines))
    assert len(lines.read_text().splitlines()) == exported["notices"] > 0
    ledger = ge.json("audit", "export", "-o", str(copy))
    acts = {one["leaf"]: one for one in ge.json("audit", "access")["acts"]}
    assert acts[printed["leaf"]]["act"] == "print"
    assert {one["act"] for one in acts.values()} >= {"read", "print", "export"}
    assert acts[printed["leaf"]]["actor"] == acts[ledger["leaf"]]["actor"] == exported["exported_by"]
    ge.fanal("audit", "verify")


def test_killed_node_catches_up(network: tuple[Agency, Agency], tmp_path: Path) -> None:
    """A notice to a node that was killed is QUEUED with a reason; after its restart it is STORED."""
    az, ge = network
    ge.down(signal.SIGKILL)
    draft = a_draft(az, tmp_path / "draft.json")
    ref = az.json("notice", "send", str(draft), "--to", "group:CASPIAN", "--yes")["ref"]
    tracked = az.until(["notice", "track", ref], '"reason": "[^"]', "why it waits")
    [row] = tracked["deliveries"]
    assert (row["state"], bool(row["next"])) == ("QUEUED", True)
    doctor = az.start("doctor", "--json").communicate(timeout=PATIENCE)[0]
    assert "GE-CUS" in doctor
    ge.up()
    az.until(["notice", "track", ref], '"state": "STORED"', "stored after restart")
    assert [row["ref"] for row in ge.json("notice", "list")["notices"]].count(ref) == 1


def test_a_data_folder_moved_away_is_named_and_everything_comes_when_it_is_back(
    network: tuple[Agency, Agency], tmp_path: Path
) -> None:
    """Doctor names it, nothing is signed for; moved back, the notice arrives and nothing waits."""
    az, ge = network
    data, aside, draft = ge.home / "data", tmp_path / "data", str(a_draft(az, tmp_path / "draft.json"))
    data.rename(aside)
    ref = az.json("notice", "send", draft, "--to", "GE-CUS", "--yes")["ref"]
    az.until(["peer", "show", "GE-CUS"], r'"waiting": [1-9]', "it waits for GE-CUS")
    assert "FANAL-E0629" in ge.fanal("doctor", code=1)
    aside.rename(data)
    az.until(["notice", "track", ref], '"STORED"', "it is stored after all")
    az.until(["peer", "show", "GE-CUS"], '"waiting": 0', "nothing waits any more")


def test_track_tells_a_stopped_a_locked_and_a_distrusting_peer_apart(
    network: tuple[Agency, Agency], tmp_path: Path
) -> None:
    """Each names its cause with its facts and what mends it; unlocking the locked one does."""
    az, ge = network
    settings = ge.home / "fanal.toml"
    usual = settings.read_text()
    address = re.findall(r'listen = "([^"]+)"', usual)[0]

    def sent_after(change: str, found: str) -> dict[str, Any]:
        assert ge.down() == 0
        if change:
            settings.write_text(change)
            ge.up()
            az.until(["peer", "list"], "CONNECTED|FANAL-E0822|refused", "the changed peer")
        ref = az.json(
            "notice", "send", str(a_draft(az, tmp_path / f"{found}.json")), "--to", "GE-CUS", "--yes"
        )["ref"]
        row: dict[str, Any] = az.until(["notice", "track", ref], found, found)["deliveries"][0]
        return row | {"ref": ref}

    stopped = sent_after("", "E0821")
    assert address in stopped["reason"]
    assert "GE-CUS is stopped" in stopped["next"]
    ge.up()
    distrusting = sent_after(f'{usual}\npeers = ["TR-CUS"]\n', "E0822")
    assert address in distrusting["reason"]
    assert "fanal peer show" in distrusting["next"]
    assert "AZ-CUS is not on this node's trust list" in ge.fanal("peer", "list")
    locked = sent_after(usual.replace('key_file = "unlock.key"', ""), "SENT")
    assert "not yet signed for" in locked["meaning"]
    assert "fanal unlock" in locked["next"]
    ge.fanal("unlock", "--key-file", str(ge.home / "unlock.key"))
    for one in (stopped, distrusting, locked):
        az.until(["notice", "track", one["ref"]], '"state": "STORED"', "stored after all")
    settings.write_text(usual)


def test_node_stops_cleanly_and_second_daemon_is_refused(network: tuple[Agency, Agency]) -> None:
    """A second daemon in one folder is refused while the first goes on; SIGTERM ends with exit 0."""
    _az, ge = network
    second = ge.start("node", "run")
    _out, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert "FANAL-E" in err
    assert "Traceback" not in err
    assert ge.json("node", "health")["status"] == "SERVING"
    assert ge.down() == 0
    assert "FANAL-E0910" in ge.start("status").communicate(timeout=PATIENCE)[1]
    ge.up()


def test_changed_ledger_is_found_with_exit_six(network: tuple[Agency, Agency], tmp_path: Path) -> None:
    """A copy of a data folder in which one leaf was changed fails, and the first bad leaf is named."""
    az, _ge = network
    assert az.down() == 0
    copy = tmp_path / "data"
    shutil.copytree(az.home / "data", copy)
    az.up()
    az.fanal("audit", "verify", str(copy), code=7)
    az.fanal("audit", "verify", str(copy), "--network", az.json("status")["network"])
    db = sqlcipher3.connect(str(copy / "ledger.db"))
    [table] = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name = 'leaves'")]
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    column = next(name for name in columns if name in ("data", "leaf", "body"))
    rowid, data = db.execute(f"SELECT rowid, {column} FROM {table} LIMIT 1").fetchone()
    db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (data[:-2] + b"x\n", rowid))
    db.commit()
    db.close()
    answer = json.loads(az.fanal("audit", "verify", str(copy), "--json", code=6))
    assert (answer["verdict"], answer["first_bad"]) == ("failed", 0)
    assert "expected" in az.fanal("audit", "verify", str(copy), code=6)
