# SPDX-License-Identifier: Apache-2.0
"""Whether namespaces can be had here is said in words, and a network in them leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys

import netlab
import pytest
from netlab import Lab

pytestmark = pytest.mark.process


def test_where_namespaces_cannot_be_made_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody but root is told that root is needed; root without the command, what to install."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "need root" in netlab.impossible.__wrapped__()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(netlab, "_IP", "")
    assert "iproute2" in netlab.impossible.__wrapped__()


def test_a_lab_leaves_nothing_behind_whatever_happens_in_it() -> None:
    """After a failure inside, the namespaces are gone; so is what a killed run left. Where there can be no
    lab, making one is refused."""
    if netlab.impossible():
        with pytest.raises((AssertionError, OSError)):
            Lab(1).__enter__()
        return
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = f"{netlab.PREFIX}{gone.pid}-0-1"
    netlab.ip("netns", "add", left)
    lab = Lab(2)
    with pytest.raises(ZeroDivisionError):
        _fails_in(lab)
    assert {left, *lab.names.values()} & set(netlab.namespaces()) == set()


def _fails_in(lab: Lab) -> None:
    with lab:
        assert set(lab.names.values()) <= set(netlab.namespaces())
        raise ZeroDivisionError
