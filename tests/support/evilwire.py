# SPDX-License-Identifier: Apache-2.0
"""An evil member on real sockets, below gRPC: TCP, TLS with its own key, HTTP/2 frames written by hand.

From RFC 9113 and docs/protocol.md, no line of the node. A connection is blocking and tells when it is closed.
"""

from __future__ import annotations

import datetime
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, END_HEADERS = 1, 4
CANCEL = struct.pack(">I", 8)
PATIENCE = 20.0


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


@contextmanager
def crowd(port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many TCP connections that say nothing yet."""
    there: list[socket.socket] = []
    try:
        for _ in range(count):
            there.append(connect(port))
        yield there
    finally:
        for one in there:
            one.close()


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has not hung up; what it said meanwhile is thrown away."""
    connection.setblocking(False)
    try:
        while connection.recv(65_536):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(PATIENCE)
    return False


def client_hello() -> bytes:
    """What a TLS client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    talk = context.wrap_bio(incoming, outgoing)
    with suppress(ssl.SSLWantReadError):
        talk.do_handshake()
    return outgoing.read()


def tls(port: int, certificate: Path, key: Path) -> ssl.SSLSocket:
    """A TLS session with this certificate. OSError when it is refused; TLS 1.3 tells so at the first read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(certificate, key)
    return context.wrap_socket(connect(port))


def http2(port: int, certificate: Path, key: Path) -> ssl.SSLSocket:
    """The same with HTTP/2 begun: the server has told its settings."""
    session = tls(port, certificate, key)
    session.sendall(PREFACE + frame(SETTINGS, 0, 0, b""))
    assert session.recv(9), "closed before a word"
    session.sendall(frame(SETTINGS, 1, 0, b""))
    return session


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def call(stream: int, path: str) -> bytes:
    """The headers of a gRPC call, not compressed, the stream left open."""
    names = {
        ":method": "POST", ":scheme": "https", ":path": path, ":authority": "fanal.invalid",
        "content-type": "application/grpc", "te": "trailers",
    }  # fmt: skip
    fields = b"".join(b"\x00" + _text(name) + _text(value) for name, value in names.items())
    return frame(HEADERS, END_HEADERS, stream, fields)


def message(stream: int, data: bytes) -> bytes:
    """One gRPC message that ends the stream's half."""
    return frame(DATA, END_STREAM, stream, b"\x00" + struct.pack(">I", len(data)) + data)


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode("ascii")


def otherwise_dated(folder: Path, certificate: Path, key: Path, days: tuple[int, int]) -> Path:
    """The pinned key in a certificate of its own making, valid from and until so many days from now."""
    pinned = x509.load_pem_x509_certificate(certificate.read_bytes())
    signer = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dated")])
    chain = _leaf(pinned.subject, signer, name, signer, days) + certificate.read_bytes()
    return _written(folder, "dated.crt", chain)


def in_anothers_name(folder: Path, certificate: Path, key: Path, name: Path) -> tuple[Path, Path]:
    """A new key under another's subject, signed by a pinned one, which comes with it."""
    pinned = x509.load_pem_x509_certificate(certificate.read_bytes())
    signer = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    subject = x509.load_pem_x509_certificate(name.read_bytes()).subject
    fresh = ec.generate_private_key(ec.SECP256R1())
    chain = _leaf(pinned.subject, signer, subject, fresh, (-1, 30)) + certificate.read_bytes()
    return _written(folder, "named.crt", chain), _written(folder, "named.key", _private(fresh))


def foreign(folder: Path) -> tuple[Path, Path]:
    """A new key in a certificate that it signed itself."""
    fresh = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    leaf = _leaf(name, fresh, name, fresh, (-1, 30))
    return _written(folder, "foreign.crt", leaf), _written(folder, "foreign.key", _private(fresh))


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _leaf(
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    name = x509.SubjectAlternativeName([x509.DNSName("fanal.invalid")])
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    begins, ends = (now + datetime.timedelta(days=one) for one in days)
    builder = builder.not_valid_before(begins).not_valid_after(ends).add_extension(name, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
