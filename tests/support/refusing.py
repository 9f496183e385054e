# SPDX-License-Identifier: Apache-2.0
"""What a call is refused with, and a ledger that refuses everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fanal.errors import ErrorKind, FanalError, VerificationError
from fanal.node.errors import DISK_FULL


def refusal(call: Callable[[], object], family: type[FanalError] = VerificationError) -> ErrorKind:
    """The kind of the error that it raises; the test fails when it raises none of this family."""
    with pytest.raises(family) as refused:
        call()
    return refused.value.kind


@contextmanager
def ledger_refuses(ledger: object, kind: ErrorKind = DISK_FULL) -> Iterator[None]:
    """It stores nothing meanwhile."""

    def refuse(_batch: object) -> None:
        raise FanalError(kind, path="ledger.db")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "append", refuse)
        yield
