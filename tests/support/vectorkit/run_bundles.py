# SPDX-License-Identifier: Apache-2.0
"""The archive of evidence bundles, as our implementation reads it."""

from __future__ import annotations

from vectorkit.case import Case

from fanal.proof.evidence import container


def _archive(case: Case) -> dict[str, str]:
    return {"files": " ".join(sorted(container.read(case.data)))}


RUNNERS = {"archive": _archive}
