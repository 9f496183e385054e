# SPDX-License-Identifier: Apache-2.0
"""What a header, a manifest and an envelope must look like, whoever signed them.

Promise: every field has its length, its range and its place in its class, and nothing else is set. The same
checks run on what we seal and on what we receive, so we never sign what a reader refuses. Times are checked
for plausibility only: nothing is ordered or accepted by an author's clock.
"""

from __future__ import annotations

from fanal.envelope import audience, limits
from fanal.envelope.errors import LIMIT, SHAPE, UNSUPPORTED
from fanal.errors import VerificationError
from fanal.keys.agency import is_agency
from fanal.v1.envelope_pb2 import Envelope, EnvelopeClass, EnvelopePriority, Header, Manifest

_CLASSES = (EnvelopeClass.NOTICE, EnvelopeClass.RECEIPT, EnvelopeClass.KEY, EnvelopeClass.CONTROL)
_PRIORITIES = (EnvelopePriority.FLASH, EnvelopePriority.ROUTINE, EnvelopePriority.BULK)


def check_raw_size(data: bytes) -> None:
    """Raise VerificationError for bytes that are too many to be decoded at all."""
    _check_limit("the size in bytes", len(data), limits.ENVELOPE_RAW)


def check_header(header: Header) -> None:
    """Raise VerificationError unless the header is well formed and its lane id is that of its audience."""
    _check_version(header)
    for name in ("network", "charter_sha256", "author_key_id", "lane", "key_commitment"):
        _check_length(name, getattr(header, name), limits.HASH)
    _check_length("incarnation", header.incarnation, limits.INCARNATION)
    _check_length("envelope_id", header.envelope_id, limits.ENVELOPE_ID)
    _require(header.charter_version > 0, "charter_version", "1 or more")
    _require(is_agency(header.author), "author", "an agency id")
    _check_times(header)
    _check_place(header)
    _check_class_fields(header)
    audience.check(header.audience, header.author)
    audience.check_lane(header.lane, header.network, header.author, header.audience)


def check_manifest(manifest: Manifest, header: Header) -> None:
    """Raise VerificationError unless the manifest fits the class of its header."""
    key = header.envelope_class == EnvelopeClass.KEY
    _check_length("body_sha256", manifest.body_sha256, 0 if key else limits.HASH)
    _check_length("own_wrap_sha256", manifest.own_wrap_sha256, 0 if key else limits.HASH)
    _check_length("wraps_root", manifest.wraps_root, limits.HASH if key else 0)
    _require(bool(manifest.body_length) != key, "body_length", "0 in a KEY envelope and in no other")
    _require(bool(manifest.wraps_count) == key, "wraps_count", "1 or more in a KEY envelope and 0 in others")
    _check_limit("wraps_count", manifest.wraps_count, limits.WRAPS)
    _check_attachments(list(manifest.attachments), header)


def check_sizes(envelope: Envelope, header: Header) -> None:
    """Raise VerificationError unless manifest and body together are within the limit of the priority."""
    flash = header.priority == EnvelopePriority.FLASH
    size = len(envelope.manifest) + len(envelope.body)
    _check_limit("the size in bytes", size, limits.FLASH if flash else limits.ENVELOPE)


def check_envelope(envelope: Envelope, header: Header) -> None:
    """Raise VerificationError unless signature and own wrap have their lengths."""
    key = header.envelope_class == EnvelopeClass.KEY
    _check_length("signature", envelope.signature, limits.SIGNATURE)
    _check_length("own_wrap", envelope.own_wrap, 0 if key else limits.OWN_WRAP)


def _check_version(header: Header) -> None:
    if header.version != limits.VERSION:
        raise VerificationError(UNSUPPORTED, field="version", found=header.version, expected=limits.VERSION)
    if header.suite != limits.SUITE:
        raise VerificationError(UNSUPPORTED, field="suite", found=header.suite[:64], expected=limits.SUITE)
    if header.envelope_class not in _CLASSES:
        raise VerificationError(
            UNSUPPORTED, field="envelope_class", found=header.envelope_class, expected="1 to 4"
        )
    if header.priority not in _PRIORITIES:
        raise VerificationError(UNSUPPORTED, field="priority", found=header.priority, expected="1 to 3")


def _check_times(header: Header) -> None:
    _require(0 < header.created <= limits.MAX_TIME, "created", "a time after 1970 and before 10000")
    _require(header.created <= header.expires <= limits.MAX_TIME, "expires", "not before created")


def _check_place(header: Header) -> None:
    """Sequence 0 begins an incarnation: it alone has no previous hash, and it alone names a predecessor."""
    _check_limit("seq", header.seq, limits.MAX_SEQ)
    _check_length(
        "previous_manifest_sha256", header.previous_manifest_sha256, limits.HASH if header.seq else 0
    )
    if not header.HasField("predecessor"):
        return
    before = header.predecessor
    _require(header.seq == 0, "predecessor", "absent after sequence 0")
    _check_length("predecessor.incarnation", before.incarnation, limits.INCARNATION)
    _require(before.incarnation != header.incarnation, "predecessor.incarnation", "another incarnation")
    _check_limit("predecessor.next", before.next, limits.MAX_SEQ)
    _check_length("predecessor.head", before.head, limits.HASH if before.next else 0)


def _check_class_fields(header: Header) -> None:
    if header.envelope_class != EnvelopeClass.KEY:
        _check_length("content_commitment", header.content_commitment, limits.HASH)
        _check_length("key_envelope", header.key_envelope, limits.HASH)
        return
    _check_length("content_commitment", header.content_commitment, 0)
    _require(len(header.key_envelope) in (0, limits.HASH), "key_envelope", "empty or 32 bytes long")


def _check_attachments(hashes: list[bytes], header: Header) -> None:
    if not hashes:
        return
    _require(header.envelope_class == EnvelopeClass.NOTICE, "attachments", "empty unless it is a NOTICE")
    _check_limit("the number of attachments", len(hashes), limits.ATTACHMENTS)
    _require(len(set(hashes)) == len(hashes), "attachments", "each named once")
    for value in hashes:
        _check_length("attachments", value, limits.HASH)


def _check_length(field: str, value: bytes, length: int) -> None:
    _require(len(value) == length, field, f"{length} bytes long" if length else "empty")


def _check_limit(field: str, value: int, limit: int) -> None:
    if value > limit:
        raise VerificationError(LIMIT, field=field, found=value, limit=limit)


def _require(condition: bool, field: str, expected: str) -> None:
    if not condition:
        raise VerificationError(SHAPE, field=field, expected=expected)
