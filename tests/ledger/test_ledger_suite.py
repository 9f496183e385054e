# SPDX-License-Identifier: Apache-2.0
"""What every store of the ledger promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.node import errors
from fanal.node.ledger.interface import (
    Batch,
    Checkpoint,
    DocumentRow,
    ForkFound,
    IncarnationRow,
    LaneRange,
    LaneRow,
    LeafRow,
    Ledger,
    Range,
    WrapRow,
)
from fanal.node.ledger.rows import JoinChange, JoinRow, JoinState
from fanal.proof.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)


def refused(ledger: Ledger, batch: Batch) -> FanalError:
    """The refusal of a batch, after checking that it left no trace."""
    before = ledger.head()
    with pytest.raises(FanalError) as caught:
        ledger.append(batch)
    assert ledger.head() == before
    return caught.value


def test_a_stored_entry_comes_back_as_it_was(ledger: Ledger, kit: Any) -> None:
    """Every field of an entry is read back by id, by hash and by place, with its arrival and leaf."""
    entry = kit.entry(0, key_envelope=kit.sha("k"), previous=kit.sha("p"), source="IT-CGD")
    batch = Batch(lanes=(kit.lane(),), entries=(entry,), leaves=(LeafRow(b"x"), LeafRow(b"y", b"k", 0)))
    appended = ledger.append(batch)
    expected = entry.stored(1, 1)
    assert appended.arrivals == (1,)
    assert appended.leaf_indexes == (0, 1)
    assert ledger.entries.get(envelope_id=entry.envelope_id) == expected
    assert ledger.entries.get(manifest_sha256=entry.manifest_sha256) == expected
    assert ledger.entries.at(entry.lane, entry.incarnation, 0) == expected
    assert ledger.entries.get(envelope_id=bytes(16)) is None


def test_a_manifest_only_entry_has_no_body(ledger: Ledger, kit: Any) -> None:
    """An entry whose body was erased elsewhere fills its place with body None."""
    ledger.append(Batch(lanes=(kit.lane(),), entries=(kit.entry(0, body=None, own_wrap=b""),)))
    found = ledger.entries.at(kit.lane().lane, kit.incarnation(), 0)
    assert found is not None
    assert found.body is None


def test_a_resent_entry_changes_nothing(ledger: Ledger, kit: Any) -> None:
    """The second time the same entry comes it is not fresh, and its leaf is not logged again."""
    first = ledger.append(kit.batch(0, 1))
    head = ledger.head()
    again = ledger.append(kit.batch(1, 2))
    assert first.fresh == (True, True)
    assert again.fresh == (False, True)
    assert again.arrivals == (2, 3)
    assert again.leaf_indexes == (1, 2)
    assert ledger.head().size == head.size + 1


def test_a_fork_is_kept_beside_the_entry_and_the_rest_is_stored(ledger: Ledger, kit: Any) -> None:
    """Two manifests at one place raise ForkFound with both; the neighbours in the batch are durable."""
    ledger.append(kit.batch(0))
    twin = kit.entry(0, mark="other")
    batch = Batch(
        entries=(twin, kit.entry(1)), leaves=(LeafRow(b"of the fork", b"f", 0), LeafRow(b"of one", b"o", 1))
    )
    with pytest.raises(ForkFound) as caught:
        ledger.append(batch)
    fork = caught.value.appended.forks[0]
    assert (fork.kept.manifest_sha256, fork.offered) == (kit.entry(0).manifest_sha256, twin)
    assert caught.value.appended.fresh == (False, True)
    assert caught.value.appended.stored == (True, True)
    assert caught.value.appended.leaf_indexes == (None, 1)
    assert ledger.log.leaf_index(b"f") is None
    kept = ledger.entries.at(twin.lane, twin.incarnation, 0)
    assert kept is not None
    assert kept.manifest_sha256 == kit.entry(0).manifest_sha256
    third = kit.entry(0, mark="third")
    for again, stored in ((batch, (False, False)), (Batch(entries=(third, third)), (True, False))):
        with pytest.raises(ForkFound) as caught:
            ledger.append(again)
        assert caught.value.appended.stored == stored
    pages = [ledger.entries.forks(*page) for page in ((0, 1), (1, 9), (2, 9))]
    assert [[(f.kept.seq, f.offered) for f in one] for one in pages] == [[(0, twin)], [(0, third)], []]


def test_one_envelope_id_in_two_places_is_refused(ledger: Ledger, kit: Any) -> None:
    """An envelope id that is used already belongs to its first manifest."""
    ledger.append(kit.batch(0))
    entry = kit.entry(5, envelope_id=kit.entry(0).envelope_id)
    assert refused(ledger, Batch(entries=(entry,))).kind is errors.ROW_CONFLICT


def test_an_entry_of_an_unknown_lane_is_refused_whole(ledger: Ledger, kit: Any) -> None:
    """A batch that is refused half-way leaves neither lane, entry, leaf nor setting."""
    batch = Batch(
        lanes=(kit.lane("a"),),
        entries=(kit.entry(0, "a"), kit.entry(0, "b")),
        leaves=(LeafRow(b"x"),),
        meta=(("m", b"1"),),
    )
    assert refused(ledger, batch).kind is errors.LANE_UNKNOWN
    assert ledger.lanes.infos() == []
    assert ledger.lanes.clock() == []
    assert ledger.entries.since(0, 10) == []
    assert ledger.log.leaves(0, 10) == []
    assert ledger.facts.meta("m") is None


def test_an_entry_in_a_lane_of_another_author_is_refused(ledger: Ledger, kit: Any) -> None:
    """A lane has one author."""
    batch = Batch(lanes=(kit.lane(),), entries=(kit.entry(0, author="IT-CGD"),))
    assert refused(ledger, batch).kind is errors.ROW_CONFLICT


def test_a_lane_never_changes_its_audience(ledger: Ledger, kit: Any) -> None:
    """The same lane id with another audience is a conflict; the same again is fine."""
    ledger.append(Batch(lanes=(kit.lane(), kit.lane("b"))))
    ledger.append(Batch(lanes=(kit.lane(),)))
    changed = replace(kit.lane(), audience=b"wider")
    assert refused(ledger, Batch(lanes=(changed,))).kind is errors.ROW_CONFLICT
    assert ledger.lanes.info(kit.lane().lane) == kit.lane()
    assert ledger.lanes.infos() == sorted([kit.lane(), kit.lane("b")], key=lambda info: info.lane)


@pytest.mark.parametrize(
    "change",
    [
        {"envelope_id": b"short"},
        {"lane": b""},
        {"manifest_sha256": bytes(31)},
        {"previous": bytes(1)},
        {"seq": -1},
        {"seq": 2**63 - 1},
        {"created": -5},
        {"body": bytes(64 * 1024)},
    ],
)
def test_a_field_of_the_wrong_size_is_refused(ledger: Ledger, kit: Any, change: dict[str, Any]) -> None:
    """No row gets in that another store could not hold."""
    batch = Batch(lanes=(kit.lane(),), entries=(replace(kit.entry(0), **change),))
    assert refused(ledger, batch).kind is errors.FIELD_SIZE


@pytest.mark.parametrize("leaf", [LeafRow(b""), LeafRow(b"x" * 4097), LeafRow(b"x", None, 0)])
def test_a_leaf_that_cannot_be_is_refused(ledger: Ledger, leaf: LeafRow) -> None:
    """A leaf is 1 to 4,096 bytes and belongs to an entry of its batch or to none."""
    assert refused(ledger, Batch(leaves=(leaf,))).kind is errors.FIELD_SIZE


def test_lane_clock_shows_next_head_and_holes(ledger: Ledger, kit: Any) -> None:
    """Entries out of order leave holes, filling them leaves none, and the head is that of the highest."""
    key = (kit.lane().lane, kit.incarnation())
    ledger.append(kit.batch(3, 9))
    row = ledger.lanes.row(*key)
    assert row == LaneRow(*key, 0, 10, kit.entry(9).manifest_sha256, (Range(0, 3), Range(4, 9)))
    assert row.hole_numbers() == [0, 1, 2, 4, 5, 6, 7, 8]
    assert row.hole_numbers(4) == [0, 1, 2, 4]
    ledger.append(kit.batch(0, 1, 2, 6))
    row = ledger.lanes.row(*key)
    assert row is not None
    assert row.holes == (Range(4, 6), Range(7, 9))
    assert ledger.lanes.row(key[0], kit.incarnation(2)) is None


def test_a_far_sequence_number_costs_one_hole(ledger: Ledger, kit: Any) -> None:
    """A hostile author who skips 2**62 numbers makes one range, not a long list."""
    ledger.append(kit.batch(2**62))
    row = ledger.lanes.clock()[0]
    assert row.holes == (Range(0, 2**62),)
    assert len(row.hole_numbers()) == 1000


def test_the_clock_is_sorted_and_leaves_closed_incarnations_out(ledger: Ledger, kit: Any) -> None:
    """Rows come by (lane, incarnation); a closed one only when asked for."""
    for lane in "ab":
        for incarnation in (1, 2):
            ledger.append(kit.batch(0, lane=lane, incarnation=incarnation))
    ledger.append(Batch(successors=(kit.successor(stop=1, lane="a"),)))
    live = [(row.lane, row.incarnation) for row in ledger.lanes.clock()]
    every = [(row.lane, row.incarnation) for row in ledger.lanes.clock(closed=True)]
    assert every == sorted(every)
    assert len(every) == 4
    assert set(every) - set(live) == {(kit.lane("a").lane, kit.incarnation(1))}
    assert len(ledger.lanes.clock([kit.lane("b").lane])) == 2


def test_a_floor_rises_and_takes_the_holes_below_with_it(ledger: Ledger, kit: Any) -> None:
    """Nothing below the floor is missing any more; a lower floor later changes nothing."""
    key = (kit.lane().lane, kit.incarnation())
    ledger.append(kit.batch(4, 8))
    ledger.append(Batch(floors=((*key, 6),)))
    ledger.append(Batch(floors=((*key, 2), (*key, 10))))
    row = ledger.lanes.row(*key)
    assert row is not None
    assert (row.floor, row.holes) == (6, (Range(6, 8),))


def test_range_and_refs_skip_holes_and_stop_at_the_limit(ledger: Ledger, kit: Any) -> None:
    """Both readings of a lane give the same entries in order."""
    ledger.append(kit.batch(5, 1, 3))
    key = (kit.lane().lane, kit.incarnation())
    assert [entry.seq for entry in ledger.entries.range(*key, 0, 5, 10)] == [1, 3]
    assert [entry.seq for entry in ledger.entries.range(*key, 0, 9, 2)] == [1, 3]
    ref = ledger.entries.refs(*key, 5, 6, 1)[0]
    entry = kit.entry(5)
    size = len(entry.manifest) + len(entry.signature) + len(entry.body) + len(entry.own_wrap)
    assert (ref.arrival, ref.envelope_id, ref.seq, ref.size) == (1, entry.envelope_id, 5, size)


def test_keys_are_the_newest_key_envelopes_of_a_stream(ledger: Ledger, kit: Any) -> None:
    """KEY envelopes alone, the newest so many, ascending."""
    entries = tuple(kit.entry(seq, klass=3 if seq % 2 else 1) for seq in range(8))
    ledger.append(Batch(lanes=(kit.lane(),), entries=entries))
    key = (kit.lane().lane, kit.incarnation())
    assert [ref.seq for ref in ledger.entries.keys(*key, 3)] == [3, 5, 7]
    assert [ref.manifest_sha256 for ref in ledger.entries.keys(*key, 1)] == [entries[7].manifest_sha256]
    assert ledger.entries.keys(key[0], kit.incarnation(2), 3) == []


def test_since_follows_the_order_of_arrival(ledger: Ledger, kit: Any) -> None:
    """A cursor over arrivals meets every entry once, whatever its sequence number."""
    ledger.append(kit.batch(5, 1))
    ledger.append(kit.batch(0, lane="b"))
    assert [entry.arrival for entry in ledger.entries.since(0, 2)] == [1, 2]
    rest = ledger.entries.since(2, 2)
    assert [(entry.arrival, entry.lane) for entry in rest] == [(3, kit.lane("b").lane)]
    assert ledger.entries.since(3, 2) == []


def test_wraps_belong_to_a_stored_key_envelope(ledger: Ledger, kit: Any) -> None:
    """A wrap without its KEY envelope is refused; stored ones come back by index or by recipient."""
    key = kit.entry(0)
    wraps = tuple(
        WrapRow(key.manifest_sha256, index, name, b"wrap" * 9, (kit.sha("1"), kit.sha("2")))
        for index, name in enumerate(["AZ-CUS", "IT-CGD"])
    )
    assert refused(ledger, Batch(wraps=wraps)).kind is errors.WRAP_WITHOUT_KEY
    ledger.append(Batch(lanes=(kit.lane(),), entries=(key,), wraps=wraps[::-1]))
    ledger.append(Batch(wraps=wraps))
    assert ledger.entries.wraps(key.manifest_sha256) == list(wraps)
    assert ledger.entries.wraps(key.manifest_sha256, ["IT-CGD"]) == [wraps[1]]
    assert refused(ledger, Batch(wraps=(replace(wraps[0], wrap=b"x"),))).kind is errors.ROW_CONFLICT


def test_a_keyed_leaf_is_logged_once(ledger: Ledger) -> None:
    """The same idempotency key gives the same index, whether in one batch or in two."""
    first = ledger.append(Batch(leaves=(LeafRow(b"a", b"k"), LeafRow(b"b"), LeafRow(b"a", b"k"))))
    again = ledger.append(Batch(leaves=(LeafRow(b"a", b"k"), LeafRow(b"b"))))
    assert first.leaf_indexes == (0, 1, 0)
    assert again.leaf_indexes == (0, 2)
    assert (again.first_leaf, again.size) == (2, 3)
    assert ledger.log.leaf_index(b"k") == 0
    assert ledger.log.leaves(0, 9) == [b"a", b"b", b"b"]
    assert ledger.log.leaves(1, 2) == [b"b"]


def test_stored_nodes_prove_every_leaf_and_every_growth(ledger: Ledger) -> None:
    """Inclusion and consistency proofs made from the stored nodes verify against the returned roots."""
    roots = {0: ledger.head().root}
    for number in range(21):
        appended = ledger.append(Batch(leaves=(LeafRow(f"leaf {number}".encode()),)))
        roots[appended.size] = appended.root
    node = ledger.log.node
    for index in (0, 7, 15, 16, 20):
        proof = inclusion_proof(index, 21, node)
        verify_inclusion(leaf_hash(f"leaf {index}".encode()), index, 21, proof, roots[21])
    for old in (1, 8, 13, 20):
        verify_consistency(old, roots[old], 21, roots[21], consistency_proof(old, 21, node))
    with pytest.raises(FanalError) as caught:
        node(2, 5)
    assert caught.value.kind is errors.NODE_MISSING
    assert ledger.head().root == roots[21]


def test_one_size_never_carries_two_roots(ledger: Ledger) -> None:
    """A checkpoint whose root is not the tree's own is refused, at any size."""
    first = ledger.append(Batch(leaves=(LeafRow(b"a"),)))
    ledger.append(Batch(leaves=(LeafRow(b"b"),)))
    for size in (1, 2, 3):
        wrong = Batch(checkpoint=Checkpoint(size, bytes(32), b"note"))
        assert refused(ledger, wrong).kind is errors.CHECKPOINT_ROOT
    ledger.append(Batch(checkpoint=Checkpoint(2, ledger.head().root, b"note 2")))
    ledger.append(Batch(checkpoint=Checkpoint(1, first.root, b"note 1")))
    ledger.append(Batch(checkpoint=Checkpoint(2, ledger.head().root, b"note 2 cosigned")))
    newest = Checkpoint(2, ledger.head().root, b"note 2 cosigned")
    assert ledger.log.checkpoint() == ledger.head().checkpoint == newest
    assert ledger.log.checkpoint(1) == Checkpoint(1, first.root, b"note 1")
    assert ledger.log.checkpoint(0) is None


