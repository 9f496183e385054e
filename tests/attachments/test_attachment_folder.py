# SPDX-License-Identifier: Apache-2.0
"""The files of attachments: only verified bytes, whole or in part, private, and nothing left behind."""

from __future__ import annotations

import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from attachkit import sealed, some_bytes

from fanal.envelope.attachments import SealedFile
from fanal.envelope.pieces import PIECE, Pieces, pieces_of
from fanal.errors import FanalError, VerificationError
from fanal.node.attachments import folder as module
from fanal.node.attachments.errors import NO_FOLDER, UPLOAD_BROKEN
from fanal.node.attachments.folder import AttachmentFolder, Piece, Progress
from fanal.node.attachments.uploads import Upload


@pytest.fixture
def folder(tmp_path: Path) -> AttachmentFolder:
    return AttachmentFolder(tmp_path / "attachments")


@pytest.fixture(scope="module")
def sample() -> tuple[SealedFile, bytes, list[Piece]]:
    found, ciphertext = sealed(some_bytes(3 * PIECE + 77))
    return found, ciphertext, cut(found, ciphertext)


def cut(found: SealedFile, ciphertext: bytes) -> list[Piece]:
    tree = Pieces()
    tree.feed(ciphertext)
    return [
        Piece(found.name, found.length, n, ciphertext[n * PIECE : (n + 1) * PIECE], tuple(path))
        for n, path in enumerate(tree.paths())
    ]


def uploaded(folder: AttachmentFolder, found: SealedFile, ciphertext: bytes) -> None:
    upload = Upload(folder, found.name, found.length)
    try:
        upload.write(ciphertext)
        upload.finish()
    finally:
        upload.abandon()


def listed(folder: AttachmentFolder) -> list[str]:
    return sorted(path.name for path in folder.path.rglob("*") if path.is_file())


def test_pieces_in_order_make_the_file(folder: AttachmentFolder, sample) -> None:
    """Each raises the progress by one; with the last the file stands under its name."""
    found, ciphertext, pieces = sample
    assert folder.progress(found.name) == Progress()
    for number, piece in enumerate(pieces, 1):
        assert folder.take(piece) == Progress(number, found.length)
    assert folder.whole(found.name) == found.length
    assert (folder.path / found.name.hex()).read_bytes() == ciphertext
    assert [folder.read(found.name, n) for n in range(len(pieces))] == pieces
    assert folder.read(found.name, len(pieces)) is None


def test_two_who_bring_the_last_piece_at_once_leave_the_file_whole(
    folder: AttachmentFolder, sample, monkeypatch
) -> None:
    """A link and a courier file: one writes, and the other finds it done."""
    found, ciphertext, pieces = sample
    for piece in pieces[:-1]:
        folder.take(piece)
    write, others = module._write_at, []

    def meanwhile(*arguments: object) -> None:
        if not others:
            others.append(threading.Thread(target=folder.take, args=(pieces[-1],)))
            others[0].start()
            others[0].join(0.2)  # it waits, or with the fault it is through
        write(*arguments)

    monkeypatch.setattr(module, "_write_at", meanwhile)
    assert folder.take(pieces[-1]).whole
    others[0].join()
    assert (folder.path / found.name.hex()).read_bytes() == ciphertext
    assert listed(folder) == [found.name.hex(), f"{found.name.hex()}.paths"]


def test_a_piece_out_of_turn_or_repeated_changes_nothing(folder: AttachmentFolder, sample) -> None:
    """Only the next one is taken, also when the file is whole."""
    found, _, pieces = sample
    assert folder.take(pieces[1]) == Progress()
    folder.take(pieces[0])
    assert folder.take(pieces[0]) == Progress(1, found.length)
    for piece in pieces[1:]:
        folder.take(piece)
    assert folder.take(pieces[2]).whole


def test_a_wrong_piece_is_refused_before_anything_is_written(folder: AttachmentFolder, sample) -> None:
    """Not even a file of its name arises."""
    _, _, pieces = sample
    for bad in (
        replace(pieces[0], data=b"\0" * PIECE),
        replace(pieces[0], length=pieces[0].length + 1),
        replace(pieces[0], path=pieces[1].path),
        replace(pieces[0], index=1),
    ):
        with pytest.raises(VerificationError):
            folder.take(bad)
    assert listed(folder) == []


@pytest.mark.parametrize("damage", ["short", "long", "flipped", "paths"])
def test_what_a_kill_or_a_power_cut_left_is_verified_and_cut_back(
    folder: AttachmentFolder, sample, damage: str
) -> None:
    """Half a piece, bytes of nobody, a piece that was never written, its path lost: the good prefix stays."""
    found, _, pieces = sample
    for piece in pieces[:3]:
        folder.take(piece)
    part, paths = (folder.path / f"{found.name.hex()}{end}" for end in (".part", ".paths"))
    if damage == "short":
        os.truncate(part, 2 * PIECE + 100)
    elif damage == "long":
        part.write_bytes(part.read_bytes() + bytes(PIECE))
    elif damage == "flipped":
        part.write_bytes(part.read_bytes()[: 2 * PIECE] + bytes(PIECE))
    else:
        os.truncate(paths, paths.stat().st_size - 40)
    again = AttachmentFolder(folder.path)
    assert again.progress(found.name).have == (3 if damage == "long" else 2)
    for piece in pieces:
        again.take(piece)
    assert again.whole(found.name) == found.length


