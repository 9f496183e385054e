# SPDX-License-Identifier: Apache-2.0
"""What this side can verify of a notice the node shows: the officer's signature, with keys verified here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.keys.trust import Directory
    from fanal.v1.officer_pb2 import ShowReply

GOOD = _("signature of officer {officer} of {agency} verified on this machine ({custody})")
REVOKED = _(
    "the signature of officer {officer} of {agency} verifies on this machine ({custody}), "
    "but that key is revoked from {time} on"
)
NODE_ONLY = _("verified by this agency's node on arrival; not again on this machine: {why}")
BAD = _("NOT VERIFIED: {why}")
NODE_KEY = _("a key in the node's custody")
OWN_KEY = _("the officer's own key")


def signature_words(session: Session, reply: ShowReply) -> str:
    """One sentence: verified here, verified by the node only and why, or not verified."""
    return verifier(session)(reply)


def verifier(session: Session) -> Callable[[ShowReply], str]:
    """``signature_words`` for many notices; documents are asked for once, and not before one needs them."""
    directory = cache(lambda: directory_of(session))

    def words(reply: ShowReply) -> str:
        if not reply.statement:
            return say(NODE_ONLY, why=say(_("the statement is not kept any more")))
        try:
            known = directory()
        except FanalError as error:
            return say(NODE_ONLY, why=error.sentence)
        try:
            return _verified(known, reply)
        except FanalError as error:
            return say(BAD, why=f"{error.sentence} [{error.kind.id}]")

    return words


def directory_of(session: Session) -> Directory:
    """Charters and identities that the node holds, verified here from our own charter 1 on."""
    from fanal.cli.network.charters import held
    from fanal.keys.documents import body_sha256
    from fanal.keys.trust import Directory
    from fanal.v1.officer_pb2 import GetCharterReply, GetCharterRequest

    network = body_sha256(held(session.home)[0])
    reply = session.client.call("GetCharter", GetCharterRequest(), GetCharterReply)
    return Directory.restore(network, [*reply.charters, *reply.identities])


def _verified(directory: Directory, reply: ShowReply) -> str:
    from fanal.cli.shown.text import when
    from fanal.envelope.statement import decode
    from fanal.keys import ed25519
    from fanal.keys.pae import STATEMENT, pae
    from fanal.v1.identity_pb2 import Custody

    statement = decode(reply.statement)
    known = directory.officer(statement.author, statement.officer_key_id)
    ed25519.verify(known.public, pae(STATEMENT, reply.statement), reply.officer_signature)
    officer = known.key.officer
    assert officer is not None
    custody = say(NODE_KEY if officer.custody == Custody.NODE else OWN_KEY)
    facts = {"officer": officer.officer_id, "agency": statement.author, "custody": custody}
    if known.cut_off is not None:
        return say(REVOKED, time=when(known.cut_off), **facts)
    return say(GOOD, **facts)
