# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS with pinned certificates, and the limits of every connection.

A server admits handshakes only with the certificates pinned at that moment (its own and those of trusted
peers, taken afresh for each handshake); a client trusts exactly one certificate. Neither is authorisation:
`fanal.node.service.admission` decides on the key of every call.

Facts of grpcio 1.85 that this module rests on, each repeated by a test:

- `dynamic_ssl_server_credentials` asks its fetcher once per handshake, on a thread of gRPC's own: new roots
  and a new certificate count from the next handshake on, without a restart. Empty roots admit nobody. A
  configuration object is used up by being returned; None keeps what is in use (see `ServerTls`).
- A pinned self-signed certificate is a trust anchor, so its key can sign a leaf in any name, even one marked
  CA:FALSE: the handshake succeeds, and `x509_pem_cert` is that leaf. Only its key tells who called.
- A pinned certificate is found by its subject, and of two with one subject the first alone is tried; so the
  subject of every certificate is bound to its key (`fanal.keys.certificate`).
- `auth_context` of the server names `ssl_tls_version` (TLSv1.3) and `ssl_negotiated_key_exchange_group`
  (X25519MLKEM768 between two grpcio of this version). The server still completes a TLS 1.2 handshake and
  there is no knob against it: such a session is refused at its first call.
- A client sees "Socket closed" whenever the server refuses its certificate, and a text with
  "CERTIFICATE_VERIFY_FAILED" when it refuses the server's.
- With `grpc.http2.bdp_probe` on, 6 MB were in flight to a reader that does not read; with it off, the
  lookahead, by default 64 KiB. An alert waits for what is in flight, so it is off, and our own credits
  (`fanal.node.service.credit`) rule; the lookahead is what they may grant at most, else a long fat line is
  slow. No argument sets a socket's buffers; credits bound what can lie in them.
- Oversize messages and metadata over the hard limit end the call with RESOURCE_EXHAUSTED; silent TCP
  connections are closed after `grpc.server_handshake_timeout_ms`.
- All channels of a process share one pool of connections unless `grpc.use_local_subchannel_pool` is set.
"""

from __future__ import annotations

import base64
import functools
import stat
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import grpc
import grpc.aio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from fanal.config.settings import Limits
from fanal.errors import FanalError, VerificationError
from fanal.keys.certificate import UNREADABLE
from fanal.node.service.credit import MOST
from fanal.node.service.errors import BAD_TLS_FILES, NOT_ADMITTED, TLS_TOO_OLD

TARGET_NAME = "fanal.invalid"
"""The one name in every certificate; pinning alone decides, RFC 2606 keeps the name from ever resolving."""

LOOKAHEAD = MOST
_TAKE_SECONDS = 0.02
_REPLACE_SECONDS = 0.1
_MAX_IDLE_SECONDS = 10
_MAX_AGE_SECONDS = 600
_MAX_AGE_GRACE_SECONDS = 30
_MOST_PEM_BYTES = 65_536

Options = list[tuple[str, Any]]


@dataclass(frozen=True)
class Material:
    """A certificate with its private key, both PEM, and the certificate's validity in Unix seconds."""

    certificate: bytes
    key: bytes = field(repr=False)
    not_before: float
    not_after: float

    @classmethod
    def load(cls, key_path: Path, certificate_path: Path) -> Material:
        """From the two files of a node. FanalError BAD_TLS_FILES names the file and what is wrong."""
        key, certificate = _private_bytes(key_path), _bytes(certificate_path)
        try:
            leaf = x509.load_pem_x509_certificate(certificate)
            shown = _spki(leaf.public_key())
            valid = leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()
        except UNREADABLE as error:
            raise _bad(certificate_path, "not a certificate") from error
        try:
            held = _spki(load_pem_private_key(key, password=None).public_key())
        except UNREADABLE as error:
            raise _bad(key_path, "not a private key") from error
        if held != shown:
            raise _bad(key_path, "key of another certificate")
        return cls(certificate, key, *valid)

    def valid(self, now: float) -> bool:
        return self.not_before <= now <= self.not_after


@dataclass(frozen=True)
class PeerCertificate:
    """What a handshake proved about the caller: DER of its SubjectPublicKeyInfo, and the validity."""

    spki: bytes
    not_before: float
    not_after: float


class CallContext(Protocol):
    """The part of a server's call context that identifies the caller."""

    def auth_context(self) -> Any: ...


