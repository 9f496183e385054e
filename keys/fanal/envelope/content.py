# SPDX-License-Identifier: Apache-2.0
"""The plaintext of a body: which fields each class of envelope carries, and no others.

The ``core`` of a content is the one part its commitment covers: the statement of a NOTICE, the receipts of a
RECEIPT, the message of a CONTROL. What else a notice carries hangs on the statement.
"""

from __future__ import annotations

from typing import Final

from fanal.envelope import limits, padding
from fanal.envelope.errors import CONTENT
from fanal.errors import VerificationError
from fanal.keys import strict
from fanal.v1.envelope_pb2 import Content, EnvelopeClass

_COMMON: Final = frozenset({"content_salt"})
_NOTICE: Final = _COMMON | {"statement", "officer_signature", "notice", "notice_salt", "field_salt"}
_FIELDS: Final = {
    EnvelopeClass.NOTICE: _NOTICE,
    EnvelopeClass.RECEIPT: _COMMON | {"receipts"},
    EnvelopeClass.CONTROL: _COMMON | {"control"},
}
_CORE: Final = {
    EnvelopeClass.NOTICE: "statement",
    EnvelopeClass.RECEIPT: "receipts",
    EnvelopeClass.CONTROL: "control",
}


def core_of(content: Content, klass: EnvelopeClass.Code) -> bytes:
    """The part that the content commitment covers, after checking that all and only the right parts are set.

    Raises VerificationError; ValueError for a KEY envelope, which has no content.
    """
    if klass not in _CORE:
        raise ValueError("a KEY envelope has no content")
    found = {field.name for field, _value in content.ListFields()}
    if klass == EnvelopeClass.NOTICE:
        found.discard("attachment_keys")
    if found != _FIELDS[klass]:
        differing = ", ".join(sorted(found ^ _FIELDS[klass]))
        raise VerificationError(CONTENT, reason=f"missing or out of place: {differing}")
    _check_salts(content, klass)
    core: bytes = getattr(content, _CORE[klass])
    return core


def decode(padded: bytes) -> Content:
    """Unpad and parse strictly. Raises VerificationError."""
    return strict.decode(Content, padding.unpad(padded), limits.ENVELOPE)


def check_attachments(content: Content, hashes: list[bytes]) -> None:
    """Raise VerificationError unless there is one key for each attachment of the manifest, in its order."""
    if [item.attachment for item in content.attachment_keys] != hashes:
        raise VerificationError(CONTENT, reason="its attachment keys are not those of the manifest")
    if any(len(item.key) != limits.KEY for item in content.attachment_keys):
        raise VerificationError(CONTENT, reason=f"an attachment key is not {limits.KEY} bytes long")


def _check_salts(content: Content, klass: EnvelopeClass.Code) -> None:
    names = ["content_salt"]
    if klass == EnvelopeClass.NOTICE:
        names += ["notice_salt", "field_salt"]
    for name in names:
        if len(getattr(content, name)) != limits.SALT:
            raise VerificationError(CONTENT, reason=f"the {name} is not {limits.SALT} bytes long")
