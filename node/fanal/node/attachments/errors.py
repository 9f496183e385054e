# SPDX-License-Identifier: Apache-2.0
"""Refusals about attached files (FANAL-E0740 to E0749)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

NO_FOLDER = ErrorKind(
    "FANAL-E0740",
    Exit.FAILED,
    _("This node keeps no attachments."),
    _("Run the node with a data folder."),
)
NOT_SENT_ALONG = ErrorKind(
    "FANAL-E0741",
    Exit.POLICY,
    _("The notice names the attachment {name}, and its file was not handed in with it."),
    _("Send it again with --attach FILE, or take the attachment out of the draft."),
)
OTHER_FILE = ErrorKind(
    "FANAL-E0742",
    Exit.VERIFICATION_FAILED,
    _("What was handed in as attachment {name} is not what the notice says: {reason}."),
    _("Send it again with --attach FILE; the file may have changed meanwhile."),
)
OVER_LIMIT = ErrorKind(
    "FANAL-E0743",
    Exit.POLICY,
    _("The attachment has {found} encrypted bytes; this node takes {limit}."),
    _("Make the file smaller, or ask the operator to raise attachment_bytes in fanal.toml."),
)
DAY_FULL = ErrorKind(
    "FANAL-E0744",
    Exit.POLICY,
    _("{author} has used up the {limit} bytes of attachments that this node takes from it in a day."),
    _("Try again later, or ask the operator to raise attachment_bytes_per_day in fanal.toml."),
)
NOT_HERE = ErrorKind(
    "FANAL-E0745",
    Exit.NOT_FOUND,
    _("The attachment is not here yet: {have} of {total} pieces."),
    _("It comes by itself from whoever has it; 'fanal notice show' tells how far it is."),
)
NOT_ATTACHED = ErrorKind(
    "FANAL-E0746",
    Exit.NOT_FOUND,
    _("{notice} carries no such attachment."),
    _("'fanal notice show {notice}' lists what it carries."),
)
UPLOAD_BROKEN = ErrorKind(
    "FANAL-E0747",
    Exit.USAGE,
    _("The upload of an attachment is not what it began as: {reason}."),
    _("Send it again; if it stays so, client and node differ in version."),
)
AUTHOR_FULL = ErrorKind(
    "FANAL-E0749",
    Exit.POLICY,
    _("{author} has used up the {limit} bytes that this node keeps of it, attachments included."),
    _("Erase what is no longer needed, or ask the operator to raise storage_per_author_bytes."),
)
UNASKED = ErrorKind(
    "FANAL-E0748",
    Exit.POLICY,
    _("{peer} sent pieces of attachments that nobody asked it for."),
    _("Ask the operator of {peer} which software runs there; the link is tried again later."),
)