def test_documents_are_kept_in_order_and_forks_of_them_too(ledger: Ledger, kit: Any) -> None:
    """The same document twice is one row; two of one serial are two."""
    rows = [
        DocumentRow("charter", "", 1, kit.sha("c"), b"c", 1),
        DocumentRow("identity", "GE-CUS", 1, kit.sha("i"), b"i", 2),
        DocumentRow("identity", "GE-CUS", 1, kit.sha("j"), b"j", 3),
    ]
    for row in [*rows, rows[0]]:
        ledger.append(Batch(documents=(row,)))
    assert ledger.facts.documents() == rows
    assert ledger.facts.documents("identity") == rows[1:]
    assert ledger.facts.documents("identity", rows[1].agency, after=2) == rows[2:]
    assert ledger.facts.documents(agency="AA-NONE") == ledger.facts.documents(after=len(rows)) == []


def test_held_ranges_merge_and_can_be_forgotten(ledger: Ledger, kit: Any) -> None:
    """What a peer holds is a set of disjoint ranges per lane; a peer that lost its store holds nothing."""
    lane, incarnation = kit.lane().lane, kit.incarnation()

    def held(peer: str, *ranges: tuple[int, int]) -> Batch:
        return Batch(held=tuple(LaneRange(peer, lane, incarnation, *one) for one in ranges))

    ledger.append(held("IT-CGD", (0, 2), (4, 6), (9, 9)))
    ledger.append(held("IT-CGD", (2, 3), (5, 8), (20, 21)))
    ledger.append(held("", (0, 1)))
    ranges = [(row.start, row.stop) for row in ledger.facts.held("IT-CGD")]
    assert ranges == [(0, 3), (4, 8), (20, 21)]
    assert ledger.facts.held("IT-CGD", lane, incarnation) == ledger.facts.held("IT-CGD")
    assert ledger.facts.held("IT-CGD", lane, kit.incarnation(2)) == []
    with pytest.raises(FanalError):
        ledger.facts.held("IT-CGD", lane)
    ledger.append(replace(held("IT-CGD", (7, 9)), forget_peers=("IT-CGD",)))
    assert [(row.start, row.stop) for row in ledger.facts.held("IT-CGD")] == [(7, 9)]
    assert [(row.start, row.stop) for row in ledger.facts.held("")] == [(0, 1)]


