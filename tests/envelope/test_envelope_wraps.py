# SPDX-License-Identifier: Apache-2.0
"""Lane keys reach their readers and nobody else; carriers can change nothing on the way."""

from __future__ import annotations

import pytest

from fanal.envelope import audience, open, seal, verify, wraps
from fanal.envelope.errors import NO_KEY
from fanal.errors import FanalError, VerificationError
from fanal.keys import merkle, strict, xwing
from fanal.keys.pae import WRAPS_TREE
from fanal.v1.envelope_pb2 import Wrap, WrapProof


def copy(proof, **changes):
    new = WrapProof()
    new.CopyFrom(proof)
    for name, value in changes.items():
        new.ClearField(name)
        new.MergeFrom(WrapProof(**{name: value}))
    return new


def proof_of(sealed, agency):
    return next(p for p in sealed.wraps if Wrap.FromString(p.wrap).recipient == agency)


def test_a_relay_checks_wraps_without_any_secret(world):
    """Every wrap frame verifies against the signed manifest alone, and has the stated size."""
    sealed = world.seal_key()
    verified = world.verify(sealed.envelope_bytes)
    found = [verify.verify_wrap(verified, proof) for proof in sealed.wraps]
    assert [wrap.recipient for wrap in found] == ["AZ-CUS", "GE-CUS", "TR-CUS"]
    assert {len(wrap.sealed) for wrap in found} == {1168}


def test_a_swapped_wrap_is_refused(world, refused):
    """A wrap of another KEY envelope, index, path or content has no place under the root."""
    sealed, other = world.seal_key(), world.seal_key()
    verified = world.verify(sealed.envelope_bytes)
    good, foreign = proof_of(sealed, "TR-CUS"), proof_of(other, "TR-CUS")
    for proof in (
        foreign,
        copy(foreign, key_manifest_sha256=sealed.manifest_sha256),
        copy(good, index=0),
        copy(good, index=3),
        copy(good, path=[]),
        copy(good, path=[*good.path, b"p" * 32]),
        copy(good, path=[b"short"]),
        copy(good, wrap=proof_of(sealed, "AZ-CUS").wrap),
        copy(good, wrap=b"x" * 2049),
    ):
        refused("key", verify.verify_wrap, verified, proof)


def hostile(world, *readers):
    """A KEY envelope whose author puts any wraps under its root."""
    sealed = world.seal_key()
    leaves = [strict.encode(wrap) if isinstance(wrap, Wrap) else wrap for wrap in readers]
    hashes = [merkle.leaf_hash(leaf, WRAPS_TREE) for leaf in leaves]
    root = merkle.root_of(hashes, WRAPS_TREE)
    data = world.sign(sealed.header, wraps_root=root, wraps_count=len(leaves))
    verified = world.verify(data)
    proofs = [
        WrapProof(
            key_manifest_sha256=verified.manifest_sha256,
            index=index,
            wrap=leaf,
            path=merkle.path_of(hashes, index, WRAPS_TREE),
        )
        for index, leaf in enumerate(leaves)
    ]
    return verified, proofs, sealed


def test_malformed_wraps_are_refused_though_their_author_signed_the_root(world, refused):
    """Unknown fields, other lengths and recipients outside the audience."""
    key_id = b"k" * 32
    verified, proofs, _ = hostile(
        world,
        Wrap(recipient="TR-CUS", key_id=b"k", sealed=b"s" * 1168),
        Wrap(recipient="TR-CUS", key_id=key_id, sealed=b"s" * 1167),
        Wrap(recipient="IT-CGD", key_id=key_id, sealed=b"s" * 1168),
        strict.encode(Wrap(recipient="TR-CUS", key_id=key_id, sealed=b"s" * 1168)) + b"\xfa\x3e\x01x",
    )
    for proof in proofs:
        refused("key", verify.verify_wrap, verified, proof)


def test_a_re_addressed_wrap_does_not_open(world, refused):
    """Recipient and key id are in HPKE's info: a wrap sealed for one reader opens under no other name."""
    sealed = world.seal_key()
    key_id, public = world.encryption_key("TR-CUS")
    header = sealed.received.manifest.header
    wrong_name = xwing.seal(public, wraps.wrap_info(header, "AZ-CUS", key_id), b"l" * 32)
    wrong_header = xwing.seal(public, wraps.wrap_info(b"another", "TR-CUS", key_id), b"l" * 32)
    verified, proofs, _ = hostile(
        world, *(Wrap(recipient="TR-CUS", key_id=key_id, sealed=s) for s in (wrong_name, wrong_header))
    )
    for proof in proofs:
        refused("key", open.open_key, verified, proof, "TR-CUS", world.seeds("TR-CUS"))


