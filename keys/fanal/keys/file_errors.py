# SPDX-License-Identifier: Apache-2.0
"""Refusals of files that hold secrets (FANAL-E0260 to E0276)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

FILE_MISSING = ErrorKind(
    "FANAL-E0260",
    Exit.NOT_FOUND,
    _("There is no file {path}."),
    _("Check the path. If it was there, put it back from the backup; only a new agency runs: fanal init"),
)
FILE_EXISTS = ErrorKind(
    "FANAL-E0261",
    Exit.FAILED,
    _("{path} exists already; keys are never overwritten."),
    _("Move it away first if you are sure that it is not needed."),
)
FILE_KIND = ErrorKind(
    "FANAL-E0262",
    Exit.FAILED,
    _("{path} is not an ordinary file."),
    _("Name the file itself: no link, folder, pipe or device."),
)
FILE_PERMISSIONS = ErrorKind(
    "FANAL-E0263",
    Exit.NOT_PERMITTED,
    _("{path} can be read or changed by others (mode {mode})."),
    _("Run: chmod 600 {path}. If others could have read it, replace the keys in it."),
)
FILE_UNREADABLE = ErrorKind(
    "FANAL-E0264",
    Exit.FAILED,
    _("{path} cannot be read or written: {reason}."),
    _("Check its owner, the folder's permissions and the space on the disk."),
)
KEYSTORE_TRUNCATED = ErrorKind(
    "FANAL-E0265",
    Exit.FAILED,
    _("The keystore {path} is incomplete: {found} bytes of {expected}."),
    _("Restore it from a backup."),
)
KEYSTORE_FORMAT = ErrorKind(
    "FANAL-E0266",
    Exit.FAILED,
    _("{path} is not a keystore of this version."),
    _("Check the path; a keystore of a newer version needs a newer Fanal."),
)
KEYSTORE_DAMAGED = ErrorKind(
    "FANAL-E0267",
    Exit.FAILED,
    _("The keystore {path} is damaged: its checksum does not fit."),
    _("Restore it from a backup and check the disk."),
)
KEYSTORE_COST = ErrorKind(
    "FANAL-E0268",
    Exit.FAILED,
    _("The keystore {path} asks for {field} = {found}; {limit} is the limit."),
    _("Somebody changed the file to stall this machine. Restore it from a backup."),
)
WRONG_PASSPHRASE = ErrorKind(
    "FANAL-E0269",
    Exit.NOT_PERMITTED,
    _("The passphrase does not open {path}."),
    _("Try again; mind the keyboard layout and the Caps Lock key."),
)
WRONG_KEY_FILE = ErrorKind(
    "FANAL-E0270",
    Exit.NOT_PERMITTED,
    _("The key file does not open {path}."),
    _("Use the key file that was written when {path} was created."),
)
WRONG_SLOT = ErrorKind(
    "FANAL-E0271",
    Exit.NOT_PERMITTED,
    _("{path} opens with a {expected}, not with a {found}."),
    _("Give the {expected} instead."),
)
KEY_FILE_LENGTH = ErrorKind(
    "FANAL-E0272",
    Exit.FAILED,
    _("The key file is {found} bytes long; it must be exactly {expected}."),
    _("Use the file that 'fanal init --key-file' wrote, unchanged: editors add a line end."),
)
EMPTY_PASSPHRASE = ErrorKind(
    "FANAL-E0273",
    Exit.USAGE,
    _("The passphrase is empty."),
    _("Choose a passphrase, or use a key file."),
)
NO_SPACE = ErrorKind(
    "FANAL-E0279",
    Exit.FAILED,
    _("There is no space left on the disk for {path}; it was not written."),
    _("Free space there and do it again. On the disk of a node: fanal node free-reserve"),
)
KEYS_IN_USE = ErrorKind(
    "FANAL-E0289",
    Exit.FAILED,
    _("The keys in {path} are in the hands of {holder} for over {seconds} seconds; nothing was changed."),
    _("Let that process end, or end it; one stopped with Ctrl-Z goes on with: fg. Then do this again."),
)
KEYSTORE_ENTRY = ErrorKind(
    "FANAL-E0274",
    Exit.NOT_FOUND,
    _("The keystore {path} holds no '{name}'."),
    _("Check that it is the right keystore."),
)
KEYSTORE_TOO_LARGE = ErrorKind(
    "FANAL-E0275",
    Exit.FAILED,
    _("{path} is over the limit of {limit} bytes."),
    _("Check that this is the right file: keys and documents are small."),
)
ROOT_UNREADABLE = ErrorKind(
    "FANAL-E0276",
    Exit.NOT_PERMITTED,
    _("The root key {path} cannot be opened: wrong passphrase or key file, or a damaged file."),
    _("Try again; if it stays so, restore the file from the offline copy."),
)
BACKUP_FORMAT = ErrorKind(
    "FANAL-E0277",
    Exit.FAILED,
    _("{path} is no backup of keys that this version can read."),
    _("Check that it is the file that 'fanal key backup' wrote."),
)
BACKUP_DAMAGED = ErrorKind(
    "FANAL-E0278",
    Exit.NOT_PERMITTED,
    _("The backup {path} cannot be opened: wrong passphrase, or a damaged or incomplete file."),
    _("Try again; if it stays so, use another copy of the backup."),
)
