# SPDX-License-Identifier: Apache-2.0
"""Files that are damaged, foreign, forged or hostile: refused whole and by name, or one entry left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from agencies import MemoryReservations
from courierkit import carry, export, forged, hand_in, parts, refused, words
from nodenet import NodeNet, some_notice

from fanal.errors import ErrorKind, FanalError
from fanal.keys import charter as charters
from fanal.keys import ed25519
from fanal.keys.revocation import sign_revocation
from fanal.node.courier import errors
from fanal.node.courier.calls import FILES, PIECE
from fanal.node.desk.actor import Actor
from fanal.node.errors import DISK_FULL, LOCKED
from fanal.node.ledger.rows import Batch
from fanal.v1 import officer_pb2 as api
from fanal.v1.courier_pb2 import CourierHeader
from fanal.v1.peer_pb2 import Announce, Entries, Frame, LaneRuns

A, B, C = "GE-CUS", "TR-CUS", "AZ-CUS"


@pytest.fixture
def net() -> Iterator[NodeNet]:
    """Three agencies without any line."""
    net = NodeNet(A, B, C, linked=False)
    yield net
    for host in net.nodes.values():
        host.desk.courier.close()


def test_every_byte_is_under_the_seal(net: NodeNet) -> None:
    """Whatever byte of a file is changed, the file is refused as a whole, and taken in when it is whole."""
    carry(net, A, B)
    carry(net, B, A)  # so that the file is small
    sent = net.nodes[A].send(some_notice(A), [B])
    data = export(net.nodes[A], B)
    b = net.nodes[B]
    known = (errors.NOT_A_COURIER_FILE, errors.OTHER_FORM, errors.FILE_DAMAGED, errors.NOT_SIGNED)
    before = b.ledger.head().entries
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        with pytest.raises(FanalError) as error:
            hand_in(b, bytes(changed))
        assert error.value.kind in known, at
    assert b.ledger.head().entries == before
    assert len(words(b, "code=fanal-e")) <= len(known)
    hand_in(b, data)
    assert [one.ref for one in b.inbox()] == [sent.ref]


def test_a_file_that_is_cut_short_or_goes_on_is_refused(net: NodeNet) -> None:
    """At every length, and with anything behind its end."""
    net.nodes[A].send(some_notice(A), [B])
    data = export(net.nodes[A], B)
    for length in range(0, len(data), 61):
        assert refused(net.nodes[B], data[:length]) in (errors.NOT_A_COURIER_FILE, errors.FILE_DAMAGED)
    for more in (b"\0", bytes(96), data):
        assert refused(net.nodes[B], data + more) is errors.FILE_DAMAGED


def _network(header: CourierHeader) -> None:
    header.hello.network = bytes(32)


def _addressee(header: CourierHeader) -> None:
    header.addressee = C


def _protocol(header: CourierHeader) -> None:
    header.hello.protocol = header.hello.protocol_lowest = 2


def _sender(header: CourierHeader) -> None:
    header.hello.agency = C


def _ourselves(header: CourierHeader) -> None:
    header.hello.agency = B


def _stranger(header: CourierHeader) -> None:
    header.hello.agency = "KZ-CUS"


def _key(header: CourierHeader) -> None:
    header.key_id = bytes(32)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_network, errors.OTHER_NETWORK),
        (_addressee, errors.OTHER_ADDRESSEE),
        (_protocol, errors.OTHER_FORM),
        (_sender, errors.SENDER_UNKNOWN),
        (_ourselves, errors.SENDER_NOT_ADMITTED),
        (_stranger, errors.SENDER_NOT_ADMITTED),
        (_key, errors.SENDER_UNKNOWN),
    ],
)
def test_a_signed_file_that_is_not_for_us_is_refused(
    net: NodeNet, change: Callable[[CourierHeader], None], kind: ErrorKind
) -> None:
    """Another network, addressee, protocol or sender, each by its name, though the seal is right."""
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    change(header)
    assert refused(net.nodes[B], forged(header, frames, a.agency.node)) is kind


def test_a_file_in_anothers_name_is_refused(net: NodeNet) -> None:
    """The key is the one that the identity document names, or nobody's."""
    header, frames = parts(export(net.nodes[A], B))
    assert refused(net.nodes[B], forged(header, frames, ed25519.generate())) is errors.NOT_SIGNED


def test_a_file_for_another_agency_is_refused(net: NodeNet) -> None:
    """What is for one addressee is no use to another."""
    net.nodes[A].send(some_notice(A), [C])
    assert refused(net.nodes[B], export(net.nodes[A], C)) is errors.OTHER_ADDRESSEE


def test_a_file_of_another_network_is_refused(net: NodeNet) -> None:
    """Agencies of the same names elsewhere."""
    other = NodeNet(A, B, linked=False)
    assert refused(net.nodes[B], export(other.nodes[A], B)) is errors.OTHER_NETWORK


