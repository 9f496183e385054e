# SPDX-License-Identifier: Apache-2.0
"""Refusals of notices and of the files that hold them (range FANAL-E01)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

FILE_NOT_FOUND = ErrorKind(
    "FANAL-E0101",
    Exit.NOT_FOUND,
    _("There is no file {file}."),
    _("Check the name, or give - to read from standard input."),
)
NOT_A_FILE = ErrorKind(
    "FANAL-E0102",
    Exit.FAILED,
    _("{file} is not a file of notices but a {what}."),
    _("Name a file of JSON or of JSON lines, or give - to read from standard input."),
)
FILE_UNREADABLE = ErrorKind(
    "FANAL-E0103",
    Exit.FAILED,
    _("{file} cannot be read: {reason}."),
    _("Check the file and its permissions."),
)
FILE_TOO_LARGE = ErrorKind(
    "FANAL-E0104",
    Exit.FAILED,
    _("{file} is larger than {limit} MiB."),
    _("Split it into smaller files of JSON lines."),
)
FILE_EMPTY = ErrorKind(
    "FANAL-E0105", Exit.FAILED, _("{file} holds no notice."), _("Give a notice as JSON, or one on each line.")
)
BAD_CONTEXT = ErrorKind(
    "FANAL-E0106",
    Exit.FAILED,
    _("{file} is not a context file: {field}: {reason}."),
    _("A context file is a JSON object with now, agencies and groups, and may name known notices."),
)
BAD_KNOWN_NOTICE = ErrorKind(
    "FANAL-E0107",
    Exit.FAILED,
    _("Line {line} of the known notices {file} cannot be used: {code} {field}."),
    _("Check that file with `fanal notice check` first."),
)
UNKNOWN_KIND = ErrorKind(
    "FANAL-E0108", Exit.USAGE, _("There is no kind of notice {kind}."), _("Did you mean {nearest}?")
)
BAD_AGENCY = ErrorKind(
    "FANAL-E0109",
    Exit.USAGE,
    _("{agency} is not an agency id."),
    _("Write the country and two to eight capitals or digits, for example GE-CUS."),
)
REF_EXHAUSTED = ErrorKind(
    "FANAL-E0110",
    Exit.FAILED,
    _("Reference {counter} of the year {year} is out of range: six digits, and four of the year."),
    _("Check the reference counter and the clock of the node."),
)
NOT_ANSWERABLE = ErrorKind(
    "FANAL-E0111",
    Exit.USAGE,
    _("A {parent} is not answered by a {kind}."),
    _("Acknowledge it instead, or write a notice of its own."),
)
NOT_OWN_NOTICE = ErrorKind(
    "FANAL-E0112",
    Exit.NOT_PERMITTED,
    _("{ref} was issued by {owner}; {agency} cannot revise or withdraw it."),
    _("Ask the originator to do it."),
)
NOT_A_NOTICE = ErrorKind(
    "FANAL-E0113",
    Exit.FAILED,
    _("The text is not a notice: {code} at {field}: {reason}"),
    _("Run `fanal notice check` on it to see every problem."),
)
NO_BODY = ErrorKind(
    "FANAL-E0114",
    Exit.USAGE,
    _("A notice without a body cannot be {act}."),
    _("Compose it with `fanal notice new` first."),
)
