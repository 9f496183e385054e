# SPDX-License-Identifier: Apache-2.0
"""Ledgers on disk that three real nodes wrote to each other, as an auditor finds them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from agencies import NOW
from nodenet import NodeNet, some_notice

from fanal.keys.charter import parse_charter
from fanal.keys.documents import body_sha256, encode_document
from fanal.keys.identity import parse_identity
from fanal.keys.pae import CHARTER
from fanal.node.ledger.rows import Batch, DocumentRow
from fanal.node.ledger.sqlite import open_ledger
from fanal.v1.identity_pb2 import SignedDocument

A, B, C = "AZ-CUS", "GE-CUS", "TR-CUS"


@dataclass
class Audited:
    """The folders of the three agencies, the network's id, and the notice that A sent to B."""

    folders: dict[str, Path]
    network: str
    envelope: str
    manifest: str
    lane: str

    def copied(self, to: Path) -> Audited:
        """The same in folders that a test may change."""
        folders = {name: to / name for name in self.folders}
        for name, folder in folders.items():
            shutil.copytree(self.folders[name], folder)
        return Audited(folders, self.network, self.envelope, self.manifest, self.lane)


def stored(document: SignedDocument) -> DocumentRow:
    """As a node keeps what it joined with."""
    sha256, data = body_sha256(document), encode_document(document)
    if document.type == CHARTER:
        return DocumentRow("charter", "", parse_charter(document).version, sha256, data, NOW)
    identity = parse_identity(document)
    return DocumentRow("identity", identity.agency, identity.serial, sha256, data, NOW)


def written(base: Path) -> Audited:
    """A sends to B and to both, B reads; some minutes go by, so that checkpoints are cosigned."""
    made: list[Path] = []

    def on_disk(**given: object) -> object:
        made.append(base / f"n{len(made)}")
        return open_ledger(made[-1], **given)  # type: ignore[arg-type]

    with mock.patch("nodenet.MemoryLedger", on_disk):
        net = NodeNet(A, B, C)
    for host in net.nodes.values():
        host.ledger.append(Batch(documents=tuple(stored(one) for one in host.documents)))
    a, b = net.nodes[A], net.nodes[B]
    net.run(30)
    sent = a.send(some_notice(A), [B])
    a.send(some_notice(A, "Second"), [B, C])
    net.run(120)
    b.read(sent.ref)
    net.run(240)
    entry = a.node.ledger.entries.get(envelope_id=sent.envelope_id)
    assert entry is not None
    network = a.node.network.hex()
    for host in net.nodes.values():
        host.ledger.close()
    folders = dict(zip(net.nodes, made, strict=True))
    return Audited(folders, network, sent.envelope_id.hex(), entry.manifest_sha256.hex(), entry.lane.hex())
