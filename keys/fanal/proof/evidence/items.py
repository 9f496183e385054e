# SPDX-License-Identifier: Apache-2.0
"""A disclosed notice: the node's signature on the manifest, the officer's on the statement, and the text.

Promise: what passes as shown was committed to by the officer (text, single fields) and by the author's node
(statement). What is not disclosed is named as redacted; it is never taken for checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fanal.envelope import fields, officer, statement
from fanal.envelope.commitments import check_content, check_notice
from fanal.envelope.statement import Frame
from fanal.envelope.trust import Standing
from fanal.envelope.verify import Received, Verified, decode_manifest_only, verify_signed
from fanal.errors import VerificationError
from fanal.i18n import _, say, translate
from fanal.keys.errors import UNKNOWN_FIELD
from fanal.keys.trust import Directory
from fanal.proof.evidence.errors import BUNDLE_MISMATCH
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.layout import Item
from fanal.v1.envelope_pb2 import EnvelopeClass, Statement
from fanal.v1.notice_pb2 import Notice

_NO_STATEMENT = _("Redacted: this bundle does not show the officer's statement.")
_NO_NOTICE = _("Redacted: without the whole notice its commitment cannot be opened.")
_NO_FIELDS = _("Redacted: this bundle shows no field of the notice.")
_UNKNOWN_FIELDS = _("The notice has fields that this version does not know.")
_FIELDS_SHOWN = _("Shown, which is no proof that the notice says nothing else:")
_TOO_LONG = _("{start}... ({count} characters)")
_LONGEST = 300
"""Characters of a shown value."""


@dataclass
class Shown:
    """What is known of a notice once its checks have been made."""

    verified: Verified
    statement: Statement | None = None
    notice: Notice | None = None
    values: dict[str, bytes] = field(default_factory=dict)
    """Proven scalar fields by path."""

    @property
    def received(self) -> Received:
        return self.verified.received


def check_item(findings: Findings, item: Item, directory: Directory, prefix: str) -> Shown | None:
    """Every check of one notice, named ``prefix.``...; None when its manifest does not verify."""
    shown: Shown | None = None
    with findings.check(f"{prefix}.manifest") as step:
        received = decode_manifest_only(item.manifest, item.signature)
        if received.header.envelope_class != EnvelopeClass.NOTICE:
            raise VerificationError(
                BUNDLE_MISMATCH, what="The manifest", expected="NOTICE", found=received.header.envelope_class
            )
        shown = Shown(verify_signed(received, directory))
        step.found = f"{received.header.author} {received.manifest_sha256.hex()}"
    if shown is None:
        return None
    with findings.check(f"{prefix}.statement") as step:
        shown.statement = _statement(item, shown.verified, directory)
        step.found = shown.statement.officer_key_id.hex()
    with findings.check(f"{prefix}.text"):
        shown.notice = _text(item, shown)
    with findings.check(f"{prefix}.fields") as step:
        shown.values = _fields(item, shown)
        step.found = str(len(shown.values))
        if not item.notice:
            lines = [f"{path} = {plain(value)}" for path, value in shown.values.items()]
            step.detail = "\n".join([translate(_FIELDS_SHOWN), *lines])
    return shown


def plain(value: bytes) -> str:
    """A value of others on one line: what moves a cursor, turns text around or cannot be seen is spelled out,
    and after 300 characters it ends in its length."""
    text = value.decode("utf-8", "replace")
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text[:_LONGEST])
    return shown if len(text) <= _LONGEST else say(_TOO_LONG, start=shown, count=len(text))


def _statement(item: Item, verified: Verified, directory: Directory) -> Statement:
    if not item.statement:
        _nothing_else(item)
        raise Undecided(translate(_NO_STATEMENT), needed=False)
    check_content(verified.header.content_commitment, item.content_salt, item.statement)
    parsed = statement.decode(item.statement)
    statement.check_against_frame(parsed, Frame.of(verified.header))
    who = officer.check_statement(item.statement, item.officer_signature, parsed, directory)
    if who.standing is Standing.REVOKED:
        raise Undecided(translate(_("The officer's key has been revoked since.")))
    return parsed


def _text(item: Item, shown: Shown) -> Notice:
    if not item.notice or shown.statement is None:
        if item.notice_salt or item.field_salt:
            raise VerificationError(BUNDLE_MISMATCH, what="A salt", expected="the notice", found="-")
        raise Undecided(translate(_NO_NOTICE), needed=False)
    check_notice(shown.statement.notice_commitment, item.notice_salt, item.notice)
    parsed = fields.parse_notice(item.notice)
    if parsed is None:
        raise VerificationError(UNKNOWN_FIELD, message="Notice")
    statement.check_against_notice(shown.statement, parsed, shown.verified.charter)
    return parsed


def _fields(item: Item, shown: Shown) -> dict[str, bytes]:
    if shown.statement is None or not (item.fields or shown.notice):
        raise Undecided(translate(_NO_FIELDS), needed=False)
    root = shown.statement.fields_root
    if shown.notice is not None:
        if not fields.check_root(root, shown.notice, item.field_salt):
            raise Undecided(translate(_UNKNOWN_FIELDS), needed=False)
        return dict(fields.scalars(shown.notice))
    for proof in item.fields:
        fields.verify_field(proof, root)
    return {proof.path: proof.value for proof in item.fields}


def _nothing_else(item: Item) -> None:
    """Nothing that hangs on a statement stands in a bundle without one."""
    if item.officer_signature or item.content_salt or item.notice or item.fields:
        raise VerificationError(BUNDLE_MISMATCH, what="Content", expected="its statement", found="-")
