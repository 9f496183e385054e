# SPDX-License-Identifier: Apache-2.0
"""Cases of headers that a hostile author signs, and of authors who may not write."""

from __future__ import annotations

from typing import Any

from vectorkit.make_base import Collected
from vectorkit.make_envelopes import AUTHOR, OTHER, READER, Sent, again, header_of
from vectorkit.world import NOW, Agency, drawn

from fanal.envelope import audience
from fanal.v1.envelope_pb2 import Audience


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, tr = world[AUTHOR], world[READER]
    _headers(out, ge, sent)
    _strangers(out, ge, tr, sent)


def _headers(out: Collected, ge: Agency, sent: Sent) -> None:
    """A hostile author signs a header that no reader may take."""
    others = [f"XX-{number:03}" for number in range(500)]
    named = Audience(agencies=sorted([AUTHOR, *others, READER]))
    cases: dict[str, tuple[str, str, dict[str, Any]]] = {
        "version-two": ("Version 2.", "FANAL-E0304", {"version": 2}),
        "version-zero": ("No version.", "FANAL-E0304", {"version": 0}),
        "suite-downgrade": (
            "A suite without the post-quantum half.",
            "FANAL-E0304",
            {"suite": "X25519-HKDF-SHA256-CHACHA20POLY1305"},
        ),
        "suite-empty": ("No suite.", "FANAL-E0304", {"suite": None}),
        "class-unknown": ("A class that version 1 does not have.", "FANAL-E0304", {"envelope_class": 9}),
        "priority-unknown": ("A priority that version 1 does not have.", "FANAL-E0304", {"priority": 7}),
        "network-cut": ("A network id of 31 bytes.", "FANAL-E0303", {"network": bytes(31)}),
        "lane-wrong": ("The id of another lane.", "FANAL-E0311", {"lane": drawn("another lane")}),
        "audience-changed": (
            "Another audience under the lane's id.",
            "FANAL-E0311",
            {"audience": Audience(channel="PAIR")},
        ),
        "recipients-501": ("501 recipients.", "FANAL-E0307", {"audience": named}),
        "audience-without-author": (
            "An audience without its author.",
            "FANAL-E0306",
            {"audience": Audience(agencies=[READER, OTHER])},
        ),
        "audience-not-ascending": (
            "Agencies in another order.",
            "FANAL-E0306",
            {"audience": Audience(agencies=[READER, AUTHOR])},
        ),
        "audience-both": (
            "A channel and agencies.",
            "FANAL-E0306",
            {"audience": Audience(channel="PAIR", agencies=[AUTHOR, READER])},
        ),
        "expires-in-10000": ("A time after the year 9999.", "FANAL-E0303", {"expires": 253_402_300_800}),
        "created-negative": ("A time before 1970.", "FANAL-E0303", {"created": -1}),
        "expires-before-created": ("It had expired before it was made.", "FANAL-E0303", {"expires": NOW - 1}),
        "seq-too-large": ("A sequence number of 2^53.", "FANAL-E0302", {"seq": 2**53}),
        "no-previous-hash": (
            "Sequence 1 that names nothing before it.",
            "FANAL-E0303",
            {"previous_manifest_sha256": None},
        ),
        "first-with-previous-hash": ("Sequence 0 that names something before it.", "FANAL-E0303", {"seq": 0}),
        "no-content-commitment": (
            "No commitment to the content.",
            "FANAL-E0303",
            {"content_commitment": None},
        ),
        "no-key-envelope": ("No lane key named.", "FANAL-E0303", {"key_envelope": None}),
    }
    for name, (what, error, changes) in cases.items():
        step = "shape"
        out.refuse(
            "envelope",
            name,
            what,
            again(ge, sent.notice, header_of(sent.notice, **changes)),
            error,
            step,
            **sent.given,
        )
    _manifest_shapes(out, ge, sent)


def _manifest_shapes(out: Collected, ge: Agency, sent: Sent) -> None:
    header = header_of(sent.notice)
    manifests: dict[str, tuple[str, dict[str, Any]]] = {
        "notice-with-wraps": ("A notice whose manifest has a wraps root.", {"wraps_root": bytes(32)}),
        "body-length-zero": ("A notice that says it has no body.", {"body_length": 0}),
        "attachment-twice": ("One attachment named twice.", {"attachments": [drawn("a"), drawn("a")]}),
    }
    for name, (what, changes) in manifests.items():
        out.refuse(
            "envelope",
            name,
            what,
            again(ge, sent.notice, header, **changes),
            "FANAL-E0303",
            "shape",
            **sent.given,
        )
    many = [drawn(f"attachment {number}") for number in range(65)]
    out.refuse(
        "envelope",
        "attachments-65",
        "65 attachments.",
        again(ge, sent.notice, header, attachments=many),
        "FANAL-E0302",
        "shape",
        **sent.given,
    )


def _strangers(out: Collected, ge: Agency, tr: Agency, sent: Sent) -> None:
    refuse, given = out.refuse, sent.given
    channel = sent.lane.audience
    network = drawn("another network")
    moved = header_of(sent.notice, network=network, lane=audience.lane_id(network, AUTHOR, channel))
    refuse(
        "envelope",
        "other-network",
        "Replayed into another network.",
        again(ge, sent.notice, moved),
        "FANAL-E0310",
        "membership",
        **given,
    )
    nobody = Audience(channel="NOWHERE")
    lane = audience.lane_id(given["network"], AUTHOR, nobody)  # type: ignore[arg-type]
    refuse(
        "envelope",
        "channel-unknown",
        "A channel that the charter does not have.",
        again(ge, sent.notice, header_of(sent.notice, audience=nobody, lane=lane)),
        "FANAL-E0248",
        "membership",
        **given,
    )
    for name, author in (("author-not-in-channel", "MD-CUS"), ("author-no-member", "FR-DGDDI")):
        lane = audience.lane_id(given["network"], author, channel)  # type: ignore[arg-type]
        header = header_of(sent.notice, author=author, lane=lane)
        what = "A member writes to a channel that it is not in." if "not" in name else "A stranger writes."
        refuse("envelope", name, what, again(ge, sent.notice, header), "FANAL-E0309", "membership", **given)
    lane = audience.lane_id(given["network"], READER, channel)  # type: ignore[arg-type]
    header = header_of(sent.notice, author=READER, author_key_id=tr.key_id("node"), lane=lane)
    refuse(
        "envelope",
        "author-replaced",
        "In another agency's name, signed by the true author.",
        again(ge, sent.notice, header),
        "FANAL-E0203",
        "signature",
        **given,
    )
    header = header_of(sent.notice, author_key_id=ge.key_id("witness"))
    refuse(
        "envelope",
        "key-of-another-use",
        "Signed by a key that is not for signing envelopes.",
        again(ge, sent.notice, header),
        "FANAL-E0228",
        "author key",
        **given,
    )
    header = header_of(sent.notice, author_key_id=drawn("no key"))
    out.wait(
        "envelope",
        "key-not-yet-known",
        "A key that no identity document held here names.",
        again(ge, sent.notice, header),
        "FANAL-E0257",
        **given,
    )
