# SPDX-License-Identifier: Apache-2.0
"""Who a lane is for has one form, and the lane's id is bound to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.envelope import audience
from fanal.envelope.errors import NOBODY, RECIPIENTS
from fanal.errors import FanalError, VerificationError
from fanal.v1.envelope_pb2 import Audience, Content, EnvelopeClass, EnvelopePriority

NAMES = st.sampled_from(["AZ-CUS", "BG-CUS", "GE-CUS", "IT-CGD", "KZ-CUS", "TR-CUS"])


@given(st.lists(NAMES, min_size=1, max_size=12), st.randoms())
def test_one_set_of_readers_is_one_audience(names, random):
    """Order and repetition of the names do not matter; the author is always in it."""
    shuffled = [*names, *names]
    random.shuffle(shuffled)
    if set(names) == {"GE-CUS"}:
        return
    one, two = audience.explicit("GE-CUS", names), audience.explicit("GE-CUS", [*shuffled, "GE-CUS"])
    assert audience.canonical(one) == audience.canonical(two)
    assert "GE-CUS" in one.agencies
    audience.check(one, "GE-CUS")


def test_a_notice_to_nobody_is_refused():
    """The author alone is no audience."""
    for names in ([], ["GE-CUS"]):
        with pytest.raises(FanalError) as caught:
            audience.explicit("GE-CUS", names)
        assert caught.value.kind is NOBODY


def test_five_hundred_and_one_recipients_are_refused():
    """500 beside the author are accepted."""
    names = [f"XX-{i:03d}" for i in range(501)]
    assert len(audience.explicit("GE-CUS", names[:500]).agencies) == 501
    with pytest.raises(FanalError) as caught:
        audience.explicit("GE-CUS", names)
    assert caught.value.kind is RECIPIENTS


def test_names_that_are_no_agencies_or_channels_are_refused():
    """Names are checked before they are signed."""
    for call in (lambda: audience.explicit("GE-CUS", ["x"]), lambda: audience.channel("a b")):
        with pytest.raises(VerificationError):
            call()


def test_a_lane_id_depends_on_network_author_and_audience():
    """Change one and it is another lane; a published value fixes the bytes."""
    to = audience.explicit("GE-CUS", ["TR-CUS"])
    base = audience.lane_id(b"n" * 32, "GE-CUS", to)
    others = {
        audience.lane_id(b"m" * 32, "GE-CUS", to),
        audience.lane_id(b"n" * 32, "TR-CUS", to),
        audience.lane_id(b"n" * 32, "GE-CUS", audience.channel("CASPIAN")),
    }
    assert len(others | {base}) == 4
    assert base.hex() == "31935cad4799d454b10b198a803ae87c9a6652db69db86240af8726652f06e00"


def test_channel_and_agency_lists_are_told_apart():
    """A channel and a list never have the same canonical bytes."""
    assert audience.canonical(Audience(channel="X")) != audience.canonical(Audience(agencies=["X"]))


def test_sealing_refuses_a_channel_where_nobody_else_reads(world):
    """The check that readers make is made before signing."""
    lane = world.lane(audience.channel("ALONE"))
    key = world.seal_key().lane_key
    content = Content(control=b"c", content_salt=b"s" * 32)
    with pytest.raises(VerificationError):
        world.seal(content, key, lane, EnvelopeClass.CONTROL)


def test_sealing_refuses_content_of_another_class(world):
    """A statement cannot leave as a receipt, and a KEY envelope has no content."""
    key = world.seal_key().lane_key
    content = world.draft(world.lane()).content()
    with pytest.raises(VerificationError):
        world.seal(content, key, klass=EnvelopeClass.RECEIPT)
    with pytest.raises(ValueError, match="no content"):
        world.seal(content, key, klass=EnvelopeClass.KEY)


def test_sealing_refuses_a_key_of_another_length(world):
    """Keys are 32 bytes: a shorter one is a mistake of the caller, not a weaker envelope."""
    with pytest.raises(ValueError, match="32 bytes"):
        world.seal_key(rng=lambda count: b"k" * (count - 1), priority=EnvelopePriority.BULK)
