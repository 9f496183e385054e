# SPDX-License-Identifier: Apache-2.0
"""After a campaign: the client's own list against ledger, log and vault of a stopped node."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from realnet import RealNode

from fanal.keys.documents import body_sha256, decode_document
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.audit import audit_folder, failures
from fanal.node.ledger.audit_witnesses import ANCHORED, COSIGNED
from fanal.node.ledger.database import connect_readonly
from fanal.node.ledger.readonly import open_readonly
from fanal.node.unlocked import VAULT
from fanal.proof.audit import Status
from fanal.proof.leaf import decode
from fanal.v1.envelope_pb2 import EnvelopeClass
from fanal.v1.notice_pb2 import Notice


@dataclass(frozen=True)
class Acknowledged:
    """One line of the client's list."""

    notice_id: str
    envelope_id: str
    leaf: int
    ref: str
    to: tuple[str, ...]


def acknowledged(path: Path) -> list[Acknowledged]:
    """The client's list; its last line may be torn only if the client was killed, which it never is."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [Acknowledged(**{**line, "to": tuple(line["to"])}) for line in lines]


@dataclass(frozen=True)
class Kept:
    """What a stopped node holds of notices, each by envelope id in hex and how often."""

    entries: Counter[str]
    leaves: dict[str, Counter[str]]
    """Type of leaf -> envelope id."""
    places: dict[str, int]
    """Envelope id -> leaf index of its envelope-out."""
    filed: Counter[str]
    notice_ids: dict[str, str]
    pending: list[str]
    """Why it waits, of each entry that is not opened."""
    forks: int
    incarnations: int
    searchable: int
    wrong: list[str]
    """Checks of the audit that did not pass."""


def kept_by(node: RealNode) -> Kept:
    """Everything read from the files of a stopped node. The vault is opened with the node's own key."""
    entries, leaves, places = _ledger(node)
    view = open_readonly(node.home.data)
    try:
        forks = view.db.execute("SELECT count(*) FROM forks").fetchone()[0]
        # Each run begins one with its first own entry; that says nothing about the store.
        query = "SELECT count(*) FROM incarnations WHERE reason <> 'started'"
        incarnations = view.db.execute(query).fetchone()[0]
    finally:
        view.close()
    vault = _Vault(node)
    return Kept(
        entries=entries,
        leaves=leaves,
        places=places,
        filed=vault.filed,
        notice_ids=vault.notice_ids,
        pending=vault.pending,
        forks=forks,
        incarnations=incarnations,
        searchable=vault.searchable,
        wrong=_wrong(node),
    )


def sender_has_all(kept: Kept, sent: list[Acknowledged]) -> None:
    """What was acknowledged is there once, in its place, filed, and nothing else; the ledger audits."""
    ids = [one.envelope_id for one in sent]
    assert len(set(ids)) == len({one.notice_id for one in sent}) == len(sent) > 0
    # The client ends with every notice acknowledged: one more entry would be one that was sent twice.
    assert kept.entries == kept.leaves["envelope-out"] == kept.filed == Counter(ids)
    assert {one.envelope_id: one.leaf for one in sent} == kept.places
    assert {one.envelope_id: one.notice_id for one in sent} == kept.notice_ids
    _is_whole(kept)


def reader_has_all(kept: Kept, sent: list[Acknowledged]) -> None:
    """As ``sender_has_all``, at a reader of all of them."""
    assert kept.entries == kept.leaves["envelope-in"] == kept.filed == Counter(o.envelope_id for o in sent)
    assert {one.envelope_id: one.notice_id for one in sent} == kept.notice_ids
    _is_whole(kept)


def _is_whole(kept: Kept) -> None:
    assert kept.wrong == []
    assert (kept.forks, kept.pending) == (0, [])
    assert kept.incarnations == 1  # kill -9 alone never makes the store doubt itself
    assert kept.searchable == len(kept.filed)


def _wrong(node: RealNode) -> list[str]:
    """What the audit does not pass. How far the witnesses came before the kill is no question here."""
    network = body_sha256(decode_document(node.home.charter_file(1).read_bytes()))
    found = failures(audit_folder(node.home.data, network=network))
    return [
        f"{one.name}: {one.detail}"
        for one in found
        if one.name not in (ANCHORED, COSIGNED) or one.status is Status.FAILED
    ]


def _ledger(node: RealNode) -> tuple[Counter[str], dict[str, Counter[str]], dict[str, int]]:
    view = open_readonly(node.home.data)
    try:
        notices = (row for row in view.entries() if row.klass == EnvelopeClass.NOTICE)
        entries = Counter(row.envelope_id.hex() for row in notices)
        leaves: dict[str, Counter[str]] = {}
        places: dict[str, int] = {}
        for index, data in view.leaves():
            leaf = decode(data)
            if leaf.type.value not in ("envelope-out", "envelope-in") or leaf["class"] != "notice":
                continue
            envelope = leaf["envelope"]
            assert isinstance(envelope, bytes)
            leaves.setdefault(leaf.type.value, Counter())[envelope.hex()] += 1
            places[envelope.hex()] = index
        return entries, leaves, places
    finally:
        view.close()


class _Vault:
    def __init__(self, node: RealNode) -> None:
        key = Keystore.open(node.home.node_keys, read_key_file(node.home.unlock_key))[VAULT]
        open_vault(node.home.vault, key).close()  # as the node would: what a kill left is recovered first
        db = connect_readonly(node.home.vault, key)
        try:
            self.filed: Counter[str] = Counter()
            self.notice_ids: dict[str, str] = {}
            for envelope_id, data in db.execute("SELECT envelope_id, notice FROM notices"):
                self.filed[envelope_id.hex()] += 1
                self.notice_ids[envelope_id.hex()] = Notice.FromString(data).notice_id
            self.pending = [reason for (reason,) in db.execute("SELECT reason FROM pending")]
            query = "SELECT count(*) FROM search WHERE search MATCH 'seen'"
            self.searchable = db.execute(query).fetchone()[0]
        finally:
            db.close()
