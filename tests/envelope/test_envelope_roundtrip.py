# SPDX-License-Identifier: Apache-2.0
"""Every class of envelope from its author to each of its readers."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest

from fanal.envelope import audience, open, receipts, verify
from fanal.envelope.errors import NO_BODY
from fanal.envelope.seal import LaneKey
from fanal.errors import FanalError
from fanal.v1.envelope_pb2 import Content, EnvelopeClass, EnvelopePriority, Predecessor


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


def test_a_channel_is_read_by_its_members_at_the_named_charter(world):
    """The readers of a channel lane are the members that the header's charter version lists."""
    lane = world.lane(audience.channel("CASPIAN"))
    key = world.seal_key(lane)
    assert len(key.wraps) == 3
    notice = world.notice(group="CASPIAN")
    del notice.recipients[:]
    sealed = world.seal(world.draft(lane, notice.SerializeToString()).content(), key.lane_key, lane)
    verified = world.verify(sealed.envelope_bytes)
    assert verified.readers == ("AZ-CUS", "GE-CUS", "TR-CUS")
    assert open.open_content(verified, world.open_key(key), "TR-CUS", world).fields_decided


def test_receipts_travel_back_in_the_receivers_own_lane(world):
    """A receipt envelope has no statement and opens for the author of the notices."""
    lane = world.lane(audience.explicit("TR-CUS", ["GE-CUS"]))
    key = world.seal_key(lane, "TR-CUS")
    content = receipts.content_of(world.receipts(), world.rng)
    sealed = world.seal(content, key.lane_key, lane, EnvelopeClass.RECEIPT, "TR-CUS")
    verified = world.verify(sealed.envelope_bytes)
    opened = open.open_content(verified, world.open_key(key, "GE-CUS"), "GE-CUS", world)
    assert isinstance(opened, open.OpenedReceipts)
    assert opened.receipts == world.receipts()


def test_a_control_message_travels_without_a_statement(world):
    """Class CONTROL carries opaque bytes under the same commitments."""
    key = world.seal_key()
    content = Content(control=b"later", content_salt=world.rng(32))
    sealed = world.seal(content, key.lane_key, klass=EnvelopeClass.CONTROL)
    opened = open.open_content(world.verify(sealed.envelope_bytes), world.open_key(key), "TR-CUS", world)
    assert isinstance(opened, open.OpenedControl)
    assert opened.message == b"later"


def test_attachment_keys_arrive_in_the_order_of_the_manifest(world):
    """The content holds one key for each ciphertext hash that the manifest names."""
    key = world.seal_key()
    content = world.draft(world.lane()).content()
    for name in (b"2", b"1"):
        content.attachment_keys.add(attachment=name * 32, key=b"k" * 32)
    sealed = world.seal(content, key.lane_key, attachments=[b"2" * 32, b"1" * 32])
    opened = open.open_content(world.verify(sealed.envelope_bytes), world.open_key(key), "TR-CUS", world)
    assert [item.attachment[:1] for item in opened.content.attachment_keys] == [b"2", b"1"]


def test_a_notice_of_a_newer_minor_version_passes_through(world, sent):
    """Unknown fields are kept byte for byte, and leave the fields root undecided instead of refused."""
    key, notice = sent
    newer = world.notice().SerializeToString() + b"\xfa\x3e\x03new"
    content = world.draft(world.lane()).content()
    content.notice = newer
    parsed = open.statement.decode(content.statement)
    parsed.notice_commitment = open.statement.notice_commitment(content.notice_salt, newer)
    parsed.fields_root = b"of a newer version, 32 bytes....."[:32]
    content.statement = parsed.SerializeToString(deterministic=True)
    content.officer_signature = world.officer_signs(content.statement)
    verified = world.verify(world.forge_content(notice, key.lane_key, content))
    opened = open.open_content(verified, world.open_key(key), "TR-CUS", world)
    assert opened.notice_bytes == newer
    assert not opened.fields_decided


def test_bytes_that_are_no_notice_are_handed_on_to_the_notice_rules(world, sent):
    """The envelope keeps and hands on what an officer signed, even if it cannot be parsed."""
    key, notice = sent
    content = world.draft(world.lane()).content()
    content.notice = b"\xff\xff"
    parsed = open.statement.decode(content.statement)
    parsed.notice_commitment = open.statement.notice_commitment(content.notice_salt, content.notice)
    content.statement = parsed.SerializeToString(deterministic=True)
    content.officer_signature = world.officer_signs(content.statement)
    verified = world.verify(world.forge_content(notice, key.lane_key, content))
    opened = open.open_content(verified, world.open_key(key), "TR-CUS", world)
    assert opened.notice_bytes == b"\xff\xff"
    assert not opened.fields_decided


def test_the_vault_opens_again_with_the_content_key_alone(world, sent):
    """After the lane key is gone, a kept content key still opens the stored body, with every check."""
    _key, notice = sent
    verified = world.verify(notice.envelope_bytes)
    opened = open.open_with_content_key(verified, notice.content_key, "TR-CUS", world)
    assert opened.notice_bytes == world.notice().SerializeToString()


