# SPDX-License-Identifier: Apache-2.0
"""What an officer is refused and told at the desk, and what is logged of a person."""

from __future__ import annotations

from typing import Any

import pytest
from agencies import Agency
from nodenet import NodeHost, NodeNet, some_notice
from recalling import leaves
from rival import Rival

from fanal.errors import ErrorKind, FanalError
from fanal.keys import ed25519
from fanal.keys.charter import RelayView
from fanal.node.errors import (
    AUDIENCE_EMPTY,
    AUDIENCE_UNKNOWN,
    CHANNEL_FOREIGN,
    CHANNEL_UNKNOWN,
    CHARTER_MOVED,
    DRAFT_UNREADABLE,
    FOLDER_UNKNOWN,
    NOT_OURS,
    NOTICE_REFUSED,
    NOTICE_UNKNOWN,
    REASON_MISSING,
    SIGNED_BY_OTHER,
)
from fanal.node.lanes.written import Written
from fanal.node.receipts import issuing
from fanal.node.service.errors import CONNECTION_REFUSED, NOT_TRUSTED
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice


@pytest.fixture
def net() -> NodeNet:
    made = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", channels={"CASPIAN": ("AZ-CUS", "TR-CUS")})
    made.run(1)
    return made


@pytest.fixture
def officer(net: NodeNet) -> NodeHost:
    return net.nodes["GE-CUS"]


def prepared(host: NodeHost, notice: Notice, *to: str, dry_run: bool = True) -> api.PrepareReply:
    data = notice.SerializeToString(deterministic=True)
    return host.desk.prepare(host.officer, api.PrepareRequest(to=to, notice=data, dry_run=dry_run))


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ((), AUDIENCE_EMPTY),
        (("GE-CUS",), AUDIENCE_EMPTY),
        (("XX-NOBODY",), AUDIENCE_UNKNOWN),
        (("group:NOWHERE",), CHANNEL_UNKNOWN),
        (("group:CASPIAN", "group:SAHEL"), CHANNEL_UNKNOWN),
        (("group:CASPIAN",), CHANNEL_FOREIGN),
    ],
)
def test_an_empty_or_unknown_audience_is_refused(
    officer: NodeHost, to: tuple[str, ...], kind: ErrorKind
) -> None:
    """No audience, oneself, a stranger, an unknown or foreign group: refused before anything is signed."""
    with pytest.raises(FanalError) as refused:
        prepared(officer, some_notice("GE-CUS"), *to)
    assert refused.value.kind is kind


def test_the_readers_are_shown_before_signing(officer: NodeHost) -> None:
    """Who gets a key, who is held and why; the author is not listed."""
    reply = prepared(officer, some_notice("GE-CUS"), "TR-CUS", "XX-NEW")
    readers = {one.agency: (one.has_key, one.held_reason) for one in reply.readers}
    assert readers == {"TR-CUS": (True, ""), "XX-NEW": (False, "NOT_A_MEMBER")}
    assert [one.code for one in reply.problems] == ["UNKNOWN_RECIPIENT"]


def test_a_dry_run_reserves_no_reference(officer: NodeHost) -> None:
    """Two real ones, a dry run between them, get numbers that follow each other."""
    dry = (False, True, False)
    refs = [prepared(officer, some_notice("GE-CUS"), "TR-CUS", dry_run=one).ref for one in dry]
    assert refs[1] == ""
    assert int(refs[2].split("-")[3]) == int(refs[0].split("-")[3]) + 1


def test_relays_that_will_carry_it_are_named() -> None:
    """The officer sees which relay will hold the ciphertext."""
    net = NodeNet(
        "GE-CUS", "UZ-CUS", "XX-RLY", relays={"XX-RLY": RelayView("XX-RLY", direct=True, serves=("UZ-CUS",))}
    )
    assert list(prepared(net.nodes["GE-CUS"], some_notice("GE-CUS"), "UZ-CUS").carriers) == ["XX-RLY"]


def test_a_held_recipient_is_tracked_from_the_start(officer: NodeHost) -> None:
    """An agency that is no member is HELD, with the reason; the others are served."""
    sent = officer.send(some_notice("GE-CUS"), ["TR-CUS", "XX-NEW"])
    reply = officer.desk.track(officer.officer, api.TrackRequest(notice=sent.ref))
    assert {(one.recipient, one.state, one.reason) for one in reply.deliveries} == {
        ("TR-CUS", "QUEUED", ""),
        ("XX-NEW", "HELD", "NOT_A_MEMBER"),
    }


