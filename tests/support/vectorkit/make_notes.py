# SPDX-License-Identifier: Apache-2.0
"""Cases of signed notes: checkpoints, cosignatures, anchors, and offers to a witness."""

from __future__ import annotations

import base64

from vectorkit.make_base import Collected
from vectorkit.make_trees import line
from vectorkit.world import NOW, Agency

from fanal.keys import ed25519, merkle
from fanal.proof import checkpoint, note, tree
from fanal.proof.anchor import AnchorVerifier
from fanal.proof.checkpoint import Checkpoint
from fanal.proof.cosignature import CosignatureVerifier
from fanal.proof.leaf import LeafType
from fanal.proof.note_key import ED25519, Ed25519Signer, Ed25519Verifier, key_id

HASHES = [merkle.leaf_hash(line(LeafType.ENVELOPE_OUT, seq=number)) for number in range(21)]


def vkey(signer: Ed25519Signer) -> str:
    return Ed25519Verifier(signer.name, signer.public_key).vkey()


def point(agency: Agency, size: int = 21, role: str = "log1") -> Checkpoint:
    return Checkpoint(agency.key_name(role), size, merkle.root_of(HASHES[:size]))


def make(out: Collected, world: dict[str, Agency]) -> None:
    _notes(out, world)
    _checkpoints(out, world)
    _cosigned(out, world)
    _offers(out, world)


def _signed(text: bytes, *signers: note.Signer) -> bytes:
    return note.sign(text, signers).to_bytes()


def _notes(out: Collected, world: dict[str, Agency]) -> None:
    ge, tr = world["GE-CUS"], world["TR-CUS"]
    text = b"first line\n\nafter a blank line\n"
    one, other = ge.log(), tr.log()
    good, keys = _signed(text, one), vkey(one)
    accept, refuse = out.accept, out.refuse
    accept("note", "one-signature", "A note under one signature.", good, keys=keys)
    accept(
        "note",
        "unknown-signature-ignored",
        "A signature of a key nobody asked for is ignored.",
        _signed(text, other, one),
        keys=keys,
    )
    accept(
        "note",
        "two-known-keys",
        "Two known keys, both verify.",
        _signed(text, one, other),
        keys=f"{keys} {vkey(other)}",
    )
    blank, lines = good.rpartition(b"\n\n")[0], good.rpartition(b"\n\n")[2]
    forged = note.Note(text, (note.NoteSignature(one.name, one.key_id, other.sign(text)),)).to_bytes()
    small = bytes([1]) + bytes(31)
    bad = {
        "text-changed": ("A letter of the text changed.", good.replace(b"first", b"First"), "FANAL-E0432"),
        "other-key-signed": ("Signed by another key under this name and id.", forged, "FANAL-E0432"),
        "unsigned-by-known": ("No signature of a known key.", _signed(text, other), "FANAL-E0434"),
        "same-key-twice": ("The signature of one key twice.", good + lines, "FANAL-E0433"),
        "known-key-fails": (
            "A good signature beside a failing one of a known key.",
            good + note.NoteSignature(other.name, other.key_id, bytes(64)).line(),
            "FANAL-E0432",
        ),
        "no-blank-line": ("No blank line before the signatures.", blank + b"\n" + lines, "FANAL-E0430"),
        "no-final-line-end": ("The last line has no LF.", good[:-1], "FANAL-E0430"),
        "cr-lf": ("Line ends CR LF.", good.replace(b"\n", b"\r\n"), "FANAL-E0430"),
        "hyphen-for-dash": (
            "A hyphen in place of the em dash.",
            good.replace("— ".encode(), b"- "),
            "FANAL-E0430",
        ),
        "not-utf-8": ("A byte that is not UTF-8.", good.replace(b"first", b"f\xffrst"), "FANAL-E0430"),
        "control-character": ("A NUL in the text.", good.replace(b"first", b"f\0rst"), "FANAL-E0430"),
        "base64-without-padding": (
            "Base 64 without its padding.",
            good.replace(b"=\n", b"\n"),
            "FANAL-E0430",
        ),
        "too-many-signatures": ("33 signature lines.", good + lines * 32, "FANAL-E0431"),
    }
    for name, (what, data, error) in bad.items():
        refuse("note", name, what, data, error, keys=f"{keys} {vkey(other)}" if "fails" in name else keys)
    encoded = base64.b64encode(b"\x01" + small).decode()
    name = ge.key_name("log1")
    line_of = f"{name}+{key_id(name, ED25519, small).hex()}+{encoded}"
    zero = note.Note(text, (note.NoteSignature(name, key_id(name, ED25519, small), small + bytes(32)),))
    refuse(
        "note",
        "small-order-key",
        "Under a small-order key anything verifies: the key is refused.",
        zero.to_bytes(),
        "FANAL-E0202",
        keys=line_of,
    )
    mixed = f"{name}+{other.key_id.hex()}+{keys.split('+', 2)[2]}"
    refuse(
        "note",
        "verifier-key-mixed",
        "A verifier key line whose id is of another key.",
        good,
        "FANAL-E0436",
        keys=mixed,
    )


