# SPDX-License-Identifier: Apache-2.0
"""A hostile author, node or officer signs well and says wrong: what opening refuses, and at which step."""

from __future__ import annotations

import pytest

from fanal.envelope import ciphers, open, padding, statement
from fanal.envelope.errors import NO_KEY
from fanal.envelope.seal import LaneKey
from fanal.errors import FanalError, VerificationError
from fanal.keys import strict
from fanal.keys.errors import UnknownIdentity
from fanal.v1.envelope_pb2 import Audience, Content, EnvelopeClass, Header, WarnReason
from fanal.v1.identity_pb2 import KeyUse, OfficerRight


@pytest.fixture
def opening(world, sent):
    """Opens an envelope as TR-CUS with the lane key."""

    def run(envelope, me="TR-CUS", **arguments):
        return open.open_content(world.verify(envelope), sent[0].lane_key, me, world, **arguments)

    return run


@pytest.fixture
def restated(world, sent, altered):
    """A NOTICE whose statement is altered and signed again by the officer, everything else consistent."""

    def run(content=None, officer="GE-CUS", **changes):
        content = content or world.draft(world.lane()).content()
        parsed = statement.decode(content.statement)
        altered(parsed, **changes)
        content.statement = strict.encode(parsed)
        content.officer_signature = world.officer_signs(content.statement, officer)
        return world.forge_content(sent[1], sent[0].lane_key, content)

    return run


def test_a_consistent_restatement_opens(opening, restated):
    """The tests below fail for their own reason only: without a change the same envelope opens."""
    assert opening(restated()).fields_decided


# --- Keys ---


def test_two_readers_cannot_be_given_two_texts(world, sent, refused):
    """A body that opens under two keys is stopped by the key commitment before it is decrypted."""
    header = Header()
    header.CopyFrom(sent[1].header)
    data = strict.encode(header)
    other = world.rng(32)
    body = ciphers.seal_body(other, data, padding.pad(b"another text"))
    verified = world.verify(world.sign(header, body, ciphers.wrap(sent[0].lane_key.key, data, other)))
    refused("key commitment", open.open_content, verified, sent[0].lane_key, "TR-CUS", world)


def test_a_body_under_another_key_than_the_committed_one_does_not_decrypt(world, sent, refused):
    """Commitment and wrap agree, the body was sealed with something else."""
    header = sent[1].header
    data = sent[1].received.manifest.header
    body = ciphers.seal_body(world.rng(32), data, padding.pad(b"another text"))
    verified = world.verify(world.sign(header, body, sent[1].received.envelope.own_wrap))
    refused("decrypt", open.open_content, verified, sent[0].lane_key, "TR-CUS", world)


def test_a_body_moved_under_another_header_does_not_decrypt(world, sent, refused):
    """The header is authenticated with the body: the same ciphertext at another place is worthless."""
    header = Header()
    header.CopyFrom(sent[1].header)
    header.seq = 7
    key = sent[0].lane_key
    wrap = ciphers.wrap(key.key, strict.encode(header), sent[1].content_key)
    verified = world.verify(world.sign(header, sent[1].received.envelope.body, wrap))
    refused("decrypt", open.open_content, verified, key, "TR-CUS", world)


def test_an_own_wrap_of_another_message_does_not_open(world, sent, refused):
    """Own wraps are bound to their header."""
    other = world.seal(world.draft(world.lane()).content(), sent[0].lane_key)
    header, body = sent[1].header, sent[1].received.envelope.body
    verified = world.verify(world.sign(header, body, other.received.envelope.own_wrap))
    refused("key", open.open_content, verified, sent[0].lane_key, "TR-CUS", world)


def test_a_wrong_lane_key_does_not_open(world, sent, refused):
    """A key filed under the right name, but another one, is noticed at the own wrap."""
    wrong = LaneKey(b"k" * 32, b"", sent[0].lane_key.key_manifest_sha256)
    refused("key", open.open_content, world.verify(sent[1].envelope_bytes), wrong, "TR-CUS", world)


def test_the_key_of_another_key_envelope_waits(world, sent):
    """The envelope names its KEY envelope; another lane key means that the right one is missing."""
    other = world.seal_key().lane_key
    with pytest.raises(FanalError) as caught:
        open.open_content(world.verify(sent[1].envelope_bytes), other, "TR-CUS", world)
    assert caught.value.kind is NO_KEY
    assert not isinstance(caught.value, VerificationError)


def test_a_key_envelope_has_no_content_to_open(world, sent):
    """Opening a KEY envelope as content is a mistake of the caller."""
    with pytest.raises(ValueError, match="no content"):
        open.open_content(world.verify(sent[0].envelope_bytes), sent[0].lane_key, "TR-CUS", world)


