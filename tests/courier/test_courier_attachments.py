# SPDX-License-Identifier: Apache-2.0
"""Attachments by file: pieces behind the entries, the rest in the next file, nothing to whom none is due."""

from __future__ import annotations

from pathlib import Path

import pytest
from attachkit import got, send_files, some_bytes, states
from courierkit import carry, export, forged, hand_in, parts, words
from nodenet import NodeHost, NodeNet

from fanal.config.settings import Limits
from fanal.envelope.pieces import LONGEST, MOST_PIECES, PIECE
from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.courier import errors, remembered
from fanal.node.courier.form import LEAST_BYTES
from fanal.node.courier.gather import Gathering
from fanal.v1.peer_pb2 import Frame

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


@pytest.fixture
def net(tmp_path: Path) -> NodeNet:
    """Three agencies with folders for files, and without any line."""
    return NodeNet(A, B, C, linked=False, files=tmp_path)


def pieces(data: bytes) -> list[Frame]:
    return [frame for frame in parts(data)[1] if frame.HasField("pieces")]


def here(host: NodeHost, name: bytes) -> int:
    return host.node.attachments.progress(name).have


def test_an_attachment_comes_with_its_notice(net: NodeNet) -> None:
    """In the same file, byte for byte; a second file brings nothing again."""
    data = some_bytes(5 * PIECE + 321)
    sent, _ = send_files(net.nodes[A], [B], data)
    reply = carry(net, A, B)
    assert (reply.waiting, reply.attachments, reply.attachments_part) == (0, 1, 0)
    assert got(net.nodes[B], sent.ref) == data
    carry(net, B, A)
    assert not pieces(export(net.nodes[A], B))


def test_what_did_not_fit_follows_in_the_next_files(net: NodeNet) -> None:
    """The other side asks from the first missing piece on."""
    data = some_bytes(50 * PIECE)
    sent, _ = send_files(net.nodes[A], [B], data)
    reply = hand_in(net.nodes[B], export(net.nodes[A], B, limit=LEAST_BYTES))
    assert (reply.attachments, reply.attachments_part) == (0, 1)
    assert net.nodes[B].inbox()[0].ref == sent.ref
    carry(net, B, A)
    second = export(net.nodes[A], B, limit=LEAST_BYTES)
    assert 20 < pieces(second)[0].pieces.index < 32
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
    assert not pieces(export(net.nodes[A], C))


def test_a_spoilt_piece_is_left_out_with_an_incident(net: NodeNet) -> None:
    """Nothing of it is written, nor of what follows it; the next exchange brings it whole."""
    data = some_bytes(3 * PIECE)
    sent, _ = send_files(net.nodes[A], [B], data)
    header, frames = parts(export(net.nodes[A], B))
    for frame in frames:
        if frame.HasField("pieces") and frame.pieces.index == 1:
            frame.pieces.data = bytes(len(frame.pieces.data))
        if frame.HasField("pieces") and frame.pieces.index == 2:
            frame.pieces.length += 1
    reply = hand_in(net.nodes[B], forged(header, frames, net.nodes[A].agency.node))
    assert (reply.refused, reply.attachments, reply.attachments_part) == (2, 0, 1)
    assert len(words(net.nodes[B], "what=courier-bad-entry")) == 1
    carry(net, B, A)
    carry(net, A, B)
    assert got(net.nodes[B], sent.ref) == data


def test_pieces_of_nobodys_attachment_are_let_pass(net: NodeNet) -> None:
    """They fill no disk and stop nothing, whether the notice never was or was left out of the file."""
    _, [one] = send_files(net.nodes[A], [C], some_bytes(2 * PIECE))
    sent, _ = send_files(net.nodes[A], [B], some_bytes(PIECE))
    foreign = pieces(export(net.nodes[A], C))
    header, frames = parts(export(net.nodes[A], B))
    reply = hand_in(net.nodes[B], forged(header, [*foreign, *frames], net.nodes[A].agency.node))
    assert (reply.refused, reply.waiting, reply.attachments) == (0, 0, 1)
    assert here(net.nodes[B], one.name) == 0
    assert one.name not in list(net.nodes[B].node.attachments.names())
    assert states(net.nodes[B], sent.ref) == ["HERE"]


@pytest.mark.parametrize(
    ("field", "value"), [("length", LONGEST + 1), ("index", MOST_PIECES), ("data", bytes(PIECE + 1))]
)
def test_a_piece_beyond_the_largest_attachment_refuses_the_file(
    net: NodeNet, field: str, value: int | bytes
) -> None:
    """Before anything of it is taken in."""
    send_files(net.nodes[A], [B], some_bytes(PIECE))
    header, frames = parts(export(net.nodes[A], B))
    setattr(frames[-1].pieces, field, value)
    with pytest.raises(FanalError) as refused:
        hand_in(net.nodes[B], forged(header, frames, net.nodes[A].agency.node))
    assert refused.value.kind is errors.BAD_FRAME
    assert net.nodes[B].inbox("all") == []


