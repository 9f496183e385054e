# SPDX-License-Identifier: Apache-2.0
"""Completeness: codes.md, the schema and its comments against the registered rules."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor

from fanal.notices import jsonform, strictjson
from fanal.notices.defaults import DEFAULTS
from fanal.notices.kinds import KINDS, body_field
from fanal.notices.problem import CODES, Severity, Stage
from fanal.notices.rules.catalogue import CONTEXT_RULES, RULES
from fanal.notices.rules.forms import FORMS
from fanal.notices.rules.registry import ANY
from fanal.notices.rules.required import REQUIRED
from fanal.notices.rules.values import LONG_TEXTS
from fanal.notices.schema import BODIES, NOTICE, Field, Sort, fields_of

PROTO = Path(__file__).parents[2] / "proto" / "fanal" / "v1" / "notice.proto"


def messages(message: Descriptor = NOTICE) -> dict[str, Descriptor]:
    """Every message that a notice may hold, by name."""
    found = {message.name: message}
    for field in fields_of(message).values():
        if field.message is not None and field.message.name not in found:
            found.update(messages(field.message))
    return found


def all_fields() -> list[Field]:
    return [field for message in messages().values() for field in fields_of(message).values()]


def documented(corpus: Path) -> dict[tuple[str, str], str]:
    """(stage, code) -> severity, as the table of codes.md says."""
    rows = re.findall(
        r"^\| ([A-Z_]+) \| ([A-Z, ]+) \| (ERROR|WARN) \|", (corpus / "codes.md").read_text(), re.M
    )
    return {(stage, code): severity for code, stages, severity in rows for stage in stages.split(", ")}


def test_codes_stages_and_severities_are_those_of_the_contract(corpus: Path) -> None:
    """No code is missing, none is made up, and none changed its severity."""
    ours = {(str(stage), code): str(severity) for (stage, code), severity in CODES.items()}
    assert ours == documented(corpus)


def test_every_code_has_a_rule() -> None:
    """Each code of each stage is found by at least one registered rule or by the parser of that stage."""
    parsers = {Stage.JSON: strictjson, Stage.PROTOBUF: jsonform}
    for stage, code in CODES:
        if stage in parsers:
            assert f'"{code}"' in inspect.getsource(parsers[stage]), code
        else:
            rules = RULES if stage is Stage.RULES else CONTEXT_RULES
            assert any(code in one.codes for one in rules), (stage, code)


def test_no_rule_names_a_code_of_another_stage() -> None:
    """What a rule declares exists in its stage."""
    for one in RULES:
        assert all((Stage.RULES, code) in CODES for code in one.codes), one
    for other in CONTEXT_RULES:
        assert all((Stage.CONTEXT, code) in CODES for code in other.codes), other


def test_a_rule_finds_only_what_it_declares() -> None:
    """The codes written in the body of a rule are among those that it is registered with."""
    for one in [*RULES, *CONTEXT_RULES]:
        written = set(re.findall(r'(?:find|in_context)\(\s*"([A-Z_]+)"', inspect.getsource(one.check)))
        assert written <= one.codes, one.check


def test_every_rule_names_its_source() -> None:
    """A rule without a reason is an opinion: each has a docstring."""
    for one in [*RULES, *CONTEXT_RULES]:
        assert one.check.__doc__, one.check


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_covered(kind: str) -> None:
    """Each of the 31 kinds has required fields and defaults."""
    body = body_field(kind)
    message = fields_of(NOTICE)[body].message
    assert message is not None
    assert REQUIRED[message.name]
    assert DEFAULTS[body]


def test_there_are_31_kinds_and_no_other_name_is_one() -> None:
    """Kinds are the bodies in capitals; anything else is refused."""
    assert len(KINDS) == len(BODIES) == 31
    for name in ("shipment_warning", "NOTICE", ""):
        with pytest.raises(KeyError):
            body_field(name)


def test_every_rule_looks_at_a_message_that_exists() -> None:
    """A rule for a misspelled message would never run."""
    assert {one.on for one in RULES} - {ANY} <= set(messages())


def test_required_fields_are_those_of_the_schema_comments() -> None:
    """The word "required" without a condition in notice.proto and the table of required fields agree."""
    stated: dict[str, list[str]] = {}
    message, above = "", ""
    for line in PROTO.read_text().splitlines():
        if opened := re.match(r"message (\w+) \{", line):
            message = opened[1]
        comment = line.strip().removeprefix("//").strip() if line.strip().startswith("//") else None
        if comment is not None:
            above += comment + " "
            continue
        field = re.match(r"\s+(?:repeated |optional )?[\w.]+ (\w+) = \d+[^;]*;(?: // (.*))?$", line)
        if field and message:
            text = (field[2] or "") if message != "Notice" else above
            if re.match(r"(?:Required\.|required(?:[;,]|$))", text):
                stated.setdefault(message, []).append(field[1])
        above = ""
    ours = {name: fields.split() for name, fields in REQUIRED.items()}
    assert stated["Notice"] == ours["Notice"]
    del stated["Notice"], ours["Notice"]
    assert stated == ours


def test_every_string_field_has_exactly_one_sort_of_check() -> None:
    """Identifier, code list, form: no field has two, and what has none is free text with a limit."""
    names = {field.key for field in all_fields() if field.sort is Sort.STRING}
    assert set(FORMS) <= names
    assert set(LONG_TEXTS) <= names
    for field in all_fields():
        sorts = [bool(field.identifier), bool(field.code_list), field.key in FORMS, field.key in LONG_TEXTS]
        assert sum(sorts) <= 1, field.key


def test_severity_follows_from_the_code() -> None:
    """Exactly four codes are warnings."""
    warnings = {code for (_stage, code), severity in CODES.items() if severity is Severity.WARN}
    expected = {"MID_FLAG_MISMATCH", "MISSING_MINOR_NOT_URGENT", "UNKNOWN_RECIPIENT", "STALE_ENTRY"}
    assert warnings == expected
