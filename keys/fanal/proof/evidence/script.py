# SPDX-License-Identifier: Apache-2.0
"""What goes into every bundle as it is: verify.sh, and the README in the reader's language."""

from __future__ import annotations

from importlib.resources import files


def script() -> bytes:
    """verify.sh: bash, coreutils and openssl 3.0."""
    return _data("verify.sh")


def readme(language: str, facts: dict[str, str]) -> bytes:
    """The README in en, fr, ru or ar, its ``{named}`` places filled."""
    return _data(f"readme.{language}.txt").decode("utf-8").format(**facts).encode("utf-8")


def _data(name: str) -> bytes:
    return files("fanal.proof.evidence").joinpath("data", name).read_bytes()
