# SPDX-License-Identifier: Apache-2.0
"""Refusals of evidence bundles. Ids FANAL-E0460..E0469."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

BUNDLE_SIZE = ErrorKind(
    "FANAL-E0460",
    Exit.VERIFICATION_FAILED,
    _("The bundle has too many {unit}: {found}, over the limit of {expected}."),
    _("No bundle is ever this large: ask for it again at the agency that made it."),
)
BUNDLE_FORM = ErrorKind(
    "FANAL-E0461",
    Exit.VERIFICATION_FAILED,
    _("This is not an evidence bundle: {reason}."),
    _("Use the file as it was handed over: a bundle that was unpacked and packed again is another file."),
)
BUNDLE_FILE = ErrorKind(
    "FANAL-E0462",
    Exit.VERIFICATION_FAILED,
    _("File {name} of the bundle does not follow its format: {reason}."),
    _("The file was changed, or another version wrote it: ask for the bundle again."),
)
BUNDLE_MISMATCH = ErrorKind(
    "FANAL-E0463",
    Exit.VERIFICATION_FAILED,
    _("{what} does not fit the rest of the bundle: expected {expected}, found {found}."),
    _("A part of the bundle was replaced. Ask for the bundle again and keep this one."),
)
BUNDLE_CHANGED = ErrorKind(
    "FANAL-E0464",
    Exit.VERIFICATION_FAILED,
    _(
        "Files of the bundle were added, taken out or changed after it was made: expected {expected}, found "
        "{found}."
    ),
    _("Do not rely on it. Ask for the bundle again at the agency that made it, and keep this one."),
)
BUNDLE_SEAL = ErrorKind(
    "FANAL-E0465",
    Exit.VERIFICATION_FAILED,
    _("The seal of {agency} over all files of the bundle does not fit: one was changed after it was made."),
    _("Do not rely on it. Ask for the bundle again at the agency that made it, and keep this one."),
)
