# SPDX-License-Identifier: Apache-2.0
"""Cosignatures, anchors, quorum and the witness's rules: what is believed, and every way around them."""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from fanal.errors import FanalError, VerificationError
from fanal.keys import mldsa
from fanal.proof import checkpoint as checkpoints
from fanal.proof import cosignature, quorum
from fanal.proof import note as notes
from fanal.proof.anchor import AnchorSigner, AnchorVerifier
from fanal.proof.checkpoint import Checkpoint, key_name, log_number
from fanal.proof.cosignature import CosignatureSigner, CosignatureVerifier, parse_vkey
from fanal.proof.note_key import Ed25519Signer, Ed25519Verifier
from fanal.proof.tree import Frontier, Node, consistency_proof, leaf_hash
from fanal.proof.witness import Accepted, Held, Holds, judge, read_offer

NOW = 1_800_000_000
HASH = bytes(range(32))
ORIGIN = checkpoints.origin(HASH, "GE-CUS", 1)
AGENCIES = ("AZ-CUS", "TR-CUS", "AM-CUS")


def seeded(number: int) -> tuple[bytes, bytes]:
    key = SigningKey(bytes([number]) * 32)
    return bytes(key), bytes(key.verify_key)


LOG = Ed25519Signer(ORIGIN, *seeded(1))
KEY = Ed25519Verifier(ORIGIN, LOG.public_key)


def witness(number: int, agency: str, now: int = NOW) -> CosignatureSigner:
    return CosignatureSigner(key_name(HASH, agency, "witness"), *seeded(number), now)


def verifier(signer: CosignatureSigner) -> CosignatureVerifier:
    return CosignatureVerifier(signer.name, signer.public_key)


class Log:
    """A log that can be grown, and asked for roots and proofs at any size."""

    def __init__(self, *leaves: bytes, signer: Ed25519Signer = LOG) -> None:
        self.frontiers = [Frontier()]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.signer = signer
        for leaf in leaves:
            self.grow(leaf)

    def grow(self, leaf: bytes) -> None:
        frontier, created = self.frontiers[-1].append(leaf_hash(leaf))
        self.frontiers.append(frontier)
        for node in created:
            self.put(node)

    def put(self, node: Node) -> None:
        self.nodes[node.level, node.index] = node.hash

    def point(self, size: int) -> Checkpoint:
        return Checkpoint(self.signer.name, size, self.frontiers[size].root())

    def note(self, size: int, *more: notes.Signer) -> bytes:
        return checkpoints.sign(self.point(size), self.signer, more)

    def held(self, size: int) -> Held:
        return Held(size, self.frontiers[size].root())

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, lambda level, index: self.nodes[level, index])


LEAVES = [b"leaf %d" % number for number in range(20)]
TREE = Log(*LEAVES)
OTHER = Log(*[b"other" if number == 3 else leaf for number, leaf in enumerate(LEAVES)])


def kind_of(caught: pytest.ExceptionInfo[FanalError]) -> str:
    assert "{" not in caught.value.sentence + caught.value.hint
    return caught.value.kind.id


def refusal(held: Held | None, note: bytes, old: int, proof: list[bytes]) -> str:
    with pytest.raises(VerificationError) as caught:
        judge(held, read_offer("GE-CUS", note, [KEY]), old, proof)
    return kind_of(caught)


# --- Cosignatures --------------------------------------------------------------------------------------


