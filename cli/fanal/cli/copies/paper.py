# SPDX-License-Identifier: Apache-2.0
"""A notice on paper: plain pages of fixed width, and on each of them what may be done with it.

Promise: TLP, ref, status and page number head every page, and every page ends with when and by whom it was
printed and the leaf that says so; nothing a notice holds can forge such a line, for its lines are indented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanal.cli.shown.text import fields, harmless, width
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NoticeShown

COLUMNS = 78
LINES = 60
"""Of a page, so that it fits on A4 and on letter paper."""
_BODY = LINES - 7
_INDENT = 2

USE: Mapping[str, str] = {
    "H0": _("any law-enforcement use"),
    "H1": _("not in court proceedings without permission"),
    "H2": _("not to be passed on without permission"),
    "H3": _("other conditions, as written below"),
}
ONWARD: Mapping[str, str] = {
    "NONE": _("not to be passed on"),
    "ORIGINATOR_CONSENT": _("to be passed on with the originator's consent only"),
    "NATIONAL_AUTHORITIES": _("to be passed on to national authorities only"),
    "COMMUNITY": _("to be passed on within the community only"),
    "PUBLIC": _("may be passed on to anybody"),
}
EVIDENCE: Mapping[str, str] = {
    "NO": _("not to be used as evidence"),
    "WITH_CONSENT": _("as evidence with the originator's consent only"),
    "YES": _("may be used as evidence"),
}


@dataclass(frozen=True)
class Printed:
    """What the log says: when (ISO 8601), the hex that stands for the officer, the leaf, and whose ledger."""

    at: str
    person: str
    leaf: int
    agency: str


def pages(data: NoticeShown, printed: Printed) -> list[str]:
    """The pages, each ending with a line feed."""
    whole = [one for line in _lines(data) for one in harmless(line).split("\n")]
    lines = [part for line in whole for part in wrapped(" " * _INDENT + line)]
    parts = [lines[at : at + _BODY] for at in range(0, len(lines), _BODY)]
    return [_page(data, printed, part, at + 1, len(parts)) for at, part in enumerate(parts)]


def _page(data: NoticeShown, printed: Printed, body: list[str], number: int, count: int) -> str:
    row = data["summary"]
    tlp = ":".join(("TLP", harmless(row["tlp"])))
    page = say(_("page {number} of {count}"), number=number, count=count)
    title = say(
        _("{ref}  {kind}  revision {revision}  {status}"),
        ref=row["ref"], kind=row["kind"], revision=row["revision"], status=row["status"],
    )  # fmt: skip
    foot = say(
        _("Printed {time}, leaf {leaf} of the ledger of {agency},"),
        time=printed.at, leaf=printed.leaf, agency=printed.agency,
    )  # fmt: skip
    person = say(_("by {person}"), person=printed.person)
    rule = "-" * COLUMNS
    filled = [*body, *[""] * (_BODY - len(body))]
    return "\n".join([_spread(tlp, page), harmless(title), rule, *filled, rule, foot, person, tlp]) + "\n"


def _spread(left: str, right: str) -> str:
    return left + " " * max(1, COLUMNS - width(left) - width(right)) + right


def _lines(data: NoticeShown) -> Iterator[str]:
    from fanal.cli.notice.text import head_rows, tree

    yield from _marks(data)
    yield ""
    yield from (line.removeprefix("  ") for line in fields(*head_rows(data)))
    yield ""
    if data["notice"]:
        yield from tree(data["notice"])
    else:
        yield say(_("The text is not kept any more."))


def _marks(data: NoticeShown) -> Iterator[str]:
    """What may be done with it, in words; a token of a newer version stands as it is."""
    notice: Any = data["notice"]
    marks = notice.get("handling", {}) if isinstance(notice, dict) else {}
    for key, words in (("code", USE), ("onward", ONWARD), ("evidence_use", EVIDENCE)):
        token = marks.get(key)
        if token:
            yield f"{token}: {say(words[token])}" if token in words else str(token)
    for key, label in (("conditions", _("conditions")), ("onward_to", _("may be passed on to"))):
        if marks.get(key):
            value = marks[key] if isinstance(marks[key], str) else ", ".join(marks[key])
            yield f"{say(label)}: {value}"


def wrapped(line: str) -> Iterator[str]:
    """A line as lines that fit, at blanks where there are any; what follows is indented two further."""
    pad = " " * (min(len(line) - len(line.lstrip(" ")), COLUMNS // 2) + _INDENT)
    while width(line) > COLUMNS:
        cut = _fitting(line)
        blank = line.rfind(" ", len(pad), cut + 1)
        at = blank if blank > 0 else cut
        yield line[:at].rstrip()
        line = pad + line[at:].lstrip(" ")
    yield line


def _fitting(line: str) -> int:
    """How many characters of a line fit, at least one after the indentation."""
    used = 0
    for at, one in enumerate(line):
        used += width(one)
        if used > COLUMNS:
            return at
    return len(line)
