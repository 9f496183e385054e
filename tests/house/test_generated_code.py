# SPDX-License-Identifier: Apache-2.0
"""The committed protobuf code is what the schema gives, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import grpc_tools
import pytest
from grpc_tools import protoc

_SERVICES = ("peer.proto", "officer.proto")


@pytest.fixture(scope="module")
def regenerated(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh folder with the code generated from a copy of the schema, as `make proto` does."""
    top = tmp_path_factory.mktemp("proto")
    folder = top / "fanal" / "v1"
    folder.mkdir(parents=True)
    for path in (repo / "proto" / "fanal" / "v1").glob("*.proto"):
        shutil.copy(path, folder)
    schema = [str(path) for path in sorted(folder.glob("*.proto"))]
    services = [str(folder / name) for name in _SERVICES]
    search = [f"-I{top}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    assert protoc.main(["protoc", *search, f"--python_out={top}", f"--pyi_out={top}", *schema]) == 0
    assert protoc.main(["protoc", *search, f"--grpc_python_out={top}", *services]) == 0
    return folder


def test_committed_code_equals_what_the_schema_gives(repo: Path, regenerated: Path) -> None:
    """A schema changed without `make proto`, or code changed by hand, fails here."""
    committed = {
        path.name: path.read_bytes() for path in (repo / "proto" / "fanal" / "v1").glob("*_pb2*.py*")
    }
    fresh = {path.name: path.read_bytes() for path in regenerated.glob("*_pb2*.py*")}
    assert committed.keys() == fresh.keys()
    assert [name for name in fresh if fresh[name] != committed[name]] == []


def test_every_service_has_its_stubs(repo: Path) -> None:
    """A new file with a service must be added to the generation of stubs."""
    schema = (repo / "proto" / "fanal" / "v1").glob("*.proto")
    assert sorted(path.name for path in schema if "\nservice " in path.read_text()) == sorted(_SERVICES)