def test_the_signed_message_is_that_of_the_specification() -> None:
    """Header line, time line, whole text: the example of c2sp.org/tlog-cosignature."""
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    expected = b"cosignature/v1\ntime 1679315147\n" + text
    assert cosignature.message(text, 1679315147) == expected
    blob = base64.b64decode(
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    assert cosignature.time_of(blob[4:]) == 1679315147


def test_a_cosignature_verifies_beside_the_logs_own_line() -> None:
    """Each key finds its line by name and id; type 0x04 keeps the id apart from that of a log."""
    w = witness(2, "AZ-CUS")
    note = notes.parse(TREE.note(7, w))
    assert [line.name for line in notes.verify(note, [KEY, verifier(w)])] == [ORIGIN, w.name]
    expected = hashlib.sha256(w.name.encode() + b"\n\x04" + w.public_key).digest()[:4]
    assert w.key_id == verifier(w).key_id == expected
    assert Ed25519Verifier(w.name, w.public_key).key_id != w.key_id
    assert parse_vkey(verifier(w).vkey()) == verifier(w)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: struct.pack(">Q", NOW + 1) + line[8:],
        lambda line: line[:8] + bytes(64),
        lambda line: line[:-1],
        lambda line: line + b"\0",
        lambda line: b"\xff" + line[1:],
        lambda line: line[8:],
    ],
)
def test_a_changed_cosignature_refuses_the_note(spoil) -> None:
    """Another time, another signature, another length: nothing of it is believed."""
    w = witness(2, "AZ-CUS")
    note = notes.parse(TREE.note(7, w))
    bad = replace(note.signatures[1], signature=spoil(note.signatures[1].signature))
    with pytest.raises(VerificationError):
        notes.verify(replace(note, signatures=(note.signatures[0], bad)), [KEY, verifier(w)])


def test_a_logs_signature_never_passes_for_a_cosignature() -> None:
    """Even with one key for both uses the message differs, so a line cannot be moved."""
    w = witness(2, "AZ-CUS")
    plain = Ed25519Signer(w.name, w.seed, w.public_key).sign(TREE.point(7).text())
    with pytest.raises(VerificationError):
        verifier(w).verify(TREE.point(7).text(), struct.pack(">Q", NOW) + plain)


def test_a_cosignature_of_one_checkpoint_is_none_of_another() -> None:
    """A line moved to another size does not verify."""
    w = witness(2, "AZ-CUS")
    line = notes.parse(TREE.note(7, w)).signatures[1]
    note = notes.parse(TREE.note(8))
    with pytest.raises(VerificationError):
        notes.verify(replace(note, signatures=(*note.signatures, line)), [verifier(w)])


def test_a_witness_signs_checkpoints_only() -> None:
    """No other text gets a cosignature, whoever asks."""
    with pytest.raises(VerificationError):
        witness(2, "AZ-CUS").sign(b"pay to the bearer\n")


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "x" * 600, KEY.vkey()])
def test_a_key_line_of_another_kind_is_no_witness(text: str) -> None:
    """Also a log's own key line: the type byte tells them apart."""
    with pytest.raises(FanalError) as caught:
        parse_vkey(text)
    assert kind_of(caught) == "FANAL-E0436"


# --- Anchors ---------------------------------------------------------------------------------------------

ANCHOR_SEED = bytes([9]) * 32
ANCHOR_NAME = key_name(HASH, "GE-CUS", "anchor")
ANCHOR = AnchorSigner(ANCHOR_NAME, ANCHOR_SEED, mldsa.public_of(ANCHOR_SEED), NOW)
ANCHOR_KEY = AnchorVerifier(ANCHOR_NAME, ANCHOR.public_key)


def test_an_anchor_signs_the_structure_of_the_specification() -> None:
    """label, cosigner name, time, origin, start 0, size, root: byte by byte, under ML-DSA-44."""
    point = TREE.point(7)
    message = b"subtree/v1\n\0" + bytes([len(ANCHOR_NAME)]) + ANCHOR_NAME.encode() + struct.pack(">Q", NOW)
    message += bytes([len(ORIGIN)]) + ORIGIN.encode() + struct.pack(">QQ", 0, 7) + point.root
    line = ANCHOR.sign(point.text())
    assert struct.unpack(">Q", line[:8]) == (NOW,)
    mldsa.verify(ANCHOR.public_key, message, line[8:])
    expected = hashlib.sha256(ANCHOR_NAME.encode() + b"\n\x06" + ANCHOR.public_key).digest()[:4]
    assert ANCHOR.key_id == ANCHOR_KEY.key_id == expected


def test_an_anchor_stands_beside_ed25519_and_both_verify() -> None:
    """One note, two algorithms; a reader without ML-DSA still finds the log's line first."""
    note = notes.parse(TREE.note(7, ANCHOR))
    assert len(notes.verify(note, [KEY, ANCHOR_KEY])) == 2
    assert checkpoints.verify(note.to_bytes(), KEY, ORIGIN).size == 7
    assert ANCHOR_KEY.vkey().startswith(f"{ANCHOR_NAME}+{ANCHOR.key_id.hex()}+")


