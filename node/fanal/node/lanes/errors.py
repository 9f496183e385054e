# SPDX-License-Identifier: Apache-2.0
"""Why nothing can be sealed for an agency, or soon no more."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

READING_KEY_ENDED = ErrorKind(
    "FANAL-E0750",
    Exit.FAILED,
    _("The reading key of {agency} has ended: nothing new can be sealed for it."),
    _("Tell its operator, there: fanal key rotate ENCRYPT. What waits for the new key follows by itself."),
)
READING_KEY_ENDS = ErrorKind(
    "FANAL-E0751",
    Exit.FAILED,
    _("The reading key of {agency} ends on {when}; then nothing new can be sealed for it."),
    _("Remind its operator, there: fanal key rotate ENCRYPT"),
)