def _checkpoints(out: Collected, world: dict[str, Agency]) -> None:
    ge, tr = world["GE-CUS"], world["TR-CUS"]
    signer, origin = ge.log(), ge.key_name("log1")
    given = {"keys": vkey(signer), "origin": origin}
    good = checkpoint.sign(point(ge), signer)
    empty = Checkpoint(origin, 0, merkle.empty_root())
    more = Checkpoint(origin, 21, point(ge).root, ("ext 1", "ext 2"))
    accept, refuse = out.accept, out.refuse
    accept("checkpoint", "twenty-one-leaves", "A checkpoint over 21 leaves.", good, **given)
    accept("checkpoint", "empty-tree", "A log without leaves.", checkpoint.sign(empty, signer), **given)
    accept(
        "checkpoint",
        "extension-lines",
        "Extension lines are signed and let through.",
        checkpoint.sign(more, signer),
        **given,
    )
    accept(
        "checkpoint",
        "with-cosignatures",
        "Cosignatures do not disturb whoever does not know them.",
        checkpoint.sign(point(ge), signer, [tr.witness(), world["UA-CUS"].witness()]),
        **given,
    )
    text = point(ge).text()
    root = base64.b64encode(point(ge).root)
    texts = {
        "leading-zero": ("A size with a leading zero.", text.replace(b"\n21\n", b"\n021\n")),
        "size-negative": ("A negative size.", text.replace(b"\n21\n", b"\n-21\n")),
        "size-too-large": ("A size of 2^63.", text.replace(b"\n21\n", b"\n%d\n" % 2**63)),
        "root-short": ("A root of 31 bytes.", text.replace(root, base64.b64encode(point(ge).root[:31]))),
        "root-hex": ("A root in hex.", text.replace(root, point(ge).root.hex().encode())),
        "no-root": ("Two lines only.", text.rsplit(b"\n", 2)[0] + b"\n"),
        "empty-extension": ("An empty extension line.", text + b"\nlast\n"),
    }
    for name, (what, changed) in texts.items():
        refuse("checkpoint", name, what, _signed(changed, signer), "FANAL-E0440", **given)
    foreign = Ed25519Signer(origin, tr.seed("log"), ed25519.public_of(tr.seed("log")))
    refuse(
        "checkpoint",
        "other-log",
        "The checkpoint of another log, asked for as this one.",
        checkpoint.sign(point(tr), tr.log()),
        "FANAL-E0434",
        keys=vkey(tr.log()),
        origin=origin,
    )
    refuse(
        "checkpoint",
        "origin-not-the-key-s",
        "Signed by this log's key over another log's text.",
        _signed(point(ge, role="log2").text(), signer),
        "FANAL-E0441",
        **given,
    )
    refuse(
        "checkpoint",
        "foreign-key-same-name",
        "Another agency's key under this log's name.",
        _signed(text, foreign),
        "FANAL-E0434",
        **given,
    )
    refuse(
        "checkpoint",
        "size-changed",
        "The size changed after signing.",
        good.replace(b"\n21\n", b"\n22\n"),
        "FANAL-E0432",
        **given,
    )
    refuse(
        "checkpoint",
        "witness-line-for-log",
        "A witness's cosignature is no signature of the log.",
        _signed(text, ge.witness()),
        "FANAL-E0434",
        **given,
    )


