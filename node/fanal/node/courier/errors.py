# SPDX-License-Identifier: Apache-2.0
"""Why a courier file is not made or not taken in. A refused file has changed nothing."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

NOT_A_COURIER_FILE = ErrorKind(
    "FANAL-E0860",
    Exit.VERIFICATION_FAILED,
    _("This is not a courier file."),
    _("Courier files are made by 'fanal courier export' at the other agency."),
)
OTHER_FORM = ErrorKind(
    "FANAL-E0861",
    Exit.VERIFICATION_FAILED,
    _("The courier file was made for another version of the protocol: {found}, not {expected}."),
    _("Update the older of the two nodes, and let the other agency export again."),
)
FILE_DAMAGED = ErrorKind(
    "FANAL-E0862",
    Exit.VERIFICATION_FAILED,
    _("The courier file is damaged or cut short. Nothing of it was taken in."),
    _("Copy it again, or let the other agency export again; compare the SHA-256 that both commands print."),
)
FILE_TOO_LARGE = ErrorKind(
    "FANAL-E0863",
    Exit.POLICY,
    _("A courier file has {least} to {limit} bytes; this is {found}."),
    _("Export with a --max-size in between; what is left out goes into the next file."),
)
OTHER_NETWORK = ErrorKind(
    "FANAL-E0864",
    Exit.VERIFICATION_FAILED,
    _("The courier file is of another network: {found}."),
    _("'fanal status' shows the network of this node; ask {sender} which file it meant to send."),
)
OTHER_ADDRESSEE = ErrorKind(
    "FANAL-E0865",
    Exit.NOT_PERMITTED,
    _("The courier file of {sender} is for {addressee}, not for {agency}."),
    _("Hand it to {addressee}; each agency gets a file of its own."),
)
SENDER_UNKNOWN = ErrorKind(
    "FANAL-E0866",
    Exit.UNDECIDED,
    _("Neither this node nor the file has an identity document of {sender} that names the signing key."),
    _("Let {sender} export with --all, or bring a courier file of an agency that knows it first."),
)
SENDER_NOT_ADMITTED = ErrorKind(
    "FANAL-E0867",
    Exit.NOT_PERMITTED,
    _("The courier file is of {sender}, which is no other member of the network that this node trusts."),
    _("If it should be: look at 'fanal network charter' and at 'peers' in fanal.toml."),
)
NOT_SIGNED = ErrorKind(
    "FANAL-E0868",
    Exit.VERIFICATION_FAILED,
    _("The courier file is not signed by {sender}, whose name it bears. Nothing of it was taken in."),
    _("Keep the file, and ask {sender} by telephone: somebody made it in its name."),
)
BAD_FRAME = ErrorKind(
    "FANAL-E0869",
    Exit.VERIFICATION_FAILED,
    _("{sender} signed a courier file that no node of this protocol makes. Nothing of it was taken in."),
    _("Ask the operator of {sender} which software runs there."),
)
NOT_TO_ONESELF = ErrorKind(
    "FANAL-E0870",
    Exit.USAGE,
    _("{agency} is this agency itself."),
    _("Name the agency that the file is for."),
)
NO_SUCH_FILE = ErrorKind(
    "FANAL-E0871",
    Exit.NOT_FOUND,
    _("The node has no such courier file of yours under way, or not at this place."),
    _("Run the command again; the node forgets a file that nobody goes on with."),
)
FILES_UNDER_WAY = ErrorKind(
    "FANAL-E0872",
    Exit.POLICY,
    _("{limit} courier files are under way at this node already."),
    _("Try again in some minutes."),
)
SENDER_KEY_REVOKED = ErrorKind(
    "FANAL-E0873",
    Exit.VERIFICATION_FAILED,
    _("The key of {sender} that signed the courier file is revoked. Nothing of it was taken in."),
    _("Let {sender} export again with its present key."),
)
TOO_MANY_FRAMES = ErrorKind(
    "FANAL-E0874",
    Exit.VERIFICATION_FAILED,
    _("The courier file of {sender} has more than {limit} frames. Nothing of it was taken in."),
    _("Let {sender} export again with --max-size 16 and, for what is left out, --rest."),
)
