# SPDX-License-Identifier: Apache-2.0
"""Cases of the ledger's tree: leaves, inclusion proofs and consistency proofs."""

from __future__ import annotations

from vectorkit.make_base import Collected, flipped
from vectorkit.world import NOW, drawn

from fanal.keys import merkle
from fanal.proof import leaf, tree
from fanal.proof.leaf import Leaf, LeafType

_VALUES: dict[str, object] = {
    "time": NOW,
    "lane": drawn("leaf lane"),
    "incarnation": drawn("leaf incarnation", 16),
    "seq": 12,
    "envelope": drawn("leaf envelope", 16),
    "manifest": drawn("leaf manifest"),
    "author": "GE-CUS",
    "class": "notice",
    "peer": "TR-CUS",
    "kind": "stored",
    "first": 3,
    "last": 12,
    "receipt": drawn("leaf receipt"),
    "actor": drawn("leaf actor", 16),
    "act": "read",
    "detail": drawn("leaf detail"),
    "code": "fanal-e0312",
    "what": "ledger-rolled-back",
    "log": 1,
    "size": 2**63 - 1,
    "root": drawn("leaf root"),
    "note": drawn("leaf note"),
    "basis": "delete-by",
    "state": "pending",
    "scope": "notice",
    "file": drawn("leaf file"),
    "restored": 7,
    "evidence": drawn("leaf evidence"),
}


def line(kind: LeafType, **changes: object) -> bytes:
    """A leaf of this type with every value set."""
    values = {key: changes.get(key, _VALUES[key]) for key in leaf.FIELDS[kind]}
    return leaf.encode(Leaf.of(kind, values))  # type: ignore[arg-type]


def make(out: Collected) -> None:
    _leaves(out)
    leaves = [line(LeafType.ENVELOPE_OUT, seq=number) for number in range(21)]
    _inclusion(out, [merkle.leaf_hash(one) for one in leaves])
    _consistency(out, [merkle.leaf_hash(one) for one in leaves])


def _leaves(out: Collected) -> None:
    for kind in LeafType:
        out.accept("leaf", f"type-{kind.value}", f"A leaf of type {kind.value}.", line(kind))
    bare = {"actor": None, "envelope": None, "peer": None, "detail": None}
    out.accept(
        "leaf",
        "absent-values",
        "Values that are absent are written as a hyphen.",
        line(LeafType.REFUSAL, **bare),
    )
    good, bad = line(LeafType.ENVELOPE_IN), out.refuse
    changes = {
        "no-line-end": ("A leaf without its final LF.", good[:-1], "FANAL-E0421"),
        "cr-lf": ("A leaf that ends in CR LF.", good[:-1] + b"\r\n", "FANAL-E0421"),
        "two-blanks": ("Two blanks between words.", good.replace(b" seq", b"  seq"), "FANAL-E0421"),
        "trailing-byte": ("A byte after the LF.", good + b"\0", "FANAL-E0421"),
        "two-lines": ("Two leaves in one.", good + good, "FANAL-E0421"),
        "upper-case-hex": (
            "Hex in capitals.",
            good.replace(drawn("leaf lane").hex().encode(), drawn("leaf lane").hex().upper().encode()),
            "FANAL-E0422",
        ),
        "leading-zero": ("A number with a leading zero.", good.replace(b"seq=12", b"seq=012"), "FANAL-E0422"),
        "plus-sign": ("A number with a sign.", good.replace(b"seq=12", b"seq=+12"), "FANAL-E0422"),
        "number-too-large": ("A number of 2^63.", good.replace(b"seq=12", b"seq=%d" % 2**63), "FANAL-E0422"),
        "keys-swapped": (
            "Two keys in the other order.",
            good.replace(b"seq=12 envelope=", b"envelope=12 seq="),
            "FANAL-E0421",
        ),
        "key-missing": ("A key is missing.", good.replace(b" seq=12", b""), "FANAL-E0421"),
        "key-unknown": ("A key that the type does not have.", good[:-1] + b" note=x\n", "FANAL-E0421"),
        "type-unknown": (
            "A type that version 1 does not have.",
            good.replace(b"envelope-in", b"gossip"),
            "FANAL-E0421",
        ),
        "version-two": ("A version word of the future.", good.replace(b"/v1", b"/v2"), "FANAL-E0421"),
        "class-unknown": ("A class outside the list.", good.replace(b"=notice", b"=letter"), "FANAL-E0422"),
        "agency-lower-case": (
            "An agency in small letters.",
            good.replace(b"GE-CUS", b"ge-cus"),
            "FANAL-E0422",
        ),
        "time-with-offset": (
            "A time that is not UTC.",
            good.replace(b"Z lane", b"+00:00 lane"),
            "FANAL-E0422",
        ),
        "time-that-is-none": (
            "The 30th of February.",
            good.replace(b"time=2027-01-15", b"time=2027-02-30"),
            "FANAL-E0422",
        ),
        "letter-outside-ascii": (
            "An Arabic digit.",
            good.replace(b"seq=12", "seq=\u0661".encode()),
            "FANAL-E0421",
        ),
        "too-long": ("More than 4,096 bytes.", good[:-1] + b" " * 4096 + b"\n", "FANAL-E0420"),
        "hyphen-where-none-may-be": (
            "A hyphen for a value that is not optional.",
            good.replace(b"peer=TR-CUS", b"peer=-"),
            "FANAL-E0422",
        ),
        "empty": ("No bytes.", b"", "FANAL-E0421"),
    }
    for name, (what, data, error) in changes.items():
        bad("leaf", name, what, data, error)


