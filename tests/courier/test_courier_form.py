# SPDX-License-Identifier: Apache-2.0
"""How a courier file is read: never further than its hash, its signature and its lengths allow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

import pytest
from courierkit import export, forged, hand_in, parts, refused, sealed
from nodenet import NodeNet, some_notice

from fanal.node.courier import errors, form, importing
from fanal.v1.peer_pb2 import Documents, Frame

A, B = "GE-CUS", "TR-CUS"


@pytest.fixture
def net() -> Iterator[NodeNet]:
    """Two agencies without a line."""
    net = NodeNet(A, B, linked=False)
    yield net
    for host in net.nodes.values():
        host.desk.courier.close()


@pytest.mark.parametrize(("known", "looked_at"), [(True, 1), (False, importing.HEAD + 1)])
def test_a_strangers_file_of_countless_frames_costs_no_walk_through_them(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch, known: bool, looked_at: int
) -> None:
    """Before the signature is found wrong the header is read, or so many frames of documents as may name the
    key."""
    header, _ = parts(export(net.nodes[A], B))
    header.key_id = header.key_id if known else bytes(32)
    data = forged(header, [Frame(documents=Documents())] * 5_000, os.urandom(32))
    seen, part = [], form._part

    def counted(file: IO[bytes], limit: int) -> bytes:
        seen.append(limit)
        return part(file, limit)

    monkeypatch.setattr(form, "_part", counted)
    wanted = errors.NOT_SIGNED if known else errors.SENDER_UNKNOWN
    assert refused(net.nodes[B], data) is wanted
    assert len(seen) == looked_at


def test_a_signed_file_whose_lengths_do_not_fit_is_damaged(net: NodeNet) -> None:
    """A frame that reaches into the seal, or an end before the end, takes nothing in."""
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    data = export(a, B)
    last = data.rindex(bytes(4), 0, len(data) - 96)
    for at, length in ((last, 20), (last, 2**31)):
        body = data[:at] + length.to_bytes(4, "big") + data[at + 4 : -96]
        assert refused(net.nodes[B], sealed(body, a.agency.node)) is errors.FILE_DAMAGED
    assert refused(net.nodes[B], sealed(data[:-96] + bytes(4), a.agency.node)) is errors.FILE_DAMAGED


def test_a_members_own_file_of_countless_frames_is_refused_at_the_limit(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its frames cost is bounded whoever signed them, and no export makes such a file."""
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    monkeypatch.setattr(form, "MOST_FRAMES", len(frames) - 1)
    assert refused(b, forged(header, frames, a.agency.node)) is errors.TOO_MANY_FRAMES
    hand_in(b, export(a, B))
    assert b.inbox() == []
    hand_in(b, export(a, B, rest=True))
    assert len(b.inbox()) == 1
