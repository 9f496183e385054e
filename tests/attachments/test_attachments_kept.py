# SPDX-License-Identifier: Apache-2.0
"""What becomes of attachments: erased with their notices, swept, never restored, logged, and audited."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attachkit import got, keys_of, noticed, sealed, send_files, some_bytes, states, upload
from memnet import Faults
from nodenet import NodeHost, NodeNet
from restating import restated
from waiting import later

from fanal.envelope.pieces import PIECE
from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.attachments import carrier, counting, tending
from fanal.node.attachments.errors import NOT_ATTACHED, NOT_HERE
from fanal.node.attachments.folder import AttachmentFolder, Piece, Progress
from fanal.node.errors import CONTENT_GONE
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.audit import audit_folder
from fanal.node.ledger.audit_attachments import FILES
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.retention import erasing
from fanal.notices import answers
from fanal.proof.leaf import LeafType, decode
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason

A, B, C = "AZ-CUS", "BG-CUS", "CH-CUS"
DAY = 86_400


def on_disk(host: NodeHost, folder: Path) -> None:
    """Run this host on files from now on: ledger, vault, list of erasures, attachments beside them."""
    host.crash()
    host.ledger = open_ledger(folder / "data", now=int(host.net.now), random=host.net.rng)  # type: ignore[assignment]
    host.vault = open_vault(folder / "data" / "vault.db", bytes(32))
    host.erasure_files = (folder / "data" / "erasures", folder / "erasures")
    host.files = AttachmentFolder(folder / "data" / "attachments")
    host.start()


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def holding(folder: Path, ciphertext: bytes) -> list[str]:
    """Names of files in which any 64 bytes of the ciphertext stand, on borders of 4 KiB."""
    marks = [ciphertext[at : at + 64] for at in range(0, len(ciphertext) - 64, 4096)]
    return [name for name, data in files_in(folder) if any(mark in data for mark in marks)]


def withdraw(net: NodeNet, host: NodeHost, ref: str) -> None:
    notice = Notice.FromString(host.show(ref).notice)
    reason = WithdrawalReason.ERROR
    host.send(answers.withdraw(notice, host.name, reason, int(net.now), os.urandom, delete_required=True))
    net.run(60)


def test_a_withdrawal_with_deletion_takes_the_file_from_every_holder(net: NodeNet, tmp_path: Path) -> None:
    """Before it every folder holds the ciphertext, so the search can fail; after it none does."""
    data = some_bytes(3 * PIECE)
    found, ciphertext = sealed(data)
    upload(net.nodes[A], found, ciphertext)
    draft = net.nodes[A].draft(noticed(net.nodes[A], [found]), [B, C])
    sent = net.nodes[A].hand_in(draft, keys_of([found]))
    net.run(30)
    assert [bool(holding(tmp_path / name, ciphertext)) for name in (A, B, C)] == [True] * 3
    withdraw(net, net.nodes[A], sent.ref)
    assert [holding(tmp_path / name, ciphertext) for name in (A, B, C)] == [[], [], []]
    assert [list(files_in(tmp_path / name)) for name in (A, B, C)] == [[], [], []]
    assert states(net.nodes[B], sent.ref) == ["ERASED"]
    shown = net.nodes[B].show(sent.ref)
    request = api.FetchAttachmentRequest(manifest_sha256=shown.manifest_sha256, attachment=found.name)
    with pytest.raises(FanalError) as caught:
        net.nodes[B].desk.fetch_attachment(net.nodes[B].officer, request)
    assert caught.value.kind is CONTENT_GONE


def test_erasing_overwrites_before_it_unlinks(net: NodeNet, tmp_path: Path) -> None:
    """Whoever still has the file open sees zeros."""
    sent, files = send_files(net.nodes[A], [B], some_bytes(PIECE))
    net.run(20)
    path = tmp_path / B / files[0].name.hex()
    with path.open("rb") as held:
        net.nodes[B].desk.erase(net.nodes[B].officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
        assert not path.exists()
        assert set(held.read()) == {0}


def test_a_half_fetched_file_goes_with_its_notice(net: NodeNet, tmp_path: Path) -> None:
    """Pieces that come after the erasure are not stored."""
    net.link(A, B).faults = Faults(delay=0.020, bytes_per_second=200_000)
    sent, files = send_files(net.nodes[A], [B], some_bytes(30 * PIECE))
    reader = net.nodes[B]
    net.run_until(lambda: reader.files.progress(files[0].name).have >= 5)
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    net.run(60)
    tending.sweep(reader.node)
    assert list(files_in(tmp_path / B)) == []
    assert states(reader, sent.ref) == ["ERASED"]


def test_a_file_stays_while_another_kept_notice_names_it(net: NodeNet) -> None:
    """A forwarded notice is a second envelope with the same file: it goes with the last of them."""
    author = net.nodes[A]
    sent, files = send_files(author, [B], some_bytes(PIECE))
    net.run(10)
    author.hand_in(restated(author, author.show(sent.ref), C))
    net.run(10)
    rows = [
        author.node.ledger.entries.get(manifest_sha256=one.manifest_sha256)
        for one in author.node.ledger.entries.attached(files[0].name)
    ]
    first, second = [row for row in rows if row is not None]
    tending.drop(author.node, [first])
    assert author.files.whole(files[0].name)
    tending.drop(author.node, [first, second])
    assert not author.files.whole(files[0].name)


def test_a_relay_lets_go_of_the_file_when_the_notice_expires(tmp_path: Path) -> None:
    """It cannot read the delete_by, so the header's time counts."""
    relays = {B: RelayView(B, direct=True, serves=frozenset({A, C}))}
    net = NodeNet(A, B, C, files=tmp_path, relays=relays, trust={A: (B,), C: (B,)})
    net.run(1)
    sent, files = send_files(net.nodes[A], [C], some_bytes(2 * PIECE))
    net.run(30)
    assert net.nodes[B].files.whole(files[0].name)
    row = net.nodes[B].ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    later(net, (row.expires - net.now) / DAY + 1)
    assert list(files_in(tmp_path / B)) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_restored_folder_brings_no_file_back(net: NodeNet, tmp_path: Path, whole: bool) -> None:
    """The data folder, or the attachments alone, are put back as they were: the file is gone again."""
    reader, home = net.nodes[B], tmp_path / "home"
    on_disk(reader, home)
    net.run(30)
    data = some_bytes(2 * PIECE)
    found, ciphertext = sealed(data)
    upload(net.nodes[A], found, ciphertext)
    sent = net.nodes[A].hand_in(net.nodes[A].draft(noticed(net.nodes[A], [found]), [B]), keys_of([found]))
    net.run(30)
    assert got(reader, sent.ref) == data
    _closed(reader)
    shutil.copytree(home / "data", tmp_path / "copy")
    on_disk(reader, home)
    net.run(10)
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    assert holding(home, ciphertext) == []
    _closed(reader)
    old = tmp_path / "copy"
    shutil.rmtree(home / "data" if whole else home / "data" / "attachments")
    shutil.copytree(old if whole else old / "attachments", home / ("data" if whole else "data/attachments"))
    assert holding(home, ciphertext)
    on_disk(reader, home)
    net.run(120)
    assert holding(home, ciphertext) == []
    assert not reader.files.whole(found.name)