def _root(hashes: list[bytes], size: int) -> bytes:
    return merkle.root_of(hashes[:size])


def _inclusion(out: Collected, hashes: list[bytes]) -> None:
    for index, size in ((0, 1), (0, 2), (1, 2), (4, 5), (0, 8), (7, 8), (10, 21), (20, 21)):
        path = b"".join(merkle.path_of(hashes[:size], index))
        out.accept(
            "inclusion",
            f"index-{index}-of-{size}",
            f"Leaf {index} stands in the tree of {size} leaves.",
            path,
            index=index,
            size=size,
            leaf_hash=hashes[index],
            root=_root(hashes, size),
        )
    index, size = 10, 21
    path, root = b"".join(merkle.path_of(hashes, index)), _root(hashes, size)
    good = {"index": index, "size": size, "leaf_hash": hashes[index], "root": root}
    bad = {
        "other-leaf": ("Another leaf under a good path.", path, "FANAL-E0404", {"leaf_hash": hashes[11]}),
        "other-index": ("The neighbour's place for this leaf.", path, "FANAL-E0404", {"index": 11}),
        "other-root": ("The root of another size.", path, "FANAL-E0404", {"root": _root(hashes, 20)}),
        "index-at-size": ("A leaf one past the end.", path, "FANAL-E0402", {"index": 21}),
        "path-cut": ("A path without its last hash.", path[:-32], "FANAL-E0403", {}),
        "path-longer": ("A path with one hash more.", path + bytes(32), "FANAL-E0403", {}),
        "hash-cut": ("A path whose last hash is 31 bytes long.", path[:-1], "FANAL-E0405", {}),
        "path-reversed": (
            "A path from the root down.",
            b"".join(reversed(merkle.path_of(hashes, index))),
            "FANAL-E0404",
            {},
        ),
        "bit-flipped": ("One bit of the path flipped.", flipped(path, 700), "FANAL-E0404", {}),
        "inner-node-as-leaf": (
            "An inner node in the place of a leaf (second preimage).",
            path[32:],
            "FANAL-E0403",
            {"leaf_hash": merkle.node_hash(hashes[10], hashes[11])},
        ),
        "empty-tree": ("A leaf in the tree that has none.", b"", "FANAL-E0402", {"index": 0, "size": 0}),
    }
    for name, (what, data, error, changes) in bad.items():
        out.refuse("inclusion", name, what, data, error, **(good | changes))


def _nodes(hashes: list[bytes]) -> tree.NodeSource:
    def node(level: int, index: int) -> bytes:
        return merkle.root_of(hashes[index << level : (index + 1) << level])

    return node


def _consistency(out: Collected, hashes: list[bytes]) -> None:
    node = _nodes(hashes)
    for old, new in ((0, 5), (1, 2), (3, 7), (4, 8), (6, 8), (8, 21), (13, 21), (21, 21)):
        proof = b"".join(tree.consistency_proof(old, new, node))
        out.accept(
            "consistency",
            f"from-{old}-to-{new}",
            f"The tree of {old} leaves grew into that of {new}.",
            proof,
            old=old,
            new=new,
            old_root=_root(hashes, old),
            new_root=_root(hashes, new),
        )
    old, new = 6, 21
    proof = b"".join(tree.consistency_proof(old, new, node))
    good = {"old": old, "new": new, "old_root": _root(hashes, old), "new_root": _root(hashes, new)}
    rewritten = [*hashes[:2], hashes[20], *hashes[3:]]
    bad = {
        "history-rewritten": (
            "A log that changed its third leaf, with its own proof.",
            b"".join(tree.consistency_proof(old, new, _nodes(rewritten))),
            "FANAL-E0411",
            {"new_root": _root(rewritten, new)},
        ),
        "old-root-of-another": (
            "An old root that was never that of six leaves.",
            proof,
            "FANAL-E0411",
            {"old_root": _root(hashes, 5)},
        ),
        "new-root-of-another": (
            "A new root of another size.",
            proof,
            "FANAL-E0404",
            {"new_root": _root(hashes, 20)},
        ),
        "shrunk": ("A log that became shorter.", proof, "FANAL-E0410", {"old": 21, "new": 6}),
        "proof-cut": ("A proof without its last hash.", proof[:-32], "FANAL-E0403", {}),
        "proof-longer": ("A proof with one hash more.", proof + bytes(32), "FANAL-E0403", {}),
        "one-size-two-roots": (
            "Two roots at one size are a fork.",
            b"",
            "FANAL-E0411",
            {"old": 21, "new": 21, "old_root": _root(rewritten, 21)},
        ),
        "bit-flipped": ("One bit of the proof flipped.", flipped(proof, 3), "FANAL-E0411", {}),
        "from-empty-wrong-root": (
            "Size zero with a root that is not SHA-256 of nothing.",
            b"",
            "FANAL-E0411",
            {"old": 0, "old_root": bytes(32)},
        ),
    }
    for name, (what, data, error, changes) in bad.items():
        out.refuse("consistency", name, what, data, error, **(good | changes))
