# SPDX-License-Identifier: Apache-2.0
"""``fanal key revoke``: from a time on a key of this agency is no longer good; it is never taken back.

The root signs the revocation and the identity document with the successor. Alone it reaches seven days back;
from then on it counts at once, and what lies further back goes to the governors as a second revocation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.completion import own_keys
from fanal.cli.errors import BAD_CHOICE, NO_SUCH_KEY, NOT_CONFIRMED, REVOCATION_WAITS
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, when
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.key_shapes import KeyRevoked
    from fanal.config.home import Home
    from fanal.keys.identity import IdentityView, KeyView
    from fanal.keys.root import Root
    from fanal.v1.identity_pb2 import KeyEntry, SignedDocument

LEAST_PREFIX = 4


@dataclass(frozen=True)
class Plan:
    """What is revoked: times in Unix seconds; ``number``: of the first revocation that will be signed."""

    key: KeyView
    cut_off: int
    reason: str
    now: int
    number: int

    @property
    def needs_governors(self) -> bool:
        from fanal.keys.identity import DAY
        from fanal.keys.revocation import ALONE_DAYS

        return self.cut_off < self.now - ALONE_DAYS * DAY

    @property
    def alone_from(self) -> int:
        """From when the key is no longer good by the root's word alone: for longer than the root may reach
        back, the moment of signing, so that peers that were away for days still take it."""
        return self.now if self.needs_governors else self.cut_off


@command(
    "revoke",
    "fanal key revoke 3fa9c1d2 --from 2026-11-20T08:00:00Z --reason compromised --dry-run",
    "fanal key revoke 3fa9c1d2 --from now --reason lost",
)
@click.argument("key", metavar="KEY", shell_complete=own_keys)
@click.option("--from", "since", required=True, metavar="TIME", help=_("ISO 8601 with a zone, or now."))
@click.option("--reason", required=True, metavar="WHY", help=_("compromised, lost, superseded or left."))
@click.option("--dry-run", is_flag=True, help=_("Show what would happen; sign nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask for the agency's id to be typed."))
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens root and node keys."))
@click.option(
    "--passphrase-fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_("Lines there: the passphrase of the root, then that of the node's keys."),
)
def revoke(session: Session, key: str, since: str, reason: str, dry_run: bool, yes: bool) -> None:
    """Revoke a key, named by its id or the beginning of it (fanal key list), from a time on.

    What it signed before stands if others saw it before; the rest is shown as suspect, everywhere. A key of
    the node gets its successor in the same step. More than seven days back needs the network's governors.
    """
    from fanal.cli.local import newkeys
    from fanal.cli.local.key import own_identity
    from fanal.keys.files import exclusive

    home = session.home.require()
    view = own_identity(home)
    plan = _plan(session, view, key, since, reason)
    name = _successor_of(view, plan.key)
    if dry_run:
        return _tell(session, plan, name, 0, "", "")
    if not yes and click.prompt(_question(plan, view.agency), err=True) != view.agency:
        raise FanalError(NOT_CONFIRMED)
    given = newkeys.opened(session, name or "TLS")
    with exclusive(home.path):
        view = own_identity(home)
        entry = newkeys.make(home, view, name, given, plan.now) if name else None
        waiting = _sign(home, view, plan, given.authority)
        serial = _publish(home, view, plan, entry, given.authority)
    return _tell(session, plan, name, serial, newkeys.taken_up(session, serial), waiting)


def _plan(session: Session, view: IdentityView, key: str, since: str, reason: str) -> Plan:
    from fanal.keys.revocation import REASONS

    if reason not in REASONS:
        raise FanalError(
            BAD_CHOICE, value=repr(reason)[:40], what=say(_("reason")), choices=", ".join(REASONS)
        )
    now = session.now()
    return Plan(_key_of(view, key), _time(since, now), reason, now, _next_number(session.home, view.agency))


def _key_of(view: IdentityView, prefix: str) -> KeyView:
    """The one key whose id begins so. NO_SUCH_KEY for none, several, or a beginning that is too short."""
    found = [one for one in view.keys.values() if one.key_id.hex().startswith(prefix.lower())]
    if len(found) != 1 or len(prefix) < LEAST_PREFIX:
        raise FanalError(NO_SUCH_KEY, value=repr(prefix)[:80], count=len(found), least=LEAST_PREFIX)
    return found[0]


def _time(text: str, now: int) -> int:
    from fanal.cli.shown.spans import since

    at = now if text == "now" else since(text)
    if not 0 < at <= now:
        choices = say(_("a time that is not in the future"))
        raise FanalError(BAD_CHOICE, value=repr(text)[:40], what=say(_("--from")), choices=choices)
    return at


def _next_number(home: Home, agency: str) -> int:
    """After all that this folder and the charters in it know. REVOCATION_WAITS while one is with the
    governors: a later one would not be taken by anybody."""
    from fanal.cli.network.charters import read_document
    from fanal.keys.charter import parse_charter
    from fanal.keys.revocation import parse_revocation

    files = home.charter_files()
    carried = parse_charter(read_document(files[-1])).revocations if files else ()
    by_charter = sum(parse_revocation(one).agency == agency for one in carried)
    alone = max((int(file.stem.rpartition("-")[2]) for file in home.revocation_files()), default=0)
    for path in home.waiting_revocation_files():
        number = int(path.stem.rpartition("-")[2])
        if number > by_charter:
            raise FanalError(REVOCATION_WAITS, number=number, path=str(path))
    return max(by_charter, alone) + 1


def _successor_of(view: IdentityView, key: KeyView) -> str:
    """The use to make the next key of; empty for one that has a successor, an officer's or a log's."""
    from fanal.cli.local.newkeys import USES
    from fanal.v1.identity_pb2 import KeyUse

    newest = key.epoch == max(one.epoch for one in view.of_use(key.use))
    made_here = newest and key.use != KeyUse.OFFICER
    return next((name for name, use in USES.items() if use == key.use), "") if made_here else ""


def _question(plan: Plan, agency: str) -> str:
    text = _("This cannot be undone. Type {agency} to revoke {key} from {time} on")
    return say(text, agency=agency, key=plan.key.key_id.hex()[:16], time=when(plan.cut_off))


def _sign(home: Home, view: IdentityView, plan: Plan, authority: Root) -> str:
    """Sign and keep the revocation; the file for the governors, if they are needed, or an empty text."""
    from fanal.keys.documents import encode_document
    from fanal.keys.files import write_private
    from fanal.keys.revocation import sign_revocation

    def signed(number: int, cut_off: int) -> SignedDocument:
        identifier = plan.key.key_id
        return sign_revocation(authority, view.agency, number, identifier, cut_off, plan.reason, plan.now)

    alone = signed(plan.number, plan.alone_from)
    path = home.waiting_revocations(plan.number + 1)
    if plan.needs_governors:
        wanted = [*_before(home, plan.number), alone, signed(plan.number + 1, plan.cut_off)]
        write_private(path, _bundle(wanted), replace=False)
    write_private(home.revocation_file(plan.number), encode_document(alone), replace=False)
    return str(path) if plan.needs_governors else ""


def _before(home: Home, number: int) -> list[SignedDocument]:
    from fanal.cli.network.charters import read_document

    files = home.revocation_files()
    return [read_document(file) for file in files if int(file.stem.rpartition("-")[2]) < number]


def _bundle(documents: list[SignedDocument]) -> bytes:
    from fanal.keys.strict import encode
    from fanal.v1.peer_pb2 import Documents

    return encode(Documents(identities=documents))


def _publish(home: Home, view: IdentityView, plan: Plan, entry: KeyEntry | None, authority: Root) -> int:
    from fanal.cli.local.newkeys import publish
    from fanal.keys.rotation import draft_revoked

    draft = draft_revoked(view, plan.key.key_id, plan.alone_from, plan.now, entry)
    return publish(home, view, draft, authority)


def _tell(session: Session, plan: Plan, name: str, serial: int, taken: str, waiting: str) -> None:
    from fanal.cli.local.rotate import TAKEN
    from fanal.keys.identity_rules import use_name

    data: KeyRevoked = {
        "key_id": plan.key.key_id.hex(),
        "use": use_name(plan.key.use),
        "cut_off": when(plan.cut_off),
        "alone_from": when(plan.alone_from),
        "successor": bool(name),
        "needs_governors": plan.needs_governors,
        "for_governors": waiting,
        "serial": serial,
        "taken_up": taken,
    }
    head = _("{use} key {key} is revoked.") if serial else _("{use} key {key} would be revoked.")
    rows = [
        (_("no longer good from"), data["alone_from"]),
        (_("successor"), say(_("made in the same step")) if name else "-"),
    ]
    if plan.needs_governors:
        rows.append((_("by the governors from"), data["cut_off"]))
    if waiting:
        rows.append((_("next"), f"fanal network charter --revoke {waiting}"))
    if serial:
        rows.append((_("node"), say(TAKEN[taken])))
    text = say(head, use=data["use"], key=data["key_id"][:16])
    session.out.emit(data, "\n".join([text, *fields(*rows)]))