def _cosigned(out: Collected, world: dict[str, Agency]) -> None:
    ge, tr = world["GE-CUS"], world["TR-CUS"]
    witness = tr.witness(NOW)
    key = CosignatureVerifier(witness.name, witness.public_key).vkey()
    good = checkpoint.sign(point(ge), ge.log(), [witness])
    accept, refuse, text = out.accept, out.refuse, point(ge).text()
    accept("cosignature", "ed25519", "A witness's cosignature with its time.", good, witness=key)
    blob = witness.sign(text)
    later = (NOW + 60).to_bytes(8, "big") + blob[8:]
    far = (2**63).to_bytes(8, "big") + blob[8:]
    plain = Ed25519Signer(witness.name, witness.seed, witness.public_key).sign(text)
    bad = {
        "time-changed": ("The time moved by a minute.", later, "FANAL-E0432"),
        "time-far-future": ("A time of 2^63 seconds.", far, "FANAL-E0432"),
        "without-time": ("A plain signature of the witness's key, without time.", plain, "FANAL-E0432"),
        "plain-signature-dressed-up": (
            "A plain signature behind eight bytes of time.",
            blob[:8] + plain,
            "FANAL-E0432",
        ),
    }
    for name, (what, data, error) in bad.items():
        line_of = note.NoteSignature(witness.name, witness.key_id, data).line()
        refuse("cosignature", name, what, checkpoint.sign(point(ge), ge.log()) + line_of, error, witness=key)
    moved = good.replace(b"\n21\n", b"\n20\n")
    refuse(
        "cosignature",
        "over-another-size",
        "A cosignature moved to another size.",
        moved,
        "FANAL-E0432",
        witness=key,
    )
    refuse(
        "cosignature",
        "not-there",
        "A note that this witness never cosigned.",
        checkpoint.sign(point(ge), ge.log()),
        "FANAL-E0434",
        witness=key,
    )
    anchor = ge.anchor(NOW)
    anchor_key = AnchorVerifier(anchor.name, anchor.public_key).vkey()
    anchored = checkpoint.sign(point(ge), ge.log(), [anchor])
    accept(
        "anchor", "ml-dsa-44", "A post-quantum anchor of the log's own agency.", anchored, anchor=anchor_key
    )
    refuse(
        "anchor",
        "over-another-size",
        "An anchor moved to another size.",
        anchored.replace(b"\n21\n", b"\n20\n"),
        "FANAL-E0432",
        anchor=anchor_key,
    )
    refuse("anchor", "not-there", "A checkpoint without an anchor.", good, "FANAL-E0434", anchor=anchor_key)


def _offers(out: Collected, world: dict[str, Agency]) -> None:
    ge = world["GE-CUS"]
    signer, node = ge.log(), lambda level, i: merkle.root_of(HASHES[i << level : (i + 1) << level])
    given: dict[str, object] = {"agency": "GE-CUS", "keys": vkey(signer)}
    held: dict[str, object] = {"held_size": 8, "held_root": merkle.root_of(HASHES[:8])}
    proof = b"".join(tree.consistency_proof(8, 21, node))
    note_21 = checkpoint.sign(point(ge), signer)
    out.accept(
        "offer",
        "first-seen",
        "A witness that holds nothing takes the first checkpoint.",
        note_21,
        **given,
        held_size=0,
        old_size=0,
    )
    out.accept(
        "offer",
        "grown",
        "Consistent with the head held: cosign.",
        note_21,
        **given,
        **held,
        old_size=8,
        proof=proof,
    )
    out.accept(
        "offer",
        "other-old-size",
        "The offer starts elsewhere: say what is held.",
        note_21,
        **given,
        **held,
        old_size=5,
        proof=proof,
    )
    out.accept(
        "offer",
        "smaller-than-held",
        "A smaller checkpoint may be late: say what is held.",
        checkpoint.sign(point(ge, 5), signer),
        **given,
        **held,
        old_size=0,
    )
    _offers_refused(out, ge, given, held, proof)


def _offers_refused(
    out: Collected, ge: Agency, given: dict[str, object], held: dict[str, object], proof: bytes
) -> None:
    signer = ge.log()
    note_21 = checkpoint.sign(point(ge), signer)
    out.refuse(
        "offer",
        "not-consistent",
        "The log does not go on from the head held.",
        note_21,
        "FANAL-E0453",
        **given,
        held_size=8,
        held_root=bytes(32),
        old_size=8,
        proof=proof,
    )
    out.refuse(
        "offer",
        "two-roots",
        "Another root at the size held: a fork.",
        note_21,
        "FANAL-E0452",
        **given,
        held_size=21,
        held_root=bytes(32),
        old_size=21,
    )
    out.refuse(
        "offer",
        "old-size-larger",
        "An old size above the checkpoint's.",
        note_21,
        "FANAL-E0454",
        **given,
        **held,
        old_size=22,
    )
    other = Checkpoint("example.com/log", 21, point(ge).root)
    stranger = Ed25519Signer(other.origin, signer.seed, signer.public_key)
    out.refuse(
        "offer",
        "unknown-origin",
        "A log that the agency never registered.",
        checkpoint.sign(other, stranger),
        "FANAL-E0451",
        **given,
        **held,
        old_size=8,
    )
