# SPDX-License-Identifier: Apache-2.0
"""Attached files: whole or refused, piece by piece, without a key and with one."""

from __future__ import annotations

import hashlib
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.envelope import limits
from fanal.envelope.attachments import SealedFile, open_file, seal_file
from fanal.envelope.errors import ATTACHMENT, ATTACHMENT_SIZE
from fanal.envelope.pieces import (
    LONGEST,
    MOST_PIECES,
    PATH,
    PIECE,
    Pieces,
    check_piece,
    name_of,
    pieces_of,
    sealed_length,
)
from fanal.errors import FanalError, VerificationError
from fanal.keys import merkle
from fanal.keys.pae import PIECES_TREE

MIB = 1024 * 1024
EDGES = [0, 1, 1023, 1024, 1025, PIECE - 17, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5]


def some(size: int) -> bytes:
    """Bytes that differ from piece to piece."""
    return hashlib.shake_256(b"%d" % size).digest(size)


def seal(data: bytes) -> tuple[SealedFile, bytes]:
    out = bytearray()
    sealed = seal_file(io.BytesIO(data).read, out.extend)
    return sealed, bytes(out)


def opened(sealed: SealedFile, ciphertext: bytes, **changed: object) -> bytes:
    out = bytearray()
    facts = {"key": sealed.key, "size": sealed.size, "sha256": sealed.sha256, **changed}
    step = 50_000  # parts need not be pieces
    parts = [ciphertext[at : at + step] for at in range(0, len(ciphertext), step)]
    open_file(parts, sink=out.extend, **facts)
    return bytes(out)


def cut(ciphertext: bytes) -> list[bytes]:
    return [ciphertext[at : at + PIECE] for at in range(0, len(ciphertext), PIECE)]


def tree(ciphertext: bytes) -> Pieces:
    pieces = Pieces()
    for at in range(0, len(ciphertext), 10_000):
        pieces.feed(ciphertext[at : at + 10_000])
    return pieces


@pytest.fixture(scope="module")
def sample() -> tuple[SealedFile, bytes, list[bytes], list[list[bytes]]]:
    """A file of several pieces: sealed, its ciphertext, the pieces, their paths."""
    sealed, ciphertext = seal(some(5 * PIECE + 99))
    return sealed, ciphertext, cut(ciphertext), list(tree(ciphertext).paths())


def refused(work: object, *facts: object, **named: object) -> None:
    with pytest.raises(VerificationError):
        work(*facts, **named)  # type: ignore[operator]


@pytest.mark.parametrize("size", EDGES)
def test_a_file_of_any_size_comes_back_whole(size):
    """Nothing, one byte, exactly a chunk and one more; the ciphertext's length is known before."""
    data = some(size)
    sealed, ciphertext = seal(data)
    assert (sealed.size, sealed.sha256) == (size, hashlib.sha256(data).digest())
    assert len(ciphertext) == sealed.length == sealed_length(size)
    assert opened(sealed, ciphertext) == data


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=3000), st.integers(1, 500))
def test_a_file_may_be_read_in_any_portions(data, step):
    """A pipe that gives little at a time makes the same file."""
    source = io.BytesIO(data)
    out = bytearray()
    sealed = seal_file(lambda count: source.read(min(count, step)), out.extend)
    assert opened(sealed, bytes(out)) == data


def test_two_sealings_of_one_file_have_nothing_in_common():
    """Each has a key and a name of its own, so nobody can tell that the same file was sent twice."""
    first, second = seal(b"the same file"), seal(b"the same file")
    assert first[0].name != second[0].name
    assert first[0].key != second[0].key
    assert first[1][:24] != second[1][:24]


def test_lengths_tell_padme_steps_only():
    """Files of nearly one size have ciphertexts of one length."""
    assert sealed_length(0) == sealed_length(1) == sealed_length(1024)
    assert sealed_length(8_000_000) == sealed_length(8_000_001)


