# SPDX-License-Identifier: Apache-2.0
"""Every setting of a node, as one frozen object. The docstring under a field is its documentation.

Secrets are not settings: a passphrase comes by prompt or file descriptor, a key by its own file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

SOCKET_PATH_LIMIT = 107
"""Bytes of a Unix socket's path on Linux: sun_path has 108 with its NUL (unix(7))."""

LOG_LEVELS = ("debug", "info", "warning", "error")

Trust = tuple[str, ...] | Literal["*"]


def _bounded(default: Any, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class Limits:
    """What a node accepts from others; beyond it the refusal names the limit."""

    connections: int = _bounded(256, 1, 65_536)
    """Connections at a time."""
    connections_per_key: int = _bounded(2, 1, 64)
    """Connections at a time with one certificate."""
    line_kbit_per_s: int = _bounded(0, 0, 1_024)
    """What the line of this node carries, all links together, if that is little; 0: not said. Peers then have
    no more under way to it than the line brings in a second, and send and announce sparingly."""
    handshake_seconds: float = _bounded(5.0, 0.5, 120.0)
    """Until a TLS handshake must be done."""
    streams_per_connection: int = _bounded(16, 1, 1_000)
    calls_per_minute: int = _bounded(600, 6, 1_000_000)
    metadata_bytes: int = _bounded(8 * 1024, 1_024, 65_536)
    message_bytes: int = _bounded(1024 * 1024, 128 * 1024, 16 * 1024 * 1024)
    """One gRPC message."""
    envelope_bytes: int = _bounded(64 * 1024, 4 * 1024, 64 * 1024)
    """Manifest and body of one envelope."""
    flash_bytes: int = _bounded(16 * 1024, 4 * 1024, 64 * 1024)
    """Manifest and body of one FLASH envelope."""
    attachment_bytes: int = _bounded(64 * 1024 * 1024, 0, 64 * 1024 * 1024)
    """One attached file, before it is encrypted."""
    recipients: int = _bounded(500, 1, 500)
    ids_per_message: int = _bounded(1_000, 1, 10_000)
    string_bytes: int = _bounded(4 * 1024, 256, 65_536)
    nesting: int = _bounded(16, 4, 64)
    unary_seconds: float = _bounded(10.0, 1.0, 600.0)
    """Deadline of one call."""
    silence_seconds: float = _bounded(60.0, 5.0, 3_600.0)
    """A peer that sends no byte for this long is cut."""
    heartbeat_seconds: float = _bounded(25.0, 1.0, 1_800.0)
    keepalive_seconds: float = _bounded(60.0, 10.0, 3_600.0)
    keepalive_timeout_seconds: float = _bounded(40.0, 1.0, 600.0)
    flash_per_hour: int = _bounded(10, 0, 100_000)
    """Per author, over all lanes."""
    routine_per_hour: int = _bounded(600, 0, 10_000_000)
    """Per author, over all lanes."""
    lanes_per_author: int = _bounded(1_000, 1, 1_000_000)
    new_lanes_per_hour: int = _bounded(60, 1, 1_000_000)
    open_incarnations: int = _bounded(16, 1, 1_000)
    """Of one lane, that no later one goes on from."""
    attachment_bytes_per_day: int = _bounded(64 * 1024 * 1024, 0, 1 << 40)
    """Per author."""
    bad_signatures: int = _bounded(3, 1, 1_000)
    """So many within ``bad_signature_window_seconds`` cut the link."""
    bad_signature_window_seconds: float = _bounded(600.0, 1.0, 86_400.0)
    cut_seconds: float = _bounded(600.0, 1.0, 86_400.0)
    """First cut; doubles each time."""
    cut_most_seconds: float = _bounded(86_400.0, 1.0, 30 * 86_400.0)
    storage_per_author_bytes: int = _bounded(2 * 1024**3, 1024 * 1024, 1 << 50)
    disk_warn_percent: int = _bounded(80, 1, 99)
    disk_refuse_percent: int = _bounded(95, 2, 100)
    """From here on others' envelopes wait at their senders; own ones are still accepted."""
    reserve_bytes: int = _bounded(16 * 1024 * 1024, 0, 1 << 34)
    """Size of the reserve file that lets the operator act on a full disk."""
    read_bytes: int = _bounded(4 * 1024 * 1024, 65_536, 1 << 30)
    """Longest draft or document that a command reads."""


@dataclass(frozen=True)
class Settings:
    """How one agency's node runs; made by ``load``, never changed."""

    agency: str
    """Whose node this is: CC-CODE, for example AZ-CUS."""
    data: Path
    """Folder of the ledger and the vault."""
    socket: Path
    """The officers' socket; at most 107 bytes."""
    listen: str = "127.0.0.1:7443"
    """Where the node listens for peers, host:port; empty: nowhere, it only dials."""
    join_listen: str = ""
    """Where it listens for a joining agency while an invitation is out; empty: the next port."""
    metrics_listen: str = ""
    """Where a monitoring system on this machine may ask, 127.0.0.1:port; empty: nowhere."""
    advertise: str = ""
    """The address others are told, host:port; empty: ``listen``."""
    peers: Trust = "*"
    """Which agencies this node links with: "*" for every member, or a list."""
    key_file: Path | None = None
    """A 32-byte key that unlocks the node at start; none: it starts locked."""
    receipts_batch_seconds: float = _bounded(5.0, 0.0, 60.0)
    """STORED receipts are gathered this long before they are sealed; FLASH waits for nobody."""
    checkpoint_seconds: float = _bounded(1.0, 0.05, 3_600.0)
    """A checkpoint is signed after so much idle time."""
    recall_seconds: float = _bounded(86_400.0, 60.0, 365 * 86_400.0)
    """A holder that has not answered a withdrawal for so long is shown as overdue."""
    redial_seconds: float = _bounded(1.0, 0.05, 600.0)
    """First wait before a lost peer is dialled again; doubles up to ``redial_most_seconds``."""
    redial_most_seconds: float = _bounded(60.0, 0.05, 3_600.0)
    drain_seconds: float = _bounded(10.0, 0.0, 600.0)
    """How long a stopping node finishes what it took."""
    log_level: str = "info"
    """debug, info, warning or error."""
    limits: Limits = field(default_factory=Limits)
    origins: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, repr=False
    )
    """Dotted key -> "default", "file", "environment FANAL_..." or "flag --..."."""

    @property
    def advertised(self) -> str:
        """The address that goes into the identity document; empty: nobody is told one."""
        return self.advertise or self.listen

    @property
    def join_address(self) -> str:
        """Where the join listener binds; empty when the node listens nowhere."""
        if self.join_listen or not self.listen:
            return self.join_listen
        host, _, port = self.listen.rpartition(":")
        return f"{host}:{int(port) + 1 if 0 < int(port) < 65_535 else 0}"

    def trusts(self, agency: str) -> bool:
        """Whether the operator lets this node link with that agency (the trust list)."""
        return self.peers == "*" or agency in self.peers
