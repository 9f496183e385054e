# SPDX-License-Identifier: Apache-2.0
"""Bits that flip and pages that are torn in the two databases of a stopped node, at random.

Each change of content is found by the audit; nothing changed is given to a peer or shown to an officer; what
was damaged comes back: entries from a peer by hash, the vault from the ledger.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from realnet import RealNode, until
from realofficer import RealOfficer
from reckoning import kept_by

from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import FanalError
from fanal.keys.documents import body_sha256, decode_document
from fanal.keys.secret import read_key_file
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.damage import scrubbing, soundentries
from fanal.node.errors import DAMAGED, NOT_A_STORE, VAULT_KEY
from fanal.node.lanes.rows import envelope_bytes
from fanal.node.ledger.audit import audit_folder, failures
from fanal.node.ledger.audit_witnesses import ANCHORED, COSIGNED
from fanal.node.ledger.database import connect_readonly, driver
from fanal.node.node import Node
from fanal.proof.audit import COVERED, Status

pytestmark = pytest.mark.process

FLIPS = int(os.environ.get("TORTURE_FLIPS", "120"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
NOTICES = 8
PAGE, SECTOR = 4096, 512
UNHURRIED = (ANCHORED, COVERED, COSIGNED)
CONTENT = {
    "entries": "arrival, stream, seq, envelope_id, manifest_sha256, klass, priority, created, expires, "
    "previous, key_envelope, source, arrived, leaf, signature, manifest, own_wrap, body",
    "leaves": "idx, data",
    "nodes": "level, idx, hash",
    "lanes": "id, lane, author, audience, channel",
    "streams": "id, lane, incarnation, next, head",
    "holes": "*",
    "wraps": "entry, idx, recipient, wrap, path",
    "checkpoints": "size, root",
    "documents": "kind, agency, serial, sha256, document",
}
"""What is proven. Delivery states, what peers hold, counters and queues are a node's own notes."""


@dataclass(frozen=True)
class Good:
    """A stopped reader, whole: what it holds."""

    home: Path
    network: bytes
    content: dict[str, list[tuple[Any, ...]]]
    envelopes: dict[bytes, bytes]
    notices: dict[bytes, bytes]
    wrong: list[str]


@pytest.fixture(scope="module")
def good(network: dict[str, RealNode]) -> Good:
    """A reader with some notices."""
    sender, reader = network.values()
    for node in (sender, reader):
        node.start()
    officer = RealOfficer(sender.home)
    for number in range(NOTICES):
        officer.send(officer.prepared([reader.name], f"Seen {number}"))
    until(lambda: officer.status().waiting_deliveries == 0, "the reader has everything")
    officer.again()
    for node in (sender, reader):
        assert node.end() == 0
    charter = body_sha256(decode_document(reader.home.charter_file(1).read_bytes()))
    with opened(reader.home.path) as node:
        rows = node.ledger.entries.since(0, 1000)
        envelopes = {row.manifest_sha256: envelope_bytes(row) for row in rows}
        notices = shown(node)
    assert len(notices) == NOTICES
    return Good(
        reader.home.path,
        charter,
        content_of(reader.home.ledger),
        envelopes,
        notices,
        audited(reader.home.path, charter),
    )


@contextmanager
def opened(home: Path) -> Iterator[Node]:
    """The node of a home, as a daemon opens it."""
    found = Home(home)
    node = Node.open(found, load(found, environ={}), time.time)
    try:
        node.unlock_with(read_key_file(found.unlock_key))
        yield node
    finally:
        node.close()


def shown(node: Node) -> dict[bytes, bytes]:
    """Every notice of the vault: envelope id -> its text as an officer gets it."""
    with node.vault._source.read() as db:  # type: ignore[attr-defined]
        return dict(db.execute("SELECT envelope_id, notice FROM notices"))


