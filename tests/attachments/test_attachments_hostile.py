# SPDX-License-Identifier: Apache-2.0
"""What others try with attachments: foreign requests, wrong pieces, floods, empty promises, spoilt disks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from attachkit import got, keys_of, noticed, sealed, send_files, some_bytes, states, upload
from nodenet import NodeHost, NodeNet

from fanal.envelope.pieces import PIECE, sealed_length
from fanal.errors import FanalError
from fanal.node.attachments.budget import DayBudget
from fanal.node.attachments.errors import DAY_FULL, NOT_SENT_ALONG, OTHER_FILE, OVER_LIMIT, UNASKED
from fanal.node.attachments.fetching import Ask
from fanal.node.attachments.folder import AttachmentFolder, Piece, Progress
from fanal.node.errors import DISK_FULL
from fanal.node.gossip.errors import MALFORMED_FRAME
from fanal.node.gossip.events import Received
from fanal.node.ledger.rows import Batch
from fanal.v1 import peer_pb2
from fanal.v1.envelope_pb2 import AttachmentKey, SeqRange
from fanal.v1.peer_pb2 import AttachmentNews, Frame, Pieces, WantPieces

A, B, C = "AZ-CUS", "BG-CUS", "CH-CUS"


def answers(net: NodeNet, host: str, peer: str, frame: Frame) -> list[Frame]:
    """What ``host`` sends to ``peer`` after this frame of it."""
    heard: list[Frame] = []

    def watch(sender: str, receiver: str, seen: Frame) -> None:
        if (sender, receiver) == (host, peer) and seen.WhichOneof("frame") in ("pieces", "attachment_news"):
            heard.append(seen)

    net.watchers.append(watch)
    net.nodes[host].host.handle(Received(peer, frame))
    net.run(1)
    net.watchers.remove(watch)
    return heard


def want(name: bytes, start: int = 0, stop: int = 4) -> Frame:
    return Frame(want_pieces=WantPieces(attachment=name, ranges=[SeqRange(start=start, stop=stop)]))


def spoil(net: NodeNet, host: str, change: Callable[[Pieces], None]) -> None:
    """Every piece that this host sends is changed on its way out."""
    node, transmit = net.nodes[host], NodeHost.transmit

    def changed(peer: str, frame: Frame, priority: int) -> None:
        if frame.HasField("pieces"):
            change(frame.pieces)
        transmit(node, peer, frame, priority)

    node.transmit = changed  # type: ignore[method-assign]


def test_a_foreign_and_an_unknown_attachment_get_the_same_answer(net: NodeNet) -> None:
    """A member outside the audience that learnt the name gets no piece, and cannot tell that it exists."""
    _sent, files = send_files(net.nodes[A], [B], some_bytes(3 * PIECE))
    net.run(20)
    for holder in (A, B):
        foreign = answers(net, holder, C, want(files[0].name))
        unknown = answers(net, holder, C, want(bytes(32)))
        assert foreign == [Frame(attachment_news=AttachmentNews(not_found=[files[0].name]))]
        assert unknown == [Frame(attachment_news=AttachmentNews(not_found=[bytes(32)]))]


def test_a_reader_is_given_what_it_asks_for_and_no_more(net: NodeNet) -> None:
    """The pieces of the ranges; beyond the end there is nothing."""
    _sent, files = send_files(net.nodes[A], [B], some_bytes(3 * PIECE))
    net.run(20)
    found = answers(net, A, B, want(files[0].name, 1, 3))
    assert [one.pieces.index for one in found] == [1, 2]
    beyond = answers(net, A, B, want(files[0].name, 900, 910))
    assert beyond == [Frame(attachment_news=AttachmentNews(not_found=[files[0].name]))]


@pytest.mark.parametrize(
    "frame",
    [
        WantPieces(attachment=b"short", ranges=[SeqRange(start=0, stop=1)]),
        WantPieces(attachment=bytes(32), ranges=[SeqRange(start=1, stop=1)]),
        WantPieces(attachment=bytes(32), ranges=[SeqRange(start=0, stop=17)]),
        WantPieces(attachment=bytes(32), ranges=[SeqRange(start=n, stop=n + 1) for n in range(17)]),
        WantPieces(attachment=bytes(32), ranges=[SeqRange(start=0, stop=1 << 40)]),
        Pieces(attachment=bytes(32), length=10),
        Pieces(attachment=bytes(32), length=10, data=bytes(PIECE + 1)),
        Pieces(attachment=bytes(32), length=1 << 40, data=b"x"),
        Pieces(attachment=bytes(32), length=10, data=b"x", path=[bytes(32)] * 12),
        Pieces(attachment=bytes(32), length=10, data=b"x", path=[b"short"]),
        AttachmentNews(held=[bytes(32)] * 1001),
        AttachmentNews(not_found=[b""]),
    ],
)
def test_a_frame_that_no_node_sends_cuts_the_link(net: NodeNet, frame: object) -> None:
    """Lengths and counts are looked at before anything else."""
    kinds = {WantPieces: "want_pieces", Pieces: "pieces", AttachmentNews: "attachment_news"}
    made = Frame(**{kinds[type(frame)]: frame})  # type: ignore[index]
    net.nodes[A].host.handle(Received(B, made))
    assert net.nodes[A].cuts == [(B, MALFORMED_FRAME.id)]


@pytest.mark.parametrize(
    "change",
    [
        lambda piece: setattr(piece, "data", bytes([piece.data[0] ^ 1]) + piece.data[1:]),
        lambda piece: setattr(piece, "data", piece.data[:-1]),
        lambda piece: setattr(piece, "length", piece.length + 1),
        lambda piece: piece.path.__setitem__(0, bytes(32)),
        lambda piece: piece.path.append(bytes(32)),
    ],
    ids=["bit", "cut", "length", "path", "longer path"],
)
def test_a_wrong_piece_is_never_stored_and_the_file_comes_from_another(
    net: NodeNet, change: Callable[[Pieces], None]
) -> None:
    """The liar is struck and passed over; the honest holder gives the file."""
    data = some_bytes(4 * PIECE)
    sent, files = send_files(net.nodes[A], [B, C], data)
    net.run(20)
    spoil(net, A, change)
    reader = net.nodes[C]
    reader.files.erase(files[0].name)
    reader.node.ledger.append(Batch(arrived=((files[0].name, 0),)))
    reader.crash()
    reader.start()
    net.run(400)
    assert got(reader, sent.ref) == data
    assert reader.node.conduct.of(A, net.now)
    assert states(reader, sent.ref) == ["HERE"]


def test_a_liar_alone_is_cut_and_leaves_no_byte(net: NodeNet) -> None:
    """Three wrong pieces within ten minutes end the link; nothing of them is on the disk."""
    spoil(net, A, lambda piece: setattr(piece, "data", bytes(len(piece.data))))
    _sent, files = send_files(net.nodes[A], [B], *[some_bytes(PIECE, str(n)) for n in range(3)])
    net.run(60)
    reader = net.nodes[B]
    assert reader.cuts
    assert reader.cuts[0][0] == A
    assert [one for one in files if reader.files.progress(one.name).have] == []


def test_a_flood_of_pieces_that_nobody_asked_for_is_cut(net: NodeNet) -> None:
    """A few may come late; more than those are an attack on memory and line."""
    piece = Frame(pieces=Pieces(attachment=bytes(32), length=PIECE, data=bytes(PIECE)))
    for _ in range(64):
        net.nodes[A].host.handle(Received(B, piece))
    assert net.nodes[A].cuts == []
    net.nodes[A].host.handle(Received(B, piece))
    assert net.nodes[A].cuts == [(B, UNASKED.id)]


def test_a_flood_of_requests_is_bounded(net: NodeNet) -> None:
    """What is being read for one peer has a bound; further requests are not answered."""
    _sent, files = send_files(net.nodes[A], [B], some_bytes(16 * PIECE))
    net.run(20)
    seen: list[int] = []
    net.watchers.append(lambda _s, _r, frame: seen.extend([1] if frame.HasField("pieces") else []))
    for _ in range(100):
        net.nodes[A].host.handle(Received(B, want(files[0].name, 0, 16)))
    net.run(0.1)
    assert len(seen) <= 8 * 16


def test_files_that_nobody_has_hold_up_no_other(net: NodeNet) -> None:
    """An author that names a hundred files and hands in none: the next honest file comes all the same, and
    the missing ones are asked for more and more rarely."""
    author = net.nodes[A]
    ghosts = [sealed(some_bytes(10, str(n))) for n in range(60)]
    for one, ciphertext in ghosts:
        upload(author, one, ciphertext)
    files = [one for one, _ in ghosts]
    author.hand_in(author.draft(noticed(author, files), [B]), keys_of(files))
    for one in files:
        author.files.erase(one.name)
    data = some_bytes(3 * PIECE)
    sent, _ = send_files(author, [B], data)
    net.run(60)
    assert got(net.nodes[B], sent.ref) == data
    asked: list[float] = []
    net.watchers.append(
        lambda s, _r, f: asked.append(net.now) if (s, f.HasField("want_pieces")) == (B, True) else None
    )
    begun = net.now
    net.run(1200)
    assert sum(one < begun + 300 for one in asked) > sum(one > begun + 900 for one in asked)
    assert len(asked) < 60 * 6


def test_a_silent_holder_is_passed_over(net: NodeNet) -> None:
    """Who takes requests and gives nothing loses its turn after a minute."""
    data = some_bytes(2 * PIECE)
    author = net.nodes[A]
    transmit = NodeHost.transmit
    author.transmit = lambda peer, frame, priority: (  # type: ignore[method-assign]
        None if frame.HasField("pieces") and peer == C else transmit(author, peer, frame, priority)
    )
    sent, _ = send_files(author, [B, C], data)
    net.run(200)
    assert got(net.nodes[C], sent.ref) == data


def test_news_about_what_is_not_wanted_changes_nothing(net: NodeNet) -> None:
    """A peer that offers and denies what nobody misses is not asked."""
    news = AttachmentNews(held=[bytes(32)], not_found=[os.urandom(32)])
    assert answers(net, A, B, Frame(attachment_news=news)) == []


# --- what a node refuses to send -----------------------------------------------------------------------


def refusal(work: Callable[[], object]) -> FanalError:
    with pytest.raises(FanalError) as caught:
        work()
    return caught.value


def test_a_notice_does_not_leave_without_its_file(net: NodeNet) -> None:
    """Named and never handed in, or without its key: refused before anything is sealed."""
    author = net.nodes[A]
    one, ciphertext = sealed(some_bytes(100))
    draft = author.draft(noticed(author, [one]), [B])
    assert refusal(lambda: author.hand_in(draft, keys_of([one]))).kind is NOT_SENT_ALONG
    upload(author, one, ciphertext)
    assert refusal(lambda: author.hand_in(draft)).kind is NOT_SENT_ALONG
    assert author.ledger.head().entries == 0
    assert author.hand_in(draft, keys_of([one])).ref


def test_a_file_of_another_length_or_a_key_too_many_is_refused(net: NodeNet) -> None:
    """The length follows from the size in the notice; a key for what the notice does not name is none."""
    author = net.nodes[A]
    one, ciphertext = sealed(some_bytes(100))
    upload(author, one, ciphertext)
    other = author.draft(noticed(author, [replace(one, size=5000)]), [B])
    assert refusal(lambda: author.hand_in(other, keys_of([one]))).kind is OTHER_FILE
    draft = author.draft(noticed(author, [one]), [B])
    strange = [*keys_of([one]), AttachmentKey(attachment=bytes(32), key=bytes(32))]
    assert refusal(lambda: author.hand_in(draft, strange)).kind is OTHER_FILE
    short = [AttachmentKey(attachment=one.name, key=b"short")]
    assert refusal(lambda: author.hand_in(draft, short)).kind is OTHER_FILE


def test_own_uploads_keep_the_limits_of_the_agency(net: NodeNet) -> None:
    """One file, and all of a day."""
    author = net.nodes[A]
    day = author.settings.limits.attachment_bytes_per_day
    one, ciphertext = sealed(some_bytes(100))
    too_long = replace(one, length=sealed_length(author.settings.limits.attachment_bytes) + 1)
    assert refusal(lambda: upload(author, too_long, ciphertext)).kind is OVER_LIMIT
    author.node.budget.take(A, b"earlier", sealed_length(day) - 100, net.now)
    assert refusal(lambda: upload(author, one, ciphertext)).kind is DAY_FULL
    net.now += 86_401
    upload(author, one, ciphertext)


def test_an_upload_that_broke_off_costs_nothing_of_the_day(net: NodeNet) -> None:
    """An officer whose line broke can send the same file again."""
    author, day = net.nodes[A], net.nodes[A].settings.limits.attachment_bytes_per_day
    one, ciphertext = sealed(some_bytes(100))
    author.node.budget.take(A, b"earlier", sealed_length(day) - one.length, net.now)
    for data in (ciphertext[:-1], bytes(len(ciphertext))):
        with pytest.raises(FanalError):
            upload(author, one, data)
    upload(author, one, ciphertext)
    other, more = sealed(some_bytes(100, "b"))
    assert refusal(lambda: upload(author, other, more)).kind is DAY_FULL


def test_an_author_over_its_day_waits_and_others_do_not(net: NodeNet) -> None:
    """What is too much of one author is not fetched, and stays missing; another author's file comes."""
    reader, day = net.nodes[B], net.nodes[B].settings.limits.attachment_bytes_per_day
    reader.node.budget.take(A, b"earlier", sealed_length(day) - 100, net.now)
    first, _ = send_files(net.nodes[A], [B], some_bytes(PIECE))
    data = some_bytes(PIECE, "c")
    second, _ = send_files(net.nodes[C], [B], data)
    net.run(60)
    assert states(reader, first.ref) == ["MISSING"]
    assert got(reader, second.ref) == data
    limits = reader.settings.limits
    reader.node.budget = DayBudget(limits.attachment_bytes, limits.attachment_bytes_per_day)  # another day
    net.run(3700)
    assert states(reader, first.ref) == ["HERE"]


