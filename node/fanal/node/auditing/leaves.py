# SPDX-License-Identifier: Apache-2.0
"""The leaves of a ledger as facts: those that can be read, in order, with their index."""

from __future__ import annotations

from collections.abc import Iterator

from fanal.errors import VerificationError
from fanal.node.ledger.readonly import LedgerView
from fanal.proof.leaf import FIELDS, Leaf, decode
from fanal.proof.leaf_forms import Value


def facts(view: LedgerView) -> Iterator[tuple[int, Leaf]]:
    """Index and fact of every leaf; one that is no leaf is left to ``audit verify``."""
    for index, data in view.leaves():
        try:
            yield index, decode(data)
        except VerificationError:
            continue


def value_of(leaf: Leaf, key: str) -> Value:
    """The value of a key, None when this type has no such key."""
    return leaf[key] if key in FIELDS[leaf.type] else None


def bytes_of(leaf: Leaf, key: str) -> bytes:
    """A hex value's bytes; b"" when there is none."""
    found = value_of(leaf, key)
    return found if isinstance(found, bytes) else b""


def number_of(leaf: Leaf, key: str) -> int:
    """A number or time; -1 when there is none."""
    found = value_of(leaf, key)
    return found if isinstance(found, int) else -1


def words(leaf: Leaf) -> dict[str, str | int]:
    """Every value but the time as JSON: hex for bytes, absent when it is None."""
    found: dict[str, str | int] = {}
    for key in FIELDS[leaf.type]:
        value = leaf[key]
        if key != "time" and value is not None:
            found[key] = value.hex() if isinstance(value, bytes) else value
    return found