def content_of(ledger: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that an auditor vouches for, by value."""
    db = connect_readonly(ledger)
    try:
        query = "SELECT {} FROM {}"
        return {name: db.execute(query.format(columns, name)).fetchall() for name, columns in CONTENT.items()}
    finally:
        db.close()


def audited(home: Path, network: bytes) -> list[str]:
    found = failures(audit_folder(Home(home).data, network=network))
    return [one.name for one in found if one.name not in UNHURRIED or one.status is Status.FAILED]


def spoil(path: Path, rng: random.Random) -> str:
    """One flipped bit, or a sector of zeros, somewhere behind the header of the file."""
    data = bytearray(path.read_bytes())
    at = rng.randrange(100, len(data))
    if rng.random() < 0.8:
        data[at] ^= 1 << rng.randrange(8)
        what = f"bit at {at}"
    else:
        start = max(SECTOR, at // SECTOR * SECTOR)
        data[start : start + SECTOR] = bytes(len(data[start : start + SECTOR]))
        what = f"sector at {start}"
    path.write_bytes(data)
    return what


def changed(good: Good, ledger: Path) -> bool:
    try:
        return content_of(ledger) != good.content
    except (driver.Error, FanalError, UnicodeDecodeError):
        return True


def test_every_change_of_a_ledger_is_found_never_served_and_mended(
    good: Good, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Found by the audit; refused or set aside by the node; and where the tables still hold together, a
    peer's copies bring every entry back."""
    caplog.set_level(logging.CRITICAL)
    rng, counts, began = random.Random(SEED), Counter[str](), time.monotonic()
    for _ in range(FLIPS):
        home = copied(good.home, tmp_path)
        what = spoil(Home(home).ledger, rng)
        content = changed(good, Home(home).ledger)
        counts["changed content"] += content
        try:
            wrong = audited(home, good.network)
        except FanalError as error:
            wrong = [error.kind.id]
        assert wrong or not content, what
        counts["found by the audit"] += bool(wrong)
        counts[_tried(home, good, what)] += 1
    print(f"  {FLIPS} changes of ledger.db: {dict(counts)}; {time.monotonic() - began:.0f} s")
    assert counts["mended"]


def _tried(home: Path, good: Good, what: str) -> str:
    """Open, serve everything, take a peer's copies of what is missing; what came of it."""
    try:
        with opened(home) as node:
            _scrubbed(node)
            served = [row for row in node.ledger.entries.since(0, 1000) if soundentries.is_sound(node, row)]
            for row in served:
                assert good.envelopes[row.manifest_sha256] == envelope_bytes(row), what
            assert shown(node).items() <= good.notices.items(), what
            if node.damage.beyond_mending is not None:
                return "beyond mending"
            lost = node.damage.take()
            if not lost:
                return "harmless"
            wanted = [good.envelopes[node.damage.expected(place) or b""] for place in lost]
            outcome = incoming.receive(node, "AZ-CUS", wanted)
            assert outcome.mended, what
            opening.open_arrived(node, everything=True)
            rows = node.ledger.entries.since(0, 1000)
            assert {row.manifest_sha256: envelope_bytes(row) for row in rows} == good.envelopes, what
            assert shown(node) == good.notices, what
            return "mended"
    except FanalError as error:
        return f"refused {error.kind.id}"


def _scrubbed(node: Node) -> None:
    """A look at every entry, as a running node takes it."""
    after = scrubbing.scrub(node, 0)
    while after:
        after = scrubbing.scrub(node, after)


def test_every_change_of_a_vault_is_refused_and_filled_again_from_the_ledger(
    good: Good, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No changed page is ever read; a look at the vault finds each, and the new one has every notice."""
    caplog.set_level(logging.CRITICAL)
    rng, counts, began = random.Random(SEED), Counter[str](), time.monotonic()
    for _ in range(FLIPS // 2):
        home = copied(good.home, tmp_path)
        what = spoil(Home(home).vault, rng)
        try:
            with opened(home) as node:
                scrubbing.check_vault(node)
                opening.open_arrived(node)
                assert shown(node) == good.notices, what
                counts["filled again"] += any(Home(home).data.glob("vault.db.damaged-*"))
        except FanalError as error:
            if error.kind not in (VAULT_KEY, DAMAGED, NOT_A_STORE):
                raise
            counts[f"refused {error.kind.id}"] += 1
    print(f"  {FLIPS // 2} changes of vault.db: {dict(counts)}; {time.monotonic() - began:.0f} s")
    assert counts["filled again"] > FLIPS // 4


def copied(home: Path, to: Path) -> Path:
    target = to / home.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("run"))
    return target


def test_a_real_node_fetches_what_its_disk_has_changed(network: dict[str, RealNode], good: Good) -> None:
    """A body and a signature changed while the node was down: the peer's copies come back through gossip."""
    sender, reader = network.values()
    db = driver.connect(str(reader.home.ledger))
    for column, klass in (("body", 1), ("signature", 3)):
        query = f"SELECT arrival, {column} FROM entries WHERE klass = ? ORDER BY arrival LIMIT 1"
        arrival, data = db.execute(query, (klass,)).fetchone()
        data = bytes([data[0] ^ 1]) + data[1:]
        db.execute(f"UPDATE entries SET {column} = ? WHERE arrival = ?", (data, arrival))
    db.commit()
    db.close()
    assert audited(reader.home.path, good.network)
    sender.start()
    reader.start()
    until(lambda: content_of(reader.home.ledger)["entries"] == good.content["entries"], "both are back")
    for node in (sender, reader):
        assert node.end() == 0
    assert kept_by(reader).wrong == []
