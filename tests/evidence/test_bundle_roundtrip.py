# SPDX-License-Identifier: Apache-2.0
"""What an honest bundle proves, of sender and receiver, whole, redacted and bare, and what stays open."""

from __future__ import annotations

import os

import pytest
from evidencekit import SECRET_TEXT, Scene, failed, repacked, scene, statuses

from fanal.errors import FanalError
from fanal.node.errors import LANGUAGE_UNKNOWN
from fanal.notices import answers
from fanal.proof.audit import Status
from fanal.proof.evidence import container, layout
from fanal.proof.evidence.items import plain
from fanal.proof.evidence.verify import verify_bundle
from fanal.v1.notice_pb2 import Notice, WithdrawalReason


@pytest.mark.parametrize("name", ["GE-CUS", "TR-CUS"])
@pytest.mark.parametrize("request_", [{}, {"fields": ["originator"]}, {"content": True}])
def test_sender_and_receiver_can_both_prove_it(five: Scene, name: str, request_: dict[str, object]) -> None:
    """Whatever is disclosed, the bundle verifies with nothing but the network id."""
    report = five.report(five.bundle(name, **request_))
    assert report.verdict is Status.PASSED, report
    assert failed(report) == set()


def test_it_says_who_stored_and_who_read(five: Scene, whole: bytes) -> None:
    """STORED of all five readers and READ of the two whose officers signed it."""
    found = statuses(five.report(whole))
    assert {n for n in found if n.startswith("stored.")} == {
        "stored.AZ-CUS", "stored.KZ-CUS", "stored.TM-CUS", "stored.TR-CUS", "stored.UZ-CUS",
    }  # fmt: skip
    assert {n for n in found if n.startswith("read.")} == {"read.AZ-CUS", "read.TR-CUS"}
    assert {found[n] for n in found if n.startswith(("stored.", "read."))} == {"passed"}


def test_without_the_network_id_the_verdict_is_undecided(whole: bytes) -> None:
    """All that is there passes, and the id found is shown for comparison with the paper."""
    report = verify_bundle(whole, None)
    assert report.verdict is Status.UNDECIDED
    assert [c.name for c in report.checks if c.status is Status.UNDECIDED] == ["network", "withdrawal.names"]
    assert len(report.checks[3].found) == 64


def test_another_network_id_fails(whole: bytes) -> None:
    """A bundle of another network is not judged any further."""
    report = verify_bundle(whole, bytes(32))
    assert report.verdict is Status.FAILED
    assert failed(report) == {"network"}


def test_hidden_text_is_nowhere_in_a_redacted_bundle(five: Scene, redacted: bytes, bare: bytes) -> None:
    """Neither the text, nor the notice's salts, nor any other field is in the bytes; the named fields are."""
    entry = five.host("GE-CUS").vault.notices.find(five.ref, five.host("GE-CUS").node.now)
    for bundle in (redacted, bare):
        assert SECRET_TEXT.encode() not in bundle
        assert entry.notice not in bundle
        assert b"Agreement on mutual assistance" not in bundle
        names = set(container.read(bundle))
        assert not names & {"notice/notice.bin", "notice/notice.salt", "notice/field.salt"}
    assert b"modus_operandi.technique" in redacted
    assert b"modus_operandi" not in bare
    assert "notice/statement.bin" not in container.read(bare)


def test_what_is_redacted_is_called_so(five: Scene, redacted: bytes) -> None:
    """The shown fields pass; the text is undecided and the verdict does not need it."""
    report = five.report(redacted)
    found = statuses(report)
    assert (found["notice.fields"], found["notice.text"]) == ("passed", "undecided")
    assert "Redacted" in next(c.detail for c in report.checks if c.name == "notice.text")


def test_a_field_may_name_a_message_and_one_that_is_not_there_is_refused(five: Scene) -> None:
    """issued_at shows its parts; an unknown path makes no bundle and no export leaf."""
    assert b"issued_at.seconds" in five.bundle(fields=["issued_at"])
    before = five.host("GE-CUS").ledger.head().size
    with pytest.raises(FanalError, match="E03"):
        five.bundle(fields=["no.such.field"])
    assert five.host("GE-CUS").ledger.head().size == before


def test_the_export_is_logged_before_the_bundle_leaves(five: Scene) -> None:
    """The leaf with the hash of what is shown stands in the log whose proof the bundle carries."""
    bundle = five.bundle(fields=["originator", "legal_basis"])
    digest = layout.export_digest(container.read(bundle)).hex().encode()
    leaves = five.host("GE-CUS").ledger.log.leaves(0, 10_000)
    assert sum(b" export " in leaf and b"file=" + digest in leaf for leaf in leaves) == 1


