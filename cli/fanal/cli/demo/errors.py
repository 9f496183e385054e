# SPDX-License-Identifier: Apache-2.0
"""What the demo itself refuses, and how it says that an expectation did not hold."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

NOT_HELD = ErrorKind(
    "FANAL-E1001",
    Exit.FAILED,
    _("{failed} of {total} expectations did not hold; the first: {first}."),
    _("Run it again with --keep DIR and read DIR/<agency>/node.log."),
)
NODE_FAILED = ErrorKind(
    "FANAL-E1002",
    Exit.FAILED,
    _("The node of {agency} did not start within {seconds} s."),
    _("Its log says: {log}. Run the demo again with --keep DIR to keep the log."),
)
KEEP_TAKEN = ErrorKind(
    "FANAL-E1003",
    Exit.USAGE,
    _("{path} is there and is not an empty folder."),
    _("Name a new folder with --keep."),
)
KEEP_TOO_LONG = ErrorKind(
    "FANAL-E1004",
    Exit.USAGE,
    _("{path} is too long: a socket in it would have {found} bytes, the limit is {limit}."),
    _("Name a folder with a shorter path with --keep."),
)
NO_PORTS = ErrorKind(
    "FANAL-E1005",
    Exit.FAILED,
    _("There are not {count} free ports on 127.0.0.1."),
    _("Stop what listens there, or start the demo with fewer --agencies."),
)
TOO_LATE = ErrorKind(
    "FANAL-E1006",
    Exit.TIMEOUT,
    _("After {seconds} s this had not come true: {what}."),
    _("The machine may be very busy: run it again. With --keep DIR the logs stay in DIR/<agency>/node.log."),
)
