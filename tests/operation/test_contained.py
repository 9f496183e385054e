# SPDX-License-Identifier: Apache-2.0
"""A node as deploy/Containerfile has it run: no root, no capability, one folder to write to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from realdraft import fill_in, send
from realnet import PATHS, QUICK, found_network, until

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"
USER = 10001
FOLDER = "/mnt"
"""Where the agency's folder is seen from inside."""
OUTSIDE = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run")
SCRIPT = f"""
mount --make-rprivate / && mount --bind "$1" {FOLDER} || exit 9
shift
while read -r _ _ _ _ point _; do
  [ "$point" = {FOLDER} ] || mount -o remount,bind,ro "$point" 2>/dev/null
done < /proc/self/mountinfo
exec setpriv --reuid {USER} --regid {USER} --clear-groups \\
  --bounding-set -all --inh-caps -all --no-new-privs "$@"
"""
"""Becomes the program. As `--read-only --read-only-tmpfs=false --cap-drop=all` and no new privileges do."""


def inside(home: Path) -> tuple[str, ...]:
    return ("unshare", "--mount", "sh", "-c", SCRIPT, "sh", str(home))


def said(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": PATHS}
    return subprocess.run([*inside(home), *words], env=env, text=True, capture_output=True, check=False)


def impossible(home: Path) -> str:
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv"))):
        return "mount namespaces need root, unshare and setpriv"
    ran = said(home, sys.executable, "-c", "import fanal.cli.main, grpc")
    return "" if ran.returncode == 0 else f"a stranger may not read this program here: {ran.stderr[-300:]}"


def given_to_user(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        os.chown(path, USER, USER, follow_symlinks=False)


def writable(home: Path, *places: str) -> list[str]:
    """Those in which a file can be made."""
    look = 'for at in "$@"; do touch "$at/.contained" 2>/dev/null && echo "$at"; done; true'
    return said(home, "sh", "-c", look, "sh", *places).stdout.split()


def rights_of(process: subprocess.Popen[str] | None) -> dict[str, str]:
    """Of a running process, as the kernel says."""
    assert process is not None
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {name: found[name].split()[0] for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs")}


def test_it_runs_sends_and_ends_with_nothing_to_write_to_but_its_folder(tmp_path: Path) -> None:
    """Started, healthy, a notice sent and signed for, ended with 0; elsewhere nothing can be written."""
    nodes = found_network(tmp_path, [A, B])
    node, other = nodes[A], nodes[B]
    try:
        assert node.end() == 0
        reason = impossible(node.home.path)
        if reason:
            print(f"not contained, so not run: {reason}")
            return
        other.start()
        given_to_user(node.home.path)
        node.inside, node.settings = inside(node.home.path), {**QUICK, "FANAL_HOME": FOLDER}
        node.start()
        none = "0" * 16
        assert rights_of(node.process) == {
            "Uid": str(USER), "CapEff": none, "CapBnd": none, "NoNewPrivs": "1"
        }  # fmt: skip
        node.fanal("node", "health")
        node.fanal("notice", "new", "MODUS_OPERANDI", "-o", f"{FOLDER}/draft.json")
        fill_in(node.home.path / "draft.json")
        ref = send(node, Path(FOLDER, "draft.json"), B)
        until(lambda: '"STORED"' in node.fanal("notice", "track", ref, "--json"), "signed for")
        assert writable(node.home.path, *OUTSIDE, FOLDER) == [FOLDER]
        assert node.end() == 0
    finally:
        for one in nodes.values():
            if one.process is not None:
                one.end(signal.SIGKILL)
