# SPDX-License-Identifier: Apache-2.0
"""A few of the corpus's bad notices, tried in earnest: each is refused with its code, and nothing is sent."""

from __future__ import annotations

import json
import os

from fanal.cli.demo import corpus
from fanal.cli.demo.corpus import Json
from fanal.cli.demo.expectations import Step
from fanal.cli.demo.sending import Sender
from fanal.errors import FanalError
from fanal.notices.drafts import new_notice_id
from fanal.notices.forms import from_json
from fanal.v1.notice_pb2 import Notice

CASES = (
    "truncated",
    "duplicate-json-key",
    "unknown-field",
    "container-cyrillic-homoglyph",
    "imo-check-digit",
    "bidi-override",
    "controlled-delivery-amber",
    "feedback-to-nothing",
    "flash-without-duty-contact",
    "unknown-recipient",
)
INSISTED = "container-cyrillic-homoglyph"
"""This one is also signed and handed to the node past the client's own check."""


def try_all(sender: Sender, step: Step) -> list[str]:
    """Try each case as the officer of its originator; the codes with which they were refused."""
    cases = corpus.bad()
    codes = []
    before = _own(sender)
    for name in CASES:
        case = cases[name]
        code, field = _refusal(sender, case)
        step.equal(f"{name} is refused with its code and field", (code, field), _expected(case))
        codes.append(code)
    case = cases[INSISTED]
    code = _insisted(sender, case)
    step.equal("a bad notice that is signed all the same is refused by the node", code, case["expect_code"])
    step.equal("no refused notice stands among those sent", _own(sender), before)
    return codes


def _expected(case: Json) -> tuple[str, str]:
    return str(case["expect_code"]), str(case["expect_field"])


def _refusal(sender: Sender, case: Json) -> tuple[str, str]:
    """Code and field of the refusal; empty when it was sent."""
    try:
        draft = _draft(sender, _text(case))
        sender.network.desks[draft.originator].send(draft)
    except FanalError as error:
        return str(error.facts.get("code", error.kind.id)), str(error.facts.get("field", ""))
    return "", ""


def _insisted(sender: Sender, case: Json) -> str:
    draft = _draft(sender, _text(case))
    try:
        sender.network.desks[draft.originator].insist(draft)
    except FanalError as error:
        return str(error.facts.get("code", error.kind.id))
    return ""


def _text(case: Json) -> str:
    return str(case["text"]) if "text" in case else json.dumps(case["notice"], ensure_ascii=False)


def _draft(sender: Sender, text: str) -> Notice:
    """The bad notice moved to the present, as the good ones are. Raises what its text is refused with."""
    draft = from_json(text)
    corpus.shift(draft, sender.delta)
    corpus.rewrite(draft, lambda _field, value: sender.issued.text(value))
    draft.notice_id, draft.ref = new_notice_id(sender.now, os.urandom), ""
    return draft


def _own(sender: Sender) -> dict[str, list[str]]:
    """What each agency has sent."""
    return {
        agency: sorted(one.notice_id for one in desk.held().values() if one.outgoing)
        for agency, desk in sender.network.desks.items()
        if sender.network.nodes[agency].alive
    }