def test_a_part_that_is_whole_after_all_gets_its_name(folder: AttachmentFolder, sample) -> None:
    """Killed between the last piece and the rename."""
    found, ciphertext, pieces = sample
    for piece in pieces:
        folder.take(piece)
    whole = folder.path / found.name.hex()
    whole.rename(whole.with_name(f"{whole.name}.part"))
    again = AttachmentFolder(folder.path)
    assert again.progress(found.name).whole
    assert whole.read_bytes() == ciphertext


def test_a_spoilt_byte_is_noticed_when_it_is_read(folder: AttachmentFolder, sample) -> None:
    """The pieces before it still verify and are kept; the rest is missing again."""
    found, ciphertext, _ = sample
    uploaded(folder, found, ciphertext)
    folder.adopt([found.name])
    path = folder.path / found.name.hex()
    path.write_bytes(ciphertext[: 2 * PIECE] + b"\xff" + ciphertext[2 * PIECE + 1 :])
    assert folder.read(found.name, 1) is not None
    with pytest.raises(VerificationError):
        folder.read(found.name, 2)
    assert folder.damaged(found.name) == Progress(2, found.length)
    assert folder.whole(found.name) == 0


def test_an_upload_is_there_at_once_and_moves_when_its_notice_is_committed(
    folder: AttachmentFolder, sample
) -> None:
    """Before and after, every piece can be read; moving twice is fine."""
    found, ciphertext, pieces = sample
    uploaded(folder, found, ciphertext)
    assert folder.whole(found.name) == found.length
    assert folder.read(found.name, 2) == pieces[2]
    for _ in range(2):
        folder.adopt([found.name])
        assert folder.read(found.name, 2) == pieces[2]
    assert listed(folder) == sorted([found.name.hex(), f"{found.name.hex()}.paths"])


def test_a_move_that_was_killed_half_way_can_be_read_and_finished(folder: AttachmentFolder, sample) -> None:
    """The paths go first."""
    found, ciphertext, pieces = sample
    uploaded(folder, found, ciphertext)
    name = f"{found.name.hex()}.paths"
    (folder.path / "uploads" / name).rename(folder.path / name)
    assert folder.read(found.name, 0) == pieces[0]
    folder.adopt([found.name])
    assert folder.read(found.name, 0) == pieces[0]


def test_an_upload_that_is_not_what_it_said_leaves_nothing(folder: AttachmentFolder, sample) -> None:
    """Too much, too little, other bytes, and no finish at all."""
    found, ciphertext, _ = sample
    for data in (ciphertext + b"x", ciphertext[:-1], bytes(len(ciphertext))):
        with pytest.raises(FanalError) as caught:
            uploaded(folder, found, data)
        assert caught.value.kind is UPLOAD_BROKEN
    upload = Upload(folder, found.name, found.length)
    upload.write(ciphertext[:1000])
    upload.abandon()
    assert listed(folder) == []
    for name, length in ((b"short", 10), (found.name, 0), (found.name, 1 << 40)):
        with pytest.raises(FanalError):
            Upload(folder, name, length)


def test_nobody_else_can_read_the_files(folder: AttachmentFolder, sample) -> None:
    """Files 0600, folders 0700, whatever the umask."""
    found, ciphertext, pieces = sample
    before = os.umask(0)
    try:
        uploaded(folder, found, ciphertext)
        other, more = sealed(some_bytes(2 * PIECE, "other"))
        folder.take(cut(other, more)[0])
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.path / "uploads")} == {0o700}
    assert pieces


def test_a_link_in_place_of_a_part_is_not_followed(folder: AttachmentFolder, sample, tmp_path: Path) -> None:
    """Nothing outside the folder is written to."""
    found, _, pieces = sample
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (folder.path / f"{found.name.hex()}.part").symlink_to(victim)
    with pytest.raises(FanalError):
        folder.take(pieces[0])
    assert victim.read_bytes() == b""


def test_without_a_folder_nothing_is_here_and_nothing_can_be_stored(sample) -> None:
    """A node of the simulator."""
    found, _, pieces = sample
    none = AttachmentFolder()
    assert (none.whole(found.name), none.progress(found.name), none.read(found.name, 0)) == (
        0,
        Progress(),
        None,
    )
    assert list(none.names()) == []
    assert none.erase(found.name) is False
    with pytest.raises(FanalError) as caught:
        none.take(pieces[0])
    assert caught.value.kind is NO_FOLDER
    assert pieces_of(found.length) == len(pieces)
