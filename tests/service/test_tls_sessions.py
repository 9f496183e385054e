# SPDX-License-Identifier: Apache-2.0
"""What a session is made of: TLS 1.3, the hybrid key exchange, a certificate; anything less is refused."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from fanal.errors import VerificationError
from fanal.keys.certificate import create_certificate
from fanal.node.service import errors
from fanal.node.service.tls import peer_certificate
from fanal.node.service.wire import HELLO

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "BG-CUS"


def test_sessions_are_tls_1_3_with_the_hybrid_key_exchange(kit: Any) -> None:
    """Two nodes of this version agree on TLSv1.3 and X25519MLKEM768: recorded traffic stays closed."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            seen: dict[str, Any] = {}
            admit = peer_certificate

            def spy(context: Any) -> Any:
                seen.update(context.auth_context())
                return admit(context)

            own, pinned = kit.material_of(world.agencies[A].certificate), world.agencies[B].certificate.der
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("fanal.node.service.peerlink.peer_certificate", spy)
                await kit.say_hello(b, pinned, own)
            assert list(seen["ssl_tls_version"]) == [b"TLSv1.3"]
            assert list(seen["ssl_negotiated_key_exchange_group"]) == [b"X25519MLKEM768"]

    kit.run(story())


def test_a_tls_1_2_session_is_refused_at_its_first_call(kit: Any, tmp_path: Path) -> None:
    """The handshake of 1.2 still succeeds, there is no knob against it; the call is refused."""

    async def story() -> None:
        async with kit.world_of(A, B) as world:
            b = await world.start(B, dial=False)
            own = world.agencies[A].certificate
            (tmp_path / "own.pem").write_bytes(own.pem + own.key_pem)
            context = ssl.create_default_context(cadata=world.agencies[B].certificate.pem.decode())
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(tmp_path / "own.pem")
            context.set_alpn_protocols(["h2"])
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", b.port, ssl=context, server_hostname="fanal.invalid"
            )
            assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
            writer.write(_http2_call(HELLO))
            received = b""
            while errors.TLS_TOO_OLD.id.encode() not in received:
                more = await asyncio.wait_for(reader.read(4096), 5)
                assert more, received
                received += more
            writer.close()
            assert not b.events

    kit.run(story())


@pytest.mark.parametrize("version", [[b"TLSv1.2"], [b""], [], None])
def test_a_session_whose_version_is_not_1_3_is_refused(version: Any) -> None:
    """Also one whose version is not known: default deny."""

    class Context:
        def auth_context(self) -> Any:
            return {"ssl_tls_version": version, "x509_pem_cert": [b"unused"]}

    with pytest.raises(VerificationError) as caught:
        peer_certificate(Context())
    assert caught.value.kind is errors.TLS_TOO_OLD


def test_a_session_without_a_certificate_is_refused() -> None:
    """TLS 1.3 without a client certificate is not admitted."""

    class Context:
        def auth_context(self) -> Any:
            return {"ssl_tls_version": [b"TLSv1.3"]}

    with pytest.raises(VerificationError) as caught:
        peer_certificate(Context())
    assert caught.value.kind is errors.NOT_ADMITTED


def test_the_private_key_is_in_no_repr(kit: Any) -> None:
    """A material that is logged shows no key."""
    certificate = create_certificate(int(time.time()), 86_400)
    material = kit.material_of(certificate)
    assert b"PRIVATE" in material.key
    assert "PRIVATE" not in repr(material)
    assert hashlib.sha256(material.key).hexdigest() not in repr(material)


def _http2_call(path: str) -> bytes:
    """Preface, SETTINGS, HEADERS without compression of strings (RFC 7541, 6.2.2), one empty gRPC message."""

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    headers = (
        (":method", "POST"),
        (":scheme", "https"),
        (":path", path),
        (":authority", "fanal.invalid"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    )
    block = b"".join(b"\0" + text(name) + text(value) for name, value in headers)

    def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    data = frame(1, 4, 1, block) + frame(0, 1, 1, bytes(5))
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + data
