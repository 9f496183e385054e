# SPDX-License-Identifier: Apache-2.0
"""What the auditor's commands refuse (FANAL-E0647, E0648, E0649, E0685, E0688, E0689)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

NOT_AN_EXPORT = ErrorKind(
    "FANAL-E0685",
    Exit.USAGE,
    _("{path} is neither a data folder nor the export of a ledger."),
    _("Name a data folder, or a file made with: fanal audit export."),
)
EXPORT_DAMAGED = ErrorKind(
    "FANAL-E0647",
    Exit.VERIFICATION_FAILED,
    _("The export {path} is damaged or was changed: {reason}."),
    _("Ask for it again, and compare the SHA-256 of the file with the sender."),
)
NOT_IN_LEDGER = ErrorKind(
    "FANAL-E0648",
    Exit.NOT_FOUND,
    _("Nothing in this ledger is about {what}."),
    _("Give an envelope id or a manifest hash in hex, as fanal notice show --json prints them."),
)
LANE_NOT_IN_LEDGER = ErrorKind(
    "FANAL-E0649",
    Exit.NOT_FOUND,
    _("No lane in this ledger has an id that begins with {what}."),
    _("'fanal audit completeness' lists the lanes that are here."),
)
AMBIGUOUS = ErrorKind(
    "FANAL-E0688",
    Exit.USAGE,
    _("{what} begins several ids in this ledger: {choices}."),
    _("Give more digits."),
)
NOT_A_CHECKPOINT = ErrorKind(
    "FANAL-E0689",
    Exit.USAGE,
    _("{path} holds no checkpoint: {reason}."),
    _("Name a data folder, an export, or a file with one signed note."),
)
