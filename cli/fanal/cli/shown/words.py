# SPDX-License-Identifier: Apache-2.0
"""What a state of a delivery, a peer or a check means, and what to do next. The tokens are the protocol's."""

from __future__ import annotations

from collections.abc import Mapping

from fanal.i18n import _, say

DELIVERY: Mapping[str, tuple[str, str]] = {
    "QUEUED": (_("waits in this node"), _("fanal peer show {recipient}")),
    "SENT": (
        _("the next node has stored it; the recipient has not confirmed yet"),
        _("wait; then fanal peer show {recipient}"),
    ),
    "RELAYED": (
        _("a relay has stored it and carries it on"),
        _("wait; the relay delivers when the recipient is there"),
    ),
    "STORED": (_("the recipient's node has it and has signed for it"), ""),
    "READ": (_("an officer there has read it"), ""),
    "ANSWERED": (_("the recipient has answered"), _("fanal notice show {notice}")),
    "REJECTED": (
        _("stored, but its content was rejected there"),
        _("correct it: fanal notice amend {notice}"),
    ),
    "REFUSED": (_("the recipient refuses"), _("speak to {recipient}")),
    "HELD": (_("the recipient has it and cannot open it yet"), _("wait; a fresh key is on its way")),
    "WITHDRAWN": (_("taken back there"), ""),
    "EXPIRED": (_("ran out before it arrived"), _("send it anew if it still matters")),
}
"""State -> what it means, next step (empty when nothing is to be done)."""

REASONS: Mapping[str, str] = {
    "NOT_A_MEMBER": _("not a member of the network yet"),
    "UNKNOWN_RECIPIENT": _("not a member of the network yet"),
    "NO_KEY": _("no key for it there yet"),
    "NO_IDENTITY": _("its identity document has not arrived"),
    "NOT_TRUSTED": _("not on the trust list of this node"),
    "CONNECTING": _("its node is being dialled"),
    "UNKNOWN_REFERENCE": _("set aside there until the notice it refers to arrives"),
    "NOT_CONNECTED": _("its node is not connected"),
    "UNREACHABLE": _("its node cannot be reached"),
    "NO_ROUTE": _("no link and no relay leads there"),
    "LOCKED": _("stored by the node, not yet signed for: it is locked"),
    "EXPIRED": _("it has expired"),
}
"""Reason token -> words; a reason may also be an error id."""

UNTOLD: Mapping[str, str] = {"address": _("its address"), "seconds": _("some"), "agency": _("the peer")}
"""What stands in a sentence for a fact that was not told with it."""

PEER: Mapping[str, tuple[str, str]] = {
    "CONNECTED": (_("linked"), ""),
    "CONNECTING": (_("being dialled"), _("wait")),
    "UNREACHABLE": (_("cannot be reached"), _("fanal peer show {agency}")),
    "NOT_TRUSTED": (_("not on this node's trust list"), _("add it to peers in fanal.toml")),
    "NO_IDENTITY": (_("its identity document has not arrived"), _("wait; it comes from any peer")),
}


LEVELS = (_("ok"), _("warning"), _("problem"), _("unchecked"), _("passed"), _("failed"), _("undecided"))
"""Levels of findings and verdicts of checks: tokens that arrive as data and are said as words."""


def state_words(state: str) -> str:
    """The meaning of a delivery state; the token itself for one of a newer version."""
    return say(DELIVERY[state][0]) if state in DELIVERY else state


def next_step(state: str, recipient: str, notice: str, hint: str = "") -> str:
    """What the sender can do now: the hint of the reason first, else what the state suggests."""
    if hint:
        return hint
    step = DELIVERY.get(state, ("", ""))[1]
    return say(step, recipient=recipient, notice=notice) if step else ""


def reason_words(reason: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """(sentence, hint) of a reason: a token, or an error id with its facts."""
    if not reason:
        return "", ""
    if reason in REASONS:
        return say(REASONS[reason]), ""
    if reason.startswith("FANAL-E"):
        from fanal.cli.errors_all import rebuild

        error = rebuild(reason, {**UNTOLD, **facts})
        return f"{error.sentence} [{reason}]", error.hint
    return reason, ""
