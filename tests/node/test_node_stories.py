# SPDX-License-Identifier: Apache-2.0
"""The two stories end to end on whole nodes in memory: what an officer sends, others receive, open and answer."""

from __future__ import annotations

from nodenet import NodeNet, some_notice


def test_a_notice_reaches_its_readers_who_open_it() -> None:
    """What GE-CUS sends to two agencies is in both inboxes, word for word, and nowhere else."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", "KZ-CUS")
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "Lorry with a false floor"), ["TR-CUS", "AZ-CUS"])
    net.run(30)
    for name in ("TR-CUS", "AZ-CUS"):
        assert [one.ref for one in net.nodes[name].inbox()] == [sent.ref]
        assert b"Lorry with a false floor" in net.nodes[name].show(sent.ref).notice
    assert net.nodes["KZ-CUS"].inbox() == []


def test_the_sender_sees_stored_at_every_reader() -> None:
    """STORED comes from a signed receipt of each reader."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    net.run(1)
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "QUEUED", "AZ-CUS": "QUEUED"}
    net.run(2)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "SENT", "AZ-CUS": "SENT"}
    net.run(30)
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED", "AZ-CUS": "STORED"}
