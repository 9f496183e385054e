# SPDX-License-Identifier: Apache-2.0
"""Attachments between whole nodes in memory: to readers, through relays, past breaks, and to nobody else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from attachkit import got, keys_of, noticed, sealed, send_files, some_bytes, states, upload
from memnet import Faults
from nodenet import NodeHost, NodeNet
from restating import restated

from fanal.envelope.pieces import PIECE, pieces_of
from fanal.keys.charter import RelayView
from fanal.node.attachments.fetching import WINDOW
from fanal.node.gossip.actions import Priority
from fanal.node.gossip.core import ATTACHMENTS
from fanal.notices.compose import revise
from fanal.v1 import peer_pb2
from fanal.v1.notice_pb2 import Notice

A, B, C = "AZ-CUS", "BG-CUS", "CH-CUS"


@pytest.fixture
def net(tmp_path: Path) -> NodeNet:
    return NodeNet(A, B, C, files=tmp_path)


@pytest.fixture
def relayed(tmp_path: Path) -> NodeNet:
    """A and C trust only the relay B, which may not read."""
    relays = {B: RelayView(B, direct=True, serves=frozenset({A, C}))}
    return NodeNet(A, B, C, files=tmp_path, relays=relays, trust={A: (B,), C: (B,)})


def named(frame: peer_pb2.Frame) -> list[bytes]:
    """The attachments that a frame names."""
    if frame.HasField("attachment_news"):
        return [*frame.attachment_news.held, *frame.attachment_news.not_found]
    if frame.HasField("want_pieces"):
        return [frame.want_pieces.attachment]
    return [frame.pieces.attachment] if frame.HasField("pieces") else []


def pieces_sent(net: NodeNet) -> Counter[str]:
    """Counts pieces by receiver from now on."""
    seen: Counter[str] = Counter()
    net.watchers.append(
        lambda _sender, receiver, frame: seen.update([receiver] if frame.HasField("pieces") else [])
    )
    return seen


def test_a_file_reaches_the_reader_byte_for_byte(net: NodeNet) -> None:
    """Sealed by the officer, fetched by the reader's node, opened by the reader's officer."""
    data = some_bytes(5 * PIECE + 321)
    sent, _ = send_files(net.nodes[A], [B], data)
    net.run(20)
    assert states(net.nodes[B], sent.ref) == ["HERE"]
    assert got(net.nodes[B], sent.ref) == data
    assert got(net.nodes[A], sent.ref) == data


@pytest.mark.parametrize("size", [1, PIECE - 41, PIECE, PIECE + 1, 40 * PIECE])
def test_files_of_every_size_travel(net: NodeNet, size: int) -> None:
    """A byte, around a piece, many pieces."""
    data = some_bytes(size)
    sent, _ = send_files(net.nodes[A], [B], data)
    net.run(30)
    assert got(net.nodes[B], sent.ref) == data


def test_several_files_of_one_notice_travel_together(net: NodeNet) -> None:
    """Each under its own key; the notice is there before them."""
    data = [some_bytes(n * 30_000, str(n)) for n in range(1, 7)]
    sent, files = send_files(net.nodes[A], [B, C], *data)
    assert len({one.key for one in files}) == len(data)
    net.run(40)
    for host in (net.nodes[B], net.nodes[C]):
        assert states(host, sent.ref) == ["HERE"] * len(data)
        assert [got(host, sent.ref, n) for n in range(len(data))] == data


def test_who_is_not_in_the_audience_gets_neither_piece_nor_name(net: NodeNet) -> None:
    """No frame to the third node names the attachment, and no file of it is there."""
    told: list[str] = []
    net.watchers.append(lambda sender, receiver, frame: told.extend([receiver] if named(frame) else []))
    _sent, files = send_files(net.nodes[A], [B], some_bytes(3 * PIECE))
    net.run(30)
    assert told
    assert C not in told
    assert not net.nodes[C].files.progress(files[0].name).have


def test_a_relay_carries_what_it_cannot_open(relayed: NodeNet) -> None:
    """The author is gone once the relay has the file; the reader, who was away, gets it from the relay."""
    net, data = relayed, some_bytes(9 * PIECE)
    net.run(2)
    net.nodes[C].crash()
    sent, files = send_files(net.nodes[A], [C], data)
    net.run(30)
    assert net.nodes[B].files.whole(files[0].name) == files[0].length
    net.nodes[A].crash()
    net.nodes[C].start()
    net.run(60)
    assert got(net.nodes[C], sent.ref) == data
    kept = (net.files or Path()) / B / files[0].name.hex()
    assert data[:64] not in kept.read_bytes()


def test_a_locked_relay_carries_files_too(relayed: NodeNet) -> None:
    """Carrying needs no key."""
    net, data = relayed, some_bytes(2 * PIECE)
    net.nodes[B].crash()
    net.nodes[B].start(locked=True)
    net.run(5)
    sent, _ = send_files(net.nodes[A], [C], data)
    net.run(60)
    assert got(net.nodes[C], sent.ref) == data


def test_a_link_that_breaks_again_and_again_loses_no_verified_piece(net: NodeNet) -> None:
    """After each break the transfer goes on where it was: only what was on its way is sent again."""
    data = some_bytes(40 * PIECE)
    net.link(A, B).faults = Faults(delay=0.050, bytes_per_second=1_000_000)
    seen, breaks = pieces_sent(net), 0
    sent, files = send_files(net.nodes[A], [B], data)
    name = files[0].name
    while net.nodes[B].files.progress(name).have < 36:
        goal = min(net.nodes[B].files.progress(name).have + 6, 36)
        net.run_until(lambda goal=goal: net.nodes[B].files.progress(name).have >= goal)
        net.drop(A, B)
        breaks += 1
    net.run(30)
    assert got(net.nodes[B], sent.ref) == data
    assert breaks >= 6
    assert seen[B] <= pieces_of(files[0].length) + breaks * WINDOW


def test_a_killed_reader_goes_on_where_it_was(net: NodeNet) -> None:
    """What was written before the kill is verified again and kept."""
    data = some_bytes(30 * PIECE)
    net.link(A, B).faults = Faults(delay=0.020, bytes_per_second=500_000)
    seen = pieces_sent(net)
    sent, files = send_files(net.nodes[A], [B], data)
    reader = net.nodes[B]
    net.run_until(lambda: reader.files.progress(files[0].name).have >= 12)
    assert states(reader, sent.ref) == ["FETCHING"]
    reader.crash()
    reader.files = type(reader.files)(reader.files.path)  # a new process knows nothing of the files
    reader.start()
    net.run(100)
    assert got(reader, sent.ref) == data
    assert seen[B] <= pieces_of(files[0].length) + 2 * WINDOW


def test_a_second_reader_takes_over_when_the_author_is_gone(net: NodeNet) -> None:
    """Whoever may hold the lane and has the file gives it."""
    data = some_bytes(6 * PIECE)
    net.link(A, C).blocked = {A, C}
    sent, _ = send_files(net.nodes[A], [B, C], data)
    net.run(10)
    net.nodes[A].crash()
    net.run(60)
    assert got(net.nodes[C], sent.ref) == data


def test_half_a_file_at_a_relay_is_passed_on_before_it_is_whole(relayed: NodeNet) -> None:
    """The reader begins while the relay still fetches: nobody waits for the whole."""
    net, data = relayed, some_bytes(60 * PIECE)
    net.link(A, B).faults = Faults(delay=0.020, bytes_per_second=300_000)
    sent, files = send_files(net.nodes[A], [C], data)
    name = files[0].name
    net.run_until(lambda: net.nodes[C].files.progress(name).have >= WINDOW)
    assert 0 < net.nodes[B].files.progress(name).have < pieces_of(files[0].length)
    net.run(120)
    assert got(net.nodes[C], sent.ref) == data


def test_everything_about_attachments_goes_out_behind_all_else(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests, pieces and news have the lowest priority, so no FLASH waits for them."""
    sent_at: list[tuple[str, int]] = []
    transmit = NodeHost.transmit

    def watched(self: NodeHost, peer: str, frame: peer_pb2.Frame, priority: int) -> None:
        sent_at.append((str(frame.WhichOneof("frame")), priority))
        transmit(self, peer, frame, priority)

    monkeypatch.setattr(NodeHost, "transmit", watched)
    send_files(net.nodes[A], [B, C], some_bytes(3 * PIECE))
    net.run(30)
    assert {kind for kind, _ in sent_at} >= ATTACHMENTS
    assert {priority for kind, priority in sent_at if kind in ATTACHMENTS} == {Priority.BULK}


