# SPDX-License-Identifier: Apache-2.0
"""Evidence bundles and their archive, as our implementation reads it."""

from __future__ import annotations

from vectorkit.case import Case

from fanal.proof.evidence import container
from fanal.proof.evidence.verify import verify_bundle


def _archive(case: Case) -> dict[str, str]:
    return {"files": " ".join(sorted(container.read(case.data)))}


def _bundle(case: Case) -> dict[str, str]:
    network = bytes.fromhex(case.given["network"]) if "network" in case.given else None
    return {"verdict": verify_bundle(case.data, network).verdict.value}


RUNNERS = {"archive": _archive, "bundle": _bundle}
