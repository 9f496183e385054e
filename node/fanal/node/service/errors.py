# SPDX-License-Identifier: Apache-2.0
"""What can go wrong at the node's doors: calls of officers, links with peers, joining, and the daemon."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

# --- Calls of officers ------------------------------------------------------------------------

NOT_AUTHENTICATED = ErrorKind(
    "FANAL-E0801",
    Exit.NOT_PERMITTED,
    _("The call is not signed by a current officer of {agency}: {reason}."),
    _("Check this machine's clock; name your key file with --officer; fanal whoami shows which is used."),
)
NOT_PERMITTED = ErrorKind(
    "FANAL-E0802",
    Exit.NOT_PERMITTED,
    _("Officer {officer} may not call {action}: it needs the right {right}."),
    _("Ask an officer who holds that right, or have the agency's root grant it in a new identity document."),
)
OTHER_OFFICER = ErrorKind(
    "FANAL-E0803",
    Exit.NOT_PERMITTED,
    _("{action} carries a statement that another officer signed."),
    _("Sign and send with the same key: nobody acts in another officer's name."),
)
MALFORMED_CALL = ErrorKind(
    "FANAL-E0805",
    Exit.USAGE,
    _("The request of {action} is malformed: {reason}."),
    _("Use the version of the node: compare fanal --version with fanal status."),
)
CALLER_SILENT = ErrorKind(
    "FANAL-E0809",
    Exit.TIMEOUT,
    _("The officer's program took nothing for {seconds} seconds, so the call was ended."),
    _("Run the command again; if it stays so, look at the disk it writes to."),
)
INTERNAL = ErrorKind(
    "FANAL-E0806",
    Exit.FAILED,
    _("The node failed inside while it handled {action}."),
    _("Nothing is lost that was acknowledged. See the node's log at this time: it names the place."),
)
UNKNOWN_ACTION = ErrorKind(
    "FANAL-E0807",
    Exit.NOT_PERMITTED,
    _("Nobody may call {action}: it has no row in the table of rights."),
    _("Use a call of the officers' API of this version."),
)
BUSY = ErrorKind(
    "FANAL-E0808",
    Exit.FAILED,
    _("The node is busy: {limit} calls are under way."),
    _("Try again in a moment."),
)

# --- The daemon -------------------------------------------------------------------------------

SOCKET_FOLDER = ErrorKind(
    "FANAL-E0812",
    Exit.FAILED,
    _("The folder of the officers' socket must belong to you alone: {path} ({reason})."),
    _("Run: chmod 700 on it, or choose another folder with the setting socket."),
)
CANNOT_LISTEN = ErrorKind(
    "FANAL-E0813",
    Exit.FAILED,
    _("The node cannot listen on {address}: it is taken, or not an address of this machine."),
    _("Choose another one with the setting {key} in fanal.toml."),
)
BAD_TLS_FILES = ErrorKind(
    "FANAL-E0814",
    Exit.FAILED,
    _("The node's TLS key or certificate cannot be used: {path} ({reason})."),
    _("Both must be readable by the node only (mode 0600) and belong together: take them from the backup."),
)

LOG_UNWRITTEN = ErrorKind(
    "FANAL-E0815",
    Exit.FAILED,
    _("The log cannot be written: {reason}. {count} lines of it are lost, the last at {when}."),
    _("Make room there, or start the node with another --log-file. The node works on without its log."),
)
DESCRIPTORS_USED_UP = ErrorKind(
    "FANAL-E0816",
    Exit.FAILED,
    _("This node may have {limit} files and connections open, and has them: it takes and makes no new link."),
    _("Raise the limit (ulimit -n, or LimitNOFILE= of the service), then start the node again."),
)
LINE_OVERLOADED = ErrorKind(
    "FANAL-E0817",
    Exit.FAILED,
    _(
        "Most peers were answered late for {seconds} seconds on end, last at {when}: "
        "more comes than this node's line carries."
    ),
    _(
        "If it is narrow (under 256 kbit/s), set line_kbit_per_s under [limits] in fanal.toml and start the "
        "node again; else look what else uses the line, or this machine."
    ),
)

# --- Links with peers: the reason shown by peer list, track and doctor -----------------------------

OWN_CERTIFICATE_EXPIRED = ErrorKind(
    "FANAL-E0820",
    Exit.UNREACHABLE,
    _("This node's own certificate is not valid now; every peer refuses it."),
    _("Check this machine's clock. If it is right, make a new certificate: fanal key rotate TLS"),
)
CONNECTION_REFUSED = ErrorKind(
    "FANAL-E0821",
    Exit.UNREACHABLE,
    _("Nothing listens at {address}."),
    _("The node of {agency} is stopped, or its address is another: ask its operator. It is tried again."),
)
REFUSED_BY_PEER = ErrorKind(
    "FANAL-E0822",
    Exit.UNREACHABLE,
    _(
        "{address} closed the connection: it does not trust this agency, links through a relay only, or its "
        "clock is wrong."
    ),
    _("fanal network charter shows its relays. Else ask the operator of {agency} what fanal peer show says."),
)
NOT_TLS = ErrorKind(
    "FANAL-E0849",
    Exit.UNREACHABLE,
    _("What answers at {address} speaks no TLS, so it is not the node of {agency}."),
    _("Another program has its port, or its address is another: ask its operator. It is tried again."),
)
PEER_CERTIFICATE_CHANGED = ErrorKind(
    "FANAL-E0823",
    Exit.UNREACHABLE,
    _("The certificate shown at {address} is not the one in {agency}'s identity document."),
    _("Another machine answers there, its clock is wrong, or its new document is not here: ask there."),
)
WRONG_NETWORK = ErrorKind(
    "FANAL-E0824",
    Exit.POLICY,
    _("{agency} belongs to another network."),
    _("Compare the network ids shown by fanal status on both sides."),
)
OTHER_PROTOCOL = ErrorKind(
    "FANAL-E0825",
    Exit.POLICY,
    _("{agency} speaks peer protocol {theirs}, this node {ours}: they have no version in common."),
    _("Upgrade the node of {older}, which has the older program. Until then notices wait at both."),
)
NO_ANSWER = ErrorKind(
    "FANAL-E0826",
    Exit.UNREACHABLE,
    _("{address} does not answer."),
    _("The machine of {agency} is down, its node hangs, or a firewall drops the packets: ask its operator."),
)
NO_ENDPOINT = ErrorKind(
    "FANAL-E0827",
    Exit.UNREACHABLE,
    _("{agency} has no address that can be dialled; this node waits to be called."),
    _("If it can be reached, its operator sets advertise in fanal.toml, then: fanal key rotate TLS"),
)
NOT_TRUSTED = ErrorKind(
    "FANAL-E0828",
    Exit.POLICY,
    _("{agency} is not on this node's trust list."),
    _("If this node shall link with it, add {agency} to peers in fanal.toml, then restart the node."),
)
NO_IDENTITY = ErrorKind(
    "FANAL-E0829",
    Exit.NOT_FOUND,
    _("{agency}'s identity document with a current certificate has not arrived yet."),
    _("It comes by itself from any peer that holds it."),
)
NAME_NOT_FOUND = ErrorKind(
    "FANAL-E0830",
    Exit.UNREACHABLE,
    _("The host name in {address} is unknown."),
    _("Check the name service of this machine, then the peer's address."),
)
PEER_SILENT = ErrorKind(
    "FANAL-E0831",
    Exit.UNREACHABLE,
    _("{agency} sent or took no byte for {seconds} seconds."),
    _("The node dials it again by itself."),
)
PEER_CERTIFICATE_EXPIRED = ErrorKind(
    "FANAL-E0832",
    Exit.UNREACHABLE,
    _("{agency}'s certificate is not valid now."),
    _("Check both clocks. Its operator runs: fanal key rotate TLS, and hands over its newest document."),
)
TLS_TOO_OLD = ErrorKind(
    "FANAL-E0833",
    Exit.POLICY,
    _("The session uses {version}; TLS 1.3 is required."),
    _("The caller must use a current version of Fanal."),
)
LINK_LOST = ErrorKind(
    "FANAL-E0834",
    Exit.UNREACHABLE,
    _("The connection with {agency} ended."),
    _("The node dials it again by itself."),
)
CUT = ErrorKind(
    "FANAL-E0835",
    Exit.POLICY,
    _("This node cut {agency} off: {reason}."),
    _("See the incident in the log; the link is tried again later."),
)
NOT_ADMITTED = ErrorKind(
    "FANAL-E0836",
    Exit.NOT_PERMITTED,
    _("The certificate belongs to no agency that this node links with."),
    _("Ask the operator of that node to trust this agency."),
)
HELLO_FIRST = ErrorKind(
    "FANAL-E0837",
    Exit.USAGE,
    _("Exchange was opened before Hello on this connection."),
    _("Call Hello first."),
)
ALREADY_LINKED = ErrorKind(
    "FANAL-E0838",
    Exit.POLICY,
    _("A link with this agency is already open."),
    _("Two calls have crossed. If it stays so, a second machine runs with this agency's keys: stop it."),
)
TOO_SLOW = ErrorKind(
    "FANAL-E0839",
    Exit.UNREACHABLE,
    _("{agency} takes frames more slowly than they arise; the link starts afresh."),
    _("Nothing is lost: what it lacks is sent when it is back."),
)
LIMIT_REACHED = ErrorKind(
    "FANAL-E0840",
    Exit.POLICY,
    _("{field} is larger than its limit of {limit}."),
    _("Send less at a time."),
)
UNKNOWN_PEER = ErrorKind(
    "FANAL-E0841",
    Exit.NOT_FOUND,
    _("{agency} is no other member of this network."),
    _("fanal peer list shows the members."),
)
NOT_CONNECTED = ErrorKind(
    "FANAL-E0842",
    Exit.UNREACHABLE,
    _("There is no link with {agency} now ({reason})."),
    _("fanal peer show {agency} says why."),
)
PING_TIMEOUT = ErrorKind(
    "FANAL-E0843",
    Exit.TIMEOUT,
    _("{agency} did not answer within {seconds} seconds."),
    _("The link is slow or dead; the node cuts it by itself when it stays silent."),
)

NO_FRAME = ErrorKind(
    "FANAL-E0844",
    Exit.VERIFICATION_FAILED,
    _("{agency} sent bytes that are no frame of this protocol."),
    _("See the incident in the log; tell the peer's operator."),
)

BAD_CREDIT = ErrorKind(
    "FANAL-E0845",
    Exit.VERIFICATION_FAILED,
    _("{agency} grants or uses credit as no node of this protocol does ({reason})."),
    _("The link is cut for a while. Ask the peer's operator which version runs there."),
)

TOO_MANY_CALLS = ErrorKind(
    "FANAL-E0846",
    Exit.POLICY,
    _("{agency} calls this node's port more than {limit} times a minute; what is more is hung up on."),
    _("Ask the operator of {agency} what runs there, or: fanal peer block {agency} --reason FLOODING"),
)

TOO_MANY_CONNECTIONS = ErrorKind(
    "FANAL-E0847",
    Exit.POLICY,
    _("{agency} opened more than {limit} connections at a time; the oldest of them was closed."),
    _("A node that dials anew does that now and then. Else ask its operator which software runs there."),
)

SPOKE_AS_ANOTHER = ErrorKind(
    "FANAL-E0848",
    Exit.NOT_PERMITTED,
    _("{agency} said Hello in another's name, under its own key: it called itself {name}."),
    _("It was not let in. Ask its operator by telephone, or: fanal peer block {agency} --reason FORGERY"),
)

# --- Joining ----------------------------------------------------------------------------------

JOIN_REFUSED_REQUEST = ErrorKind(
    "FANAL-E0850",
    Exit.NOT_PERMITTED,
    _("The invitation is not valid: unknown, used by another, or expired."),
    _("Ask the inviting agency for a new one."),
)
JOIN_BUSY = ErrorKind(
    "FANAL-E0851",
    Exit.FAILED,
    _("The join listener takes no more requests for now."),
    _("Try again in a minute."),
)
JOIN_UNREACHABLE = ErrorKind(
    "FANAL-E0852",
    Exit.UNREACHABLE,
    _("The inviting node cannot be reached at {address}."),
    _("Check the address and that the inviting node runs; the invitation may have expired."),
)
JOIN_OTHER_INVITER = ErrorKind(
    "FANAL-E0853",
    Exit.VERIFICATION_FAILED,
    _("The answer at {address} is not from whoever made this invitation."),
    _("Do not go on. Ask the inviting agency by telephone for a new invitation."),
)
JOIN_REFUSED = ErrorKind(
    "FANAL-E0854",
    Exit.POLICY,
    _("The inviting agency refused."),
    _("Talk to its operator: the code read out may have differed."),
)
JOIN_TIMEOUT = ErrorKind(
    "FANAL-E0855",
    Exit.TIMEOUT,
    _("Nobody approved within {seconds} seconds."),
    _("Run the same command again: the invitation stays good for this identity until it expires."),
)
NO_PENDING_JOIN = ErrorKind(
    "FANAL-E0856",
    Exit.NOT_FOUND,
    _("No agency waits to join with this invitation."),
    _("fanal network approve lists those who wait."),
)
TOO_MANY_INVITATIONS = ErrorKind(
    "FANAL-E0857",
    Exit.POLICY,
    _("{limit} invitations are out already."),
    _("Wait until one is used or expires."),
)
ALREADY_MEMBER = ErrorKind(
    "FANAL-E0858",
    Exit.POLICY,
    _("{agency} is a member already."),
    _("fanal network charter shows the members."),
)
JOIN_OTHER_AGENCY = ErrorKind(
    "FANAL-E0859",
    Exit.NOT_PERMITTED,
    _("The invitation is for {invited}, not for {agency}."),
    _("Ask for an invitation in your agency's name."),
)
