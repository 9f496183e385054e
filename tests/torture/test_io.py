# SPDX-License-Identifier: Apache-2.0
"""Every n-th write or sync of a sending node fails, in every way a disk can: full, broken, short, unsure.

The node's own process runs on a disk that fails on command. It must refuse what it could not store, tell so,
go on by itself when the disk is well again, and never synchronise a handle again whose sync has failed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from faultfs import FaultFs, Mode, fault_fs
from realnet import QUICK, RealNode, until
from reckoning import kept_by
from stubborn import REFUSALS, Client

from fanal.errors import FanalError
from fanal.node.errors import DISK_FULL

pytestmark = pytest.mark.process

NOTICES = int(os.environ.get("TORTURE_NOTICES", "30"))
"""Sent in one run, a fault in each."""
STEP = 97
"""Operations of a notice with all that follows it: one after the other fails."""
SYNC_STEP = 7
"""The same for failing syncs, which alone are counted then."""
PATIENCE = 150.0
"""Two rounds of comparison, and some: what was missed twice waits for the next round."""
RUNS = int(os.environ.get("TORTURE_RUNS", "3"))
"""Runs of each kind of fault: with as many as STEP, every operation has failed NOTICES times."""


@pytest.fixture(scope="module")
def disk(network: dict[str, RealNode], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultFs]:
    """The sender's disk; the reader has a good one."""
    sender, reader = network.values()
    reader.start()
    with fault_fs(sender.home.path, tmp_path_factory.mktemp("disk")) as found:
        sender.settings = {**QUICK, **found.env}
        sender.start()
        yield found
        found.disarm()


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.DEVICE, Mode.SHORT, Mode.SYNC])
def test_nothing_is_acknowledged_that_a_failing_disk_has_not_kept(
    network: dict[str, RealNode], disk: FaultFs, mode: Mode
) -> None:
    """A fault in every notice, each time at the next operation: the same process goes on, and what it
    acknowledged is there, once."""
    sender, _ = network.values()
    client, began, process = Client(sender), time.monotonic(), sender.process
    first, hits = disk.count, disk.hits
    step = SYNC_STEP if mode is Mode.SYNC else STEP
    for number in range(RUNS * NOTICES):
        # One fault: a transaction of many writes, as a merge of the search index is, could never pass by two.
        disk.arm(mode, 1 + number % step)
        client.send(f"Seen {mode.name} {number}")
    disk.disarm()
    client.send("Seen when the disk is well")
    assert sender.process is process
    assert process is not None
    assert process.poll() is None
    print(
        f"  {mode.name}: {disk.hits - hits} faults in {disk.count - first} operations, "
        f"{len(client.sent)} sent, refused {dict(client.refused)}, {disk.resyncs} syncs retried; "
        f"{time.monotonic() - began:.1f} s"
    )
    assert disk.hits > hits
    assert disk.resyncs == 0
    _all_there(sender, client)


def test_a_disk_that_stays_full_refuses_and_goes_on_when_there_is_room(
    network: dict[str, RealNode], disk: FaultFs
) -> None:
    """Every attempt is refused while nothing can be written, a list that was looked at within the hour
    is still shown, and the first attempt with room is taken, by the same process."""
    sender, _ = network.values()
    client = Client(sender)
    client.officer.list("sent")  # the leaf of this hour
    request = client.stubborn(lambda: client.officer.prepared(["GE-CUS"], "Seen full"))
    for mode, kinds in ((Mode.FULL, {DISK_FULL}), (Mode.DEVICE, REFUSALS)):
        disk.arm(mode, lasts=10**9)
        for _ in range(5):
            with pytest.raises(FanalError) as refused:
                client.officer.send(request)
            assert refused.value.kind in kinds
            client.officer.list("sent")
        disk.disarm()
        client.sent.append(client.officer.send(request))
        request = client.officer.prepared(["GE-CUS"], "Seen again")
    _all_there(sender, client)


def _all_there(sender: RealNode, client: Client) -> None:
    """At the sender's files, each once; and at the reader, as its receipts say."""
    officer = client.officer
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has stored every notice", PATIENCE)
    officer.again()
    assert sender.end() == 0
    kept = kept_by(sender)
    ids = [one.envelope_id.hex() for one in client.sent]
    assert {one: (kept.entries[one], kept.filed[one]) for one in ids} == dict.fromkeys(ids, (1, 1))
    assert {one.envelope_id.hex(): one.leaf_index for one in client.sent}.items() <= kept.places.items()
    assert (kept.wrong, kept.incarnations) == ([], 1)
    sender.start()


def test_the_library_sees_what_fails(disk: FaultFs) -> None:
    """Operations are counted and syncs succeed: a run without faults is no run on a disk unseen."""
    assert disk.count > 100
    assert disk.syncs > 20