def test_settings_and_refs_are_durable_counters(ledger: Ledger) -> None:
    """A ref number is given once per year, above what was asked for; a setting is replaced or removed."""
    asked = ((2026, 0), (2026, 0), (2027, 40), (2026, 1), (2027, 0), (2026, 7), (2026, 7))
    numbers = [ledger.append(Batch(ref_year=year, ref_above=above)).ref_number for year, above in asked]
    assert numbers == [1, 2, 41, 3, 42, 8, 9]
    ledger.append(Batch(meta=(("a", b"1"), ("b", b"2"))))
    ledger.append(Batch(meta=(("a", lambda: b"3"), ("b", None))))
    assert [ledger.facts.meta(key) for key in "abc"] == [b"3", None, None]


def test_an_invitation_is_consumed_once(ledger: Ledger, kit: Any) -> None:
    """Two uses of one token cannot both be recorded, nor an unknown token used."""
    row = JoinRow(b"token", "UZ-CUS", JoinState.OPEN, kit.now, b"verifier")
    used = JoinChange(replace(row, state=JoinState.WAITING, identity=b"doc"), JoinState.OPEN)
    assert refused(ledger, Batch(joins=(used,))).kind is errors.JOIN_STATE
    ledger.append(Batch(joins=(JoinChange(row, None),)))
    ledger.append(Batch(joins=(used,), meta=(("joined", b"1"),)))
    again = refused(ledger, Batch(joins=(used,), meta=(("joined", b"2"),)))
    assert again.kind is errors.JOIN_STATE
    assert again.facts["found"] == "WAITING"
    assert ledger.facts.meta("joined") == b"1"
    assert ledger.facts.joins(b"token") == ledger.facts.joins() == [used.row]
    assert ledger.facts.joins(b"other") == []


