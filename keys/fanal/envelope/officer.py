# SPDX-License-Identifier: Apache-2.0
"""Who signed a statement: the officer's key, its right to author, and its signature over the exact bytes.

Promise: a statement counts only under a key that the author's own identity document lists for an officer with
the right AUTHOR. ``check_draft`` lets the author's node run every reader's check before it seals.
"""

from __future__ import annotations

from dataclasses import dataclass

from fanal.envelope import content as contents
from fanal.envelope import fields, statement
from fanal.envelope.commitments import check_notice
from fanal.envelope.errors import FIELDS_UNDECIDED, OFFICER_RIGHT, Step, at
from fanal.envelope.statement import Frame, SignedDraft
from fanal.envelope.trust import Charter, CharterRef, Standing, Trust, standing_of
from fanal.errors import VerificationError
from fanal.keys import ed25519, pae
from fanal.v1.envelope_pb2 import EnvelopeClass, Statement
from fanal.v1.identity_pb2 import Custody, OfficerRight
from fanal.v1.notice_pb2 import Notice


@dataclass(frozen=True)
class SigningOfficer:
    """The officer behind a verified signature. ``standing`` other than CURRENT is for the caller to judge."""

    agency: str
    key_id: bytes
    officer_id: str
    custody: Custody.Code
    standing: Standing


@dataclass(frozen=True)
class CheckedDraft:
    """A draft that every reader will accept once it is sealed in its frame."""

    draft: SignedDraft
    statement: Statement
    statement_sha256: bytes
    officer: SigningOfficer
    notice: Notice


def check_signature(
    agency: str,
    officer_key_id: bytes,
    right: OfficerRight.Code,
    type: str,
    body: bytes,
    signature: bytes,
    trust: Trust,
    now: int | None = None,
) -> SigningOfficer:
    """The officer of ``agency`` who signed ``body`` as ``type`` and has ``right``.

    Raises VerificationError; UnknownIdentity when no document of that agency held here names the key: it may
    be new, or another agency's. Such a statement waits; it is never accepted.
    """
    found = trust.officer(agency, officer_key_id, now)
    person = found.key.officer
    if person is None or right not in person.rights:
        name = OfficerRight.Code.Name(right)
        who = person.officer_id if person else officer_key_id.hex()
        raise VerificationError(OFFICER_RIGHT, officer=who, agency=agency, right=name)
    ed25519.verify(found.public, pae.pae(type, body), signature)
    return SigningOfficer(agency, officer_key_id, person.officer_id, person.custody, standing_of(found))


def check_statement(
    data: bytes, signature: bytes, parsed: Statement, trust: Trust, now: int | None = None
) -> SigningOfficer:
    """The officer of the statement's author who signed it and may author. Raises as ``check_signature``."""
    right = OfficerRight.AUTHOR
    key_id = parsed.officer_key_id
    return check_signature(parsed.author, key_id, right, pae.STATEMENT, data, signature, trust, now)


def check_draft(
    draft: SignedDraft, author: str, charter: Charter, trust: Trust, now: int | None = None
) -> CheckedDraft:
    """What ``author``'s own node checks before it seals what an officer's client handed in.

    ``charter`` is the one in force. Raises VerificationError with the step a reader would name.
    """
    with at(Step.CONTENT):
        contents.core_of(draft.content(), EnvelopeClass.NOTICE)
    with at(Step.STATEMENT):
        parsed = statement.decode(draft.statement)
        charter_ref = CharterRef(charter.version, charter.sha256)
        frame = Frame(charter.network, charter_ref, author, parsed.envelope_id, parsed.audience)
        statement.check_against_frame(parsed, frame)
    with at(Step.OFFICER):
        officer = check_statement(draft.statement, draft.signature, parsed, trust, now)
    notice = check_notice_of(parsed, draft, charter)
    return CheckedDraft(draft, parsed, statement.statement_sha256(draft.statement), officer, notice)


def check_notice_of(parsed: Statement, draft: SignedDraft, charter: Charter) -> Notice:
    """The notice under the statement: committed bytes, its own audience and author, every field decided.

    Stricter than a reader, who leaves fields of a newer version undecided: we issue only what we know.
    """
    with at(Step.NOTICE_COMMITMENT):
        check_notice(parsed.notice_commitment, draft.notice_salt, draft.notice)
    with at(Step.FIELDS_ROOT):
        notice = fields.parse_notice(draft.notice)
        if notice is None or not fields.check_root(parsed.fields_root, notice, draft.field_salt):
            raise VerificationError(FIELDS_UNDECIDED, reason="unknown fields, or no notice at all")
    with at(Step.STATEMENT):
        statement.check_against_notice(parsed, notice, charter)
    return notice
