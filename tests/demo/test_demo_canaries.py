# SPDX-License-Identifier: Apache-2.0
"""The search for readable text: what it finds in any dress, and what it takes for a canary."""

from __future__ import annotations

import base64
import json

import pytest

from fanal.cli.demo import corpus
from fanal.cli.demo.canaries import COUNT, SHORTEST, Canary, choose, files_of, found_in, patterns
from fanal.cli.demo.plan import plan
from fanal.v1.notice_pb2 import Notice

PHRASE = "Похищены 50 бланков"
CANARY = Canary(PHRASE, "Text.text", "ru", frozenset({"KZ-CUS"}))


def sent() -> list[tuple[Notice, frozenset[str]]]:
    made = plan(8)
    found = corpus.select(corpus.good(), made.agencies, made.channels)
    return [
        (item.notice, corpus.readers_of(item.notice, made.agencies, made.channels) | {item.notice.originator})
        for item in found.items
    ]


@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("after", range(4))
def test_search_finds_base64_at_every_alignment(before: int, after: int) -> None:
    """Wherever in a larger text the phrase stood when that was encoded."""
    data = base64.b64encode(b"x" * before + PHRASE.encode() + b"y" * after)
    assert found_in(b"noise" + data, [CANARY]) == [CANARY]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_search_finds_every_encoding(encoding: str) -> None:
    """As a database, a Java program or a Windows log would hold it."""
    assert found_in(b"\0" + PHRASE.encode(encoding) + b"\0", [CANARY]) == [CANARY]


def test_search_finds_json_escapes() -> None:
    """As a log in ASCII would hold it."""
    assert found_in(json.dumps({"text": f"... {PHRASE} ..."}).encode("ascii"), [CANARY]) == [CANARY]


def test_search_finds_nothing_where_nothing_is() -> None:
    """Random bytes and half a phrase are no find."""
    assert found_in(bytes(range(256)) * 100 + PHRASE.encode()[:-1], [CANARY]) == []


def test_no_pattern_is_short_enough_for_an_accident() -> None:
    """Cutting base64 to whole groups leaves enough of the shortest phrase."""
    assert min(len(pattern) for pattern in patterns("x" * SHORTEST)) >= SHORTEST


def test_search_reads_every_file_of_a_folder(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Hidden ones, logs beside a database and deep folders too; a link to elsewhere is not followed."""
    for name in ("ledger.db-wal", ".hidden", "a/b/c"):
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PHRASE.encode())
    (tmp_path / "home" / "link").symlink_to("/dev/zero")
    found = [path.name for path, data in files_of(tmp_path / "home") if found_in(data, [CANARY])]
    assert sorted(found) == [".hidden", "c", "ledger.db-wal"]


def test_twenty_canaries_come_from_several_languages_and_fields() -> None:
    """Distinct phrases of at least twelve bytes; none is a part of another."""
    chosen = choose(sent())
    assert len(chosen) == COUNT
    assert {"en", "fr", "ru", "ar"} <= {one.language for one in chosen}
    assert len({one.field for one in chosen}) >= 3
    assert all(len(one.phrase.encode()) >= SHORTEST for one in chosen)
    assert not [(a, b) for a in chosen for b in chosen if a is not b and a.phrase in b.phrase]


def test_every_canary_stands_in_a_notice_and_has_strangers() -> None:
    """A phrase that everybody may know would prove nothing."""
    everybody = set(plan(8).agencies)
    texts = [notice.SerializeToString() for notice, _holders in sent()]
    for one in choose(sent()):
        assert any(one.phrase.encode() in text for text in texts)
        assert one.holders < everybody


def test_holders_are_of_every_notice_that_has_the_phrase() -> None:
    """The same words in two notices may be known to the readers of both."""
    first, second = Notice(), Notice()
    for notice in (first, second):
        notice.texts.add(lang="en", text="The same words in both notices.", original=True)
    found = choose([(first, frozenset({"AZ-CUS"})), (second, frozenset({"GE-CUS"}))])
    assert [one.holders for one in found] == [frozenset({"AZ-CUS", "GE-CUS"})]
