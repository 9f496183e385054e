# SPDX-License-Identifier: Apache-2.0
"""Every call of the officers' API x every right x own, foreign, revoked and unknown officers."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from fanal.errors import FanalError
from fanal.keys import ed25519
from fanal.keys.calls import sign_call
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.revocation import sign_revocation
from fanal.node.desk.actor import Actor
from fanal.node.service import errors
from fanal.node.service.authenticate import UNAUTHENTICATED, Authenticator
from fanal.node.service.authorise import RIGHTS, authorise
from fanal.v1.envelope_pb2 import ReadStatement, Statement
from fanal.v1.identity_pb2 import Custody, OfficerRight
from fanal.v1.officer_pb2 import DESCRIPTOR, MarkReadRequest, ProveRequest, SendRequest

A, B = "AZ-CUS", "BG-CUS"
CALLS = [method.name for method in DESCRIPTOR.services_by_name["OfficerApi"].methods]
ROLES = {
    "author": OfficerRight.AUTHOR,
    "operator": OfficerRight.RELEASE,
    "reader": OfficerRight.READ,
    "auditor": OfficerRight.AUDIT,
}
ALL = {"Status", "WhoAmI", "GetCharter"}
MAY = {
    "author": ALL | {"Prepare", "Send", "Attach"},
    "operator": ALL
    | {"AnswerRecall", "SetHold", "Erase", "Confirm", "Settle", "Drain", "BlockPeer"}
    | {"Unlock", "Peers", "Ping", "ApplyCharter", "Invite", "PendingJoins", "RefuseJoin"}
    | {"CourierExport", "CourierRead", "CourierWrite", "CourierImport"},
    "reader": ALL
    | {"List", "Show", "Print", "Export", "MarkRead", "Track", "Prove", "LogExport", "FetchAttachment"},
    "auditor": ALL | {"Prove", "LogExport"},
}
"""Written out a second time on purpose: a row that changes in the table must change here too."""


def actor(role: str, key: bytes = b"k" * 32) -> Actor:
    return Actor(key, role, frozenset({ROLES[role]}), Custody.OWN)


def request_for(call: str, key: bytes = b"k" * 32) -> Any:
    if call == "Send":
        return SendRequest(statement=Statement(officer_key_id=key).SerializeToString())
    if call == "MarkRead":
        return MarkReadRequest(body=ReadStatement(officer_key_id=key).SerializeToString())
    return object()


def test_every_call_of_the_descriptor_has_a_row_and_no_row_is_left_over() -> None:
    """A new call without a decision on who may make it fails here."""
    assert set(RIGHTS) == set(CALLS)
    assert set().union(*MAY.values()) == set(CALLS)


@pytest.mark.parametrize(("call", "role"), list(itertools.product(CALLS, ROLES)))
def test_a_role_may_exactly_what_its_right_says(call: str, role: str) -> None:
    """Each right alone opens its own calls and no other; the request to use is handed back."""
    request = request_for(call)
    if call in MAY[role]:
        assert authorise(actor(role), call, request) is request
        return
    with pytest.raises(FanalError) as caught:
        authorise(actor(role), call, request)
    assert caught.value.kind is errors.NOT_PERMITTED
    assert caught.value.facts["officer"] == role


@pytest.mark.parametrize("shows", [{"content": True}, {"fields": ["originator"]}])
def test_an_auditor_may_prove_without_seeing(shows: dict[str, Any]) -> None:
    """AUDIT alone makes proofs that show nothing; any of the text takes READ."""
    plain, telling = ProveRequest(notice="x"), ProveRequest(notice="x", **shows)
    assert authorise(actor("auditor"), "Prove", plain) is plain
    assert authorise(actor("reader"), "Prove", telling) is telling
    with pytest.raises(FanalError) as caught:
        authorise(actor("auditor"), "Prove", telling)
    assert caught.value.kind is errors.NOT_PERMITTED
    assert caught.value.facts["right"] == "READ"


@pytest.mark.parametrize("call", CALLS)
def test_an_officer_without_any_right_may_nothing(call: str) -> None:
    """No right, no call: not even the status."""
    with pytest.raises(FanalError):
        authorise(Actor(b"k" * 32, "nobody", frozenset(), Custody.OWN), call, request_for(call))


def test_a_call_that_is_in_no_table_is_refused() -> None:
    """Default deny, for whoever asks."""
    everything = Actor(b"k" * 32, "all", frozenset(ROLES.values()), Custody.OWN)
    for name in ("EraseAll", "", "status", "Send "):
        with pytest.raises(FanalError) as caught:
            authorise(everything, name, object())
        assert caught.value.kind is errors.UNKNOWN_ACTION


@pytest.mark.parametrize(("call", "role"), [("Send", "author"), ("MarkRead", "reader")])
def test_nobody_sends_or_reads_in_another_officers_name(call: str, role: str) -> None:
    """The statement inside must name the caller's own key; an unreadable or oversized one is refused."""
    with pytest.raises(FanalError) as caught:
        authorise(actor(role), call, request_for(call, b"x" * 32))
    assert caught.value.kind is errors.OTHER_OFFICER
    field = "statement" if call == "Send" else "body"
    for data, kind in ((b"\xff", errors.MALFORMED_CALL), (bytes(70_000), errors.LIMIT_REACHED)):
        request = type(request_for(call))(**{field: data})
        with pytest.raises(FanalError) as caught:
            authorise(actor(role), call, request)
        assert caught.value.kind is kind


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """Nothing here changes the world, so one is enough."""
    return {}


