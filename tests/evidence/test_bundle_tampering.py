# SPDX-License-Identifier: Apache-2.0
"""Bundles that somebody changed: bits, files, parts of other bundles, other networks' and agencies' things.

The careful attacker makes SHA256SUMS right again (``repacked``); the careless one the sums alone catch.
"""

from __future__ import annotations

import random

import pytest
from evidencekit import Scene, failed, repacked, scene, statuses

from fanal.proof.audit import Status
from fanal.proof.evidence import container, layout
from fanal.proof.evidence.verify import verify_bundle

SIGNED = (
    "notice/manifest.bin", "notice/manifest.sig", "notice/statement.bin", "notice/statement.sig",
    "notice/content.salt", "notice/notice.bin", "notice/notice.salt", "notice/field.salt",
    "receipts/0001/manifest.bin", "receipts/0001/manifest.sig", "receipts/0001/receipts.bin",
    "receipts/0001/content.salt", "charters/0001.doc", "identities/GE-CUS/0001.doc", "log/0001.leaf",
)  # fmt: skip


@pytest.fixture(scope="module")
def other() -> Scene:
    """Another notice in another network of the same agencies."""
    return scene(("TR-CUS", "AZ-CUS"), seed=99)


def flip(data: bytes, at: int, bit: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def test_any_flipped_bit_of_the_file_is_noticed(five: Scene, whole: bytes) -> None:
    """300 places over the whole zip, its directory included: never passed, never an exception."""
    chance = random.Random(5)
    for at in [chance.randrange(len(whole)) for _ in range(280)] + [*range(-20, 0)]:
        report = five.report(flip(whole, at % len(whole), chance.randrange(8)))
        assert report.verdict is Status.FAILED, at


@pytest.mark.parametrize("name", SIGNED)
def test_a_changed_byte_of_a_signed_part_fails_even_with_right_sums(
    five: Scene, whole: bytes, name: str
) -> None:
    """Every kind of signed part, at bytes all over it."""
    size = len(container.read(whole)[name])
    places = sorted({0, size - 1, *(random.Random(name).randrange(size) for _ in range(14))})
    for at in places:

        def change(files: dict[str, bytes], at: int = at) -> None:
            files[name] = flip(files[name], at)

        report = five.report(repacked(whole, change))
        assert report.verdict is Status.FAILED, (name, at)


def test_no_file_can_be_taken_out(five: Scene, whole: bytes) -> None:
    """Whichever file goes, with right sums: failed, or undecided where only a proof is missing."""
    for name in sorted(container.read(whole)):
        if name == layout.SUMS:
            continue

        def drop(files: dict[str, bytes], name: str = name) -> None:
            del files[name]

        report = five.report(repacked(whole, drop))
        assert report.verdict is not Status.PASSED, name


def test_no_file_can_be_added(five: Scene, whole: bytes) -> None:
    """Neither one without a meaning nor one that looks like a further part."""
    files = container.read(whole)
    extra = {
        "notice/extra.bin": b"x",
        "note.txt": b"Believe me.",
        "chain/0001.bin": files["notice/manifest.bin"],
        "charters/0002.doc": files["charters/0001.doc"],
        "identities/GE-CUS/0002.doc": files["identities/GE-CUS/0001.doc"],
        "receipts/0008/manifest.bin": files["receipts/0001/manifest.bin"],
    }
    for name, data in extra.items():
        report = five.report(repacked(whole, lambda files, n=name, d=data: files.update({n: d})))  # type: ignore[misc]
        assert report.verdict is Status.FAILED, name


def test_no_part_of_another_bundle_fits(five: Scene, whole: bytes, other: Scene) -> None:
    """Every file that both have, swapped in one by one, and whole folders."""
    theirs = container.read(other.bundle(content=True))
    mine = container.read(whole)
    groups = [[name] for name in mine if name in theirs and mine[name] != theirs[name]]
    groups += [
        [n for n in theirs if n.startswith(folder)] for folder in ("notice/", "log/", "receipts/0001/")
    ]
    for group in groups:
        if group == [layout.SUMS]:
            continue
        report = five.report(repacked(whole, lambda files, g=group: files.update({n: theirs[n] for n in g})))  # type: ignore[misc]
        assert report.verdict is Status.FAILED, group


def test_receipts_of_another_notice_say_nothing_here(five: Scene, whole: bytes) -> None:
    """A genuine receipt about another notice of the same lane is refused, not counted."""
    second = five.host("GE-CUS")
    from nodenet import some_notice

    sent = second.send(some_notice("GE-CUS"), ["TR-CUS"])
    five.net.run(120)
    from evidencekit import Scene as Again

    later = container.read(Again(five.net, sent.ref).bundle())
    folder = {n: d for n, d in later.items() if n.startswith("receipts/0001/")}
    report = five.report(repacked(whole, lambda files: files.update(folder)))
    assert "receipts.used" in failed(report)
    assert "log.export" in failed(report)


def test_a_hidden_receipt_is_noticed(five: Scene, whole: bytes) -> None:
    """Leaving out that somebody read it, with every sum right, does not fit the logged export."""
    last = max(n[:13] for n in container.read(whole) if n.startswith("receipts/"))

    def hide(files: dict[str, bytes]) -> None:
        for name in [n for n in files if n.startswith(last)]:
            del files[name]

    assert failed(five.report(repacked(whole, hide, seed=five.seed()))) == {"log.export"}


def test_another_agencys_checkpoint_does_not_stand_in(five: Scene, whole: bytes) -> None:
    """The checkpoint and proofs of a receiver's log under the sender's name."""
    theirs = {n: d for n, d in container.read(five.bundle("TR-CUS")).items() if n.startswith("log/")}

    def swap(files: dict[str, bytes]) -> None:
        for name in [n for n in files if n.startswith("log/")]:
            del files[name]
        files |= theirs

    report = five.report(repacked(whole, swap))
    assert report.verdict is not Status.PASSED
    assert statuses(report)["log.checkpoint"] != "passed"


def test_a_prover_cannot_be_renamed(five: Scene, whole: bytes) -> None:
    """The cover is a claim; the log decides."""

    def rename(files: dict[str, bytes]) -> None:
        files[layout.COVER] = files[layout.COVER].replace(b"GE-CUS", b"TR-CUS")

    assert five.report(repacked(whole, rename)).verdict is not Status.PASSED


def test_a_shown_field_cannot_be_changed(five: Scene, redacted: bytes) -> None:
    """Another value, another path, another place: the officer's root says no."""
    import base64

    true, false = (base64.b64encode(v) for v in (b"FALSE_FLOOR", b"FALSE_DOORS"))
    for old, new in ((true, false), (b"technique", b"category"), (b"field originator", b"field legal_basis")):
        report = five.report(
            repacked(
                redacted,
                lambda f, o=old, n=new: f.update({"notice/fields.txt": f["notice/fields.txt"].replace(o, n)}),
            )  # type: ignore[misc]
        )
        assert "notice.fields" in failed(report), old


def test_no_bytes_break_the_verifier(whole: bytes) -> None:
    """Cut, doubled, empty and random input ends in a verdict."""
    chance = random.Random(1)
    for data in (
        b"",
        b"PK",
        whole[:-1],
        whole[1:],
        whole * 2,
        b"x" + whole,
        whole + b"x",
        chance.randbytes(5000),
    ):
        assert verify_bundle(data, bytes(32)).verdict is Status.FAILED
    for _ in range(40):
        cut = chance.randrange(len(whole))
        assert verify_bundle(whole[:cut], bytes(32)).verdict is Status.FAILED
