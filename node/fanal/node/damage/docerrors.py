# SPDX-License-Identifier: Apache-2.0
"""What is said of charters, identities and revocations that the disk has changed (FANAL-E0617, E0618)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

DOCUMENT_LOST = ErrorKind(
    "FANAL-E0617",
    Exit.VERIFICATION_FAILED,
    _("The {kind} {number} {agency} in the ledger is damaged, and no second copy of it is left in {path}."),
    _(
        "Every member has the file documents/{name}.doc in its data folder: get one, put it into {path}, and "
        "start with: fanal node run. It is compared with its hash, so anybody may bring it."
    ),
)
DOCUMENTS_LOST = ErrorKind(
    "FANAL-E0618",
    Exit.FAILED,
    _("The disk has changed {count} documents of other agencies. They are asked for again."),
    _("Look at the disk before it fails. If the count stays, no linked peer holds a good copy."),
)
