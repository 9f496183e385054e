# SPDX-License-Identifier: Apache-2.0
"""``fanal key add-officer``: a further officer or an auditor, named in a new identity document by the root.

The root signs here, not in the node. The officer's key file exists before the document that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import ALREADY_THERE, BAD_CHOICE
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.audit_shapes import OfficerAdded
    from fanal.keys.identity import IdentityView
    from fanal.keys.root import Root
    from fanal.keys.secret import Secret
    from fanal.v1.identity_pb2 import SignedDocument

RIGHTS = ("author", "release", "read", "audit")


@command(
    "add-officer",
    "fanal key add-officer auditor-1 --rights audit",
    "fanal key add-officer duty-2 --rights author,read",
)
@click.argument("officer_id", metavar="ID")
@click.option("--rights", required=True, metavar="LIST", help=_("Of author, release, read and audit."))
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key of the root and of the new key."))
@click.option(
    "--passphrase-fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_("Two lines there: the passphrase of the root, then that of the new officer."),
)
def add_officer(session: Session, officer_id: str, rights: str) -> None:
    """Make a key for an officer and have the agency's root name it in the next identity document.

    The id is a pseudonym: no name. An auditor who has only the right audit sees proofs and states and can
    open nothing. A running node takes the document up by itself and tells the network. Hand the key file
    over and remove it here.
    """
    from fanal.cli.client.secret import secret_for
    from fanal.cli.local.key import own_identity
    from fanal.config.home import check_officer_id
    from fanal.keys.documents import encode_document
    from fanal.keys.ed25519 import generate
    from fanal.keys.files import write_private
    from fanal.keys.keystore import Keystore
    from fanal.keys.root import load

    home, chosen = session.home.require(), _rights(rights)
    path = home.officer_file(check_officer_id(officer_id))
    view = own_identity(home)
    if path.exists() or officer_id in _known(view):
        raise FanalError(ALREADY_THERE, path=str(path))
    authority = load(home.root, secret_for(session, say(_("the agency's root"))))
    secret, seed = _secret_of(session, officer_id), generate()
    document = _document(view, authority, officer_id, chosen, seed, session.now())
    Keystore.create(path, secret, {"officer": seed})
    write_private(home.identity_file(view.serial + 1), encode_document(document), replace=False)
    data: OfficerAdded = {
        "officer": officer_id,
        "rights": list(chosen),
        "key_file": str(path),
        "serial": view.serial + 1,
    }
    rows = fields(
        (_("key"), str(path)),
        (_("rights"), ", ".join(chosen)),
        (_("identity document"), str(view.serial + 1)),
    )
    session.out.emit(data, "\n".join([say(_("Added {officer}."), officer=officer_id), *rows]))


def _rights(text: str) -> Sequence[str]:
    found = tuple(dict.fromkeys(one.strip().lower() for one in text.split(",")))
    for one in found:
        if one not in RIGHTS:
            raise FanalError(
                BAD_CHOICE, value=repr(one)[:40], what=say(_("right")), choices=", ".join(RIGHTS)
            )
    return found


def _known(view: IdentityView) -> set[str]:
    return {key.officer.officer_id for key in view.keys.values() if key.officer is not None}


def _secret_of(session: Session, officer_id: str) -> Secret:
    """The new officer's own secret: the key file given, the next line of the descriptor, or typed twice."""
    from fanal.cli.client.secret import prompt, secret_for
    from fanal.keys.secret import Passphrase

    if session.key_file or session.passphrase_fd is not None or session.home.unlock_key.is_file():
        return secret_for(session, officer_id)
    return Passphrase(prompt(say(_("New passphrase of {officer}: "), officer=officer_id), repeat=True))


def _document(
    view: IdentityView, authority: Root, officer_id: str, rights: Sequence[str], seed: bytes, now: int
) -> SignedDocument:
    """The next identity document: as before, with one officer more."""
    from fanal.cli.local.founding import DAY
    from fanal.keys.ed25519 import public_of
    from fanal.keys.identity import draft_next_identity, officer_entry, sign_identity
    from fanal.keys.rotation import BACKDATED, KEY_DAYS
    from fanal.v1.identity_pb2 import Custody, KeyUse, OfficerRight

    draft = draft_next_identity(view, now)
    epoch = 1 + max((key.epoch for key in view.of_use(KeyUse.OFFICER)), default=0)
    named = {
        "author": OfficerRight.AUTHOR,
        "release": OfficerRight.RELEASE,
        "read": OfficerRight.READ,
        "audit": OfficerRight.AUDIT,
    }
    codes = [named[one] for one in rights]
    end = min(now + KEY_DAYS * DAY, view.not_after)
    draft.keys.append(
        officer_entry(officer_id, codes, Custody.OWN, public_of(seed), epoch, now - BACKDATED, end)
    )
    return sign_identity(authority, draft)
