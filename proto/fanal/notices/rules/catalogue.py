# SPDX-License-Identifier: Apache-2.0
"""All rules, gathered by importing every module that registers some; and the two stages that run them."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from fanal.notices.context import Context
from fanal.notices.problem import MAX_PROBLEMS, Problem
from fanal.notices.rules import (
    figures,
    handling,
    header,
    known,
    persons,
    requests,
    required,
    things,
    threads,
    values,
)
from fanal.notices.rules.registry import ANY, CONTEXT_RULES, RULES, At, ContextRule, Rule
from fanal.notices.schema import nodes
from fanal.v1.notice_pb2 import Notice

__all__ = ["CONTEXT_RULES", "RULES", "ContextRule", "Rule", "run_context", "run_rules"]

MODULES = (required, values, header, handling, persons, things, requests, figures, known, threads)
"""In the order in which they run: what is missing, the value by itself, then fields against each other."""

_ORDER = {module.__name__: place for place, module in enumerate(MODULES)}


def run_rules(notice: Notice) -> list[Problem]:
    """Stage RULES: the notice by itself. The first problem of each field, in the order of the schema."""
    return _first_of_each_field(
        found
        for message, path in nodes(notice)
        for one in _rules_for(message.DESCRIPTOR.name)
        for found in one.check(message, At(notice, path))
    )


def run_context(notice: Notice, context: Context) -> list[Problem]:
    """Stage CONTEXT: the notice among others."""
    return _first_of_each_field(found for one in CONTEXT_RULES for found in one.check(notice, context))


@functools.cache
def _rules_for(name: str) -> tuple[Rule, ...]:
    mine = (one for one in RULES if one.on in (ANY, name))
    return tuple(sorted(mine, key=lambda one: _ORDER[one.check.__module__]))


def _first_of_each_field(found: Iterable[Problem]) -> list[Problem]:
    first: dict[str, Problem] = {}
    for one in found:
        first.setdefault(one.field, one)
        if len(first) >= MAX_PROBLEMS:
            break
    return list(first.values())
