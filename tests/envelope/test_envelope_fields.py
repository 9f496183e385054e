# SPDX-License-Identifier: Apache-2.0
"""Single fields shown under the officer's one signature."""

from __future__ import annotations

from dataclasses import replace

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st

from fanal.envelope import fields, limits
from fanal.errors import FanalError, VerificationError
from fanal.v1.notice_pb2 import Notice

SALT = b"s" * 32


def test_each_scalar_field_has_its_path_and_value(world):
    """Texts, numbers, enums by number, times by their seconds, list items by their place."""
    notice = world.notice(attachments=[{"size_bytes": 7, "biometric": True}])
    found = dict(fields.scalars(notice))
    assert found["originator"] == b"GE-CUS"
    assert found["revision"] == b"1"
    assert found["handling.tlp"] == b"3"
    assert found["issued_at.seconds"] == b"1760000000"
    assert found["handling.onward_to[1]"] == b"UZ-CUS"
    assert found["attachments[0].size_bytes"] == b"7"
    assert found["attachments[0].biometric"] == b"true"


def test_values_of_every_scalar_type_are_encoded_apart():
    """A leaf's value is bytes: as they are, UTF-8, decimal or a word."""
    assert [fields.encode_value(v) for v in (b"\xff", "é", -3, True, False)] == [
        b"\xff",
        "é".encode(),
        b"-3",
        b"true",
        b"false",
    ]


def test_a_redacted_notice_proves_what_it_shows(world):
    """Each shown field verifies with its own path, value and blind; nothing else is needed."""
    notice = world.notice()
    root = fields.root(notice, SALT)
    proofs = fields.prove(notice, SALT, ["ref", "handling.onward_to[0]"])
    assert [proof.value for proof in proofs] == [b"GE-CUS-2025-000001-11", b"KZ-CUS"]
    for proof in proofs:
        fields.verify_field(proof, root)


def test_a_redacted_field_cannot_be_altered(world):
    """Another value, path, blind, place or sibling leads to another root."""
    notice = world.notice()
    root = fields.root(notice, SALT)
    (proof,) = fields.prove(notice, SALT, ["ref"])
    first = bytes([proof.siblings[0][0] ^ 1]) + proof.siblings[0][1:]
    for forged in (
        replace(proof, value=b"GE-CUS-2025-000002-11"),
        replace(proof, path="originator"),
        replace(proof, blind=b"b" * 32),
        replace(proof, index=proof.index ^ 1),
        replace(proof, index=-1),
        replace(proof, index=1 << len(proof.siblings)),
        replace(proof, siblings=(first, *proof.siblings[1:])),
        replace(proof, siblings=proof.siblings[1:]),
        replace(proof, siblings=(*proof.siblings, proof.siblings[0])),
        replace(proof, siblings=(b"s" * 32,) * 64),
    ):
        with pytest.raises(VerificationError):
            fields.verify_field(forged, root)


def test_an_inner_node_cannot_be_shown_as_a_field(world):
    """Leaves and nodes are hashed apart, so a shorter path proves nothing."""
    notice = world.notice()
    (proof,) = fields.prove(notice, SALT, ["ref"])
    inner = replace(proof, value=proof.siblings[0], siblings=proof.siblings[1:], index=proof.index >> 1)
    with pytest.raises(VerificationError):
        fields.verify_field(inner, fields.root(notice, SALT))


def test_a_blind_opens_its_own_path_alone(world):
    """Who sees one field cannot guess at the others: each path has its own blind."""
    proofs = fields.prove(world.notice(), SALT, ["ref", "originator"])
    assert proofs[0].blind != proofs[1].blind
    assert fields.root(world.notice(), SALT) != fields.root(world.notice(), b"t" * 32)


def test_a_field_that_is_not_set_cannot_be_proved(world):
    """Asking for a field that is not there names it."""
    with pytest.raises(FanalError) as caught:
        fields.prove(world.notice(), SALT, ["operation"])
    assert caught.value.facts["field"] == "operation"


@pytest.mark.parametrize("unknown", [b"\xfa\x3e\x01x", b"\xc2\x02\x04\xfa\x3e\x01x"], ids=["top", "nested"])
def test_unknown_fields_leave_the_root_undecided(world, unknown):
    """At any depth: the root of a newer notice is neither right nor wrong here, and is not proved from."""
    notice = fields.parse_notice(world.notice().SerializeToString() + unknown)
    assert fields.has_unknown(notice)
    assert fields.root(notice, SALT) is None
    assert not fields.check_root(b"r" * 32, notice, SALT)
    with pytest.raises(FanalError):
        fields.prove(notice, SALT, ["ref"])


def test_the_limit_of_fields_is_exact():
    """8,192 fields have a root, one more are undecided."""
    assert fields.root(Notice(related=["x"] * limits.FIELDS), SALT) is not None
    assert fields.root(Notice(related=["x"] * (limits.FIELDS + 1)), SALT) is None


def test_an_empty_notice_has_a_root():
    """No field is one filler leaf, blinded like any other."""
    assert len(fields.root(Notice(), SALT)) == 32
    assert fields.root(Notice(), SALT) != fields.root(Notice(), b"t" * 32)


@given(st.lists(st.text(min_size=1, max_size=5), max_size=20))
def test_every_field_of_any_notice_can_be_proved(values):
    """Whatever the number of leaves, each has a proof under the root."""
    notice = Notice(related=values, ref="r")
    root = fields.root(notice, SALT)
    for proof in fields.prove(notice, SALT, [path for path, _value in fields.scalars(notice)]):
        fields.verify_field(proof, root)


def test_the_root_never_changes():
    """A published value: another implementation, or a later version, must get the same."""
    assert fields.root(Notice(ref="R", revision=2), SALT).hex() == ROOT


ROOT = "3921630eda25267561fb80c4582b7a8c1fe7049e75c1d520bcfb771fa404b3cc"


def test_the_schema_has_only_fields_that_a_leaf_can_hold():
    """No floating-point numbers and no maps: their values or places would not be fixed."""
    seen, todo = set(), [Notice.DESCRIPTOR]
    while todo:
        message = todo.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        assert not message.GetOptions().map_entry
        for field in message.fields:
            assert field.cpp_type not in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
            if field.message_type is not None:
                todo.append(field.message_type)
    assert len(seen) > 20
