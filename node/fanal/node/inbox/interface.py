# SPDX-License-Identifier: Apache-2.0
"""The vault as the rest of the node sees it.

1. ``file`` is one transaction, durable on return; the cursor moves in it, so each arrival is filed once.
2. A notice belongs to its author: nobody else's revision replaces it, nobody else's withdrawal hides it.
3. What is withdrawn stays withdrawn, also for revisions that arrive later or before the notice itself.
4. Nothing that is stored is shown or found after the time ``now`` a caller asks for.

Times are Unix seconds. ``arrival`` is the entry's arrival number in the ledger.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fanal.notices.context import KnownNotices
from fanal.notices.problem import Problem
from fanal.v1.notice_pb2 import Notice

MAX_PAGE = 500
"""Most notices in one page of a list."""


class Status(enum.StrEnum):
    """What a notice is now. Computed when it is read, except PARKED and REJECTED, which are filed."""

    ISSUED = "ISSUED"
    UPDATED = "UPDATED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    ERASED = "ERASED"
    PARKED = "PARKED"
    REJECTED = "REJECTED"


class Folder(enum.StrEnum):
    """Which notices a list shows."""

    INBOX = "inbox"
    SENT = "sent"
    ALL = "all"


@dataclass(frozen=True)
class StoredLaneKey:
    """A lane key. ``readers`` is a fingerprint of whom it was wrapped for, b"" for another author's key."""

    lane: bytes
    commitment: bytes
    key_manifest_sha256: bytes
    key: bytes = field(repr=False)
    since: int
    readers: bytes = b""


@dataclass(frozen=True)
class NoticeFiling:
    """An opened notice to file. Columns are read from ``notice``; bytes that are no notice are filed too.

    ``rejected``: the check found an error; it is kept and shown as such and never counts as known.
    ``content_key`` opens the envelope's body again.
    """

    envelope_id: bytes
    manifest_sha256: bytes
    author: str
    notice: bytes = field(repr=False)
    statement: bytes = field(repr=False)
    officer_signature: bytes = field(repr=False)
    content_key: bytes = field(repr=False)
    outgoing: bool
    received_at: int
    rejected: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A later look at a filed notice, for example at a parked reply whose parent has arrived."""

    manifest_sha256: bytes
    rejected: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class WithdrawalProof:
    """What proves a withdrawal when its own content is gone: the officer's statement and signature, the salt
    that ties the statement to the manifest, and what it says it withdraws, as fields.txt of a bundle."""

    statement: bytes = b""
    officer_signature: bytes = b""
    content_salt: bytes = b""
    fields: bytes = b""


@dataclass(frozen=True)
class Withdrawal:
    """``originator`` withdraws ``notice_id``, known or not. ``delete``: no copy is to be shown any more."""

    notice_id: str
    originator: str
    reason: str
    at: int
    delete: bool = False
    manifest_sha256: bytes = b""
    """Of the withdrawal: what a holder's answer names. Another one is answered anew."""
    proof: WithdrawalProof = WithdrawalProof()
    """Stays whatever becomes of the withdrawal's content."""


@dataclass(frozen=True)
class Recall:
    """A withdrawal as a holder sees it. ``outcome`` is "" until it is answered, then COMPLIED, REFUSED, HELD;
    ``answer`` is the token given with the last two."""

    notice_id: str
    originator: str
    manifest_sha256: bytes
    delete: bool
    at: int
    outcome: str = ""
    answer: str = ""
    answered: int = 0


@dataclass(frozen=True)
class PendingOpen:
    """An entry in the ledger that cannot be opened yet. ``reason`` is a token, for example NO_KEY."""

    manifest_sha256: bytes
    arrival: int
    key_envelope: bytes
    reason: str
    since: int


