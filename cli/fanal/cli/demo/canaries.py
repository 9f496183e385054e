# SPDX-License-Identifier: Apache-2.0
"""Canaries: phrases of the notices that were sent, searched for wherever they must not be.

A phrase is searched in every dress in which carelessness would leave it: UTF-8, UTF-16 in both orders, base64
at each of its three alignments, JSON escapes. That a search can find at all is shown beside each search.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanal.notices.schema import Sort, fields_of, nodes
from fanal.v1.notice_pb2 import Notice

COUNT = 20
SHORTEST = 12
"""Bytes in UTF-8."""
_LONGEST = 40
_NO_PROSE = re.compile(r"[A-Z0-9_.:/+-]*")
_NO_HEAD = frozenset({"Notice", "CodeListVersion", "Handling"})


@dataclass(frozen=True)
class Canary:
    """A phrase, where it stands, and the agencies that may know it."""

    phrase: str
    field: str
    language: str
    holders: frozenset[str]

    def patterns(self) -> tuple[bytes, ...]:
        """The phrase in every dress, each at least as long as no accident would make it."""
        return patterns(self.phrase)


def patterns(phrase: str) -> tuple[bytes, ...]:
    """See ``Canary.patterns``."""
    plain = phrase.encode("utf-8")
    escaped = json.dumps(phrase)[1:-1].encode("ascii")
    found = [plain, phrase.encode("utf-16-le"), phrase.encode("utf-16-be"), *_base64(plain), escaped]
    return tuple(dict.fromkeys(found))


def _base64(plain: bytes) -> Iterator[bytes]:
    """What every base64 of something that holds ``plain`` holds, for each place modulo three."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + plain)
        start = (0, 2, 3)[before]
        whole = (before + len(plain)) // 3 * 4
        yield text[start:whole]


def choose(notices: Sequence[tuple[Notice, frozenset[str]]], count: int = COUNT) -> list[Canary]:
    """Up to ``count`` distinct phrases, the languages in turn. Each notice comes with who may know it."""
    raw = [(notice.SerializeToString(deterministic=True), holders) for notice, holders in notices]
    by_language: dict[str, list[Canary]] = {}
    for notice, _holders in notices:
        for phrase, where, language in _phrases(notice):
            plain = phrase.encode("utf-8")
            known = frozenset().union(*(holders for data, holders in raw if plain in data))
            by_language.setdefault(language, []).append(Canary(phrase, where, language, known))
    chosen: list[Canary] = []
    for canary in itertools.chain.from_iterable(itertools.zip_longest(*by_language.values())):
        if canary is not None and not _overlaps(canary.phrase, chosen):
            chosen.append(canary)
        if len(chosen) == count:
            break
    return chosen


def _overlaps(phrase: str, chosen: Iterable[Canary]) -> bool:
    return any(phrase in other.phrase or other.phrase in phrase for other in chosen)


def _phrases(notice: Notice) -> Iterator[tuple[str, str, str]]:
    """Phrases of the body and the texts, with field and language ("-" for names and goods)."""
    for one in nodes(notice):
        for described in fields_of(one.message.DESCRIPTOR).values():
            if described.sort is not Sort.STRING or described.repeated or described.owner in _NO_HEAD:
                continue
            phrase = _cut(getattr(one.message, described.name))
            if len(phrase.encode("utf-8")) >= SHORTEST and not _NO_PROSE.fullmatch(phrase):
                yield phrase, described.key, getattr(one.message, "lang", "") or "-"


def _cut(text: str) -> str:
    """The first words of a text."""
    return text if len(text) <= _LONGEST else text[: _LONGEST + 1].rpartition(" ")[0] or text[:_LONGEST]


def found_in(data: bytes, canaries: Iterable[Canary]) -> list[Canary]:
    """The canaries that ``data`` holds in any dress."""
    return [one for one in canaries if any(pattern in data for pattern in one.patterns())]


def files_of(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of a folder with its raw bytes: databases, write-ahead logs, logs, keys, everything."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes()