def test_a_forwarded_notice_brings_its_file_to_the_newcomer(net: NodeNet) -> None:
    """The same ciphertext, its key sealed again; the newcomer fetches it from whoever may give it."""
    data = some_bytes(2 * PIECE)
    author = net.nodes[A]
    sent, _ = send_files(author, [B], data)
    net.run(10)
    author.hand_in(restated(author, author.show(sent.ref), C))
    net.run(30)
    assert got(net.nodes[C], sent.ref) == data


def test_a_revision_keeps_its_file(net: NodeNet) -> None:
    """The next revision names the same ciphertext, and needs no upload."""
    data = some_bytes(2 * PIECE)
    author = net.nodes[A]
    sent, _ = send_files(author, [B], data)
    net.run(10)
    shown = author.show(sent.ref)
    previous = shown.statement_sha256.hex()
    revision = revise(Notice.FromString(shown.notice), A, previous, "a better word", int(net.now))
    author.hand_in(author.draft(revision))
    net.run(30)
    assert net.nodes[B].show(sent.ref).summary.revision == 2
    assert got(net.nodes[B], sent.ref) == data


def test_the_same_signed_bytes_with_their_file_get_the_same_answer(net: NodeNet) -> None:
    """A client that never heard the answer repeats upload and send."""
    author, data = net.nodes[A], some_bytes(PIECE)
    one, ciphertext = sealed(data)
    upload(author, one, ciphertext)
    draft = author.draft(noticed(author, [one]), [B])
    first = author.hand_in(draft, keys_of([one]))
    upload(author, one, ciphertext)
    assert author.hand_in(draft, keys_of([one])) == first
    net.run(20)
    assert got(net.nodes[B], first.ref) == data


