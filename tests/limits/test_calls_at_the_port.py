# SPDX-License-Identifier: Apache-2.0
"""Calls of one key at the peers' port: a minute's number, a sixth of them at once, each agency for itself."""

from __future__ import annotations

import pytest

from fanal.errors import FanalError
from fanal.node.service import callmeter
from fanal.node.service.callmeter import CallMeter

GE, TR = "GE-CUS", "TR-CUS"
Noted = list[tuple[str, str]]
Closed = list[str]


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    """The connections that were hung up on."""
    found: Closed = []
    monkeypatch.setattr(callmeter, "shut_down", found.append)
    return found


def meter(noted: Noted) -> CallMeter:
    return CallMeter(60, lambda agency, error: noted.append((agency, error.kind.id)))


def test_calls_of_one_key_at_the_limit_and_one_past_it(closed: Closed) -> None:
    """Ten at once of sixty a minute; the eleventh is hung up on and noted, and a second later one is free."""
    noted: Noted = []
    calls = meter(noted)
    for _ in range(10):
        calls.charge(GE, "ipv4:192.0.2.1:1000", 0.0)
    with pytest.raises(FanalError, match="E0846"):
        calls.charge(GE, "ipv4:192.0.2.1:1000", 0.0)
    assert (closed, noted) == (["ipv4:192.0.2.1:1000"], [(GE, "FANAL-E0846")])
    calls.charge(GE, "ipv4:192.0.2.1:1001", 1.0)


def test_one_agencys_flood_spends_nothing_of_anothers(closed: Closed) -> None:
    """Each agency has a bucket of its own, and all who are none have one together, which names nobody."""
    noted: Noted = []
    calls = meter(noted)
    for _ in range(10):
        calls.charge("", "ipv4:192.0.2.1:1000", 0.0)
    with pytest.raises(FanalError, match="E0846"):
        calls.charge("", "ipv4:192.0.2.1:1000", 0.0)
    calls.charge(TR, "ipv4:192.0.2.1:1002", 0.0)
    assert (closed, noted) == (["ipv4:192.0.2.1:1000"], [])


def test_a_connection_is_hung_up_on_once_whatever_was_called_on_it(closed: Closed) -> None:
    """Calls that were under way when it was closed cost no second look at the sockets; a port that comes
    again later is another connection."""
    calls = meter([])
    for _ in range(10):
        calls.charge(GE, "ipv4:192.0.2.1:1000", 0.0)
    for at in (0.0, 0.5, 0.9):
        with pytest.raises(FanalError, match="E0846"):
            calls.charge(GE, "ipv4:192.0.2.1:1000", at)
    for _ in range(10):
        calls.charge(GE, "ipv4:192.0.2.1:1003", 60.0)
    with pytest.raises(FanalError, match="E0846"):
        calls.charge(GE, "ipv4:192.0.2.1:1000", 60.0)
    assert len(closed) == 2
