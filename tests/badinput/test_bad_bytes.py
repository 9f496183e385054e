# SPDX-License-Identifier: Apache-2.0
"""Thousands of valid envelopes, frames, documents, tokens, keystores and ledger lines, each made wrong.

Promise: a refusal of the one error family or, where nothing is signed, an answer; never another exception,
and no memory that stays. The seed of each case is fixed, so a failure repeats.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import logging
import os
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from agencies import NOW, Agency, found, network, signed
from google.protobuf.message import DecodeError, Message
from mutating import mutants
from nodenet import NodeNet, some_notice
from sealing import sealed, sealed_content

from fanal.config.settings import Limits
from fanal.envelope import receipts as wire
from fanal.errors import FanalError, VerificationError
from fanal.keys import ed25519, joining
from fanal.keys.charter import first_charter, view_of
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.errors import NOT_CANONICAL
from fanal.keys.identity import verify_identity
from fanal.keys.keystore import Keystore
from fanal.keys.pae import MANIFEST, pae
from fanal.keys.secret import KeyFile
from fanal.node import incoming
from fanal.node.arrival import opening
from fanal.node.gossip import events
from fanal.node.service.wire import pack, unpack
from fanal.notices.check import check_text
from fanal.proof import leaf, note
from fanal.v1.envelope_pb2 import (
    Content,
    Envelope,
    EnvelopeClass,
    Header,
    Manifest,
    ReadReceipt,
    Receipts,
    WrapProof,
)
from fanal.v1.peer_pb2 import Frame, HelloMessage, JoinOutcomeRequest, JoinRequest

M = TypeVar("M", bound=Message)

STAYS = 1_500_000
"""Bytes that may stay after a few thousand cases: caches, and what one case in flight holds."""


def tried(cases: Iterable[bytes], work: Callable[[bytes], object]) -> tuple[int, int]:
    """How many cases were refused and how many were answered; any other exception ends the test."""
    refused = answered = 0
    for case in cases:
        try:
            work(case)
        except FanalError as error:
            refused += worded(error)
        else:
            answered += 1
    return refused, answered


def worded(error: FanalError) -> bool:
    """Whether a refusal has its sentence and its next step, with every fact in its place."""
    text = f"{error.sentence} {error.hint}"
    assert error.sentence and error.hint and "{" not in text, text  # noqa: PT018
    return True


def parsed(message: type[M], cases: Iterable[bytes]) -> Iterator[M]:
    """Those of the cases that protobuf still reads; what it does not read ends before our code."""
    for case in cases:
        with contextlib.suppress(DecodeError):
            yield message.FromString(case)


def kept_bytes(work: Callable[[], object]) -> int:
    """What is still allocated after ``work`` that was not before; ``work`` runs once to warm the caches."""
    logging.disable()  # pytest keeps every line for its report
    work()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)


def test_no_mutated_envelope_is_stored_and_none_raises() -> None:
    """2,000 mutants of a delivery: strikes or refusals, never an entry, and the next good one is taken."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    reader = net.nodes["TR-CUS"].node
    for number, good in enumerate(delivery.envelopes):
        for case in mutants(good, 1_000, seed=number):
            outcome = incoming.receive(reader, "GE-CUS", [case])
            assert outcome.entries == ()
    assert reader.ledger.head().entries == 0
    assert reader.ledger.head().size < 40  # one leaf per cause, not one per case
    outcome = incoming.receive(reader, "GE-CUS", delivery.envelopes, delivery.wraps)
    assert len(outcome.entries) == len(delivery.envelopes)


