# SPDX-License-Identifier: Apache-2.0
"""``fanal notice forward``: the originator lets another agency read an own notice, every revision of it.

A restatement: a new statement signed here over the same bytes, in an envelope of its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.notice.dispatch import ALLOW_RELAY, audience_of, preview
from fanal.cli.session import Session
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.envelope.redrelays import Onlooker
    from fanal.envelope.statement import SignedDraft
    from fanal.v1.officer_pb2 import PrepareReply, ShowReply


@command(
    "forward",
    "fanal notice forward AZ-CUS-2024-000017-42 --to KZ-CUS",
    "fanal notice forward AZ-CUS-2024-000017-42 --to KZ-CUS --to UZ-CUS --yes",
    officer=True,
)
@click.argument("notice", metavar="NOTICE")
@click.option(
    "--to", multiple=True, required=True, metavar="AGENCY", help=_("Who shall read it; repeatable.")
)
@ALLOW_RELAY
@click.option("--yes", is_flag=True, help=_("Do not ask before signing."))
def forward(session: Session, notice: str, to: Sequence[str], allow_relays: Sequence[str], yes: bool) -> None:
    """Let agencies that were not in the audience read an own notice. They get every revision."""
    from fanal.cli.client.secret import confirm
    from fanal.cli.notice.read import fetch
    from fanal.cli.notice.text import notice_of

    newest = fetch(session, notice)
    revisions = [fetch(session, notice, number) for number in range(1, newest.summary.revision)]
    rounds = [_round(session, shown, to, allow_relays) for shown in [*revisions, newest]]
    envelopes: list[str] = []
    for shown, prepared, seen in rounds:
        if not envelopes:
            parsed = notice_of(shown)
            if parsed is not None and not session.out.as_json:
                session.out.note(preview(parsed, prepared, seen))
            confirm(say(_("Sign and send to {count} reader(s)?"), count=len(prepared.readers)), yes)
        envelopes.append(_send(session, _sign(session, shown, prepared, seen)))
    data = {"ref": newest.summary.ref, "to": list(to), "envelope_ids": envelopes}
    done = _("{ref} is forwarded, {count} revision(s); next: fanal notice track {ref}")
    session.out.emit(data, say(done, ref=newest.summary.ref, count=len(envelopes)))


def _round(
    session: Session, shown: ShowReply, to: Sequence[str], allowed: Sequence[str]
) -> tuple[ShowReply, PrepareReply, Sequence[Onlooker]]:
    """One revision, who will read it, and the DIRECT relays that may carry it. Nothing is sent yet."""
    from fanal.envelope import redrelays
    from fanal.v1.notice_pb2 import Notice

    prepared = _prepare(session, shown, to)
    charter = audience_of(session, prepared)
    seen = redrelays.onlookers(Notice.FromString(shown.notice), prepared.audience, charter)
    redrelays.check(seen, allowed)
    return shown, prepared, seen


def _prepare(session: Session, shown: ShowReply, to: Sequence[str]) -> PrepareReply:
    from fanal.v1.officer_pb2 import PrepareReply, PrepareRequest

    restates = hashlib.sha256(shown.statement).digest() if shown.statement else bytes(shown.statement_sha256)
    request = PrepareRequest(to=to, notice=shown.notice, restates=restates)
    return session.client.call("Prepare", request, PrepareReply)


def _sign(
    session: Session, shown: ShowReply, prepared: PrepareReply, seen: Sequence[Onlooker]
) -> SignedDraft:
    """What the officer allowed for the first audience is no consent for this one."""
    from fanal.envelope.redrelays import CODE, consent
    from fanal.envelope.statement import compose_signed, decode
    from fanal.envelope.trust import CharterRef

    return compose_signed(
        shown.notice,
        network=prepared.network,
        charter=CharterRef(prepared.charter_version, prepared.charter_sha256),
        envelope_id=os.urandom(16),
        author=session.settings.agency,
        audience=prepared.audience,
        handling=decode(shown.statement).handling,
        officer_seed=session.officer.seed,
        now=session.now(),
        reasons=[*((one.code, one.text) for one in shown.reasons if one.code != CODE), *consent(seen)],
        restates=hashlib.sha256(shown.statement).digest(),
    )


def _send(session: Session, draft: SignedDraft) -> str:
    from fanal.v1.officer_pb2 import SendReply, SendRequest

    request = SendRequest(
        statement=draft.statement,
        officer_signature=draft.signature,
        notice=draft.notice,
        notice_salt=draft.notice_salt,
        field_salt=draft.field_salt,
        content_salt=draft.content_salt,
    )
    return session.client.call("Send", request, SendReply).envelope_id.hex()
