# SPDX-License-Identifier: Apache-2.0
"""Refusals of keys, documents, identities and charters (FANAL-E0201 to E0257), and errors with a meaning.

Files, calls and joining have theirs in ``file_errors`` and ``call_errors``.
"""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit, FanalError, VerificationError
from fanal.i18n import _
from fanal.v1.identity_pb2 import SignedDocument

_FAILED = Exit.VERIFICATION_FAILED

# --- Keys and signatures --------------------------------------------------------------------------------

KEY_LENGTH = ErrorKind(
    "FANAL-E0201",
    _FAILED,
    _("A {algorithm} {part} is {found} bytes long; it must be {expected}."),
    _("The bytes were cut or belong to another algorithm. Ask for the document again."),
)
WEAK_KEY = ErrorKind(
    "FANAL-E0202",
    _FAILED,
    _("This {algorithm} public key is not acceptable: {reason}."),
    _("Its owner must create a new key; under a weak key anybody's signature can verify."),
)
BAD_SIGNATURE = ErrorKind(
    "FANAL-E0203",
    _FAILED,
    _("The {algorithm} signature does not verify."),
    _("The bytes were changed after signing, or another key signed them."),
)
SEALED_UNREADABLE = ErrorKind(
    "FANAL-E0204",
    _FAILED,
    _("The sealed key cannot be opened with this private key."),
    _("It was sealed to another key or for another purpose, or was changed on the way."),
)
AGENCY_ID = ErrorKind(
    "FANAL-E0205",
    Exit.USAGE,
    _("'{found}' is not an agency id."),
    _("Write CC-CODE: a country of ISO 3166-1 or XX, a hyphen, 2 to 8 of A-Z and 0-9, for example GE-CUS."),
)

# --- Signed documents -----------------------------------------------------------------------------------

TOO_LARGE = ErrorKind(
    "FANAL-E0206",
    _FAILED,
    _("A {message} of {found} bytes is over the limit of {limit}."),
    _("No honest sender makes one this large. Refuse it and tell its sender."),
)
MALFORMED = ErrorKind(
    "FANAL-E0207",
    _FAILED,
    _("The bytes are not a {message}."),
    _("They were damaged, or are of another kind. Ask for them again."),
)
UNKNOWN_FIELD = ErrorKind(
    "FANAL-E0208",
    _FAILED,
    _("A {message} carries a field this version does not know."),
    _("A new field needs a new type string; update Fanal if its sender runs a newer version."),
)
NOT_CANONICAL = ErrorKind(
    "FANAL-E0209",
    _FAILED,
    _("The bytes of a {message} differ from its one correct encoding."),
    _("Somebody encoded it again. Ask the signer for the bytes that were signed."),
)
WRONG_TYPE = ErrorKind(
    "FANAL-E0210",
    _FAILED,
    _("The document is of type '{found}', not '{expected}'."),
    _("A signature counts for one type only. Ask for the right document."),
)
TOO_MANY_SIGNATURES = ErrorKind(
    "FANAL-E0211",
    _FAILED,
    _("The document carries {found} signatures; the limit is {limit}."),
    _("Keep the signatures of governors only."),
)
DUPLICATE_SIGNATURE = ErrorKind(
    "FANAL-E0212",
    _FAILED,
    _("Key {key_id} signed the document twice."),
    _("One key counts once. Ask the signer for the document as signed."),
)
SIGNATURE_MISSING = ErrorKind(
    "FANAL-E0213",
    _FAILED,
    _("The {algorithm} signature of {agency} is missing."),
    _("Both root keys must sign; a document with one of them only is a downgrade. Sign it again."),
)
THRESHOLD = ErrorKind(
    "FANAL-E0214",
    _FAILED,
    _("{found} governors of charter {version} signed; it asks for {threshold}."),
    _("Collect the missing governors' signatures with 'fanal network approve' on their machines."),
)

# --- Identity documents ---------------------------------------------------------------------------------

IDENTITY_FIELD = ErrorKind(
    "FANAL-E0220",
    _FAILED,
    _("Field {field} of the identity document is not acceptable: {reason}."),
    _("Correct the field and sign the document again with the agency's root."),
)
KEY_REUSED = ErrorKind(
    "FANAL-E0221",
    _FAILED,
    _("Public key {key_id} stands in two places: {first} and {second}."),
    _("Create a key of its own for each use; one key never does two jobs."),
)
ROOT_MISMATCH = ErrorKind(
    "FANAL-E0222",
    _FAILED,
    _("The identity of {agency} names other root keys than the charter does."),
    _("Compare the charter versions; a new root is first entered in the charter by the governors."),
)
SERIAL_FALLEN = ErrorKind(
    "FANAL-E0223",
    _FAILED,
    _("Identity {found} of {agency} is older than {expected}, which is already known."),
    _("Somebody replays an old document. Keep the newer one."),
)
IDENTITY_PREVIOUS = ErrorKind(
    "FANAL-E0224",
    _FAILED,
    _("Identity {found} of {agency} does not follow the identity {expected} known here."),
    _("Ask the agency for its chain of identity documents; it may have been forked."),
)
IDENTITY_FORK = ErrorKind(
    "FANAL-E0225",
    _FAILED,
    _("{agency} signed two different identity documents with serial {serial}."),
    _("Keep both: they prove that its root was misused. Telephone the agency."),
)
IDENTITY_EXPIRED = ErrorKind(
    "FANAL-E0226",
    _FAILED,
    _("The identity document of {agency} is not valid now."),
    _("Ask the agency for a newer one, and check this machine's clock."),
)
AGENCY_CHANGED = ErrorKind(
    "FANAL-E0227",
    _FAILED,
    _("The document is of {found}, not of {expected}."),
    _("Ask for the document of the agency you mean."),
)
KEY_UNKNOWN = ErrorKind(
    "FANAL-E0228",
    Exit.NOT_FOUND,
    _("{agency} has no key {key_id} for {use}."),
    _("Fetch the newest identity document of the agency."),
)
KEY_NOT_CURRENT = ErrorKind(
    "FANAL-E0229",
    Exit.NOT_PERMITTED,
    _("{agency} has no valid key for {use} now."),
    _("Its operator must make one with: fanal key rotate. Or this machine's clock is wrong."),
)

