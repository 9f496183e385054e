# SPDX-License-Identifier: Apache-2.0
"""Cases of fork proofs: two signed things where only one may be, and pairs that prove nothing."""

from __future__ import annotations

from vectorkit.make_base import Collected
from vectorkit.make_envelopes import AUTHOR, INCARNATION, READER, Sent, a_notice, compose, put, signer
from vectorkit.make_identities import UNKNOWN_FIELD
from vectorkit.make_notes import point
from vectorkit.world import NOW, Agency, drawn

from fanal.envelope import audience
from fanal.envelope.seal import Lane, Position, Sealed
from fanal.keys import charter, identity, pae
from fanal.keys.documents import decode_document
from fanal.keys.strict import encode
from fanal.proof import checkpoint
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.envelope_pb2 import Predecessor
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.peer_pb2 import DocumentFork, EntryFork, ForkProof, RootFork

NO_FORK, BAD_SIGNATURE = "FANAL-E0455", "FANAL-E0203"


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    _entries(out, world, sent)
    _successors(out, world, sent)
    _roots(out, world, sent)
    _documents(out, world, sent)
    out.refuse("fork", "empty", "A proof that holds nothing.", b"", NO_FORK, **sent.given)
    data = entry_pair(sent.notice, sent.notice) + UNKNOWN_FIELD
    out.refuse(
        "fork", "unknown-field", "A field that version 1 does not have.", data, "FANAL-E0208", **sent.given
    )


def entry_pair(one: Sealed, other: Sealed, signature: bytes = b"") -> bytes:
    a, b = one.received.envelope, other.received.envelope
    pair = EntryFork(
        manifest_a=a.manifest,
        signature_a=a.signature,
        manifest_b=b.manifest,
        signature_b=signature or b.signature,
    )
    return encode(ForkProof(entry=pair))


def root_pair(a: bytes, b: bytes) -> bytes:
    return encode(ForkProof(root=RootFork(note_a=a, note_b=b)))


