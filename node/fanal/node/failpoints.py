# SPDX-License-Identifier: Apache-2.0
"""Named points at which a crash test kills the process. Promise: without FANAL_FAILPOINT they do nothing.

``FANAL_FAILPOINT=name`` kills at the first time the point is reached, ``name:3`` at the third. The process
dies by SIGKILL: no handler, no flush, no unwinding, exactly as in a power cut seen from Python. With
``name:3:stop`` it is frozen by SIGSTOP instead, so that a test sees what it holds open before it kills it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter

VARIABLE = "FANAL_FAILPOINT"

_name, _count, _how, *_ = (*os.environ.get(VARIABLE, "").split(":"), "", "")
_at = int(_count) if _count.isascii() and _count.isdigit() else 1
_signal = signal.SIGSTOP if _how == "stop" else signal.SIGKILL
_seen: Counter[str] = Counter()
_lock = threading.Lock()


def hit(name: str) -> None:
    """Die here if the environment named this point and this is the time it named."""
    if not _name or name != _name:
        return
    with _lock:
        _seen[name] += 1
        if _seen[name] == _at:
            # To this thread: SIGSTOP sent to the process would let it run on for a moment.
            signal.pthread_kill(threading.get_ident(), _signal)
