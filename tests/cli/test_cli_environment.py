# SPDX-License-Identifier: Apache-2.0
"""Whatever the environment does, a command ends with a code and a sentence: never with a traceback."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest
from clikit import FakeNode, Run

from fanal.cli import main
from fanal.cli.table import root
from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node.ledger.lock import FolderLock

ROOMS = os.pathsep.join(
    str(Path(__file__).parents[2] / room) for room in ("proto", "keys", "config", "node", "cli")
)
FANAL = [sys.executable, "-m", "fanal.cli"]


def fanal(
    *arguments: str | bytes, env: dict[str, str] | None = None, shell: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """A real process, with only ``env`` and the import path in its environment, and no terminal."""
    command: list[str | bytes] = [*FANAL, *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *command]
    whole = {"PYTHONPATH": ROOMS, **(env or {})}
    return subprocess.run(
        command, env=whole, capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True, check=False
    )


def quiet(ran: subprocess.CompletedProcess[bytes]) -> str:
    """stderr, which never holds a traceback."""
    text = ran.stderr.decode(errors="replace")
    assert "Traceback" not in text, text
    return text


@pytest.mark.process
def test_bare_environment_is_enough_for_help_and_refusals(tmp_path: Path) -> None:
    """Without HOME, LANG and TERM help works, and what needs a folder says so."""
    assert fanal("--help").returncode == 0
    ran = fanal("status", env={"FANAL_HOME": str(tmp_path)})
    assert (ran.returncode, "FANAL-E0502" in quiet(ran)) == (9, True)


@pytest.mark.process
@pytest.mark.parametrize("locale", ["C", "POSIX", "ru_RU.KOI8-R", "tr_TR.ISO-8859-9", "nonsense"])
def test_other_locales_never_break_the_output(home: Home, locale: str) -> None:
    """What the character set cannot show is spelled out."""
    env = {"FANAL_HOME": str(home.path), "LC_ALL": locale, "PYTHONIOENCODING": "ascii"}
    ran = fanal("notice", "new", "ACK", "--originator", "AZ-CUS", "--json", env=env)
    assert ran.returncode == 0, quiet(ran)
    assert json.loads(ran.stdout)["kind"] == "ACK"


@pytest.mark.process
def test_argument_that_is_no_text_is_refused(home: Home) -> None:
    """Bytes that are not UTF-8 are refused by the number of the argument."""
    ran = fanal("notice", "show", b"\xff\xfe", env={"FANAL_HOME": str(home.path), "LC_ALL": "C.UTF-8"})
    assert (ran.returncode, "Argument 3" in quiet(ran)) == (2, True)


@pytest.mark.process
def test_closed_pipe_ends_quietly_and_not_with_zero() -> None:
    """``fanal help errors | head -1`` says nothing on stderr and does not claim success."""
    ran = fanal("help", "errors", shell="| head -c 1 >/dev/null")
    assert quiet(ran) == ""
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    assert reader.stdin is not None
    reader.wait()
    env = {"PYTHONPATH": ROOMS}
    writer = subprocess.run(
        [*FANAL, "help", "errors"], env=env, stdout=reader.stdin, stderr=subprocess.PIPE, check=False
    )
    reader.stdin.close()
    assert (writer.returncode, writer.stderr) == (1, b"")


@pytest.mark.process
def test_full_disk_and_closed_stdout_are_told(home: Home) -> None:
    """An answer that could not be written is a failure with a sentence."""
    env = {"FANAL_HOME": str(home.path)}
    for redirect in (">/dev/full", ">&-"):
        ran = fanal("key", "list", env=env, shell=redirect)
        assert (ran.returncode, "FANAL-E0906" in quiet(ran)) == (1, True), redirect
    assert quiet(fanal("statsu", shell=">&- 2>&-")) == ""


@pytest.mark.process
def test_prompt_without_a_terminal_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """No passphrase is read from a pipe by accident; the ways to give one are named; nothing is left."""
    ran = fanal("init", "AZ-CUS", env={"FANAL_HOME": str(tmp_path / "az"), "HOME": str(tmp_path)})
    assert (ran.returncode, "--passphrase-fd" in quiet(ran)) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_interrupt_is_130(home: Home) -> None:
    """Ctrl-C while a command waits ends it with 130 and one sentence."""
    reading, writing = os.pipe()
    env = {"PYTHONPATH": ROOMS, "FANAL_HOME": str(home.path)}
    # As at a terminal: what runs the tests in the background has its children ignore the signal.
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    runs = "import sys; print('up', flush=True); from fanal.cli.main import main; main(sys.argv[1:])"
    arguments = ["notice", "check", f"/dev/fd/{reading}"]
    child = subprocess.Popen(
        [sys.executable, "-c", f"{heeds}; {runs}", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[reading],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    os.write(writing, b'{"a"')
    while _unread(reading):  # until the child has taken the bytes it waits behind them
        os.sched_yield()
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=20)
    os.close(writing)
    os.close(reading)
    assert child.returncode == 130
    assert b"FANAL-E0904" in err
    assert b"Traceback" not in err


def _unread(pipe: int) -> int:
    """Bytes that lie in a pipe (FIONREAD)."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_fault_of_its_own_names_an_id_and_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last-resort handler tells kind and place, never the text of the fault, which may hold a secret."""

    def broken(_ctx: click.Context, _name: str) -> click.Command:
        raise KeyError("hunter2 is my passphrase")

    monkeypatch.setattr(root, "get_command", broken)
    one, two = run("status"), run("status", "--json")
    assert one.code == two.code == 1
    assert "hunter2" not in one.err + one.out + two.out + two.err
    assert "BUG-" in one.err
    assert two.json["error"]["id"] == "FANAL-E0903"
    assert one.err.split("BUG-")[1][:8] == two.json["error"]["sentence"].split("BUG-")[1][:8]


