# SPDX-License-Identifier: Apache-2.0
"""The officers' API on a real Unix socket: who is answered, what crosses the wire, where it may lie."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.message_factory import GetMessageClass

from fanal.cli.client.channel import Client
from fanal.cli.errors import NODE_LOST
from fanal.config.errors import SOCKET_TOO_LONG
from fanal.config.settings import Limits
from fanal.errors import Exit, FanalError
from fanal.keys.calls import sign_call
from fanal.node.errors import NOTICE_UNKNOWN
from fanal.node.service import errors, local_socket
from fanal.node.service.authenticate import Authenticator
from fanal.node.service.health import Health
from fanal.node.service.officer_api import OfficerApi
from fanal.node.service.tls import server_options
from fanal.node.service.wire import OFFICER_API, error_in, pack, raw, status_of, unpack
from fanal.v1 import officer_pb2 as api

pytestmark = pytest.mark.process

A = "AZ-CUS"


@asynccontextmanager
async def served(kit: Any, folder: Path, **handlers: Any) -> AsyncIterator[Any]:
    """A socket that answers every call with an empty reply, but those given."""
    world = kit.World([A, "BG-CUS"])
    directory = world.directory()
    service = api.DESCRIPTOR.services_by_name["OfficerApi"]

    def plain(method: Any) -> Any:
        reply = GetMessageClass(method.output_type)
        return lambda actor, request: [reply()] if method.server_streaming else reply()

    table = {method.name: plain(method) for method in service.methods} | handlers
    authenticate = Authenticator(A, lambda: directory, time.time() - 100)
    refused: list[str] = []
    officers = OfficerApi(
        table, authenticate, time.time, Limits(), lambda error: refused.append(error.kind.id)
    )
    server = grpc.aio.server(options=server_options(Limits()))
    server.add_generic_rpc_handlers((officers.handler(), Health((OFFICER_API,)).handler()))
    server.add_insecure_port(local_socket.prepare(folder / "run" / "api.sock"))
    await server.start()
    channel = grpc.aio.insecure_channel(f"unix:{folder / 'run' / 'api.sock'}")

    async def call(name: str, role: str, request: Any, **changes: Any) -> Any:
        data = request if isinstance(request, bytes) else request.SerializeToString()
        method = f"/{OFFICER_API}/{name}"
        seed = world.agencies[changes.get("agency", A)].officers[role]
        metadata = changes.get("metadata")
        if metadata is None:
            metadata = sign_call(seed, method, changes.get("signed", data), int(time.time()), os.urandom(16))
        try:
            return await channel.unary_unary(method, raw, raw)(data, timeout=10, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            return error

    call.channel, call.agencies, call.refused = channel, world.agencies, refused  # type: ignore[attr-defined]
    try:
        yield call
    finally:
        await channel.close()
        await server.stop(None)


def refusal(error: Any, status: grpc.StatusCode) -> FanalError:
    assert isinstance(error, grpc.aio.AioRpcError), error
    assert error.code() == status
    found = error_in(error.trailing_metadata())
    assert found is not None
    return found


def test_a_signed_call_is_answered_with_the_officer_as_actor(kit: Any, tmp_path: Path) -> None:
    """The handler gets the officer who signed, off the loop's thread, and the decoded request."""
    seen: dict[str, Any] = {}

    def list_notices(actor: Any, request: Any) -> api.ListReply:
        seen.update(actor=actor, request=request, thread=threading.current_thread())
        return api.ListReply(next_cursor="c")

    async def story() -> None:
        async with served(kit, tmp_path, List=list_notices) as call:
            answer = await call("List", "reader", api.ListRequest(folder="inbox"))
            assert api.ListReply.FromString(answer).next_cursor == "c"
            assert seen["actor"].officer_id == "reader"
            assert seen["request"].folder == "inbox"
            assert seen["thread"] is not threading.main_thread()

    kit.run(story())


def test_attacks_on_the_socket_are_unauthenticated_before_anything_is_done(kit: Any, tmp_path: Path) -> None:
    """Unsigned, signed over other bytes, by another agency's officer, by a stranger: no handler runs."""
    ran: list[str] = []

    def status(actor: Any, request: Any) -> api.StatusReply:
        ran.append(actor.officer_id)
        return api.StatusReply()

    async def story() -> None:
        async with served(kit, tmp_path, Status=status) as call:
            stranger = sign_call(b"s" * 32, f"/{OFFICER_API}/Status", b"", int(time.time()), b"n" * 16)
            attacks = [
                await call("Status", "auditor", b"", metadata=()),
                await call("Status", "auditor", b"", signed=b"other"),
                await call("Status", "auditor", b"", agency="BG-CUS"),
                await call("Status", "auditor", b"", metadata=stranger),
            ]
            for error in attacks:
                refusal(error, grpc.StatusCode.UNAUTHENTICATED)
            assert ran == []

    kit.run(story())


