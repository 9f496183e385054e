# SPDX-License-Identifier: Apache-2.0
"""Cases of officers' signed calls: the bytes that a signature binds, and metadata out of form."""

from __future__ import annotations

from vectorkit.make_base import Collected, flipped
from vectorkit.make_envelopes import AUTHOR, READER, Sent
from vectorkit.world import NOW, Agency, drawn

from fanal.keys.calls import KEY_FIELD, NONCE_FIELD, SIGNATURE_FIELD, TIME_FIELD, sign_call
from fanal.v1.officer_pb2 import ShowRequest

METHOD = "/fanal.v1.OfficerApi/Show"


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    request = ShowRequest(notice="GE-CUS-2027-000001-11").SerializeToString(deterministic=True)
    ge, nonce = world[AUTHOR], drawn("nonce of a call", 16)
    good = signed(ge.seed("officer"), request, nonce)
    signature = good["signature"]
    assert isinstance(signature, bytes)
    given = {**sent.given, "agency": AUTHOR, "method": METHOD, "now": NOW}
    out.accept("call", "good", "An officer's call.", request, **{**given, **good})
    out.accept("call", "empty-request", "A request of no bytes.", b"",
               **{**given, **signed(ge.seed("officer"), b"", nonce)})  # fmt: skip
    edge = {**given, "now": NOW + 60}
    out.accept("call", "a-minute-old", "As old as the window allows.", request, **{**edge, **good})
    bad, form = "FANAL-E0203", "FANAL-E0280"
    bent: dict[str, tuple[str, bytes, dict[str, object], str]] = {
        "other-method": ("For another method.", request, {"method": METHOD + "s"}, bad),
        "other-request": ("Over another request.", request + b"x", {}, bad),
        "other-nonce": ("The nonce of a replay changed.", request, {"nonce": drawn("n", 16)}, bad),
        "other-time": ("The time of a replay changed.", request, {"time": NOW + 1}, bad),
        "other-officer": ("In the name of another officer.", request, {"key_id": ge.key_id("auditor")}, bad),
        "signature-flipped": ("One bit of the signature flipped.", request,
                                {"signature": flipped(signature, 0)}, bad),
        "nonce-short": ("A nonce of 15 bytes.", request, {"nonce": nonce[:15]}, form),
        "nonce-upper-case": ("Capital hexadecimal digits.", request, {"nonce": nonce.hex().upper()}, form),
        "time-leading-zero": ("A time with a leading zero.", request, {"time": f"0{NOW}"}, form),
        "time-signed": ("A time with a sign.", request, {"time": f"+{NOW}"}, form),
        "signature-cut": ("A signature of 63 bytes.", request, {"signature": signature[:63]}, form),
        "stale": ("A minute and a second old: the bytes are right, the clock is not.", request,
                  {"now": NOW + 61}, "FANAL-E0281"),
    }  # fmt: skip
    for name, (what, data, changes, error) in bent.items():
        out.refuse("call", name, what, data, error, **{**given, **good, **changes})
    by_node = signed(ge.seed("node"), request, nonce)
    out.refuse(
        "call", "node-key", "Signed by the node's key.", request, "FANAL-E0228", **{**given, **by_node}
    )
    stranger = signed(world[READER].seed("officer"), request, nonce)
    out.wait("call", "officer-of-another-agency", "A key that no document of the agency names.", request,
             "FANAL-E0257", **{**given, **stranger})  # fmt: skip


def signed(seed: bytes, request: bytes, nonce: bytes) -> dict[str, object]:
    """The metadata of a call as the header of a case says it."""
    said = dict(sign_call(seed, METHOD, request, NOW, nonce))
    return {
        "key_id": bytes.fromhex(said[KEY_FIELD]),
        "time": said[TIME_FIELD],
        "nonce": bytes.fromhex(said[NONCE_FIELD]),
        "signature": bytes.fromhex(said[SIGNATURE_FIELD]),
    }
