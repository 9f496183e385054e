# SPDX-License-Identifier: Apache-2.0
"""What the vault promises about filing: revisions, withdrawals, parked replies, reading, keys."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.inbox.interface import (
    Filing,
    Judgement,
    ListQuery,
    PendingOpen,
    Status,
    StoredLaneKey,
    Vault,
    Withdrawal,
)
from fanal.notices.problem import Problem, Severity, Stage


def file(vault: Vault, *filings: Any) -> Any:
    return vault.file(Filing(notices=filings))


def status(vault: Vault, shelf: Any, number: int = 1) -> Status:
    return vault.notices.find(shelf.uuid(number), shelf.now).summary.status


def test_a_filed_notice_comes_back_byte_for_byte(vault: Vault, shelf: Any) -> None:
    """Notice, statement, signature and key are stored as they came; the columns are read from the notice."""
    one = shelf.filing(shelf.notice())
    filed = file(vault, one)
    record = vault.notices.find(shelf.uuid(1), shelf.now)
    assert filed.fresh == (True,)
    assert (record.notice, record.statement, record.officer_signature) == (
        one.notice,
        one.statement,
        one.officer_signature,
    )
    assert (record.envelope_id, record.manifest_sha256) == (one.envelope_id, one.manifest_sha256)
    assert record.content_key == one.content_key
    summary = record.summary
    assert (summary.kind, summary.urgency, summary.tlp) == ("SHIPMENT_WARNING", "URGENT", "AMBER")
    assert (summary.originator, summary.title, summary.status) == (
        "GE-CUS",
        "Café saisi à Батуми",
        Status.ISSUED,
    )
    assert not summary.read
    assert vault.notices.get(shelf.now, envelope_id=one.envelope_id) == record
    assert vault.notices.get(shelf.now, manifest_sha256=one.manifest_sha256) == record
    assert vault.notices.get(shelf.now, envelope_id=bytes(16)) is None


def test_filing_again_changes_nothing_and_the_cursor_never_falls(vault: Vault, shelf: Any) -> None:
    """A repeated filing after a crash is not fresh; an older cursor does not take back a newer one."""
    filing = Filing(cursor=5, notices=(shelf.filing(shelf.notice()),))
    assert vault.file(filing).fresh == (True,)
    assert vault.file(replace(filing, cursor=3)).fresh == (False,)
    assert vault.cursor() == 5
    assert vault.notices.unread() == 1


def test_a_revision_replaces_in_list_and_show(vault: Vault, shelf: Any) -> None:
    """One line per notice: the highest revision, whatever the order of arrival; older ones stay reachable."""
    second = shelf.filing(shelf.notice(revision=2))
    file(vault, second)
    file(vault, shelf.filing(shelf.notice(revision=1)))
    file(vault, shelf.filing(shelf.notice(revision=3)))
    page = vault.notices.list(ListQuery(now=shelf.now))
    assert [(one.revision, one.status) for one in page.summaries] == [(3, Status.UPDATED)]
    assert vault.notices.find(shelf.uuid(1), shelf.now).summary.revision == 3
    assert vault.notices.find(shelf.uuid(1), shelf.now, 2).envelope_id == second.envelope_id
    assert vault.notices.unread() == 1
    with pytest.raises(FanalError) as caught:
        vault.notices.find(shelf.uuid(1), shelf.now, 9)
    assert caught.value.kind is errors.NOTICE_UNKNOWN


def test_a_revision_by_another_author_replaces_nothing(vault: Vault, shelf: Any) -> None:
    """Revision 2 of somebody else's notice is a notice of its own beside it, and find shows the first one."""
    file(vault, shelf.filing(shelf.notice()))
    file(vault, shelf.filing(shelf.notice(revision=2), author="XX-EVIL", rejected=True))
    found = vault.notices.find(shelf.uuid(1), shelf.now)
    assert (found.summary.originator, found.summary.revision) == ("GE-CUS", 1)
    assert len(vault.notices.list(ListQuery(now=shelf.now)).summaries) == 2
    assert vault.notices.envelopes(shelf.uuid(1), "GE-CUS") == [found.envelope_id]


