# SPDX-License-Identifier: Apache-2.0
"""What the officer's client signs, and what the author's node checks before it seals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanal.envelope import audience, commitments, limits, officer, statement
from fanal.envelope.statement import CharterRef, Frame
from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, pae, strict
from fanal.keys.keyid import ed25519_key, key_id
from fanal.v1.envelope_pb2 import Audience


def test_a_statement_says_what_the_officer_signed_for(world):
    """Place, person, handling, time and reasons are in the signed bytes."""
    draft = world.draft(world.lane(), reasons=[("FUTURE_ETA", "the ship is late")])
    parsed = statement.decode(draft.statement)
    public = ed25519.public_of(world.officers["GE-CUS"])
    assert Frame.of(parsed).charter == CharterRef(3, b"c" * 32)
    assert parsed.officer_key_id == key_id(ed25519_key(public))
    assert (parsed.handling, parsed.signed_at) == ("AMBER", 1_760_000_000)
    assert [(reason.code, reason.text) for reason in parsed.reasons] == [("FUTURE_ETA", "the ship is late")]
    ed25519.verify(public, pae.pae(pae.STATEMENT, draft.statement), draft.signature)


def test_salts_are_drawn_anew_for_every_statement(world):
    """The same notice signed twice gives commitments and roots that have nothing in common."""
    one, two = (statement.decode(world.draft(world.lane()).statement) for _ in range(2))
    assert one.notice_commitment != two.notice_commitment
    assert one.fields_root != two.fields_root


@pytest.mark.parametrize(
    "changes",
    [
        {"notice": b"\xff\xff"},
        {"notice": b"x" * (limits.ENVELOPE + 1)},
        {"author": "TR-CUS"},
        {"handling": "RED"},
        {"handling": "any"},
        {"envelope_id": b"e"},
        {"now": 0},
        {"audience": Audience(channel="CASPIAN")},
        {"audience": Audience(agencies=["GE-CUS", "IT-CGD"])},
        {"audience": Audience(agencies=["GE-CUS"])},
        {"restates": b"r"},
    ],
    ids=str,
)
def test_an_officer_is_never_made_to_sign_what_readers_refuse(world, changes):
    """Composing fails early, before there is a signature."""
    with pytest.raises(FanalError):
        world.draft(world.lane(), **changes)


def test_fields_that_the_client_does_not_know_are_not_signed_for(world):
    """Nobody signs a root that leaves out part of the notice."""
    with pytest.raises(FanalError):
        world.draft(world.lane(), world.notice().SerializeToString() + b"\xfa\x3e\x01x")


def test_an_unknown_handling_of_a_newer_version_is_said_by_number(world):
    """A TLP that this version cannot name still has to agree between notice and statement."""
    notice = world.notice()
    notice.handling.tlp = 77
    assert statement.handling_of(notice) == "77"


def test_a_commitment_needs_its_whole_salt():
    """A short salt would let somebody guess at a notice: it is refused, not hashed."""
    for check in (commitments.check_notice, commitments.check_content):
        with pytest.raises(VerificationError):
            check(commitments.notice_commitment(b"s", b"n"), b"s", b"n")


# --- Audience of notice and statement ---


def same(world, notice, to, charter=True):
    parsed = statement.decode(world.draft(world.lane()).statement)
    parsed.audience.CopyFrom(to)
    statement.check_against_notice(parsed, notice, world.newest if charter else None)


def test_group_and_recipients_together_are_a_list_of_agencies(world):
    """Members of the group and the recipients; without a charter only the named ones can be compared."""
    notice = world.notice(group="CASPIAN", recipients=["IT-CGD"])
    everyone = audience.explicit("GE-CUS", ["AZ-CUS", "TR-CUS", "IT-CGD"])
    same(world, notice, everyone)
    same(world, notice, everyone, charter=False)
    for to in (audience.explicit("GE-CUS", ["AZ-CUS", "TR-CUS"]), audience.channel("CASPIAN")):
        with pytest.raises(VerificationError):
            same(world, notice, to)
        with pytest.raises(VerificationError):
            same(world, notice, to, charter=False)


def test_a_group_alone_is_its_channel_and_no_list(world):
    """The members of a group are read from the charter, never copied into a list."""
    notice = world.notice(group="CASPIAN")
    del notice.recipients[:]
    same(world, notice, audience.channel("CASPIAN"))
    for to in (audience.channel("ALONE"), audience.explicit("GE-CUS", ["AZ-CUS", "TR-CUS"])):
        with pytest.raises(VerificationError):
            same(world, notice, to)


def test_an_unknown_recipient_may_be_left_out_and_a_known_one_may_not(world):
    """The sender was warned about the unknown name; dropping a member silently is refused."""
    notice = world.notice(recipients=["FR-CUS"])
    same(world, notice, audience.explicit("GE-CUS", ["AZ-CUS", "TR-CUS"]))
    same(world, notice, audience.explicit("GE-CUS", ["AZ-CUS", "TR-CUS", "FR-CUS"]))
    for names in (["AZ-CUS"], ["AZ-CUS", "TR-CUS", "IT-CGD"]):
        with pytest.raises(VerificationError):
            same(world, notice, audience.explicit("GE-CUS", names))


# --- The author's node ---


def test_the_node_accepts_a_draft_of_its_officer(world):
    """Every check that readers make passes before anything is sealed."""
    draft = world.draft(world.lane())
    checked = officer.check_draft(draft, "GE-CUS", world.newest, world)
    assert checked.officer.officer_id == "o1"
    assert checked.notice == world.notice()
    assert checked.statement_sha256 == statement.statement_sha256(draft.statement)


def test_the_node_refuses_a_draft_for_another_charter_or_author(world, refused):
    """The charter changed since the officer signed, or the draft belongs to another agency's node."""
    draft = world.draft(world.lane())
    newer = type(world.newest)(version=4, sha256=b"d" * 32)
    refused("statement", officer.check_draft, draft, "GE-CUS", newer, world)
    refused("statement", officer.check_draft, draft, "TR-CUS", world.newest, world)


def test_the_node_refuses_a_draft_that_was_tampered_with(world, refused):
    """Signature, notice, salts and parts are checked before sealing, each at its step."""
    draft = world.draft(world.lane())
    for step, changes in (
        ("content", {"notice_salt": b"short"}),
        ("content", {"signature": b""}),
        ("officer", {"signature": b"s" * 64}),
        ("notice commitment", {"notice": draft.notice + b"\x08"}),
        ("notice commitment", {"notice_salt": b"n" * 32}),
        ("fields root", {"field_salt": b"f" * 32}),
    ):
        refused(step, officer.check_draft, replace(draft, **changes), "GE-CUS", world.newest, world)


def test_the_node_issues_only_fields_it_knows(world, refused):
    """A reader leaves a newer notice undecided; its own author's node does not send one."""
    draft = world.draft(world.lane())
    newer = draft.notice + b"\xfa\x3e\x01x"
    parsed = statement.decode(draft.statement)
    parsed.notice_commitment = statement.notice_commitment(draft.notice_salt, newer)
    data = strict.encode(parsed)
    forged = replace(draft, statement=data, signature=world.officer_signs(data), notice=newer)
    refused("fields root", officer.check_draft, forged, "GE-CUS", world.newest, world)