def test_the_largest_file_is_sealed_in_flat_memory_and_one_byte_more_is_refused():
    """64 MiB go through with a few chunks in memory; 64 MiB and a byte are refused while they are read."""
    left = [64 * MIB]

    def read(count: int) -> bytes:
        given_now = min(count, left[0])
        left[0] -= given_now
        return bytes(given_now)

    tracemalloc.start()
    sealed = seal_file(read, lambda data: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (sealed.size, sealed.length) == (limits.ATTACHMENT, LONGEST)
    assert peak < 2 * MIB
    left[0] = 64 * MIB + 1
    with pytest.raises(FanalError) as caught:
        seal_file(read, lambda data: None)
    assert caught.value.kind is ATTACHMENT_SIZE
    assert left[0] < PIECE  # nothing more was read than shows it


def test_a_limit_below_the_protocols_is_kept():
    """An agency may allow less, never more."""
    with pytest.raises(FanalError) as caught:
        seal_file(io.BytesIO(bytes(11)).read, lambda data: None, limit=10)
    assert caught.value.facts == {"found": 11, "limit": 10}


def test_a_ciphertext_cut_off_anywhere_is_refused(sample):
    """At a chunk's border, within one, after the header, and empty."""
    sealed, ciphertext, _, _ = sample
    chunk = PIECE + 17
    for length in (0, 23, 24, 24 + chunk - 1, 24 + chunk, 24 + 2 * chunk, len(ciphertext) - 1):
        refused(opened, sealed, ciphertext[:length])


def test_a_ciphertext_whose_end_was_left_out_does_not_open_at_another_size(sample):
    """Who also changes the size still lacks a FINAL message."""
    sealed, ciphertext, _, _ = sample
    size = 4 * PIECE
    shorter = ciphertext[: sealed_length(size)]
    refused(opened, sealed, shorter, size=size)


def test_extra_bytes_are_refused(sample):
    """Behind the end, whatever they are."""
    sealed, ciphertext, _, _ = sample
    for extra in (b"\x00", ciphertext[-17:], ciphertext):
        refused(opened, sealed, ciphertext + extra)


def test_swapped_and_repeated_messages_are_refused(sample):
    """The stream has one order."""
    sealed, ciphertext, _, _ = sample
    chunk = PIECE + 17
    first, second = ciphertext[24 : 24 + chunk], ciphertext[24 + chunk : 24 + 2 * chunk]
    rest = ciphertext[24 + 2 * chunk :]
    refused(opened, sealed, ciphertext[:24] + second + first + rest)
    refused(opened, sealed, ciphertext[:24] + first + first + rest)


def test_another_key_size_or_hash_is_refused(sample):
    """Each of the three is checked."""
    sealed, ciphertext, _, _ = sample
    refused(opened, sealed, ciphertext, key=bytes(32))
    refused(opened, sealed, ciphertext, sha256=bytes(32))
    refused(opened, sealed, ciphertext, size=sealed.size - 1)
    refused(opened, sealed, ciphertext, size=sealed.size + 1)
    refused(opened, sealed, ciphertext, size=-1)
    refused(opened, sealed, ciphertext, size=limits.ATTACHMENT + 1)


def test_every_piece_verifies_alone_and_nowhere_else(sample):
    """With its path, at its index, under its length and name; any other combination is refused."""
    sealed, ciphertext, pieces, paths = sample
    count = pieces_of(len(ciphertext))
    assert count == len(pieces) == len(paths)
    for index in range(count):
        check_piece(sealed.name, sealed.length, index, pieces[index], paths[index])
        other = (index + 1) % count
        refused(check_piece, sealed.name, sealed.length, index, pieces[other], paths[other])
        refused(check_piece, sealed.name, sealed.length, other, pieces[index], paths[index])
        refused(check_piece, sealed.name, sealed.length, index, pieces[index], paths[other])
        refused(check_piece, bytes(32), sealed.length, index, pieces[index], paths[index])


def test_a_piece_with_a_flipped_bit_a_cut_or_an_extra_byte_is_refused(sample):
    """One bit anywhere is enough."""
    sealed, _, pieces, paths = sample
    good = pieces[2]
    for bad in (good[:-1], good + b"\x00", b"", bytes([good[0] ^ 1]) + good[1:], good[:-1] + b"\x00\x00"):
        refused(check_piece, sealed.name, sealed.length, 2, bad, paths[2])
    for path in (paths[2][:-1], [*paths[2], bytes(32)], [bytes(31), *paths[2][1:]]):
        refused(check_piece, sealed.name, sealed.length, 2, good, path)


def test_another_length_is_another_name(sample):
    """A root does not commit to its size, so the name does: no length but the right one passes."""
    sealed, _, pieces, paths = sample
    for length in (
        0,
        sealed.length - 1,
        sealed.length + 1,
        sealed.length + PIECE,
        LONGEST,
        LONGEST + 1,
        1 << 60,
    ):
        refused(check_piece, sealed.name, length, 2, pieces[2], paths[2])
    root = merkle.root_of(tree(sample[1]).hashes, PIECES_TREE)
    assert name_of(sealed.length + 1, root) != sealed.name


def test_a_piece_is_no_node_of_another_tree():
    """Leaves of attachments have a domain: 64 bytes that are two hashes do not pass for an inner node."""
    left, right = b"l" * 32, b"r" * 32
    assert merkle.leaf_hash(left + right, PIECES_TREE) != merkle.node_hash(left, right, PIECES_TREE)
    assert merkle.leaf_hash(left, PIECES_TREE) != merkle.leaf_hash(left)


@given(st.integers(1, 70))
def test_all_paths_at_once_are_the_paths_one_by_one(count):
    """`paths_of` and `path_of` agree on trees of every shape."""
    hashes = [merkle.leaf_hash(b"%d" % one, PIECES_TREE) for one in range(count)]
    assert list(merkle.paths_of(hashes, PIECES_TREE)) == [
        merkle.path_of(hashes, index, PIECES_TREE) for index in range(count)
    ]


def test_no_path_is_longer_than_said():
    """The bound that frames and files are checked with is the largest tree's."""
    assert max(merkle.path_length(index, MOST_PIECES) for index in range(MOST_PIECES)) == PATH


def test_a_refusal_names_what_is_wrong(sample):
    """And shows nothing of the key."""
    sealed, ciphertext, _, _ = sample
    with pytest.raises(VerificationError) as caught:
        opened(sealed, ciphertext[:-1])
    assert caught.value.kind is ATTACHMENT
    assert "ends after" in caught.value.sentence
    assert sealed.key.hex() not in repr(sealed)