def test_a_lane_key_that_the_header_does_not_commit_to_is_refused(world, refused):
    """Two readers cannot be given two lane keys."""
    sealed = world.seal_key()
    key_id, public = world.encryption_key("TR-CUS")
    wrap = xwing.seal(public, wraps.wrap_info(sealed.received.manifest.header, "TR-CUS", key_id), b"l" * 32)
    data = Wrap(recipient="TR-CUS", key_id=key_id, sealed=wrap)
    verified, proofs, _ = hostile_of(world, sealed, data)
    refused("key commitment", open.open_key, verified, proofs[0], "TR-CUS", world.seeds("TR-CUS"))


def test_a_lane_key_of_another_length_is_refused(world, refused):
    """A wrap that holds more or less than 32 bytes holds no key."""
    sealed = world.seal_key()
    key_id, public = world.encryption_key("TR-CUS")
    info = wraps.wrap_info(sealed.received.manifest.header, "TR-CUS", key_id)
    wrap = Wrap(recipient="TR-CUS", key_id=key_id, sealed=xwing.seal(public, info, b"l" * 33))
    with pytest.raises(VerificationError):
        wraps.unseal(wrap, sealed.received.manifest.header, world.encrypt["TR-CUS"])
    verified, proofs, _ = hostile_of(world, sealed, wrap)
    refused("key", open.open_key, verified, proofs[0], "TR-CUS", world.seeds("TR-CUS"))


def hostile_of(world, sealed, *readers):
    """As ``hostile``, under the header of a given KEY envelope."""
    world.seal_key = lambda: sealed
    return hostile(world, *readers)


def test_the_wrap_of_another_reader_is_not_mine(world, refused):
    """A wrap for another agency is refused before any key is tried."""
    sealed = world.seal_key()
    verified = world.verify(sealed.envelope_bytes)
    refused("key", open.open_key, verified, proof_of(sealed, "AZ-CUS"), "TR-CUS", world.seeds("TR-CUS"))


def test_a_wrap_for_a_key_not_held_waits(world):
    """HELD(NO_KEY) is no refusal: the author sends a fresh KEY envelope."""
    sealed = world.seal_key()
    with pytest.raises(FanalError) as caught:
        open.open_key(world.verify(sealed.envelope_bytes), proof_of(sealed, "TR-CUS"), "TR-CUS", {})
    assert caught.value.kind is NO_KEY
    assert not isinstance(caught.value, VerificationError)


def test_a_lane_key_is_never_wrapped_for_a_stranger(world):
    """Sealing refuses a reader outside the audience, a channel's too, and an empty list."""
    key = world.encryption_key("IT-CGD")
    common = {
        "position": world.position(),
        "priority": 2,
        "created": 1,
        "expires": 2,
        "signer": world.signer(),
    }
    for to in (None, audience.channel("CASPIAN")):
        with pytest.raises(VerificationError):
            seal.seal_key({"IT-CGD": key}, lane=world.lane(to), **common)
    with pytest.raises(FanalError):
        seal.seal_key({}, lane=world.lane(), **common)


# --- A lane key wrapped again ---


def test_a_key_wrapped_again_needs_the_envelope_it_names(world, refused):
    """Without the first KEY envelope it waits; with another one it is refused."""
    first, other = world.seal_key(), world.seal_key()
    again = world.seal_key(rewraps=first.lane_key, position=world.position(2))
    with pytest.raises(FanalError) as caught:
        world.open_key(again)
    assert caught.value.kind is NO_KEY
    refused("key", world.open_key, again, original=world.verify(other.envelope_bytes))
    refused("key", world.open_key, again, original=world.verify(again.envelope_bytes))


@pytest.mark.parametrize("name", ["key_commitment", "lane"])
def test_a_key_wrapped_again_must_be_the_same_key_of_the_same_lane(world, refused, name):
    """The re-wrapping envelope names the first one and commits to its key."""
    first = world.seal_key()
    lane = world.lane(audience.channel("CASPIAN")) if name == "lane" else world.lane()
    key = first.lane_key if name == "lane" else seal.LaneKey(b"z" * 32, b"", first.manifest_sha256)
    again = world.seal_key(lane, rewraps=key, position=world.position(2))
    error = refused("key", world.open_key, again, original=world.verify(first.envelope_bytes))
    assert name in error.facts["reason"]


def test_a_new_member_of_a_channel_gets_no_earlier_key(world, refused):
    """Who was no reader under the first charter does not get the key by a second wrap."""
    lane = world.lane(audience.channel("CASPIAN"))
    first = world.seal_key(lane)
    newer = type(world.newest)(version=4, sha256=b"d" * 32)
    newer.channels["CASPIAN"] = ("AZ-CUS", "GE-CUS", "IT-CGD", "TR-CUS")
    world.newest = world.charters[4] = newer
    again = world.seal_key(world.lane(lane.audience), rewraps=first.lane_key, position=world.position(2))
    original = world.verify(first.envelope_bytes)
    assert world.open_key(again, original=original) == first.lane_key
    refused("key", world.open_key, again, "IT-CGD", original=original)