def test_errors_are_json_when_asked_for(run: Run, home: Home) -> None:
    """With --json an error is one object with id, sentence, why, hint and exit, usage errors too."""
    for arguments in (("status", "--json"), ("notice", "sned", "--json"), ("notice", "show", "--json")):
        error = run(*arguments).json["error"]
        assert set(error) == {"id", "sentence", "why", "hint", "exit"}
        assert "{" not in error["sentence"] + error["hint"]


@pytest.mark.parametrize(
    ("make", "code", "error"),
    [
        ("nothing", 5, "FANAL-E0910"),
        ("file", 5, "FANAL-E0912"),
        ("dead", 5, "FANAL-E0911"),
        ("long", 5, "FANAL-E0511"),
    ],
)
def test_each_wrong_socket_is_told_apart(run: Run, home: Home, make: str, code: int, error: str) -> None:
    """No socket, a file in its place, a socket nobody serves, a path the system cannot bind."""
    path = home.path / ("s" * 120 if make == "long" else "sock")
    with home.settings_file.open("a") as file:
        file.write(f'socket = "{path}"\n')
    if make == "file":
        path.write_text("x")
    if make == "dead":
        with socket.socket(socket.AF_UNIX) as server:
            os.chdir(home.path)
            server.bind("sock")
    for command in (("status",), ("notice", "list"), ("node", "health"), ("notice", "track", "x")):
        ran = run(*command)
        assert (ran.code, error in ran.err) == (code, True), ran.err


@pytest.mark.parametrize("left", ["nothing", "dead"])
def test_a_node_whose_socket_was_deleted_is_not_called_stopped(run: Run, home: Home, left: str) -> None:
    """Whoever holds the data folder is named with its process, as it cannot be started a second time."""
    home.data.mkdir(parents=True, exist_ok=True)
    path = home.path / "sock"
    with home.settings_file.open("a") as file:
        file.write(f'socket = "{path}"\n')
    if left == "dead":
        with socket.socket(socket.AF_UNIX) as server:
            os.chdir(home.path)
            server.bind("sock")
    lock = FolderLock(home.data)
    for command in (("status",), ("node", "health"), ("doctor",)):
        ran = run(*command)
        assert "FANAL-E0918" in ran.err + ran.out, ran.err
        assert f"kill {os.getpid()}" in ran.err + ran.out
    lock.close()
    assert "FANAL-E0918" not in run("status").err


def test_socket_of_another_user_is_not_permitted(
    run: Run, home: Home, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EACCES is exit 4 and names the remedy; as root in tests the system call is made to refuse."""

    def refused(_self: socket.socket, _path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refused)
    ran = run("status")
    assert (ran.code, "FANAL-E0913" in ran.err) == (4, True)


def test_endless_and_huge_files_are_refused(run: Run, home: Home, tmp_path: Path) -> None:
    """/dev/zero and a 1 GiB file cost neither time nor memory, wherever a file is read."""
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1024**3)
    for given in ("/dev/zero", str(huge), str(tmp_path), str(tmp_path / "none")):
        for command in (("notice", "check", given), ("network", "join", given), ("notice", "send", given)):
            ran = run(*command)
            assert ran.code != 0
            assert "FANAL-E0903" not in ran.err, ran.err


def test_as_fanal_error_words_every_family() -> None:
    """Known families keep their code; a system error with a path names the path."""
    kinds = {
        KeyboardInterrupt(): 130,
        click.Abort(): 130,
        EOFError(): 130,
        OSError(28, "No space left on device", "/x"): 1,
        OSError(5, "Input/output error"): 1,
        click.UsageError("x"): 2,
        click.ClickException("x"): 2,
        ValueError("secret"): 1,
    }
    for error, code in kinds.items():
        made = main.as_fanal_error(error)
        assert isinstance(made, FanalError)
        assert made.kind.exit == code
        assert "secret" not in str(made)
