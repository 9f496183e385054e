# SPDX-License-Identifier: Apache-2.0
"""``fanal key list``: the public side of this agency's keys, from its identity document. No secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.cli.command import command
from fanal.cli.errors import NO_CHARTER
from fanal.cli.session import Session
from fanal.cli.shown.text import when
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import KeyList, KeyRow
    from fanal.config.home import Home
    from fanal.keys.identity import IdentityView, KeyView

SOON = 30 * 86_400
DOCUMENT_LIMIT = 1024 * 1024


@command("list", "fanal key list", "fanal key list --json")
def list_(session: Session) -> None:
    """List every key of this agency: what it may do, until when, and which officers' keys lie here."""
    home = session.home.require()
    view = own_identity(home)
    revoked = revoked_keys(home)
    rows = [key_data(key, session.now(), revoked) for key in view.keys.values()]
    data: KeyList = {
        "agency": view.agency,
        "serial": view.serial,
        "not_after": when(view.not_after),
        "keys": rows,
        "officers_here": list(home.officers()),
    }
    cells = [
        (
            row["use"],
            str(row["epoch"]),
            say(row["state"]),
            row["not_after"],
            row["detail"],
            row["key_id"][:16],
        )
        for row in rows
    ]
    session.out.emit_table(
        data, (_("USE"), _("EPOCH"), _("STATE"), _("UNTIL"), _("DETAIL"), _("KEY")), cells, _("No key.")
    )


def own_identity(home: Home) -> IdentityView:
    """The agency's newest identity document, verified against the root keys it names."""
    from fanal.config.files import read_bounded
    from fanal.keys.documents import decode_document
    from fanal.keys.identity import verify_own_claim

    files = home.require().identity_files()
    if not files:
        raise FanalError(NO_CHARTER)
    return verify_own_claim(decode_document(read_bounded(files[-1], DOCUMENT_LIMIT)))


def revoked_keys(home: Home) -> frozenset[bytes]:
    """Ids of the keys that this agency's own revocations in its folder name."""
    from fanal.cli.network.charters import read_document
    from fanal.keys.revocation import parse_revocation

    return frozenset(parse_revocation(read_document(path)).key_id for path in home.revocation_files())


def key_data(key: KeyView, now: int, revoked: frozenset[bytes] = frozenset()) -> KeyRow:
    """One key in the JSON shape."""
    from fanal.keys.identity_rules import use_name

    detail = key.officer.officer_id if key.officer else key.log_origin
    return {
        "key_id": key.key_id.hex(),
        "use": use_name(key.use),
        "epoch": key.epoch,
        "not_before": when(key.not_before),
        "not_after": when(key.not_after),
        "state": _("revoked") if key.key_id in revoked else key_state(key, now),
        "detail": detail,
    }


def key_state(key: KeyView, now: int) -> str:
    """valid, ends soon (within 30 days), ended or not yet."""
    if now < key.not_before:
        return _("not yet")
    if now >= key.not_after:
        return _("ended")
    return _("ends soon") if now >= key.not_after - SOON else _("valid")
