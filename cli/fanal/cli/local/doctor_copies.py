# SPDX-License-Identifier: Apache-2.0
"""What ``fanal doctor`` says of copies of a node's data: the backup's age, and what outlived an erasure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fanal.cli.local.doctor_local import row
from fanal.cli.session import Session
from fanal.cli.shown.text import duration, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import CheckRow
    from fanal.node.datafolder.noted import Copied


def copies(session: Session) -> Iterator[CheckRow]:
    """The newest backup, then each copy that still holds what was erased after it was made."""
    from fanal.node.datafolder.noted import backups, last_erasure, outlived

    home, data, now = session.home, session.settings.data, session.now()
    made = backups(home)
    if made:
        text = _("the newest was made {age} ago, to {path}")
        sentence = say(text, age=duration(now - made[-1].made), path=made[-1].path)
        yield row("backup", "ok", sentence)
    else:
        yield row("backup", "unchecked", say(_("none was made from this folder")), "fanal node backup DIR")
    erased = last_erasure(home, data)
    left, kept = outlived(home, data)
    for one in left:
        yield row("copies", "warning", _holds(one, erased, now), "fanal node migrate --delete-copies")
    for one in kept:
        step = say(_("make a new one, then delete {path}"), path=one.path)
        yield row("backup", "warning", _holds(one, erased, now), step)


def _holds(one: Copied, erased: int, now: int) -> str:
    text = _("{path}, {age} old, still holds what was erased since, at the latest at {time}")
    return say(text, path=one.path, age=duration(now - one.made), time=when(erased))