def _closed(host: NodeHost) -> None:
    host.crash()
    host.ledger.close()
    host.vault.close()


def test_an_upload_that_no_notice_names_goes_after_a_day(net: NodeNet, tmp_path: Path) -> None:
    """One that is sent stays, also when the node was killed before it was moved to its place."""
    author = net.nodes[A]
    orphan, ciphertext = sealed(some_bytes(100))
    upload(author, orphan, ciphertext)
    sent, files = send_files(author, [B], some_bytes(100, "b"))
    for end in ("", ".paths"):  # as if killed between the commit and the move
        name = files[0].name.hex() + end
        (tmp_path / A / name).rename(tmp_path / A / "uploads" / name)
    assert states(author, sent.ref) == ["HERE"]
    now = 0.0
    for path in (tmp_path / A / "uploads").iterdir():
        now = max(now, path.stat().st_mtime)
    author.net.now = now + 100
    tending.sweep(author.node)
    assert author.files.whole(orphan.name)
    author.net.now = now + DAY + 1
    tending.sweep(author.node)
    assert not author.files.whole(orphan.name)
    assert (tmp_path / A / files[0].name.hex()).exists()
    assert list((tmp_path / A / "uploads").iterdir()) == []


def test_the_export_is_logged_before_a_byte_or_the_key_leaves(net: NodeNet) -> None:
    """The leaf names the officer as an HMAC and the notice's envelope; what is not here is not logged."""
    reader = net.nodes[B]
    net.link(A, B).blocked = {A, B}
    sent, files = send_files(net.nodes[A], [B], some_bytes(2 * PIECE))
    net.link(A, B).blocked = set()
    net.run_until(lambda: bool(reader.inbox()), 60)
    reader.files.erase(files[0].name)
    shown = reader.show(sent.ref)
    request = api.FetchAttachmentRequest(manifest_sha256=shown.manifest_sha256, attachment=files[0].name)
    with pytest.raises(FanalError) as caught:
        reader.desk.fetch_attachment(reader.officer, request)
    assert caught.value.kind is NOT_HERE
    assert exports(reader) == []
    net.run(60)
    reader.desk.fetch_attachment(reader.officer, request)
    [leaf] = exports(reader)
    assert leaf == sent.envelope_id
    other = api.FetchAttachmentRequest(manifest_sha256=shown.manifest_sha256, attachment=bytes(32))
    with pytest.raises(FanalError) as caught:
        reader.desk.fetch_attachment(reader.officer, other)
    assert caught.value.kind is NOT_ATTACHED