def test_mutated_manifests_under_the_authors_own_signature_never_raise() -> None:
    """A cheating author signs what it likes: 1,000 manifests are refused or kept; none stops the reader."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    reader, author = net.nodes["TR-CUS"].node, net.nodes["GE-CUS"]
    delivery = sealed(author, ("TR-CUS",), some_notice("GE-CUS"))
    for number, good in enumerate(delivery.envelopes):
        envelope = Envelope.FromString(good)
        for case in mutants(envelope.manifest, 500, seed=number):
            envelope.manifest, envelope.signature = (
                case,
                ed25519.sign(author.agency.node, pae(MANIFEST, case)),
            )
            incoming.receive(reader, "GE-CUS", [envelope.SerializeToString(deterministic=True)])
    opening.open_arrived(reader, [])


def test_an_id_signed_for_a_second_place_costs_only_its_author() -> None:
    """One envelope of a cheating author in a delivery: it is refused, and what others sent is stored."""
    net = NodeNet("GE-CUS", "TR-CUS", "AZ-CUS", linked=False)
    reader, cheat, honest = net.nodes["TR-CUS"].node, net.nodes["GE-CUS"], net.nodes["AZ-CUS"]
    first = sealed(cheat, ("TR-CUS",), some_notice("GE-CUS"))
    second = sealed(cheat, ("AZ-CUS", "TR-CUS"), some_notice("GE-CUS"))
    envelope, other = (Envelope.FromString(one.envelopes[-1]) for one in (first, second))
    manifest = Manifest.FromString(other.manifest)
    header = Header.FromString(manifest.header)
    header.envelope_id = Header.FromString(Manifest.FromString(envelope.manifest).header).envelope_id
    manifest.header = header.SerializeToString(deterministic=True)
    other.manifest = manifest.SerializeToString(deterministic=True)
    other.signature = ed25519.sign(cheat.agency.node, pae(MANIFEST, other.manifest))
    twice = other.SerializeToString(deterministic=True)
    good = sealed(honest, ("TR-CUS",), some_notice("AZ-CUS"))
    for delivery in ((*first.envelopes, twice), (twice, *good.envelopes)):
        outcome = incoming.receive(reader, "GE-CUS", delivery)
        assert [reason for _place, reason in outcome.refused] == [incoming.REFUSED]
    authors = {row.author for row in reader.ledger.entries.since(0, 100)}
    assert authors == {"GE-CUS", "AZ-CUS"}


def test_mutated_contents_sealed_by_their_author_become_findings() -> None:
    """Statement, notice, salts and receipts are wrong inside a valid seal: each is opened to a finding.

    Each goes to another audience and so in a lane of its own: in one lane they would be forks.
    """
    others = [f"XX-{letter}" for letter in ("AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH")]
    wide = {"TR-CUS": Limits(new_lanes_per_hour=1000)}
    net = NodeNet("GE-CUS", "TR-CUS", *others, linked=False, policy=wide)
    reader, author = net.nodes["TR-CUS"].node, net.nodes["GE-CUS"]
    audiences = [("TR-CUS", *some) for size in range(9) for some in itertools.combinations(others, size)]
    draft = author.draft(some_notice("GE-CUS"), ("TR-CUS",)).content().SerializeToString()
    told = Receipts(
        stored=[wire.coverage(bytes(32), bytes(16), [(0, 2)], bytes(32))],
        rejected=[wire.rejected(bytes(32), [("FORMAT", "ref")])],
        read=[ReadReceipt(body=b"x" * 60, officer_signature=bytes(64))],
    ).SerializeToString()
    contents = [(one, EnvelopeClass.NOTICE) for one in parsed(Content, mutants(draft, 300, seed=8))]
    contents += [
        (Content(receipts=case, content_salt=bytes(32)), EnvelopeClass.RECEIPT)
        for case in mutants(told, 120, seed=9)
    ]
    sent = 0
    for content, klass in contents:
        with contextlib.suppress(VerificationError):  # parts are missing: not even a cheat can seal it
            one = sealed_content(author, audiences[sent], content, klass, os.urandom(16))
            outcome = incoming.receive(reader, "GE-CUS", one.envelopes, one.wraps)
            assert len(outcome.entries) == len(one.envelopes)
            opening.open_arrived(reader, [wrap.key_manifest_sha256 for wrap in outcome.wraps])
            sent += 1
    assert sent > 150
    good = sealed(author, audiences[sent], some_notice("GE-CUS", "the good one"))
    outcome = incoming.receive(reader, "GE-CUS", good.envelopes, good.wraps)
    opening.open_arrived(reader, [wrap.key_manifest_sha256 for wrap in outcome.wraps])
    assert [row.kind for row in net.nodes["TR-CUS"].inbox()] == ["MODUS_OPERANDI"]


def test_no_mutated_wrap_proof_is_stored() -> None:
    """800 mutants of the proofs that hold a reader's key: strikes, and the good ones are taken after them."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    reader = net.nodes["TR-CUS"].node
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    for number, proof in enumerate(delivery.wraps):
        cases = mutants(proof.SerializeToString(), 800 // len(delivery.wraps), seed=number)
        for changed in parsed(WrapProof, cases):
            changed.DiscardUnknownFields()  # they prove nothing: see the next test
            if changed != proof:
                assert incoming.receive(reader, "GE-CUS", delivery.envelopes[:1], [changed]).wraps == ()
    outcome = incoming.receive(reader, "GE-CUS", delivery.envelopes, delivery.wraps)
    assert len(outcome.wraps) == len(delivery.wraps)


def test_what_a_proof_of_a_wrap_carries_beyond_its_fields_goes_no_further() -> None:
    """A proof is not signed, and its frame may be of a newer version: what is not known of it is not kept."""
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    reader = net.nodes["TR-CUS"].node
    delivery = sealed(net.nodes["GE-CUS"], ("TR-CUS",), some_notice("GE-CUS"))
    stuffed = [WrapProof.FromString(one.SerializeToString() + b"\xfa\x01\x04text") for one in delivery.wraps]
    assert all(one != good for one, good in zip(stuffed, delivery.wraps, strict=True))
    incoming.receive(reader, "GE-CUS", delivery.envelopes, stuffed)
    rows = reader.ledger.entries.wraps(delivery.wraps[0].key_manifest_sha256)
    kept = [(row.index, row.wrap, row.path) for row in rows]
    assert kept == [(one.index, one.wrap, tuple(one.path)) for one in delivery.wraps]


def test_no_mutated_frame_stops_the_host_or_stays_in_memory() -> None:
    """Frames a real exchange sent, 3,000 mutants of them, each on a link that is up: memory stays flat."""
    net = NodeNet("GE-CUS", "TR-CUS")
    seen: list[bytes] = []
    net.watchers.append(lambda _sender, _receiver, frame: seen.append(frame.SerializeToString()))
    net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ("TR-CUS",))
    net.run(30)
    frames = list(dict.fromkeys(seen))
    assert len(frames) > 5
    victim, author = net.nodes["TR-CUS"], net.nodes["GE-CUS"]
    hello = events.LinkUp("GE-CUS", author.run, author.store.heads())

    def storm() -> None:
        for number, good in enumerate(frames):
            for frame in parsed(Frame, mutants(good, 3_000 // len(frames), seed=number)):
                victim.host.handle(hello)
                victim.host.handle(events.Received("GE-CUS", frame))
                net.run(0.01)
                victim.host.handle(events.LinkDown("GE-CUS", "test"))
        net.run(60)

    stays = kept_bytes(storm)
    assert stays < STAYS, stays
    assert victim.alive


def test_no_mutated_document_is_taken() -> None:
    """Charters and identities, 3,000 mutants: refused, and the directory stays as it was.

    What is accepted may differ in signatures of strangers only, which nobody looks at.
    """
    founder, other = Agency("GE-CUS"), Agency("TR-CUS")
    directory = network(founder, other)
    charter = signed(found([founder], [other]), founder)

    def take(case: bytes) -> None:
        document = decode_document(case)
        if document.type == charter.type:
            directory.take_charter(document)
            view_of(first_charter(document).document)
            assert document.body == charter.body
        else:
            directory.take_identity(document)
            verify_identity(document, other.root.public)
            assert document.body == other.document.body

    held = directory.newest.sha256, directory.identity("TR-CUS").sha256
    for good in (charter, other.document):
        refused, answered = tried(mutants(encode_document(good), 1_500, seed=5), take)
        assert refused > 50 * answered
    assert held == (directory.newest.sha256, directory.identity("TR-CUS").sha256)


def test_no_mutated_token_is_an_invitation() -> None:
    """2,000 mutants of a token, as bytes and as text: refused, for it carries a checksum."""
    agency = Agency("GE-CUS")
    view = network(agency).newest
    token = joining.encode_invite(
        joining.Invite(
            token_id=bytes(16),
            secret=bytes(32),
            network=view.network,
            charter_version=1,
            charter_sha256=view.sha256,
            network_name="Test",
            inviter="GE-CUS",
            agency="TR-CUS",
            address="127.0.0.1:7444",
            certificate=agency.tls.der,
            expires=NOW + 60,
        )
    )
    joining.decode_invite(token)
    cases = list(mutants(token.encode(), 2_000, seed=1))
    cases = [case for case in cases if case.strip() != token.encode()]
    refused, answered = tried(cases, lambda case: joining.decode_invite(case.decode("latin-1")))
    assert (refused, answered) == (len(cases), 0)


def test_no_mutated_keystore_opens(tmp_path: Path) -> None:
    """1,500 mutants, the header's cost and lengths among them: refused without trying their cost."""
    path, secret = tmp_path / "node.keys", KeyFile(b"k" * 32)
    Keystore.create(path, secret, {"node-sign": bytes(32), "log": bytes(32)})
    good = path.read_bytes()

    def work(case: bytes) -> None:
        path.write_bytes(case)
        Keystore.open(path, secret)

    assert tried(mutants(good, 1_500, seed=2), work) == (1_500, 0)


def test_ledger_lines_notes_and_errors_of_others_are_read_or_refused() -> None:
    """Leaves, signed notes, errors off the wire, join requests, Hello: 6,000 mutants."""
    net = NodeNet("GE-CUS", "TR-CUS")
    net.nodes["GE-CUS"].send(some_notice("GE-CUS"), ("TR-CUS",))
    net.run(30)
    ledger = net.nodes["TR-CUS"].ledger
    lines = ledger.log.leaves(0, 100)
    assert lines
    tried((case for one in lines for case in mutants(one, 2_000 // len(lines), seed=3)), leaf.decode)
    tried(
        mutants(b"fanal/net/x\n7\nq83v\n\n\xe2\x80\x94 fanal/net/x q83vq83vq83v\n", 1_000, seed=4), note.parse
    )
    tried(mutants(pack(FanalError(NOT_CANONICAL)), 1_000, seed=5), unpack)
    for message in (JoinRequest, JoinOutcomeRequest, HelloMessage):
        data = net.nodes["GE-CUS"].node.hello().SerializeToString()
        for _message in parsed(message, mutants(data, 600, seed=6)):
            pass


def test_mutated_notices_always_get_a_report() -> None:
    """1,500 mutants of a notice as JSON: one report each, whatever the bytes."""
    good = Path(__file__).parents[1] / "notices" / "corpus" / "notices.jsonl"
    line = good.read_bytes().splitlines()[1]
    for case in mutants(line, 1_500, seed=7):
        report = check_text(case)
        assert report.ok or report.problems


def test_envelope_of_absurd_counts_is_refused_before_it_is_walked() -> None:
    """64 KiB of empty repeated fields decode to a refusal in one step."""
    envelope = Envelope(manifest=b"\x0a\x00" * 30_000, signature=bytes(64), body=b"x")
    net = NodeNet("GE-CUS", "TR-CUS", linked=False)
    outcome = incoming.receive(net.nodes["TR-CUS"].node, "GE-CUS", [envelope.SerializeToString()])
    assert len(outcome.strikes) == 1
