# SPDX-License-Identifier: Apache-2.0
"""Files over the officers' socket of a real node: handed in, broken off, too many at once, handed out."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from attachkit import sealed, some_bytes
from realnet import QUICK, RealNode, found_network, until
from realofficer import RealOfficer

from fanal.cli.client.channel import SERVICE
from fanal.envelope.pieces import PIECE
from fanal.errors import FanalError
from fanal.node.attachments.errors import UPLOAD_BROKEN
from fanal.node.errors import NOTICE_UNKNOWN
from fanal.node.service.errors import BUSY, NOT_AUTHENTICATED
from fanal.node.service.officer_api import FILES_AT_A_TIME
from fanal.v1 import officer_pb2 as api

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealNode]:
    settings = {**QUICK, "FANAL_DRAIN_SECONDS": "2"}
    node = found_network(tmp_path_factory.mktemp("net"), ("AZ-CUS",), settings)["AZ-CUS"]
    yield node
    if node.process is not None:
        node.end()


@pytest.fixture
def officer(node: RealNode) -> Iterator[RealOfficer]:
    made = RealOfficer(node.home)
    yield made
    made.again()


def files(node: RealNode) -> list[str]:
    uploads = node.home.data / "attachments" / "uploads"
    return sorted(path.name for path in uploads.iterdir()) if uploads.is_dir() else []


def messages(data: bytes, mark: str = "") -> tuple[Any, list[api.AttachRequest]]:
    found, ciphertext = sealed(some_bytes(len(data), mark))
    head = api.AttachRequest(attachment=found.name, length=found.length)
    rest = [api.AttachRequest(data=ciphertext[at : at + PIECE]) for at in range(0, len(ciphertext), PIECE)]
    return found, [head, *rest]


def refusal(officer: RealOfficer, stream: list[api.AttachRequest]) -> FanalError:
    with pytest.raises(FanalError) as caught:
        officer.client.hand_in("Attach", stream, api.AttachReply, 30.0)
    return caught.value


def test_a_file_is_taken_whole_or_leaves_nothing(node: RealNode, officer: RealOfficer) -> None:
    """All of it: there under its name. Cut short, too long, swapped, other bytes, a second head: nothing."""
    found, good = messages(bytes(3 * PIECE))
    broken = [
        good[:-1],
        [*good, api.AttachRequest(data=b"x")],
        [good[0], good[2], good[1], *good[3:]],
        [good[0], api.AttachRequest(data=bytes(PIECE)), *good[2:]],
        [good[0], good[0], *good[1:]],
        [good[0], api.AttachRequest(data=bytes(PIECE + 1))],
        [api.AttachRequest(attachment=b"short", length=10)],
        [api.AttachRequest(attachment=found.name, length=0)],
    ]
    assert {refusal(officer, one).kind for one in broken} == {UPLOAD_BROKEN}
    assert files(node) == []
    officer.client.hand_in("Attach", good, api.AttachReply, 30.0)
    assert files(node) == sorted([found.name.hex(), f"{found.name.hex()}.paths"])


def test_an_upload_that_nobody_signed_for_is_not_even_begun(node: RealNode, officer: RealOfficer) -> None:
    """The signature covers the first message: another one under it is refused."""
    before = files(node)
    _found, good = messages(bytes(100), "unsigned")
    other = api.AttachRequest(attachment=bytes(32), length=77).SerializeToString(deterministic=True)
    metadata = officer.signer.call_metadata(SERVICE + "Attach", other, int(time.time()), os.urandom(16))
    stub = officer.client._channel.stream_unary(SERVICE + "Attach", None, api.AttachReply.FromString)
    with pytest.raises(grpc.RpcError) as caught:
        stub((one.SerializeToString() for one in good), timeout=10, metadata=metadata)
    assert NOT_AUTHENTICATED.id in str(caught.value)
    assert files(node) == before


def test_uploads_that_hang_are_bounded_and_one_that_breaks_off_leaves_nothing(
    node: RealNode, officer: RealOfficer
) -> None:
    """So many at a time, and no call waits for them; a client that goes away leaves no file."""
    before = files(node)
    with contextlib.ExitStack() as stack:
        hanging = [hung_upload(officer, str(number), stack) for number in range(FILES_AT_A_TIME)]
        until(lambda: len(files(node)) == len(before) + FILES_AT_A_TIME, "all of them are under way")
        assert refusal(officer, messages(bytes(10), "one more")[1]).kind is BUSY
        assert officer.status().agency == "AZ-CUS"
        for one in hanging:
            one.cancel()
        until(lambda: files(node) == before, "nothing is left of them")


def hung_upload(officer: RealOfficer, mark: str, stack: contextlib.ExitStack) -> Any:
    """A call that has handed in a part of a file and then says no more."""
    _found, stream = messages(bytes(2 * PIECE), mark)
    head = stream[0].SerializeToString(deterministic=True)
    metadata = officer.signer.call_metadata(SERVICE + "Attach", head, int(time.time()), os.urandom(16))
    stub = officer.client._channel.stream_unary(SERVICE + "Attach", None, api.AttachReply.FromString)
    parts = [head, stream[1].SerializeToString()]
    return stub.future(_never_ending(parts, stack), timeout=60, metadata=metadata)


def _never_ending(parts: list[bytes], stack: contextlib.ExitStack) -> Iterator[bytes]:
    end = threading.Event()
    stack.callback(end.set)

    def stream() -> Iterator[bytes]:
        yield from parts
        end.wait(60)

    return stream()


def test_an_upload_is_given_to_nobody_who_has_no_notice_of_it(officer: RealOfficer) -> None:
    """Knowing its name is not enough: a file goes out with the notice that carries it."""
    found, stream = messages(bytes(PIECE), "out")
    officer.client.hand_in("Attach", stream, api.AttachReply, 30.0)
    request = api.FetchAttachmentRequest(manifest_sha256=bytes(32), attachment=found.name)
    with pytest.raises(FanalError) as caught:
        list(officer.client.stream("FetchAttachment", request, api.AttachmentPart, 30.0))
    assert caught.value.kind is NOTICE_UNKNOWN


def test_an_upload_that_hangs_has_a_part_of_the_nodes_end_and_not_all_of_it(
    node: RealNode, officer: RealOfficer
) -> None:
    """It is named in the log and given up, the rest of the end has its time, and nothing is left of it."""
    before = files(node)
    with contextlib.ExitStack() as stack:
        hung = hung_upload(officer, "at the end", stack)
        until(lambda: len(files(node)) == len(before) + 1, "it is under way")
        assert node.end() == 0
        assert hung.code() is not grpc.StatusCode.OK
    said = [json.loads(line) for line in node.log.read_text().splitlines() if line.startswith("{")]
    events = [one["event"] for one in said]
    assert {tuple(one["calls"]) for one in said if one["event"] == "calls_not_ended"} == {("Attach",)}
    assert events[-1] == "stopped"
    assert not {"stop_failed", "stop_cut"} & set(events)
    assert files(node) == before
