# SPDX-License-Identifier: Apache-2.0
"""How a rule is written and registered.

A rule of stage RULES looks at one sort of message wherever it occurs; a rule of stage CONTEXT looks at the
notice as a whole, with what is known around it. Each names the codes it may find, so that a test can prove
that no code of codes.md is without a rule::

    @rule("Conveyance", "REQUIRED")
    def plate_has_country(conveyance: Conveyance, at: At) -> Found:
        if conveyance.plate and not conveyance.plate_country:
            yield at.find("REQUIRED", "plate_country", _("..."))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fanal.notices.context import Context
from fanal.notices.problem import Problem, Stage, problem
from fanal.notices.schema import join
from fanal.v1.notice_pb2 import Notice

Found = Iterator[Problem]
ANY = "*"


@dataclass(frozen=True)
class At:
    """Where a rule looks: the notice, and the path of the message in it."""

    notice: Notice
    path: str

    def find(self, code: str, name: str, message: str, **facts: str | int) -> Problem:
        """The finding ``code`` at field ``name`` of the message that the rule looks at."""
        return problem(Stage.RULES, code, join(self.path, name), message, **facts)

    def require(self, name: str, message: str) -> Problem:
        """The finding that field ``name`` is missing."""
        return self.find("REQUIRED", name, message)


Check = Callable[[Any, At], Found]
ContextCheck = Callable[[Notice, Context], Found]


@dataclass(frozen=True)
class Rule:
    """A rule of stage RULES for messages named ``on`` (ANY for every message)."""

    on: str
    codes: frozenset[str]
    check: Check


@dataclass(frozen=True)
class ContextRule:
    """A rule of stage CONTEXT."""

    codes: frozenset[str]
    check: ContextCheck


RULES: list[Rule] = []
CONTEXT_RULES: list[ContextRule] = []


def rule(on: str, *codes: str) -> Callable[[Check], Check]:
    """Register a rule for messages named ``on`` that may find ``codes``."""

    def register(check: Check) -> Check:
        RULES.append(Rule(on, frozenset(codes), check))
        return check

    return register


def context_rule(*codes: str) -> Callable[[ContextCheck], ContextCheck]:
    """Register a rule of stage CONTEXT that may find ``codes``."""

    def register(check: ContextCheck) -> ContextCheck:
        CONTEXT_RULES.append(ContextRule(frozenset(codes), check))
        return check

    return register


def in_context(code: str, field: str, message: str, **facts: str | int) -> Problem:
    """The finding ``code`` of stage CONTEXT."""
    return problem(Stage.CONTEXT, code, field, message, **facts)