@pytest.mark.parametrize(
    "text", [TREE.point(8).text(), OTHER.point(7).text(), replace(TREE.point(7), origin="x/log1").text()]
)
def test_an_anchor_covers_origin_size_and_root(text: bytes) -> None:
    """Moved to another log, size or root it does not verify."""
    with pytest.raises(VerificationError):
        ANCHOR_KEY.verify(text, ANCHOR.sign(TREE.point(7).text()))


def test_an_anchor_names_its_signer() -> None:
    """The same key under another name is another signer."""
    with pytest.raises(VerificationError):
        AnchorVerifier("somebody/else", ANCHOR.public_key).verify(
            TREE.point(7).text(), ANCHOR.sign(TREE.point(7).text())
        )


def test_names_of_logs() -> None:
    """The number of a log is in its origin; a foreign origin counts as the first."""
    assert [log_number(name) for name in (ORIGIN, "a/log2", "a/log12", "a/logx", "a/log0", "a")] == [
        1,
        2,
        12,
        1,
        1,
        1,
    ]


# --- The witness's rules -----------------------------------------------------------------------------------


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_log_that_grew_is_accepted(one: int, other: int) -> None:
    """From any size to any later one, and again at the same size."""
    old, new = sorted((one, other))
    offer = read_offer("GE-CUS", TREE.note(new), [KEY])
    held = TREE.held(old) if old else None
    judged = judge(held, offer, old, TREE.proof(old, new))
    assert isinstance(judged, Accepted)
    assert judged.checkpoint == TREE.point(new)
    assert judged.text == TREE.point(new).text()


def test_only_the_logs_own_lines_are_kept() -> None:
    """What others wrote under an offered note is not stored as if it had been checked."""
    w = witness(2, "AZ-CUS")
    assert read_offer("GE-CUS", TREE.note(7, w, ANCHOR), [KEY]).note == TREE.note(7)


def test_an_unknown_log_is_refused() -> None:
    """Another agency's log, or a log 2 that no identity document names."""
    stranger = Log(b"x", signer=Ed25519Signer("fanal/x/GE-CUS/log2", *seeded(1)))
    with pytest.raises(VerificationError) as caught:
        read_offer("GE-CUS", stranger.note(1), [KEY])
    assert kind_of(caught) == "FANAL-E0451"


def test_a_bad_signature_is_refused() -> None:
    """Signed by another key under the log's name, or by nobody the witness knows."""
    forger = Log(*LEAVES, signer=Ed25519Signer(ORIGIN, *seeded(3)))
    for note, expected in ((forger.note(7), "FANAL-E0434"), (TREE.note(7)[:-10] + b"AAAAAAAA=\n", None)):
        with pytest.raises(VerificationError) as caught:
            read_offer("GE-CUS", note, [KEY])
        assert expected is None or kind_of(caught) == expected


@pytest.mark.parametrize("old", [0, 5, 9, 12])
def test_one_size_never_gets_a_second_root(old: int) -> None:
    """Whatever old size and proof come with it, the second root for the size held is proof of a fork."""
    assert refusal(TREE.held(12), OTHER.note(12), old, []) == "FANAL-E0452"


def test_an_offer_from_elsewhere_learns_where_the_witness_is() -> None:
    """Too old, too new, or none held at all: the answer is what is held, and nothing is stored."""
    offer = read_offer("GE-CUS", TREE.note(15), [KEY])
    assert judge(TREE.held(10), offer, 7, TREE.proof(7, 15)) == Holds(TREE.held(10))
    assert judge(TREE.held(10), offer, 12, TREE.proof(12, 15)) == Holds(TREE.held(10))
    assert judge(None, offer, 7, TREE.proof(7, 15)) == Holds(None)


def test_a_log_that_was_rolled_back_learns_so() -> None:
    """A smaller checkpoint gets the larger head as its answer, never a cosignature."""
    offer = read_offer("GE-CUS", TREE.note(5), [KEY])
    for old in range(6):
        assert judge(TREE.held(10), offer, old, TREE.proof(old, 5) if old else []) == Holds(TREE.held(10))


def test_a_rewritten_past_is_never_accepted() -> None:
    """No proof of the other tree, and no mixture, leads from the root held to it."""
    for proof in (OTHER.proof(10, 15), TREE.proof(10, 15), [], [bytes(32)] * 5, OTHER.proof(10, 15)[1:]):
        assert refusal(TREE.held(10), OTHER.note(15), 10, proof) == "FANAL-E0453"


