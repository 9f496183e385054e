# SPDX-License-Identifier: Apache-2.0
"""Joining over a real port: both sides of an invitation, and those who have none."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import grpc
import grpc.aio
import pytest

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys import joining
from fanal.keys.charter_draft import Changes, draft_next, member_of
from fanal.keys.pae import CHARTER
from fanal.keys.strict import encode
from fanal.keys.trust import Directory
from fanal.node.ledger.memory import MemoryLedger
from fanal.node.service import errors, invitations
from fanal.node.service.invitations import Invitations
from fanal.node.service.join_client import Joined, request_join
from fanal.node.service.joining import JoinListener
from fanal.node.service.tls import ServerTls
from fanal.node.service.wire import JOIN, OUTCOME, error_in, raw
from fanal.v1.peer_pb2 import JoinOutcomeRequest, JoinRequest

pytestmark = pytest.mark.process

A, G = "AZ-CUS", "GE-CUS"


@dataclass
class Inviter:
    """What joining needs of a node."""

    agency: str
    ledger: Any
    directory: Directory


class Scene:
    """An inviting node with its listener, and a newcomer."""

    def __init__(self, kit: Any) -> None:
        self.kit = kit
        self.now = time.time
        self.world = kit.World([A])
        self.inviter = self.world.agencies[A]
        self.newcomer = kit.make_agency(G)
        self.node = Inviter(A, MemoryLedger(random.Random(1).randbytes), self.world.directory())
        self.tls = ServerTls(kit.material_of(self.inviter.certificate))
        self.invitations = Invitations(self.node, lambda: self.now(), os.urandom)  # type: ignore[arg-type]
        self.listener = JoinListener(self.invitations, self.tls, "127.0.0.1:0", Limits(), lambda: self.now())

    async def invite(self, agency: str = G, seconds: int = 600) -> joining.Invite:
        """Open the listener and make an invitation, as the officers' API does."""
        await self.listener.open()
        reply = self.invitations.invite(
            agency, seconds, f"127.0.0.1:{self.listener.port}", self.inviter.certificate.der
        )
        await self.listener.adjust()
        newest = self.node.directory.newest
        return joining.Invite(
            token_id=reply.token_id,
            secret=reply.secret,
            network=newest.network,
            charter_version=newest.version,
            charter_sha256=newest.sha256,
            network_name=newest.name,
            inviter=A,
            agency=agency,
            address=reply.address,
            certificate=reply.certificate,
            expires=reply.expires,
        )

    def admit(self, token_id: bytes) -> None:
        """The governor signs the next charter and says so."""
        added = member_of(G, self.newcomer.root.public)
        draft = draft_next(self.node.directory.newest, Changes(created=int(time.time()), add=(added,)))
        self.node.directory.take_charter(self.inviter.root.sign(CHARTER, encode(draft)))
        self.node.directory.take_identity(self.invitations.approved(token_id).identity)
        self.listener.decided()


@asynccontextmanager
async def scene_of(kit: Any) -> AsyncIterator[Scene]:
    scene = Scene(kit)
    try:
        yield scene
    finally:
        await scene.listener.close()


def join(scene: Scene, invite: joining.Invite, identity: Any, shown: Any, wait: float = 20.0) -> Any:
    """The newcomer's command in a thread of its own, as it is a process of its own."""
    loop = asyncio.get_running_loop()
    return asyncio.create_task(
        asyncio.to_thread(
            request_join,
            invite,
            identity,
            lambda code: loop.call_soon_threadsafe(shown.set_result, code),
            wait,
        )
    )


def test_a_newcomer_is_shown_the_same_code_admitted_and_given_every_charter(kit: Any) -> None:
    """The whole way: request, equal digits, approval, verified charters; then the port closes."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            shown = asyncio.get_running_loop().create_future()
            task = join(scene, invite, scene.newcomer.identity(), shown)
            code = await asyncio.wait_for(shown, 10)
            [pending] = scene.invitations.pending()
            assert (pending.agency, pending.code) == (G, code)
            scene.admit(invite.token_id)
            joined: Joined = await asyncio.wait_for(task, 10)
            assert joined.directory.newest.is_member(G)
            assert joined.directory.agencies() == [A, G]
            assert [c.body for c in joined.charters] == [
                v.document.body for v in scene.node.directory.charters()
            ]
            before = scene.now
            scene.now = lambda: before() + 61
            await scene.listener.adjust()
            assert not scene.listener.is_open

    kit.run(story())


def test_a_refused_newcomer_is_told_so(kit: Any) -> None:
    """The operator says no; the command ends with JOIN_REFUSED, and the port closes."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            shown = asyncio.get_running_loop().create_future()
            task = join(scene, invite, scene.newcomer.identity(), shown)
            await asyncio.wait_for(shown, 10)
            scene.invitations.refuse(invite.token_id)
            scene.listener.decided()
            with pytest.raises(FanalError) as caught:
                await task
            assert caught.value.kind is errors.JOIN_REFUSED
            await scene.listener.adjust()
            assert not scene.listener.is_open

    kit.run(story())


