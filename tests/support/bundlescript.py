# SPDX-License-Identifier: Apache-2.0
"""verify.sh of a bundle in an environment with bash, coreutils and openssl, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from fanal.proof.evidence import container

COREUTILS = ("base64", "cat", "date", "dirname", "head", "mktemp", "od", "rm", "sha256sum", "tail", "wc")
Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]


def tools_in(folder: Path) -> Path:
    """The folder as a PATH with nothing on it but what the script may use."""
    for name in (*COREUTILS, "openssl"):
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    return folder


def unpack(files: bytes | dict[str, bytes], folder: Path) -> None:
    for name, data in (container.read(files) if isinstance(files, bytes) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def check(folder: Path, tools: Path, *arguments: str, inside: str = "/") -> Ran:
    return subprocess.run(
        ["/bin/bash", str(folder / "verify.sh"), *arguments],
        env={"PATH": str(tools)},
        cwd=inside,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lines(ran: Ran, word: str) -> set[str]:
    """The names of the checks that ended so."""
    found = (line.split()[1].rstrip(":") for line in ran.stdout.splitlines() if line.startswith(word))
    return set(found)
