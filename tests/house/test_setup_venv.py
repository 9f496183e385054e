# SPDX-License-Identifier: Apache-2.0
"""deploy/setup-venv on machines where Python is split into packages, too old, or missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

_MESSAGE = "error: python3 -m venv does not work here; install it with: apt-get install python3-venv\n"
# A python3 as on a bare Debian: `-m venv` fails half-way until somebody has installed python3-venv.
_SPLIT_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    if ! [ -e "{installed}" ]; then ln -s /bin/true "$3/bin/python3"; exit 1; fi
    printf '#!/bin/sh\\necho "$@" >> {calls}\\n' > "$3/bin/python"; chmod +x "$3/bin/python"; exit 0
fi
exec "{python}" "$@"
"""


class Machine:
    """A checkout with nothing but the script and its locks, and a PATH of fakes in front of the real one."""

    def __init__(self, repo: Path, folder: Path) -> None:
        self.checkout, self.bin, self.calls = folder / "checkout", folder / "bin", folder / "calls"
        shutil.copytree(repo / "deploy", self.checkout / "deploy")
        shutil.copy(repo / "pyproject.toml", self.checkout)
        self.bin.mkdir()
        self.installed = folder / "installed"
        words = {"installed": self.installed, "python": sys.executable, "calls": self.calls}
        self.fake("python3", _SPLIT_PYTHON.format(**words))
        self.user(1000)

    def fake(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def user(self, uid: int) -> None:
        self.fake("id", f"#!/bin/sh\necho {uid}\n")

    def run(self, **environ: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.bin}:{os.environ['PATH']}"
        return subprocess.run(
            [self.checkout / "deploy" / "setup-venv", "runtime"],
            env={"PATH": path} | environ,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(repo: Path, tmp_path: Path) -> Machine:
    """A machine without python3-venv, used by somebody who is not root."""
    return Machine(repo, tmp_path)


def test_without_venv_a_user_is_told_the_one_command(machine: Machine) -> None:
    """Not root: exit 1, exactly the line to type, and no half-made environment is left."""
    done = machine.run()
    assert (done.returncode, done.stderr) == (1, _MESSAGE)
    assert not (machine.checkout / ".venv").exists()


def test_without_venv_root_installs_it(machine: Machine) -> None:
    """As root the package is installed, without a question, and the environment is made."""
    machine.user(0)
    machine.fake("apt-get", f'#!/bin/sh\ncase "$*" in *python3-venv*) touch {machine.installed};; esac\n')
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "python3-venv" in done.stderr


def test_root_without_network_is_told_the_command(machine: Machine) -> None:
    """When the installation of python3-venv fails as well, the same line is the last word."""
    machine.user(0)
    machine.fake("apt-get", "#!/bin/sh\nexit 100\n")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr.endswith(_MESSAGE)


def test_everything_is_installed_by_hash(machine: Machine) -> None:
    """First the lock with required hashes and wheels only, then our package alone, without isolation."""
    machine.installed.touch()
    assert machine.run().returncode == 0
    locked, own = [line for line in machine.calls.read_text().splitlines() if "install" in line]
    assert "--require-hashes --only-binary :all: -r deploy/requirements/runtime.lock" in locked
    assert "--no-deps --no-build-isolation --editable ." in own


def test_second_run_does_nothing(machine: Machine) -> None:
    """With the same lock the script returns at once; with another it installs again."""
    machine.installed.touch()
    machine.run()
    machine.calls.unlink()
    assert machine.run().returncode == 0
    assert not machine.calls.exists()
    with (machine.checkout / "deploy" / "requirements" / "runtime.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.run()
    assert machine.calls.exists()


def test_old_python_is_refused(machine: Machine) -> None:
    """An interpreter below 3.11 is named as the cause before anything is made."""
    machine.fake("old", "#!/bin/sh\nexit 1\n")
    done = machine.run(PYTHON="old")
    assert (done.returncode, done.stderr.count("Python 3.11")) == (1, 1)
    assert not (machine.checkout / ".venv").exists()
