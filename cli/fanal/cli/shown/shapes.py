# SPDX-License-Identifier: Apache-2.0
"""The JSON that commands answer with ``--json``. Times are ISO 8601 in UTC, empty when unknown; ids are hex.

Fields are only ever added. Tests compare what commands print with these shapes.
"""

from __future__ import annotations

from typing import TypedDict


class ReaderRow(TypedDict):
    """Who will be able to read, and what holds delivery up."""

    agency: str
    has_key: bool
    held_reason: str


class RedRelayRow(TypedDict):
    """A DIRECT relay that would carry a notice of TLP:RED, and for whom."""

    relay: str
    serves: list[str]


class ProblemRow(TypedDict):
    code: str
    field: str
    severity: str
    stage: str
    message: str


class SendAnswer(TypedDict):
    """``notice send``, ``ack``, ``reply``, ``amend``, ``withdraw``; empty ids with --dry-run. ``not_asked``:
    who holds a notice that is withdrawn and is not asked by this withdrawal, nor by another."""

    notice_id: str
    ref: str
    envelope_id: str
    dry_run: bool
    kind: str
    readers: list[ReaderRow]
    carriers: list[str]
    red_relays: list[RedRelayRow]
    problems: list[ProblemRow]
    not_asked: list[str]


class NoticeRow(TypedDict):
    """``revoked_key``: NODE or OFFICER when that key was revoked since, from ``revoked_from`` on; the status
    is SUSPECT unless others saw the notice before."""

    notice_id: str
    ref: str
    revision: int
    kind: str
    originator: str
    urgency: str
    tlp: str
    issued_at: str
    reply_by: str
    received_at: str
    status: str
    read: bool
    outgoing: bool
    in_reply_to: str
    title: str
    revoked_key: str
    revoked_from: str


class NoticeList(TypedDict):
    notices: list[NoticeRow]
    next_cursor: str


class AttachmentRow(TypedDict):
    """``state``: HERE, FETCHING, MISSING, ERASED; ``have`` of ``total`` pieces, 0 when not known."""

    name: str
    media_type: str
    size_bytes: int
    state: str
    have: int
    total: int


class AttachmentSaved(TypedDict):
    """``notice attachment``."""

    ref: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    file: str
    signature: str


class NoticeShown(TypedDict):
    """``notice show``: ``notice`` is the JSON form of the schema, or null when it was erased."""

    summary: NoticeRow
    notice: object
    signature: str
    officer: str
    custody: str
    problems: list[ProblemRow]
    replies: list[str]
    reasons: list[dict[str, str]]
    leaf_index: int
    manifest_sha256: str
    withdrawn_reason: str
    hold_reason: str
    erased_at: str
    erasure_basis: str
    erasure_state: str
    restated_to: list[str]
    recall: str
    attachments: list[AttachmentRow]
    read_receipt: bool


class PrintAnswer(TypedDict):
    """``notice print``: ``printed_by`` stands for the officer in leaf ``leaf``; ``text`` is empty with -o."""

    ref: str
    revision: int
    status: str
    tlp: str
    pages: int
    printed_at: str
    printed_by: str
    leaf: int
    file: str
    text: str


class NoticesExported(TypedDict):
    """``notice export``: each line of the file is a ``NoticeShown``; ``exported_by`` as in the leaves."""

    file: str
    bytes: int
    sha256: str
    notices: int
    exported_by: str


class DeliveryRow(TypedDict):
    recipient: str
    state: str
    since: str
    meaning: str
    reason: str
    reason_id: str
    next: str
    via: str


class Tracked(TypedDict):
    summary: NoticeRow
    deliveries: list[DeliveryRow]


class FindingRow(TypedDict):
    level: str
    subject: str
    id: str
    sentence: str
    next: str
    key: str


class StatusAnswer(TypedDict):
    agency: str
    network: str
    network_name: str
    charter_version: int
    locked: bool
    incarnation: str
    ledger_size: int
    ledger_root: str
    checkpoint: str
    peers_connected: int
    peers_trusted: int
    inbox_unread: int
    waiting_deliveries: int
    software: str
    started_at: str
    now: str
    listen: str
    findings: list[FindingRow]
    settled: int


class WhoAmI(TypedDict):
    agency: str
    officer: str
    rights: list[str]
    custody: str
    key_id: str
    not_after: str


class DeedRow(TypedDict):
    id: str
    sentence: str
    next: str
    count: int
    first: str
    last: str


class PeerRow(TypedDict):
    agency: str
    state: str
    since: str
    reason: str
    reason_id: str
    next: str
    endpoints: list[str]
    tls_spki_sha256: str
    sent: int
    received: int
    waiting: int
    relay: bool
    last_contact: str
    certificate_not_after: str
    reading_key_not_after: str
    reading_key_reason: str
    reading_key_reason_id: str
    protocol: int
    protocols: str
    software: str
    conduct: list[DeedRow]


class UseRow(TypedDict):
    agency: str
    limit: str
    used: int
    most: int
    percent: int
    waiting: int
    until: str
    next: str


class QuotaAnswer(TypedDict):
    uses: list[UseRow]


class PeerList(TypedDict):
    peers: list[PeerRow]


class KeyRow(TypedDict):
    key_id: str
    use: str
    epoch: int
    not_before: str
    not_after: str
    state: str
    detail: str


class KeyList(TypedDict):
    agency: str
    serial: int
    not_after: str
    keys: list[KeyRow]
    officers_here: list[str]


class MemberRow(TypedDict):
    agency: str
    governor: bool


class ChannelRow(TypedDict):
    name: str
    members: list[str]
    relays: list[str]


class RelayRow(TypedDict):
    agency: str
    direct: bool
    serves: list[str]


class CharterAnswer(TypedDict):
    network: str
    name: str
    version: int
    sha256: str
    created: str
    expires: str
    threshold: int
    members: list[MemberRow]
    channels: list[ChannelRow]
    relays: list[RelayRow]
    fingerprint: str


class PendingRow(TypedDict):
    agency: str
    token_id: str
    arrived: str
    code: str


class PendingList(TypedDict):
    pending: list[PendingRow]


class CheckRow(TypedDict):
    """One check of ``doctor``: level is ok, warning, problem, unchecked or settled."""

    subject: str
    level: str
    sentence: str
    next: str


class NewLog(TypedDict):
    """``fanal key new-log``: the log's name, that of the one before, and the identity document's serial."""

    origin: str
    before: str
    serial: int


class DoctorAnswer(TypedDict):
    checks: list[CheckRow]
    ok: bool


class AuditRow(TypedDict):
    """One check of an audit: status is passed, failed or undecided."""

    name: str
    status: str
    expected: str
    found: str
    detail: str


class AuditAnswer(TypedDict):
    """``first_bad`` is the index of the first bad leaf, or null."""

    folder: str
    verdict: str
    size: int
    root: str
    first_bad: int | None
    checks: list[AuditRow]


class CourierExported(TypedDict):
    """``courier export``; ``partial``: the size limit left something out. ``attachments`` are in the file to
    their last piece, of ``attachments_part`` it has some."""

    file: str
    to: str
    number: int
    bytes: int
    sha256: str
    envelopes: int
    documents: int
    attachments: int
    attachments_part: int
    partial: bool


# "from" is no name in Python.
CourierImported = TypedDict(
    "CourierImported",
    {
        "file": str,
        "from": str,
        "number": int,
        "created": str,
        "sha256": str,
        "new": int,
        "known": int,
        "refused": int,
        "waiting": int,
        "documents": bool,
        "attachments": int,
        "attachments_part": int,
        "older": bool,
    },
)
