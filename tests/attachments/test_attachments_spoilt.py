# SPDX-License-Identifier: Apache-2.0
"""A disk that changes or loses a file which is here: noticed when it is asked for, and fetched again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from attachkit import got, keys_of, noticed, sealed, send_files, some_bytes, upload
from nodenet import NodeHost, NodeNet

from fanal.envelope.pieces import PIECE
from fanal.errors import FanalError
from fanal.node.attachments.folder import UPLOADS
from fanal.node.ledger.rows import Appended, Batch

A, B, C = "AZ-CUS", "BG-CUS", "CH-CUS"
DATA = some_bytes(2 * PIECE + 100)
SOON = 90.0
"""Seconds: nobody waits for the next start, or for the next notice with a file."""


def flip(path: Path) -> None:
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


def lose_the_last_piece(path: Path) -> None:
    os.truncate(path, 2 * PIECE)


def lose_all(path: Path) -> None:
    os.truncate(path, 0)


def lose_its_length(path: Path) -> None:
    flip(path.with_name(f"{path.name}.paths"))


SPOILT = (flip, lose_the_last_piece, lose_all, Path.unlink, lose_its_length)


def asked_in_vain(host: NodeHost, ref: str) -> None:
    with pytest.raises(FanalError):
        got(host, ref)


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda one: one.__name__)
def test_what_an_officer_did_not_get_is_fetched_again(net: NodeNet, spoil: Callable[[Path], None]) -> None:
    """The officer is refused once, and gets the file soon after, though nothing else was missing."""
    sent, files = send_files(net.nodes[A], [B, C], DATA)
    net.run(150)  # the last look for what is missing is over
    reader = net.nodes[B]
    spoil(reader.files.path / files[0].name.hex())
    asked_in_vain(reader, sent.ref)
    net.run(SOON)
    assert got(reader, sent.ref) == DATA


@pytest.mark.parametrize("spoil", SPOILT[1:3], ids=lambda one: one.__name__)
def test_what_a_peer_did_not_get_is_fetched_again_from_another(
    net: NodeNet, spoil: Callable[[Path], None]
) -> None:
    """The author's own copy is spoilt; a reader who is asked for it in vain has it from the other reader."""
    net.partition([A, B], [C])
    sent, files = send_files(net.nodes[A], [B, C], DATA)
    net.run(30)
    spoil(net.nodes[A].files.path / files[0].name.hex())
    net.nodes[B].crash()
    net.heal()
    net.run(30)
    assert net.nodes[C].inbox()
    net.nodes[B].start()
    net.run(2 * SOON)
    assert {name: got(net.nodes[name], sent.ref) == DATA for name in (A, B, C)} == {A: True, B: True, C: True}


def test_an_upload_that_is_spoilt_before_it_is_moved_is_fetched_again(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the notice's commit and the move leaves the file with the uploads, and read there."""
    author = net.nodes[A]
    one, ciphertext = sealed(DATA)
    upload(author, one, ciphertext)
    with monkeypatch.context() as killed:
        killed.setattr(type(author.files), "adopt", lambda self, names: None)
        sent = author.hand_in(author.draft(noticed(author, [one]), [B]), keys_of([one]))
    net.run(30)
    flip(author.files.path / UPLOADS / one.name.hex())
    asked_in_vain(author, sent.ref)
    net.run(SOON)
    assert got(author, sent.ref) == DATA


def test_what_is_looked_for_before_the_ledger_has_it_as_missing_is_fetched_again(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer's call and the loop are two threads: the loop has its turn before the call commits."""
    sent, files = send_files(net.nodes[A], [B, C], DATA)
    net.run(150)
    reader = net.nodes[B]
    flip(reader.files.path / files[0].name.hex())
    commit = reader.ledger.append

    def late(batch: Batch) -> Appended:
        if batch.arrived:
            net.run(10)
        return commit(batch)

    with monkeypatch.context() as slow:
        slow.setattr(reader.ledger, "append", late)
        asked_in_vain(reader, sent.ref)
    net.run(SOON)
    assert got(reader, sent.ref) == DATA
