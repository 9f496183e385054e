# SPDX-License-Identifier: Apache-2.0
"""An entry that the disk has changed is set aside with an incident, not served, and fetched again by hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from refusing import ledger_refuses

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.node import incoming, upkeep
from fanal.node.arrival import opening
from fanal.node.arrival.opened import Opened
from fanal.node.damage import scrubbing, sound, soundentries
from fanal.node.errors import DAMAGED, DISK_FULL
from fanal.node.gossip.actions import Wanted
from fanal.node.gossip.events import Span
from fanal.node.inbox.sqlite import open_vault
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.rows import EntryRow
from fanal.node.store.errors import VAULT_WANTING
from fanal.proof.leaf import decode
from fanal.v1 import officer_pb2 as api
from fanal.v1.envelope_pb2 import EnvelopeClass

FLIPS = {
    "body": lambda row: replace(row, body=flipped(row.body)),
    "manifest": lambda row: replace(row, manifest=flipped(row.manifest)),
    "signature": lambda row: replace(row, signature=flipped(row.signature)),
    "own wrap": lambda row: replace(row, own_wrap=flipped(row.own_wrap)),
    "hash": lambda row: replace(row, manifest_sha256=flipped(row.manifest_sha256)),
    "id": lambda row: replace(row, envelope_id=flipped(row.envelope_id)),
}


def flipped(data: bytes) -> bytes:
    return data[:9] + bytes([data[9] ^ 0x10]) + data[10:]


def row_of(host: NodeHost, envelope_id: bytes) -> EntryRow:
    return next(row for row in host.ledger._tables.entries if row.envelope_id == envelope_id)


def spoil(host: NodeHost, row: EntryRow, what: str) -> None:
    """Change the stored row, past every rule, as a disk would."""
    host.ledger._tables.entries[row.arrival - 1] = FLIPS[what](row)


def incidents(host: NodeHost, what: str) -> int:
    leaves = [decode(data) for data in host.ledger._tables.leaves]
    return sum(leaf.type.value == "incident" and leaf["what"] == what for leaf in leaves)


def served(host: NodeHost, row: EntryRow) -> int:
    span = Span(row.lane, row.incarnation, row.seq, row.seq + 1)
    found, _ = sound.entries(host.node, [Wanted(span, ())], 10**6)
    return len(found)


@pytest.fixture
def net() -> NodeNet:
    found = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS")
    found.run(1)
    return found


@pytest.mark.parametrize("what", FLIPS)
@pytest.mark.parametrize("name", ["TR-CUS", "GE-CUS"])
def test_a_damaged_entry_is_not_served_and_comes_back_from_a_peer(net: NodeNet, name: str, what: str) -> None:
    """At a reader and at its author: found when it is read, fetched by hash, in its old place, told twice."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    net.run(20)
    host = net.nodes[name]
    good = row_of(host, sent.envelope_id)
    spoil(host, good, what)
    assert served(host, good) == 0
    host.host.open_arrived()  # any job at all tells gossip what was found
    net.run(30)
    assert host.ledger._tables.entries[good.arrival - 1] == good
    assert served(host, good) == 1
    assert (incidents(host, "entry-damaged"), incidents(host, "entry-mended")) == (1, 1)


@pytest.mark.parametrize("breaks", ["append", "a later read"])
def test_a_delivery_that_the_store_refuses_costs_its_author_no_quota(breaks: str) -> None:
    """A good copy of a damaged entry and something new, again and again at a full disk: none is counted."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    author, host = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    old = written(author, "one")
    incoming.receive(host.node, "GE-CUS", old)
    damaged = host.ledger._tables.entries[1]
    spoil(host, damaged, "body")
    assert served(host, damaged) == 0
    new = written(author, "two")
    before = host.node.quotas.of("GE-CUS", host.node.now)
    for _ in range(3):
        with store_breaks(host, breaks), pytest.raises(FanalError):
            incoming.receive(host.node, "GE-CUS", [*new, *old])
    assert host.node.quotas.of("GE-CUS", host.node.now) == before
    incoming.receive(host.node, "GE-CUS", [*new, *old])
    assert host.ledger.head().entries == len(old) + len(new)


def written(host: NodeHost, text: str) -> list[bytes]:
    """The envelopes of a notice to TR-CUS, with what had to be written before it."""
    known = host.ledger.head().entries
    host.send(some_notice("GE-CUS", text), ["TR-CUS"])
    return [envelope_bytes(row) for row in host.ledger.entries.since(known, 100)]


@contextmanager
def store_breaks(host: NodeHost, how: str) -> Iterator[None]:
    """The ledger stores nothing; or what is read for a transaction cannot be."""
    if how == "append":
        with ledger_refuses(host.ledger):
            yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incoming.soundwraps, "replaced", refused_reading)
        yield


def refused_reading(*_: object) -> None:
    raise FanalError(DISK_FULL, path="ledger.db")


def test_a_scrub_finds_what_nobody_reads(net: NodeNet) -> None:
    """A look at every entry after each start finds the damage without any request."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    host = net.nodes["TR-CUS"]
    good = row_of(host, sent.envelope_id)
    spoil(host, good, "body")
    host.crash()
    host.start()
    net.mesh()
    net.run(30)
    assert host.ledger._tables.entries[good.arrival - 1] == good


