# SPDX-License-Identifier: Apache-2.0
"""The parts of the transport without a socket: admission, outbox, choice of a link, causes, logs, runner."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
import structlog
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from fanal.config.settings import Limits
from fanal.errors import FanalError, VerificationError
from fanal.keys.certificate import create_certificate, spki
from fanal.node.desk.actor import Actor
from fanal.node.gossip.actions import Priority
from fanal.node.service import errors, logs
from fanal.node.service.admission import admit, keys_of, peer_keys, peers_of
from fanal.node.service.carried import OTHER, kind_of
from fanal.node.service.causes import cause_of
from fanal.node.service.credit import MOST, Allowance
from fanal.node.service.daemon import notify
from fanal.node.service.link import RACE_SECONDS, Link, keep_newer
from fanal.node.service.officer_api import OfficerApi
from fanal.node.service.outbox import Outbox
from fanal.node.service.runner import WORKERS, ThreadRunner
from fanal.node.service.tls import Material, PeerCertificate, client_options, peer_options, server_options
from fanal.node.service.wire import ERROR_KEY, pack
from fanal.v1 import officer_pb2 as api
from fanal.v1.identity_pb2 import OfficerRight
from fanal.v1.peer_pb2 import Entries, Frame, Heartbeat, HelloMessage

A, B, C = "AZ-CUS", "BG-CUS", "GE-CUS"


def beat(number: int) -> Frame:
    return Frame(heartbeat=Heartbeat(nonce=number))


# --- Admission ------------------------------------------------------------------------------------------


def shown(agency: Any) -> PeerCertificate:
    certificate = agency.certificate
    return PeerCertificate(certificate.spki, certificate.not_before, certificate.not_after)


def test_a_key_admits_the_agency_whose_identity_lists_it_and_no_other(kit: Any) -> None:
    """The key decides; the same certificate with another key, or an unlisted one, is nobody's."""
    world, now = kit.World([A, B, C]), time.time()
    keys = peer_keys(world.directory(), A, lambda agency: True, now)
    assert admit(shown(world.agencies[B]), keys, now) == B
    assert admit(shown(world.agencies[C]), keys, now) == C
    for stranger in (world.agencies[A], kit.make_agency(B)):
        with pytest.raises(VerificationError) as caught:
            admit(shown(stranger), keys, now)
        assert caught.value.kind is errors.NOT_ADMITTED


def test_an_expired_certificate_is_refused_by_name(kit: Any) -> None:
    """The key is listed, the certificate that was shown is over or not begun."""
    world, now = kit.World([A, B]), time.time()
    keys = peer_keys(world.directory(), A, lambda agency: True, now)
    for not_before, not_after in ((0.0, now - 1), (now + 1, now + 9)):
        with pytest.raises(VerificationError) as caught:
            admit(PeerCertificate(world.agencies[B].certificate.spki, not_before, not_after), keys, now)
        assert caught.value.kind is errors.PEER_CERTIFICATE_EXPIRED


def test_the_trust_list_and_the_identity_decide_who_is_a_peer(kit: Any) -> None:
    """Outside the trust list, without identity, or after the key's time there is no key to admit."""
    world, now = kit.World([A, B, C]), time.time()
    directory = world.directory({A: world.identities[A], B: world.identities[B]})
    assert peers_of(directory, A, lambda agency: True) == (B, C)
    assert [k.agency for k in peer_keys(directory, A, lambda agency: True, now)] == [B]
    assert peer_keys(directory, A, lambda agency: agency == C, now) == ()
    assert keys_of(directory, B, now + 2 * 365 * 86_400) == ()


def test_a_revoked_tls_key_admits_nobody(kit: Any) -> None:
    """As soon as the revocation is in the directory."""
    from fanal.keys.keyid import key_id, spki_key
    from fanal.keys.revocation import sign_revocation

    world, now = kit.World([A, B]), int(time.time())
    directory = world.directory()
    identifier = key_id(spki_key(spki(world.agencies[B].certificate.der)))
    root = world.agencies[B].root
    directory.take_revocation(sign_revocation(root, B, 1, identifier, now, "compromised", now), now)
    assert keys_of(directory, B, now) == ()