def test_a_rejected_revision_does_not_hide_the_good_one(vault: Vault, shelf: Any) -> None:
    """A rejected notice is kept and marked; it is current only while there is no other."""
    problem = Problem("EQUIVOCATION", "revision", Severity.ERROR, Stage.CONTEXT, "other content")
    bad = shelf.filing(shelf.notice(revision=2), rejected=True, problems=(problem,))
    file(vault, bad)
    assert status(vault, shelf) is Status.REJECTED
    assert vault.notices.find(shelf.uuid(1), shelf.now).problems == (problem,)
    file(vault, shelf.filing(shelf.notice(revision=1)))
    assert status(vault, shelf) is Status.ISSUED
    vault.file(Filing(judgements=(Judgement(bad.manifest_sha256, False), Judgement(bytes(32), True))))
    assert vault.notices.find(shelf.uuid(1), shelf.now).summary.revision == 2


def test_both_notices_of_an_equivocation_are_kept(vault: Vault, shelf: Any) -> None:
    """Two contents at one revision are both stored; the first stays current."""
    first = shelf.filing(shelf.notice())
    file(vault, first, shelf.filing(shelf.notice(change_note="other")))
    assert vault.notices.find(shelf.uuid(1), shelf.now).envelope_id == first.envelope_id
    assert len(vault.known.revisions(shelf.uuid(1))) == 2


def test_a_restatement_is_no_second_revision(vault: Vault, shelf: Any) -> None:
    """The same notice bytes in another envelope are one revision to the rules and two envelopes to track."""
    file(vault, shelf.filing(shelf.notice()), shelf.filing(shelf.notice(), mark="restated"))
    assert len(vault.known.revisions(shelf.uuid(1))) == 1
    assert len(vault.notices.envelopes(shelf.uuid(1), "GE-CUS")) == 2
    assert len(vault.notices.list(ListQuery(now=shelf.now)).summaries) == 1


def test_a_withdrawn_notice_stays_withdrawn_for_late_revisions(vault: Vault, shelf: Any) -> None:
    """The tombstone holds for what is here and for what arrives later."""
    file(vault, shelf.filing(shelf.notice()))
    vault.file(Filing(withdrawals=(Withdrawal(shelf.uuid(1), "GE-CUS", "ERROR", shelf.now),)))
    file(vault, shelf.filing(shelf.notice(revision=2)))
    record = vault.notices.find(shelf.uuid(1), shelf.now)
    assert (record.summary.status, record.summary.revision) == (Status.WITHDRAWN, 2)
    assert record.withdrawn_reason == "ERROR"
    assert record.notice


def test_a_withdrawal_before_the_notice_waits_for_it(vault: Vault, shelf: Any) -> None:
    """An unknown notice can be withdrawn; with deletion asked its text is not shown when it comes."""
    withdrawal = Withdrawal(shelf.uuid(1), "GE-CUS", "ERROR", shelf.now, delete=True)
    vault.file(Filing(withdrawals=(replace(withdrawal, delete=False),)))
    vault.file(Filing(withdrawals=(withdrawal,)))
    file(vault, shelf.filing(shelf.notice()))
    record = vault.notices.find(shelf.uuid(1), shelf.now)
    assert (record.summary.status, record.notice, record.summary.title) == (Status.WITHDRAWN, b"", "")
    assert vault.notices.list(ListQuery(now=shelf.now, text="coffee")).summaries == ()


def test_a_withdrawal_by_another_agency_is_refused(vault: Vault, shelf: Any) -> None:
    """Only the originator withdraws: the whole filing is refused, and one that came early has no effect."""
    vault.file(Filing(withdrawals=(Withdrawal(shelf.uuid(1), "XX-EVIL", "ERROR", shelf.now),)))
    file(vault, shelf.filing(shelf.notice()))
    assert status(vault, shelf) is Status.ISSUED
    bad = Withdrawal(shelf.uuid(1), "IT-CGD", "ERROR", shelf.now)
    with pytest.raises(FanalError) as caught:
        vault.file(Filing(cursor=9, withdrawals=(bad,)))
    assert caught.value.kind is errors.ORIGINATOR_MISMATCH
    assert (status(vault, shelf), vault.cursor()) == (Status.ISSUED, 0)


