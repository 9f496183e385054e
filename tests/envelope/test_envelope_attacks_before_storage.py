# SPDX-License-Identifier: Apache-2.0
"""What is refused before it is stored, and at which step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.envelope import audience, limits, verify
from fanal.envelope.seal import Position
from fanal.envelope.trust import Standing
from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, strict
from fanal.keys.charter_rules import SUITE
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.keys.trust import KeyStatus
from fanal.v1.envelope_pb2 import Audience, Envelope, EnvelopeClass, Header, Manifest, Predecessor
from fanal.v1.identity_pb2 import KeyUse

H = b"h" * 32
LANE = "lane"


def test_an_envelope_cut_at_any_byte_is_refused(world, sent):
    """No prefix of an envelope verifies."""
    data = sent[1].envelope_bytes
    for length in range(len(data)):
        with pytest.raises(VerificationError):
            world.verify(data[:length])


@pytest.mark.parametrize("which", [0, 1], ids=["key", "notice"])
def test_any_single_flipped_bit_is_refused_before_storage(world, sent, which):
    """Body, own wrap, signature, manifest and framing: each bit is covered by a check before storage."""
    data = bytearray(sent[which].envelope_bytes)
    for bit in range(len(data) * 8):
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VERDICTS) as caught:
            world.verify(bytes(data))
        assert "step" in caught.value.facts or isinstance(caught.value, UnknownCharter | UnknownIdentity)
        data[bit // 8] ^= 1 << bit % 8


VERDICTS = (VerificationError, UnknownCharter, UnknownIdentity)


def test_a_flipped_bit_of_body_or_own_wrap_fails_at_the_body_step(world, sent, refused):
    """A carrier cannot spoil the ciphertext or the own wrap: both are in the signed manifest."""
    for name in ("body", "own_wrap"):
        envelope = Envelope.FromString(sent[1].envelope_bytes)
        value = bytearray(getattr(envelope, name))
        value[3] ^= 1
        setattr(envelope, name, bytes(value))
        refused("body", world.verify, strict.encode(envelope))


def test_a_body_of_another_length_fails_at_the_body_step(world, sent, refused):
    """Bytes cut off or put behind the ciphertext are noticed before hashing; a KEY envelope has no body."""
    envelope = Envelope.FromString(sent[1].envelope_bytes)
    envelope.body += b"x"
    refused("body", world.verify, strict.encode(envelope))
    key = Envelope.FromString(sent[0].envelope_bytes)
    key.body = b"x"
    refused("body", world.verify, strict.encode(key))


@given(st.binary(max_size=300))
def test_garbage_gives_a_refusal_and_nothing_else(data):
    """Whatever bytes arrive, the answer is a VerificationError with its step."""
    with pytest.raises(VerificationError) as caught:
        verify.bound_and_decode(data)
    assert caught.value.facts["step"] in ("decode", "shape")


@given(data=st.data())
def test_mutated_envelopes_give_a_refusal_and_nothing_else(data, sample):
    """Bytes replaced, removed and inserted anywhere in a good envelope: refused, or waiting."""
    world, envelope = sample
    start = data.draw(st.integers(0, len(envelope)))
    stop = data.draw(st.integers(start, min(len(envelope), start + 40)))
    changed = envelope[:start] + data.draw(st.binary(max_size=40)) + envelope[stop:]
    if changed != envelope:
        with pytest.raises(VERDICTS):
            world.verify(changed)


@pytest.fixture(scope="module")
def sample(new_world):
    world = new_world()
    key = world.seal_key()
    return world, world.seal(world.draft(world.lane()).content(), key.lane_key).envelope_bytes


def test_oversize_bytes_are_refused_before_they_are_decoded(refused):
    """The size is looked at first, for whole envelopes and for manifests alone."""
    error = refused("limits", verify.bound_and_decode, b"x" * (limits.ENVELOPE_RAW + 1))
    assert error.facts["limit"] == limits.ENVELOPE_RAW
    refused("decode", verify.bound_and_decode, b"x" * limits.ENVELOPE_RAW)
    refused("limits", verify.decode_manifest_only, b"x" * (limits.ENVELOPE_RAW + 1), b"")


def test_manifest_and_body_are_limited_together_by_priority(world, sent, refused):
    """64 KiB for all, 16 KiB for FLASH: at the limit accepted, one past it refused."""
    header = Header()
    header.CopyFrom(sent[1].header)
    for priority, limit in ((2, limits.ENVELOPE), (1, limits.FLASH)):
        header.priority = priority
        room = limit - len(Envelope.FromString(world.sign(header, b"x" * 5000, b"w" * 48)).manifest) + 5000
        for size in range(room - 5003, room - 4996):
            envelope = Envelope.FromString(world.sign(header, b"x" * size, b"w" * 48))
            total = len(envelope.manifest) + len(envelope.body)
            if total <= limit:
                world.verify(strict.encode(envelope))
            else:
                refused("limits", world.verify, strict.encode(envelope))
        assert total > limit


@pytest.mark.parametrize("where", ["header", "manifest", "envelope"])
def test_smuggled_unknown_fields_are_refused(world, sent, refused, where):
    """A field that the reader does not know hides nothing under a good signature."""
    refused("decode", world.verify, respelled(world, sent[1], where, lambda data: data + b"\xfa\x3e\x01x"))


@pytest.mark.parametrize("where", ["header", "manifest", "envelope"])
def test_duplicate_fields_are_refused(world, sent, refused, where):
    """One message has one spelling: the first field given twice is another one."""
    refused("decode", world.verify, respelled(world, sent[1], where, lambda data: data[: 2 + data[1]] + data))


def test_over_long_varints_are_refused(world, sent, refused):
    """A number in more bytes than it needs is another spelling of the same header."""
    longer = respelled(world, sent[1], "header", lambda data: data.replace(b"\x10\x01", b"\x10\x81\x00", 1))
    refused("decode", world.verify, longer)


def respelled(world, sealed, where, spell):
    """The envelope with one layer spelled in other bytes, everything around it consistent and signed."""
    old = sealed.received
    if where == "envelope":
        return spell(sealed.envelope_bytes)
    manifest = Manifest()
    manifest.CopyFrom(old.manifest)
    if where == "header":
        manifest.header = spell(manifest.header)
    data = strict.encode(manifest)
    data = spell(data) if where == "manifest" else data
    return strict.encode(Envelope(manifest=data, signature=b"s" * 64, body=b"b", own_wrap=b"w" * 48))


def bad(step, name, **changes):
    return pytest.param(step, changes, id=name)


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        bad("shape", "another version", version=2),
        bad("shape", "suite downgrade", suite="X25519-AES128"),
        bad("shape", "no suite", suite=""),
        bad("shape", "unknown class", envelope_class=9),
        bad("shape", "no class", envelope_class=0),
        bad("shape", "unknown priority", priority=7),
        bad("shape", "short network", network=b"n"),
        bad("shape", "short charter hash", charter_sha256=b"c" * 31),
        bad("shape", "charter 0", charter_version=0),
        bad("shape", "long key id", author_key_id=b"k" * 33),
        bad("shape", "wrong lane", lane=b"l" * 32),
        bad("shape", "lane of another author", author="TR-CUS"),
        bad("shape", "author is no agency", author="ge-cus"),
        bad("shape", "author is no ASCII", author="GÉ-CUS"),
        bad("shape", "short incarnation", incarnation=b"i"),
        bad("shape", "short envelope id", envelope_id=b"e" * 15),
        bad("shape", "previous hash at seq 0", seq=0, previous_manifest_sha256=H),
        bad("shape", "no previous hash at seq 1", seq=1, previous_manifest_sha256=b""),
        bad("shape", "previous hash of 31 bytes", previous_manifest_sha256=b"p" * 31),
        bad("shape", "seq beyond what gossip can name", seq=2**53),
        bad("shape", "predecessor after seq 0", predecessor=Predecessor(incarnation=b"o" * 16)),
        bad("shape", "no content commitment", content_commitment=b""),
        bad("shape", "no key envelope", key_envelope=b""),
        bad("shape", "no key commitment", key_commitment=b""),
        bad("shape", "created in 1970", created=0),
        bad("shape", "created before 1970", created=-5),
        bad("shape", "expires in the year 10000", expires=limits.MAX_TIME + 1),
        bad("shape", "expires before created", expires=1),
        bad("shape", "audience of nobody", audience=Audience()),
        bad("shape", "audience twice", audience=Audience(channel="CASPIAN", agencies=["GE-CUS", "TR-CUS"])),
        bad("shape", "audience not sorted", audience=Audience(agencies=["TR-CUS", "GE-CUS"])),
        bad("shape", "agency twice", audience=Audience(agencies=["GE-CUS", "TR-CUS", "TR-CUS"])),
        bad("shape", "author missing from audience", audience=Audience(agencies=["AZ-CUS", "TR-CUS"])),
        bad("shape", "author alone", audience=Audience(agencies=["GE-CUS"])),
        bad("shape", "no agency id", audience=Audience(agencies=["GE-CUS", "nobody"])),
        bad("shape", "no channel name", audience=Audience(channel="caspian")),
        bad("shape", "re-addressed", audience=Audience(agencies=["GE-CUS", "IT-CGD"])),
        bad("membership", "another network", network=b"x" * 32, lane=LANE),
        bad("membership", "unknown channel", audience=Audience(channel="BLACK_SEA"), lane=LANE),
        bad("membership", "channel of the author alone", audience=Audience(channel="ALONE"), lane=LANE),
        bad(
            "membership",
            "author is no member",
            author="FR-CUS",
            audience=Audience(channel="CASPIAN"),
            lane=LANE,
        ),
        bad(
            "membership",
            "not of the channel",
            author="IT-CGD",
            audience=Audience(channel="CASPIAN"),
            lane=LANE,
        ),
        bad(
            "membership",
            "readers are no members",
            audience=Audience(agencies=["FR-CUS", "GE-CUS"]),
            lane=LANE,
        ),
    ],
)
def test_a_notice_with_a_wrong_header_is_refused(world, sent, refused, step, changes):
    """Each field of the header has one acceptable form; the step says where it failed."""
    if changes.get("lane") == LANE:
        old = {name: getattr(sent[1].header, name) for name in ("network", "author", "audience")} | changes
        changes = changes | {"lane": audience.lane_id(old["network"], old["author"], old["audience"])}
    refused(step, world.verify, world.signed_again(sent[1], **changes))


@pytest.mark.parametrize(
    ("changes"),
    [
        {"content_commitment": H},
        {"key_envelope": b"k"},
        {"key_commitment": b""},
        {"predecessor": Predecessor(incarnation=b"i" * 16)},
        {"predecessor": Predecessor(incarnation=b"o")},
        {"predecessor": Predecessor(incarnation=b"o" * 16, next=3)},
        {"predecessor": Predecessor(incarnation=b"o" * 16, next=2**53, head=H)},
        {"predecessor": Predecessor(incarnation=b"o" * 16, head=H)},
    ],
    ids=str,
)
def test_a_key_envelope_with_a_wrong_header_is_refused(world, sent, refused, changes):
    """A KEY envelope has no content, and a predecessor names another incarnation and its head."""
    refused("shape", world.verify, world.signed_again(sent[0], **changes))


def test_a_manifest_that_does_not_fit_its_class_is_refused(world, sent, refused):
    """Wraps belong to KEY envelopes, body and attachments to the others."""
    key, notice = sent[0].header, sent[1].header
    receipt = Header()
    receipt.CopyFrom(notice)
    receipt.envelope_class = EnvelopeClass.RECEIPT
    many = [bytes([i]) * 32 for i in range(65)]
    for header, body, wrap, changes in (
        (notice, b"x", b"w" * 48, {"wraps_root": H}),
        (notice, b"x", b"w" * 48, {"wraps_count": 1}),
        (notice, b"", b"w" * 48, {}),
        (notice, b"x", b"w" * 47, {}),
        (notice, b"x", b"w" * 48, {"attachments": [b"short"]}),
        (notice, b"x", b"w" * 48, {"attachments": [H, H]}),
        (notice, b"x", b"w" * 48, {"attachments": many}),
        (receipt, b"x", b"w" * 48, {"attachments": [H]}),
        (key, b"", b"", {}),
        (key, b"", b"", {"wraps_root": H}),
        (key, b"", b"", {"wraps_root": H, "wraps_count": 502}),
        (key, b"", b"", {"wraps_root": H, "wraps_count": 1, "body_sha256": H}),
        (key, b"", b"", {"wraps_root": H, "wraps_count": 1, "body_length": 1}),
        (key, b"", b"", {"wraps_root": H, "wraps_count": 1, "own_wrap_sha256": H}),
        (key, b"", b"w" * 48, {"wraps_root": H, "wraps_count": 1}),
    ):
        refused("shape", world.verify, world.sign(header, body, wrap, **changes))
    world.verify(world.sign(notice, b"x", b"w" * 48, attachments=many[:64]))
    world.verify(world.sign(key, wraps_root=H, wraps_count=501))


def test_five_hundred_recipients_pass_and_one_more_is_refused(world, sent, refused):
    """The limit counts agencies beside the author, before anything is checked of each."""
    for count in (500, 501):
        names = sorted({*(f"XX-{i:03d}" for i in range(count - 1)), "TR-CUS", "GE-CUS"})
        to = Audience(agencies=names)
        lane = audience.lane_id(world.newest.network, "GE-CUS", to)
        envelope = world.signed_again(sent[1], audience=to, lane=lane)
        if count == 500:
            world.verify(envelope)
        else:
            assert refused("shape", world.verify, envelope).facts["found"] == 501


def test_another_notices_signature_is_refused(world, sent, refused):
    """A good signature of the same key over other bytes proves nothing."""
    other = world.seal(world.draft(world.lane()).content(), sent[0].lane_key)
    envelope = Envelope.FromString(sent[1].envelope_bytes)
    envelope.signature = Envelope.FromString(other.envelope_bytes).signature
    refused("signature", world.verify, strict.encode(envelope))


def test_a_signature_of_another_type_is_refused(world, sent, refused):
    """The node's signature over the same bytes as something else does not make a manifest."""
    envelope = Envelope.FromString(sent[1].envelope_bytes)
    envelope.signature = ed25519.sign(world.node["GE-CUS"], envelope.manifest)
    refused("signature", world.verify, strict.encode(envelope))