def test_a_frame_that_no_node_sends_refuses_the_whole_file(net: NodeNet) -> None:
    """Found before the first frame is taken in."""
    a = net.nodes[A]
    a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    for bad in (
        Frame(entries=Entries(envelopes=[b""])),
        Frame(entries=Entries(envelopes=[b"x"] * 65)),
        Frame(announce=Announce(runs=[LaneRuns(lane=b"short")])),
    ):
        assert refused(net.nodes[B], forged(header, [*frames, bad], a.agency.node)) is errors.BAD_FRAME


def test_one_bad_entry_of_a_signed_file_is_left_out_with_an_incident(net: NodeNet) -> None:
    """The rest is taken in; the file is named once, however often it is imported."""
    a, b = net.nodes[A], net.nodes[B]
    first, second = a.send(some_notice(A), [B]), a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    last = frames[-1].entries.envelopes
    last[0] = last[0][:-1] + bytes([last[0][-1] ^ 1])
    spoiled = forged(header, [*frames, Frame(entries=Entries(envelopes=[b"garbage"]))], a.agency.node)
    reply = hand_in(b, spoiled)
    assert reply.refused == 2
    assert [one.ref for one in b.inbox()] == [second.ref]
    hand_in(b, spoiled)
    assert len(words(b, "what=courier-bad-entry")) == 1
    carry(net, B, A)
    assert a.states(first.ref) == {B: "REFUSED"}
    assert a.states(second.ref) == {B: "STORED"}


def test_what_we_are_not_entitled_to_is_left_out(net: NodeNet) -> None:
    """A member that puts others' lanes into a file fills nobody's disk."""
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [C])
    _, foreign = parts(export(a, C))
    header, frames = parts(export(a, B))
    data = forged(header, frames + [one for one in foreign if one.HasField("entries")], a.agency.node)
    reply = hand_in(b, data)
    assert (reply.entries, reply.refused) == (0, 2)
    assert b.ledger.head().entries == 0


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_an_import_that_a_full_disk_ends_is_completed_by_the_same_file(net: NodeNet, kept: int) -> None:
    """After so many transactions nothing more can be stored; what was taken in stays, the rest follows."""
    a, b = net.nodes[A], net.nodes[B]
    refs = [a.send(some_notice(A, str(number)), to).ref for number, to in enumerate(([B], [B, C], [B]))]
    data = export(a, B)
    append, left = b.ledger.append, [kept]

    def failing(batch: Batch) -> object:
        if not left[0]:
            raise FanalError(DISK_FULL, path="x")
        left[0] -= 1
        return append(batch)

    b.ledger.append = failing  # type: ignore[assignment, method-assign]
    with pytest.raises(FanalError) as error:
        hand_in(b, data)
    assert error.value.kind is DISK_FULL
    b.crash()
    b.ledger.append = append  # type: ignore[method-assign]
    b.start()
    hand_in(b, data)
    assert sorted(one.ref for one in b.inbox()) == sorted(refs)
    carry(net, B, A)
    assert {a.states(ref)[B] for ref in refs} == {"STORED"}


def test_a_member_that_was_removed_brings_nothing_in(net: NodeNet) -> None:
    """Its file was signed while it was one: that does not matter any more."""
    a, b = net.nodes[A], net.nodes[B]
    net.nodes[C].send(some_notice(C), [B])
    data = export(net.nodes[C], B)
    changes = charters.Changes(created=int(net.now), remove=(C,))
    draft = charters.draft_next(a.node.directory.newest, changes)
    document = charters.sign_charter(a.agency.root, draft, MemoryReservations())
    b.desk.apply_charter(b.officer, api.ApplyCharterRequest(charter=document))
    assert refused(b, data) is errors.SENDER_NOT_ADMITTED


def test_a_key_that_was_revoked_signs_no_file(net: NodeNet) -> None:
    """Whoever has it makes none that is taken in; a key that was replaced is good for what is under way."""
    a, b, c = net.nodes[A], net.nodes[B], net.nodes[C]
    c.send(some_notice(C), [B])
    data = export(c, B)
    old = c.agency.node_key_id
    b.node.take_documents((), [c.new_node_key()])
    assert hand_in(b, data).entries == 2
    now = int(net.now)
    revocation = sign_revocation(c.agency.root, C, 1, old, now, "compromised", now)
    changes = charters.Changes(created=now, revocations=(revocation,))
    draft = charters.draft_next(a.node.directory.newest, changes)
    document = charters.sign_charter(a.agency.root, draft, MemoryReservations())
    b.desk.apply_charter(b.officer, api.ApplyCharterRequest(charter=document))
    assert refused(b, data) is errors.SENDER_KEY_REVOKED


def test_what_waits_for_a_document_is_no_refusal_and_comes_again(net: NodeNet) -> None:
    """A file without the charter under which its entries were written takes nothing in, and blames nobody."""
    a, b = net.nodes[A], net.nodes[B]
    a.next_charter(channels={"CASPIAN": (A, B)})
    sent = a.send(some_notice(A), ["group:CASPIAN"])
    header, frames = parts(export(a, B))
    bare = [one for one in frames if not one.HasField("documents")]
    reply = hand_in(b, forged(header, bare, a.agency.node))
    assert (reply.entries, reply.refused, reply.waiting) == (0, 0, 2)
    assert not words(b, "what=courier-bad-entry")
    assert carry(net, A, B, everything=True).waiting == 0
    assert [one.ref for one in b.inbox()] == [sent.ref]