@dataclass(frozen=True)
class Filing:
    """What one transaction files. Repeating it changes nothing."""

    cursor: int | None = None
    """Everything up to this arrival has been looked at. Never falls."""
    notices: tuple[NoticeFiling, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    lane_keys: tuple[StoredLaneKey, ...] = ()
    """Keys of lanes that others write; our own go through ``put_own_lane_key``."""
    pending: tuple[PendingOpen, ...] = ()
    settled: tuple[bytes, ...] = ()
    """Envelope ids that are pending no longer. A filed notice is settled by itself."""


@dataclass(frozen=True)
class Filed:
    """``fresh[i]``: notice i is new. ``joined``: envelope ids of parked replies whose parent came."""

    fresh: tuple[bool, ...] = ()
    joined: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Summary:
    """One line of a list."""

    notice_id: str
    ref: str
    revision: int
    kind: str
    originator: str
    urgency: str
    tlp: str
    issued_at: int
    reply_by: int
    expires_at: int
    status: Status
    read: bool
    outgoing: bool
    in_reply_to: str
    title: str
    received_at: int


@dataclass(frozen=True)
class NoticeRecord:
    """A filed notice. ``notice`` is b"" when its originator withdrew it and asked for deletion."""

    summary: Summary
    envelope_id: bytes
    manifest_sha256: bytes
    notice: bytes = field(repr=False)
    statement: bytes = field(repr=False)
    officer_signature: bytes = field(repr=False)
    content_key: bytes = field(repr=False)
    problems: tuple[Problem, ...] = ()
    withdrawn_reason: str = ""
    reader: bytes = b""
    """Key id of the officer who read it first."""
    read_at: int = 0
    delete_by: int = 0
    statement_sha256: bytes = b""
    erased: int = 0
    """When its content was erased; ids, times and the hash of the statement stay."""


@dataclass(frozen=True)
class ListQuery:
    """What a list shows, newest first. Empty fields do not restrict."""

    now: int
    folder: Folder = Folder.INBOX
    kind: str = ""
    text: str = ""
    identifier: str = ""
    unread: bool = False
    since: int = 0
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True)
class Page:
    """Part of a list; ``cursor`` goes on after it, "" at the end."""

    summaries: tuple[Summary, ...]
    cursor: str = ""


class Notices(Protocol):
    """Reading what is filed."""

    def find(self, handle: str, now: int, revision: int = 0) -> NoticeRecord:
        """By notice id, unique prefix of one (4 characters or more) or ref; ``revision`` 0 is the newest.

        Raises NOTICE_UNKNOWN and PREFIX_AMBIGUOUS (with at most five candidates).
        """

    def get(
        self, now: int, *, envelope_id: bytes = b"", author: str = "", manifest_sha256: bytes = b""
    ) -> NoticeRecord | None:
        """The notice of one envelope: by its manifest, or by its author and id (no author: the first)."""

    def with_content(self, manifests: Sequence[bytes]) -> Sequence[bytes]:
        """Those of these manifests whose notices are here and not erased; a few hundred at a time."""

    def envelopes(self, notice_id: str, author: str) -> Sequence[bytes]:
        """Envelope ids of all revisions and restatements of an author's notice, oldest first."""

    def manifests(self, notice_id: str, author: str) -> Sequence[bytes]:
        """Manifest hashes of the same envelopes, oldest first; content erased or not."""

    def list(self, query: ListQuery) -> Page:
        """One page of a list, newest first. Raises LIST_LIMIT and CURSOR_MALFORMED."""

    def replies(self, notice_id: str, now: int) -> Sequence[Summary]:
        """The newest revisions of the notices that answer this one, oldest first."""

    def accepted_in(self, statement_sha256: bytes) -> bytes | None:
        """Manifest hash of the envelope that a statement was first filed from: it is good for no other."""

    def of_statement(self, statement_sha256: bytes, now: int) -> NoticeRecord | None:
        """The notice of one statement."""

    def newest_directory_entry(self, agency: str) -> Notice | None:
        """The newest DIRECTORY_ENTRY that an agency issued about itself and did not withdraw."""

    def open_recalls(self, me: str, limit: int) -> Sequence[Recall]:
        """Withdrawals of others that this agency has not answered yet."""

    def recall(self, notice_id: str, originator: str) -> Recall | None:
        """The withdrawal of an originator's notice."""

    def withdrawn_in(self, notice_id: str, originator: str) -> Sequence[bytes]:
        """Envelope ids of an originator's withdrawals of a notice, and of their restatements, as far as their
        content is here, oldest first."""

    def withdrawals_naming(self, manifest_sha256: bytes) -> Sequence[bytes]:
        """Manifest hashes of all withdrawals with a kept proof that name this manifest."""

    def envelopes_of(self, notice_id: str, author: str) -> Sequence[tuple[bytes, int, bool]]:
        """(manifest hash, revision, erased) of all envelopes of an author's notice, oldest first."""

    def withdrawal_proof(self, manifest_sha256: bytes) -> WithdrawalProof | None:
        """What proves that withdrawal; None when nothing was kept."""

    def to_delete(self, limit: int, after: bytes = b"") -> Sequence[NoticeRecord]:
        """Notices withdrawn with deletion whose content is still here, by manifest hash."""

    def deletes_unknown(self, originator: str) -> bool:
        """Whether an originator withdrew a notice with deletion that never came here."""

    def restated_to(self, notice_id: str, author: str) -> frozenset[str]:
        """Everybody whom a statement about an author's notice names as its audience by name."""

    def unread(self) -> int:
        """Incoming notices that nobody has read; O(1)."""