# --- the disk ----------------------------------------------------------------------------------------


def test_a_flipped_bit_on_the_disk_is_not_served_and_the_file_is_fetched_again(net: NodeNet) -> None:
    """The holder notices when it is asked, keeps what still verifies, and gets the rest from another."""
    data = some_bytes(6 * PIECE)
    sent, files = send_files(net.nodes[A], [B, C], data)
    net.run(30)
    holder = net.nodes[B]
    path = holder.files.path / files[0].name.hex()
    content = bytearray(path.read_bytes())
    content[3 * PIECE + 5] ^= 1
    path.write_bytes(content)
    found = answers(net, B, C, want(files[0].name, 2, 5))
    assert [one.pieces.index for one in found if one.HasField("pieces")] == [2]
    net.run(120)
    assert got(holder, sent.ref) == data
    assert path.stat().st_size == files[0].length


def test_a_full_disk_stops_nothing_but_the_file_which_comes_when_there_is_room(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice is there; nobody is struck for it; a minute after there is room the file goes on."""
    data, reader = some_bytes(12 * PIECE), net.nodes[B]
    take, room = AttachmentFolder.take, [5]

    def full(self: AttachmentFolder, piece: Piece) -> Progress:
        if self is reader.files and not room[0]:
            raise FanalError(DISK_FULL, path="there")
        room[0] -= self is reader.files
        return take(self, piece)

    monkeypatch.setattr(AttachmentFolder, "take", full)
    sent, _ = send_files(net.nodes[A], [B], data)
    net.run(100)
    assert states(reader, sent.ref) == ["FETCHING"]
    assert "strike" not in {what for what, _ in reader.node.counts}
    room[0] = 1000
    net.run(100)
    assert got(reader, sent.ref) == data


def test_requests_are_pure_facts() -> None:
    """What is asked names peer, attachment and a span, and nothing of a lane."""
    assert Ask._fields == ("peer", "attachment", "start", "stop")
    assert {field.name for field in peer_pb2.WantPieces.DESCRIPTOR.fields} == {"attachment", "ranges"}