def test_a_proof_without_end_is_refused_before_it_is_read() -> None:
    """More than 63 hashes are no proof (c2sp.org/tlog-witness)."""
    assert refusal(TREE.held(10), TREE.note(15), 10, [bytes(32)] * 64) == "FANAL-E0453"


def test_an_old_size_beyond_the_checkpoint_is_refused() -> None:
    """Such an offer says nothing."""
    assert refusal(TREE.held(10), TREE.note(8), 10, []) == "FANAL-E0454"


@given(st.data())
def test_no_changed_proof_passes(data: st.DataObject) -> None:
    """One flipped bit anywhere in a consistency proof is found."""
    old = data.draw(st.integers(1, 18))
    proof = TREE.proof(old, 19)
    place = data.draw(st.integers(0, len(proof) * 256 - 1))
    changed = bytearray(b"".join(proof))
    changed[place // 8] ^= 1 << place % 8
    bad = [bytes(changed[i : i + 32]) for i in range(0, len(changed), 32)]
    assert refusal(TREE.held(old), TREE.note(19), old, bad) == "FANAL-E0453"


# --- Quorum ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "policy", "expected"),
    [(1, 0, 0), (2, 0, 1), (3, 0, 2), (50, 0, 2), (50, 5, 5), (3, 1, 1)],
)
def test_the_default_quorum(members: int, policy: int, expected: int) -> None:
    """None for one member, one for two, else two, unless the charter names a number."""
    assert quorum.needed(members, policy) == expected


SIGNERS = {agency: witness(number, agency) for number, agency in enumerate(AGENCIES, 20)}
KEYS = {agency: (verifier(signer),) for agency, signer in SIGNERS.items()}


def counted(
    *signers: notes.Signer, known: dict[str, tuple[CosignatureVerifier, ...]] = KEYS
) -> quorum.Quorum:
    return quorum.count(TREE.note(7, *signers), "GE-CUS", known, 2)


def test_two_agencies_are_two_witnesses() -> None:
    """Who cosigned, and when."""
    found = counted(SIGNERS["AZ-CUS"], SIGNERS["TR-CUS"])
    assert found.passed
    assert found.cosigned == {"AZ-CUS": NOW, "TR-CUS": NOW}
    assert not counted(SIGNERS["AZ-CUS"]).passed
    assert not counted().passed


def test_two_keys_of_one_agency_are_one_witness() -> None:
    """An agency that cosigns with an old and a new key has one voice, at its newest time."""
    second = witness(30, "AZ-CUS", NOW + 60)
    known = KEYS | {"AZ-CUS": (*KEYS["AZ-CUS"], verifier(second))}
    found = counted(SIGNERS["AZ-CUS"], second, known=known)
    assert found.cosigned == {"AZ-CUS": NOW + 60}
    assert not found.passed


def test_an_agency_is_no_witness_of_its_own_log() -> None:
    """Its own line, valid as it is, counts for nothing."""
    own = witness(31, "GE-CUS")
    found = counted(own, SIGNERS["AZ-CUS"], known=KEYS | {"GE-CUS": (verifier(own),)})
    assert set(found.cosigned) == {"AZ-CUS"}


def test_a_stranger_counts_for_nothing() -> None:
    """Lines of keys that no member has are ignored, not counted."""
    assert counted(witness(40, "XX-FAKE"), witness(41, "XX-FAKE2")).cosigned == {}


def test_a_forged_line_of_a_member_refuses_the_note() -> None:
    """Whoever put it there tampered with the note."""
    note = notes.parse(TREE.note(7, SIGNERS["AZ-CUS"]))
    forged = replace(note.signatures[1], signature=struct.pack(">Q", NOW) + bytes(64))
    bad = replace(note, signatures=(note.signatures[0], forged))
    with pytest.raises(VerificationError):
        quorum.count(bad.to_bytes(), "GE-CUS", KEYS, 2)


def test_a_line_twice_refuses_the_note() -> None:
    """One witness cannot be counted by repeating it."""
    with pytest.raises(VerificationError):
        counted(SIGNERS["AZ-CUS"], SIGNERS["AZ-CUS"])
