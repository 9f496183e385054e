# SPDX-License-Identifier: Apache-2.0
"""Thirty days after its epoch a key is nowhere in a home: keystore, databases, logs, markers, torn copies."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from nodenet import NodeHost, NodeNet, some_notice
from rawfiles import on_disk, raw
from rival import Rival

from fanal.errors import FanalError
from fanal.keys import xwing
from fanal.keys.file_errors import FILE_UNREADABLE
from fanal.keys.files import exclusive
from fanal.keys.identity import encrypt_entry
from fanal.keys.keystore import Keystore
from fanal.keys.secret import KeyFile
from fanal.node.ledger.audit import audit_folder
from fanal.node.ledger.readonly import open_readonly
from fanal.node.retention import job, keys
from fanal.node.unlocked import NodeKeys
from fanal.v1 import officer_pb2 as api

A, B = "GE-CUS", "TR-CUS"
DAY = 86_400
SECRET = KeyFile(bytes(range(32)))


@dataclass
class Home:
    """The home of one agency, with a keystore that its running node may write."""

    net: NodeNet
    host: NodeHost
    path: Path

    @property
    def keys(self) -> Path:
        return self.path / "node.keys"

    def unlock(self) -> None:
        """As `Node.unlock_with` does: the opened keystore stays with the node."""
        self.host.node.keystore = Keystore.open(self.keys, SECRET)

    def rotate(self) -> bytes:
        """What an operator does in the overlap: a second encryption key, in keystore and identity document.
        The other agency does the same."""
        seed = xwing.generate()
        store = Keystore.open(self.keys, SECRET)
        store.put("encrypt-2", seed)
        store.save()
        renew(self.net.nodes[A], xwing.generate())
        renew(self.host, seed)
        self.unlock()
        self.net.run(30)
        return seed

    def later(self, days: float, *, confirmed: bool = True) -> None:
        """Days pass; an operator says that the clock is right, and the retention job has run."""
        self.net.now += days * DAY
        for host in self.net.nodes.values():
            if confirmed:
                host.desk.confirm(host.officer, api.ConfirmRequest(what="clock"))
            host.host.start()
        self.net.run(120)

    def everything(self) -> bytes:
        """Every byte of every file of the home, and of each keystore among them what it holds."""
        files = [path for path in self.path.rglob("*") if path.is_file()]
        found = [raw(self.path / "data"), *(path.read_bytes() for path in files)]
        for path in files:
            if path.read_bytes().startswith(b"FANALKS1"):
                found += Keystore.open(path, SECRET).values()
        return b"".join(found)

    def leaves(self, what: str) -> int:
        return sum(f" what={what} ".encode() in leaf for leaf in self.host.ledger.log.leaves(0, 10_000))


def renew(host: NodeHost, seed: bytes) -> None:
    """Identity 2 names both keys, and the node is started again with them."""
    now = int(host.net.now)
    host.agency.now = now
    draft = host.agency.next_draft()
    draft.keys.append(encrypt_entry(xwing.public_of(seed), 2, now))
    host.documents.append(host.agency.sign(draft))
    host.more_keys["encrypt-2"] = seed
    assert host.node.take_documents((), (host.documents[-1],))
    host.crash()
    host.start()


def spellings(secret: bytes) -> list[bytes]:
    """Raw, hexadecimal both ways, base64 at every offset."""
    encoded = [base64.b64encode(bytes(shift) + secret)[4:-4] for shift in range(3)]
    return [secret, secret.hex().encode(), secret.hex().upper().encode(), *encoded]


def there(home: Home, secret: bytes) -> list[bytes]:
    everything = home.everything()
    return [one for one in spellings(secret) if one in everything]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """B on files, unlocked from a keystore; A beside it in memory, linked."""
    net = NodeNet(A, B, linked=False)
    host = net.nodes[B]
    on_disk(host, tmp_path)
    Keystore.create(tmp_path / "node.keys", SECRET, {"encrypt-1": host.agency.encrypt, "log": bytes(32)})
    home = Home(net, host, tmp_path)
    home.unlock()
    net.connect(A, B)
    net.run(30)
    return home


def test_after_its_time_no_file_holds_the_private_key(home: Home) -> None:
    """Found before, so that the search can fail; 30 days after the epoch in no file and no spelling; the
    other entries stay, one leaf says so, and every proof is still good."""
    old = home.host.agency.encrypt
    home.later(60)
    new = home.rotate()
    home.later(59)
    assert there(home, old) == [old], "119 days: the epoch ended 29 days ago"
    home.later(1.1)
    assert there(home, old) == []
    assert there(home, new) == [new]
    assert set(Keystore.open(home.keys, SECRET)) == {"encrypt-2", "log"}
    assert old not in home.host.node.keys.decrypt.values()
    assert home.leaves("encrypt-key-destroyed") == 1
    home.host.ledger.close()
    home.host.vault.close()
    assert there(home, old) == []
    report = audit_folder(home.path / "data", agency=B)
    assert [check.name for check in report.checks if check.status.value == "failed"] == []


def test_the_node_goes_on_with_the_newer_key(home: Home) -> None:
    """Sent, stored and read after the destruction as before, under a lane key wrapped to the second key."""
    home.later(60)
    home.rotate()
    home.later(61)
    assert len(home.host.node.keys.decrypt) == 1
    sent = home.net.nodes[A].send(some_notice(A, "After the change", int(home.net.now)), [B])
    home.net.run(30)
    assert b"After the change" in home.host.show(sent.ref).notice
    assert home.net.nodes[A].states(sent.ref) == {B: "STORED"}


def test_a_notice_for_a_destroyed_key_is_held_and_gets_a_fresh_key(home: Home) -> None:
    """Sent in the last days of the epoch and brought after the destruction: B answers HELD(NO_KEY), A wraps
    the lane key again for the newer key, and the notice is read."""
    net, sender = home.net, home.net.nodes[A]
    net.partition([A], [B])
    home.later(60)
    home.rotate()
    home.later(25)
    sent = sender.send(some_notice(A, "Late but not lost", int(net.now)), [B])
    home.later(36)
    assert there(home, home.host.agency.encrypt) == []
    net.heal()
    net.run(900)
    held = [one for one in sender.ledger.log.leaves(0, 10_000) if b" receipt-in " in one and b"held" in one]
    assert len(held) == 1
    assert b"Late but not lost" in home.host.show(sent.ref).notice
    assert sender.states(sent.ref) == {B: "STORED"}
    assert home.host.vault.pending(9) == [], "nothing asks again at the next start"


def test_what_was_pending_becomes_final_with_its_lane_key(home: Home) -> None:
    """Lane key and wraps are in no file any more, in no spelling, and the erasure says FINAL."""
    sent = home.net.nodes[A].send(some_notice(A), [B])
    home.net.run(30)
    host = home.host
    row = host.ledger.entries.get(envelope_id=sent.envelope_id)
    assert row is not None
    key = host.vault.lane_key(key_manifest_sha256=row.key_envelope)
    wraps = host.ledger.entries.wraps(row.key_envelope, [B])
    assert key is not None
    host.desk.erase(host.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    assert host.show(sent.ref).erasure_state == "PENDING"
    assert there(home, key.key) == [key.key]
    home.later(59)
    assert host.show(sent.ref).erasure_state == "PENDING"
    home.later(2)
    assert host.show(sent.ref).erasure_state == "FINAL"
    assert there(home, key.key) == []
    assert wraps[0].wrap[-64:] not in home.everything()
    assert home.leaves("lane-key-destroyed") == len(
        {one.key_envelope for one in host.ledger.entries.since(0, 99) if one.key_envelope}
    )


@pytest.mark.parametrize("witnessed", [True, False])
def test_a_clock_jump_destroys_no_key(home: Home, witnessed: bool) -> None:
    """B's clock runs a year ahead: with a witness its cosignatures hold it back, without one the operator."""
    net, host, old = home.net, home.host, home.host.agency.encrypt
    if not witnessed:
        net.partition([A], [B])
    host.node.clock = lambda: net.now + 364 * DAY
    host.host.start()
    net.run(2 * 3600)
    assert there(home, old) == [old]
    assert home.leaves("encrypt-key-destroyed") == home.leaves("lane-key-destroyed") == 0
    assert list(host.node.keys.decrypt.values()) == [old]


