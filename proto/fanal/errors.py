# SPDX-License-Identifier: Apache-2.0
"""The one error family of Fanal: a stable id, a sentence, a hint, and the exit code of the command line.

A room declares its kinds once, next to the code that raises them::

    EMPTY_AUDIENCE = ErrorKind("FANAL-E0501", Exit.POLICY, _("The notice has no reader."),
                               _("Name at least one agency or group with --to."))
    raise FanalError(EMPTY_AUDIENCE)

Sentences and hints are gettext message ids with ``{named}`` facts. The daemon raises kinds; the command
line words them. An id never changes its meaning and is never used again for another.

Ranges: 01 input and notices, 02 keys, 03 envelope, 04 proofs, 05 configuration, 06 ledger and vault,
07 gossip and peers, 08 officers' API, 09 command line, 10 demo.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from fanal.i18n import translate


class Exit(enum.IntEnum):
    """Exit codes of the command line (documented in docs/exit-codes.md)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    NOT_PERMITTED = 4
    UNREACHABLE = 5
    VERIFICATION_FAILED = 6
    UNDECIDED = 7
    POLICY = 8
    NOT_FOUND = 9
    TIMEOUT = 124
    INTERRUPTED = 130


LONGEST_FACT = 1_500
"""Characters; longer than any list of choices and any path worth reading."""

_catalogue: dict[str, ErrorKind] = {}


@dataclass(frozen=True)
class ErrorKind:
    """One stable error: what happened (``sentence``) and what to do next (``hint``)."""

    id: str
    exit: Exit
    sentence: str
    hint: str

    def __post_init__(self) -> None:
        if self.id in _catalogue:
            raise ValueError(f"{self.id} is declared twice")
        _catalogue[self.id] = self


class FanalError(Exception):
    """Any refusal or failure that a person will read.

    ``facts`` fill the placeholders of the kind's sentence and hint. They are shown and logged, so no
    secret and no notice content ever goes into them.
    """

    def __init__(self, kind: ErrorKind, /, **facts: str | int) -> None:
        super().__init__(kind.id)
        self.kind = kind
        self.facts = facts

    @property
    def sentence(self) -> str:
        return _fill(translate(self.kind.sentence), self.facts)

    @property
    def hint(self) -> str:
        return _fill(translate(self.kind.hint), self.facts)

    def __str__(self) -> str:
        return f"{self.kind.id}: {self.sentence}"


class VerificationError(FanalError):
    """Something that was signed, sealed or logged does not verify. Never caught to carry on as if it did."""


def kind_of(error_id: str) -> ErrorKind | None:
    """The declared kind with this id, or None when its room was never imported."""
    return _catalogue.get(error_id)


def catalogue() -> list[ErrorKind]:
    """Every declared kind of the imported rooms, by id."""
    return [_catalogue[key] for key in sorted(_catalogue)]


def _fill(template: str, facts: dict[str, str | int]) -> str:
    return template.format_map(_Facts({name: _short(value) for name, value in facts.items()}))


def _short(value: str | int) -> str | int:
    """A fact as it is shown: what somebody typed or sent may be of any length, a sentence may not."""
    if isinstance(value, int) or len(value) <= LONGEST_FACT:
        return value
    return f"{value[:LONGEST_FACT]}... ({len(value):,})"


class _Facts(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
