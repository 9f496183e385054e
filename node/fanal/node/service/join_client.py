# SPDX-License-Identifier: Apache-2.0
"""The joining side: ask with the invitation, show the digits, wait for the governor, verify all that comes.

Used by `fanal network join`, without a node. The connection trusts only the certificate in the invitation;
the answer must prove the invitation's secret; the charters must lead from the invitation's network id to one
that names this agency with these root keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from fanal.config.settings import Limits
from fanal.errors import FanalError, VerificationError
from fanal.keys import joining
from fanal.keys.certificate import pem_of
from fanal.keys.documents import body_sha256
from fanal.keys.identity import IdentityView, verify_own_claim
from fanal.keys.joining import Invite
from fanal.keys.strict import decode, encode
from fanal.keys.trust import Directory
from fanal.node.service import errors
from fanal.node.service.tls import TARGET_NAME, client_options
from fanal.node.service.wire import JOIN, OUTCOME, error_in, raw
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.peer_pb2 import JoinOutcome, JoinOutcomeRequest, JoinReply, JoinRequest

_CALL_SECONDS = 15.0
_MOST_CHARTERS = 2_000
MAX_MESSAGE = 1024 * 1024


@dataclass(frozen=True)
class Joined:
    """Verified documents of the network: charters from 1 to the newest, and every identity held."""

    directory: Directory
    charters: tuple[SignedDocument, ...]
    identities: tuple[SignedDocument, ...]


def request_join(
    invite: Invite,
    identity: SignedDocument,
    on_code: Callable[[str], None],
    wait_seconds: float = 600.0,
    clock: Callable[[], float] = time.time,
) -> Joined:
    """Ask to join with the own identity document; `on_code` is given the six groups of four digits.

    Blocks until a governor has decided, at most `wait_seconds`. FanalError INVITE_EXPIRED, JOIN_UNREACHABLE,
    JOIN_REFUSED_REQUEST, JOIN_BUSY, JOIN_REFUSED, JOIN_TIMEOUT; VerificationError when the answer is not from
    whoever made the invitation or does not lead to it.
    """
    invite.check_valid(int(clock()))
    own = verify_own_claim(identity)
    until = time.monotonic() + wait_seconds
    credentials = grpc.ssl_channel_credentials(pem_of(invite.certificate))
    options = [("grpc.ssl_target_name_override", TARGET_NAME), *client_options(Limits())]
    with grpc.secure_channel(invite.address, credentials, options=options) as channel:
        inviter = _ask(channel, invite, identity)
        code = joining.join_code(invite.charter_sha256, inviter.sha256, own.sha256, invite.token_id)
        on_code(code)
        outcome = _wait(channel, invite, identity, until, wait_seconds)
        return _admitted(channel, invite, identity, own, outcome)


def _ask(channel: grpc.Channel, invite: Invite, identity: SignedDocument) -> IdentityView:
    """Send the request; returns the inviter's identity once the answer has proved the secret."""
    mac = joining.request_mac(invite.secret, identity.body)
    request = JoinRequest(token_id=invite.token_id, identity=identity, mac=mac)
    answer = decode(JoinReply, _call(channel, JOIN, encode(request), invite), MAX_MESSAGE)
    mac = joining.reply_mac(invite.secret, answer.inviter_identity.body, answer.charter.body)
    try:
        joining.check_mac(mac, answer.mac)
    except VerificationError:
        raise VerificationError(errors.JOIN_OTHER_INVITER, address=invite.address) from None
    inviter = verify_own_claim(answer.inviter_identity)
    if inviter.agency != invite.inviter or body_sha256(answer.charter) != invite.charter_sha256:
        raise VerificationError(errors.JOIN_OTHER_INVITER, address=invite.address)
    return inviter


def _wait(
    channel: grpc.Channel, invite: Invite, identity: SignedDocument, until: float, seconds: float
) -> JoinOutcome:
    """Ask for the outcome again and again; each answer takes up to a few seconds at the other side."""
    while time.monotonic() < until:
        began = time.monotonic()
        outcome = _outcome(channel, invite, identity, 0)
        if outcome.state == JoinOutcome.REFUSED:
            raise FanalError(errors.JOIN_REFUSED)
        if outcome.state == JoinOutcome.APPROVED:
            return outcome
        if time.monotonic() - began < 0.5:  # a node that does not hold the call back is not hammered
            time.sleep(0.5)
    raise FanalError(errors.JOIN_TIMEOUT, seconds=int(seconds))


def _admitted(
    channel: grpc.Channel, invite: Invite, identity: SignedDocument, own: IdentityView, outcome: JoinOutcome
) -> Joined:
    """Charter 1 must be the network's, each later one must follow, and the newest must name us."""
    directory = Directory(invite.network)
    charters: list[SignedDocument] = []
    while True:
        for charter in outcome.charters:
            directory.take_charter(charter)
        charters += outcome.charters
        if outcome.complete:
            break
        if not outcome.charters or len(charters) > _MOST_CHARTERS:
            raise VerificationError(errors.JOIN_OTHER_INVITER, address=invite.address)
        outcome = _outcome(channel, invite, identity, directory.newest.version)
    if directory.newest.root_keys(own.agency) != own.root:
        raise VerificationError(errors.JOIN_OTHER_INVITER, address=invite.address)
    for document in outcome.identities:
        directory.take_identity(document)
    return Joined(directory, tuple(charters), tuple(outcome.identities))


def _outcome(channel: grpc.Channel, invite: Invite, identity: SignedDocument, after: int) -> JoinOutcome:
    mac = joining.outcome_mac(invite.secret, identity.body)
    request = JoinOutcomeRequest(token_id=invite.token_id, mac=mac, charters_after=after)
    return decode(JoinOutcome, _call(channel, OUTCOME, encode(request), invite), MAX_MESSAGE)


def _call(channel: grpc.Channel, method: str, request: bytes, invite: Invite) -> bytes:
    try:
        answer: bytes = channel.unary_unary(method, raw, raw)(request, timeout=_CALL_SECONDS)
    except grpc.RpcError as error:
        told = error_in(error.trailing_metadata())
        raise told or FanalError(errors.JOIN_UNREACHABLE, address=invite.address) from error
    return answer
