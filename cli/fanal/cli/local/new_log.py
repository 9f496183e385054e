# SPDX-License-Identifier: Apache-2.0
"""``fanal key new-log``: the root registers the agency's next log after the last one lost what it had signed.

The root signs here, not in the node. The seed is in node.keys before the document that names it exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.errors import LOG_IS_WELL
from fanal.cli.session import Session
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import NewLog
    from fanal.config.home import Home
    from fanal.keys.identity import IdentityView, KeyView
    from fanal.keys.root import Root
    from fanal.v1.identity_pb2 import SignedDocument


@command("new-log", "fanal key new-log", "fanal key new-log --yes")
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens root and node keys."))
@click.option("--passphrase-fd", type=click.IntRange(0, 1023), metavar="N", help=_("Passphrase there."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
def new_log(session: Session, yes: bool) -> None:
    """Register the next log with the agency's root, when doctor tells of a rollback (FANAL-E0730).

    It is refused while nothing calls for it: neither a rollback that a witness told of, nor a log key that
    was revoked (fanal key revoke). The log tells which of the two it was.

    If a newer copy of the data folder exists, put that back instead. Stop the node first and start it
    afterwards: the new log begins by naming what witnesses hold of the old one, which stays on record.
    """
    from fanal.cli.client.secret import confirm, secret_for
    from fanal.cli.local.key import own_identity
    from fanal.keys.documents import encode_document
    from fanal.keys.ed25519 import generate
    from fanal.keys.files import write_private
    from fanal.keys.keystore import Keystore
    from fanal.keys.root import load
    from fanal.node.unlocked import later_log
    from fanal.node.witness.lost import pending
    from fanal.proof.checkpoint import log_number
    from fanal.v1.identity_pb2 import KeyUse

    home = session.home.require()
    view = own_identity(home)
    old = view.of_use(KeyUse.LOG)[0]
    if not (_revoked(home, old) or pending(session.settings.data)):
        raise FanalError(LOG_IS_WELL)
    confirm(say(_("Give up {origin} and register the next log?"), origin=old.log_origin), yes)
    authority = load(home.root, secret_for(session, say(_("the agency's root"))))
    store = Keystore.open(home.node_keys, secret_for(session, say(_("the node's keys"))))
    number, seed = log_number(old.log_origin) + 1, generate()
    with store.changing():
        store.put(later_log(number), seed)
        store.save()
        document, origin = _document(view, old, authority, seed, number, session.now())
        write_private(home.identity_file(view.serial + 1), encode_document(document), replace=False)
    data: NewLog = {"origin": origin, "before": old.log_origin, "serial": view.serial + 1}
    session.out.emit(data, say(_("Registered {origin}. Start the node: fanal node run"), origin=origin))


def _revoked(home: Home, log: KeyView) -> bool:
    """Whether this agency has revoked the key of its log. The charter may carry it, or its own folder."""
    from fanal.cli.network.charters import read_document
    from fanal.keys.charter import parse_charter
    from fanal.keys.revocation import parse_revocation

    charters = home.charter_files()
    carried = parse_charter(read_document(charters[-1])).revocations if charters else ()
    documents = [*carried, *(read_document(file) for file in home.revocation_files())]
    return any(parse_revocation(one).key_id == log.key_id for one in documents)


def _document(
    view: IdentityView, old: KeyView, authority: Root, seed: bytes, number: int, now: int
) -> tuple[SignedDocument, str]:
    """The next identity document: as before, with one more log. The old one stays, for its checkpoints do."""
    from fanal.cli.local.founding import DAY, log_origin
    from fanal.keys.ed25519 import public_of
    from fanal.keys.identity import draft_next_identity, key_entry, sign_identity
    from fanal.keys.rotation import BACKDATED, LOG_DAYS
    from fanal.v1.identity_pb2 import KeyUse

    origin = log_origin(view.agency, authority.public, number)
    draft = draft_next_identity(view, now)
    end = now + LOG_DAYS * DAY
    draft.keys.append(key_entry(KeyUse.LOG, public_of(seed), old.epoch + 1, now - BACKDATED, end, origin))
    return sign_identity(authority, draft), origin