def test_a_new_incarnation_knows_what_lane_it_continues(ledger: Ledger, kit: Any) -> None:
    """own_before names the newest earlier incarnation of ours that used the lane."""
    first = ledger.head().incarnation
    own = kit.entry(0, incarnation=1)
    ledger.append(Batch(lanes=(kit.lane(),), entries=(replace(own, incarnation=first),)))
    assert ledger.lanes.own_before(own.lane) is None
    for number in (2, 3):
        row = IncarnationRow(kit.incarnation(number), ledger.head().incarnation, "fork", kit.now)
        ledger.append(Batch(incarnation=row))
    found = ledger.lanes.own_before(own.lane)
    assert found is not None
    assert (found.incarnation, found.next, found.head) == (first, 1, own.manifest_sha256)
    assert ledger.head().incarnation == kit.incarnation(3)
    assert [row.incarnation for row in ledger.facts.incarnations()][1:] == [
        kit.incarnation(2),
        kit.incarnation(3),
    ]
    assert ledger.facts.incarnations()[0].reason == ledger.opened.reason == "created"


def test_a_closed_ledger_takes_nothing(ledger: Ledger, kit: Any) -> None:
    """After close every append is refused in words; closing twice is fine."""
    ledger.close()
    ledger.close()
    with pytest.raises(FanalError) as caught:
        ledger.append(kit.batch(0))
    assert caught.value.kind is errors.STORE_CLOSED
