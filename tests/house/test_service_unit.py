# SPDX-License-Identifier: Apache-2.0
"""deploy/fanal.service: it runs a command that exists, with no right that a node does not use."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fanal.config.load import keys
from fanal.errors import FanalError
from fanal.keys import files
from fanal.keys.file_errors import FILE_PERMISSIONS

HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "ProtectProc": "invisible",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "LimitCORE": "0",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
}

# PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (Linux 6.3) is what MemoryDenyWriteExecute asks of the kernel.
_WITHOUT_NEW_CODE = """
import ctypes, errno, mmap, sys
libc = ctypes.CDLL(None, use_errno=True)
refused = libc.prctl(65, 1, 0, 0, 0) == 0
if refused:
    try:
        mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        sys.exit("memory was writable and executable")
    except OSError:
        pass
import asyncio, grpc, nacl.pwhash, sqlcipher3, uvloop
nacl.pwhash.argon2id.kdf(32, b"x", bytes(16), 1, 2**20)
database = sqlcipher3.connect(":memory:")
database.execute("create virtual table words using fts5(word)")
async def serve():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await channel.channel_ready()
    await server.stop(0)
uvloop.run(serve())
"""


@pytest.fixture(scope="module")
def unit(repo: Path) -> dict[str, list[str]]:
    """Every setting of the unit with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in (repo / "deploy" / "fanal.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(("name", "value"), HARDENED.items())
def test_right_is_given_up(unit: dict[str, list[str]], name: str, value: str) -> None:
    """Each setting is there, once, with the strict value."""
    assert unit.get(name) == [value]


def test_unit_runs_the_node_and_waits_until_it_is_ready(unit: dict[str, list[str]]) -> None:
    """systemd starts `fanal node run` and takes it for started when it says so."""
    assert [one.rsplit("/", 1)[1] for one in unit["ExecStart"]] == ["fanal node run"]
    assert unit["Type"] == ["notify"]


def test_secret_comes_as_a_credential(unit: dict[str, list[str]]) -> None:
    """systemd hands the key file over under a variable that names a setting; the unit holds no secret."""
    assert unit["LoadCredential"] == ["unlock.key:/etc/fanal/unlock.key"]
    assert "FANAL_KEY_FILE=%d/unlock.key" in unit["Environment"]
    variables = {one.partition("=")[0] for one in unit["Environment"] if one.startswith("FANAL_")}
    assert variables - {"FANAL_HOME"} <= {"FANAL_" + key.upper().replace(".", "_") for key in keys()}


@pytest.mark.parametrize(
    ("me", "owner", "group", "mode", "refused"),
    [
        (990, 0, 0, 0o440, False),  # as systemd makes it, with an access list for the service's user
        (990, 990, 0, 0o400, False),  # as it makes it where there are no access lists
        (990, 0, 990, 0o440, True),
        (990, 0, 0, 0o444, True),
        (990, 990, 990, 0o440, True),
        (0, 0, 0, 0o440, True),
    ],
)
def test_credential_is_accepted_as_systemd_hands_it_over(
    monkeypatch: pytest.MonkeyPatch, me: int, owner: int, group: int, mode: int, refused: bool
) -> None:
    """Group bits of a file of root:root reach nobody else; any other reader is refused."""
    monkeypatch.setattr(os, "geteuid", lambda: me)
    found = os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, group, 32, 0, 0, 0))
    if refused:
        with pytest.raises(FanalError) as caught:
            files._check(Path("unlock.key"), found, 32)
        assert caught.value.kind is FILE_PERMISSIONS
    else:
        files._check(Path("unlock.key"), found, 32)


@pytest.mark.process
def test_node_libraries_need_no_writable_code() -> None:
    """gRPC, uvloop, SQLCipher and libsodium run where no memory may be writable and executable."""
    done = subprocess.run([sys.executable, "-c", _WITHOUT_NEW_CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
