# SPDX-License-Identifier: Apache-2.0
"""``fanal audit access``: what people did, from the leaves that name an actor.

A person stands in a leaf as a keyed HMAC. Only whoever holds the agency's keys can tell who it is, and can do
so for every officer whom any of the agency's identity documents ever named: also for those who have left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from fanal.keys.trust import Directory
from fanal.node.auditing.leaves import bytes_of, facts, number_of, value_of, words
from fanal.node.desk.actor import person_mac
from fanal.node.ledger.readonly import LedgerView
from fanal.proof.leaf import LeafType


@dataclass(frozen=True)
class Act:
    """One leaf with an actor: ``act`` is read, search, print or export, or else the type of the leaf."""

    index: int
    time: int
    actor: bytes
    act: str
    envelope: bytes
    words: Mapping[str, str | int]


def acts(view: LedgerView, first: int, last: int, actors: Collection[bytes] | None = None) -> Iterator[Act]:
    """What was done with ``first <= time <= last`` (Unix seconds), by anybody or by these HMACs."""
    for index, leaf in facts(view):
        actor, time = bytes_of(leaf, "actor"), number_of(leaf, "time")
        if not actor or not first <= time <= last or (actors is not None and actor not in actors):
            continue
        act = str(value_of(leaf, "act")) if leaf.type is LeafType.ACCESS else leaf.type.value
        yield Act(index, time, actor, act, bytes_of(leaf, "envelope"), words(leaf))


def people(directory: Directory, agency: str, person_key: bytes) -> dict[bytes, str]:
    """HMAC -> officer id of every officer the agency ever had."""
    named = {
        key.officer.officer_id
        for identity in directory.identities(agency)
        for key in identity.keys.values()
        if key.officer is not None
    }
    return {person_mac(person_key, officer): officer for officer in sorted(named)}
