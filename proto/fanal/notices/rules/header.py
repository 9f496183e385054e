# SPDX-License-Identifier: Apache-2.0
"""Rules of the header: parties, versions, times, retention, what a kind needs."""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.kinds import NEED_DEADLINE, NEED_EVALUATION, NEED_PARENT, RETENTION_DAYS
from fanal.notices.refs import is_agency
from fanal.notices.rules.registry import At, Found, rule
from fanal.notices.times import DAY, nanoseconds
from fanal.v1.notice_pb2 import Attachment, Notice


@rule("Notice", "INCONSISTENT")
def ref_begins_with_originator(notice: Notice, at: At) -> Found:
    """notice.proto: CC-UNIT of the reference is the originator. A malformed originator is its own finding."""
    if notice.ref and is_agency(notice.originator) and not notice.ref.startswith(notice.originator + "-"):
        yield at.find("INCONSISTENT", "ref", _("The agency in the reference is not the originator."))


@rule("Notice", "REQUIRED", "SELF_RECIPIENT", "DUPLICATE")
def audience(notice: Notice, at: At) -> Found:
    """notice.proto: recipients are required unless group is set; protocol.md: an audience is a set."""
    if not notice.recipients and not notice.group:
        yield at.require("recipients", _("Name recipients or a group."))
    if notice.originator and notice.originator in notice.recipients:
        yield at.find("SELF_RECIPIENT", "recipients", _("The originator is among the recipients."))
    if len(set(notice.recipients)) < len(notice.recipients):
        yield at.find("DUPLICATE", "recipients", _("A recipient is named twice."))


@rule("Notice", "REQUIRED")
def revision_says_what_changed(notice: Notice, at: At) -> Found:
    """notice.proto: from revision 2, the hash of the statement before and what changed."""
    if notice.revision < 2:
        return
    if not notice.previous_sha256:
        yield at.require("previous_sha256", _("A revision names the hash of the statement before it."))
    if not notice.change_note.strip():
        yield at.require("change_note", _("A revision says what changed."))


@rule("Notice", "REQUIRED")
def kind_has_its_header_fields(notice: Notice, at: At) -> Found:
    """notices.md: deadlines of requests, parents of replies, grades of intelligence (4x4, Europol SIENA)."""
    body = notice.WhichOneof("body")
    if body in NEED_DEADLINE and not notice.HasField("reply_by"):
        yield at.require("reply_by", _("A request says until when the answer is wanted."))
    if body in NEED_PARENT and not notice.in_reply_to:
        yield at.require("in_reply_to", _("A reply names the notice that it answers."))
    if body in NEED_EVALUATION and not notice.HasField("evaluation"):
        yield at.require("evaluation", _("This kind of notice needs a grade."))


@rule("Notice", "DATE_ORDER")
def times_in_order(notice: Notice, at: At) -> Found:
    """notice.proto: issued, then reply_by, then expiry, then deletion; review between issue and deletion."""
    if not notice.HasField("issued_at"):
        return
    issued = nanoseconds(notice.issued_at)
    expires = nanoseconds(notice.expires_at) if notice.HasField("expires_at") else None
    if expires is not None and expires <= issued:
        yield at.find("DATE_ORDER", "expires_at", _("The notice expires before it is issued."))
    if notice.HasField("reply_by"):
        reply_by = nanoseconds(notice.reply_by)
        if reply_by <= issued:
            yield at.find("DATE_ORDER", "reply_by", _("The answer is wanted before the notice is issued."))
        elif expires is not None and reply_by > expires:
            yield at.find("DATE_ORDER", "reply_by", _("The answer is wanted after the notice expires."))


@rule("Notice", "DATE_ORDER", "RETENTION_TOO_LONG")
def kept_no_longer_than_allowed(notice: Notice, at: At) -> Found:
    """Directive (EU) 2016/680 art. 5: time limits for erasure and review; the classes of notice.proto."""
    retention = notice.retention
    if not notice.HasField("issued_at") or not retention.HasField("delete_by"):
        return
    issued, delete = nanoseconds(notice.issued_at), nanoseconds(retention.delete_by)
    if delete <= issued or (notice.HasField("expires_at") and delete < nanoseconds(notice.expires_at)):
        yield at.find("DATE_ORDER", "retention.delete_by", _("Deletion comes before the notice expires."))
    days = RETENTION_DAYS.get(retention.schedule)
    if days is not None and delete - issued > days * DAY * 1_000_000_000:
        message = _("Longer than the {days} days that the retention class allows.")
        yield at.find("RETENTION_TOO_LONG", "retention.delete_by", message, days=days)
    if retention.HasField("review_at") and not issued < nanoseconds(retention.review_at) <= delete:
        message = _("The review is not between issue and deletion.")
        yield at.find("DATE_ORDER", "retention.review_at", message)


@rule("Attachment", "PATH_IN_NAME")
def attachment_name_has_no_path(attachment: Attachment, at: At) -> Found:
    """A name must not choose where a recipient's program writes (CWE-22)."""
    if has_path(attachment.name):
        yield at.find("PATH_IN_NAME", "name", _("A file name without a path and without a leading dot."))


def has_path(name: str) -> bool:
    """Whether a file name begins with a dot, or holds a path of any system."""
    return name.startswith(".") or any(sign in name for sign in "/\\") or name[1:2] == ":"
