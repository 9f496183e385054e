# SPDX-License-Identifier: Apache-2.0
"""Refusals and findings of recall, legal hold and erasure (FANAL-E0639, E0655 to E0659, E0665 to E0669)."""

from __future__ import annotations

from fanal.errors import ErrorKind, Exit
from fanal.i18n import _

HELD_BY_LAW = ErrorKind(
    "FANAL-E0655",
    Exit.POLICY,
    _("{notice} is under a legal hold ({reason}) and is not erased."),
    _("Lift the hold first, if the law allows: fanal notice hold {notice} --release"),
)
BEING_ERASED = ErrorKind(
    "FANAL-E0639",
    Exit.POLICY,
    _("{notice} is being erased: that was not written to the end; the next start does what is left."),
    _("It can be held no more. 'fanal status' tells what stopped it; erasing it again ends it at once."),
)
NOT_RECALLED = ErrorKind(
    "FANAL-E0656",
    Exit.POLICY,
    _("Nobody else has withdrawn {notice}, so there is no recall to answer."),
    _("'fanal notice show {notice}' tells its state and its originator."),
)
GONE_ALREADY = ErrorKind(
    "FANAL-E0657",
    Exit.POLICY,
    _("The content of {notice} is erased here already, so its recall was complied with."),
    _("To keep the next one, hold it before it is withdrawn: fanal notice hold NOTICE --reason TOKEN"),
)
STILL_ISSUED = ErrorKind(
    "FANAL-E0658",
    Exit.POLICY,
    _("{notice} is a notice of this agency, neither withdrawn nor expired: others still rely on it."),
    _("Take it back everywhere, and here: fanal notice withdraw {notice} --reason REASON --delete"),
)
STILL_TAKES_BACK = ErrorKind(
    "FANAL-E0662",
    Exit.POLICY,
    _("{notice} is this agency's withdrawal, in force until {until}: readers that were away still need it."),
    _("It can be erased from then on. Its content goes by itself on its delete_by; its proof always stays."),
)
INBOX_CLOSED = ErrorKind(
    "FANAL-E0659",
    Exit.FAILED,
    _("The data folder was restored ({reason}): the inbox stays closed until erasures were applied again."),
    _(
        "It opens when a peer was caught up with. Where no line leads to one, once its courier files are in,"
        " or with no peer left: fanal node confirm inbox"
    ),
)
CLOCK_JUMPED = ErrorKind(
    "FANAL-E0665",
    Exit.FAILED,
    _("The clock is {days} days ahead of the last time this node trusted, and no witness confirms it."),
    _("Nothing is erased by time until then. If the clock is right: fanal node confirm clock"),
)
CLOCK_AHEAD = ErrorKind(
    "FANAL-E0664",
    Exit.FAILED,
    _("By this node's clock nobody cosigned its log for {days} days; erasure goes by the witnesses' time."),
    _("If a peer is linked, this clock is ahead: timedatectl status. Else it ends when one is linked."),
)
ON_HOLD = ErrorKind(
    "FANAL-E0666",
    Exit.FAILED,
    _("{count} notice(s) are under a legal hold and are not erased."),
    _("'fanal notice show NOTICE' names the reason; 'fanal notice hold NOTICE --release' lifts it."),
)
BAD_TOKEN = ErrorKind(
    "FANAL-E0667",
    Exit.USAGE,
    _("{value} is no token: 1 to 40 capitals, digits and underscores, for example {example}."),
    _("Tokens stand in receipts and in the log, so they carry no free text."),
)
RESTATES_NOTHING = ErrorKind(
    "FANAL-E0668",
    Exit.POLICY,
    _("What is restated is no statement of this agency over these very bytes."),
    _("Only the originator forwards a notice: fanal notice forward NOTICE --to AGENCY"),
)
RESTATES_WITHDRAWN = ErrorKind(
    "FANAL-E0669",
    Exit.POLICY,
    _("{notice} is withdrawn or expired, and is not forwarded."),
    _("Issue a new notice if the matter is alive."),
)