def test_a_notice_that_the_check_refuses_is_not_sent(officer: NodeHost) -> None:
    """The node checks again what the officer signed, whatever the client let through."""
    draft = officer.draft(
        some_notice("GE-CUS"), ["TR-CUS"], spoil=lambda notice: notice.ClearField("legal_basis")
    )
    with pytest.raises(FanalError) as refused:
        officer.hand_in(draft)
    assert refused.value.kind is NOTICE_REFUSED
    assert refused.value.facts["field"] == "legal_basis"
    assert officer.ledger.head().entries == 0


def test_a_warning_without_a_reason_is_not_sent(officer: NodeHost) -> None:
    """UNKNOWN_RECIPIENT needs a reason in the signed statement."""
    draft = officer.draft(some_notice("GE-CUS"), ["TR-CUS", "XX-NEW"], reasons=())
    with pytest.raises(FanalError) as refused:
        officer.hand_in(draft)
    assert refused.value.kind is REASON_MISSING


def test_a_statement_of_another_officer_is_refused(officer: NodeHost) -> None:
    """An officer cannot send what somebody else has signed."""
    draft = officer.draft(some_notice("GE-CUS"), ["TR-CUS"], seed=ed25519.generate())
    with pytest.raises(FanalError) as refused:
        officer.hand_in(draft)
    assert refused.value.kind is SIGNED_BY_OTHER


def test_a_statement_under_an_older_charter_is_signed_anew(net: NodeNet, officer: NodeHost) -> None:
    """When the charter moved between showing the readers and sending, the officer looks again."""
    draft = officer.draft(some_notice("GE-CUS"), ["TR-CUS"])
    officer.next_charter(add=Agency("KZ-CUS"))
    with pytest.raises(FanalError) as refused:
        officer.hand_in(draft)
    assert refused.value.kind is CHARTER_MOVED


def test_a_new_charter_reaches_everybody_and_opens_a_new_lane_key(net: NodeNet, officer: NodeHost) -> None:
    """All nodes hold charter 2, and the next notice to a changed channel carries a new key."""
    officer.next_charter(channels={"CASPIAN": ("AZ-CUS", "GE-CUS", "TR-CUS")})
    net.run(5)
    assert {host.node.directory.newest.version for host in net.nodes.values()} == {2}
    sent = officer.send(some_notice("GE-CUS"), ["group:CASPIAN"])
    net.run(20)
    assert officer.states(sent.ref) == {"AZ-CUS": "STORED", "TR-CUS": "STORED"}


def test_unreadable_drafts_folders_and_notices_are_named(officer: NodeHost) -> None:
    """Each refusal says which thing it is about."""
    with pytest.raises(FanalError) as draft:
        officer.desk.prepare(officer.officer, api.PrepareRequest(notice=b"\xff\xff"))
    with pytest.raises(FanalError) as folder:
        officer.inbox("elsewhere")
    with pytest.raises(FanalError) as notice:
        officer.show("GE-CUS-2027-000099-00")
    kinds = [draft.value.kind, folder.value.kind, notice.value.kind]
    assert kinds == [DRAFT_UNREADABLE, FOLDER_UNKNOWN, NOTICE_UNKNOWN]


def test_only_the_originator_tracks_a_notice(net: NodeNet, officer: NodeHost) -> None:
    """A recipient asking to track is told whose notice it is."""
    sent = officer.send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    with pytest.raises(FanalError) as refused:
        net.nodes["TR-CUS"].states(sent.ref)
    assert refused.value.kind is NOT_OURS


def test_every_look_and_every_search_is_in_the_log(net: NodeNet, officer: NodeHost) -> None:
    """Showing and searching leave an access leaf that names no person."""
    sent = officer.send(some_notice("GE-CUS"), ["TR-CUS"])
    before = officer.ledger.head().size
    officer.show(sent.ref)
    officer.desk.list(officer.officer, api.ListRequest(folder="all", query="lorry"))
    new = officer.ledger.log.leaves(before, before + 10)
    assert [b"act=read" in new[0], b"act=search" in new[1]] == [True, True]
    assert not any(b"duty-1" in leaf for leaf in new)