# --- Content ---


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"x" * 1024,
        padding.pad(b"\xff"),
        padding.pad(b"\x0a\x01x\x0a\x01x"),
        padding.pad(b"\xfa\x3e\x01x"),
    ],
    ids=["empty", "no mark", "no content", "duplicate field", "unknown field"],
)
def test_a_plaintext_that_is_no_content_is_refused(world, sent, opening, refused, plain):
    """Padding and content have one form each."""
    refused("content", opening, world.forge(sent[1], sent[0].lane_key, plain, b"", b"s" * 32))


@pytest.mark.parametrize(
    "changes",
    [
        {"receipts": b"r"},
        {"control": b"c"},
        {"officer_signature": None},
        {"notice": None},
        {"content_salt": b"short"},
        {"field_salt": b"f" * 33},
        {"notice_salt": b"n" * 31},
        {"attachment_keys": [{"attachment": b"a" * 32, "key": b"k" * 32}]},
    ],
    ids=str,
)
def test_a_notice_content_with_missing_or_foreign_parts_is_refused(
    world, sent, opening, refused, altered, changes
):
    """A NOTICE has a statement, a notice and three salts of 32 bytes, and nothing of another class."""
    content = world.draft(world.lane()).content()
    altered(content, **changes)
    refused("content", opening, world.forge_content(sent[1], sent[0].lane_key, content))


def test_an_attachment_key_of_another_length_is_refused(world, sent, refused):
    """Attachment keys are 32 bytes long."""
    content = world.draft(world.lane()).content()
    content.attachment_keys.add(attachment=b"a" * 32, key=b"k")
    sealed = world.seal(content, sent[0].lane_key, attachments=[b"a" * 32])
    verified = world.verify(sealed.envelope_bytes)
    refused("content", open.open_content, verified, sent[0].lane_key, "TR-CUS", world)


def test_a_content_that_the_header_does_not_commit_to_is_refused(world, sent, opening, refused):
    """Statement or salt other than committed: the content commitment fails."""
    content = world.draft(world.lane()).content()
    plain = padding.pad(strict.encode(content))
    for core, salt in ((b"another", content.content_salt), (content.statement, b"t" * 32)):
        refused("content commitment", opening, world.forge(sent[1], sent[0].lane_key, plain, core, salt))


# --- Statement ---


