# SPDX-License-Identifier: Apache-2.0
"""Every class of envelope from its author to each of its readers."""

from __future__ import annotations

from fanal.envelope import audience, open, receipts
from fanal.v1.envelope_pb2 import EnvelopeClass


def test_a_notice_reaches_every_reader_with_the_same_bytes(world, sent):
    """Each reader opens its own wrap and then the very bytes the officer signed for."""
    key, notice = sent
    texts = set()
    for me in ("GE-CUS", "TR-CUS", "AZ-CUS"):
        opened = open.open_content(world.verify(notice.envelope_bytes), world.open_key(key, me), me, world)
        assert isinstance(opened, open.OpenedNotice)
        assert opened.fields_decided
        assert opened.officer.officer_id == "o1"
        assert opened.content_key == notice.content_key
        texts.add(opened.notice_bytes)
    assert texts == {world.notice().SerializeToString()}


def test_receipts_travel_back_in_the_receivers_own_lane(world):
    """A receipt envelope has no statement and opens for the author of the notices."""
    lane = world.lane(audience.explicit("TR-CUS", ["GE-CUS"]))
    key = world.seal_key(lane, "TR-CUS")
    content = receipts.content_of(world.receipts(), world.rng)
    sealed = world.seal(content, key.lane_key, lane, EnvelopeClass.RECEIPT, "TR-CUS")
    opened = open.open_content(
        world.verify(sealed.envelope_bytes), world.open_key(key, "GE-CUS"), "GE-CUS", world
    )
    assert isinstance(opened, open.OpenedReceipts)
    assert opened.receipts == world.receipts()