def test_a_reply_before_its_parent_is_parked_and_joined_later(vault: Vault, shelf: Any) -> None:
    """A parked reply says so, and the parent's filing names it so that it is judged again."""
    reply = shelf.filing(shelf.notice(2, author="IT-CGD", in_reply_to=shelf.uuid(1)), author="IT-CGD")
    assert file(vault, reply).joined == ()
    assert status(vault, shelf, 2) is Status.PARKED
    assert file(vault, shelf.filing(shelf.notice(), rejected=True)).joined == ()
    filed = file(vault, shelf.filing(shelf.notice(revision=2)))
    assert filed.joined == (reply.manifest_sha256,)
    assert status(vault, shelf, 2) is Status.ISSUED
    assert [one.notice_id for one in vault.notices.replies(shelf.uuid(1), shelf.now)] == [shelf.uuid(2)]
    assert vault.notices.replies("", shelf.now) == []


def test_expiry_is_computed_at_the_time_asked_for(vault: Vault, shelf: Any) -> None:
    """Nothing is written when a notice expires."""
    file(vault, shelf.filing(shelf.notice()))
    assert vault.notices.find(shelf.uuid(1), shelf.now + 1000).summary.status is Status.EXPIRED
    assert vault.notices.find(shelf.uuid(1), shelf.now + 999).summary.status is Status.ISSUED


def test_the_first_reader_is_kept_and_unread_counts_down(vault: Vault, shelf: Any) -> None:
    """A read mark is set once; outgoing notices never count; a new revision is unread again."""
    one = shelf.filing(shelf.notice())
    file(vault, one, shelf.filing(shelf.notice(2), outgoing=True))
    assert vault.notices.unread() == 1
    assert vault.mark_read(one.manifest_sha256, b"officer", shelf.now)
    assert not vault.mark_read(one.manifest_sha256, b"another", shelf.now + 5)
    record = vault.notices.find(shelf.uuid(1), shelf.now)
    assert (record.summary.read, record.reader, record.read_at) == (True, b"officer", shelf.now)
    assert vault.notices.unread() == 0
    file(vault, shelf.filing(shelf.notice(revision=2)))
    assert vault.notices.unread() == 1
    with pytest.raises(FanalError) as caught:
        vault.mark_read(bytes(32), b"officer", shelf.now)
    assert caught.value.kind is errors.NOTICE_UNKNOWN


def test_bytes_that_are_no_notice_are_kept_under_their_envelope(vault: Vault, shelf: Any) -> None:
    """A validly signed envelope with an unreadable notice is filed, rejected and findable."""
    one = shelf.filing(b"\xff\xff not a notice", rejected=True)
    file(vault, one)
    record = vault.notices.find(one.envelope_id.hex(), shelf.now)
    assert (record.notice, record.summary.kind, record.summary.status) == (one.notice, "", Status.REJECTED)
    assert vault.known.revisions(one.envelope_id.hex()) == []


def test_lane_keys_are_found_by_key_envelope_and_by_commitment(vault: Vault) -> None:
    """Our newest own key is told apart from other authors' keys; the first under a KEY envelope stays."""
    lane = bytes(32)
    keys = [
        StoredLaneKey(lane, bytes([n]) * 32, bytes([n + 10]) * 32, bytes([n]) * 32, n, b"readers")
        for n in (1, 2, 3)
    ]
    assert vault.own_lane_key(lane) is None
    vault.put_own_lane_key(keys[0])
    vault.put_own_lane_key(keys[1])
    vault.put_own_lane_key(replace(keys[0], since=99))
    vault.file(Filing(lane_keys=(keys[2],)))
    assert vault.own_lane_key(lane) == keys[1]
    assert vault.lane_key(key_manifest_sha256=keys[0].key_manifest_sha256) == keys[0]
    assert vault.lane_key(lane=lane, commitment=keys[2].commitment) == keys[2]
    assert vault.lane_key(key_manifest_sha256=bytes(32)) is None


