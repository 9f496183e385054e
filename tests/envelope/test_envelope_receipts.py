# SPDX-License-Identifier: Apache-2.0
"""Receipts: bounded, of one form, and a reading is signed by the officer who read."""

from __future__ import annotations

import pytest

from fanal.envelope import limits, receipts
from fanal.errors import VerificationError
from fanal.keys import pae, strict
from fanal.keys.ed25519 import sign
from fanal.keys.errors import UnknownIdentity
from fanal.v1.envelope_pb2 import ReadReceipt, ReadStatement, Receipts
from fanal.v1.identity_pb2 import KeyUse, OfficerRight

H = b"h" * 32
I16 = b"i" * 16


def cover(*ranges, lane=H, incarnation=I16, head=H):
    return Receipts(stored=[receipts.coverage(lane, incarnation, ranges, head)])


def test_every_kind_of_receipt_survives_the_journey(world):
    """Stored, relayed, rejected, held and read: what is decoded is what was said."""
    said = Receipts(
        stored=[receipts.coverage(H, I16, [(0, 1), (2, 2**53)], H)],
        relayed=[receipts.coverage(H, I16, [(5, 6)], H)],
        rejected=[
            receipts.rejected(H, [("BAD_CHECK_DIGIT", "seizure_report.items[0].plate"), ("NOT_JSON", "")])
        ],
        held=[receipts.held(H)],
        read=[receipts.sign_read(world.newest.network, "TR-CUS", H, 1_760_000_000, world.officers["TR-CUS"])],
    )
    assert receipts.decode(receipts.content_of(said).receipts) == said


@pytest.mark.parametrize(
    "bad",
    [
        Receipts(),
        cover(),
        cover((1, 1)),
        cover((2, 1)),
        cover((3, 4), (0, 1)),
        cover((0, 2), (1, 3)),
        cover((0, 2), (2, 3)),
        cover((0, 2**53 + 1)),
        cover((0, 1), lane=b"l"),
        cover((0, 1), incarnation=b"i"),
        cover((0, 1), head=b""),
        Receipts(rejected=[receipts.rejected(b"m", [("CODE", "f")])]),
        Receipts(rejected=[receipts.rejected(H, [])]),
        Receipts(rejected=[receipts.rejected(H, [("CODE", "f")] * 101)]),
        Receipts(rejected=[receipts.rejected(H, [("the text of a notice", "f")])]),
        Receipts(rejected=[receipts.rejected(H, [("CODE", "a field\n")])]),
        Receipts(held=[receipts.held(b"m")]),
        Receipts(held=[receipts.held(H, "because of this")]),
        Receipts(held=[receipts.held(H)] * (limits.RECEIPTS + 1)),
        Receipts(read=[ReadReceipt(body=b"", officer_signature=b"s" * 64)]),
        Receipts(read=[ReadReceipt(body=b"b" * 1025, officer_signature=b"s" * 64)]),
        Receipts(read=[ReadReceipt(body=b"b", officer_signature=b"s")]),
    ],
    ids=lambda bad: str(bad)[:40].replace("\n", " "),
)
def test_malformed_receipts_are_neither_sent_nor_taken(bad):
    """Lengths, ranges, tokens and numbers have one acceptable form, at both ends."""
    for call, argument in ((receipts.content_of, bad), (receipts.decode, strict.encode(bad))):
        with pytest.raises(VerificationError):
            call(argument)


def test_a_reading_names_the_officer_who_read(world):
    """The receipt verifies under the key of an officer of the sender with the right READ."""
    receipt = receipts.sign_read(world.newest.network, "TR-CUS", H, 1_760_000_000, world.officers["TR-CUS"])
    said, person = receipts.read_receipt(receipt, "TR-CUS", world)
    assert said.manifest_sha256 == H
    assert (person.agency, person.officer_id) == ("TR-CUS", "o1")


def test_a_node_cannot_say_that_somebody_read(world, refused):
    """Signed by the node's key, by no reader's key, or changed afterwards: no reading."""
    network, seed = world.newest.network, world.officers["TR-CUS"]
    good = receipts.sign_read(network, "TR-CUS", H, 1_760_000_000, seed)
    forged = ReadReceipt(
        body=good.body, officer_signature=sign(world.node["TR-CUS"], pae.pae(pae.READ, good.body))
    )
    refused("receipts", receipts.read_receipt, forged, "TR-CUS", world)
    by_node = receipts.sign_read(network, "TR-CUS", H, 1_760_000_000, world.node["TR-CUS"])
    world.enrol("TR-CUS", world.node["TR-CUS"], KeyUse.OFFICER)
    refused("receipts", receipts.read_receipt, by_node, "TR-CUS", world)
    world.enrol("TR-CUS", seed, KeyUse.OFFICER, frozenset({OfficerRight.AUTHOR}))
    refused("receipts", receipts.read_receipt, good, "TR-CUS", world)


@pytest.mark.parametrize(
    "changes",
    [
        {"network": b"x" * 32},
        {"reader": "AZ-CUS"},
        {"manifest_sha256": b"m"},
        {"read_at": 0},
        {"read_at": 2**62},
    ],
    ids=str,
)
def test_a_reading_of_another_place_is_refused(world, refused, altered, changes):
    """Network, agency, manifest and a plausible time are in the signed bytes."""
    seed = world.officers["TR-CUS"]
    said = ReadStatement.FromString(
        receipts.sign_read(world.newest.network, "TR-CUS", H, 1_760_000_000, seed).body
    )
    altered(said, **changes)
    body = strict.encode(said)
    receipt = ReadReceipt(body=body, officer_signature=sign(seed, pae.pae(pae.READ, body)))
    refused("receipts", receipts.read_receipt, receipt, "TR-CUS", world)


def test_a_reading_under_a_key_not_yet_known_waits(world):
    """The officer may be new: ask for the agency's newer identity document."""
    receipt = receipts.sign_read(world.newest.network, "TR-CUS", H, 1_760_000_000, b"o" * 32)
    with pytest.raises(UnknownIdentity):
        receipts.read_receipt(receipt, "TR-CUS", world)