class ServerTls:
    """Server credentials that follow `pin` and `swap` from the next handshake on.

    gRPC replaces its handshaker factory without a lock: a connection that arrives then uses freed memory,
    and strangers can make that happen at will (seen: abort and segmentation fault within 1,200 silent
    connections when every handshake was given a configuration). So a handshake is given one only after a
    change; then the handshakes before it get time to take their reference, and those after it wait until the
    replacement is done. gRPC's threads wait, never the loop.
    """

    def __init__(self, material: Material, pinned: Iterable[bytes] = ()) -> None:
        self._pinned = tuple(sorted(set(pinned)))
        self._turn = threading.Lock()
        self._last_handshake = self._replaced = 0.0
        self.swap(material)

    def pin(self, certificates: Iterable[bytes]) -> None:
        """From now on exactly these certificates (DER) and the node's own pass a handshake."""
        pinned = tuple(sorted(set(certificates)))
        if pinned != self._pinned:
            self._pinned = pinned
            self.swap(self.material)

    def swap(self, material: Material) -> None:
        """Show this certificate from now on."""
        self.material = material
        roots = b"".join([material.certificate, *map(to_pem, self._pinned)])
        self._pending: Any = grpc.ssl_server_certificate_configuration(
            [(material.key, material.certificate)], root_certificates=roots
        )

    def credentials(self) -> grpc.ServerCredentials:
        """For one server: the changes that follow go to that one alone."""
        initial, self._pending = self._pending, None
        return grpc.dynamic_ssl_server_credentials(initial, self._fetch, require_client_authentication=True)

    def _fetch(self) -> Any:
        """Called by gRPC for each handshake; None keeps the configuration in use."""
        with self._turn:
            _wait_until(self._replaced + _REPLACE_SECONDS)
            pending = None
            if self._pending is not None:
                _wait_until(self._last_handshake + _TAKE_SECONDS)
                pending, self._pending = self._pending, None
                self._replaced = time.monotonic()
            self._last_handshake = time.monotonic()
            return pending


def _wait_until(when: float) -> None:
    """Monotonic seconds; returns at once when it has passed."""
    delay = when - time.monotonic()
    if delay > 0:
        time.sleep(delay)


def open_channel(address: str, pinned: bytes, material: Material, limits: Limits) -> Any:
    """A `grpc.aio.Channel` to `address` (host:port) that trusts the certificate `pinned` (DER) alone."""
    credentials = grpc.ssl_channel_credentials(to_pem(pinned), material.key, material.certificate)
    options = [("grpc.ssl_target_name_override", TARGET_NAME), *client_options(limits)]
    return grpc.aio.secure_channel(address, credentials, options=options)


def peer_certificate(context: CallContext) -> PeerCertificate:
    """The caller's certificate, from the handshake itself. VerificationError TLS_TOO_OLD or NOT_ADMITTED."""
    session = context.auth_context()
    version = _first(session.get("ssl_tls_version")).decode("ascii", "replace")
    if version != "TLSv1.3":
        raise VerificationError(TLS_TOO_OLD, version=version or "no TLS")
    pem = _first(session.get("x509_pem_cert"))
    if not pem:
        raise VerificationError(NOT_ADMITTED)
    try:
        return _parse(pem)
    except UNREADABLE:
        raise VerificationError(NOT_ADMITTED) from None


def to_pem(der: bytes) -> bytes:
    """A certificate's DER as PEM (RFC 7468)."""
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def server_options(limits: Limits, max_age: float = _MAX_AGE_SECONDS) -> Options:
    """What a listening socket allows (reliability.md, Limits); `max_age` in seconds."""
    return [
        *_common_options(limits),
        ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a silent half
        ("grpc.server_handshake_timeout_ms", _ms(limits.handshake_seconds)),
        ("grpc.max_allowed_incoming_connections", limits.connections),
        ("grpc.max_concurrent_streams", limits.streams_per_connection),
        ("grpc.max_connection_age_ms", _ms(max_age)),
        ("grpc.max_connection_age_grace_ms", _ms(_MAX_AGE_GRACE_SECONDS)),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 20_000),
    ]


def peer_options(limits: Limits) -> Options:
    """What the peers' port allows: in addition, a connection on which nothing is called is closed, since
    nobody can be held to account for it (see `connections`)."""
    return [*server_options(limits), ("grpc.max_connection_idle_ms", _ms(_MAX_IDLE_SECONDS))]


def client_options(limits: Limits) -> Options:
    """The same limits towards a server; never shares a connection with another channel."""
    return [
        *_common_options(limits),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_retries", 0),
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]


def _common_options(limits: Limits) -> Options:
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", limits.message_bytes),
        ("grpc.max_metadata_size", limits.metadata_bytes),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes),
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", LOOKAHEAD),
        ("grpc.keepalive_time_ms", _ms(limits.keepalive_seconds)),
        ("grpc.keepalive_timeout_ms", _ms(limits.keepalive_timeout_seconds)),
        ("grpc.compression_enabled_algorithms_bitset", 1),  # identity only
    ]


@functools.lru_cache(maxsize=1024)
def _parse(pem: bytes) -> PeerCertificate:
    leaf = x509.load_pem_x509_certificate(pem)
    return PeerCertificate(
        _spki(leaf.public_key()),
        leaf.not_valid_before_utc.timestamp(),
        leaf.not_valid_after_utc.timestamp(),
    )


def _spki(public: Any) -> bytes:
    der: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


def _first(values: Any) -> bytes:
    return bytes(next(iter(values), b"")) if values else b""


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _private_bytes(path: Path) -> bytes:
    """A secret file that others could read is refused: it is no secret any more."""
    data = _bytes(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise _bad(path, "others may read it")
    return data


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_PEM_BYTES + 1)
    except OSError as error:
        raise _bad(path, error.strerror or "unreadable") from error
    if len(data) > _MOST_PEM_BYTES:
        raise _bad(path, f"longer than {_MOST_PEM_BYTES} bytes")
    return data


def _bad(path: Path, reason: str) -> FanalError:
    return FanalError(BAD_TLS_FILES, path=str(path), reason=reason)
