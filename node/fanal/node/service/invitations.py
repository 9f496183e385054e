# SPDX-License-Identifier: Apache-2.0
"""The inviting side of joining: invitations in the ledger, each for one agency and one use.

A stranger with the invitation learns the inviter's identity and the charter; without it, nothing, and every
refusal reads the same. The token is consumed in the ledger transaction that records its use, so it cannot be
used twice however often the request is repeated; the very same identity may ask again. Blocking; run it in a
worker thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from fanal.errors import FanalError, VerificationError
from fanal.keys import joining
from fanal.keys.agency import check_agency
from fanal.keys.certificate import spki_sha256
from fanal.keys.charter_view import CharterView
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.identity import IdentityView, verify_own_claim
from fanal.keys.trust import Directory
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch, JoinChange, JoinRow, JoinState
from fanal.node.service import errors
from fanal.v1.officer_pb2 import InviteReply, PendingJoin
from fanal.v1.peer_pb2 import JoinOutcome, JoinOutcomeRequest, JoinReply, JoinRequest

MAX_OUT = 64
DEFAULT_SECONDS = 24 * 3600
MOST_SECONDS = 7 * 86_400
LINGER_SECONDS = 60
"""A newcomer that lost the last answer may ask again for so long."""
OUTCOME_BYTES = 800_000
"""Documents in one answer: it must fit in one message of 1 MiB."""

_OUT = (JoinState.OPEN, JoinState.WAITING)


class InvitingNode(Protocol):
    """What joining needs of the node."""

    @property
    def agency(self) -> str: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def directory(self) -> Directory: ...


class Invitations:
    """All invitations of this node. `randomness(n)` gives n secret random bytes."""

    def __init__(
        self, node: InvitingNode, clock: Callable[[], float], randomness: Callable[[int], bytes]
    ) -> None:
        self.node, self.clock, self._random = node, clock, randomness
        self._told: dict[bytes, float] = {}

    def invite(self, agency: str, valid_seconds: int, address: str, certificate: bytes) -> InviteReply:
        """A new invitation. FanalError ALREADY_MEMBER, TOO_MANY_INVITATIONS or a bad agency id."""
        check_agency(agency)
        newest = self.node.directory.newest
        if newest.is_member(agency):
            raise FanalError(errors.ALREADY_MEMBER, agency=agency)
        if len(self.out()) >= MAX_OUT:
            raise FanalError(errors.TOO_MANY_INVITATIONS, limit=MAX_OUT)
        expires = int(self.clock()) + min(valid_seconds or DEFAULT_SECONDS, MOST_SECONDS)
        token_id, secret = self._random(joining.TOKEN_ID_BYTES), self._random(joining.SECRET_BYTES)
        self._put(JoinRow(token_id, agency, JoinState.OPEN, expires, secret + newest.sha256), None)
        return InviteReply(
            token_id=token_id,
            secret=secret,
            address=address,
            tls_spki_sha256=spki_sha256(certificate),
            charter=newest.document,
            expires=expires,
            certificate=certificate,
        )

    def request(self, request: JoinRequest) -> JoinReply:
        """Take a newcomer's identity. One and the same FanalError for every wrong token, secret or repeat."""
        row = self._row(request.token_id)
        secret, charter_sha256 = _verifier(row)
        _check_mac(joining.request_mac(secret, request.identity.body), request.mac)
        view = verify_own_claim(request.identity, int(self.clock()))
        if view.agency != row.agency:
            raise FanalError(errors.JOIN_OTHER_AGENCY, invited=row.agency, agency=view.agency)
        self._use(row, view)
        inviter = self.node.directory.identity(self.node.agency).document
        charter = next(c for c in self.node.directory.charters() if c.sha256 == charter_sha256).document
        mac = joining.reply_mac(secret, inviter.body, charter.body)
        return JoinReply(inviter_identity=inviter, charter=charter, mac=mac)

    def outcome(self, request: JoinOutcomeRequest) -> JoinOutcome:
        """What became of the request, for whoever made it; with the charters once approved."""
        row = self._row(request.token_id)
        if not row.identity:
            raise FanalError(errors.JOIN_REFUSED_REQUEST)
        document = decode_document(row.identity)
        _check_mac(joining.outcome_mac(_verifier(row)[0], document.body), request.mac)
        if row.state is JoinState.REFUSED:
            return JoinOutcome(state=JoinOutcome.REFUSED)
        if row.state is not JoinState.APPROVED:
            return JoinOutcome(state=JoinOutcome.WAITING)
        admission = self._admission(request.charters_after)
        if admission.complete:
            self._told.setdefault(row.token_id, self.clock())
        return admission

    def pending(self) -> list[PendingJoin]:
        """Who has asked and waits for a governor."""
        return [self._pending(row) for row in self._joins() if row.state is JoinState.WAITING]

    def approved(self, token_id: bytes) -> PendingJoin:
        """The charter that admits it is in force: tell the newcomer. FanalError NO_PENDING_JOIN."""
        return self._decide(token_id, JoinState.APPROVED)

    def refuse(self, token_id: bytes) -> PendingJoin:
        """Nobody is admitted with this invitation any more. FanalError NO_PENDING_JOIN."""
        return self._decide(token_id, JoinState.REFUSED)

    def out(self) -> list[JoinRow]:
        """Invitations for which somebody may still come."""
        now = self.clock()
        return [row for row in self._joins() if row.state in _OUT and now < row.expires]

    def last_needed(self) -> float:
        """Until when the listener is open (Unix seconds): the last expiry of an unrefused invitation, but not
        long after the newcomer was told that it is admitted."""
        kept = (*_OUT, JoinState.APPROVED)
        return max((self._needed(row) for row in self._joins() if row.state in kept), default=0)

    def _needed(self, row: JoinRow) -> float:
        return min(row.expires, self._told.get(row.token_id, row.expires) + LINGER_SECONDS)

    def _admission(self, charters_after: int) -> JoinOutcome:
        """The charters after this version, as many as fit; with the last of them as many identities as fit
        (gossip brings the rest)."""
        directory = self.node.directory
        outcome, room = JoinOutcome(state=JoinOutcome.APPROVED), OUTCOME_BYTES
        for view in _line(directory):
            if view.version > charters_after:
                room -= view.document.ByteSize()
                if room < 0 and outcome.charters:
                    return outcome
                outcome.charters.append(view.document)
        outcome.complete = True
        own = [self.node.agency]
        for agency in own + [other for other in directory.agencies() if other not in own]:
            document = directory.identity(agency).document
            room -= document.ByteSize()
            if room < 0:
                break
            outcome.identities.append(document)
        return outcome

    def _joins(self) -> list[JoinRow]:
        return self.node.ledger.facts.joins()

    def _row(self, token_id: bytes) -> JoinRow:
        rows = self.node.ledger.facts.joins(token_id) if len(token_id) == joining.TOKEN_ID_BYTES else []
        if not rows or self.clock() >= rows[0].expires:
            raise FanalError(errors.JOIN_REFUSED_REQUEST)
        return rows[0]

    def _use(self, row: JoinRow, view: IdentityView) -> None:
        """Record the use; the ledger refuses the change unless the invitation is still open."""
        if row.state is JoinState.OPEN:
            used = replace(
                row,
                state=JoinState.WAITING,
                identity=encode_document(view.document),
                arrived=int(self.clock()),
            )
            self._put(used, JoinState.OPEN)
        elif not row.identity or decode_document(row.identity).body != view.document.body:
            raise FanalError(errors.JOIN_REFUSED_REQUEST)

    def _decide(self, token_id: bytes, state: JoinState) -> PendingJoin:
        rows = self.node.ledger.facts.joins(token_id) if len(token_id) == joining.TOKEN_ID_BYTES else []
        if not rows or rows[0].state is not JoinState.WAITING:
            raise FanalError(errors.NO_PENDING_JOIN)
        self._put(replace(rows[0], state=state), JoinState.WAITING)
        return self._pending(rows[0])

    def _put(self, row: JoinRow, expected: JoinState | None) -> None:
        self.node.ledger.append(Batch(joins=(JoinChange(row, expected),)))

    def _pending(self, row: JoinRow) -> PendingJoin:
        document = decode_document(row.identity)
        joiner = verify_own_claim(document)
        inviter = self.node.directory.identity(self.node.agency)
        code = joining.join_code(_verifier(row)[1], inviter.sha256, joiner.sha256, row.token_id)
        return PendingJoin(
            token_id=row.token_id, agency=row.agency, identity=document, code=code, arrived=row.arrived
        )


def _verifier(row: JoinRow) -> tuple[bytes, bytes]:
    """The secret, and the hash of the charter that the invitation names."""
    return row.verifier[: joining.SECRET_BYTES], row.verifier[joining.SECRET_BYTES :]


def _line(directory: Directory) -> list[CharterView]:
    """Charter 1 to the newest, each the predecessor of the next; branches of a fork left out."""
    known = {view.sha256: view for view in directory.charters()}
    line: list[CharterView] = []
    view: CharterView | None = directory.newest
    while view is not None:
        line.append(view)
        view = known.get(view.previous_sha256)
    return line[::-1]


def _check_mac(expected: bytes, found: bytes) -> None:
    try:
        joining.check_mac(expected, found)
    except VerificationError:
        raise FanalError(errors.JOIN_REFUSED_REQUEST) from None