# --- Charter --------------------------------------------------------------------------------------------

CHARTER_FIELD = ErrorKind(
    "FANAL-E0240",
    _FAILED,
    _("Field {field} of the charter is not acceptable: {reason}."),
    _("Correct the draft and sign it again."),
)
NETWORK_CHANGED = ErrorKind(
    "FANAL-E0241",
    _FAILED,
    _("The charter belongs to network {found}, not to {expected}."),
    _("Compare the network id with the one printed on paper."),
)
VERSION_SKIPPED = ErrorKind(
    "FANAL-E0242",
    _FAILED,
    _("Charter {found} cannot follow charter {expected}: versions go up by exactly one."),
    _("Fetch the charters in between first: every member has them in the folder charter of its agency."),
)
VERSION_ROLLED_BACK = ErrorKind(
    "FANAL-E0243",
    _FAILED,
    _("Charter {found} is not newer than charter {expected}, which is in force."),
    _("Somebody offers an old charter. Keep the newer one."),
)
CHARTER_PREVIOUS = ErrorKind(
    "FANAL-E0244",
    _FAILED,
    _("Charter {found} names another predecessor than the charter known here."),
    _("Compare the charters of two governors: the network may have been forked."),
)
CHARTER_FORK = ErrorKind(
    "FANAL-E0245",
    _FAILED,
    _("The governors signed two different charters with version {version}."),
    _("Keep both as proof. Membership is frozen until the governors sign a charter that names one of them."),
)
CHARTER_FROZEN = ErrorKind(
    "FANAL-E0246",
    _FAILED,
    _("Membership is frozen: charter {version} exists twice, and this charter does not settle it."),
    _("The governors of charter {base} must sign the next version, naming one of the two."),
)
VERSION_RESERVED = ErrorKind(
    "FANAL-E0247",
    Exit.POLICY,
    _("This root has already signed, or promised to sign, another charter {version}."),
    _("Two charters of one version would split the network. Draft the next version instead."),
)
NO_CHANNEL = ErrorKind(
    "FANAL-E0248",
    Exit.NOT_FOUND,
    _("Charter {version} has no channel {channel}."),
    _("List the channels with 'fanal network charter'."),
)
NOT_MEMBER = ErrorKind(
    "FANAL-E0249",
    _FAILED,
    _("{agency} is not a member of the network in charter {version}."),
    _("A governor admits it with 'fanal network invite', or check the spelling."),
)
NOT_GOVERNOR = ErrorKind(
    "FANAL-E0250",
    Exit.NOT_PERMITTED,
    _("This root is not a governor of the charter it is asked to sign."),
    _("Ask a governor to sign."),
)
REVOCATION_FIELD = ErrorKind(
    "FANAL-E0251",
    _FAILED,
    _("Field {field} of a revocation of {agency} is not acceptable: {reason}."),
    _("Correct the revocation and sign it again with the agency's root."),
)
REVOCATION_NUMBER = ErrorKind(
    "FANAL-E0252",
    _FAILED,
    _("Revocation {found} of {agency} is out of turn; {expected} was expected."),
    _("Revocations count up one by one and are never taken back. Fetch the missing ones."),
)
REVOCATION_DROPPED = ErrorKind(
    "FANAL-E0253",
    _FAILED,
    _("Revocation {number} of {agency} is missing in charter {version}."),
    _("A revocation stays for ever. Draft the charter again from the one in force."),
)
REVOCATION_TOO_FAR_BACK = ErrorKind(
    "FANAL-E0254",
    _FAILED,
    _("The revocation of {agency} reaches {days} days back; alone its root may go {limit} days back."),
    _("Ask the governors to enter it in the next charter."),
)
REVOCATION_FORK = ErrorKind(
    "FANAL-E0255",
    _FAILED,
    _("{agency} signed two different revocations with number {number}."),
    _("Keep both: they prove that its root was misused. Telephone the agency."),
)
CHARTER_UNKNOWN = ErrorKind(
    "FANAL-E0256",
    Exit.UNDECIDED,
    _("Charter {version} is not known here yet."),
    _("It is fetched from a peer; what depends on it waits."),
)
IDENTITY_UNKNOWN = ErrorKind(
    "FANAL-E0257",
    Exit.UNDECIDED,
    _("No identity document of {agency} known here names key {key_id}."),
    _("It is fetched from a peer; what depends on it waits."),
)


class ForkError(VerificationError):
    """Two different validly signed documents where only one may be. Both together are the proof."""

    def __init__(
        self, kind: ErrorKind, first: SignedDocument, second: SignedDocument, /, **facts: str | int
    ) -> None:
        super().__init__(kind, **facts)
        self.first = first
        self.second = second


class UnknownCharter(FanalError):  # noqa: N818  (a state of knowledge, not a fault)
    """A charter that is named but not held yet: what depends on it waits, it is not refused."""


class UnknownIdentity(FanalError):  # noqa: N818
    """A key or agency whose identity document is not held yet: what depends on it waits."""