def test_to_be_shown_a_notice_and_to_sign_for_it_are_two_leaves_once(net: NodeNet, officer: NodeHost) -> None:
    """The second is written with the receipt's leaf; shown once more, there is nothing left to sign."""
    sent = net.nodes["TR-CUS"].send(some_notice("TR-CUS"), ["GE-CUS"])
    net.run(20)
    before = officer.ledger.head().size
    first = [officer.read(sent.ref), officer.read(sent.ref)]
    types = [leaf.split()[1] for leaf in officer.ledger.log.leaves(before, before + 20)]
    told = [one for one in types if one in (b"access", b"receipt-out")]
    assert first == [True, False]
    assert told == [b"access", b"access", b"receipt-out", b"access"]


def test_a_look_over_the_list_is_in_the_log_once_an_hour_and_person(net: NodeNet, officer: NodeHost) -> None:
    """A list shows how each notice begins; a console that asks every minute does not fill the ledger."""
    before = officer.ledger.head().size
    for minutes in (0, 1, 59, 1, 1):
        net.now += 60 * minutes
        officer.desk.list(officer.officer, api.ListRequest(folder="all"))
    leaves = officer.ledger.log.leaves(before, before + 20)
    acts = [leaf.split(b" act=")[1] for leaf in leaves if b" act=" in leaf]
    assert acts == [b"search envelope=- detail=-\n"] * 2


def test_the_condition_of_a_node_names_what_to_mend(officer: NodeHost) -> None:
    """An expired charter and ending keys are findings with an error id each."""
    assert list(officer.desk.status(officer.officer, api.StatusRequest()).findings) == []
    officer.net.now += 400 * 86_400
    found = {
        (one.subject, one.id) for one in officer.desk.status(officer.officer, api.StatusRequest()).findings
    }
    assert ("charter", "FANAL-E0692") in found
    assert any(subject == "key" for subject, _ in found)


def test_who_am_i_names_the_officer_and_the_rights(officer: NodeHost) -> None:
    """The pseudonym, the key and its end."""
    reply = officer.desk.who_am_i(officer.officer, api.WhoAmIRequest())
    assert (reply.agency, reply.officer.officer_id) == ("GE-CUS", "duty-1")
    assert reply.key_id == officer.agency.officer_key_id


@pytest.mark.parametrize(
    ("link", "reason", "facts"),
    [
        (("CONNECTED", None), "", {}),
        (("CONNECTING", None), "CONNECTING", {}),
        (
            ("UNREACHABLE", FanalError(CONNECTION_REFUSED, agency="TR-CUS", address="192.0.2.7:7443")),
            "FANAL-E0821",
            {"agency": "TR-CUS", "address": "192.0.2.7:7443"},
        ),
        (("NOT_TRUSTED", FanalError(NOT_TRUSTED, agency="TR-CUS")), "FANAL-E0828", {"agency": "TR-CUS"}),
        (None, "", {}),
    ],
)
def test_what_waits_here_names_the_cause_with_its_facts(
    officer: NodeHost, link: tuple[str, FanalError | None] | None, reason: str, facts: dict[str, str]
) -> None:
    """QUEUED carries what the link to the recipient says, the address too; nothing when the link stands."""
    sent = officer.send(some_notice("GE-CUS"), ("TR-CUS",))
    officer.desk.link = lambda _peer: link
    told = officer.desk.track(officer.officer, api.TrackRequest(notice=sent.ref)).deliveries[0]
    assert (told.state, told.reason, dict(told.facts)) == ("QUEUED", reason, facts)


def test_two_officers_who_read_a_notice_at_one_moment_are_told_to_its_author_as_one(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither had read it when both signed: one of them was the first."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(30)
    reader, issue, firsts = net.nodes["TR-CUS"], issuing.issue_read, list[bool]()
    rival = Rival(reader.node, lambda: firsts.append(reader.read(sent.ref)))

    def issued(*given: Any) -> Written:
        rival.comes_by()
        return issue(*given)

    monkeypatch.setattr(issuing, "issue_read", issued)
    firsts.append(reader.read(sent.ref))
    rival.waited()
    assert sorted(firsts) == [False, True]
    assert sum(b"kind=read " in one for one in leaves(reader, "receipt-out")) == 1
