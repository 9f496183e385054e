# SPDX-License-Identifier: Apache-2.0
"""Refusals of the ledger and the vault (FANAL-E06xx). What was not committed is never reported as stored."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _
from fanal.node.store.errors import PASSING

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
NO_ROOM = ErrorKind(
    "FANAL-E0610",
    Exit.FAILED,
    _("This needs {needed} bytes free on the disk of {path}, and {available} are free. Nothing was changed."),
    _("Make room there ('fanal node free-reserve' gives some at once) and do it again."),
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
    _(
        "Stop the node, keep a copy of the folder, and restore its newest backup: "
        "peers return what came since."
    ),
)
DISK_FULL = ErrorKind(
    "FANAL-E0605",
    Exit.FAILED,
    _("There is no space left for {path}; nothing was stored."),
    _("Free space on the disk. A node that runs goes on by itself as soon as there is room."),
)
NOT_WRITABLE = ErrorKind(
    "FANAL-E0606",
    Exit.FAILED,
    _("{path} cannot be used: {reason}."),
    _("Give this user permission to read and write the data folder and its files."),
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
    _("Name the data folder of a node, usually HOME/data, or a file made by fanal audit export or prove."),
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

ROW_MISMATCH = ErrorKind(
    "FANAL-E0628",
    Exit.VERIFICATION_FAILED,
    _("The stored {field} is not the one in the signed manifest."),
    _("The database was changed by hand or damaged. Keep a copy and restore the folder."),
)

# --- Vault -------------------------------------------------------------------------------------

VAULT_KEY = ErrorKind(
    "FANAL-E0640",
    Exit.FAILED,
    _("{path} does not open: its key is another one, or its first page is damaged."),
    _("Use the node.keys of this folder. If they are right, move {path} aside: it is filled again."),
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
COPIES = ErrorKind(
    "FANAL-E0646",
    Exit.USAGE,
    _("{field} of one export must be {expected}; found {found}."),
    _("Name fewer at once, as 'fanal notice export' does."),
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
    _("Put back the node.keys of this agency, or make new keys with: fanal key rotate NODE_SIGN."),
)
AUDIENCE_EMPTY = ErrorKind(
    "FANAL-E0670",
    Exit.POLICY,
    _("The notice has no reader besides its author."),
    _("Name at least one other agency, or a group with members: --to GE-CUS, --to group:CASPIAN."),
)
AUDIENCE_UNKNOWN = ErrorKind(
    "FANAL-E0671",
    Exit.POLICY,
    _("None of these agencies is a member of the network: {names}."),
    _("'fanal network charter' lists the members."),
)
CHANNEL_UNKNOWN = ErrorKind(
    "FANAL-E0672",
    Exit.POLICY,
    _("{name} is not one group of this network."),
    _("'fanal network charter' lists the groups. A notice has at most one; add others with --to."),
)
CHANNEL_FOREIGN = ErrorKind(
    "FANAL-E0673",
    Exit.POLICY,
    _("This agency is not a member of group {name}."),
    _("Send to agencies by name, or ask the governors of the network to be added."),
)
NOTICE_REFUSED = ErrorKind(
    "FANAL-E0674",
    Exit.POLICY,
    _("The notice is refused: {code} at {field}. {message}"),
    _("Mend the field and send again. 'fanal notice check FILE' shows every problem."),
)
REASON_MISSING = ErrorKind(
    "FANAL-E0675",
    Exit.POLICY,
    _("The check warns of {code} at {field}, and no reason was given."),
    _("Mend it, or say why it is right: --reason {code}=TEXT. Readers see the reason."),
)
CHARTER_MOVED = ErrorKind(
    "FANAL-E0676",
    Exit.POLICY,
    _("The statement was signed under charter {found}; charter {expected} is in force now."),
    _("Send again: the readers are resolved anew and shown before you sign."),
)
SIGNED_BY_OTHER = ErrorKind(
    "FANAL-E0677",
    Exit.NOT_PERMITTED,
    _("The statement is signed by another officer than the one who calls."),
    _("Every officer sends under their own key."),
)
DRAFT_UNREADABLE = ErrorKind(
    "FANAL-E0678",
    Exit.USAGE,
    _("The draft is not a notice of this schema."),
    _("Use the 'fanal' of the same version as the node."),
)
SECRET_FORM = ErrorKind(
    "FANAL-E0679",
    Exit.USAGE,
    _("The passphrase is not UTF-8 text."),
    _("Type it at the prompt, or pass a key file."),
)
CHARTER_NOT_TAKEN = ErrorKind(
    "FANAL-E0680",
    Exit.POLICY,
    _("Charter {version} was not taken: it is known already or an older one."),
    _("'fanal network charter' shows the one in force. Draft the next from it."),
)
FOLDER_UNKNOWN = ErrorKind(
    "FANAL-E0681",
    Exit.USAGE,
    _("There is no folder {found}."),
    _("Folders are inbox, sent and all."),
)
REVISION_MISSING = ErrorKind(
    "FANAL-E0682",
    Exit.NOT_FOUND,
    _("Revision {revision} of {notice} is not here."),
    _("Leave the revision out to see the newest one."),
)
NOT_OURS = ErrorKind(
    "FANAL-E0683",
    Exit.NOT_FOUND,
    _("{notice} is a notice of {originator}; only its originator can track it."),
    _("'fanal notice list --folder sent' shows the notices of this agency."),
)
ENVELOPE_TAKEN = ErrorKind(
    "FANAL-E0684",
    Exit.POLICY,
    _("The envelope id {id} is in the ledger already, with another statement."),
    _("Sign again: every statement draws an id of its own."),
)

PEER_CHECKPOINT = ErrorKind(
    "FANAL-E0650",
    Exit.VERIFICATION_FAILED,
    _("Log {origin} of {found} leaves does not go on from the {expected} already witnessed."),
    _("Fetch the checkpoint again; two heads were offered at once, or the log was rolled back."),
)

CONTENT_GONE = ErrorKind(
    "FANAL-E0651",
    Exit.NOT_FOUND,
    _("The content of {notice} is not here any more: it was erased or has expired."),
    _("Prove without --content and --field: that it was sent and received, and its erasure, still verify."),
)
LANGUAGE_UNKNOWN = ErrorKind(
    "FANAL-E0652",
    Exit.USAGE,
    _("There is no README in {found}; there is one in {choices}."),
    _("Name one of them with --lang."),
)
PROOF_TOO_LARGE = ErrorKind(
    "FANAL-E0653",
    Exit.POLICY,
    _("The bundle could have {found} {unit}; the limit is {limit}. Nothing was exported and nothing logged."),
    _(
        "Ask the readers in question for their bundles: each holds its own receipts alone. Some 800 readers "
        "with three receipts each fit in one, and the charters of some 300 members that joined one by one."
    ),
)

# --- Findings: what `fanal status` and `fanal doctor` point at -----------------------------------

LEDGER_BEGAN_ANEW = ErrorKind(
    "FANAL-E0690",
    Exit.FAILED,
    _("The ledger was {reason} at the start, after {size} leaves, and went on in a new incarnation."),
    _("If you did not restore a backup yourself, treat it as an incident and keep the folder."),
)
CHARTER_FORKED = ErrorKind(
    "FANAL-E0691",
    Exit.VERIFICATION_FAILED,
    _("Two valid charters of one version are known: membership is frozen, traffic goes on."),
    _("The governors must sign the next version naming one of the two."),
)
CHARTER_EXPIRED = ErrorKind(
    "FANAL-E0692",
    Exit.FAILED,
    _("The charter in force has expired; traffic goes on, marked."),
    _("Ask a governor to renew it: 'fanal network charter'."),
)
KEY_ENDS = ErrorKind(
    "FANAL-E0693",
    Exit.FAILED,
    _("The {use} key of this agency ends in {days} days."),
    _("Make its successor in time: fanal key rotate {use}"),
)
DISK_NEARLY_FULL = ErrorKind(
    "FANAL-E0694",
    Exit.FAILED,
    _("The disk of the data folder is {percent} % full."),
    _("Free space or move the folder; at the limit the node refuses what others send."),
)
DISK_FAILS = ErrorKind(
    "FANAL-E0654",
    Exit.FAILED,
    _("Within a day the disk has failed {count} time(s) to store something, last {when}: {path}: {reason}."),
    _("Notices wait for it. See the log of the disk, and make a backup: fanal node backup DIR"),
)
ENTRIES_DAMAGED = ErrorKind(
    "FANAL-E0686",
    Exit.FAILED,
    _("The disk has changed {count} entries. They are set aside and fetched again from peers."),
    _("Look at the disk before it fails. If the count stays, no linked peer holds a good copy."),
)
DRAINING = ErrorKind(
    "FANAL-E0663",
    Exit.FAILED,
    _("The node is being drained: it takes no new notice."),
    _("Send it again when the operator has finished. To go on now: fanal node drain --resume"),
)
KEY_NOT_HERE = ErrorKind(
    "FANAL-E0687",
    Exit.FAILED,
    _("The identity document names a {use} key, epoch {epoch}, that this node does not hold."),
    _("If node.keys was sealed anew: fanal unlock. Else make the next one: fanal key rotate {use}"),
)
FAULT = ErrorKind(
    "FANAL-E0699",
    Exit.FAILED,
    _("An entry could not be processed because of a fault in this program; it is kept and set aside."),
    _("Report it with the log; everything else goes on."),
)
NO_SUCH_FINDING = ErrorKind(
    "FANAL-E0697",
    Exit.POLICY,
    _("There is no open finding {finding} that can be settled."),
    _("'fanal doctor' prints the command with the key of each finding that can be."),
)
SETTLE_REASON = ErrorKind(
    "FANAL-E0698",
    Exit.USAGE,
    _("A finding is settled with a reason of 1 to {limit} printable characters, on one line."),
    _("Say what happened and what was done: fanal node settle FINDING --reason TEXT"),
)
NO_NETWORK = ErrorKind(
    "FANAL-E0695",
    Exit.FAILED,
    _("{agency} is not in a network yet: there is no charter that names it."),
    _("Found one with 'fanal network create NAME', or join one with 'fanal network join TOKEN'."),
)
DOCUMENT_FILE = ErrorKind(
    "FANAL-E0696",
    Exit.VERIFICATION_FAILED,
    _("The document in {path} does not verify."),
    _("Restore the file from a backup. What the node took from it before is in its ledger."),
)
STORE_FAULTS = (DISK_FULL, NOT_WRITABLE, STORE_FAILED, STORE_CLOSED, DAMAGED, LOCKED, *PASSING)
"""Nothing is wrong with what was being stored: it is tried again when the store is well."""