def test_a_replayed_call_is_refused_the_second_time(kit: Any, tmp_path: Path) -> None:
    """The very same metadata and bytes, seen on the wire and sent again."""

    async def story() -> None:
        async with served(kit, tmp_path) as call:
            seen: list[Any] = []
            stub = call.channel.unary_unary

            def tapped(*arguments: Any) -> Any:
                inner = stub(*arguments)

                def run(data: bytes, **options: Any) -> Any:
                    seen.append(options["metadata"])
                    return inner(data, **options)

                return run

            call.channel.unary_unary = tapped
            assert isinstance(await call("Status", "auditor", b""), bytes)
            error = refusal(
                await call("Status", "auditor", b"", metadata=seen[0]), grpc.StatusCode.UNAUTHENTICATED
            )
            assert error.kind.id == "FANAL-E0282"

    kit.run(story())


def test_a_refusal_crosses_the_wire_with_its_id_and_facts(kit: Any, tmp_path: Path) -> None:
    """The caller rebuilds the same error; rights, handlers' refusals and malformed requests alike."""

    def show(actor: Any, request: Any) -> api.ShowReply:
        raise FanalError(NOTICE_UNKNOWN, notice=request.notice)

    async def story() -> None:
        async with served(kit, tmp_path, Show=show) as call:
            error = refusal(
                await call("Show", "reader", api.ShowRequest(notice="abc")), grpc.StatusCode.NOT_FOUND
            )
            assert (error.kind, error.facts) == (NOTICE_UNKNOWN, {"notice": "abc"})
            denied = await call("Show", "auditor", api.ShowRequest(notice="abc"))
            assert refusal(denied, grpc.StatusCode.PERMISSION_DENIED).kind is errors.NOT_PERMITTED
            for data in (b"\xff\xff", b"\xf8\x07\x01"):
                error = refusal(await call("Show", "reader", data), grpc.StatusCode.INVALID_ARGUMENT)
                assert error.kind is errors.MALFORMED_CALL

    kit.run(story())


def test_a_fault_inside_says_no_more_than_that(kit: Any, tmp_path: Path) -> None:
    """No traceback and no message of the exception reaches the caller."""

    def track(actor: Any, request: Any) -> api.TrackReply:
        raise RuntimeError("the canary")

    async def story() -> None:
        async with served(kit, tmp_path, Track=track) as call:
            error = await call("Track", "reader", api.TrackRequest(notice="x"))
            assert refusal(error, grpc.StatusCode.INTERNAL).kind is errors.INTERNAL
            assert "canary" not in f"{error.details()} {error.trailing_metadata()}"

    kit.run(story())


def test_an_answer_over_the_limit_is_refused_by_name(kit: Any, tmp_path: Path) -> None:
    """The caller is told which answer was too large instead of a broken stream."""

    async def story() -> None:
        def show(actor: Any, request: Any) -> api.ShowReply:
            return api.ShowReply(notice=bytes(2**20 + 1))

        async with served(kit, tmp_path, Show=show) as call:
            error = refusal(
                await call("Show", "reader", api.ShowRequest(notice="x")), grpc.StatusCode.FAILED_PRECONDITION
            )
            assert error.kind is errors.LIMIT_REACHED

    kit.run(story())


def client_of(folder: Path, seed: bytes) -> Client:
    """The command line's client, signing with this key."""

    class Signing:
        def call_metadata(self, *arguments: Any) -> Any:
            return sign_call(seed, *arguments)

    return Client(str(folder / "run" / "api.sock"), Signing())  # type: ignore[arg-type]


def test_a_connection_that_broke_is_not_held_against_the_next_client(kit: Any, tmp_path: Path) -> None:
    """One client met no node and waits before it tries again: another one in its process is answered."""

    async def story() -> None:
        before = client_of(tmp_path, bytes(32))
        with pytest.raises(FanalError) as broke:
            await asyncio.to_thread(before.call, "Ping", api.PingRequest(), api.PingReply)
        assert broke.value.kind is NODE_LOST
        async with served(kit, tmp_path) as call:
            after = client_of(tmp_path, call.agencies[A].officers["operator"])
            answer = await asyncio.to_thread(after.call, "Ping", api.PingRequest(), api.PingReply)
            assert answer == api.PingReply()
            after.close()
        before.close()

    kit.run(story())


def test_a_proof_larger_than_one_message_arrives_in_pieces(kit: Any, tmp_path: Path) -> None:
    """Three megabytes, over the limit of a message, reach the command line's client whole and in order; a
    refusal, also of a piece that is too large, comes before the first one."""
    pieces = [api.ProveReply(bundle=bytes([number]) * 256 * 1024) for number in range(12)]
    refused: list[Any] = []

    def prove(actor: Any, request: Any) -> list[api.ProveReply]:
        if request.notice == "none":
            raise FanalError(NOTICE_UNKNOWN, notice=request.notice)
        return [*pieces, api.ProveReply(bundle=bytes(2**20 + 1))] if request.notice == "large" else pieces

    async def story() -> None:
        async with served(kit, tmp_path, Prove=prove) as call:
            seed = call.agencies[A].officers["auditor"]

            def ask(notice: str) -> list[bytes]:
                client = client_of(tmp_path, seed)
                try:
                    request = api.ProveRequest(notice=notice)
                    return [one.bundle for one in client.stream("Prove", request, api.ProveReply)]
                except FanalError as error:
                    refused.append(error.kind)
                    return []
                finally:
                    client.close()

            assert await asyncio.to_thread(ask, "x") == [one.bundle for one in pieces]
            assert await asyncio.to_thread(ask, "none") == await asyncio.to_thread(ask, "large") == []
            assert refused == [NOTICE_UNKNOWN, errors.LIMIT_REACHED]

    kit.run(story())