def test_nobody_decides_in_time(kit: Any) -> None:
    """The command ends with JOIN_TIMEOUT and may be repeated with the same token and identity."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            identity = scene.newcomer.identity()
            for _ in range(2):
                shown = asyncio.get_running_loop().create_future()
                with pytest.raises(FanalError) as caught:
                    await join(scene, invite, identity, shown, wait=0.0)
                assert caught.value.kind is errors.JOIN_TIMEOUT
            assert len(scene.invitations.pending()) == 1

    kit.run(story())


def test_strangers_get_one_and_the_same_refusal(kit: Any) -> None:
    """Unknown token, wrong secret, expired or used token: nothing to tell them apart, nothing recorded."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            identity, other = scene.newcomer.identity(), kit.make_agency(G).identity()
            good = joining.request_mac(invite.secret, identity.body)
            requests = [
                JoinRequest(token_id=bytes(16), identity=identity, mac=good),
                JoinRequest(token_id=b"short", identity=identity, mac=good),
                JoinRequest(token_id=invite.token_id, identity=identity, mac=bytes(32)),
                JoinRequest(token_id=invite.token_id, identity=identity),
                JoinRequest(token_id=invite.token_id, identity=other, mac=good),
            ]
            for request in requests:
                assert await told(scene, JOIN, request) is errors.JOIN_REFUSED_REQUEST
            assert scene.invitations.pending() == []
            used = JoinRequest(token_id=invite.token_id, identity=identity, mac=good)
            scene.invitations.request(used)
            again = joining.request_mac(invite.secret, other.body)
            request = JoinRequest(token_id=invite.token_id, identity=other, mac=again)
            assert await told(scene, JOIN, request) is errors.JOIN_REFUSED_REQUEST
            before = scene.now
            scene.now = lambda: before() + 601
            assert await told(scene, JOIN, used) is errors.JOIN_REFUSED_REQUEST

    kit.run(story())


def test_the_outcome_is_told_to_nobody_but_the_newcomer(kit: Any) -> None:
    """It needs the token's secret and the identity that used it."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            identity = scene.newcomer.identity()
            mac = joining.outcome_mac(invite.secret, identity.body)
            ask = JoinOutcomeRequest(token_id=invite.token_id, mac=mac)
            assert await told(scene, OUTCOME, ask) is errors.JOIN_REFUSED_REQUEST
            scene.invitations.request(
                JoinRequest(
                    token_id=invite.token_id,
                    identity=identity,
                    mac=joining.request_mac(invite.secret, identity.body),
                )
            )
            forged = JoinOutcomeRequest(token_id=invite.token_id, mac=bytes(32))
            assert await told(scene, OUTCOME, forged) is errors.JOIN_REFUSED_REQUEST

    kit.run(story())


def test_an_identity_in_another_name_or_badly_signed_does_not_use_up_the_invitation(kit: Any) -> None:
    """The invitation stays open for the agency it names."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            other = kit.make_agency("TR-CUS").identity()
            broken = scene.newcomer.identity()
            broken.signatures[1].signature = bytes(2420)
            kinds = []
            for identity in (other, broken):
                mac = joining.request_mac(invite.secret, identity.body)
                request = JoinRequest(token_id=invite.token_id, identity=identity, mac=mac)
                kinds.append(await told(scene, JOIN, request))
            assert kinds[0] is errors.JOIN_OTHER_AGENCY
            assert kinds[1] is not None
            assert scene.invitations.pending() == []
            assert len(scene.invitations.out()) == 1

    kit.run(story())


