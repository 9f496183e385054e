# SPDX-License-Identifier: Apache-2.0
"""Why gossip cuts a link. The ids FANAL-E0701..E0719; the service has the rest of the range."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

MALFORMED_FRAME = ErrorKind(
    "FANAL-E0701",
    Exit.VERIFICATION_FAILED,
    _("{peer} sent a frame that no node of this protocol sends: {field} {reason}."),
    _("Ask the operator of {peer} which software runs there; the link is tried again later."),
)
TOO_MUCH_UNANSWERED = ErrorKind(
    "FANAL-E0702",
    Exit.POLICY,
    _("{peer} sent more than {limit} {what} without waiting for an answer."),
    _("Ask the operator of {peer} which software runs there; the link is tried again later."),
)
SILENT_PEER = ErrorKind(
    "FANAL-E0703",
    Exit.UNREACHABLE,
    _("Nothing came from {peer} for {seconds} seconds, heartbeats included."),
    _("Check the line to {peer}; the link is dialled again by itself."),
)
NOT_A_PEER = ErrorKind(
    "FANAL-E0704",
    Exit.NOT_PERMITTED,
    _("{peer} is not a member of the network's newest charter, or not on this node's trust list."),
    _("If it should be: look at 'fanal network charter' and at 'peers' in fanal.toml."),
)
TOO_MANY_REQUESTS = ErrorKind(
    "FANAL-E0705",
    Exit.POLICY,
    _("{peer} sends requests faster than {limit} a second for a long time; they are answered more slowly."),
    _("Ask the operator of {peer} what runs there, or: fanal peer block {peer} --reason FLOODING"),
)
WITHHOLDS = ErrorKind(
    "FANAL-E0706",
    Exit.POLICY,
    _("{peer} says that it holds entries, and brought none of them for {seconds} seconds; others are asked."),
    _("On a slow line that is no ill will. Else ask, or: fanal peer block {peer} --reason WITHHOLDS"),
)
UNCONFIRMED = ErrorKind(
    "FANAL-E0707",
    Exit.POLICY,
    _("{peer} did not confirm for {seconds} seconds what it was sent."),
    _("Nothing is lost, it is offered again. If it goes on, ask the operator of {peer}."),
)