def test_the_same_files_are_the_same_zip(whole: bytes) -> None:
    """Packing is deterministic: names ascending, times fixed."""
    files = container.read(whole)
    assert container.write(dict(reversed(files.items()))) == whole


@pytest.mark.parametrize("language", ["en", "fr", "ru", "ar"])
def test_the_readme_is_in_the_readers_language(five: Scene, language: str) -> None:
    """Each README names the agencies and the network, and has its own words."""
    text = container.read(five.bundle(lang=language))["README.txt"].decode()
    assert "GE-CUS" in text
    assert five.network.hex() in text
    assert {"en": "EVIDENCE", "fr": "PREUVE", "ru": "ДОКАЗАТЕЛЬСТВ", "ar": "حزمة أدلة"}[language] in text
    assert text.count("\u2066") == text.count("\u2069")


def test_an_unknown_language_is_refused(five: Scene) -> None:
    """With the ones there are."""
    with pytest.raises(FanalError) as refused:
        five.bundle(lang="xx")
    assert refused.value.kind is LANGUAGE_UNKNOWN


def test_without_cosignatures_the_verdict_is_undecided() -> None:
    """A node alone with its log proves no more than what it says itself."""
    lonely = scene(("TR-CUS", "AZ-CUS"), seed=7)
    bundle = lonely.bundle()

    def strip(files: dict[str, bytes]) -> None:
        for name in ("log/cosigned.note", "log/consistency.txt"):
            files.pop(name, None)
        for name, data in files.items():
            if name.endswith((".note", ".tlog-proof")):
                lines = data.split(b"\n")
                files[name] = b"\n".join(line for line in lines if b"/witness " not in line)

    report = lonely.report(repacked(bundle, strip, seed=lonely.seed()))
    assert report.verdict is Status.UNDECIDED
    assert statuses(report)["log.cosignatures"] == "undecided"
    assert failed(report) == set()


def test_it_verifies_after_key_rotation_and_after_the_agency_is_gone() -> None:
    """A notice under a retired key is proven by a bundle made later; no node is asked for either."""
    old = scene(("TR-CUS", "AZ-CUS"), seed=3)
    sender = old.host("GE-CUS")
    sender.agency.now = int(old.net.now)
    document = sender.new_node_key()
    old.net.run(30)
    for name in ("TR-CUS", "AZ-CUS"):
        old.host(name).node.take_documents((), (document,))
    old.net.run(200)
    for name in ("GE-CUS", "TR-CUS"):
        report = old.report(old.bundle(name))
        assert report.verdict is Status.PASSED, report
        assert next(c.found for c in report.checks if c.name == "notice.key") == "retired"


def test_a_withdrawal_is_proven_with_the_notice() -> None:
    """The bundle names the withdrawal, ties it to the notice by its id, and says who has it."""
    gone = scene(("TR-CUS", "AZ-CUS"), seed=5)
    sender = gone.host("GE-CUS")
    notice = Notice.FromString(sender.show(gone.ref).notice)
    sender.send(answers.withdraw(notice, "GE-CUS", WithdrawalReason.ERROR, int(gone.net.now), os.urandom))
    gone.net.run(200)
    for name in ("GE-CUS", "TR-CUS"):
        report = gone.report(gone.bundle(name, fields=["originator"]))
        found = statuses(report)
        assert report.verdict is Status.PASSED, report
        assert found["withdrawal.names"] == "passed"
        assert found["withdrawal.stored.TR-CUS"] == "passed"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"GE-CUS", "GE-CUS"),
        (
            "\u0422\u0438\u0440\u0430\u0441\u043f\u043e\u043b\u044c".encode(),
            "\u0422\u0438\u0440\u0430\u0441\u043f\u043e\u043b\u044c",
        ),
        (b"a\npassed     network\x1b[2J", "a\\u000apassed     network\\u001b[2J"),
        ("\u202egro.live".encode(), "\\u202egro.live"),
        (b"\xff\x00", "\ufffd\\u0000"),
        (b"x" * 301, "x" * 300 + "... (301 characters)"),
    ],
)
def test_attack_a_shown_value_stays_on_its_line(value: bytes, shown: str) -> None:
    """Neither a new line with a verdict of its own, nor control or bidirectional characters, nor a flood."""
    assert plain(value) == shown
