# SPDX-License-Identifier: Apache-2.0
"""Every refusal of the proof package. The ids FANAL-E0401..E0409 stand in ``fanal.keys.merkle_errors``."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

_FAILED = Exit.VERIFICATION_FAILED

SIZES_REVERSED = ErrorKind(
    "FANAL-E0410",
    _FAILED,
    _("A tree of {old} leaves cannot grow into one of {new}."),
    _("Give the smaller checkpoint first. If the log itself shrank, it was rolled back: keep both notes."),
)
OLD_ROOT_MISMATCH = ErrorKind(
    "FANAL-E0411",
    _FAILED,
    _("The first {size} leaves lead to root {found}, but root {expected} was signed for them."),
    _("The log rewrote what it had already signed, or the proof is of another log. Keep both checkpoints."),
)
FRONTIER_MALFORMED = ErrorKind(
    "FANAL-E0412",
    _FAILED,
    _("The stored tree state is {found} bytes long; a tree of {size} leaves needs {expected}."),
    _("Rebuild the tree state from the leaves with 'fanal audit verify'."),
)

LEAF_TOO_LONG = ErrorKind(
    "FANAL-E0420",
    _FAILED,
    _("A ledger leaf of {found} bytes is over the limit of {expected}."),
    _("No leaf is ever this long: the bytes were not written by a ledger."),
)
LEAF_MALFORMED = ErrorKind(
    "FANAL-E0421",
    _FAILED,
    _("A ledger leaf does not follow the leaf format: {reason}."),
    _("Compare the leaf with docs/leaf-format.md; a stored leaf never changes, so look for tampering."),
)
LEAF_FIELD = ErrorKind(
    "FANAL-E0422",
    _FAILED,
    _("Field {field} of a {type} leaf is not {form}."),
    _("See docs/leaf-format.md for the fields of each leaf type."),
)

NOTE_MALFORMED = ErrorKind(
    "FANAL-E0430",
    _FAILED,
    _("This is not a signed note: {reason}."),
    _("Fetch the note again as bytes; editors and mail often change line ends."),
)
NOTE_TOO_LARGE = ErrorKind(
    "FANAL-E0431",
    _FAILED,
    _("A signed note of {found} {unit} is over the limit of {expected}."),
    _("Remove signature lines of keys nobody asked for."),
)
NOTE_SIGNATURE = ErrorKind(
    "FANAL-E0432",
    _FAILED,
    _("The signature of {name} on the note does not verify."),
    _("The note was changed after signing, or signed by another key under the same name."),
)
NOTE_DUPLICATE = ErrorKind(
    "FANAL-E0433",
    _FAILED,
    _("The note carries more than one signature of {name}."),
    _("Ask the log for its own copy of the note."),
)
NOTE_UNSIGNED = ErrorKind(
    "FANAL-E0434",
    _FAILED,
    _("None of the {found} signatures on the note is by the expected key of {expected}."),
    _("Check which log the note is of and which key its identity document names for it."),
)
KEY_AMBIGUOUS = ErrorKind(
    "FANAL-E0435",
    _FAILED,
    _("Two trusted keys share the name {name} and the key id {key_id}."),
    _("Remove one of them: a signature could not be told apart."),
)
VKEY_MALFORMED = ErrorKind(
    "FANAL-E0436",
    Exit.USAGE,
    _("This is not an Ed25519 verifier key: {reason}."),
    _("A verifier key reads NAME+8HEXDIGITS+BASE64; copy the whole line."),
)
KEY_NAME = ErrorKind(
    "FANAL-E0437",
    Exit.USAGE,
    _("A key name must be one word without '+', at most {expected} bytes long."),
    _("Use a name like fanal/ROOT/GE-CUS/log1."),
)

CHECKPOINT_MALFORMED = ErrorKind(
    "FANAL-E0440",
    _FAILED,
    _("The signed text is not a checkpoint: {reason}."),
    _("A checkpoint has an origin, a decimal size and a base64 root, one a line."),
)
CHECKPOINT_ORIGIN = ErrorKind(
    "FANAL-E0441",
    _FAILED,
    _("The checkpoint is of log {found}, not of {expected}."),
    _("Ask for the checkpoint of the log you mean."),
)
ORIGIN_MALFORMED = ErrorKind(
    "FANAL-E0442",
    Exit.USAGE,
    _("No log origin can be made: {field} must be {form}."),
    _("An origin reads fanal/NETWORK/AGENCY/logN."),
)

COSIGNATURE_MALFORMED = ErrorKind(
    "FANAL-E0450",
    _FAILED,
    _("This is not a timestamped signature: {reason}."),
    _("Ask the witness for its own copy; its form is that of c2sp.org/tlog-cosignature."),
)
LOG_UNKNOWN = ErrorKind(
    "FANAL-E0451",
    _FAILED,
    _("The checkpoint is of log {found}, which no identity document of {agency} names."),
    _("Fetch the newest identity document of {agency}; a log is registered there before it is witnessed."),
)
LOG_TWO_ROOTS = ErrorKind(
    "FANAL-E0452",
    _FAILED,
    _("Log {origin} signed two roots for size {size}: {expected} and {found}."),
    _("This is proof of a fork. Keep both checkpoints and ask the agency's operator what happened."),
)
LOG_INCONSISTENT = ErrorKind(
    "FANAL-E0453",
    _FAILED,
    _("Log {origin} does not show that its {new} leaves go on from the {old} it signed before."),
    _("Its past was rewritten, or the proof is damaged. Keep both checkpoints and ask its operator."),
)
OFFER_SIZES = ErrorKind(
    "FANAL-E0454",
    _FAILED,
    _("A checkpoint of {new} leaves was offered as the continuation of {old}."),
    _("The old size is at most that of the checkpoint; ask the log's operator which software runs there."),
)
NOT_A_FORK = ErrorKind(
    "FANAL-E0455",
    _FAILED,
    _("This proves no fork: {reason}."),
    _("A fork proof holds two different signed things at one place; ask who sent it for the pair."),
)
