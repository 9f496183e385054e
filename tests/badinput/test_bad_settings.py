# SPDX-License-Identifier: Apache-2.0
"""fanal.toml and FANAL_* as a person mistypes them and as a disk spoils them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanal.config.files import read_bounded
from fanal.config.home import Home
from fanal.config.load import load
from fanal.errors import FanalError

BASE = b'agency = "AZ-CUS"\n'
DIGITS = b"9" * 5_000


def refusal(folder: Path, text: bytes, **environ: str) -> FanalError:
    (folder / "fanal.toml").write_bytes(text)
    with pytest.raises(FanalError) as caught:
        load(Home(folder), environ=environ)
    assert caught.value.hint
    assert len(caught.value.sentence) < 600
    return caught.value


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        (b"liten = 'x'", "FANAL-E0506", "liten"),
        (b"listen = 5", "FANAL-E0509", "listen"),
        (b"peers = 5", "FANAL-E0507", "list of agency ids"),
        (b"drain_seconds = 1" + DIGITS, "FANAL-E0504", "too many digits"),
        (b"drain_seconds = 0x" + b"f" * 5_000, "FANAL-E0508", "drain_seconds"),
        (b"receipts_batch_seconds = nan", "FANAL-E0507", "a number"),
        (b"receipts_batch_seconds = 0x" + b"f" * 5_000, "FANAL-E0508", "between"),
        (b"[limits]\nconnections = 0x" + b"f" * 5_000, "FANAL-E0508", "limits.connections"),
        (b"[limits]\nconnections = 1" + DIGITS, "FANAL-E0504", "too many digits"),
        (b"limits = 5", "FANAL-E0507", "table"),
        (b"[[limits]]\nx = 1", "FANAL-E0507", "table"),
        (b"[limits.connections]\nx = 1", "FANAL-E0507", "whole number"),
        (b'socket = "a\\u0000b"', "FANAL-E0507", "a path"),
        (b"agency = 'AZ-CUS'", "FANAL-E0504", "line 2"),
        (b"x = '\0'", "FANAL-E0504", "line 2"),
        (b"\xff\xfe", "FANAL-E0504", "not UTF-8"),
        (b"\xef\xbb\xbf", "FANAL-E0504", "line 2"),
        (b"a = " + b"[" * 100_000, "FANAL-E0504", "deep"),
        (b"# " + b"x" * 10_000_000, "FANAL-E0505", "larger"),
        (b'"a\\nb" = 1', "FANAL-E0506", r"'a\nb'"),
        (b'"' + b"k" * 100_000 + b'" = 1', "FANAL-E0506", "kkk"),
    ],
)
def test_each_wrong_line_has_its_own_refusal(tmp_path: Path, text: bytes, error: str, word: str) -> None:
    """Unknown key, wrong type, out of range, endless digits, NUL, another encoding, too large, twice."""
    found = refusal(tmp_path, BASE + text + b"\n")
    assert (found.kind.id, int(found.kind.exit)) == (error, 2)
    assert word in found.sentence


def test_a_mistyped_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """The hint names the key that was meant."""
    assert refusal(tmp_path, BASE + b"liten = 'x'\n").hint == "Did you mean listen?"
    assert "limits.connections" in refusal(tmp_path, BASE + b"[limits]\nconections = 5\n").hint


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("FANAL_DRAIN_SECONDS", "abc", "FANAL-E0507"),
        ("FANAL_DRAIN_SECONDS", "9" * 5_000, "FANAL-E0507"),
        ("FANAL_LIMITS_CONNECTIONS", "1e3", "FANAL-E0507"),
        ("FANAL_LIMITS_CONNECTIONS", "9" * 5_000, "FANAL-E0507"),
        ("FANAL_LISTEN", "x", "FANAL-E0509"),
        ("FANAL_PEERS", "a,b", "FANAL-E0512"),
        ("FANAL_LOG_LEVEL", "loud", "FANAL-E0510"),
    ],
)
def test_environment_of_the_wrong_type_is_refused_by_its_name(
    tmp_path: Path, name: str, value: str, error: str
) -> None:
    """The origin in the sentence is the variable, so that nobody searches the file."""
    found = refusal(tmp_path, BASE, **{name: value})
    assert (found.kind.id, name in found.sentence) == (error, True)


def test_a_file_that_is_not_there_is_not_a_matter_of_permissions(tmp_path: Path) -> None:
    """Missing is exit 9, a directory cannot be read, /dev/zero is too large."""
    for path, error, code in (
        (tmp_path / "none", "FANAL-E0515", 9),
        (tmp_path, "FANAL-E0503", 1),
        (Path("/dev/zero"), "FANAL-E0505", 2),
    ):
        with pytest.raises(FanalError) as caught:
            read_bounded(path, 1_000)
        assert (caught.value.kind.id, int(caught.value.kind.exit)) == (error, code)
