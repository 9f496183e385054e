# SPDX-License-Identifier: Apache-2.0
"""A node's process without some of what defends its peers' port, as FANAL_TEST_UNDEFENDED says: words with
commas between. What a setting can switch off is not here.

credit: whatever a peer grants is believed.
names: who calls is whoever its Hello names, under any certificate that passes the handshake.
pings: HTTP/2 pings are answered without end.
"""

from __future__ import annotations

import os
from typing import Any

from fanal.cli.main import main
from fanal.node.service import credit, daemon, peerlink
from fanal.node.service.admission import PeerKey
from fanal.node.service.tls import Options, PeerCertificate
from fanal.v1.peer_pb2 import Credit

VARIABLE = "FANAL_TEST_UNDEFENDED"


def _believed(self: credit.Allowance, said: Credit, _now: float) -> None:
    self.received, self.window = said.received, said.window


def _anybody(_certificate: PeerCertificate, keys: tuple[PeerKey, ...], _now: float) -> str:
    return keys[0].agency


def _patient(options: Any) -> Any:
    def found(*arguments: Any) -> Options:
        least = ("grpc.http2.min_recv_ping_interval_without_data_ms", 0)
        return [*options(*arguments), least, ("grpc.http2.max_ping_strikes", 0)]

    return found


def _without(words: list[str]) -> None:
    if "credit" in words:
        credit.Allowance.heard = _believed  # type: ignore[method-assign]
    if "names" in words:
        peerlink.admit = _anybody
        peerlink.check_hello = lambda *_: None
    if "pings" in words:
        daemon.peer_options = _patient(daemon.peer_options)


if __name__ == "__main__":
    _without(os.environ.pop(VARIABLE, "").split(","))
    main()
