# SPDX-License-Identifier: Apache-2.0
"""Every refusal of the envelope package, and the steps of the reader's order they are raised at.

Each VerificationError that leaves this package carries the fact ``step``: the first check that failed. The
log names it; a peer is never told (to the peer every failure after the signature looks the same).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager

from fanal.errors import ErrorKind, Exit, VerificationError
from fanal.i18n import _


class Step(enum.StrEnum):
    """The reader's order of checks. Everything down to BODY comes before storage, the rest after it."""

    LIMITS = "limits"
    DECODE = "decode"
    SHAPE = "shape"
    MEMBERSHIP = "membership"
    AUTHOR_KEY = "author key"
    SIGNATURE = "signature"
    BODY = "body"
    NEIGHBOUR = "neighbour"
    KEY = "key"
    KEY_COMMITMENT = "key commitment"
    DECRYPT = "decrypt"
    CONTENT = "content"
    CONTENT_COMMITMENT = "content commitment"
    STATEMENT = "statement"
    OFFICER = "officer"
    STATEMENT_ONCE = "statement once"
    AUDIENCE = "audience"
    NOTICE_COMMITMENT = "notice commitment"
    FIELDS_ROOT = "fields root"
    RECEIPTS = "receipts"


@contextmanager
def at(step: Step) -> Iterator[None]:
    """Name the step in every VerificationError raised inside, unless a nearer one has named it."""
    try:
        yield
    except VerificationError as error:
        error.facts.setdefault("step", step.value)
        raise


_FAILED = Exit.VERIFICATION_FAILED
_DAMAGED = _(
    "It was damaged or altered on the way, or its author's software is faulty. Ask another holder for it."
)
_AUTHOR = _("Its author's software is faulty or hostile. Keep the envelope and tell the author's operator.")

