# SPDX-License-Identifier: Apache-2.0
"""``fanal demo``: builds the network, tells the story, prints the sum, and leaves nothing behind.

Whatever happens, Ctrl-C and SIGTERM included, every process it started is ended by its id and every file it
made is removed, but for the folder named with --keep.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.demo import errors, plan, summary
from fanal.cli.session import Session
from fanal.config.settings import SOCKET_PATH_LIMIT
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.demo.expectations import Expectations, Step
    from fanal.cli.demo.network import Network

_SOCKET = len("/agency-abcdefgh/run/api.sock")


@command(
    "demo",
    "fanal demo",
    "fanal demo --keep caspian --stay          # leave it running, look around with FANAL_HOME",
    "fanal demo --break relay-reads            # see an expectation fail",
)
@click.option(
    "--agencies", default=8, show_default=True, metavar="N", help=_("How many agencies besides the relay.")
)
@click.option("--keep", metavar="DIR", help=_("Leave each agency's home at DIR/<agency in lower case>."))
@click.option("--stay", is_flag=True, help=_("Keep it running until Ctrl-C."))
@click.option(
    "--break",
    "sabotage",
    type=click.Choice(plan.SABOTAGES),
    help=_("Sabotage something; the demo must then fail."),
)
def demo(session: Session, agencies: int, keep: str | None, stay: bool, sabotage: str | None) -> None:
    """A whole network on this machine, with throw-away keys and real notices.

    Starts a node for each agency and for a relay, joins them, sends the notices of the corpus, kills a node
    and starts it again, reads, answers and withdraws, looks for readable text where none may be, and audits
    every ledger. Ends with 0 only if every single expectation held.
    """
    most = plan.most()
    if not plan.FEWEST <= agencies <= most:
        raise click.BadParameter(
            say(_("between {low} and {high}"), low=plan.FEWEST, high=most), param_hint="--agencies"
        )
    made = plan.plan(agencies, sabotage or "")
    with _signals(), _folder(keep) as folder:
        _run(session, made, folder, keep, stay)


def _run(session: Session, made: plan.Plan, folder: Path, keep: str | None, stay: bool) -> None:
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # a killed node is not worth a line of gRPC's own
    from fanal.cli.demo.expectations import Expectations
    from fanal.cli.demo.network import Network
    from fanal.cli.demo.story import tell

    out, began = session.out, time.monotonic()
    tell_person: Callable[[str], None] = (lambda _text: None) if out.as_json else out.write
    tell_person(summary.opening(made))
    all_ = Expectations(lambda step: tell_person(summary.line(step)))
    network = Network(made, folder)
    try:
        tell(network, all_)
        seconds = time.monotonic() - began
        if stay:
            tell_person(summary.so_far(all_, seconds))
            tell_person(summary.next_steps(made, folder, running=True))
            _until_interrupted()
    finally:
        with _undisturbed():
            codes = network.stop()
            if keep:
                network.settle_for_keeping()
    with all_.step("ended") as step:
        _ended(network, codes, step)
    tell_person(summary.ending(all_, seconds))
    if not stay:
        tell_person(summary.next_steps(made, folder if keep else None, running=False))
    _answer(session, all_, network, seconds, str(folder) if keep else "")


def _answer(session: Session, all_: Expectations, network: Network, seconds: float, kept: str) -> None:
    """The JSON object, and the refusal when anything did not hold."""
    if session.out.as_json:
        session.out.emit(summary.answer(all_, network.plan, network.network_id, seconds, kept), "")
    if all_.failures:
        first = all_.failures[0].rstrip(".")
        raise FanalError(errors.NOT_HELD, failed=len(all_.failures), total=all_.total, first=first)


def _ended(network: Network, codes: dict[str, int], step: Step) -> None:
    """Every node finished what it took and is gone."""
    for agency, code in codes.items():
        if network.plan.sabotage != plan.DROP_ONE:
            step.equal(f"the node of {agency} ends with 0", code, 0)
        step.expect(f"no process of {agency} is left", not network.nodes[agency].alive)
    step.say(_("{count} processes"), count=len(codes))


@contextlib.contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    """The folder of the homes: the one to keep, or one of a short path that is removed at the end."""
    if keep is not None:
        yield _kept(Path(keep).absolute())
        return
    folder = Path(tempfile.mkdtemp(prefix="fanal-", dir=_short_temp()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kept(path: Path) -> Path:
    size = len(os.fsencode(path)) + _SOCKET
    if size > SOCKET_PATH_LIMIT:
        raise FanalError(errors.KEEP_TOO_LONG, path=str(path), found=size, limit=SOCKET_PATH_LIMIT)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise FanalError(errors.KEEP_TAKEN, path=str(path)) from error
    if any(path.iterdir()):
        raise FanalError(errors.KEEP_TAKEN, path=str(path))
    return path


def _short_temp() -> str | None:
    """The temporary folder, or /tmp when its path is too long for a socket."""
    usual = tempfile.gettempdir()
    fits = len(os.fsencode(usual)) + len("/fanal-12345678") + _SOCKET <= SOCKET_PATH_LIMIT
    return usual if fits else "/tmp"  # noqa: S108  # mkdtemp makes a folder of its own there, mode 0700


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does: by way of every ``finally``."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Impatience does not leave processes behind: while they end, Ctrl-C waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _until_interrupted() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()