def test_an_answer_from_somebody_else_is_not_believed(kit: Any) -> None:
    """A listener without the secret, another charter and another inviter are all found by the newcomer."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            identity = scene.newcomer.identity()
            for wrong in (replace(invite, inviter="TR-CUS"), replace(invite, charter_sha256=bytes(32))):
                shown = asyncio.get_running_loop().create_future()
                with pytest.raises(FanalError) as caught:
                    await join(scene, wrong, identity, shown)
                assert caught.value.kind is errors.JOIN_OTHER_INVITER
            elsewhere = replace(invite, certificate=scene.newcomer.certificate.der)
            shown = asyncio.get_running_loop().create_future()
            with pytest.raises(FanalError) as caught:
                await join(scene, elsewhere, identity, shown)
            assert caught.value.kind is errors.JOIN_UNREACHABLE

    kit.run(story())


def test_a_network_of_another_id_is_refused_even_when_approved(kit: Any) -> None:
    """The charters must lead from the invitation's network id; the listener's word is not enough."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = replace(await scene.invite(), network=b"\1" * 32)
            shown = asyncio.get_running_loop().create_future()
            task = join(scene, invite, scene.newcomer.identity(), shown)
            await asyncio.wait_for(shown, 10)
            scene.admit(invite.token_id)
            with pytest.raises(FanalError):
                await task

    kit.run(story())


def test_charters_that_do_not_fit_one_message_come_in_pieces(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one charter an answer the newcomer asks again until it has all."""
    monkeypatch.setattr(invitations, "OUTCOME_BYTES", 1)

    async def story() -> None:
        async with scene_of(kit) as scene:
            invite = await scene.invite()
            shown = asyncio.get_running_loop().create_future()
            task = join(scene, invite, scene.newcomer.identity(), shown)
            await asyncio.wait_for(shown, 10)
            scene.admit(invite.token_id)
            joined: Joined = await asyncio.wait_for(task, 10)
            assert [v.version for v in joined.directory.charters()] == [1, 2]

    kit.run(story())


def test_requests_beyond_the_rate_are_refused_without_work(kit: Any) -> None:
    """After the burst a stranger's requests cost no ledger read; the node says JOIN_BUSY."""

    async def story() -> None:
        async with scene_of(kit) as scene:
            await scene.invite()
            request = JoinRequest(token_id=bytes(16))
            kinds = [await told(scene, JOIN, request) for _ in range(80)]
            assert kinds[0] is errors.JOIN_REFUSED_REQUEST
            assert errors.JOIN_BUSY in kinds

    kit.run(story())


def test_invitations_are_bounded_and_only_for_agencies_outside(kit: Any) -> None:
    """A member needs none, a name must be an agency's, and 64 may be out at a time."""
    scene = Scene(kit)
    der = scene.inviter.certificate.der
    with pytest.raises(FanalError) as caught:
        scene.invitations.invite(A, 60, "127.0.0.1:1", der)
    assert caught.value.kind is errors.ALREADY_MEMBER
    with pytest.raises(FanalError):
        scene.invitations.invite("nobody", 60, "127.0.0.1:1", der)
    for _ in range(64):
        scene.invitations.invite(G, 60, "127.0.0.1:1", der)
    with pytest.raises(FanalError) as caught:
        scene.invitations.invite(G, 60, "127.0.0.1:1", der)
    assert caught.value.kind is errors.TOO_MANY_INVITATIONS
    for act in (scene.invitations.approved, scene.invitations.refuse):
        with pytest.raises(FanalError) as caught:
            act(bytes(16))
        assert caught.value.kind is errors.NO_PENDING_JOIN


def test_an_address_that_is_taken_is_named_and_no_invitation_is_made(kit: Any) -> None:
    """An invitation that leads nowhere is never handed out."""

    async def story() -> None:
        async with scene_of(kit) as first, scene_of(kit) as second:
            await first.invite()
            second.listener.address = f"127.0.0.1:{first.listener.port}"
            with pytest.raises(FanalError) as caught:
                await second.invite()
            assert caught.value.kind is errors.CANNOT_LISTEN
            assert second.invitations.out() == []

    kit.run(story())


async def told(scene: Scene, method: str, request: Any) -> Any:
    """The kind of the refusal, or None when the call was answered."""
    credentials = grpc.ssl_channel_credentials(scene.inviter.certificate.pem)
    options = [("grpc.ssl_target_name_override", "fanal.invalid"), ("grpc.use_local_subchannel_pool", 1)]
    target = f"127.0.0.1:{scene.listener.port}"
    async with grpc.aio.secure_channel(target, credentials, options=options) as channel:
        try:
            await channel.unary_unary(method, raw, raw)(request.SerializeToString(), timeout=10)
        except grpc.aio.AioRpcError as error:
            found = error_in(error.trailing_metadata())
            return found.kind if found else error.code()
    return None
