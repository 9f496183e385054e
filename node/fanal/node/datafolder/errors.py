# SPDX-License-Identifier: Apache-2.0
"""Refusals of backup and restore of a node's data (FANAL-E0611 to E0616)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

BACKUP_INSIDE = ErrorKind(
    "FANAL-E0611",
    Exit.USAGE,
    _("{path} lies in the agency's own folder, which is what is backed up."),
    _("Choose a folder elsewhere, best on another disk."),
)
NOT_A_BACKUP = ErrorKind(
    "FANAL-E0612",
    Exit.FAILED,
    _("{path} is no backup of a node that this program can read: {reason}."),
    _("Name a folder that 'fanal node backup' made, and restore it with a program that is not older."),
)
BACKUP_CHANGED = ErrorKind(
    "FANAL-E0613",
    Exit.VERIFICATION_FAILED,
    _("The backup is not as it was written: {path} is missing, cut or changed."),
    _("Use another backup. Nothing was restored."),
)
OTHER_NODE = ErrorKind(
    "FANAL-E0614",
    Exit.POLICY,
    _("The backup is of {found}, and this folder is of {expected}. Nothing was restored."),
    _("Point FANAL_HOME at the folder of that agency, made by 'fanal init' or 'fanal key restore'."),
)
DATA_THERE = ErrorKind(
    "FANAL-E0615",
    Exit.FAILED,
    _("{path} is there: nothing is replaced by a restore."),
    _("Move the old data away first, and keep them until the restored node has caught up."),
)
DIRTY_COPY = ErrorKind(
    "FANAL-E0616",
    Exit.VERIFICATION_FAILED,
    _("What was copied from {path} is damaged: {reason}. No backup was made."),
    _("Look at the disk. Keep the last good backup; 'fanal audit verify' says what of the ledger is left."),
)