@pytest.mark.parametrize(
    "changes",
    [
        {"network": b"x" * 32},
        {"charter_version": 2},
        {"charter_sha256": b"d" * 32},
        {"envelope_id": b"f" * 16},
        {"audience": Audience(agencies=["GE-CUS", "TR-CUS"])},
        {"audience": Audience(channel="CASPIAN")},
        {"author": "AZ-CUS"},
        {"handling": "RED"},
    ],
    ids=str,
)
def test_a_statement_for_another_place_is_refused(opening, restated, refused, changes):
    """Network, charter, envelope, author, audience and handling are what the officer signed for."""
    refused("statement", opening, restated(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"network": b"n"},
        {"envelope_id": b""},
        {"officer_key_id": b"k"},
        {"fields_root": b""},
        {"notice_commitment": b"c" * 33},
        {"restates": b"r"},
        {"charter_version": 0},
        {"signed_at": 0},
        {"signed_at": -1},
        {"handling": ""},
        {"handling": "amber"},
        {"reasons": [WarnReason(code="lower", text="x")]},
        {"reasons": [WarnReason(code="CODE")]},
        {"reasons": [WarnReason(code="CODE", text="x" * 2001)]},
        {"reasons": [WarnReason(code="CODE", text="x")] * 33},
        {"audience": Audience()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_malformed_statement_is_refused(opening, restated, refused, altered, world, sent, changes):
    """A statement has one shape, whoever signed it."""
    content = world.draft(world.lane()).content()
    parsed = statement.decode(content.statement)
    altered(parsed, **changes)
    content.statement = strict.encode(parsed)
    content.officer_signature = world.officer_signs(content.statement)
    refused("statement", opening, world.forge_content(sent[1], sent[0].lane_key, content))


def test_a_statement_with_an_unknown_field_is_refused(world, sent, opening, refused):
    """Nothing is smuggled under the officer's signature."""
    content = world.draft(world.lane()).content()
    content.statement += b"\xfa\x3e\x01x"
    content.officer_signature = world.officer_signs(content.statement)
    refused("statement", opening, world.forge_content(sent[1], sent[0].lane_key, content))


@pytest.mark.parametrize(
    "changes",
    [{"originator": "AZ-CUS"}, {"recipients": ["IT-CGD"]}, {"group": "FOUR"}, {"handling": {"tlp": 1}}],
    ids=str,
)
def test_a_notice_that_says_another_audience_is_refused(world, sent, opening, restated, refused, changes):
    """Originator, recipients, group and handling of the notice are those of the statement."""
    content = world.draft(world.lane()).content()
    content.notice = world.notice(**changes).SerializeToString()
    commitment = open.statement.notice_commitment(content.notice_salt, content.notice)
    refused("statement", opening, restated(content, notice_commitment=commitment))


def test_a_restatement_may_have_another_audience_than_its_notice(opening, restated, world):
    """A notice shown later to a newcomer keeps its text; the statement names the newcomer."""
    content = world.draft(world.lane()).content()
    content.notice = world.notice(recipients=["IT-CGD"]).SerializeToString()
    notice = statement.fields.parse_notice(content.notice)
    changes = {
        "notice_commitment": statement.notice_commitment(content.notice_salt, content.notice),
        "fields_root": statement.fields.root(notice, content.field_salt),
    }
    assert opening(restated(content, restates=b"r" * 32, **changes)).statement.restates == b"r" * 32


def test_another_statements_signature_is_refused(world, sent, opening, refused):
    """The officer's signature covers the exact statement."""
    content = world.draft(world.lane()).content()
    content.officer_signature = world.draft(world.lane()).signature
    refused("officer", opening, world.forge_content(sent[1], sent[0].lane_key, content))


def test_an_officer_without_the_right_to_author_is_refused(world, sent, opening, refused):
    """Reading is not authoring."""
    world.enrol("GE-CUS", world.officers["GE-CUS"], KeyUse.OFFICER, frozenset({OfficerRight.READ}))
    error = refused("officer", opening, sent[1].envelope_bytes)
    assert error.facts["right"] == "AUTHOR"


def test_a_nodes_key_is_no_officers_key(world, sent, opening, refused):
    """A key without an officer behind it signs no statement."""
    world.enrol("GE-CUS", world.officers["GE-CUS"], KeyUse.OFFICER)
    refused("officer", opening, sent[1].envelope_bytes)


def test_an_officer_of_another_agency_is_never_accepted(world, opening, restated):
    """Only the author's identity documents are asked for the key; elsewhere it does not count."""
    foreign = next(k for (a, _), k in world.keys.items() if a == "TR-CUS" and k.key.officer).key.key_id
    with pytest.raises(UnknownIdentity):
        opening(restated(officer_key_id=foreign, officer="TR-CUS"))


def test_a_statement_is_good_for_one_envelope(world, sent, opening, refused):
    """A node cannot put an officer's statement into a second envelope of the lane."""
    draft = world.draft(world.lane())
    first = world.seal(draft.content(), sent[0].lane_key)
    second = world.seal(draft.content(), sent[0].lane_key, position=world.position(2))
    opened = opening(first.envelope_bytes, accepted_in=lambda _digest: None)
    store = {opened.statement_sha256: first.manifest_sha256}
    opening(first.envelope_bytes, accepted_in=store.get)
    error = refused("statement once", opening, second.envelope_bytes, accepted_in=store.get)
    assert error.facts["found"] == first.manifest_sha256.hex()


def test_who_is_not_in_the_audience_is_told_so(sent, opening, refused, world):
    """A key that leaked makes nobody a reader; a member that left is none either."""
    refused("audience", opening, sent[1].envelope_bytes, me="IT-CGD")
    world.newest.members = ("GE-CUS", "AZ-CUS")
    refused("audience", opening, sent[1].envelope_bytes)


def test_receipts_for_somebody_else_are_not_opened(world, sent, refused):
    """The own place in the audience counts for every class."""
    content = Content(control=b"c", content_salt=b"s" * 32)
    sealed = world.seal(content, sent[0].lane_key, klass=EnvelopeClass.CONTROL)
    verified = world.verify(sealed.envelope_bytes)
    refused("audience", open.open_content, verified, sent[0].lane_key, "IT-CGD", world)


def test_malformed_receipts_are_refused(world, sent, refused):
    """Receipts inside a good envelope are still checked."""
    content = Content(receipts=b"\xff", content_salt=b"s" * 32)
    sealed = world.seal(content, sent[0].lane_key, klass=EnvelopeClass.RECEIPT)
    verified = world.verify(sealed.envelope_bytes)
    refused("receipts", open.open_content, verified, sent[0].lane_key, "TR-CUS", world)


# --- Notice ---


def test_a_notice_that_the_officer_did_not_commit_to_is_refused(world, sent, opening, refused):
    """The node cannot put other words under the officer's statement."""
    content = world.draft(world.lane()).content()
    content.notice = world.notice(change_note="other words").SerializeToString()
    refused("notice commitment", opening, world.forge_content(sent[1], sent[0].lane_key, content))


def test_a_fields_root_of_other_fields_is_refused(opening, restated, refused):
    """With every field known, the root must be theirs."""
    refused("fields root", opening, restated(fields_root=b"r" * 32))


def test_too_many_fields_leave_the_root_undecided(opening, restated, world):
    """Nobody can buy our time with a notice of a million fields."""
    content = world.draft(world.lane()).content()
    content.notice = world.notice(related=["x"] * 9000).SerializeToString()
    commitment = statement.notice_commitment(content.notice_salt, content.notice)
    assert not opening(restated(content, notice_commitment=commitment)).fields_decided