def _entries(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, tr, given = world[AUTHOR], world[READER], sent.given
    where = Position(INCARNATION, 1, sent.key.manifest_sha256)
    content = compose(ge, sent.lane, a_notice(3), "twin").content()
    key = sent.key.lane_key
    twin = put(ge, sent.lane, key, content, "twin", position=where)
    pair = Lane(sent.lane.charter, audience.explicit(AUTHOR, [READER]))
    elsewhere = put(ge, pair, key, content, "twin", position=where)
    foreign = put(tr, sent.lane, key, content, "twin", position=where, signer=signer(tr))
    out.accept(
        "fork", "entry", "Two manifests at one place of a lane.", entry_pair(sent.notice, twin), **given
    )
    out.accept(
        "fork",
        "entry-other-order",
        "The same two the other way round: a proof has no order.",
        entry_pair(twin, sent.notice),
        **given,
    )
    without = {**given, "identities": f"@identity/{READER.lower()}"}
    out.wait(
        "fork",
        "entry-identity-not-yet-known",
        "The author's identity document is not here yet.",
        entry_pair(sent.notice, twin),
        "FANAL-E0257",
        **without,
    )
    stolen = sent.second.received.envelope.signature
    cases = {
        "entry-same-twice": ("One manifest twice.", entry_pair(twin, twin), NO_FORK),
        "entry-two-places": ("Two places of one lane.", entry_pair(sent.notice, sent.second), NO_FORK),
        "entry-other-lanes": ("One place of two lanes.", entry_pair(sent.notice, elsewhere), NO_FORK),
        "entry-two-authors": ("Two authors at one place.", entry_pair(sent.notice, foreign), NO_FORK),
        "entry-signature-of-another": (
            "The second under the signature of another manifest.",
            entry_pair(sent.notice, twin, stolen),
            BAD_SIGNATURE,
        ),
        "entry-unsigned": (
            "The second is signed by nobody.",
            entry_pair(twin, sent.notice, bytes(64)),
            BAD_SIGNATURE,
        ),
    }
    for name, (what, data, error) in cases.items():
        step = "signature" if error == BAD_SIGNATURE else ""
        out.refuse("fork", name, what, data, error, step, **given)


def _successors(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    """First entries of two incarnations; the proof goes by what they close, however often an agency begins
    a new one."""
    ge, given = world[AUTHOR], sent.given
    content = compose(ge, sent.lane, a_notice(4), "heir").content()

    def first(label: str, closes: bytes = INCARNATION, seq: int = 0) -> Sealed:
        before = Predecessor(incarnation=closes, next=3, head=sent.second.manifest_sha256)
        place = Position(drawn(label, 16), seq, b"" if seq == 0 else drawn("before"), None if seq else before)
        return put(ge, sent.lane, sent.key.lane_key, content, label, position=place)

    one, other = first("heir one"), first("heir other")
    out.accept(
        "fork", "successor", "Two incarnations that close the same one.", entry_pair(one, other), **given
    )
    later = first("heir third", drawn("another incarnation", 16))
    cases = {
        "successor-of-another": ("Two that close different ones.", entry_pair(one, later)),
        "successor-not-first": (
            "A later entry closes nothing.",
            entry_pair(one, first("heir fourth", seq=1)),
        ),
        "successor-same-twice": ("One first entry twice.", entry_pair(one, one)),
    }
    for name, (what, data) in cases.items():
        out.refuse("fork", name, what, data, NO_FORK, **given)


def _roots(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, tr, given = world[AUTHOR], world[READER], sent.given
    honest = point(ge)

    def note(one: Checkpoint, by: Ed25519Signer) -> bytes:
        return checkpoint.sign(one, by)

    pair, good = root_pair, note(honest, ge.log())
    bent = Checkpoint(honest.origin, honest.size, drawn("another root"))
    theft = Ed25519Signer(honest.origin, tr.seed("log"), tr.log().public_key)
    unknown = Ed25519Signer("fanal/nobody/log1", ge.seed("log"), ge.log().public_key)
    lost = [note(Checkpoint(unknown.name, 9, drawn(label)), unknown) for label in ("root a", "root b")]
    out.accept("fork", "root", "Two roots of one log at one size.", pair(good, note(bent, ge.log())), **given)
    cases = {
        "root-same-twice": ("One checkpoint twice.", pair(good, good), NO_FORK),
        "root-two-sizes": (
            "Two sizes prove nothing without the leaves.",
            pair(good, note(point(ge, 20), ge.log())),
            NO_FORK,
        ),
        "root-two-logs": ("Two logs at one size.", pair(good, note(point(tr), tr.log())), NO_FORK),
        "root-signed-by-another": (
            "The second under a key that is not the log's.",
            pair(good, note(bent, theft)),
            "FANAL-E0434",
        ),
        "root-unknown-log": ("A log that no identity document names.", pair(*lost), NO_FORK),
    }
    for name, (what, data, error) in cases.items():
        out.refuse("fork", name, what, data, error, **given)


def _documents(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge, given = world[AUTHOR], sent.given

    def pair(a: SignedDocument, b: SignedDocument) -> bytes:
        return encode(ForkProof(document=DocumentFork(a=a, b=b)))

    first = ge.document()
    draft = identity.draft_next_identity(identity.verify_identity(first, ge.root.public), NOW + 60)
    one = ge.root.sign(pae.IDENTITY, encode(draft))
    draft.endpoints[:] = ["elsewhere.example:7443"]
    other = ge.root.sign(pae.IDENTITY, encode(draft))
    forged = world[READER].root.sign(pae.IDENTITY, encode(draft))
    accept, refuse = out.accept, out.refuse
    accept("fork", "identity", "Two identity documents of one serial.", pair(one, other), **given)
    refuse("fork", "identity-same-twice", "One document twice.", pair(one, one), NO_FORK, **given)
    refuse("fork", "identity-two-serials", "Two serials.", pair(first, one), NO_FORK, **given)
    under_another = pair(one, forged)
    refuse(
        "fork", "identity-other-root", "The second under another root.", under_another, "FANAL-E0213", **given
    )
    two = decode_document(out.cases["charter/two"].data)
    view = charter.first_charter(decode_document(out.cases["charter/one"].data))
    change = charter.draft_next(view, charter.Changes(created=NOW + 120, name="Black Sea and beyond"))
    rival = ge.root.cosign(SignedDocument(type=pae.CHARTER, body=encode(change)))
    outsider = world[READER].root.cosign(SignedDocument(type=pae.CHARTER, body=encode(change)))
    accept("fork", "charter", "Two valid successors of charter 1.", pair(two, rival), **given)
    refuse("fork", "charter-same-twice", "One charter twice.", pair(two, two), NO_FORK, **given)
    refuse(
        "fork",
        "charter-not-by-governors",
        "The second is signed by no governor.",
        pair(two, outsider),
        "FANAL-E0214",
        **given,
    )
    refuse("fork", "two-types", "An identity document beside a charter.", pair(one, two), NO_FORK, **given)
