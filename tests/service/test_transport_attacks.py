# SPDX-License-Identifier: Apache-2.0
"""Attacks on the peers' port, with real handshakes on 127.0.0.1."""

from __future__ import annotations

import asyncio
import datetime
import time
from typing import Any

import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from oddcert import PRINTABLE, UTC_TIME, resigned

from fanal.keys.certificate import Certificate, create_certificate
from fanal.node.service import errors
from fanal.node.service.tls import Material, open_channel
from fanal.node.service.wire import EXCHANGE, HELLO, error_in, raw

pytestmark = pytest.mark.process

A, B, C = "AZ-CUS", "BG-CUS", "GE-CUS"
LATER = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5)


def signed_by(victim: Certificate, valid_days: float = 5) -> Material:
    """A leaf in another's name, signed with the victim's pinned key; sent with the victim as its chain."""
    issuer = x509.load_pem_x509_certificate(victim.pem)
    signer = serialization.load_pem_private_key(victim.key_pem, None)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "GE-CUS")])
    leaf = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(LATER - datetime.timedelta(days=20))
        .not_valid_after(LATER + datetime.timedelta(days=valid_days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("fanal.invalid")]), critical=False)
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Material(leaf.public_bytes(pem) + victim.pem, private, 0, LATER.timestamp())


def closed(error: Any) -> bool:
    """Refused in the handshake: no byte of the request was read."""
    return isinstance(error, grpc.aio.AioRpcError) and error.code() == grpc.StatusCode.UNAVAILABLE


def test_a_pinned_certificate_is_admitted(kit: Any) -> None:
    """The control of all attacks below: the same call with the right certificate is answered."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own = kit.material_of(world.agencies[A].certificate)
            answer = await kit.say_hello(b, world.agencies[B].certificate.der, own)
            assert answer.agency == B

    kit.run(story())


def test_why_certificates_have_one_form_a_root_that_tls_cannot_read_shuts_others_out(kit: Any) -> None:
    """gRPC reads roots up to the first that it cannot read: one member's would lock those behind it out.
    No identity document with such a certificate is taken (`tests/keys/test_certificates.py`)."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            caller = world.agencies[A].certificate
            own = kit.material_of(caller)
            made = (create_certificate(int(time.time()), 86_400) for _ in range(1000))
            odd = (resigned(one, PRINTABLE, UTC_TIME) for one in made)
            before = next(one for one in odd if one < caller.der)
            for pinned, enters in (([caller.der], True), ([before, caller.der], False)):
                b.links.tls.pin(pinned)
                answer = await kit.say_hello(b, world.agencies[B].certificate.der, own)
                assert closed(answer) is not enters, answer

    kit.run(story())


def test_an_unknown_certificate_fails_in_the_handshake(kit: Any) -> None:
    """A self-signed certificate that nobody pinned never reaches the service."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            stranger = kit.material_of(create_certificate(int(time.time()), 86_400))
            assert closed(await kit.say_hello(b, world.agencies[B].certificate.der, stranger))
            assert not b.events

    kit.run(story())


def test_a_leaf_signed_by_a_trusted_peer_in_anothers_name_is_not_admitted(kit: Any) -> None:
    """The handshake accepts it, because a pinned certificate is a trust anchor; its key is nobody's."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            b = await world.start(B, dial=False)
            forged = signed_by(world.agencies[A].certificate)
            for name in (A, C):
                error = await kit.say_hello(b, world.agencies[B].certificate.der, forged, agency=name)
                assert error.code() == grpc.StatusCode.PERMISSION_DENIED
                assert error_in(error.trailing_metadata()).kind is errors.NOT_ADMITTED

    kit.run(story())


def test_a_peer_that_calls_itself_another_member_is_refused(kit: Any) -> None:
    """The agency is that of the key, whatever Hello says."""

    async def story() -> None:
        async with kit.world_of(A, B, C) as world:
            b = await world.start(B, dial=False)
            own = kit.material_of(world.agencies[A].certificate)
            error = await kit.say_hello(b, world.agencies[B].certificate.der, own, agency=C)
            assert error.code() == grpc.StatusCode.PERMISSION_DENIED

    kit.run(story())


def test_an_expired_certificate_fails_in_the_handshake(kit: Any) -> None:
    """Pinned once, expired now."""

    async def story() -> None:
        async with kit.world_of(A, B, AZ_CUS=-60) as world:
            b = await world.start(B, dial=False, clock=lambda: time.time() - 600)
            own = kit.material_of(world.agencies[A].certificate)
            assert closed(await kit.say_hello(b, world.agencies[B].certificate.der, own))

    kit.run(story())


def test_a_session_does_not_outlive_its_certificate(kit: Any) -> None:
    """The handshake was in time; the call after the expiry on the same connection is refused."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            now = [time.time()]
            b = await world.start(B, dial=False, clock=lambda: now[0])
            own = kit.material_of(world.agencies[A].certificate)
            pinned = world.agencies[B].certificate.der
            channel = open_channel(f"127.0.0.1:{b.port}", pinned, own, kit.LIMITS)
            call = channel.unary_unary(HELLO, raw, raw)
            said = b.node.hello()
            said.agency = A
            await call(said.SerializeToString(), timeout=5)
            now[0] += 400 * 86_400
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(said.SerializeToString(), timeout=5)
            assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
            await channel.close()

    kit.run(story())


def test_a_removed_peer_is_refused_from_the_next_call_and_handshake_on(kit: Any) -> None:
    """Roots change without a restart: the old session gets NOT_ADMITTED, a new one no handshake."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own = kit.material_of(world.agencies[A].certificate)
            pinned = world.agencies[B].certificate.der
            assert (await kit.say_hello(b, pinned, own)).agency == B
            b.links.trusts = lambda agency: False
            error = await kit.say_hello(b, pinned, own)
            assert error.code() == grpc.StatusCode.PERMISSION_DENIED
            b.links.refresh()
            assert closed(await kit.say_hello(b, pinned, own))

    kit.run(story())


