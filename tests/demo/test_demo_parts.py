# SPDX-License-Identifier: Apache-2.0
"""The demo's own machinery: ports, captured traffic, counted expectations, what is left behind."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fanal.cli.demo import command, summary
from fanal.cli.demo.capture import Taps
from fanal.cli.demo.errors import TOO_LATE
from fanal.cli.demo.expectations import Expectations, Step, until
from fanal.cli.demo.plan import plan
from fanal.cli.demo.ports import free_ports
from fanal.errors import FanalError


def test_ports_are_free_distinct_and_not_of_outgoing_connections() -> None:
    """Nothing that dials out takes one between finding and using it."""
    low, high = (int(word) for word in Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    found = free_ports(20)
    assert len(set(found)) == 20
    assert not [port for port in found if low <= port <= high]


def test_too_many_ports_are_refused() -> None:
    """A clear refusal, not an endless search."""
    with pytest.raises(FanalError, match="FANAL-E1005"):
        free_ports(70_000)


# --- captured traffic ---------------------------------------------------------------------------------------


class Echo:
    """Answers every line with itself, backwards."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self.listener.accept()
                self.held.append(connection)
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    @staticmethod
    def _answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(1024):
                connection.sendall(data[::-1])

    def die(self) -> None:
        """As a killed process does: nobody listens, connections break."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.held:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def doors() -> Iterator[tuple[Taps, int, int]]:
    told, real = free_ports(2)
    taps = Taps({"AZ-CUS": (told, real)})
    taps.start()
    yield taps, told, real
    taps.stop()


def opens(port: int) -> bool:
    """Whether somebody accepts a connection."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def eventually(found: Callable[[], object]) -> None:
    until("it comes true", 10, found)


@pytest.mark.process
def test_forwarder_keeps_both_directions_byte_for_byte(doors: tuple[Taps, int, int]) -> None:
    """What went in and what came out, in order, over several connections."""
    taps, told, real = doors
    echo = Echo(real)
    eventually(lambda: opens(told))
    for word in (b"first", b"second"):
        with socket.create_connection(("127.0.0.1", told), timeout=5) as caller:
            caller.sendall(word)
            assert caller.recv(1024) == word[::-1]
    assert bytes(taps.traffic["AZ-CUS"].inward) == b"firstsecond"
    assert bytes(taps.traffic["AZ-CUS"].outward) == b"tsrifdnoces"
    assert taps.traffic["AZ-CUS"].connections >= 2
    assert taps.traffic["AZ-CUS"].size == 22
    echo.die()


@pytest.mark.process
def test_door_is_shut_while_the_node_is_down_and_open_again_after(doors: tuple[Taps, int, int]) -> None:
    """Others see a dead node as one where nobody listens, not as one that hangs up."""
    _taps, told, real = doors
    assert not opens(told)
    echo = Echo(real)
    eventually(lambda: opens(told))
    echo.die()
    eventually(lambda: not opens(told))
    again = Echo(real)
    eventually(lambda: opens(told))
    again.die()


# --- expectations -------------------------------------------------------------------------------------------


def test_every_expectation_is_counted_and_a_failed_one_is_named() -> None:
    """The sum is over all steps; what did not hold says expected and found."""
    told: list[Step] = []
    all_ = Expectations(told.append)
    with all_.step("first") as step:
        step.expect("the sky is blue", True)
        step.equal("two and two", 5, 4)
    with all_.step("second") as step:
        step.expect("water is wet", False, "dry")
    assert all_.total == 3
    assert all_.failures == ["two and two: expected 4, found 5", "water is wet: dry"]
    assert [one.name for one in told] == ["first", "second"]


@pytest.mark.parametrize("error", [FanalError(TOO_LATE, seconds=1, what="x"), OSError("disk")])
def test_a_step_that_breaks_off_has_failed_an_expectation(error: Exception) -> None:
    """A refusal half-way is never a success, and the story goes on."""
    all_ = Expectations(lambda _step: None)
    with all_.step("broken"):
        raise error
    assert len(all_.failures) == all_.total == 1


def test_a_fault_of_ours_is_not_swallowed() -> None:
    """Only refusals are told as failed expectations."""
    with pytest.raises(ZeroDivisionError), Expectations(lambda _step: None).step("faulty"):
        raise ZeroDivisionError


def test_waiting_ends_with_what_was_waited_for() -> None:
    """The refusal says what had not come true."""
    answers = iter([0, "", "yes"])
    assert until("an answer", 5, lambda: next(answers)) == "yes"
    with pytest.raises(FanalError) as refused:
        until("pigs fly", 0, lambda: False)
    assert "pigs fly" in refused.value.sentence


def test_a_failed_step_does_not_claim_what_it_would_have_shown() -> None:
    """The words of a step are shown only if all of it held; failures beyond a dozen are counted."""
    step = Step("secret", words="nobody can read")
    assert "nobody can read" in summary.line(step)
    for number in range(15):
        step.expect(f"claim {number}", False)
    shown = summary.line(step)
    assert "nobody can read" not in shown
    assert "FAILED" in shown
    assert "claim 11" in shown
    assert "claim 12" not in shown
    assert "3 more" in shown


# --- folders ------------------------------------------------------------------------------------------------


def test_temporary_folder_has_a_short_path_and_is_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A socket's path has 107 bytes: a long TMPDIR is not used."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with command._folder(None) as folder:
        (folder / "x").write_text("x")
        assert len(str(folder)) < 60
    assert not folder.exists()


def test_folder_to_keep_must_be_new_or_empty(tmp_path: Path) -> None:
    """Nothing that is there is touched."""
    (tmp_path / "mine").write_text("x")
    for taken in (tmp_path, tmp_path / "mine"):
        with pytest.raises(FanalError, match="FANAL-E1003"), command._folder(str(taken)):
            pass
    with command._folder(str(tmp_path / "new")) as folder:
        assert folder == tmp_path / "new"
    assert folder.exists()


def test_folder_to_keep_with_a_long_path_is_refused(tmp_path: Path) -> None:
    """Before anything starts, with both figures."""
    with pytest.raises(FanalError, match="107"), command._folder(str(tmp_path / ("k" * 100))):
        pass
    assert not (tmp_path / ("k" * 100)).exists()


def test_next_steps_name_the_folder_that_was_kept() -> None:
    """What can be typed at once; without a kept folder, how to keep one."""
    made = plan(3)
    assert "--keep DIR --stay" in summary.next_steps(made, None, running=False)
    kept = summary.next_steps(made, Path("/srv/demo"), running=False)
    assert "FANAL_HOME=/srv/demo/az-cus" in kept
    assert "fanal node run" in kept
    assert "Ctrl-C" in summary.next_steps(made, Path("/srv/demo"), running=True)