def test_pieces_that_overtake_each_other_are_put_in_order(net: NodeNet) -> None:
    """Bulk may come up in the middle of a transfer, so pieces take two ways."""
    data = some_bytes(30 * PIECE)
    net.link(A, B).faults = Faults(delay=0.010, jitter=0.200, unordered=True)
    seen = pieces_sent(net)
    sent, files = send_files(net.nodes[A], [B], data)
    net.run(30)
    assert got(net.nodes[B], sent.ref) == data
    assert seen[B] == pieces_of(files[0].length)


def test_a_short_file_is_not_said_to_lack_what_lies_behind_its_end(net: NodeNet) -> None:
    """Who does not know its length asks for more pieces than there are; a word that there are no more would,
    wherever it overtakes them, end a transfer that lacks nothing, again and again."""
    net.link(A, B).faults = Faults(delay=0.010, jitter=0.200, unordered=True)
    refused: Counter[str] = Counter()
    net.watchers.append(lambda by, _to, frame: refused.update([by] * len(frame.attachment_news.not_found)))
    files = [some_bytes(size) for size in (1, PIECE, 2 * PIECE, 3 * PIECE)]
    sent = [send_files(net.nodes[A], [B], data)[0] for data in files]
    net.run(20)
    assert [got(net.nodes[B], one.ref) for one in sent] == files
    assert refused[A] == 0
