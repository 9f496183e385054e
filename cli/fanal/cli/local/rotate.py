# SPDX-License-Identifier: Apache-2.0
"""``fanal key rotate``: the next key of a use, named by the root in the next identity document.

A running node takes it up within seconds and tells its peers; the key before stays good for its overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import BAD_CHOICE
from fanal.cli.session import Session
from fanal.cli.shown.text import fields, when
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.key_shapes import KeyRotated

TAKEN = {
    "yes": _("the node goes by it now"),
    "stopped": _("the node is not running; it starts with it"),
    "no": _("the node runs but has not taken it up: look at its log, or restart it"),
}


@command("rotate", "fanal key rotate ENCRYPT", "fanal key rotate TLS", "fanal key rotate OFFICER duty-2")
@click.argument("use")
@click.argument("officer_id", metavar="[ID]", required=False, default="")
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens root and node keys."))
@click.option(
    "--passphrase-fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_("Lines there: the passphrase of the root, then that of the node's or the officer's keys."),
)
def rotate(session: Session, use: str, officer_id: str) -> None:
    """Make the next key of a use: NODE_SIGN, ENCRYPT, TLS, WITNESS, ANCHOR, or OFFICER with the officer's id.

    Needs the agency's root. Works while the node runs, is locked or is stopped. The key before stays good
    beside the new one for a while: nothing that is under way is lost. After a theft use: fanal key revoke.
    With TLS the others are told the address that the settings name, if the node has moved.
    """
    from fanal.cli.local import newkeys
    from fanal.cli.local.key import own_identity
    from fanal.keys.files import exclusive
    from fanal.keys.rotation import draft_rotated

    home, name = session.home.require(), newkeys.use_of(use)
    if (name == "OFFICER") != bool(officer_id):
        needed = say(_("the id of an officer with OFFICER, and only there"))
        raise FanalError(BAD_CHOICE, value=repr(officer_id)[:40], what=say(_("officer")), choices=needed)
    own_identity(home)  # before a passphrase is typed in vain
    given = newkeys.opened(session, name, officer_id)
    with exclusive(home.path):
        view = own_identity(home)
        entry = newkeys.make(home, view, name, given, session.now(), officer_id)
        draft = draft_rotated(view, entry, session.now())
        if name == "TLS":
            newkeys.tell_address(draft, session.settings.advertised)
        serial = newkeys.publish(home, view, draft, given.authority)
    taken = newkeys.taken_up(session, serial)
    data: KeyRotated = {
        "use": name,
        "epoch": entry.epoch,
        "serial": serial,
        "not_after": when(entry.not_after),
        "taken_up": taken,
    }
    rows = fields(
        (_("good until"), data["not_after"]),
        (_("identity document"), str(serial)),
        (_("address told"), ", ".join(draft.endpoints) or "-"),
        (_("node"), say(TAKEN[taken])),
    )
    done = say(_("{use} key of epoch {epoch} made."), use=name, epoch=entry.epoch)
    session.out.emit(data, "\n".join([done, *rows]))
