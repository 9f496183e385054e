# SPDX-License-Identifier: Apache-2.0
"""As much of a sealed notice as is to be shown: whole, some fields, or a withdrawal's own.

Promise: what is made here verifies with nothing but documents; what was not asked for is not in it, except
the officer's statement, under whose one signature every field stands.
"""

from __future__ import annotations

from dataclasses import replace

from fanal.envelope import fields
from fanal.errors import FanalError
from fanal.node.inbox.interface import WithdrawalProof
from fanal.node.ledger.rows import EntryRow
from fanal.proof.evidence import proofs
from fanal.proof.evidence.layout import FIELDS, Item
from fanal.v1.envelope_pb2 import Content
from fanal.v1.notice_pb2 import Notice

MAX_KEPT = 160
"""Fields of a withdrawal that a proof of it is kept of: each costs a path, and senders decide how many."""


def bare(row: EntryRow) -> Item:
    """Manifest and signature only."""
    return Item(row.manifest, row.signature)


def whole(row: EntryRow, content: Content) -> Item:
    """The statement and the whole notice."""
    return replace(
        _stated(row, content),
        notice=content.notice,
        notice_salt=content.notice_salt,
        field_salt=content.field_salt,
    )


def some(row: EntryRow, content: Content, paths: list[str]) -> Item:
    """The statement and these fields; a path may name a message or a list, as ``issued_at`` does.

    Raises FIELD_UNKNOWN and FIELDS_UNDECIDED.
    """
    notice = Notice.FromString(content.notice)
    proven = fields.prove(notice, content.field_salt, _scalars_of(notice, paths))
    return replace(_stated(row, content), fields=tuple(proven))


def withdrawal_proof(notice: Notice, content: Content) -> WithdrawalProof:
    """What says and proves what a withdrawal withdraws. Empty when it has fields of a newer version, or too
    many: its content alone proves it then."""
    paths = withdrawal_paths(notice)
    if len(paths) > MAX_KEPT:
        return WithdrawalProof()
    try:
        proven = fields.prove(notice, content.field_salt, paths)
    except FanalError:
        return WithdrawalProof()
    shown = proofs.write_fields(proven)
    return WithdrawalProof(content.statement, content.officer_signature, content.content_salt, shown)


def kept(row: EntryRow, proof: WithdrawalProof) -> Item:
    """A withdrawal from what is kept of it."""
    return replace(
        bare(row),
        statement=proof.statement,
        officer_signature=proof.officer_signature,
        content_salt=proof.content_salt,
        fields=proofs.read_fields(FIELDS, proof.fields),
    )


def withdrawal_paths(notice: Notice) -> list[str]:
    """The fields that say what is withdrawn, why, and whether with deletion."""
    return [path for path, _value in fields.scalars(notice) if path.startswith("withdrawal.")]


def _stated(row: EntryRow, content: Content) -> Item:
    return replace(
        bare(row),
        statement=content.statement,
        officer_signature=content.officer_signature,
        content_salt=content.content_salt,
    )


def _scalars_of(notice: Notice, paths: list[str]) -> list[str]:
    known = [path for path, _value in fields.scalars(notice)]
    meant: dict[str, None] = {}
    for path in paths:
        inside = [one for one in known if one == path or one.startswith((f"{path}.", f"{path}["))]
        meant |= dict.fromkeys(inside or [path])
    return list(meant)
