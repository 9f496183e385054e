# SPDX-License-Identifier: Apache-2.0
"""What a call is refused with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fanal.errors import ErrorKind, FanalError, VerificationError


def refusal(call: Callable[[], object], family: type[FanalError] = VerificationError) -> ErrorKind:
    """The kind of the error that it raises; the test fails when it raises none of this family."""
    with pytest.raises(family) as refused:
        call()
    return refused.value.kind
