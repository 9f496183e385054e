# SPDX-License-Identifier: Apache-2.0
"""A setting of the ledger, by name, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Callable

Setting = bytes | None | Callable[[], bytes]
"""None removes it. A function is asked in the transaction that stores it, so of two threads whose state it is
the later commit never holds the older one. It reads nothing of the ledger and does not raise."""


def stored(value: Setting) -> bytes | None:
    """What is to be stored now."""
    return value() if callable(value) else value