# --- Outbox and the choice of a link --------------------------------------------------------------------


@given(st.lists(st.sampled_from(sorted(Priority)), max_size=40))
def test_frames_leave_by_priority_and_in_order_within_one(priorities: list[Priority]) -> None:
    """Whatever was put in which order."""

    async def story() -> list[int]:
        outbox = Outbox()
        for number, priority in enumerate(priorities):
            assert outbox.put(beat(number), priority)
        outbox.finish()
        assert outbox.put(beat(99), Priority.FLASH)
        out = []
        while (message := outbox.take(None)) is not None:
            out.append(Frame.FromString(message).heartbeat.nonce)
        assert outbox.done
        return out

    expected = [number for _, number in sorted((p, n) for n, p in enumerate(priorities))]
    assert asyncio.run(story()) == expected


def test_a_full_outbox_takes_nothing_more() -> None:
    """At the limit of frames or bytes put says so; room comes back as frames leave."""

    async def story() -> None:
        outbox = Outbox(max_bytes=10_000, max_frames=2)
        assert outbox.put(beat(1), 0)
        assert outbox.put(beat(2), 0)
        assert not outbox.put(beat(3), 0)
        outbox.take(None)
        assert outbox.put(beat(3), 0)
        outbox.take(None)
        assert not outbox.put(Frame(entries=Entries(envelopes=[bytes(10_000)])), 3)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("held_by", "newer_by", "age", "newer_stays"),
    [
        (A, A, 0.0, True),
        (B, B, 60.0, True),
        (A, B, 0.1, False),
        (B, A, 0.1, True),
        (A, B, RACE_SECONDS + 1, True),
        (B, A, RACE_SECONDS + 1, True),
    ],
)
def test_both_sides_choose_the_same_of_two_links(
    held_by: str, newer_by: str, age: float, newer_stays: bool
) -> None:
    """In a race the lower agency's link stays; an old link that is dialled again is dead."""

    async def story() -> bool:
        held = Link(B, held_by, HelloMessage(), b"", since=100.0)
        return keep_newer(held, Link(B, newer_by, HelloMessage(), b"", since=100.0 + age))

    assert asyncio.run(story()) is newer_stays


# --- Causes -----------------------------------------------------------------------------------------------


def failure(code: grpc.StatusCode, details: str, told: FanalError | None = None) -> Any:
    trailing = ((ERROR_KEY, pack(told)),) if told else ()
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details)


@pytest.mark.parametrize(
    ("details", "code", "kind"),
    [
        ("failed to connect: Connection refused", grpc.StatusCode.UNAVAILABLE, errors.CONNECTION_REFUSED),
        ("UNAVAILABLE: Socket closed", grpc.StatusCode.UNAVAILABLE, errors.REFUSED_BY_PEER),
        ("CERTIFICATE_VERIFY_FAILED: x", grpc.StatusCode.UNAVAILABLE, errors.PEER_CERTIFICATE_CHANGED),
        ("errors resolving x: Domain name not found", grpc.StatusCode.UNAVAILABLE, errors.NAME_NOT_FOUND),
        ("Deadline Exceeded", grpc.StatusCode.DEADLINE_EXCEEDED, errors.NO_ANSWER),
        ("No route to host", grpc.StatusCode.UNAVAILABLE, errors.NO_ANSWER),
        ("ipv4:h:1: socket: Too many open files", grpc.StatusCode.UNAVAILABLE, errors.DESCRIPTORS_USED_UP),
        ("something new", grpc.StatusCode.UNAVAILABLE, errors.LINK_LOST),
    ],
)
def test_the_text_of_the_transport_becomes_a_cause(details: str, code: Any, kind: Any, kit: Any) -> None:
    """Each failure a client can see has its own id; an unknown one is a lost link."""
    world, now = kit.World([A, B]), time.time()
    [key] = keys_of(world.directory(), B, now)
    own = kit.material_of(world.agencies[A].certificate)
    assert cause_of(failure(code, details), own, key, "h:1", now, HelloMessage()).kind is kind
    told = failure(code, details, FanalError(errors.WRONG_NETWORK, agency=A))
    assert cause_of(told, own, key, "h:1", now, HelloMessage()).kind is errors.WRONG_NETWORK
    refused = failure(code, details, FanalError(errors.NOT_ADMITTED))
    assert cause_of(refused, own, key, "h:1", now, HelloMessage()).kind is errors.REFUSED_BY_PEER
    late = now + 2 * 365 * 86_400
    assert cause_of(told, own, key, "h:1", late, HelloMessage()).kind is errors.OWN_CERTIFICATE_EXPIRED


