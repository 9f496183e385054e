# SPDX-License-Identifier: Apache-2.0
"""Attachments by file: pieces behind the entries, the rest in the next file, nothing to whom none is due."""

from __future__ import annotations

from pathlib import Path

import pytest
from attachkit import got, send_files, some_bytes
from courierkit import carry, export, forged, hand_in, parts, words
from nodenet import NodeNet

from fanal.envelope.pieces import PIECE
from fanal.node.courier.form import LEAST_BYTES

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


@pytest.fixture
def net(tmp_path: Path) -> NodeNet:
    """Three agencies with folders for files, and without any line."""
    return NodeNet(A, B, C, linked=False, files=tmp_path)


def test_an_attachment_comes_with_its_notice(net: NodeNet) -> None:
    """In the same file, byte for byte; a second file brings nothing again."""
    data = some_bytes(5 * PIECE + 321)
    sent, _ = send_files(net.nodes[A], [B], data)
    assert carry(net, A, B).waiting == 0
    assert got(net.nodes[B], sent.ref) == data
    carry(net, B, A)
    assert not [frame for frame in parts(export(net.nodes[A], B))[1] if frame.HasField("pieces")]


def test_what_did_not_fit_follows_in_the_next_files(net: NodeNet) -> None:
    """The other side asks from the first missing piece on."""
    data = some_bytes(50 * PIECE)
    sent, _ = send_files(net.nodes[A], [B], data)
    hand_in(net.nodes[B], export(net.nodes[A], B, limit=LEAST_BYTES))
    assert net.nodes[B].inbox()[0].ref == sent.ref
    carry(net, B, A)
    second = export(net.nodes[A], B, limit=LEAST_BYTES)
    first = next(frame.pieces.index for frame in parts(second)[1] if frame.HasField("pieces"))
    assert 20 < first < 32
    hand_in(net.nodes[B], second)
    assert got(net.nodes[B], sent.ref) == data


def test_pieces_go_only_to_whom_the_charter_entitles(net: NodeNet) -> None:
    """A member that asks for another's attachment by its name gets none of it."""
    _, [one] = send_files(net.nodes[A], [B], some_bytes(PIECE))
    header, frames = parts(export(net.nodes[C], A))
    want = type(frames[0])()
    want.want_pieces.attachment = one.name
    want.want_pieces.ranges.add(start=0, stop=1)
    hand_in(net.nodes[A], forged(header, [*frames, want], net.nodes[C].agency.node))
    assert not [frame for frame in parts(export(net.nodes[A], C))[1] if frame.HasField("pieces")]


def test_a_spoilt_piece_is_left_out_with_an_incident(net: NodeNet) -> None:
    """Nothing of it is written; the next exchange brings it whole."""
    data = some_bytes(3 * PIECE)
    sent, _ = send_files(net.nodes[A], [B], data)
    header, frames = parts(export(net.nodes[A], B))
    spoilt = next(frame for frame in frames if frame.HasField("pieces") and frame.pieces.index == 1)
    spoilt.pieces.data = bytes(len(spoilt.pieces.data))
    reply = hand_in(net.nodes[B], forged(header, frames, net.nodes[A].agency.node))
    assert reply.refused == 1
    assert words(net.nodes[B], "what=courier-bad-entry")
    carry(net, B, A)
    carry(net, A, B)
    assert got(net.nodes[B], sent.ref) == data