def _world(kit: Any, own: dict[str, Any]) -> Any:
    if "world" not in own:
        own["world"] = kit.World([A, B])
        own["directory"] = own["world"].directory()
    return own["world"]


@pytest.mark.parametrize(("call", "role"), list(itertools.product(CALLS, ROLES)))
def test_foreign_and_unknown_officers_are_nobody_for_every_call(
    kit: Any, own: dict[str, Any], call: str, role: str
) -> None:
    """Own officers are recognised with their rights; another agency's and unknown keys for no call at all."""
    world = _world(kit, own)
    now = time.time()
    check = Authenticator(A, lambda: own["directory"], now - 1)
    method = f"/fanal.v1.OfficerApi/{call}"
    seed = world.agencies[A].officers[role]
    signed = sign_call(seed, method, b"request", int(now), b"n" * 16)
    found = check(signed, method, b"request", now)
    assert (found.officer_id, found.rights) == (role, {ROLES[role]})
    for stranger in (world.agencies[B].officers[role], ed25519.generate()):
        signed = sign_call(stranger, method, b"request", int(now), b"n" * 16)
        with pytest.raises(FanalError) as caught:
            check(signed, method, b"request", now)
        assert caught.value.kind is errors.NOT_AUTHENTICATED


@pytest.mark.parametrize("call", CALLS)
def test_a_revoked_officer_is_nobody_for_every_call(kit: Any, call: str) -> None:
    """From the moment the revocation is known, whatever the officer signs."""
    world = kit.World([A])
    now = int(time.time())
    directory = world.directory()
    seed = world.agencies[A].officers["operator"]
    identifier = key_id(ed25519_key(ed25519.public_of(seed)))
    directory.take_revocation(
        sign_revocation(world.agencies[A].root, A, 1, identifier, now - 10, "left", now), now
    )
    check = Authenticator(A, lambda: directory, now - 5)
    method = f"/fanal.v1.OfficerApi/{call}"
    with pytest.raises(FanalError) as caught:
        check(sign_call(seed, method, b"", now, b"n" * 16), method, b"", now)
    assert caught.value.kind is errors.NOT_AUTHENTICATED
    assert "revoked" in str(caught.value.facts["reason"])


def test_attacks_on_one_signed_call(kit: Any, own: dict[str, Any]) -> None:
    """Replayed, stale, early, for another method or request, unsigned, doubled: all UNAUTHENTICATED."""
    world, now = _world(kit, own), int(time.time())
    seed, method = world.agencies[A].officers["author"], "/fanal.v1.OfficerApi/Send"
    check = Authenticator(A, lambda: own["directory"], now - 1000)
    good = sign_call(seed, method, b"r", now, b"1" * 16)
    check(good, method, b"r", now)
    attacks = [
        (good, method, b"r"),
        (sign_call(seed, method, b"r", now - 61, b"2" * 16), method, b"r"),
        (sign_call(seed, method, b"r", now + 61, b"3" * 16), method, b"r"),
        (sign_call(seed, method, b"r", now, b"4" * 16), "/fanal.v1.OfficerApi/Show", b"r"),
        (sign_call(seed, method, b"r", now, b"5" * 16), method, b"other"),
        ((), method, b"r"),
        (good + good, method, b"r"),
        (sign_call(world.agencies[A].officers["#node"], method, b"r", now, b"6" * 16), method, b"r"),
    ]
    for metadata, called, request in attacks:
        with pytest.raises(FanalError) as caught:
            check(metadata, called, request, now)
        assert caught.value.kind in UNAUTHENTICATED
