# SPDX-License-Identifier: Apache-2.0
"""Zips made to harm: names that lead outside, bombs, doubles, encryption, hidden bytes; nothing is parsed."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable

import pytest

from fanal.errors import VerificationError
from fanal.proof.evidence import container
from fanal.proof.evidence.errors import BUNDLE_FORM, BUNDLE_SIZE


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, method
            archive.writestr(info, data)
    return out.getvalue()


def test_what_is_written_is_read() -> None:
    """Any set of good names, whatever the order they came in."""
    files = {"b/c.txt": b"2", "a": b"1", "b/a-1_x.bin": bytes(300)}
    assert container.read(container.write(files)) == files


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up", "a/../../b", "a//b", "a/", ".hidden", "a\\b", "C:x", "a b", "ä", "a\nb", "",
     "x" * 101, "a/b/c/d", "-rf", "$(id)", "a;b", "a'b"],
)  # fmt: skip
def test_a_bad_name_is_refused(name: str) -> None:
    """Absolute, outside, hidden, odd or too deep."""
    with pytest.raises(VerificationError) as refused:
        container.read(packed((name, b"x")))
    assert refused.value.kind is BUNDLE_FORM
    with pytest.raises(VerificationError):
        container.write({name: b"x"})


def test_two_files_of_one_name_are_refused() -> None:
    """Also when only the case of letters differs."""
    for pair in (("a", "a"), ("README", "readme")):
        with pytest.raises(VerificationError, match="E0461"):
            container.read(packed((pair[0], b"1"), (pair[1], b"2")))


def test_a_compressed_file_is_refused_before_it_is_unpacked() -> None:
    """A bomb of a gigabyte is judged by the directory alone."""
    bomb = packed(("a", bytes(10_000_000)), method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    with pytest.raises(VerificationError):
        container.read(bomb)
    with pytest.raises(VerificationError, match="E0461"):
        container.read(packed(("a", bytes(1000)), method=zipfile.ZIP_DEFLATED))


def test_too_much_is_refused() -> None:
    """Bytes, bytes in one file, and files."""
    for make in (
        lambda: container.read(bytes(container.MAX_BUNDLE + 1)),
        lambda: container.read(packed(("a", bytes(container.MAX_FILE + 1)))),
        lambda: container.write({f"{n:05}": b"" for n in range(container.MAX_FILES + 1)}),
    ):
        with pytest.raises(VerificationError) as refused:
            make()
        assert refused.value.kind is BUNDLE_SIZE


def changed(data: bytes, change: Callable[[bytearray], None]) -> bytes:
    copy = bytearray(data)
    change(copy)
    return bytes(copy)


def test_encrypted_entries_are_refused() -> None:
    """The flag in the directory is enough."""
    data = packed(("a", b"x"))
    central = data.rindex(b"PK\x01\x02")

    def encrypt(copy: bytearray) -> None:
        copy[central + 8] |= 1
        copy[6] |= 1

    with pytest.raises(VerificationError, match="E0461"):
        container.read(changed(data, encrypt))


def test_nothing_hides_beside_the_files() -> None:
    """Bytes before, after and between, a comment, another time, other rights: another file, so refused."""
    good = container.write({"a": b"1", "b": b"2"})
    commented = io.BytesIO(good)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"hidden"
    at = good.rindex(b"PK\x01\x02")
    for data in (
        b"#!/bin/sh\n" + good,
        good + b"\0",
        commented.getvalue(),
        changed(good, lambda copy: copy.__setitem__(10, 1)),
        changed(good, lambda copy: copy.__setitem__(at + 40, 0xFF)),
        packed(("b", b"2"), ("a", b"1")),
    ):
        with pytest.raises(VerificationError, match="E0461"):
            container.read(data)
