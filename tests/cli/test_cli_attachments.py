# SPDX-License-Identifier: Apache-2.0
"""Files with notices on the command line: encrypted here, verified here, saved under safe names only."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from attachkit import sealed, some_bytes
from clikit import REF, FakeNode, Run, a_notice, misfits, showing

from fanal.cli.shown import shapes
from fanal.envelope.attachments import SealedFile, open_file
from fanal.envelope.pieces import PIECE, Pieces
from fanal.errors import FanalError
from fanal.node.attachments.errors import NOT_HERE
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

NAME = "Zvkcanary.pdf"


@pytest.fixture
def taking(sending: FakeNode) -> FakeNode:
    sending.answers["Attach"] = api.AttachReply()
    return sending


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / NAME
    path.parent.mkdir()
    path.write_bytes(some_bytes(PIECE + 100))
    return path


def parts_of(found: SealedFile, ciphertext: bytes) -> list[api.AttachmentPart]:
    tree = Pieces()
    tree.feed(ciphertext)
    head = api.AttachmentPart(key=found.key, length=found.length)
    return [head] + [
        api.AttachmentPart(
            length=found.length, index=n, data=ciphertext[n * PIECE : (n + 1) * PIECE], path=path
        )
        for n, path in enumerate(tree.paths())
    ]


def carrying(node: FakeNode, name: str = NAME, size: int = PIECE + 100) -> tuple[Notice, bytes]:
    """Lets the node show a notice with this file, and give it."""
    data = some_bytes(size)
    found, ciphertext = sealed(data)
    notice = a_notice("GE-CUS")
    notice.attachments.add(
        name=name,
        media_type="application/pdf",
        size_bytes=found.size,
        sha256=found.sha256.hex(),
        blob_id=found.name.hex(),
    )
    showing(node, notice, outgoing=False)
    states = [api.AttachmentState(attachment=found.name, state="HERE", have=2, total=2)]
    node.answers["Show"].attachments.extend(states)
    node.answers["FetchAttachment"] = parts_of(found, ciphertext)
    return notice, data


# --- sending ------------------------------------------------------------------------------------------


def test_what_reaches_the_node_is_ciphertext_that_opens_to_the_file(
    run: Run, taking: FakeNode, draft: Path, file: Path
) -> None:
    """The draft is completed from the file, without its path; the key goes with the notice; the node gets no
    byte of the file."""
    sent = run("notice", "send", draft, "--to", "GE-CUS", "--attach", file, "--yes")
    assert sent.code == 0, sent.err
    assert f"Attached: {NAME} ({file.stat().st_size} bytes)" in sent.err
    [begun], [request] = taking.requests("Attach"), taking.requests("Send")
    [said] = Notice.FromString(request.notice).attachments
    data = file.read_bytes()
    assert (said.name, said.media_type, said.size_bytes) == (NAME, "application/pdf", len(data))
    assert said.sha256 == hashlib.sha256(data).hexdigest()
    assert said.blob_id == begun.attachment.hex()
    [key] = request.attachment_keys
    assert key.attachment == begun.attachment
    [ciphertext] = taking.streamed
    assert len(ciphertext) == begun.length
    opened = bytearray()
    open_file([ciphertext], key.key, said.size_bytes, bytes.fromhex(said.sha256), opened.extend)
    assert bytes(opened) == data
    assert data[1000:1032] not in ciphertext


def test_an_entry_of_the_draft_is_completed_and_keeps_what_it_says(
    run: Run, taking: FakeNode, draft: Path, file: Path
) -> None:
    """A draft may say that a file is biometric, and of what type it is."""
    edited = json.loads(draft.read_text())
    edited["attachments"] = [{"name": NAME, "media_type": "image/jpeg", "biometric": True}]
    draft.write_text(json.dumps(edited))
    assert run("notice", "send", draft, "--to", "GE-CUS", "--attach", file, "--yes").code == 0
    [said] = Notice.FromString(taking.requests("Send")[0].notice).attachments
    assert (said.media_type, said.biometric) == ("image/jpeg", True)
    assert said.blob_id


def test_dry_run_hands_no_file_in(run: Run, taking: FakeNode, draft: Path, file: Path) -> None:
    """Only the check sees what the notice would say."""
    assert run("notice", "send", draft, "--to", "GE-CUS", "--attach", file, "--dry-run").code == 0
    assert taking.requests("Attach") == taking.requests("Send") == []
    assert Notice.FromString(taking.requests("Prepare")[0].notice).attachments[0].size_bytes > 0


@pytest.mark.parametrize(
    ("case", "code", "error"),
    [
        ("missing", 9, "FANAL-E0515"),
        ("folder", 1, "FANAL-E0503"),
        ("empty", 2, "FANAL-E0970"),
        ("twice", 2, "FANAL-E0972"),
        ("without", 2, "FANAL-E0971"),
        ("large", 8, "FANAL-E0328"),
    ],
)
def test_a_file_that_cannot_go_is_refused_before_anything_is_sent(
    run: Run, taking: FakeNode, draft: Path, file: Path, monkeypatch: Any, case: str, code: int, error: str
) -> None:
    """Not there, a folder, empty, named twice, named without a file, too large: each by its name."""
    given: list[str] = ["--attach", str(file)]
    if case == "missing":
        given = ["--attach", str(file) + "x"]
    elif case == "folder":
        given = ["--attach", str(file.parent)]
    elif case == "empty":
        file.write_bytes(b"")
    elif case == "twice":
        given *= 2
    elif case == "without":
        edited = json.loads(draft.read_text())
        edited["attachments"] = [
            {"name": "other.pdf", "media_type": "a/b", "size_bytes": 1, "sha256": "0" * 64}
        ]
        draft.write_text(json.dumps(edited))
    else:
        monkeypatch.setenv("FANAL_LIMITS_ATTACHMENT_BYTES", "1000")
    ran = run("notice", "send", draft, "--to", "GE-CUS", *given, "--yes")
    assert (ran.code, error in ran.err) == (code, True), ran.err
    assert taking.requests("Send") == taking.requests("Attach") == []


def test_an_answer_takes_files_along(run: Run, taking: FakeNode, tmp_path: Path, file: Path) -> None:
    """With --file; a draft that is only written takes none."""
    showing(taking, a_notice("GE-CUS"), outgoing=False)
    answer = tmp_path / "answer.json"
    assert run("notice", "reply", "0190", "-o", answer, "--attach", file).code == 2
    assert run("notice", "reply", "0190", "-o", answer).code == 0
    done = run("notice", "reply", "0190", "--file", answer, "--attach", file, "--yes")
    assert done.code == 0, done.err
    [request] = taking.requests("Send")
    [said] = Notice.FromString(request.notice).attachments
    assert (said.name, len(request.attachment_keys), len(taking.streamed)) == (NAME, 1, 1)


def test_a_revision_keeps_its_files_and_gets_new_ones(
    run: Run, taking: FakeNode, tmp_path: Path, file: Path
) -> None:
    """One of a new name comes beside those of the revision before, one of the same name in place of it."""
    notice = a_notice()
    notice.attachments.extend(carrying(taking, "kept.pdf")[0].attachments)
    showing(taking, notice, outgoing=True, statement=b"statement")
    draft, kept = tmp_path / "next.json", notice.attachments[0].blob_id
    assert run("notice", "amend", "0190", "-o", draft).code == 0
    words = ("notice", "amend", "0190", "--file", draft, "--note", "a scan", "--yes")
    assert run(*words, "--attach", file).code == 0
    same = file.with_name("kept.pdf")
    same.write_bytes(some_bytes(500))
    assert run(*words, "--attach", same).code == 0
    first, second = (Notice.FromString(one.notice).attachments for one in taking.requests("Send"))
    assert [one.name for one in first] == ["kept.pdf", NAME]
    assert first[0].blob_id == kept
    assert [(one.name, one.size_bytes) for one in second] == [("kept.pdf", 500)]
    assert second[0].blob_id not in ("", kept)


# --- getting ------------------------------------------------------------------------------------------


def test_a_file_is_saved_verified_and_private(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """Under the name given, or its own in a folder, readable by its owner only."""
    _, data = carrying(sending)
    target = tmp_path / "out.pdf"
    ran = run("notice", "attachment", REF, "-o", target, "--json")
    assert ran.code == 0, ran.err
    assert misfits(ran.json, shapes.AttachmentSaved) == []
    assert target.read_bytes() == data
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run("notice", "attachment", REF, "1", "-o", tmp_path).code == 0
    assert (tmp_path / NAME).read_bytes() == data
    [request, *_] = sending.requests("FetchAttachment")
    assert request.manifest_sha256 == b"\2" * 32


def test_nothing_is_overwritten_unasked(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """The file that is there stays, and nothing is even asked for; --force replaces it."""
    _, data = carrying(sending)
    target = tmp_path / "out.pdf"
    target.write_bytes(b"mine")
    ran = run("notice", "attachment", REF, "-o", target)
    assert (ran.code, "FANAL-E0976" in ran.err) == (1, True)
    assert target.read_bytes() == b"mine"
    assert sending.requests("FetchAttachment") == []
    assert run("notice", "attachment", REF, "-o", target, "--force").code == 0
    assert target.read_bytes() == data


@pytest.mark.parametrize("spoil", ["bit", "cut", "swap", "key", "extra", "size", "sha256", "name", "empty"])
def test_a_file_that_is_not_the_one_in_the_notice_leaves_nothing(
    run: Run, sending: FakeNode, tmp_path: Path, spoil: str
) -> None:
    """Whatever a node gives: exit 6, and no file, not even a part of one."""
    notice, _ = carrying(sending)
    parts = sending.answers["FetchAttachment"]
    if spoil == "bit":
        parts[2].data = bytes([parts[2].data[0] ^ 1]) + parts[2].data[1:]
    elif spoil == "cut":
        del parts[-1]
    elif spoil == "swap":
        parts[1], parts[2] = parts[2], parts[1]
    elif spoil == "key":
        parts[0].key = bytes(32)
    elif spoil == "extra":
        parts.append(parts[-1])
    elif spoil == "empty":
        del parts[1:]
    else:
        said = notice.attachments[0]
        if spoil == "size":
            said.size_bytes -= 1
        else:
            setattr(said, {"sha256": "sha256", "name": "blob_id"}[spoil], "ab" * 32)
        sending.answers["Show"].notice = notice.SerializeToString(deterministic=True)
    ran = run("notice", "attachment", REF, "-o", tmp_path / "out.pdf")
    assert ran.code == 6, ran.err
    assert [
        one.name for one in tmp_path.iterdir() if "out" in one.name or one.name.startswith(".fanal")
    ] == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", ".bashrc", "a/b", "C:evil", "a\nb", "x" * 300, " ", "\u202egpj"]
)
def test_a_name_that_leads_elsewhere_is_not_used(
    run: Run, sending: FakeNode, tmp_path: Path, monkeypatch: Any, name: str
) -> None:
    """A rejected notice is shown too, so its names are looked at here again; with -o it can be saved."""
    monkeypatch.chdir(tmp_path)
    _, data = carrying(sending, name)
    ran = run("notice", "attachment", REF)
    assert (ran.code, "FANAL-E0975" in ran.err) == (2, True), ran.err
    assert run("notice", "attachment", REF, "-o", tmp_path / "safe.bin").code == 0
    assert (tmp_path / "safe.bin").read_bytes() == data


def test_which_one_is_meant_has_to_be_clear(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """Several: a name or a number; none of the name, none at all: said so."""
    notice, _ = carrying(sending)
    notice.attachments.add(name="second.txt", media_type="text/plain", size_bytes=1, sha256="0" * 64)
    sending.answers["Show"].notice = notice.SerializeToString(deterministic=True)
    ran = run("notice", "attachment", REF, "-o", tmp_path / "x")
    assert (ran.code, "second.txt" in ran.err) == (2, True)
    assert run("notice", "attachment", REF, NAME, "-o", tmp_path / "x").code == 0
    for which in ("3", "0", "nothing"):
        assert run("notice", "attachment", REF, which, "-o", tmp_path / "y").code == 9


def test_what_is_not_here_yet_is_said_so(run: Run, sending: FakeNode, tmp_path: Path) -> None:
    """The node's refusal with how far it is; `show` tells the same in a line."""
    carrying(sending)
    sending.answers["FetchAttachment"] = FanalError(NOT_HERE, have=2, total=5)
    ran = run("notice", "attachment", REF, "-o", tmp_path / "x")
    assert (ran.code, "2 of 5" in ran.err) == (9, True)
    state = sending.answers["Show"].attachments[0]
    for word, have, shown in (
        ("HERE", 5, "here"),
        ("FETCHING", 2, "fetching 40 %"),
        ("MISSING", 0, "missing"),
    ):
        state.state, state.have, state.total = word, have, 5
        assert f"{NAME}, application/pdf, {PIECE + 100} bytes: {shown}" in run("notice", "show", REF).out
    data = run("notice", "show", REF, "--json").json
    assert misfits(data, shapes.NoticeShown) == []
    assert data["attachments"][0]["state"] == "MISSING"