def test_what_is_over_an_authors_day_is_left_out_and_comes_another_day(tmp_path: Path) -> None:
    """The import says so, the notices are there, and the day counts as on a link."""
    policy = {B: Limits(attachment_bytes_per_day=4 * PIECE)}
    net = NodeNet(A, B, linked=False, files=tmp_path, policy=policy)
    first, _ = send_files(net.nodes[A], [B], some_bytes(3 * PIECE, "first"))
    second, _ = send_files(net.nodes[A], [B], some_bytes(3 * PIECE, "second"))
    reply = carry(net, A, B)
    assert (reply.waiting, reply.refused, reply.attachments) == (1, 0, 1)
    assert sorted(states(net.nodes[B], one.ref)[0] for one in (first, second)) != ["HERE", "HERE"]
    carry(net, B, A)
    assert carry(net, A, B).waiting == 1
    net.run(86_400)
    assert carry(net, A, B).attachments == 1
    assert [states(net.nodes[B], one.ref) for one in (first, second)] == [["HERE"], ["HERE"]]


def test_a_relay_carries_on_by_file_what_it_cannot_read(tmp_path: Path) -> None:
    """Author and reader never meet; the relay keeps ciphertext, and what it lacks it asks for by file."""
    relays = {C: RelayView(C, direct=True, serves=(A, B))}
    net = NodeNet(A, B, C, linked=False, files=tmp_path, relays=relays)
    data = some_bytes(40 * PIECE)
    sent, [one] = send_files(net.nodes[A], [B], data)
    hand_in(net.nodes[C], export(net.nodes[A], C, limit=LEAST_BYTES))
    assert 20 < here(net.nodes[C], one.name) < 32
    carry(net, C, B)
    carry(net, C, A)
    carry(net, A, C)
    assert net.nodes[C].inbox("all") == []
    carry(net, B, C)
    last = export(net.nodes[C], B)
    assert pieces(last)[0].pieces.index > 20
    hand_in(net.nodes[B], last)
    assert got(net.nodes[B], sent.ref) == data


def test_who_asked_over_a_link_in_vain_is_told_when_a_file_brought_it(tmp_path: Path) -> None:
    """A relay that had the notice without its attachment gives it on as soon as a file has brought it."""
    relays = {C: RelayView(C, direct=True, serves=(A, B))}
    net = NodeNet(A, B, C, linked=False, files=tmp_path, relays=relays)
    net.connect(B, C)
    net.run(2)
    data = some_bytes(40 * PIECE)
    sent, [one] = send_files(net.nodes[A], [B], data)
    hand_in(net.nodes[C], export(net.nodes[A], C, limit=LEAST_BYTES))
    net.run(600)
    assert 20 < here(net.nodes[B], one.name) < 32
    hand_in(net.nodes[C], export(net.nodes[A], C, rest=True))
    net.run(5)
    assert got(net.nodes[B], sent.ref) == data


def test_the_rest_goes_into_further_files_without_an_answer(net: NodeNet) -> None:
    """Each has what the ones before left out, whatever comes meanwhile; one that comes too early is taken in
    when it comes again."""
    a, b = net.nodes[A], net.nodes[B]
    data = some_bytes(80 * PIECE)
    sent, [one] = send_files(a, [B], data)
    files = [export(a, B, limit=LEAST_BYTES)]
    more, _ = send_files(a, [B], b"another")
    files += [export(a, B, rest=True, limit=LEAST_BYTES) for _ in range(3)]
    firsts = [found[0].pieces.index for found in map(pieces, files[:3])]
    assert firsts[0] == 0 < firsts[1] < firsts[2] < 80
    assert not pieces(files[3])
    assert [one.entries.envelopes for one in parts(files[3])[1] if one.HasField("entries")] == []
    early = hand_in(b, files[1])
    assert (early.waiting, early.attachments_part) == (0, 0)  # the notice that names them has not come
    hand_in(b, files[0])
    early = hand_in(b, files[2])
    assert (early.waiting, here(b, one.name)) == (1, firsts[1])
    hand_in(b, files[1])
    hand_in(b, files[2])
    assert got(b, sent.ref) == data
    assert got(b, more.ref) == b"another"


def test_a_file_of_the_rest_after_an_answer_or_a_loss_begins_anew(net: NodeNet) -> None:
    """What was made before counts for nothing once the other side has spoken; an ordinary file has all."""
    a, b = net.nodes[A], net.nodes[B]
    sent, _ = send_files(a, [B], some_bytes(50 * PIECE))
    export(a, B, limit=LEAST_BYTES)  # lost
    export(a, B, rest=True, limit=LEAST_BYTES)  # lost
    assert pieces(export(a, B))[0].pieces.index == 0
    assert not pieces(export(a, B, rest=True))
    carry(net, B, A)
    hand_in(b, export(a, B, rest=True))
    assert states(b, sent.ref) == ["HERE"]


def test_a_lane_key_counts_as_carried_with_its_last_wrap(net: NodeNet) -> None:
    """A file that got full between a KEY envelope and its wraps leaves it to the next one."""
    send_files(net.nodes[A], [B, C], some_bytes(PIECE))
    node = net.nodes[A].node
    gathering = Gathering(node, B, remembered.load(node, B), everything=False)
    frames = gathering.frames(())
    while not (frame := next(frames)).HasField("entries"):
        assert not gathering.carried.entries
    while (frame := next(frames)).HasField("wraps"):
        assert not gathering.carried.entries
    assert frame.HasField("entries")
    assert [runs.count() for runs in gathering.carried.entries.values()] == [1]