def test_a_charter_not_yet_known_waits_and_is_not_refused(world, sent):
    """The envelope is pending until the charter is fetched."""
    world.charters.clear()
    with pytest.raises(UnknownCharter):
        world.verify(sent[1].envelope_bytes)


def test_a_key_not_yet_known_waits_and_is_not_refused(world, sent):
    """The author may have a newer identity document than we hold."""
    world.keys.clear()
    with pytest.raises(UnknownIdentity):
        world.verify(sent[1].envelope_bytes)


def test_a_suite_that_the_charter_does_not_allow_is_refused(world, sent, refused):
    """A charter may forbid a suite that this version still knows."""
    world.newest.suites = ("NEWER",)
    refused("membership", world.verify, sent[1].envelope_bytes)


def test_the_suite_is_the_one_that_charters_name():
    """Envelope and charter speak of one suite."""
    assert limits.SUITE == SUITE


@pytest.mark.parametrize("status", list(KeyStatus))
def test_retired_and_revoked_keys_are_marked_for_the_store_to_judge(world, sent, status):
    """The sender's clock says nothing: the envelope verifies and carries the standing of its key."""
    world.enrol("GE-CUS", world.node["GE-CUS"], KeyUse.NODE_SIGN, status=status)
    assert world.verify(sent[1].envelope_bytes).standing.value == status.value


