# SPDX-License-Identifier: Apache-2.0
"""The agency's folder: where it is, what it names, and reading within a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanal.config.files import read_bounded
from fanal.config.home import Home, check_officer_id
from fanal.errors import FanalError


def test_home_is_flag_then_environment_then_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest source names the folder, and it is absolute."""
    monkeypatch.chdir(tmp_path)
    assert Home.find("x", {"FANAL_HOME": "/y"}).path == tmp_path / "x"
    assert Home.find(None, {"FANAL_HOME": "/y"}).path == Path("/y")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert Home.find(None, {}).path.is_relative_to(tmp_path)


def test_home_without_any_clue_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No HOME and no FANAL_HOME is a sentence, never a folder in the current directory."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda _name: Path("~/.local/share/fanal"))
    with pytest.raises(FanalError, match="E0501"):
        Home.find(None, {})


def test_documents_sort_by_number_and_strangers_are_left_out(tmp_path: Path) -> None:
    """The highest serial is the newest, past 9999 too, and an editor's backup is no document."""
    home = Home(tmp_path)
    assert home.identity_files() == ()
    home.identity_folder.mkdir()
    for name in ("10000.doc", "0002.doc", "0001.doc", "0001.doc~", "x.doc"):
        (home.identity_folder / name).touch()
    assert [one.name for one in home.identity_files()] == ["0001.doc", "0002.doc", "10000.doc"]
    assert home.identity_file(3).name == "0003.doc"


def test_officer_ids_cannot_leave_their_folder(tmp_path: Path) -> None:
    """An id names a file, so a path in it is refused."""
    home = Home(tmp_path)
    for bad in ("../root", "", "A", "a" * 33, "é"):
        with pytest.raises(FanalError, match="E0514"):
            home.officer_file(bad)
    assert check_officer_id("officer-1") == "officer-1"
    home.officers_folder.mkdir()
    for name in ("b.keys", "a.keys", "A.keys", "notes.txt"):
        (home.officers_folder / name).touch()
    assert home.officers() == ("a", "b")


def test_every_path_lies_in_the_home(tmp_path: Path) -> None:
    """Nothing of an agency is kept anywhere else by default."""
    home = Home(tmp_path)
    names = [name for name, value in vars(Home).items() if isinstance(value, property)]
    assert len(names) > 15
    assert all(getattr(home, name).is_relative_to(tmp_path) for name in names)
    assert home.charter_file(1).is_relative_to(tmp_path)
    assert home.peer_file("AZ-CUS").name == "AZ-CUS.doc"
    assert home.peer_files() == home.charter_files() == ()


def test_reading_is_bounded_even_without_an_end(tmp_path: Path) -> None:
    """/dev/zero, a folder and a missing file are refused in a sentence."""
    with pytest.raises(FanalError, match="E0505"):
        read_bounded(Path("/dev/zero"), 1000)
    for path in (tmp_path, Path("a\0b")):
        with pytest.raises(FanalError, match="E0503"):
            read_bounded(path, 10)
    with pytest.raises(FanalError, match="E0515"):
        read_bounded(tmp_path / "none", 10)
    (tmp_path / "ten").write_bytes(b"0123456789")
    assert read_bounded(tmp_path / "ten", 10) == b"0123456789"
