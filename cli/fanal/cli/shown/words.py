# SPDX-License-Identifier: Apache-2.0
"""What a state of a delivery, a peer or a check means, and what to do next. The tokens are the protocol's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NoticeRow

DELIVERY: Mapping[str, tuple[str, str]] = {
    "QUEUED": (_("waits in this node"), _("fanal peer show {recipient}")),
    "SENT": (
        _("stored by the node of {recipient}, not yet signed for"),
        _("wait some seconds; if it stays so, that node is locked: its operator runs fanal unlock"),
    ),
    "RELAYED": (
        _("{via} carries it on as a relay"),
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

REASONS: Mapping[str, tuple[str, str]] = {
    "NOT_A_MEMBER": (
        _("not a member of the network, so it is not sealed for it"),
        _("fanal network invite {agency}; once it has joined, send it a new notice"),
    ),
    "UNKNOWN_RECIPIENT": (
        _("not a member of the network"),
        _("fanal network invite {agency}; once it has joined, send it a new notice"),
    ),
    "NO_KEY": (_("no key for it there yet"), _("wait; this node sends a fresh key by itself")),
    "NO_IDENTITY": (
        _("its identity document has not arrived"),
        _("wait; it comes from any peer that holds it"),
    ),
    "NOT_TRUSTED": (
        _("not on the trust list of this node"),
        _("add {agency} to peers in fanal.toml, then restart the node"),
    ),
    "CONNECTING": (_("its node is being dialled"), _("wait; then fanal peer show {agency}")),
    "UNKNOWN_REFERENCE": (
        _("set aside there until the notice it refers to arrives"),
        _("send {agency} the notice it refers to, if it has not got it"),
    ),
    "EXPIRED": (_("it has expired"), ""),
    "COMPLIED": (_("the holder has done what the withdrawal asks"), ""),
    "RECALL_SILENT": (_("has not answered the withdrawal yet"), _("wait; then speak to {agency}")),
    "RECALL_NOT_NAMED": (
        _("no withdrawal names it: it still holds the notice, or will when that arrives"),
        _("fanal notice withdraw {notice} --to {agency} {how}"),
    ),
    "RECALL_OUT_OF_REACH": (
        _("no withdrawal reaches it: it still holds the notice, or will when that arrives"),
        _("speak to {agency}"),
    ),
    "RECALL_OVERDUE": (_("has not answered the withdrawal, and is overdue"), _("speak to {agency}")),
}
"""Reason token -> words, next step; a reason may also be an error id."""

PASSED_ON = (_("{via} has stored it; the recipient has not signed for it yet"), _("wait; {via} passes it on"))
"""SENT, when the one that took it was a relay."""

LEGAL_HOLD = (
    _("withdrawn, and kept there under a legal hold"),
    _("wait; {recipient} answers again when the hold ends"),
)
"""HELD, when the reason is the token of whoever ordered the hold."""

UNTOLD: Mapping[str, str] = {
    "address": _("its address"),
    "seconds": _("some"),
    "agency": _("the peer"),
    "via": _("a relay"),
    "notice": "NOTICE",
    "how": "--reason REASON",
}
"""What stands in a sentence for a fact that was not told with it."""

PEER: Mapping[str, tuple[str, str]] = {
    "CONNECTED": (_("linked"), ""),
    "CONNECTING": (_("being dialled"), _("wait")),
    "UNREACHABLE": (_("cannot be reached"), _("fanal peer show {agency}")),
    "NOT_TRUSTED": (_("not on this node's trust list"), _("add it to peers in fanal.toml")),
    "NO_IDENTITY": (_("its identity document has not arrived"), _("wait; it comes from any peer")),
}


REVOKED_KEY: Mapping[str, str] = {
    "NODE": _("the key of {agency}'s node"),
    "OFFICER": _("the key of {agency}'s officer"),
}
"""The key under a notice that was revoked since."""

DOUBTED = _(
    "{key} was revoked from {time} on, and no checkpoint that others cosigned before shows that this "
    "notice is older: whoever stole the key may have written it. "
    "Ask {agency} by another way before you act on it."
)
VOUCHED = _(
    "{key} was revoked from {time} on; others had cosigned a checkpoint over this notice before: it stands"
)
SUSPECTS = _(
    "SUSPECT: signed under a key that was revoked since, and nobody saw it before that. "
    "fanal notice show says more."
)


LEVELS = (
    _("ok"),
    _("warning"),
    _("problem"),
    _("unchecked"),
    _("settled"),
    _("passed"),
    _("failed"),
    _("undecided"),
)
"""Levels of findings and verdicts of checks: tokens that arrive as data and are said as words."""


def state_words(state: str, recipient: str, via: str, reason: str = "") -> str:
    """The meaning of a delivery state; the token itself for one of a newer version."""
    meaning, _step = _delivery(state, via, reason)
    return say(meaning, recipient=recipient, via=via or say(UNTOLD["via"])) if meaning else state


LONG_AWAY = 86_400
"""Seconds without a line after which a courier file is worth a thought."""
NO_LINE = ("UNREACHABLE", "CONNECTING", "NO_IDENTITY")
"""States of a peer, and reasons of a delivery, in which there is none."""


def next_step(state: str, recipient: str, notice: str, via: str, hint: str = "", reason: str = "") -> str:
    """What the sender can do now: the hint of the reason first, else what the state suggests."""
    _meaning, step = _delivery(state, via, reason)
    return hint or (say(step, recipient=recipient, notice=notice, via=via) if step else "")


def or_by_file(step: str, agency: str, since: int, now: int) -> str:
    """A next step for an agency that nothing has reached ``since`` (Unix seconds): after a day without a line
    a file is named too."""
    if not since or now - since < LONG_AWAY:
        return step
    also = say(_("or by file: {command}"), command=f"fanal courier export --to {agency} FILE")
    return f"{step}; {also}" if step else also


def _delivery(state: str, via: str, reason: str) -> tuple[str, str]:
    if state == "SENT" and via:
        return PASSED_ON
    if state == "HELD" and reason and reason not in REASONS and not reason.startswith("FANAL-E"):
        return LEGAL_HOLD
    return DELIVERY.get(state, ("", ""))


def revoked_words(row: NoticeRow) -> str:
    """What the revocation of a key under a notice means for it; empty when there is none."""
    agency, key = row["originator"], row["revoked_key"]
    if not key:
        return ""
    time = row["revoked_from"] or say(_("an unknown time"))
    text = DOUBTED if row["status"] == "SUSPECT" else VOUCHED
    return say(text, key=say(REVOKED_KEY.get(key, key), agency=agency), time=time, agency=agency)


def reason_words(reason: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """(sentence, hint) of a reason: a token, or an error id with its facts."""
    if not reason:
        return "", ""
    if reason in REASONS:
        sentence, step = REASONS[reason]
        return say(sentence), say(step, **{**UNTOLD, **facts}) if step else ""
    if reason.startswith("FANAL-E"):
        from fanal.cli.errors_all import rebuild

        error = rebuild(reason, {**UNTOLD, **facts})
        return f"{error.sentence} [{reason}]", error.hint
    return reason, ""
