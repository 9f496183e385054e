# SPDX-License-Identifier: Apache-2.0
"""A network of whole nodes with one notice sent, stored and read, its bundles, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nodenet import NodeHost, NodeNet, some_notice

from fanal.keys import ed25519
from fanal.keys.pae import BUNDLE, pae
from fanal.proof.evidence import container, layout
from fanal.proof.evidence.findings import EvidenceReport
from fanal.proof.evidence.verify import verify_bundle
from fanal.v1 import officer_pb2 as api

SECRET_TEXT = "Lorry with a false floor at berth nine"
READERS = ("TR-CUS", "AZ-CUS", "KZ-CUS", "UZ-CUS", "TM-CUS")


@dataclass
class Scene:
    """One notice from GE-CUS to five readers, stored by all and read by the first two."""

    net: NodeNet
    ref: str

    @property
    def network(self) -> bytes:
        return self.net.nodes["GE-CUS"].node.network

    def host(self, name: str) -> NodeHost:
        return self.net.nodes[name]

    def seed(self, name: str = "GE-CUS") -> bytes:
        """The key under which this agency's node seals its bundles."""
        return self.host(name).agency.node

    def bundle(self, name: str = "GE-CUS", **request: object) -> bytes:
        """What this agency hands out now."""
        host = self.host(name)
        reply = host.desk.prove(host.officer, api.ProveRequest(notice=self.ref, **request))  # type: ignore[arg-type]
        self.net.run(120)
        return b"".join(piece.bundle for piece in reply)

    def report(self, bundle: bytes) -> EvidenceReport:
        return verify_bundle(bundle, self.network)


def scene(readers: tuple[str, ...] = READERS, seed: int = 0) -> Scene:
    """The scene, with witnesses that have seen the notice."""
    net = NodeNet("GE-CUS", *readers, seed=seed)
    net.run(5)
    sender = net.nodes["GE-CUS"]
    sent = sender.send(some_notice("GE-CUS", SECRET_TEXT), list(readers))
    net.run(30)
    for name in readers[:2]:
        assert net.nodes[name].read(sent.ref)
    net.run(180)
    return Scene(net, sent.ref)


def statuses(report: EvidenceReport) -> dict[str, str]:
    return {check.name: check.status.value for check in report.checks}


def failed(report: EvidenceReport) -> set[str]:
    return {check.name for check in report.checks if check.status.value == "failed"}


def repacked(
    bundle: bytes, change: Callable[[dict[str, bytes]], None], *, resum: bool = True, seed: bytes = b""
) -> bytes:
    """The bundle with its files changed, and, as a careful attacker would, its sums made right again. With
    ``seed``, the key of the prover's node, the attacker is the prover itself and seals them anew."""
    files = container.read(bundle)
    change(files)
    if resum:
        files[layout.SUMS] = layout.sums_of(files)
    if seed:
        files[layout.SEAL] = ed25519.sign(seed, pae(BUNDLE, files[layout.SUMS]))
    return container.write(files)