# --- TLS files and options --------------------------------------------------------------------------------


def test_tls_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Missing, malformed, open to others, or not belonging together: each its own reason."""
    now = int(time.time())
    one, two = create_certificate(now, 86_400), create_certificate(now, 86_400)
    key, crt = tmp_path / "tls.key", tmp_path / "tls.crt"

    def load(key_pem: bytes, pem: bytes, mode: int = 0o600) -> Material:
        key.write_bytes(key_pem)
        key.chmod(mode)
        crt.write_bytes(pem)
        return Material.load(key, crt)

    assert load(one.key_pem, one.pem).valid(now)
    for wrong in (
        (one.key_pem, b"none"),
        (b"none", one.pem),
        (one.key_pem, two.pem),
        (one.key_pem, one.pem, 0o640),
    ):
        with pytest.raises(FanalError) as caught:
            load(*wrong)
        assert caught.value.kind is errors.BAD_TLS_FILES
    with pytest.raises(FanalError) as caught:
        Material.load(tmp_path / "absent", crt)
    assert caught.value.facts["reason"] == "No such file or directory"


def test_limits_of_the_settings_reach_grpc() -> None:
    """Message, metadata, streams, connections, handshake, keepalive; no compression, no shared pool."""
    options = dict(server_options(Limits(message_bytes=200_000, connections=7, handshake_seconds=2.5)))
    assert options["grpc.max_receive_message_length"] == 200_000
    assert options["grpc.max_allowed_incoming_connections"] == 7
    assert options["grpc.server_handshake_timeout_ms"] == 2_500
    assert options["grpc.absolute_max_metadata_size"] == 8_192
    assert options["grpc.max_concurrent_streams"] == 16
    assert (options["grpc.keepalive_time_ms"], options["grpc.keepalive_timeout_ms"]) == (60_000, 40_000)
    assert options["grpc.max_connection_age_ms"] == 600_000
    assert options["grpc.compression_enabled_algorithms_bitset"] == 1
    assert dict(client_options(Limits()))["grpc.use_local_subchannel_pool"] == 1
    assert dict(peer_options(Limits()))["grpc.max_connection_idle_ms"] == 10_000
    assert options["grpc.http2.lookahead_bytes"] == MOST


# --- Logs, runner, service manager --------------------------------------------------------------------------


def test_logs_are_json_lines_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both loggers end in one stream; secrets are left out, bytes shortened, tracebacks without locals."""
    stream = io.StringIO()
    before, level = list(logging.root.handlers), logging.root.level
    monkeypatch.setattr("sys.stderr", stream)
    try:
        logs.configure("info")
        canary = "canary-in-a-local"
        structlog.get_logger("x").info(
            "one", secret=b"s3cret", nested={"passphrase": "hunter2"}, id=bytes(99)
        )
        logging.getLogger("y").warning("two %s", "words")
        structlog.get_logger("x").debug("not shown")
        try:
            raise RuntimeError("planted")
        except RuntimeError:
            structlog.get_logger("x").exception("three")
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(level)
        structlog.reset_defaults()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["one", "two words", "three"]
    assert lines[0]["secret"] == "[left out]"
    assert lines[0]["nested"]["passphrase"] == "[left out]"
    assert lines[0]["id"] == "00" * 16
    assert "planted" in lines[2]["exception"]
    assert canary not in stream.getvalue()


