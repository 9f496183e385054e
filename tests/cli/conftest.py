# SPDX-License-Identifier: Apache-2.0
"""An agency on disk, a runner of commands, and a node that answers what a test tells it to."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from clikit import REF, FakeNode, Ran, Run, identity_of

from fanal.cli.main import run as run_command
from fanal.config.home import Home
from fanal.keys.charter import Changes, FileReservations, draft_next, member_of, sign_charter, view_of
from fanal.keys.documents import decode_document
from fanal.keys.root import generate, load
from fanal.keys.secret import read_key_file
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import Audience
from fanal.v1.identity_pb2 import Custody, Officer, OfficerRight, SignedDocument
from fanal.v1.notice_pb2 import Notice


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in this process: ``run("notice", "list", "--json")``."""

    def one(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ran(int(code), out, err)

    return one


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder made by the commands themselves: AZ-CUS with a key file, in a network of its own."""
    folder = tmp_path_factory.mktemp("agency") / "az"
    os.environ["FANAL_HOME"] = str(folder)
    try:
        assert run_command(["init", "AZ-CUS", "--key-file", "--duty", "--name", "en=Customs"]) == 0
        assert run_command(["network", "create", "caspian", "--channel", "CASPIAN"]) == 0
    finally:
        del os.environ["FANAL_HOME"]
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the template that FANAL_HOME points at; its socket has a short path."""
    folder = tmp_path / "az"
    shutil.copytree(template, folder)
    monkeypatch.setenv("FANAL_HOME", str(folder))
    for name in ("FANAL_OFFICER", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Home(folder)


@pytest.fixture
def node(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNode]:
    """The stand-in node of ``home``, listening."""
    fake = FakeNode(home)
    short = tmp_path_factory.mktemp("s") / "s"
    with home.settings_file.open("a") as file:
        file.write(f'socket = "{short}"\n')
    pool = ThreadPoolExecutor(4)
    server = grpc.server(pool)
    server.add_generic_rpc_handlers((fake.handler(),))
    server.add_insecure_port(f"unix:{short}")
    server.start()
    yield fake
    server.stop(None).wait()
    pool.shutdown()


@pytest.fixture
def charters(home: Home) -> list[SignedDocument]:
    """Two charters: the founder's, and one with GE-CUS and TR-CUS in the channel."""
    first = decode_document(home.charter_file(1).read_bytes())
    root = load(home.root, read_key_file(home.unlock_key))
    newcomers = tuple(member_of(agency, generate().public) for agency in ("GE-CUS", "TR-CUS"))
    changes = Changes(created=int(time.time()), add=newcomers, join={"CASPIAN": ("GE-CUS", "TR-CUS")})
    second = sign_charter(root, draft_next(view_of(first), changes), FileReservations(home.root))
    return [first, second]


@pytest.fixture
def sending(node: FakeNode, charters: list[SignedDocument]) -> FakeNode:
    """A node that prepares for whoever is named and takes whatever is sent."""

    def prepare(request: Any) -> api.PrepareReply:
        notice = Notice.FromString(request.notice)
        view = view_of(charters[-1])
        if notice.group:
            audience, readers = Audience(channel=notice.group), ["AZ-CUS", "GE-CUS", "TR-CUS"]
        else:
            readers = sorted({"AZ-CUS", *notice.recipients})
            audience = Audience(agencies=readers)
        return api.PrepareReply(
            ref="" if request.dry_run else REF,
            readers=[api.Reader(agency=one, has_key=one == "GE-CUS") for one in readers if one != "AZ-CUS"],
            network=view.network,
            charter_version=view.version,
            charter_sha256=view.sha256,
            audience=audience,
            now=int(time.time()),
            carriers=["TN-CGD"],
        )

    identity = identity_of(node.home).document
    node.answers |= {
        "Prepare": prepare,
        "GetCharter": api.GetCharterReply(charters=charters, identities=[identity]),
        "Send": api.SendReply(notice_id="0190", ref=REF, envelope_id=b"\1" * 16, leaf_index=7),
    }
    return node


@pytest.fixture
def draft(run: Run, tmp_path: Path) -> Path:
    """An acknowledgement, which has the smallest body."""
    path = tmp_path / "draft.json"
    assert run("notice", "new", "ack", "--originator", "AZ-CUS", "-o", path).code == 0
    return path


@pytest.fixture
def answering(node: FakeNode) -> FakeNode:
    """A node with one peer that is linked and one that is not."""
    now = int(time.time())
    peers = [
        api.Peer(agency="GE-CUS", state="CONNECTED", since=now, sent=3),
        api.Peer(
            agency="TR-CUS",
            state="UNREACHABLE",
            since=now,
            reason="FANAL-E0821",
            endpoints=["192.0.2.7:7443"],
        ),
        api.Peer(agency="IT-CGD", state="NOT_TRUSTED"),
    ]
    finding = api.Finding(level="warning", subject="disk", id="FANAL-E0605", facts={"path": "/x"})
    status = api.StatusReply(
        agency="AZ-CUS", software="fanal/9.9", now=now, started_at=now - 90, findings=[finding]
    )
    officer = Officer(officer_id="officer-1", rights=[OfficerRight.AUTHOR], custody=Custody.OWN)
    node.answers |= {
        "Status": status,
        "Peers": lambda request: api.PeersReply(peers=[p for p in peers if request.agency in ("", p.agency)]),
        "Ping": api.PingReply(round_trip_us=1500),
        "WhoAmI": api.WhoAmIReply(agency="AZ-CUS", officer=officer, key_id=b"\1" * 32, not_after=now),
        "Unlock": api.UnlockReply(was_locked=True),
    }
    return node
