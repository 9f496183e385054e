# SPDX-License-Identifier: Apache-2.0
"""Writes the test kit: `.venv/bin/python tests/vectors/make.py`. The same files every time.

Draws nothing at random but what tests/vectors/pinned.json holds; a case that needs a new draw adds to that
file. With `--pin-bundles` the evidence bundles that are not there are made first. Each case states its
outcome by hand; the script stops when our implementation says another one.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from vectorkit.kit import write
from vectorkit.pin_bundles import missing

if __name__ == "__main__":
    if sys.argv[1:] == ["--pin-bundles"]:
        print(missing())
    print(write())