def test_work_leaves_the_loop_and_comes_back_to_it() -> None:
    """Jobs run in other threads, their results on the loop's; a job that fails stops nothing."""

    async def story() -> None:
        runner = ThreadRunner(asyncio.get_running_loop())
        threads: list[Any] = []

        def fail() -> None:
            raise RuntimeError("planted")

        runner(fail, threads.append)
        runner(threading.current_thread, lambda t: threads.extend([t, threading.current_thread()]))
        assert await runner.drain(5.0)
        assert threads[0] is not threading.main_thread()
        assert threads[1:] == [threading.main_thread()]
        release = threading.Event()
        runner(release.wait, threads.append)
        assert not await runner.drain(0.05)
        release.set()
        assert await runner.drain(5.0)
        runner.close()

    asyncio.run(story())


def test_nothing_comes_back_from_a_runner_that_was_closed() -> None:
    """What ran is waited for and told to nobody, what comes later is not begun, and neither is an error."""

    async def story() -> None:
        runner, release, told = ThreadRunner(asyncio.get_running_loop()), threading.Event(), list[bool]()
        for _ in range(WORKERS + 1):
            runner(release.wait, told.append)
        release.set()
        with structlog.testing.capture_logs() as logged:
            runner.close()
            runner(release.wait, told.append)
            assert await runner.drain(5.0)
        assert (told, logged) == ([], [])

    asyncio.run(story())


def test_the_call_of_a_client_that_has_gone_is_waited_for_at_the_end() -> None:
    """It is over for the server, and its thread is at work: the files are not closed under it."""

    async def story() -> None:
        loop, begun, release = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
        ended: list[str] = []

        def slow(actor: Actor, _request: object) -> api.WhoAmIReply:
            loop.call_soon_threadsafe(begun.set)
            release.wait()
            ended.append(actor.officer_id)
            return api.WhoAmIReply()

        names = (method.name for method in api.DESCRIPTOR.services_by_name["OfficerApi"].methods)
        anna = Actor(bytes(32), "anna", frozenset(OfficerRight.Code.values()), 1)
        officers = OfficerApi(dict.fromkeys(names, slow), lambda *_: anna, time.time, Limits())
        call = asyncio.create_task(officers.answer(officers.calls["WhoAmI"], b"", None))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        loop.call_soon(release.set)
        await officers.drain(5.0)
        assert ended == ["anna"]

    asyncio.run(story())


def test_readiness_reaches_the_service_manager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One datagram to NOTIFY_SOCKET; without it, or when nobody listens, nothing happens."""
    import socket

    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(5)
        notify("READY=1")
        assert receiver.recv(100) == b"READY=1"


@pytest.mark.parametrize("kind", [field.name for field in Frame.DESCRIPTOR.fields])
def test_what_a_frame_is_is_known_from_its_first_bytes(kind: str) -> None:
    """Every kind of the schema is counted under its own name, empty or not; garbage and nothing as other."""
    frame = Frame()
    getattr(frame, kind).SetInParent()
    assert kind_of(frame.SerializeToString()) == kind
    assert kind_of(b"") == kind_of(b"\xff") == kind_of(b"\x02\x00") == OTHER


def test_bytes_of_frames_are_counted_whole_by_kind_on_both_sides() -> None:
    """A frame in pieces counts once, with its own length, where it is sent and where it comes."""
    frame = Frame(entries=Entries(envelopes=[bytes(5_000)]))
    data = frame.SerializeToString()
    sender, receiver = (Link(A, A, HelloMessage(), bytes(32), credits=True) for _ in range(2))
    sender.outbox.put(frame, Priority.ROUTINE)
    allowance = Allowance(A, 0.0)
    allowance.window = 16 * 1024
    messages = []
    while (message := sender.outbox.take(allowance)) is not None:
        messages.append(message)
    assert len(messages) > 1
    assert [receiver._taken(message) for message in messages][-1] == frame
    assert sender.carried.sent == receiver.carried.received == {"entries": len(data)}
