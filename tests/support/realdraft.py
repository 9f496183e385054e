# SPDX-License-Identifier: Apache-2.0
"""A small notice written and sent by officers' commands alone, on a node that runs."""

from __future__ import annotations

import json
from pathlib import Path

from realnet import RealNode


def fill_in(path: Path, text: str = "Lorry with a false floor") -> Path:
    """The draft that `notice new MODUS_OPERANDI` wrote, with what it leaves to the officer."""
    draft = json.loads(path.read_text())
    draft["evaluation"] = {"grade": "B2"}
    draft["legal_basis"] = "Agreement on mutual assistance, art. 5"
    draft["texts"] = [{"lang": "en", "text": text, "original": True}]
    draft["modus_operandi"] = {"category": "CONCEALMENT", "technique": "FALSE_FLOOR"}
    path.write_text(json.dumps(draft))
    return path


def new_draft(node: RealNode, path: Path, text: str = "Lorry with a false floor") -> Path:
    """A notice that is complete but for a file."""
    node.fanal("notice", "new", "MODUS_OPERANDI", "-o", str(path))
    return fill_in(path, text)


def send(node: RealNode, draft: Path, to: str, *more: str) -> str:
    """Send this draft; the number that people cite."""
    answer = node.fanal("notice", "send", str(draft), "--to", to, *more, "--yes", "--json")
    return str(json.loads(answer)["ref"])