TOO_LARGE = ErrorKind(
    "FANAL-E0301",
    Exit.POLICY,
    _("{what} is {found} bytes long; the limit is {limit}."),
    _("Shorten the text, or move large content into an attachment."),
)
LIMIT = ErrorKind("FANAL-E0302", _FAILED, _("{field} is {found}; the limit is {limit}."), _AUTHOR)
SHAPE = ErrorKind("FANAL-E0303", _FAILED, _("{field} of the envelope must be {expected}."), _AUTHOR)
UNSUPPORTED = ErrorKind(
    "FANAL-E0304",
    _FAILED,
    _("{field} of the envelope is {found}; this version knows only {expected}."),
    _("If a newer version of Fanal exists, install it; otherwise somebody tries an older, weaker form."),
)
NOBODY = ErrorKind(
    "FANAL-E0305",
    Exit.POLICY,
    _("Nobody but the author would be able to read this."),
    _("Name another member or a channel with one. If its key has ended, there: fanal key rotate ENCRYPT."),
)
AUDIENCE = ErrorKind(
    "FANAL-E0306",
    _FAILED,
    _("The audience is not well formed: {reason}."),
    _("An audience is one channel, or agencies in ascending order, each once, the author included."),
)
RECIPIENTS = ErrorKind(
    "FANAL-E0307",
    Exit.POLICY,
    _("The audience names {found} recipients; the limit is {limit}."),
    _("Use a channel of the charter, or send several notices."),
)
NO_BODY = ErrorKind(
    "FANAL-E0308",
    Exit.NOT_FOUND,
    _("The body of this envelope is not held; only its signed manifest is."),
    _("It has expired, was recalled or erased, or is still on its way. Ask another holder."),
)
NOT_A_MEMBER = ErrorKind(
    "FANAL-E0309",
    _FAILED,
    _("{agency} is not a member of {place} under charter {version}."),
    _("Only members may write. Ask a governor if the agency should be one."),
)
OTHER_NETWORK = ErrorKind(
    "FANAL-E0310",
    _FAILED,
    _("This is for network {found}, not for {expected}."),
    _("Check which network the sender and you have joined."),
)
LANE = ErrorKind(
    "FANAL-E0311",
    _FAILED,
    _("The lane id is {found}; network, author and audience give {expected}."),
    _AUTHOR,
)
BODY = ErrorKind("FANAL-E0312", _FAILED, _("The {field} is not the one that was signed for."), _DAMAGED)
NEIGHBOUR = ErrorKind(
    "FANAL-E0313",
    _FAILED,
    _("Envelope {seq} of the lane does not follow the one before it: {field} differs."),
    _("Keep both envelopes: together they are evidence. Tell the author's operator."),
)
WRAP = ErrorKind("FANAL-E0314", _FAILED, _("This wrap cannot be used: {reason}."), _DAMAGED)
NO_KEY = ErrorKind(
    "FANAL-E0315",
    Exit.UNDECIDED,
    _("No key to open this envelope is here: {reason}."),
    _("The node asks every holder and then the author; nothing is lost while it waits."),
)
WRONG_KEY = ErrorKind(
    "FANAL-E0316", _FAILED, _("The {field} does not open with the key of its lane."), _AUTHOR
)
COMMITMENT = ErrorKind(
    "FANAL-E0317",
    _FAILED,
    _("The {field} is not the one that the header or the statement commits to."),
    _("Two readers may have been shown two texts. Keep the envelope and tell the author's operator."),
)
CONTENT = ErrorKind("FANAL-E0318", _FAILED, _("The opened content is not well formed: {reason}."), _AUTHOR)
STATEMENT = ErrorKind(
    "FANAL-E0319",
    _FAILED,
    _("The officer's statement and the {other} differ in {field}."),
    _("The officer did not sign for this envelope. Keep it and tell the author's operator."),
)
OFFICER_RIGHT = ErrorKind(
    "FANAL-E0320",
    _FAILED,
    _("Officer {officer} of {agency} does not have the right {right}."),
    _("Ask the agency to have it signed by an officer who has the right."),
)
REUSED = ErrorKind(
    "FANAL-E0321",
    _FAILED,
    _("The officer's statement was already accepted in envelope {found}."),
    _("A statement is good for one envelope. Keep both and tell the author's operator."),
)
NOT_A_READER = ErrorKind(
    "FANAL-E0322",
    _FAILED,
    _("{agency} is not in the audience of this envelope."),
    _("The author has to send it to you; ask the author if you should have it."),
)
FIELDS_ROOT = ErrorKind(
    "FANAL-E0323",
    _FAILED,
    _("The fields of the notice lead to root {found}; the officer signed {expected}."),
    _("Fields shown from this notice could not be proved. Tell the author's operator."),
)
FIELD_UNKNOWN = ErrorKind(
    "FANAL-E0324",
    Exit.USAGE,
    _("The notice has no field {field}."),
    _("Name a field by its path, for example shipment_warning.goods[0].hs_code."),
)
FIELDS_UNDECIDED = ErrorKind(
    "FANAL-E0325",
    Exit.UNDECIDED,
    _("The fields of this notice cannot be counted: {reason}."),
    _("Install the version of Fanal that the author uses and try again."),
)
RECEIPTS = ErrorKind("FANAL-E0326", _FAILED, _("The receipts are not well formed: {reason}."), _AUTHOR)
ATTACHMENT = ErrorKind(
    "FANAL-E0327",
    _FAILED,
    _("The attachment is not the one that was signed for: {reason}."),
    _DAMAGED,
)
ATTACHMENT_SIZE = ErrorKind(
    "FANAL-E0328",
    Exit.POLICY,
    _("The file has {found} bytes or more; an attachment has at most {limit}."),
    _("Make it smaller, or split it: a notice takes up to 64 attachments."),
)
RED_BY_RELAY = ErrorKind(
    "FANAL-E0329",
    Exit.POLICY,
    _("The notice is TLP:RED, and {relays} would carry it for {served}: relays see who writes to whom."),
    _(
        "Give it a lower TLP, or ask for a charter in which no DIRECT relay serves the sender or "
        "a reader. To let them carry it all the same: {options}"
    ),
)
