# SPDX-License-Identifier: Apache-2.0
"""Finding notices: lists page by page, words in any language, identifiers, prefixes and refs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.inbox.describe import normalise
from fanal.node.inbox.interface import Filing, Folder, ListQuery, Vault


def ids(vault: Vault, query: ListQuery) -> list[int]:
    """The numbers of the notices in a page."""
    return [int(one.notice_id[-12:], 16) for one in vault.notices.list(query).summaries]


def filled(vault: Vault, shelf: Any, count: int = 5) -> ListQuery:
    """Notices 1 to ``count``; the even ones are ours."""
    filings = [shelf.filing(shelf.notice(n), outgoing=n % 2 == 0) for n in range(1, count + 1)]
    vault.file(Filing(notices=tuple(filings)))
    return ListQuery(now=shelf.now)


def test_folders_kinds_and_unread_restrict_a_list(vault: Vault, shelf: Any) -> None:
    """Newest first, in the inbox unless asked otherwise."""
    query = filled(vault, shelf)
    notice = shelf.notice(9)
    notice.seizure_report.SetInParent()
    last = shelf.filing(notice)
    vault.file(Filing(notices=(last,)))
    vault.mark_read(last.manifest_sha256, b"o", shelf.now)
    assert ids(vault, query) == [9, 5, 3, 1]
    assert ids(vault, replace(query, folder=Folder.SENT)) == [4, 2]
    assert ids(vault, replace(query, folder=Folder.ALL)) == [9, 5, 4, 3, 2, 1]
    assert ids(vault, replace(query, kind="SEIZURE_REPORT")) == [9]
    assert ids(vault, replace(query, unread=True)) == [5, 3, 1]


def test_pages_follow_each_other_while_new_notices_arrive(vault: Vault, shelf: Any) -> None:
    """A cursor neither repeats nor skips a notice when others are filed in between."""
    query = replace(filled(vault, shelf, 7), folder=Folder.ALL, limit=3)
    first = vault.notices.list(query)
    vault.file(Filing(notices=(shelf.filing(shelf.notice(8)),)))
    second = vault.notices.list(replace(query, cursor=first.cursor))
    third = vault.notices.list(replace(query, cursor=second.cursor))
    seen = [int(one.notice_id[-12:], 16) for page in (first, second, third) for one in page.summaries]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert third.cursor == ""


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "1 OR 1=1", "9" * 19, "١٢"])
def test_a_cursor_that_no_list_gave_is_refused(vault: Vault, shelf: Any, cursor: str) -> None:
    """A mistyped or made-up cursor is refused in words."""
    with pytest.raises(FanalError) as caught:
        vault.notices.list(ListQuery(now=shelf.now, cursor=cursor))
    assert caught.value.kind is errors.CURSOR_MALFORMED


@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_has_one_to_500_lines(vault: Vault, shelf: Any, limit: int) -> None:
    """Tested one past each limit."""
    with pytest.raises(FanalError) as caught:
        vault.notices.list(ListQuery(now=shelf.now, limit=limit))
    assert caught.value.kind is errors.LIST_LIMIT
    vault.notices.list(ListQuery(now=shelf.now, limit=500))


@pytest.mark.parametrize("words", ["coffee", "CAFE", "café sai", "батуми", "seized Coffee", '"seized'])
def test_words_are_found_in_all_languages_without_accents(vault: Vault, shelf: Any, words: str) -> None:
    """Every text of a notice is searched, whatever language, case or accents; the last word may be begun."""
    query = filled(vault, shelf, 1)
    assert ids(vault, replace(query, text=words)) == [1]


@pytest.mark.parametrize("words", ["tea", "coffee tea", "NOT coffee", "text:coffee", "coffee OR tea", "a\0b"])
def test_operators_of_the_search_engine_are_only_words(vault: Vault, shelf: Any, words: str) -> None:
    """No query language gets through: what is not in the text is not found, and nothing fails."""
    query = filled(vault, shelf, 1)
    assert ids(vault, replace(query, text=words)) == []


def test_a_search_without_words_is_refused(vault: Vault, shelf: Any) -> None:
    """Punctuation alone is no search."""
    with pytest.raises(FanalError) as caught:
        vault.notices.list(ListQuery(now=shelf.now, text='" * ( \ud800'))
    assert caught.value.kind is errors.LIST_LIMIT


def test_a_national_case_number_is_never_indexed(vault: Vault, shelf: Any) -> None:
    """The file number at the originator stays out of search."""
    notice = shelf.notice(1, national_case_ref="Secretdossier", legal_basis="Vienna Convention")
    vault.file(Filing(notices=(shelf.filing(notice),)))
    query = ListQuery(now=shelf.now)
    assert ids(vault, replace(query, text="Secretdossier")) == []
    assert ids(vault, replace(query, text="Vienna")) == [1]


@pytest.mark.parametrize("written", ["QQQU1200010", "qqqu 120001-0", "QQQU 120 0010"])
def test_identifiers_match_however_they_are_written(vault: Vault, shelf: Any, written: str) -> None:
    """Spaces, hyphens and case do not matter; a part of an identifier does not match."""
    query = filled(vault, shelf, 1)
    assert ids(vault, replace(query, identifier=written)) == [1]
    assert ids(vault, replace(query, identifier=written[:-2])) == []
    assert normalise(written) == "qqqu1200010"


def test_search_shows_neither_expired_nor_superseded_nor_withdrawn(vault: Vault, shelf: Any) -> None:
    """After expires_at a notice is hidden from search but still listed; an old revision's words are gone."""
    query = filled(vault, shelf, 1)
    later = shelf.notice(1, 2)
    del later.texts[:]
    vault.file(Filing(notices=(shelf.filing(later),)))
    assert ids(vault, replace(query, text="coffee")) == []
    assert ids(vault, replace(query, identifier="QQQU1200010")) == [1]
    assert ids(vault, replace(query, identifier="QQQU1200010", now=shelf.now + 1000)) == []
    assert ids(vault, replace(query, now=shelf.now + 1000)) == [1]