def test_pending_entries_wait_by_key_and_leave_when_filed(vault: Vault, shelf: Any) -> None:
    """What has no key yet waits with its reason and first time until it is filed or settled."""
    one = shelf.filing(shelf.notice())
    waits = [
        PendingOpen(one.manifest_sha256, 7, b"k" * 32, "NO_KEY", shelf.now),
        PendingOpen(bytes(32), 8, b"l" * 32, "NO_KEY", shelf.now),
    ]
    vault.file(Filing(cursor=8, pending=tuple(waits)))
    vault.file(Filing(pending=(replace(waits[0], reason="NO_IDENTITY", since=shelf.now + 9),)))
    first = replace(waits[0], reason="NO_IDENTITY")
    assert vault.pending(10) == [first, waits[1]]
    assert vault.pending(1) == [first]
    assert vault.pending(10, after=7) == [waits[1]]
    assert vault.pending(10, reasons=("NO_IDENTITY", "SUSPECT")) == [first]
    assert vault.pending(10, reasons=("SUSPECT",)) == []
    assert vault.pending(10, key_envelope=b"l" * 32) == [waits[1]]
    vault.file(Filing(notices=(one,), settled=(bytes(32),)))
    assert vault.pending(10) == []


def test_a_statement_is_accepted_in_one_envelope(vault: Vault, shelf: Any) -> None:
    """The vault names the envelope a statement was first filed from."""
    one = shelf.filing(shelf.notice())
    file(vault, one)
    assert vault.notices.accepted_in(hashlib.sha256(one.statement).digest()) == one.manifest_sha256
    assert vault.notices.accepted_in(bytes(32)) is None


def test_known_notices_answer_from_the_rows(vault: Vault, shelf: Any) -> None:
    """Stage CONTEXT sees what was filed and not rejected, by id, ref, parent and withdrawal."""
    reply = shelf.notice(2, in_reply_to=shelf.uuid(1))
    withdrawal = shelf.notice(3)
    withdrawal.withdrawal.notice_ids.append(shelf.uuid(1))
    bad = shelf.notice(4, ref=shelf.notice(1).ref)
    file(vault, *(shelf.filing(n) for n in (shelf.notice(1, 2), shelf.notice(1), reply, withdrawal)))
    file(vault, shelf.filing(bad, rejected=True))
    assert [n.revision for n in vault.known.revisions(shelf.uuid(1))] == [1, 2]
    assert list(vault.known.ids_of_ref(bad.ref)) == [shelf.uuid(1)]
    assert list(vault.known.replies_to(shelf.uuid(1))) == [reply]
    assert list(vault.known.withdrawals_of(shelf.uuid(1))) == [withdrawal]
    assert list(vault.known.revisions(shelf.uuid(4))) == []
    assert list(vault.known.replies_to("")) == []


def test_the_newest_directory_entry_of_an_agency_is_its_own(vault: Vault, shelf: Any) -> None:
    """A later entry replaces an earlier one; withdrawn, rejected and other agencies' entries do not count."""

    def entry(number: int, author: str = "GE-CUS", **change: Any) -> Any:
        notice = shelf.notice(number, author=author)
        notice.directory_entry.SetInParent()
        return shelf.filing(notice, author=author, **change)

    assert vault.notices.newest_directory_entry("GE-CUS") is None
    file(vault, entry(1), entry(2), entry(3, rejected=True), entry(4, "IT-CGD"))
    found = vault.notices.newest_directory_entry("GE-CUS")
    assert found is not None
    assert found.notice_id == shelf.uuid(2)
    vault.file(Filing(withdrawals=(Withdrawal(shelf.uuid(2), "GE-CUS", "ERROR", shelf.now),)))
    found = vault.notices.newest_directory_entry("GE-CUS")
    assert found is not None
    assert found.notice_id == shelf.uuid(1)


def test_a_closed_vault_refuses_in_words(vault: Vault, shelf: Any) -> None:
    """After close neither filing nor reading works, and closing twice is fine."""
    vault.close()
    vault.close()
    for act in (lambda: file(vault, shelf.filing(shelf.notice())), vault.cursor):
        with pytest.raises(FanalError) as caught:
            act()
        assert caught.value.kind is errors.STORE_CLOSED
