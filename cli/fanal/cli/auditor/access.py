# SPDX-License-Identifier: Apache-2.0
"""``fanal audit access``: who read, searched, printed or exported what, and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import UNKNOWN_PERSON
from fanal.cli.session import Session
from fanal.cli.shown.spans import times
from fanal.cli.shown.text import when
from fanal.errors import FanalError
from fanal.i18n import _

if TYPE_CHECKING:
    from fanal.cli.auditor.source import Ledger
    from fanal.cli.shown.audit_shapes import AccessAnswer

_MAC = re.compile(r"[0-9a-f]{32}", re.ASCII)


@command(
    "access",
    "fanal audit access --when 2026-11-01..2026-11-30",
    "fanal audit access --who duty-1 --key-file unlock.key",
    "fanal audit access --ledger az-cus.zip --json",
)
@click.option("--who", metavar="OFFICER", help=_("An officer's id, or the 32 hex digits that stand for one."))
@click.option("--when", "span", metavar="FROM..TO", help=_("Dates or times in UTC; either may be left out."))
@click.option("--ledger", metavar="LEDGER", help=_("A data folder or an export [default: FANAL_HOME's]."))
@click.option("--names", is_flag=True, help=_("Say who it was; opens this agency's node.keys."))
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens node.keys."))
@click.option(
    "--passphrase-fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_("Read the passphrase of node.keys from this file descriptor."),
)
def access(session: Session, who: str | None, span: str | None, ledger: str | None, names: bool) -> None:
    """What people did, from the leaves that name one; officers who have left are found as well.

    A person stands in the ledger as 32 hex digits that only the agency's own keys can turn into an officer's
    id. Without --names, and without an officer's id after --who, no key is opened.
    """
    from fanal.cli.auditor.source import ledger_at
    from fanal.node.auditing.access import acts

    first, last = times(span, "--when")
    with ledger_at(session, ledger) as source:
        people = _people(session, source) if names or (who and not _MAC.fullmatch(who)) else {}
        actors = None if who is None else _actors(who, people)
        found = list(acts(source.view, first, last, actors))
    answer: AccessAnswer = {
        "acts": [
            {
                "leaf": one.index,
                "time": when(one.time),
                "actor": one.actor.hex(),
                "officer": people.get(one.actor, ""),
                "act": one.act,
                "envelope_id": one.envelope.hex(),
            }
            for one in found
        ]
    }
    columns = (_("time"), _("leaf"), _("who"), _("act"), _("envelope"))
    rows = [
        (one["time"], str(one["leaf"]), one["officer"] or one["actor"], one["act"], one["envelope_id"])
        for one in answer["acts"]
    ]
    session.out.emit_table(answer, columns, rows, _("Nobody did anything in this time."))


def _actors(who: str, people: dict[bytes, str]) -> set[bytes]:
    if _MAC.fullmatch(who):
        return {bytes.fromhex(who)}
    found = {mac for mac, officer in people.items() if officer == who}
    if not found:
        raise FanalError(UNKNOWN_PERSON, officer=repr(who)[:40])
    return found


def _people(session: Session, source: Ledger) -> dict[bytes, str]:
    """Every officer the agency ever had; its node.keys are opened for it."""
    from fanal.cli.client.secret import secret_for
    from fanal.node.auditing.access import people
    from fanal.node.ledger.audit_trust import trust_of
    from fanal.node.unlocked import unlock

    home = session.home.require()
    keys = unlock(home.node_keys, secret_for(session, "node.keys"), session.settings.agency)
    trusted = trust_of(source.view, session.settings.agency, None)
    if trusted.directory is None:
        return {}
    return people(trusted.directory, session.settings.agency, keys.person_key)
