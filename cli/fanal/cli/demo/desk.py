# SPDX-License-Identifier: Apache-2.0
"""An agency's officer at work: the commands of the command line, in this process, with the officer's own key.

Starting an interpreter for each of some hundred commands would be most of the demo's time; a few that matter
are run as real commands all the same (``as_process``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from fanal.cli.command import FanalCommand
from fanal.cli.demo.process import environment
from fanal.cli.notice.dispatch import Order, dispatch
from fanal.cli.notice.read import fetch
from fanal.cli.session import Session
from fanal.cli.shown.output import Output
from fanal.cli.table import root
from fanal.config.home import Home
from fanal.envelope.statement import compose_signed, handling_of
from fanal.envelope.trust import CharterRef
from fanal.notices.compose import make_ref, stamp
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    import click
    from google.protobuf.message import Message

Json = dict[str, Any]
R = TypeVar("R", bound="Message")


class _Answer(Output):
    """Keeps the answer of a command; messages beside it are dropped."""

    def __init__(self) -> None:
        super().__init__(as_json=True)
        self.last = "{}"

    def write(self, text: str) -> None:
        self.last = text

    def note(self, text: str) -> None:
        return None


class Desk:
    """One officer, by the folder of the agency."""

    def __init__(self, agency: str, home: Home) -> None:
        self.agency, self.home = agency, home
        self._answer = _Answer()
        self.session = self._new()

    def _new(self) -> Session:
        return Session(out=self._answer, home_given=str(self.home.path))

    def reconnect(self) -> None:
        """After the node was started again."""
        self.session.close()
        self.session = self._new()

    def run(self, *arguments: str) -> Json:
        """One command, for instance ``run("notice", "track", ref)``; its JSON answer."""
        command, name, rest = _find(arguments)
        with command.make_context(name, rest) as context:
            given = {key: value for key, value in context.params.items() if key not in _OF_SESSION}
            command.act(self.session, **given)
        return self._last()

    def call(self, method: str, request: Message, reply: type[R]) -> R:
        """One call of the officers' API."""
        return self.session.client.call(method, request, reply)

    def send(self, draft: Notice, reasons: Mapping[str, str] | None = None) -> Json:
        """Prepare, sign here, send: the path of ``fanal notice send``."""
        dispatch(self.session, Order(draft, reasons=reasons or {}, yes=True))
        return self._last()

    def reserve(self, draft: Notice) -> str:
        """A ref for a draft that others will name before it is sent."""
        request = api.PrepareRequest(notice=draft.SerializeToString(deterministic=True))
        return self.call("Prepare", request, api.PrepareReply).ref

    def insist(self, draft: Notice) -> api.SendReply:
        """Sign and hand over what the check has refused: what a broken or hostile client would do."""
        request = api.PrepareRequest(notice=draft.SerializeToString(deterministic=True))
        prepared = self.call("Prepare", request, api.PrepareReply)
        year = 1970 + prepared.now // 31_556_952
        notice = stamp(draft, make_ref(self.agency, year, 999_998), prepared.now, os.urandom)
        signed = compose_signed(
            notice.SerializeToString(deterministic=True),
            network=prepared.network,
            charter=CharterRef(prepared.charter_version, prepared.charter_sha256),
            envelope_id=os.urandom(16),
            author=self.agency,
            audience=prepared.audience,
            handling=handling_of(notice),
            officer_seed=self.session.officer.seed,
            now=prepared.now,
        )
        sending = api.SendRequest(
            statement=signed.statement,
            officer_signature=signed.signature,
            notice=signed.notice,
            notice_salt=signed.notice_salt,
            field_salt=signed.field_salt,
            content_salt=signed.content_salt,
        )
        return self.call("Send", sending, api.SendReply)

    def fetch(self, notice: str, revision: int = 0) -> api.ShowReply:
        """One notice with its exact bytes, as ``fanal notice show`` gets it."""
        return fetch(self.session, notice, revision)

    def held(self) -> dict[str, api.NoticeSummary]:
        """What the node's lists show, by notice id."""
        reply = self.call("List", api.ListRequest(folder="all", limit=500), api.ListReply)
        return {one.notice_id: one for one in reply.notices}

    def states(self, notice: str) -> dict[str, str]:
        """Recipient -> state, as ``fanal notice track`` shows it."""
        reply = self.call("Track", api.TrackRequest(notice=notice), api.TrackReply)
        return {one.recipient: one.state for one in reply.deliveries}

    def as_process(self, *arguments: str) -> int:
        """The same command as a person would start it; its exit code."""
        done = subprocess.run(  # noqa: S603  # our own program, no shell
            [sys.executable, "-m", "fanal.cli", *arguments],
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode

    def close(self) -> None:
        self.session.close()

    def _last(self) -> Json:
        found: Json = json.loads(self._answer.last)
        return found


_OF_SESSION = frozenset({"home", "as_json", "officer", "key_file", "passphrase_fd"})


def _find(arguments: tuple[str, ...]) -> tuple[FanalCommand, str, list[str]]:
    """The command that the words name, and what is left for it."""
    found: click.Command | None = root
    name, rest = "fanal", list(arguments)
    while rest and not isinstance(found, FanalCommand):
        name = rest.pop(0)
        found = found.get_command(None, name) if hasattr(found, "get_command") else None  # type: ignore[union-attr]
    assert isinstance(found, FanalCommand)
    return found, name, rest