def test_a_notice_is_found_by_id_prefix_and_ref(vault: Vault, shelf: Any) -> None:
    """Case does not matter; a prefix must be unique."""
    vault.file(Filing(notices=(shelf.filing(shelf.notice(1)),)))
    for handle in (shelf.uuid(1), shelf.uuid(1).upper(), "018ec697-7b", "018e", "ge-cus-2026-000001-00"):
        assert vault.notices.find(handle, shelf.now).summary.notice_id == shelf.uuid(1)


def test_an_ambiguous_prefix_names_at_most_five(vault: Vault, shelf: Any) -> None:
    """Two match: both are named. Seven match: five are, and that there are more."""
    filled(vault, shelf, 2)
    with pytest.raises(FanalError) as caught:
        vault.notices.find("018ec697", shelf.now)
    assert caught.value.kind is errors.PREFIX_AMBIGUOUS
    assert caught.value.facts["matches"] == f"{shelf.uuid(1)}, {shelf.uuid(2)}"
    filled(vault, shelf, 7)
    with pytest.raises(FanalError) as caught:
        vault.notices.find("018ec697", shelf.now)
    assert str(caught.value.facts["matches"]).count("018ec697") == 5
    assert str(caught.value.facts["matches"]).endswith("…")


@pytest.mark.parametrize("handle", ["", "018", "%", "018ec697%", "nothing", "x" * 5000, "018ffff", "\ud800"])
def test_an_unknown_handle_is_not_found(vault: Vault, shelf: Any, handle: str) -> None:
    """Nothing that a person can type becomes a wildcard or a traceback."""
    filled(vault, shelf, 1)
    with pytest.raises(FanalError) as caught:
        vault.notices.find(handle, shelf.now)
    assert caught.value.kind is errors.NOTICE_UNKNOWN