def test_a_new_own_certificate_counts_from_the_next_handshake_on(kit: Any) -> None:
    """swap() needs no restart: who pins the new one gets in, who pins the old one does not."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own = kit.material_of(world.agencies[A].certificate)
            renewed = create_certificate(int(time.time()), 86_400)
            b.tls.swap(kit.material_of(renewed))
            assert (await kit.say_hello(b, renewed.der, own)).agency == B
            assert closed(await kit.say_hello(b, world.agencies[B].certificate.der, own))

    kit.run(story())


def test_no_certificate_and_plain_tcp_get_no_word(kit: Any) -> None:
    """A client without a certificate fails in the handshake; plain text is closed without an answer."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            pinned = world.agencies[B].certificate.pem
            credentials = grpc.ssl_channel_credentials(pinned)
            options = [("grpc.ssl_target_name_override", "fanal.invalid")]
            target = f"127.0.0.1:{b.port}"
            async with grpc.aio.secure_channel(target, credentials, options=options) as channel:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await channel.unary_unary(HELLO, raw, raw)(b"", timeout=5)
                assert closed(caught.value)
            reader, writer = await asyncio.open_connection("127.0.0.1", b.port)
            writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            assert b"SETTINGS" not in await asyncio.wait_for(reader.read(1000), 5)
            writer.close()

    kit.run(story())


def test_an_oversized_message_and_a_metadata_flood_end_the_call_only(kit: Any) -> None:
    """One byte over 1 MiB and 9 KiB of metadata are refused; the next call of the peer is answered."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            channel = open_channel(f"127.0.0.1:{b.port}", pinned, own, kit.LIMITS)
            channel2 = grpc.aio.secure_channel(
                f"127.0.0.1:{b.port}",
                grpc.ssl_channel_credentials(world.agencies[B].certificate.pem, own.key, own.certificate),
                options=[
                    ("grpc.ssl_target_name_override", "fanal.invalid"),
                    ("grpc.max_send_message_length", -1),
                ],
            )
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel2.unary_unary(HELLO, raw, raw)(bytes(2**20 + 1), timeout=5)
            assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            flood = tuple((f"x-{n}", "y" * 1000) for n in range(9))
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(HELLO, raw, raw)(b"", timeout=5, metadata=flood)
            assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            await channel2.close()
            await channel.close()
            assert (await kit.say_hello(b, pinned, own)).agency == B

    kit.run(story())


def test_silent_connections_are_closed_and_starve_nobody(kit: Any) -> None:
    """A hundred TCP connections that say nothing: a peer is still served, and each is closed in time."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            silent = [await asyncio.open_connection("127.0.0.1", b.port) for _ in range(100)]
            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            assert (await kit.say_hello(b, pinned, own)).agency == B
            for reader, writer in silent:
                assert await asyncio.wait_for(reader.read(10), 10) == b""
                writer.close()

    kit.run(story(), 40.0)


def test_exchange_without_hello_is_refused(kit: Any) -> None:
    """Hello comes first on every connection; one that another connection said does not count."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            assert (await kit.say_hello(b, pinned, own)).agency == B
            channel = open_channel(f"127.0.0.1:{b.port}", pinned, own, kit.LIMITS)
            call = channel.stream_stream(EXCHANGE, raw, raw)()
            assert await call.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert error_in(await call.trailing_metadata()).kind is errors.HELLO_FIRST
            await channel.close()
            assert not b.events

    kit.run(story())


def test_bytes_that_are_no_frame_end_the_link(kit: Any) -> None:
    """Garbage on the stream: the link ends with NO_FRAME, nothing of it reaches gossip."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            channel = open_channel(f"127.0.0.1:{b.port}", pinned, own, kit.LIMITS)
            said = b.node.hello()
            said.agency = A
            await channel.unary_unary(HELLO, raw, raw)(said.SerializeToString(), timeout=5)
            call = channel.stream_stream(EXCHANGE, raw, raw)()
            await call.initial_metadata()
            await kit.until(lambda: A in b.links.links)
            link = b.links.links[A]
            await call.write(b"\xff\xff\xff")
            await call.code()
            assert link.reason.kind is errors.NO_FRAME
            assert [type(e).__name__ for e in b.events] == ["LinkUp", "LinkDown"]
            await channel.close()

    kit.run(story())


def test_an_unknown_method_is_refused(kit: Any) -> None:
    """There is no such call, for peers neither."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            channel = open_channel(f"127.0.0.1:{b.port}", pinned, own, kit.LIMITS)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary("/fanal.v1.OfficerApi/Status", raw, raw)(b"", timeout=5)
            assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
            await channel.close()

    kit.run(story())
