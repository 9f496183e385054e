# SPDX-License-Identifier: Apache-2.0
"""The contents-blind role: an auditor named by the root, who may ask for proofs and can open nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from clikit import Run, identity_of

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.keys.identity import parse_identity
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node.desk.actor import Actor
from fanal.node.service import authorise
from fanal.node.service.authorise import RIGHTS
from fanal.v1.identity_pb2 import OfficerRight
from fanal.v1.officer_pb2 import (
    ExportRequest,
    GetCharterRequest,
    LogExportRequest,
    PrintRequest,
    ProveRequest,
    ShowRequest,
    StatusRequest,
)

AUDITOR = Actor(bytes(32), "auditor-1", frozenset({OfficerRight.AUDIT}), 1)


@pytest.fixture
def agency(run: Run, tmp_path: Path) -> Home:
    """A folder made by fanal init with a key file."""
    home = Home(tmp_path / "nobody")
    assert run("init", "AZ-CUS", "--key-file").code == 0
    return home


def test_an_auditor_is_added_by_the_root(agency: Home, run: Run) -> None:
    """The next identity document names the new key with the right audit alone; the file opens."""
    ran = run("key", "add-officer", "auditor-1", "--rights", "audit", "--json")
    assert (ran.code, ran.json["rights"], ran.json["serial"]) == (0, ["audit"], 2)
    view = identity_of(agency)
    assert parse_identity(view.document).serial == 2
    [entry] = [
        key for key in view.keys.values() if key.officer is not None and key.officer.officer_id == "auditor-1"
    ]
    assert entry.officer is not None
    assert list(entry.officer.rights) == [OfficerRight.AUDIT]
    store = Keystore.open(Path(ran.json["key_file"]), read_key_file(agency.unlock_key))
    assert ed25519.public_of(store["officer"]) == entry.public


def test_an_id_is_given_once_and_rights_are_of_the_list(agency: Home, run: Run) -> None:
    """The first officer's id, a second time the same, and a right that does not exist: nothing is written."""
    assert run("key", "add-officer", "officer-1", "--rights", "read").code == 1
    assert run("key", "add-officer", "duty-2", "--rights", "root").code == 2
    assert run("key", "add-officer", "No Id", "--rights", "read").code == 2
    assert len(agency.identity_files()) == 1
    assert run("key", "add-officer", "duty-2", "--rights", "author,read").code == 0
    assert run("key", "add-officer", "duty-2", "--rights", "author,read").code == 1


def test_the_right_audit_alone_opens_nothing() -> None:
    """State, charter and a proof without content are allowed; every call that shows a notice is refused."""
    for action, request in (
        ("Status", StatusRequest()),
        ("GetCharter", GetCharterRequest()),
        ("Prove", ProveRequest()),
        ("LogExport", LogExportRequest()),
    ):
        authorise.authorise(AUDITOR, action, request)
    for action, request in (
        ("Show", ShowRequest()),
        ("Print", PrintRequest()),
        ("Export", ExportRequest()),
        ("Prove", ProveRequest(content=True)),
        ("Prove", ProveRequest(fields=["header.urgency"])),
    ):
        with pytest.raises(FanalError):
            authorise.authorise(AUDITOR, action, request)
    assert {action for action, rights in RIGHTS.items() if OfficerRight.AUDIT in rights} == {
        "Status",
        "WhoAmI",
        "GetCharter",
        "Prove",
        "LogExport",
    }


def test_access_is_resolved_with_the_agencys_key_also_for_one_who_left(
    agency: Home, run: Run, tmp_path: Path
) -> None:
    """An officer whom only an earlier identity document names is found by id; a stranger is not."""
    assert run("network", "create", "caspian").code == 0
    from fanal.keys.documents import body_sha256, decode_document, encode_document
    from fanal.node.desk.actor import person_mac
    from fanal.node.lanes.leaves import access_leaf
    from fanal.node.ledger.rows import Batch, DocumentRow
    from fanal.node.ledger.sqlite import open_ledger
    from fanal.node.unlocked import unlock

    key = unlock(agency.node_keys, read_key_file(agency.unlock_key), "AZ-CUS").person_key
    charter = decode_document(agency.charter_file(1).read_bytes())
    identity = decode_document(agency.identity_file(1).read_bytes())
    ledger = open_ledger(agency.data, now=1_800_000_000)
    ledger.append(
        Batch(
            documents=(
                DocumentRow("charter", "", 1, body_sha256(charter), encode_document(charter), 0),
                DocumentRow("identity", "AZ-CUS", 1, body_sha256(identity), encode_document(identity), 0),
            ),
            leaves=(access_leaf(person_mac(key, "officer-1"), "search", None, 1_800_000_000, bytes(32)),),
        )
    )
    ledger.close()
    blind = run("audit", "access", "--json").json["acts"]
    assert [one["officer"] for one in blind] == [""]
    named = run("audit", "access", "--names", "--json").json["acts"]
    assert [(one["officer"], one["act"]) for one in named] == [("officer-1", "search")]
    assert run("audit", "access", "--who", "officer-1", "--json").json["acts"] == named
    assert run("audit", "access", "--who", "stranger").code == 9
