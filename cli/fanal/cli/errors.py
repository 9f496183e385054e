# SPDX-License-Identifier: Apache-2.0
"""What the command line itself refuses; what the node refuses comes from the node's rooms."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

USAGE = ErrorKind("FANAL-E0901", Exit.USAGE, _("{message}"), _("See: {command} --help"))
ARGUMENT_NOT_TEXT = ErrorKind(
    "FANAL-E0902",
    Exit.USAGE,
    _("Argument {number} is not text in the character set of this terminal (UTF-8 is expected)."),
    _("Rename the file or type the argument in UTF-8."),
)
BUG = ErrorKind(
    "FANAL-E0903",
    Exit.FAILED,
    _("Fanal met a fault of its own: {bug} ({kind} at {place})."),
    _("Nothing was confirmed. Report {bug} and what you did; the report holds no secret."),
)
INTERRUPTED = ErrorKind(
    "FANAL-E0904",
    Exit.INTERRUPTED,
    _("Interrupted."),
    _("What was confirmed before stays done; run it again."),
)
NO_TERMINAL = ErrorKind(
    "FANAL-E0905",
    Exit.USAGE,
    _("There is no terminal on which to ask: {what}"),
    _("Give it with {option}."),
)
OUTPUT_FAILED = ErrorKind(
    "FANAL-E0906",
    Exit.FAILED,
    _("The output cannot be written: {reason}."),
    _("Check the disk or pipe that takes it; the command itself may have been done."),
)
NODE_NOT_RUNNING = ErrorKind(
    "FANAL-E0910",
    Exit.UNREACHABLE,
    _("The node is not running: there is no socket at {path}."),
    _("Start it with: fanal node run. If it runs elsewhere, point FANAL_HOME at its folder."),
)
NODE_DEAD = ErrorKind(
    "FANAL-E0911",
    Exit.UNREACHABLE,
    _("Nobody answers at {path}: the node that made this socket has ended."),
    _("Start it again with: fanal node run."),
)
SOCKET_LOST = ErrorKind(
    "FANAL-E0918",
    Exit.UNREACHABLE,
    _("The node runs, as process {pid}, but nobody can reach it at {path}."),
    _(
        "Wait if it just starts or stops. Else the setting socket is another than the node has, or its "
        "socket was deleted: kill {pid}; then: fanal node run."
    ),
)
NOT_A_SOCKET = ErrorKind(
    "FANAL-E0912",
    Exit.UNREACHABLE,
    _("{path} is not a socket."),
    _("Correct the setting socket in fanal.toml, or move what lies there."),
)
SOCKET_DENIED = ErrorKind(
    "FANAL-E0913",
    Exit.NOT_PERMITTED,
    _("This user may not use the socket {path}."),
    _("Run the command as the user of the node, or ask its operator for access to the folder."),
)
NODE_SILENT = ErrorKind(
    "FANAL-E0914",
    Exit.TIMEOUT,
    _("The node did not answer {method} within {seconds} seconds."),
    _("Ask how it is with: fanal node health. Sending the same again is safe."),
)
NODE_ANSWER = ErrorKind(
    "FANAL-E0915",
    Exit.FAILED,
    _("The node answered {method} with {status}."),
    _("Look at the node's log around this time."),
)
NODE_OTHER_VERSION = ErrorKind(
    "FANAL-E0916",
    Exit.FAILED,
    _("The running node does not know {method}: it is of another version than this command."),
    _("Restart the node with the version installed here."),
)
NODE_LOST = ErrorKind(
    "FANAL-E0917",
    Exit.UNREACHABLE,
    _("The connection to the node broke during {method}."),
    _("See whether it is running with: fanal node health. Then repeat; nothing is done twice."),
)
NO_OFFICER = ErrorKind(
    "FANAL-E0920",
    Exit.NOT_FOUND,
    _("There is no officer's key file at {path}."),
    _("Give it with --officer ID or --officer PATH, or set FANAL_OFFICER."),
)
WHICH_OFFICER = ErrorKind(
    "FANAL-E0921",
    Exit.USAGE,
    _("Several officers have keys here: {officers}."),
    _("Say who you are with --officer ID, or set FANAL_OFFICER."),
)
BAD_PASSPHRASE_INPUT = ErrorKind(
    "FANAL-E0922",
    Exit.USAGE,
    _("No passphrase could be taken: {reason}."),
    _("Type one, or give one line of UTF-8 with --passphrase-fd N, or a key file with --key-file."),
)
ALREADY_THERE = ErrorKind(
    "FANAL-E0930",
    Exit.FAILED,
    _("{path} already exists; nothing was changed."),
    _("Choose another folder with FANAL_HOME or --home, or another file name."),
)
CANNOT_WRITE = ErrorKind(
    "FANAL-E0931",
    Exit.FAILED,
    _("{path} cannot be used: {reason}."),
    _("Check the path, its owner and the free space."),
)
NOTICE_REFUSED = ErrorKind(
    "FANAL-E0932",
    Exit.POLICY,
    _("The notice was not sent: {count} finding(s) of the check, the first {code} at {field}: {message}"),
    _("Correct the draft; see all of them with: fanal notice send DRAFT --dry-run."),
)
NOT_CONFIRMED = ErrorKind(
    "FANAL-E0933", Exit.FAILED, _("Not confirmed; nothing was sent or signed."), _("Run it again to go on.")
)
CODES_DIFFER = ErrorKind(
    "FANAL-E0934",
    Exit.VERIFICATION_FAILED,
    _("The code typed is not the code of this joining: somebody may be in between."),
    _("Do not go on. Speak to the other agency on a number you know, and start with a new invitation."),
)
NO_PENDING = ErrorKind(
    "FANAL-E0935",
    Exit.NOT_FOUND,
    _("{agency} has not asked to join."),
    _("Invite it with: fanal network invite {agency}. Who asked is listed by: fanal network approve."),
)
UNKNOWN_TOPIC = ErrorKind(
    "FANAL-E0940",
    Exit.NOT_FOUND,
    _("There is no help on {topic}."),
    _("Topics: {topics}. Or an id as FANAL-E0910."),
)
BAD_REASON = ErrorKind(
    "FANAL-E0942",
    Exit.USAGE,
    _("{value} is not a reason of the form CODE=TEXT."),
    _("Write for example --reason RECIPIENT_UNKNOWN='joins on Monday'."),
)
REASON_NEEDED = ErrorKind(
    "FANAL-E0943",
    Exit.POLICY,
    _("The check warns of {code} at {field}, and no reason was given: {message}"),
    _("Correct the draft, or say why with --reason {code}=TEXT; readers will see it."),
)
NO_CHARTER = ErrorKind(
    "FANAL-E0944",
    Exit.NOT_FOUND,
    _("This agency belongs to no network yet."),
    _("Make one with: fanal network create NAME. Or join one with: fanal network join TOKENFILE."),
)
HAS_CHARTER = ErrorKind(
    "FANAL-E0945",
    Exit.FAILED,
    _("This agency already belongs to the network {network}."),
    _("One folder speaks in one network; make another with FANAL_HOME and fanal init."),
)
NOTHING_CHANGED = ErrorKind(
    "FANAL-E0946",
    Exit.USAGE,
    _("The charter would stay as it is."),
    _("Change channels or relays in the exported file first."),
)
BAD_CHARTER_FILE = ErrorKind(
    "FANAL-E0947",
    Exit.USAGE,
    _("{path} is not a charter to apply: {reason}."),
    _("Export the one in force with: fanal network charter --export FILE, and edit channels and relays."),
)
WRONG_NETWORK = ErrorKind(
    "FANAL-E0949",
    Exit.VERIFICATION_FAILED,
    _("The node's charter does not follow from the charter this officer's folder holds."),
    _(
        "Do not sign anything. If fanal doctor finds a file of charter/ changed or missing, get it from "
        "another member. Else compare the network id that fanal status shows with the one on paper."
    ),
)
NOT_INSTALLED = ErrorKind(
    "FANAL-E0950", Exit.FAILED, _("{command} is not part of this installation."), _("Install Fanal whole.")
)
BAD_CHOICE = ErrorKind(
    "FANAL-E0951",
    Exit.USAGE,
    _("{value} is no {what}."),
    _("Choose one of: {choices}."),
)
UNHEALTHY = ErrorKind(
    "FANAL-E0954",
    Exit.UNREACHABLE,
    _("The node answers but is not serving ({status})."),
    _("Look at its log."),
)
TEXT_GONE = ErrorKind(
    "FANAL-E0955",
    Exit.NOT_FOUND,
    _("The text of {notice} is not kept here any more, so it cannot be answered or changed."),
    _("What is known about it: fanal notice show {notice} --json."),
)
SENT_BEFORE = ErrorKind(
    "FANAL-E0957",
    Exit.POLICY,
    _("A notice with the id of this draft was sent before, with other content or to others."),
    _("Make another with: fanal notice new. Correct the sent one with: fanal notice amend {notice}."),
)
DOCUMENT_UNREADABLE = ErrorKind(
    "FANAL-E0956",
    Exit.VERIFICATION_FAILED,
    _("{path} holds no signed document."),
    _("Restore the file from a backup, or get it again from the agency that sent it."),
)
NOT_ERASED = ErrorKind(
    "FANAL-E0965",
    Exit.POLICY,
    _("The content of {notice} is not erased here, so there is no deletion to confirm."),
    _("It is erased at its delete_by, by a withdrawal with deletion, or by: fanal notice erase {notice}"),
)
SPAN_REVERSED = ErrorKind(
    "FANAL-E0966",
    Exit.USAGE,
    _("{option} ends before it begins: {value}."),
    _("Give the earlier time first: FROM..TO."),
)
UNKNOWN_PERSON = ErrorKind(
    "FANAL-E0960",
    Exit.NOT_FOUND,
    _("No identity document in this ledger ever named an officer {officer}."),
    _("Give the officer's id, or the 32 hex digits that fanal audit access shows."),
)
NOTHING_IN_FILE = ErrorKind(
    "FANAL-E0970",
    Exit.USAGE,
    _("{path} is empty, so there is nothing to attach."),
    _("Check that this is the right file."),
)
NO_FILE_FOR = ErrorKind(
    "FANAL-E0971",
    Exit.USAGE,
    _("The draft names the attachment {name}, and no file was given for it."),
    _("Give the file with --attach, or take the attachment out of the draft."),
)
ATTACHED_TWICE = ErrorKind(
    "FANAL-E0972",
    Exit.USAGE,
    _("There are two attachments with the name {name}."),
    _("Give one of the files another name."),
)
NO_ATTACHMENT = ErrorKind(
    "FANAL-E0973",
    Exit.NOT_FOUND,
    _("The notice has no attachment {name}."),
    _("'fanal notice show NOTICE' lists what it has."),
)
WHICH_ATTACHMENT = ErrorKind(
    "FANAL-E0974",
    Exit.USAGE,
    _("{count} attachments may be meant: {names}."),
    _("Name one, or give its number: fanal notice attachment NOTICE 1 -o FILE"),
)
UNSAFE_NAME = ErrorKind(
    "FANAL-E0975",
    Exit.USAGE,
    _("The attachment's own name {name} is none that a file should get."),
    _("Choose one: fanal notice attachment NOTICE -o FILE"),
)
FILE_THERE = ErrorKind(
    "FANAL-E0976",
    Exit.FAILED,
    _("{path} already exists; nothing was changed."),
    _("Choose another name with -o FILE, or replace it with --force."),
)
NO_SUCH_KEY = ErrorKind(
    "FANAL-E0981",
    Exit.NOT_FOUND,
    _("{count} keys of this agency have an id that begins with {value}; one is needed."),
    _("Give {least} hex digits or more of the id that fanal key list shows."),
)
REVOCATION_WAITS = ErrorKind(
    "FANAL-E0982",
    Exit.POLICY,
    _("Revocation {number} waits for the governors; nobody would take a later one before it."),
    _("Have it put into the charter first: fanal network charter --revoke {path}"),
)
LOG_IS_WELL = ErrorKind(
    "FANAL-E0983",
    Exit.POLICY,
    _("Nothing is known that a new log would mend: the ledger lacks nothing, and no log key is revoked."),
    _("Start the node and ask 'fanal doctor': only FANAL-E0730 or a revoked log key calls for a new log."),
)
NEVER_SENT = ErrorKind(
    "FANAL-E0984",
    Exit.POLICY,
    _("{notice} was never sent to {agencies}."),
    _("Name whom it was sent to: fanal notice track {notice}"),
)
