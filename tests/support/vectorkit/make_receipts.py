# SPDX-License-Identifier: Apache-2.0
"""Cases of officers' statements and of receipts."""

from __future__ import annotations

from typing import Any

from vectorkit.make_base import ANY, Collected
from vectorkit.make_contents import statement_of
from vectorkit.make_envelopes import (
    AUTHOR,
    INCARNATION,
    OTHER,
    READER,
    Sent,
    a_notice,
    compose,
)
from vectorkit.make_identities import UNKNOWN_FIELD
from vectorkit.world import NOW, Agency, drawn

from fanal.envelope import receipts
from fanal.envelope.commitments import sha256
from fanal.keys import ed25519, pae, strict
from fanal.v1.envelope_pb2 import (
    ReadStatement,
    RecallAnswer,
    Receipts,
    SeqRange,
)


def make(out: Collected, world: dict[str, Agency], network: bytes, sent: Sent) -> None:
    _statements(out, world, sent)
    _receipts(out)
    _reads(out, world, network, sent)


def _statements(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, given = world[AUTHOR], sent.given
    draft, refuse = sent.draft, out.refuse
    out.accept(
        "statement", "plain", "An officer's statement.", draft.statement, **given, signature=draft.signature
    )
    restated = compose(
        ge,
        sent.lane,
        a_notice(),
        "restated",
        restates=sha256(draft.statement),
        reasons=[("KNOWN_GAP", "Told by telephone.")],
    )
    out.accept(
        "statement",
        "restates-and-reasons",
        "It restates an earlier one and overrides a warning.",
        restated.statement,
        **given,
        signature=restated.signature,
    )
    unknown = draft.statement + UNKNOWN_FIELD
    as_read = ed25519.sign(ge.seed("officer"), pae.pae(pae.READ, draft.statement))
    cases = {
        "signature-of-another": (
            "The signature of another statement.",
            draft.statement,
            restated.signature,
            "FANAL-E0203",
        ),
        "signed-as-read": ("Signed as a read receipt.", draft.statement, as_read, "FANAL-E0203"),
        "unknown-field": (
            "A field smuggled under the officer's signature.",
            unknown,
            ed25519.sign(ge.seed("officer"), pae.pae(pae.STATEMENT, unknown)),
            "FANAL-E0208",
        ),
        "handling-no-token": (
            "A handling that is free text.",
            strict.encode(statement_of(sent, handling="for all")),
            draft.signature,
            "FANAL-E0318",
        ),
        "too-large": ("More than 32 KiB.", bytes(32 * 1024 + 1), draft.signature, "FANAL-E0206"),
    }
    for name, (what, data, signature, error) in cases.items():
        refuse("statement", name, what, data, error, ANY, **given, signature=signature)


def _receipts(out: Collected) -> None:
    lane, head = drawn("lane of receipts"), drawn("head of receipts")
    stored = receipts.coverage(lane, INCARNATION, [(0, 4), (6, 7)], head)
    full = Receipts(
        stored=[stored],
        relayed=[receipts.coverage(lane, INCARNATION, [(9, 12)], head)],
        rejected=[receipts.rejected(head, [("E_REQUIRED", "persons[0].name")])],
        held=[receipts.held(head)],
        recalls=[
            RecallAnswer(
                manifest_sha256=head, notice_id="018ec697-7b00-7d8b-8c1b-fcf24bfb6741", outcome=1, at=NOW
            )
        ],
    )
    out.accept(
        "receipts", "every-machine-fact", "Stored, relayed, rejected, held and complied.", strict.encode(full)
    )

    def coverage(**changes: Any) -> Receipts:
        item = receipts.coverage(lane, INCARNATION, [(0, 4)], head)
        for name, value in changes.items():
            item.ClearField(name)
            item.MergeFrom(type(item)(**{name: value}))
        return Receipts(stored=[item])

    cases = {
        "none": ("No receipt at all.", Receipts()),
        "range-empty": ("A range that covers nothing.", coverage(ranges=[SeqRange(start=4, stop=4)])),
        "ranges-overlap": (
            "Ranges that overlap.",
            coverage(ranges=[SeqRange(start=0, stop=4), SeqRange(start=3, stop=5)]),
        ),
        "ranges-adjacent": (
            "Two ranges that are one.",
            coverage(ranges=[SeqRange(start=0, stop=4), SeqRange(start=4, stop=5)]),
        ),
        "head-cut": ("A head of 31 bytes.", coverage(head=bytes(31))),
        "rejected-without-problem": (
            "Rejected for no reason.",
            Receipts(rejected=[receipts.rejected(head, [])]),
        ),
        "field-no-path": (
            "A field that is no path.",
            Receipts(rejected=[receipts.rejected(head, [("E", "a/../b")])]),
        ),
        "reason-free-text": ("A reason in free text.", Receipts(held=[receipts.held(head, "no key yet")])),
        "recall-without-outcome": (
            "An answer to a recall that says nothing.",
            Receipts(recalls=[RecallAnswer(manifest_sha256=head, at=NOW)]),
        ),
    }
    for name, (what, message) in cases.items():
        out.refuse("receipts", name, what, strict.encode(message), "FANAL-E0326")
    out.refuse(
        "receipts",
        "unknown-field",
        "A field that version 1 does not have.",
        strict.encode(full) + UNKNOWN_FIELD,
        "FANAL-E0208",
    )


def _reads(out: Collected, world: dict[str, Agency], network: bytes, sent: Sent) -> None:
    tr, ge = world[READER], world[AUTHOR]
    manifest = sent.notice.manifest_sha256
    given = {**sent.given, "reader": READER}
    good = receipts.sign_read(network, READER, manifest, NOW + 60, tr.seed("officer"))

    def signed(use: str = "officer", **changes: Any) -> tuple[bytes, bytes]:
        said = ReadStatement.FromString(good.body)
        for name, value in changes.items():
            setattr(said, name, value)
        body = strict.encode(said)
        return body, ed25519.sign(tr.seed(use), pae.pae(pae.READ, body))

    out.accept(
        "read",
        "by-officer",
        "An officer of the reader read it.",
        good.body,
        **given,
        signature=good.officer_signature,
    )
    as_statement = ed25519.sign(tr.seed("officer"), pae.pae(pae.STATEMENT, good.body))
    cases = {
        "by-node-alone": ("The node signs for the officer.", (good.body, signed("node")[1]), "FANAL-E0203"),
        "without-right": (
            "An officer who may not read.",
            signed("auditor", officer_key_id=tr.key_id("auditor")),
            "FANAL-E0320",
        ),
        "signed-as-statement": ("Signed as a statement.", (good.body, as_statement), "FANAL-E0203"),
        "other-manifest": (
            "The signature of another reading.",
            (signed(manifest_sha256=drawn("m"))[0], good.officer_signature),
            "FANAL-E0203",
        ),
        "other-reader": ("It names another agency as the reader.", signed(reader=OTHER), "FANAL-E0326"),
        "other-network": ("It is of another network.", signed(network=drawn("n")), "FANAL-E0310"),
        "time-zero": ("Read at no time.", signed(read_at=0), "FANAL-E0326"),
    }
    for name, (what, (data, signature), error) in cases.items():
        out.refuse("read", name, what, data, error, "receipts", **given, signature=signature)
    body, signature = signed(officer_key_id=ge.key_id("officer"))
    out.wait(
        "read",
        "officer-of-another-agency",
        "The key of another agency's officer.",
        body,
        "FANAL-E0257",
        "",
        **given,
        signature=signature,
    )
