# SPDX-License-Identifier: Apache-2.0
"""Opens what each line on standard input names, in a process of its own each, and says how that ended: for a
disk that fails or kills. Both ends: `serve` there, `opening` here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faultfs import FaultFs
from realnet import PATHS
from sqlite_utils import Database, migrations

from fanal.errors import FanalError

LOADED = (Database, migrations)
"""Imported before the first process is made: it need not do it again."""


def serve(open_one: Callable[[Path], object]) -> None:
    """Until there are no more lines. A refusal ends with the last two digits of its id."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                open_one(Path(line.strip()))
                os._exit(0)
            except FanalError as error:
                os._exit(int(error.kind.id[-2:]))
            finally:
                os._exit(99)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@contextmanager
def opening(disk: FaultFs, *program: str) -> Iterator[Callable[[Path], int]]:
    """Opens a path on that disk by the server that these words start; how its process ended."""
    env = {"PYTHONPATH": PATHS, "PATH": os.environ["PATH"], **disk.env, "FAULTFS_TELLS": "1"}
    with subprocess.Popen(
        [sys.executable, *program],
        env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip

        def opened(path: Path) -> int:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(f"{path}\n")
            server.stdin.flush()
            return int(server.stdout.readline())

        yield opened
