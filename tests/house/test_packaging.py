# SPDX-License-Identifier: Apache-2.0
"""Wheel, sdist and editable install: the five rooms as one namespace, built without any network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOMS = ("proto", "keys", "config", "node", "cli")
_TOP = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "Makefile", ".importlinter", ".gitignore")
_DOCS = ("CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md")
_BUILD = "import hatchling.build as b, sys; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"


def build(source: Path, what: str, out: Path) -> Path:
    """Builds a wheel, sdist or editable wheel with the installed hatchling: no isolation, no network."""
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, what, str(out)],
        cwd=source,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return out / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def source(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout without git, caches and environments."""
    copy = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in (*ROOMS, "tests", "docs", "deploy", ".ci"):
        shutil.copytree(repo / folder, copy / folder, ignore=ignored)
    for name in (*_TOP, *_DOCS):
        shutil.copy(repo / name, copy)
    return copy


@pytest.fixture(scope="module")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    return build(source, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the checkout."""
    return build(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder inside the source distribution."""
    top = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:  # by hand: extractall asks for a filter that 3.11.2 does not know
        for member in filter(tarfile.TarInfo.isfile, archive):
            content = archive.extractfile(member)
            assert content
            path = top / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
    (folder,) = top.iterdir()
    return folder


def members(wheel: Path) -> set[str]:
    """The files of a wheel that land in site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name and ".data/" not in name}


def committed(source: Path) -> set[str]:
    """What a wheel must hold: every file below <room>/fanal, under fanal/."""
    found = set()
    for room in ROOMS:
        for path in (source / room / "fanal").rglob("*"):
            if path.is_file():
                found.add(str(path.relative_to(source / room)))
    return found


def test_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path, source: Path) -> None:
    """Modules, schema, code lists: all of fanal/, no test, no room's folder, no __init__ of the namespace."""
    found = members(wheel)
    assert found == committed(source)
    assert "fanal/__init__.py" not in found


@pytest.mark.parametrize(
    "needed",
    [
        "fanal/notices/data/unlocode.csv",
        "fanal/notices/data/hs2022.csv",
        "fanal/notices/data/mid.csv",
        "fanal/notices/data/icao_doc_issuers.csv",
        "fanal/notices/data/SOURCES.md",
        "fanal/v1/notice.proto",
        "fanal/v1/notice_pb2.pyi",
        "fanal/cli/main.py",
        "fanal/node/node.py",
    ],
)
def test_wheel_holds_the_data_that_the_program_reads(wheel: Path, needed: str) -> None:
    """Package data travels beside the modules that read it."""
    assert needed in members(wheel)


def test_wheel_brings_example_unit_and_licences(wheel: Path) -> None:
    """An operator without the checkout finds the configuration, the unit, and both licence texts."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for end in ("share/fanal/examples/fanal.toml", "share/fanal/fanal.service", "LICENSE", "NOTICE"):
        assert [name for name in names if name.endswith(end)], end


def test_wheel_from_the_sdist_is_the_same_wheel(wheel: Path, unpacked: Path, tmp_path: Path) -> None:
    """An sdist loses nothing: the wheel built from it is the wheel of the checkout, byte for byte."""
    again = build(unpacked, "wheel", tmp_path)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_sdist_is_the_checkout(source: Path, unpacked: Path) -> None:
    """Rooms, tests, docs and deployment travel together; nothing of a machine or of git does."""
    inside = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    outside = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert inside - {"PKG-INFO"} == outside


def test_installed_wheel_is_one_namespace_in_one_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpacked as pip does it, fanal is a single folder, and the command line starts from it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import fanal, fanal.cli.main, fanal.v1.notice_pb2; print(*fanal.__path__, sep='\\n')"
    assert run(code, tmp_path).split() == [str(tmp_path / "fanal")]


def test_editable_install_points_at_the_five_rooms(source: Path, tmp_path: Path) -> None:
    """An editable install is one .pth with the five rooms and no import hook."""
    wheel = build(source, "editable", tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".pth")]
        assert not [one for one in archive.namelist() if one.endswith(".py")]
        lines = archive.read(name).decode().split()
    assert {Path(line) for line in lines} == {source / room for room in ROOMS}
    found = run("import fanal; print(*fanal.__path__, sep='\\n')", *map(Path, lines)).split()
    assert set(found) == {str(source / room / "fanal") for room in ROOMS}


def run(code: str, *folders: Path) -> str:
    """Output of a fresh interpreter that sees these folders before the installed packages."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]}; {code}"
    # -I: neither PYTHONPATH nor the folder we are in; the checkout may be installed here as well.
    packages = [path for path in sys.path if path.endswith("site-packages")]
    code = f"import sys; sys.path += {packages}; {code}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
