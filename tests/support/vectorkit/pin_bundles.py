# SPDX-License-Identifier: Apache-2.0
"""Where the pinned bundles come from: small networks of whole nodes, in memory, with virtual time.

`.venv/bin/python tests/vectors/make.py --pin-bundles` makes those that are not there. One that is there
stays: what has been handed out must verify for ever. Keys and ids are drawn, so no two runs give the same
bytes; what a run repeats is the story of each.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from unittest import mock

from agencies import MemoryReservations
from evidencekit import Scene, scene
from vectorkit.case import FOLDER

from fanal.keys import charter as charters
from fanal.keys.revocation import sign_revocation
from fanal.node.desk import takenback
from fanal.notices import answers
from fanal.proof.evidence.verify import verify_bundle
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

AUTHOR, READERS = "GE-CUS", ("TR-CUS", "AZ-CUS")


def missing() -> str:
    """Make what is not there; returns a line that names it."""
    made = [name for name in STORIES if not (FOLDER / f"pinned-{name}.zip").exists()]
    for name in made:
        at = scene(READERS, seed=31)
        bundle = STORIES[name](at)
        assert verify_bundle(bundle, at.network).verdict.value != "failed", name
        (FOLDER / f"pinned-{name}.zip").write_bytes(bundle)
        (FOLDER / f"pinned-{name}.network").write_text(at.network.hex() + "\n")
    return "made: " + (", ".join(made) or "nothing")


def _erased(at: Scene) -> bytes:
    host = at.host(READERS[0])
    host.desk.erase(host.officer, api.EraseRequest(notice=at.ref, basis="COURT_ORDER"))
    at.net.run(120)
    return at.bundle(READERS[0])


def _withdrawn(at: Scene, *, delete: bool, leave_out: bool = False) -> bytes:
    """The author takes it back. A prover that leaves the withdrawal out changes its own program for that."""
    author = at.host(AUTHOR)
    shown = author.show(at.ref)
    draft = answers.withdraw(
        Notice.FromString(shown.notice),
        AUTHOR,
        WithdrawalReason.COURT_ORDER,
        int(at.net.now),
        os.urandom,
        delete_required=delete,
        manifests=shown.manifests,
    )
    author.send(draft)
    at.net.run(200)
    if not leave_out:
        return at.bundle(READERS[0])
    with mock.patch.object(takenback, "withdrawal_of", return_value=None):
        return at.bundle(READERS[0])


def _revoked(at: Scene, seconds: int) -> bytes:
    """The author's node key, from so many seconds before now on."""
    author, now = at.host(AUTHOR), int(at.net.now)
    key = author.agency.node_key_id
    document = sign_revocation(author.agency.root, AUTHOR, 1, key, now - seconds, "compromised", now)
    changes = charters.Changes(created=now, revocations=(document,))
    draft = charters.draft_next(author.node.directory.newest, changes)
    charter = charters.sign_charter(author.agency.root, draft, MemoryReservations())
    for host in at.net.nodes.values():
        host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=charter))
    at.net.run(200)
    return at.bundle(READERS[0])


STORIES: dict[str, Callable[[Scene], bytes]] = {
    "bundle": lambda at: at.bundle(),
    "redacted": lambda at: at.bundle(fields=["modus_operandi.technique", "originator"]),
    "whole": lambda at: at.bundle(content=True),
    "erased": _erased,
    "withdrawn": lambda at: _withdrawn(at, delete=True),
    "withdrawn-kept": lambda at: _withdrawn(at, delete=False),
    "withdrawn-unproven": lambda at: _withdrawn(at, delete=True, leave_out=True),
    "sealed": lambda at: at.bundle(READERS[0]),
    "revoked-before": lambda at: _revoked(at, 3600),
    "revoked-after": lambda at: _revoked(at, 0),
}