def test_a_verdict_ends_when_a_good_copy_comes(net: NodeNet) -> None:
    """What was refused once and came whole later is not told as refused any more."""
    a, b = net.nodes[A], net.nodes[B]
    a.send(some_notice(A), [B])
    header, frames = parts(export(a, B))
    last = frames[-1].entries.envelopes
    good = last[0]
    last[0] = good[:-1] + bytes([good[-1] ^ 1])
    assert hand_in(b, forged(header, frames, a.agency.node)).refused == 1
    assert [one for one in parts(export(b, A))[1] if one.HasField("ack")]
    assert carry(net, A, B).entries == 1
    assert not [one for one in parts(export(b, A))[1] if one.HasField("ack")]


def test_fork_proofs_travel_in_files(net: NodeNet) -> None:
    """Two identities of one serial are an incident at whoever imports; what proves nothing is one too."""
    a, b, c = net.nodes[A], net.nodes[B], net.nodes[C]
    one, other = c.agency.next_draft(), c.agency.next_draft()
    other.created += 1
    documents = [c.agency.sign(draft) for draft in (one, other)]
    a.node.take_documents((), documents)
    a.host.forks.documents()
    net.run(1)
    carry(net, A, B)
    assert words(b, "what=identity-fork")
    header, frames = parts(export(a, B))
    [proof] = [frame.fork for frame in frames if frame.HasField("fork")]
    proof.document.b.CopyFrom(proof.document.a)
    hand_in(b, forged(header, frames, a.agency.node))
    assert words(b, "what=courier-bad-entry")


def test_a_large_file_is_spooled_without_a_name(net: NodeNet, tmp_path: Path) -> None:
    """In the data folder's file system, where room is watched, and nothing of it is left or seen."""
    b = net.nodes[B]
    b.node.settings = replace(b.node.settings, data=tmp_path)
    assert refused(b, bytes(5 * 1024 * 1024)) is errors.NOT_A_COURIER_FILE
    assert list(tmp_path.iterdir()) == []


def test_a_locked_node_makes_and_takes_no_file(net: NodeNet) -> None:
    """It can sign neither the file nor the line about it."""
    data = export(net.nodes[A], B)
    b = net.nodes[B]
    b.crash()
    b.start(locked=True)
    for act in (lambda: hand_in(b, data), lambda: export(b, A)):
        with pytest.raises(FanalError) as error:
            act()
        assert error.value.kind is LOCKED


# --- pieces -----------------------------------------------------------------------------------------


def test_nobody_else_goes_on_with_an_officers_file(net: NodeNet) -> None:
    """Neither reading what was made nor adding to what is handed in."""
    a = net.nodes[A]
    other = Actor(bytes(32), "duty-2", frozenset({1, 2, 3, 4}), 1)
    made = a.desk.courier.export(a.officer, api.CourierExportRequest(to=B))
    put = a.desk.courier.write(a.officer, api.CourierWriteRequest(piece=b"x"))
    for act in (
        lambda: a.desk.courier.read(other, api.CourierReadRequest(handle=made.handle)),
        lambda: a.desk.courier.write(other, api.CourierWriteRequest(handle=put.handle, offset=1, piece=b"y")),
        lambda: a.desk.courier.take(other, api.CourierImportRequest(handle=put.handle)),
        lambda: a.desk.courier.read(a.officer, api.CourierReadRequest(handle=put.handle)),
        lambda: a.desk.courier.write(a.officer, api.CourierWriteRequest(handle=put.handle, offset=7)),
    ):
        with pytest.raises(FanalError) as error:
            act()
        assert error.value.kind is errors.NO_SUCH_FILE
    assert a.desk.courier.read(a.officer, api.CourierReadRequest(handle=made.handle)).piece


def test_files_that_nobody_goes_on_with_are_forgotten(net: NodeNet) -> None:
    """So many at a time, and after ten minutes there is room again."""
    a = net.nodes[A]

    def begin() -> None:
        a.desk.courier.write(a.officer, api.CourierWriteRequest(piece=b"x"))

    for _ in range(FILES):
        begin()
    with pytest.raises(FanalError) as error:
        begin()
    assert error.value.kind is errors.FILES_UNDER_WAY
    net.run(601)
    begin()


def test_a_piece_that_is_too_large_is_refused(net: NodeNet) -> None:
    """Before it is written anywhere."""
    a = net.nodes[A]
    with pytest.raises(FanalError) as error:
        a.desk.courier.write(a.officer, api.CourierWriteRequest(piece=bytes(PIECE + 1)))
    assert error.value.kind is errors.FILE_TOO_LARGE