def test_an_entry_without_its_body_still_proves_who_signed_it(world, sent):
    """Manifest and signature verify alone; opening says that the body is not held."""
    key, notice = sent
    envelope = notice.received.envelope
    received = verify.decode_manifest_only(envelope.manifest, envelope.signature)
    verified = verify.verify_signed(received, world)
    assert verified.manifest_sha256 == notice.manifest_sha256
    with pytest.raises(FanalError) as caught:
        open.open_content(verified, key.lane_key, "TR-CUS", world)
    assert caught.value.kind is NO_BODY


def test_a_lane_goes_on_in_a_new_incarnation(world):
    """Entry 0 closes the incarnation before it by naming its last head."""
    before = Predecessor(incarnation=b"o" * 16, next=9, head=b"h" * 32)
    sealed = world.seal_key(position=world.position(predecessor=before))
    assert world.verify(sealed.envelope_bytes).header.predecessor.next == 9


def test_neighbours_are_chained_by_the_hash_of_the_manifest(world):
    """The next envelope names the manifest before it."""
    first = world.seal_key()
    second = world.seal(
        world.draft(world.lane()).content(), first.lane_key, position=world.position(1, first.manifest_sha256)
    )
    verify.check_neighbour(first.received, second.received)


def test_a_key_wrapped_again_opens_what_the_first_opened(world, sent):
    """A reader without a wrap gets the same lane key in a new KEY envelope and opens the old notice."""
    key, notice = sent
    again = world.seal_key(rewraps=key.lane_key, position=world.position(2))
    lane_key = world.open_key(again, original=world.verify(key.envelope_bytes))
    assert lane_key == key.lane_key
    assert open.open_content(world.verify(notice.envelope_bytes), lane_key, "TR-CUS", world).fields_decided


def test_equal_randomness_gives_equal_bytes(world, sent):
    """With given random bytes a notice has one sealed form, so that vectors can be published."""
    key, _notice = sent
    draft = world.draft(world.lane())
    one = world.seal(draft.content(), key.lane_key, rng=lambda count: b"r" * count)
    two = world.seal(draft.content(), key.lane_key, rng=lambda count: b"r" * count)
    assert one.envelope_bytes == two.envelope_bytes


def test_a_notice_costs_the_same_for_two_readers_and_for_five_hundred(world):
    """Wraps are in the KEY envelope: only the audience's names make a notice to many longer."""
    few, many = (world.lane(audience.channel(name)) for name in ("CASPIAN", "WIDE"))
    sizes = []
    for lane in (few, many):
        notice = world.notice(group=lane.audience.channel)
        del notice.recipients[:]
        content = world.draft(lane, notice.SerializeToString()).content()
        key = world.seal_key(world.lane(audience.channel("CASPIAN"))).lane_key
        sizes.append(len(world.seal(content, key, lane).received.envelope.body))
    assert sizes[0] == sizes[1]


def test_secrets_are_in_no_repr(world, sent):
    """Neither keys nor plaintext appear when an object is printed by mistake."""
    key, notice = sent
    opened = open.open_content(world.verify(notice.envelope_bytes), key.lane_key, "TR-CUS", world)
    printed = repr((key, notice, opened, world.signer(), world.draft(world.lane())))
    for secret in (key.lane_key.key, notice.content_key, world.node["GE-CUS"], b"GE-CUS-2025-000001-11"):
        assert repr(secret)[2:-1] not in printed
        assert secret.hex() not in printed


def test_flash_has_its_own_limit(world):
    """A FLASH notice is small by rule: the refusal names size and limit."""
    key = world.seal_key(priority=EnvelopePriority.FLASH)
    notice = world.notice(change_note="x" * 17_000).SerializeToString()
    content = world.draft(world.lane(), notice).content()
    with pytest.raises(FanalError) as caught:
        world.seal(content, key.lane_key, priority=EnvelopePriority.FLASH)
    assert caught.value.facts["limit"] == 16 * 1024
    world.seal(content, key.lane_key, priority=EnvelopePriority.ROUTINE)


def test_an_officers_client_loads_no_cipher():
    """Composing and signing a statement imports neither gRPC nor the cipher library."""
    code = (
        "import sys, fanal.envelope.statement;"
        "print([m for m in sys.modules if m.split('.')[0] in ('grpc', 'cryptography')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_bytes_of_a_sealed_notice_never_change(world):
    """Published values for given seeds and randomness: statement, manifest and envelope."""
    key = LaneKey(b"l" * 32, b"", b"k" * 32)
    draft = world.draft(world.lane(), officer_seed=b"o" * 32, rng=lambda count: b"s" * count)
    world.node["GE-CUS"] = b"g" * 32
    sealed = world.seal(draft.content(), key, rng=lambda count: b"r" * count)
    found = [sha256(data).hexdigest() for data in (draft.statement, sealed.envelope_bytes)]
    assert [*found, sealed.manifest_sha256.hex()] == [
        "9b172c5ed7d19df1da138c52f0b1325b57c08c452b011be3f543f6dee30a64e3",
        "94eeef94e1680df930e33e58fde8b72b83f3d746cda2fadfefcbf2a4549fddd3",
        "f12fecd6f3aaef649cae8e502ced0195b95f1c6028c26a687a7d26686d54664b",
    ]