def test_a_key_that_somebody_else_wrote_meanwhile_is_kept(home: Home) -> None:
    """The running node opened the keystore long ago: what a command has put there since is not undone."""
    home.later(60)
    home.rotate()
    store = Keystore.open(home.keys, SECRET)
    store.put("log-2", b"n" * 32)
    store.save()
    home.later(61)
    assert dict(Keystore.open(home.keys, SECRET))["log-2"] == b"n" * 32
    assert there(home, home.host.agency.encrypt) == []


def test_a_torn_copy_of_the_keystore_goes_too(home: Home) -> None:
    """A kill between writing and renaming left a whole file beside it, with the old key inside."""
    home.later(60)
    home.rotate()
    torn = home.path / ".node.keys.0123456789abcdef"
    torn.write_bytes(home.keys.read_bytes())
    torn.chmod(0o600)
    home.later(61)
    assert not torn.exists()
    assert there(home, home.host.agency.encrypt) == []


def test_a_kill_before_the_keystore_is_written_is_taken_up(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaf in the log, key still in the file: the next run destroys it and logs nothing twice."""
    home.later(60)
    home.rotate()

    def refuse(_store: Keystore, *, sweep: bool = False) -> None:
        raise FanalError(FILE_UNREADABLE, path="node.keys", reason="No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Keystore, "save", refuse)
        home.later(61)
        assert home.leaves("encrypt-key-destroyed") == 1
        assert there(home, home.host.agency.encrypt) != []
    home.host.crash()
    home.host.start()
    home.unlock()
    home.net.run(7200)
    assert there(home, home.host.agency.encrypt) == []
    assert home.leaves("encrypt-key-destroyed") == 1


def test_a_key_that_is_taken_up_while_another_is_destroyed_stays(home: Home) -> None:
    """The keys that are left are those of that moment, not those of before the keystore was written."""
    home.later(60)
    home.rotate()
    node, newer = home.host.node, bytes(range(32))
    go_on = node.replace_keys
    rival = Rival(node, lambda: go_on(replace(node.keys, witness_seed=newer)))

    def replaced(keys: NodeKeys) -> None:
        rival.comes_by()
        go_on(keys)

    node.replace_keys = replaced  # type: ignore[method-assign]
    home.later(61)
    rival.waited()
    assert (len(node.keys.decrypt), node.keys.witness_seed) == (1, newer)


def test_a_suspended_command_that_changes_keys_holds_up_no_writes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock is waited for without any of ours, and not for long; the key goes the next time."""
    home.later(60)
    home.rotate()
    node, wrote = home.host.node, list[bool]()
    rival = Rival(node, lambda: wrote.append(True))
    monkeypatch.setattr("fanal.keys.files.time.sleep", lambda _seconds: rival.comes_by())
    monkeypatch.setattr("fanal.node.retention.keys.PATIENCE", 0.01)
    before = dict(node.keys.decrypt)
    with exclusive(home.path):
        assert keys.destroy_encryption_keys(node, node.now + 62 * DAY) == 0
    assert wrote == [True]
    assert (len(before), node.keys.decrypt) == (2, before)
    home.later(61)
    assert there(home, home.host.agency.encrypt) == []


def test_nothing_is_destroyed_before_what_came_was_opened(home: Home) -> None:
    """A node that was locked for months reads what lay there, and only then lets its keys go."""
    net, host = home.net, home.host
    home.later(60)
    home.rotate()
    host.crash()
    host.start(locked=True)
    sent = net.nodes[A].send(some_notice(A, "Under lock for months", int(net.now)), [B])
    net.run(30)
    net.now += 62 * DAY
    host.crash()
    host.start()
    home.unlock()
    host.desk.confirm(host.officer, api.ConfirmRequest(what="clock"))
    for _ in range(3):
        job.run(host.node)
    assert len(host.node.keys.decrypt) == 2
    net.run(2 * 3600)
    assert b"Under lock for months" in host.show(sent.ref).notice
    assert len(host.node.keys.decrypt) == 1


def test_final_waits_for_a_reader_of_an_older_state(home: Home) -> None:
    """While an auditor's snapshot keeps the log from being emptied the word stays PENDING."""
    host = home.host
    sent = home.net.nodes[A].send(some_notice(A), [B])
    home.net.run(30)
    host.desk.erase(host.officer, api.EraseRequest(notice=sent.ref, basis="COURT_ORDER"))
    view = open_readonly(home.path / "data")
    home.later(61)
    assert host.show(sent.ref).erasure_state == "PENDING"
    view.close()
    home.net.run(3 * 3600)
    assert host.show(sent.ref).erasure_state == "FINAL"
