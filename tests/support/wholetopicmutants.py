# SPDX-License-Identifier: Apache-2.0
"""Ways to break a node in what only some networks have: attached files."""

from __future__ import annotations

import pytest
from wholemutants import Mutant

from fanal.node.attachments import serving, tending
from fanal.node.desk import attaching

# --- files


def keep_the_files_of_what_was_withdrawn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tending, "drop", lambda node, entries: None)
    patch.setattr(tending, "sweep", lambda node: None)


def fetch_no_spoilt_file_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(serving, "lost", lambda node, attachment: None)
    patch.setattr(attaching, "lost", lambda node, attachment: None)


TOPIC_MUTANTS: tuple[Mutant, ...] = (
    keep_the_files_of_what_was_withdrawn,
    fetch_no_spoilt_file_again,
)
