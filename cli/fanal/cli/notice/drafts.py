# SPDX-License-Identifier: Apache-2.0
"""Drafts as files: read within a bound, written once, never over something that is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli import errors
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.v1.notice_pb2 import Notice


def read_draft(text: str) -> Notice:
    """The notice in a JSON file, or on standard input for ``-``. FanalError naming what is wrong."""
    from fanal.notices.forms import from_json
    from fanal.notices.reading import read_whole

    return from_json(read_whole(Path(text)))


def write_draft(
    session: Session, draft: Notice, output: str | None, then: str, checked: bool = False
) -> None:
    """Shows a draft, or writes it to a new file; ``then`` is the next command, maybe after a check."""
    from fanal.notices.compose import draft_json

    data = draft_json(draft)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    kind = (draft.WhichOneof("body") or "").upper()
    if output is None:
        return session.out.emit({"kind": kind, "file": "", "draft": data}, text)
    try:
        with Path(output).open("x", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        raise FanalError(errors.ALREADY_THERE, path=output) from error
    session.out.emit(
        {"kind": kind, "file": output, "draft": data},
        say(_("Draft of a {kind} in {path}."), kind=kind, path=output),
    )
    before = f"fanal notice check --draft {output}; " if checked else ""
    step = _("Next: fill it in; then {command} (--dry-run: what the check says)")
    return session.out.note(say(step, command=before + then))


def reasons_of(given: Sequence[str]) -> dict[str, str]:
    """CODE=TEXT pairs of --reason. FanalError BAD_REASON."""
    reasons = {}
    for one in given:
        code, sign, text = one.partition("=")
        if not (code and sign and text.strip()):
            raise FanalError(errors.BAD_REASON, value=repr(one)[:80])
        reasons[code.upper()] = text.strip()
    return reasons


def choice(value: str, what: str, names: Sequence[str]) -> str:
    """``value`` in capitals with underscores if it is one of ``names``. FanalError BAD_CHOICE otherwise."""
    wanted = value.upper().replace("-", "_")
    if wanted not in names:
        raise FanalError(errors.BAD_CHOICE, value=repr(value)[:60], what=what, choices=", ".join(names))
    return wanted


def goes_with_file(given: str | None, attach: Sequence[str]) -> None:
    """Files are encrypted for what is sent, never for a draft that is only written. FanalError BAD_CHOICE."""
    if attach and given is None:
        raise FanalError(
            errors.BAD_CHOICE, value="--attach", what=say(_("option of a draft")), choices="--file DRAFT"
        )