def test_what_was_damaged_before_it_was_opened_is_opened_when_it_is_back(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wrong accusation reaches the author: the entry waits, and is filed from the good copy."""
    host = net.nodes["TR-CUS"]
    with monkeypatch.context() as patch:
        patch.setattr(opening, "open_arrived", lambda *_rest: Opened())
        sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(5)
        spoil(host, row_of(host, sent.envelope_id), "body")
    host.host.open_arrived()
    net.run(30)
    assert [one.ref for one in host.inbox()] == [sent.ref]
    assert net.nodes["GE-CUS"].states(sent.ref) == {"TR-CUS": "STORED"}


def test_another_manifest_is_not_taken_for_a_good_copy(net: NodeNet) -> None:
    """Only the hash that the leaf names is looked for: damage is no way to put another text in its place."""
    sender, host = net.nodes["GE-CUS"], net.nodes["TR-CUS"]
    sent = [sender.send(some_notice("GE-CUS", text), ["TR-CUS"]) for text in ("one", "two")]
    net.run(20)
    first, second = (row_of(host, one.envelope_id) for one in sent)
    host.ledger._tables.entries[first.arrival - 1] = replace(
        first, manifest_sha256=second.manifest_sha256, body=flipped(first.body or b"")
    )
    assert served(host, first) == 0
    place = soundentries.place_of(first)
    assert host.node.damage.expected(place) == first.manifest_sha256


@pytest.mark.parametrize("leaf", [None, 0, 10**6])
def test_an_entry_that_has_lost_its_leaf_too_is_never_looked_for_by_its_own_word(
    net: NodeNet, leaf: int | None
) -> None:
    """A changed hash names what nobody has, or what a forger made: no copy is taken for it. Doctor names it,
    and what is sent and comes afterwards goes on."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    host = net.nodes["TR-CUS"]
    good = row_of(host, sent.envelope_id)
    bad = replace(good, leaf=leaf, manifest_sha256=flipped(good.manifest_sha256))
    host.ledger._tables.entries[good.arrival - 1] = bad
    assert served(host, good) == 0
    beyond = host.node.damage.beyond_mending
    assert beyond is not None
    assert beyond.kind is DAMAGED
    later = net.nodes["GE-CUS"].send(some_notice("GE-CUS", "another"), ["TR-CUS"])
    net.run(20)
    assert later.ref in [one.ref for one in host.inbox()]
    assert host.node.damage.waiting == incidents(host, "entry-damaged") == 0


def test_a_bit_that_flips_anywhere_in_a_header_is_found(net: NodeNet) -> None:
    """Also where the header then names a charter or an author that nobody knows: it is not served."""
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    host = net.nodes["TR-CUS"]
    good = row_of(host, sent.envelope_id)
    for at, byte in enumerate(good.manifest):
        manifest = good.manifest[:at] + bytes([byte ^ 1 << at % 8]) + good.manifest[at + 1 :]
        assert not soundentries.is_sound(host.node, replace(good, manifest=manifest)), at
    assert soundentries.is_sound(host.node, good)


WRAP_FLIPS = {
    "wrap": lambda row: replace(row, wrap=flipped(row.wrap)),
    "path": lambda row: replace(row, path=(flipped(row.path[0]), *row.path[1:])),
    "recipient": lambda row: replace(row, recipient="TR-CUR"),
}


def key_of(host: NodeHost, author: str) -> EntryRow:
    """The author's KEY envelope."""
    rows = (row for row in host.ledger._tables.entries if row.klass == EnvelopeClass.KEY)
    return next(
        row for row in rows if row.author == author and host.ledger.entries.wraps(row.manifest_sha256)
    )


@pytest.mark.parametrize("what", WRAP_FLIPS)
@pytest.mark.parametrize("name", ["TR-CUS", "GE-CUS"])
def test_a_damaged_wrap_is_not_served_and_comes_back_from_a_peer(net: NodeNet, name: str, what: str) -> None:
    """At a reader and at its author: dropped when it is read, asked for again, the same bytes as before."""
    net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS", "AZ-CUS"])
    net.run(20)
    host = net.nodes[name]
    key = key_of(host, "GE-CUS")
    wraps = host.ledger._tables.wraps[key.manifest_sha256]
    good = next(one for one in wraps.values() if one.recipient == "TR-CUS")
    wraps[good.index] = WRAP_FLIPS[what](good)
    _, given = sound.wraps(host.node, key.manifest_sha256, (good.recipient, "TR-CUR"))
    assert given == ()
    host.host.open_arrived()  # any job at all tells gossip what was dropped
    net.run(60)
    assert host.ledger.entries.wraps(key.manifest_sha256, ["TR-CUS"]) == [good]
    assert incidents(host, "wrap-damaged") == 1


def test_a_wrap_that_was_damaged_before_it_was_opened_is_asked_for_and_opens(
    net: NodeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane key is not given up for lost, and the author is not accused of a wrong wrap."""
    host = net.nodes["TR-CUS"]
    with monkeypatch.context() as patch:
        patch.setattr(opening, "open_arrived", lambda *_rest: Opened())
        sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
        net.run(5)
        wraps = host.ledger._tables.wraps[key_of(host, "GE-CUS").manifest_sha256]
        index = next(one.index for one in wraps.values() if one.recipient == "TR-CUS")
        wraps[index] = WRAP_FLIPS["wrap"](wraps[index])
    host.host.open_arrived()
    net.run(30)
    assert [one.ref for one in host.inbox()] == [sent.ref]
    assert incidents(host, "not-opened") == 0


def test_a_damaged_vault_that_an_officer_meets_is_filled_again_at_once(
    net: NodeNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for the next look at everything: the call after the refused one is answered."""
    monkeypatch.setattr(upkeep, "SCRUB_PAUSE", 10.0**6)
    host, path = net.nodes["TR-CUS"], tmp_path / "vault.db"
    sent = {net.nodes["GE-CUS"].send(some_notice("GE-CUS", f"{n} " * 400), ["TR-CUS"]).ref for n in range(9)}
    net.run(20)
    host.crash()
    host.settings = replace(host.settings, data=tmp_path)
    host.vault = open_vault(path, bytes(32))
    tables = path.stat().st_size // 4096
    host.start()
    host.node.home = Home(tmp_path)
    net.mesh()
    net.run(5)
    assert {one.ref for one in host.inbox()} == sent
    host.vault.close()
    data = bytearray(path.read_bytes())
    for page in range(tables, len(data) // 4096):
        data[page * 4096 + 100] ^= 1
    path.write_bytes(data)
    host.node._vault = open_vault(path, bytes(32))
    with pytest.raises(FanalError) as refused:
        list(map(host.show, sent))
    assert refused.value.kind is DAMAGED
    host.host.refused(refused.value)
    net.run(1)
    assert {one.ref for one in host.inbox()} == sent
    assert incidents(host, "vault-rebuilt") == 1


def test_a_vault_that_could_not_be_begun_anew_is_begun_again(
    net: NodeNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full just then: doctor names it meanwhile, and nothing of the damaged file is lost."""
    host, path = net.nodes["TR-CUS"], tmp_path / "vault.db"
    sent = net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ["TR-CUS"])
    net.run(20)
    host.crash()
    host.settings = replace(host.settings, data=tmp_path)
    host.vault = open_vault(path, bytes(32))
    host.start()
    host.node.home = Home(tmp_path)
    net.mesh()
    net.run(5)
    damaged = path.stat().st_ino
    host.vault.is_sound = lambda: False  # type: ignore[method-assign]

    def refuse(*_: object) -> NoReturn:
        raise FanalError(DISK_FULL, path=str(path))

    with monkeypatch.context() as full:
        full.setattr("fanal.node.node.open_or_anew", refuse)
        host.host.refused(FanalError(DAMAGED, path=str(path), reason="met by an officer"))
        net.run(upkeep.VAULT_AGAIN * 3)
        told = host.desk.status(host.officer, api.StatusRequest())
    assert VAULT_WANTING.id in {one.id for one in told.findings}
    net.run(upkeep.VAULT_AGAIN * 2)
    assert [one.ref for one in host.inbox()] == [sent.ref]
    assert VAULT_WANTING.id not in {
        one.id for one in host.desk.status(host.officer, api.StatusRequest()).findings
    }
    assert [one.stat().st_ino for one in tmp_path.glob("vault.db.damaged-*[0-9]")] == [damaged]
    host.node.close()


def test_two_that_find_one_damage_put_the_vault_aside_once(net: NodeNet, tmp_path: Path) -> None:
    """The second finds a good one in its place; what was put aside is the damaged file, not that one."""
    host, path = net.nodes["TR-CUS"], tmp_path / "vault.db"
    host.crash()
    host.settings = replace(host.settings, data=tmp_path)
    host.vault = open_vault(path, bytes(32))
    host.start()
    host.node.home = Home(tmp_path)
    others, damaged = [lambda: scrubbing.check_vault(host.node)], path.stat().st_ino

    def is_sound() -> bool:
        while others:
            others.pop()()
        return False

    host.vault.is_sound = is_sound  # type: ignore[method-assign]
    scrubbing.check_vault(host.node)
    assert [one.stat().st_ino for one in tmp_path.glob("vault.db.damaged-*[0-9]")] == [damaged]
    host.node.close()
