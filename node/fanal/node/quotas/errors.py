# SPDX-License-Identifier: Apache-2.0
"""Refusals and findings of quotas and of the disk (FANAL-E0786 to E0795). Nothing over a quota is lost."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

OVER_OWN_QUOTA = ErrorKind(
    "FANAL-E0786",
    Exit.POLICY,
    _("Not sent: this agency has used up its limit {limit} = {most}. There is room again at {when}."),
    _("Send it then; nothing is lost. The operators of all nodes can raise {limit} under [limits]."),
)
FLASH_USED_UP = ErrorKind(
    "FANAL-E0787",
    Exit.POLICY,
    _("Not sent: this agency has used up its FLASH notices, {limit} = {most}. The next can go at {when}."),
    _("Send it now with urgency URGENT: it travels at once, as ROUTINE. Telephone the duty contact."),
)
OVER_SIZE = ErrorKind(
    "FANAL-E0796",
    Exit.POLICY,
    _("Not sent: it is over this node's limit {limit} = {most}."),
    _("Make it smaller or address fewer, or have the operator raise {limit} under [limits]."),
)
WAITS_AT_PEER = ErrorKind(
    "FANAL-E0788",
    Exit.POLICY,
    _("{agency} takes no more of this author for now: its limit {limit} is {most}. It asks again at {when}."),
    _("Nothing is lost and there is nothing to do. To send more, ask the operator of {agency} to raise it."),
)
DISK_FULL_THERE = ErrorKind(
    "FANAL-E0785",
    Exit.POLICY,
    _("The disk of {agency} is full, so it takes its own notices only. It asks again at {when}."),
    _("Nothing is lost. If it stays so, tell the operator of {agency}, whose fanal doctor says what to do."),
)
STORE_FAILS_THERE = ErrorKind(
    "FANAL-E0798",
    Exit.UNREACHABLE,
    _("{agency} says that it cannot store anything now: its disk fails or is full, or its database is held."),
    _("Nothing is lost, it asks again. Tell the operator of {agency}, whose fanal doctor names the cause."),
)
AUTHOR_OVER_QUOTA = ErrorKind(
    "FANAL-E0789",
    Exit.POLICY,
    _("{author} is over {limit} = {most}: {count} envelopes wait until {when}."),
    _("If that is right, raise {limit} under [limits] in fanal.toml; else 'fanal peer block {author}'."),
)
DISK_REFUSES = ErrorKind(
    "FANAL-E0790",
    Exit.FAILED,
    _("The disk is {percent} % full: own notices are still taken, others' wait at their senders."),
    _("Make room on the disk of the data folder; 'fanal node free-reserve' gives {reserve} MiB at once."),
)
FLASH_DEMOTED = ErrorKind(
    "FANAL-E0797",
    Exit.POLICY,
    _("{author} sends more than {most} alerts an hour; what is more travels as ROUTINE."),
    _("If that is right, raise flash_per_hour under [limits]. Else ask the operator of {author}."),
)
RESERVE_MISSING = ErrorKind(
    "FANAL-E0791",
    Exit.FAILED,
    _("There is no reserve file for the day on which the disk is full."),
    _("Make room on the disk, then 'fanal node free-reserve --restore'."),
)
RESERVE_REFUSED = ErrorKind(
    "FANAL-E0792",
    Exit.FAILED,
    _("The reserve file {path} cannot be changed: {reason}."),
    _("Give this user permission to write the data folder, and make room on its disk."),
)
PEER_BLOCKED = ErrorKind(
    "FANAL-E0793",
    Exit.NOT_PERMITTED,
    _("This node's operator has blocked {agency}."),
    _("'fanal peer unblock {agency}' lets it in again."),
)
PEER_NAMED_UNKNOWN = ErrorKind(
    "FANAL-E0799",
    Exit.POLICY,
    _("The setting peers names {agency}, which is no member of this network. Nearest: {nearest}."),
    _("Mend peers in fanal.toml, then restart the node. One that is to join later may stand there."),
)
NOT_A_MEMBER = ErrorKind(
    "FANAL-E0795",
    Exit.NOT_FOUND,
    _("{agency} is not a member of this network."),
    _("'fanal peer list' shows the members."),
)
BLOCKED_ITSELF = ErrorKind(
    "FANAL-E0794",
    Exit.USAGE,
    _("{agency} is this agency itself."),
    _("Name another agency; 'fanal peer list' shows them."),
)
