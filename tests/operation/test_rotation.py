# SPDX-License-Identifier: Apache-2.0
"""Keys are rotated at both ends of a link while notices flow: real processes, real commands, no restart.

ROTATIONS=1000 make rotations: a longer campaign.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from realnet import RealNode, load_on, until
from realofficer import RealOfficer
from reckoning import acknowledged, kept_by, reader_has_all, sender_has_all

pytestmark = pytest.mark.process

A, B = "AZ-CUS", "GE-CUS"
ROTATIONS = int(os.environ.get("ROTATIONS", "10"))
PLANS = (
    (A, "ENCRYPT"),
    (B, "ENCRYPT"),
    (A, "NODE_SIGN"),
    (B, "TLS"),
    (B, "WITNESS"),
    (A, "ANCHOR"),
    (A, "TLS"),
    (B, "NODE_SIGN"),
    (A, "OFFICER officer-1"),
    (B, "ANCHOR"),
)


def test_keys_of_every_use_are_rotated_under_load_and_nothing_is_lost(
    network: dict[str, RealNode], tmp_path: Path
) -> None:
    """Each is taken up without a restart; every acknowledged notice is at the reader, once, STORED."""
    listed, began = tmp_path / "acknowledged", time.monotonic()
    with load_on(network[A], listed, B):
        for number in range(ROTATIONS):
            name, what = PLANS[number % len(PLANS)]
            answer = json.loads(network[name].fanal("key", "rotate", *what.split(), "--json"))
            assert answer["taken_up"] == "yes", answer
    sent = acknowledged(listed)
    print(f"  {ROTATIONS} rotations, {len(sent)} notices in {time.monotonic() - began:.1f} s")
    officer = RealOfficer(network[A].home)
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice")
    assert [officer.states(one.ref) for one in sent] == [{B: "STORED"}] * len(sent)
    officer.again()
    for node in network.values():
        assert node.end() == 0
    sender_has_all(kept_by(network[A]), sent)
    reader_has_all(kept_by(network[B]), sent)
