# SPDX-License-Identifier: Apache-2.0
"""Refusals of officers' calls, of joining and of certificates (FANAL-E0280 to E0288)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

_FAILED = Exit.VERIFICATION_FAILED

CALL_MALFORMED = ErrorKind(
    "FANAL-E0280",
    Exit.NOT_PERMITTED,
    _("The call is not signed as it must be: {field} is missing or malformed."),
    _("Use the version of the node: compare fanal --version with fanal status."),
)
CALL_TIME = ErrorKind(
    "FANAL-E0281",
    Exit.NOT_PERMITTED,
    _("The call was signed {found} seconds away from this node's clock; {limit} are allowed."),
    _("Set the clocks of both machines, then try again."),
)
CALL_REPLAYED = ErrorKind(
    "FANAL-E0282",
    Exit.NOT_PERMITTED,
    _("This very call was made before."),
    _("Send a new call; if you did not make the first, replace the officer's key."),
)
CALLS_TOO_MANY = ErrorKind(
    "FANAL-E0283",
    Exit.POLICY,
    _("The node has taken {limit} calls within a minute; this one must wait."),
    _("Try again in a minute."),
)
INVITE_MALFORMED = ErrorKind(
    "FANAL-E0284",
    Exit.USAGE,
    _("This is not an invitation: {reason}."),
    _("Copy the whole line that starts with 'fanal-invite-1:'."),
)
INVITE_EXPIRED = ErrorKind(
    "FANAL-E0285",
    Exit.POLICY,
    _("The invitation is no longer valid."),
    _("Ask the inviting agency for a new one; also check this machine's clock."),
)
JOIN_MAC = ErrorKind(
    "FANAL-E0286",
    _FAILED,
    _("The other side does not know the secret of the invitation."),
    _("Use the invitation it was made with; if it was intercepted, ask for a new one."),
)
JOIN_CODE = ErrorKind(
    "FANAL-E0287",
    _FAILED,
    _("The digits read out do not match."),
    _("Read them again by telephone. If they still differ, somebody sits between you: stop and report it."),
)
CERTIFICATE_MALFORMED = ErrorKind(
    "FANAL-E0288",
    _FAILED,
    _("The bytes are not a certificate this network uses: {reason}."),
    _("Restore tls.crt and tls.key of this agency from the backup: they are made once, by fanal init."),
)
