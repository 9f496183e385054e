# SPDX-License-Identifier: Apache-2.0
"""Courier files and pieces of attachments."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from vectorkit.case import Case
from vectorkit.run_documents import directory_of
from vectorkit.run_trees import hashes
from vectorkit.world import NOW

from fanal.config.settings import Settings
from fanal.envelope.pieces import check_piece
from fanal.keys.trust import Directory
from fanal.node.courier.importing import verified
from fanal.node.software import PROTOCOL, PROTOCOL_LOWEST
from fanal.v1.peer_pb2 import HelloMessage


@dataclass
class Reader:
    """As much of a node as looks at a file before anything of it is taken in."""

    agency: str
    network: bytes
    directory: Directory
    now: int = NOW

    @property
    def settings(self) -> Settings:
        return Settings(agency=self.agency, data=Path("unused"), socket=Path("unused"))

    def hello(self) -> HelloMessage:
        return HelloMessage(
            protocol=PROTOCOL, protocol_lowest=PROTOCOL_LOWEST, network=self.network, agency=self.agency
        )


def _courier(case: Case) -> dict[str, str]:
    reader = Reader(case.given["reader"], bytes.fromhex(case.given["network"]), directory_of(case))
    found = verified(reader, io.BytesIO(case.data))  # type: ignore[arg-type]
    kinds = " ".join(kind for kind, _frame in found.frames())
    return {"sender": found.sender, "number": str(found.header.number), "frames": kinds or "-"}


def _piece(case: Case) -> dict[str, str]:
    given = case.given
    path = hashes(bytes.fromhex(given.get("path", "")))
    name, length, index = bytes.fromhex(given["attachment"]), int(given["length"]), int(given["index"])
    check_piece(name, length, index, case.data, path)
    return {}


RUNNERS = {"courier": _courier, "piece": _piece}