def exports(host: NodeHost) -> list[object]:
    """Envelope ids of the accesses that were exports."""
    leaves = [decode(one) for one in host.ledger.log.leaves(0, 10_000)]
    return [one["envelope"] for one in leaves if one.type is LeafType.ACCESS and one["act"] == "export"]


# --- audit --------------------------------------------------------------------------------------------


def audited(folder: Path) -> tuple[str, str]:
    """Verdict and count of the check of files."""
    check = next(one for one in audit_folder(folder).checks if one.name == FILES)
    return check.status.value, check.found


def test_an_audit_reads_every_file_and_tells_altered_missing_and_erased_apart(
    net: NodeNet, tmp_path: Path
) -> None:
    """Altered fails; lost is a doubt; not yet arrived is no fault; there although erased fails."""
    reader, home = net.nodes[B], tmp_path / "home"
    on_disk(reader, home)
    net.run(30)
    sent, files = send_files(net.nodes[A], [B], some_bytes(3 * PIECE))
    second, more = send_files(net.nodes[A], [B], some_bytes(PIECE))
    net.run(30)
    data, name = home / "data", files[0].name.hex()
    assert audited(data) == ("passed", "2")
    path = data / "attachments" / name
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert audited(data)[0] == "failed"
    path.write_bytes(good[:PIECE])
    assert audited(data)[0] == "failed"
    path.unlink()
    assert audited(data)[0] == "undecided"
    path.write_bytes(good)
    assert audited(data) == ("passed", "2")
    reader.desk.erase(reader.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    assert audited(data) == ("passed", "1")
    path.write_bytes(good)
    assert audited(data)[0] == "failed"
    path.unlink()
    reader.files.erase(more[0].name)
    reader.node.ledger.append(Batch(arrived=((more[0].name, 0),)))
    assert audited(data) == ("passed", "0")
    assert second.ref


@pytest.mark.parametrize("moment", ["before its entry is", "after it"])
def test_a_piece_that_comes_while_its_notice_is_erased_leaves_nothing(
    net: NodeNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """It was wanted then, and is written when the files are gone: it goes at once, not with the sweep."""
    reader, data = net.nodes[B], some_bytes(1000)
    on_disk(reader, tmp_path)
    net.run(5)
    sent, files = send_files(net.nodes[A], [B], data)
    net.run(60)
    piece = reader.files.read(files[0].name, 0)
    [row] = [one for one in reader.ledger.entries.since(0, 99) if one.envelope_id == sent.envelope_id]
    assert piece is not None
    take, drop = reader.files.take, tending.drop

    def erased() -> None:
        erasing.erase(reader.node, [row], "order-court")

    def late(given: Piece) -> Progress:
        erased()
        return take(given)

    def dropped(*given: Any) -> None:
        monkeypatch.setattr(tending, "drop", drop)
        drop(*given)
        carrier.stored(reader.node, A, [piece])

    if moment.startswith("before"):
        monkeypatch.setattr(tending, "drop", dropped)
        erased()
    else:
        monkeypatch.setattr(reader.files, "take", late)
        with pytest.raises(FanalError) as refused:
            carrier.stored(reader.node, A, [piece])
        assert refused.value.kind is NOT_ATTACHED
    assert list(reader.files.names()) == []


def test_a_file_that_two_erase_at_one_moment_is_room_for_its_author_once(
    net: NodeNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw it there; one of them erased it, and counts it."""
    reader = net.nodes[B]
    on_disk(reader, tmp_path)
    net.run(5)
    _sent, files = send_files(net.nodes[A], [B], some_bytes(1000))
    net.run(60)
    before = reader.node.quotas.of(A, reader.node.now)["storage_per_author_bytes"]
    erase = reader.files.erase

    def late(name: bytes) -> bool:
        monkeypatch.setattr(reader.files, "erase", erase)
        counting.erase(reader.node, A, name)
        return erase(name)

    monkeypatch.setattr(reader.files, "erase", late)
    counting.erase(reader.node, A, files[0].name)
    left = reader.node.quotas.of(A, reader.node.now)["storage_per_author_bytes"]
    assert before - left == files[0].length
