# SPDX-License-Identifier: Apache-2.0
"""``fanal audit prove`` and ``verify`` as people use them: two real nodes, one file, an auditor elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from clikit import misfits
from realnet import ROOMS, RealNode, command, found_network, until

from fanal.cli.shown import audit_shapes
from fanal.keys.documents import decode_document

pytestmark = pytest.mark.process

TEXT = "Double floor in reefer units"


@dataclass
class Proven:
    """The sender's node, a notice that the other has stored, and the network id on paper."""

    node: RealNode
    ref: str
    network: str


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proven]:
    """AZ-CUS has sent, GE-CUS has stored; both nodes run."""
    folder = tmp_path_factory.mktemp("proof")
    nodes = found_network(folder, ("AZ-CUS", "GE-CUS"))
    sender, reader = nodes.values()
    try:
        reader.start()
        draft = str(_draft(sender, folder / "draft.json"))
        ref = json.loads(sender.fanal("notice", "send", draft, "--to", "GE-CUS", "--yes", "--json"))["ref"]
        until(lambda: "STORED" in sender.fanal("notice", "track", ref), "stored")
        charter = decode_document(sender.home.charter_file(1).read_bytes())
        yield Proven(sender, ref, hashlib.sha256(charter.body).hexdigest())
    finally:
        for node in nodes.values():
            if node.process is not None:
                node.end()


def _draft(node: RealNode, path: Path) -> Path:
    node.fanal("notice", "new", "MODUS_OPERANDI", "-o", str(path))
    draft = json.loads(path.read_text())
    draft["legal_basis"] = "Customs cooperation agreement, article 12"
    draft["evaluation"] = {"grade": "B2"}
    body = {"category": "CONCEALMENT", "technique": "FALSE_FLOOR", "detection_hints": [TEXT]}
    draft["modus_operandi"] = body
    path.write_text(json.dumps(draft))
    return path


def auditor(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command on a machine without an agency: no folder, no node, no secret."""
    env = {"PYTHONPATH": os.pathsep.join(ROOMS), "PATH": os.environ["PATH"], "FANAL_HOME": str(home)}
    return subprocess.run(
        command(*arguments), env=env, text=True, capture_output=True, timeout=60, check=False
    )


def test_an_auditor_verifies_the_file_with_the_network_id_alone(proven: Proven, tmp_path: Path) -> None:
    """Passed with the id, undecided without, failed when a byte is changed; JSON of the documented shape."""
    file = tmp_path / "proof.zip"
    made = json.loads(proven.node.fanal("audit", "prove", proven.ref, "-o", str(file), "--content", "--json"))
    assert misfits(made, audit_shapes.ProveAnswer) == []
    assert made["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    home = tmp_path / "nobody"
    ran = auditor("audit", "verify", str(file), "--network", proven.network, "--json", home=home)
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["verdict"]) == (0, "passed"), answer
    assert misfits(answer, audit_shapes.BundleAnswer) == []
    assert set(answer) == {"verdict", "checks"}
    assert auditor("audit", "verify", str(file), home=home).returncode == 7
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    spoilt = tmp_path / "spoilt.zip"
    spoilt.write_bytes(data)
    ran = auditor("audit", "verify", str(spoilt), "--network", proven.network, home=home)
    assert ran.returncode == 6
    assert "FAILED" in ran.stdout
    assert not home.exists()


def test_named_fields_and_the_script_in_the_bundle(proven: Proven, tmp_path: Path) -> None:
    """A redacted bundle in French hides the rest, and its own verify.sh agrees with the program."""
    file = tmp_path / "short.zip"
    proven.node.fanal("audit", "prove", proven.ref, "-o", str(file), "--field", "originator", "--lang", "fr")
    assert TEXT.encode() not in file.read_bytes()
    shown = auditor("audit", "verify", str(file), "--network", proven.network, home=tmp_path / "no")
    assert shown.returncode == 0, shown
    assert "Redacted" in shown.stdout
    assert "\n           originator = AZ-CUS\n" in shown.stdout
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "out")
    script = ["bash", str(tmp_path / "out/verify.sh"), proven.network]
    ran = subprocess.run(script, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran


def test_a_file_is_never_overwritten_and_an_unknown_notice_makes_none(proven: Proven, tmp_path: Path) -> None:
    """Both are refused with their own error, and nothing is left behind."""
    file = tmp_path / "there.zip"
    file.write_bytes(b"mine")
    proven.node.fanal("audit", "prove", proven.ref, "-o", str(file), code=1)
    assert file.read_bytes() == b"mine"
    proven.node.fanal("audit", "prove", "AZ-CUS-2026-999999-00", "-o", str(tmp_path / "x.zip"), code=9)
    both = ("audit", "prove", proven.ref, "-o", str(tmp_path / "x.zip"), "--content", "--field", "originator")
    proven.node.fanal(*both, code=2)
    assert not (tmp_path / "x.zip").exists()
