# SPDX-License-Identifier: Apache-2.0
"""Refusals of the ledger and the vault (FANAL-E06xx). What was not committed is never reported as stored."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

# --- Files: either database --------------------------------------------------------------------

FOLDER_IN_USE = ErrorKind(
    "FANAL-E0601",
    Exit.FAILED,
    _("Another process holds the data folder {folder}."),
    _("One node runs per folder. Stop the other one first; 'fanal status' shows it."),
)
NEWER_FORMAT = ErrorKind(
    "FANAL-E0602",
    Exit.FAILED,
    _("{path} has data format {found}; this program knows formats up to {expected}."),
    _("Install the newer program again. Nothing was changed."),
)
NOT_A_STORE = ErrorKind(
    "FANAL-E0603",
    Exit.FAILED,
    _("{path} is not a database of this program: {reason}."),
    _("Check the path. If it should be one, restore the folder from its backup."),
)
DAMAGED = ErrorKind(
    "FANAL-E0604",
    Exit.FAILED,
    _("{path} is damaged: {reason}."),
    _("Stop the node, keep a copy of the folder, and run 'fanal audit verify' on it."),
)
DISK_FULL = ErrorKind(
    "FANAL-E0605",
    Exit.FAILED,
    _("There is no space left for {path}; nothing was stored."),
    _("Free space on the disk. The node goes on by itself as soon as there is room."),
)
NOT_WRITABLE = ErrorKind(
    "FANAL-E0606",
    Exit.FAILED,
    _("{path} cannot be written: {reason}."),
    _("Give the node's user write permission on the data folder and its files."),
)
STORE_FAILED = ErrorKind(
    "FANAL-E0607",
    Exit.FAILED,
    _("{path} could not store the data: {reason}. Nothing of it counts as stored."),
    _("See the log for the device error. The node reads its own state back before it stores again."),
)
STORE_CLOSED = ErrorKind(
    "FANAL-E0608",
    Exit.FAILED,
    _("{path} is closed."),
    _("The node is stopping. Try again when it runs."),
)
STORE_MISSING = ErrorKind(
    "FANAL-E0609",
    Exit.NOT_FOUND,
    _("There is no {path}."),
    _("Name the data folder of a node, usually HOME/data."),
)

# --- Ledger ------------------------------------------------------------------------------------

FORK = ErrorKind(
    "FANAL-E0620",
    Exit.VERIFICATION_FAILED,
    _("{author} signed two manifests for number {seq} of one lane: {kept} and {offered}."),
    _("Both are kept as proof. Tell the operator of {author}: its node or its key is in two places."),
)
FIELD_SIZE = ErrorKind(
    "FANAL-E0621",
    Exit.FAILED,
    _("{field} must be {expected}; found {found}."),
    _("This is a fault of the program that called the ledger. Nothing was stored."),
)
LANE_UNKNOWN = ErrorKind(
    "FANAL-E0622",
    Exit.FAILED,
    _("The ledger does not know lane {lane}."),
    _("Store the lane's author and audience with its first entry."),
)
WRAP_WITHOUT_KEY = ErrorKind(
    "FANAL-E0623",
    Exit.FAILED,
    _("There is no KEY envelope {manifest} that this wrap belongs to."),
    _("Fetch the KEY envelope first: a wrap is checked against it."),
)
ROW_CONFLICT = ErrorKind(
    "FANAL-E0624",
    Exit.VERIFICATION_FAILED,
    _("{subject} {id} is stored with other content already."),
    _("The first one stays. Look at who sent the second: an id is never used twice."),
)
CHECKPOINT_ROOT = ErrorKind(
    "FANAL-E0625",
    Exit.VERIFICATION_FAILED,
    _("A checkpoint of {size} leaves names root {found}, but the ledger has {expected}."),
    _("Never let it out. One size has one root; look for a second ledger under the same key."),
)
JOIN_STATE = ErrorKind(
    "FANAL-E0626",
    Exit.POLICY,
    _("The invitation {token} is {found}, not {expected}."),
    _("An invitation is good for one use. Make a new one with 'fanal network invite'."),
)
NODE_MISSING = ErrorKind(
    "FANAL-E0627",
    Exit.VERIFICATION_FAILED,
    _("The ledger's tree has no node at level {level}, index {index}."),
    _("Stop the node and run 'fanal audit verify' on its data folder."),
)

# --- Vault -------------------------------------------------------------------------------------

VAULT_KEY = ErrorKind(
    "FANAL-E0640",
    Exit.FAILED,
    _("{path} does not open: its key is another one, or its first page is damaged."),
    _("Use the node.keys that belong to this folder, or restore both from one backup."),
)
NOTICE_UNKNOWN = ErrorKind(
    "FANAL-E0641",
    Exit.NOT_FOUND,
    _("No notice {notice} is here."),
    _("'fanal notice list' shows what is; perhaps it was not sent to this agency."),
)
PREFIX_AMBIGUOUS = ErrorKind(
    "FANAL-E0642",
    Exit.USAGE,
    _("{notice} fits more than one notice: {matches}."),
    _("Give more characters of the id, or the ref."),
)
ORIGINATOR_MISMATCH = ErrorKind(
    "FANAL-E0643",
    Exit.VERIFICATION_FAILED,
    _("{found} cannot change notice {notice} of {expected}."),
    _("Only the originator revises or withdraws a notice. The attempt is worth an incident report."),
)
CURSOR_MALFORMED = ErrorKind(
    "FANAL-E0644",
    Exit.USAGE,
    _("The cursor {found} is not one that a list gave out."),
    _("Start the list again without a cursor."),
)
LIST_LIMIT = ErrorKind(
    "FANAL-E0645",
    Exit.USAGE,
    _("{field} must be {expected}; found {found}."),
    _("Change it and list again."),
)

# --- Node --------------------------------------------------------------------------------------

LOCKED = ErrorKind(
    "FANAL-E0660",
    Exit.NOT_PERMITTED,
    _("The node is locked: it stores and relays, but signs and reads nothing."),
    _("Unlock it with 'fanal unlock'."),
)
KEY_ABSENT = ErrorKind(
    "FANAL-E0661",
    Exit.FAILED,
    _("The key {name} of this agency is not in node.keys."),
    _("Use the node.keys that 'fanal init' made for this agency, or restore its backup."),
)