def test_an_author_who_left_the_network_is_marked(world, sent):
    """Under the old charter the envelope verifies; that its author is gone is told."""
    world.newest = type(world.newest)(version=4, members=("TR-CUS", "AZ-CUS"))
    assert world.verify(sent[1].envelope_bytes).standing is Standing.REMOVED
    world.enrol("GE-CUS", world.node["GE-CUS"], KeyUse.NODE_SIGN, status=KeyStatus.REVOKED)
    assert world.verify(sent[1].envelope_bytes).standing is Standing.REVOKED


@pytest.mark.parametrize(
    "changes",
    [{"lane": "other"}, {"incarnation": b"j" * 16}, {"seq": 2}, {"previous_manifest_sha256": b"q" * 32}],
    ids=str,
)
def test_an_envelope_that_does_not_follow_its_neighbour_is_an_incident(world, sent, refused, changes):
    """Another lane, a gap or a wrong previous hash: the error names the field."""
    first = world.seal_key()
    lane = world.lane(audience.channel("CASPIAN")) if changes.pop("lane", "") else world.lane()
    given = {"incarnation": b"i" * 16, "seq": 1, "previous_manifest_sha256": first.manifest_sha256} | changes
    position = Position(**given)
    key = world.seal_key(lane, position=position)
    assert isinstance(refused("neighbour", verify.check_neighbour, first.received, key.received), FanalError)