def test_more_calls_than_the_node_takes_are_told_that_it_is_busy(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call more than fit at a time is refused at once; the others are answered."""
    monkeypatch.setattr("fanal.node.service.officer_api.CALLS_AT_A_TIME", 8)

    async def story() -> None:
        go, inside = asyncio.Event(), asyncio.Semaphore(0)

        async def ping(actor: Any, request: Any) -> api.PingReply:
            inside.release()
            await go.wait()
            return api.PingReply()

        async with served(kit, tmp_path, Ping=ping) as call:
            calls = [asyncio.create_task(call("Ping", "operator", api.PingRequest())) for _ in range(8)]
            for _ in calls:
                await inside.acquire()
            error = await call("Ping", "operator", api.PingRequest())
            assert error_in(error.trailing_metadata()).kind is errors.BUSY
            go.set()
            assert all(isinstance(answer, bytes) for answer in await asyncio.gather(*calls))

    kit.run(story())


def test_health_answers_without_a_signature_and_knows_its_services(kit: Any, tmp_path: Path) -> None:
    """SERVING for the API and for all; NOT_FOUND for what is not here."""
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    async def story() -> None:
        async with served(kit, tmp_path) as call:
            stub = health_pb2_grpc.HealthStub(call.channel)
            for name in ("", OFFICER_API):
                answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.Check(health_pb2.HealthCheckRequest(service="other"))
            assert caught.value.code() == grpc.StatusCode.NOT_FOUND

    kit.run(story())


def test_a_service_with_a_missing_handler_does_not_start() -> None:
    """A call without handler is found when the node starts, not when an officer needs it."""
    with pytest.raises(ValueError, match="Status"):
        OfficerApi({}, lambda *_: None, time.time, Limits())  # type: ignore[arg-type, return-value]


def test_every_exit_code_has_a_status_and_errors_survive_packing() -> None:
    """One table for all; an unknown id or garbage unpacks to nothing; long facts are shortened."""
    for code in set(Exit) - {Exit.OK}:
        kind = next((k for k in (errors.INTERNAL, errors.JOIN_TIMEOUT) if k.exit is code), None)
        if kind is not None:
            assert status_of(FanalError(kind)) is not None
    error = FanalError(errors.OTHER_PROTOCOL, agency=A, theirs=2, ours=1)
    again = unpack(pack(error))
    assert again is not None
    assert (again.kind, again.facts) == (error.kind, error.facts)
    for garbage in (b"", b"{", b"[]", b'{"id": "FANAL-E0000", "facts": {}}', b'{"id": 3}', b"[" * 10_000):
        assert unpack(garbage) is None
    long = pack(FanalError(errors.CUT, agency="x" * 10_000, reason="y" * 10_000))
    assert len(long) < 3_100


def test_a_socket_path_of_107_bytes_is_taken_and_one_more_is_refused(tmp_path: Path) -> None:
    """The limit of sockaddr_un, named with its remedy; gRPC itself would only fail to bind."""
    folder = Path("/tmp") / f"fanal-{os.getpid()}"
    fits = folder / ("s" * (107 - len(str(folder)) - 1))
    try:
        assert local_socket.prepare(fits) == f"unix:{fits}"
        with pytest.raises(FanalError) as caught:
            local_socket.prepare(fits.with_name(fits.name + "s"))
        assert caught.value.kind is SOCKET_TOO_LONG
        assert caught.value.facts["length"] == 108
    finally:
        folder.rmdir()


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    """The socket answers whoever reaches it, so its folder is the agency's alone; a new one is made 0700."""
    local_socket.prepare(tmp_path / "new" / "api.sock")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o750)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "open" / "api.sock", tmp_path / "file" / "api.sock"):
        with pytest.raises(FanalError) as caught:
            local_socket.prepare(path)
        assert caught.value.kind is errors.SOCKET_FOLDER


def test_a_living_server_is_not_pushed_off_its_socket_but_a_dead_one_is(tmp_path: Path) -> None:
    """gRPC would take the path over in silence; a file that is no socket is left alone."""
    path = tmp_path / "run" / "api.sock"
    local_socket.prepare(path)
    living = socket.socket(socket.AF_UNIX)
    living.bind(str(path))
    living.listen()
    with pytest.raises(FanalError) as caught:
        local_socket.prepare(path)
    assert caught.value.kind is errors.CANNOT_LISTEN
    living.close()
    local_socket.prepare(path)
    assert not path.exists()
    path.write_text("precious")
    with pytest.raises(FanalError) as caught:
        local_socket.prepare(path)
    assert caught.value.kind is errors.SOCKET_FOLDER
    assert path.read_text() == "precious"
