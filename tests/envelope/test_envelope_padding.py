# SPDX-License-Identifier: Apache-2.0
"""Padding hides lengths, costs little, and has one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.envelope import padding
from fanal.errors import VerificationError


@given(st.binary(max_size=5000))
def test_padding_gives_back_what_went_in(data):
    """Any bytes survive, those that look like padding included."""
    assert padding.unpad(padding.pad(data)) == data
    assert padding.unpad(padding.pad(data + b"\x80\x00\x00")) == data + b"\x80\x00\x00"


@given(st.integers(padding.FLOOR, 10**9))
def test_padding_costs_at_most_an_eighth_and_keeps_order(length):
    """Padme: at most 12 percent, monotone, and a padded length is padded no further."""
    padded = padding.padme(length)
    assert length <= padded <= length * 1.12 + 1
    assert padding.padme(padded) == padded
    assert padding.padme(length + 1) >= padded


def test_short_messages_all_look_alike():
    """Up to the floor every message has the length of 1 KiB."""
    assert {len(padding.pad(b"x" * n)) for n in (0, 1, 500, 1023)} == {1024}
    assert len(padding.pad(b"x" * 1024)) > 1024


@pytest.mark.parametrize("limit", [0, 1023, 1024, 1025, 5000, 16384, 65536, 65000])
def test_room_is_the_most_that_fits(limit):
    """What room promises fits, and one byte more does not."""
    room = padding.room(limit)
    if room >= 0:
        assert len(padding.pad(bytes(room))) <= limit
    assert len(padding.pad(bytes(room + 1))) > limit


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        bytes(1024),
        b"\x80" + bytes(1022),
        b"\x80" + bytes(1024),
        b"\x80" + bytes(1022) + b"\x01",
        b"x" * 1024,
    ],
    ids=["empty", "no mark", "short", "long", "not zero", "text"],
)
def test_other_paddings_are_refused(padded):
    """There is one padded form of a message; others could carry hidden bytes."""
    with pytest.raises(VerificationError):
        padding.unpad(padded)