class Vault(Protocol):
    """One agency's vault. One thread at a time writes; any thread reads."""

    def file(self, filing: Filing) -> Filed:
        """Store all of it in one transaction; durable on return.

        Raises ORIGINATOR_MISMATCH when a withdrawal is for a notice that only others have issued;
        DISK_FULL, NOT_WRITABLE, STORE_FAILED, STORE_CLOSED when nothing was stored.
        """

    def cursor(self) -> int:
        """The last arrival number that was looked at; 0 at first."""

    def step_back(self, last: int) -> None:
        """Look at what arrives after ``last``, the newest number of the ledger as it was found: one that is
        older than this vault gives numbers anew. What was filed stays. Raises as ``file``."""

    def mark_read(self, manifest_sha256: bytes, officer_key_id: bytes, at: int) -> bool:
        """An officer has read a notice; True the first time. Raises NOTICE_UNKNOWN."""

    def own_lane_key(self, lane: bytes) -> StoredLaneKey | None:
        """The newest key of one of our own lanes."""

    def put_own_lane_key(self, key: StoredLaneKey) -> None:
        """Keep a key of ours, durably, before its KEY envelope is appended; the same again is fine."""

    def lane_key(
        self, *, key_manifest_sha256: bytes = b"", lane: bytes = b"", commitment: bytes = b""
    ) -> StoredLaneKey | None:
        """A lane key by the hash of its KEY envelope's manifest, or by lane and commitment."""

    def pending(
        self,
        limit: int,
        *,
        key_envelope: bytes | None = None,
        after: int = 0,
        reasons: Collection[str] = (),
    ) -> list[PendingOpen]:
        """Entries waiting to be opened, by arrival; all, or those that wait for one KEY envelope, or for one
        of these reasons."""

    def answer(self, recall: Recall) -> None:
        """Keep what was answered to a withdrawal."""

    def settle(self, finding: str, officer: str, reason: str) -> None:
        """Keep who settled a finding and why; the first time stands."""

    def settled(self) -> dict[str, tuple[str, str]]:
        """Officer and reason of every settled finding, by its key."""

    def erase(self, manifests: Sequence[bytes], at: int) -> bool:
        """Delete the content of these notices: text, key, index, identifiers, statement. False while the
        write-ahead log cannot be emptied because somebody reads; the same again tries again."""

    def destroy_lane_key(self, key_manifest_sha256: bytes) -> bool:
        """Delete a lane key. As ``erase``."""

    @property
    def notices(self) -> Notices: ...

    @property
    def known(self) -> KnownNotices:
        """What stage CONTEXT of the check asks: every filed notice that was not rejected."""

    def is_sound(self) -> bool:
        """Whether every page is what was written. Reads all of it."""

    def close(self) -> None:
        """Refuse everything from now on. Twice is fine."""
