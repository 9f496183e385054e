# SPDX-License-Identifier: Apache-2.0
"""``fanal node free-reserve``: room at once on a full disk, without the node and without a key."""

from __future__ import annotations

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.i18n import _, say


@command("free-reserve", "fanal node free-reserve", "fanal node free-reserve --restore")
@click.option("--restore", is_flag=True, help=_("Make the reserve file again, when there is room."))
def free_reserve(session: Session, restore: bool) -> None:
    """Give up the file that keeps room for this day, so that the node can store and you can act."""
    from fanal.errors import FanalError
    from fanal.node.quotas.errors import RESERVE_MISSING
    from fanal.node.quotas.room import free_reserve as give_up
    from fanal.node.quotas.room import keep_reserve

    data, size = session.settings.data, session.settings.limits.reserve_bytes
    if restore:
        if not keep_reserve(data, size):
            raise FanalError(RESERVE_MISSING)
        session.out.emit({"reserve": size}, say(_("The reserve is there: {size} MiB."), size=size // 1024**2))
        return
    freed = give_up(data)
    text = _("{size} MiB came free. Make room on the disk, then: fanal node free-reserve --restore")
    none = _("There was no reserve file.")
    session.out.emit({"freed": freed}, say(text, size=freed // 1024**2) if freed else say(none))
