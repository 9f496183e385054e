# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree against RFC 6962's published vectors and a naive reading of its definitions."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.errors import VerificationError
from fanal.keys import merkle
from fanal.proof import tree

# The eight leaves and the roots and proofs published with Certificate Transparency (merkle tree tests).
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_PATH_LEAF_0_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CT_CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
BIGGEST = 130


class Store:
    """A log as a node keeps it: every complete subtree, and the frontier of every size."""

    def __init__(self, leaves):
        self.nodes, self.frontiers = {}, [tree.Frontier()]
        self.leaves = [tree.leaf_hash(data) for data in leaves]
        for leaf in self.leaves:
            frontier, created = self.frontiers[-1].append(leaf)
            self.frontiers.append(frontier)
            self.nodes.update({(node.level, node.index): node.hash for node in created})
        self.reads = 0

    def node(self, level, index):
        self.reads += 1
        return self.nodes[level, index]

    def root(self, size):
        return self.frontiers[size].root()


@pytest.fixture(scope="module")
def log():
    return Store([b"leaf %d" % i for i in range(BIGGEST)])


@pytest.fixture(scope="module")
def ct():
    return Store(CT_LEAVES)


def mth(leaves):
    """MTH of RFC 6962, 2.1, as written there, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, whole):
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def largest_power_below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def refused(kind_id, call, *args):
    with pytest.raises(VerificationError) as caught:
        call(*args)
    assert caught.value.kind.id == kind_id
    assert "{" not in caught.value.sentence
    return caught.value


def test_published_roots_of_the_eight_leaf_tree(ct):
    """Every size of the published eight-leaf tree has the published root."""
    assert [ct.root(size).hex() for size in range(1, 9)] == CT_ROOTS
    assert tree.empty_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_published_inclusion_and_consistency_proofs(ct):
    """The published proofs come out hash for hash, and verify."""
    inclusion = tree.inclusion_proof(0, 8, ct.node)
    consistency = tree.consistency_proof(6, 8, ct.node)
    assert [value.hex() for value in inclusion] == CT_PATH_LEAF_0_OF_8
    assert [value.hex() for value in consistency] == CT_CONSISTENCY_6_TO_8
    tree.verify_inclusion(ct.leaves[0], 0, 8, inclusion, bytes.fromhex(CT_ROOTS[7]))
    tree.verify_consistency(6, bytes.fromhex(CT_ROOTS[5]), 8, bytes.fromhex(CT_ROOTS[7]), consistency)


def test_every_root_up_to_130_equals_the_definition(log):
    """The incremental tree, the list tree and the definition agree at every size."""
    for size in range(BIGGEST + 1):
        expected = mth(log.leaves[:size])
        assert log.root(size) == expected
        assert merkle.root_of(log.leaves[:size]) == expected
        assert tree.root_at(size, log.node) == expected


def test_every_inclusion_proof_up_to_130_equals_the_definition_and_verifies(log):
    """For every size and index the stored-node proof, the list path and the definition agree."""
    for size in range(1, BIGGEST + 1):
        for index in range(size):
            proof = tree.inclusion_proof(index, size, log.node)
            assert proof == path(index, log.leaves[:size])
            assert proof == merkle.path_of(log.leaves[:size], index)
            tree.verify_inclusion(log.leaves[index], index, size, proof, log.root(size))


def test_every_consistency_proof_up_to_130_equals_the_definition_and_verifies(log):
    """For every pair of sizes the proof is the RFC's and verifies."""
    for new in range(1, BIGGEST + 1):
        for old in range(1, new + 1):
            proof = tree.consistency_proof(old, new, log.node)
            assert proof == subproof(old, log.leaves[:new], True)
            tree.verify_consistency(old, log.root(old), new, log.root(new), proof)


def test_a_proof_reads_only_logarithmically_many_nodes():
    """A proof in a tree of a million leaves reads at most forty stored nodes."""
    reads = []

    def node(level, index):
        reads.append((level, index))
        return bytes(32)

    tree.inclusion_proof(123_456, 999_999, node)
    assert len(reads) <= 40
    reads.clear()
    tree.consistency_proof(123_457, 999_999, node)
    assert len(reads) <= 40


def test_each_complete_subtree_is_handed_out_exactly_once(log):
    """An append yields new nodes only, so a store never rewrites one, and two an append on average."""
    seen, frontier = set(), tree.Frontier()
    for leaf in log.leaves[:128]:
        frontier, created = frontier.append(leaf)
        names = {(node.level, node.index) for node in created}
        assert not names & seen
        seen |= names
    assert len(seen) == 255


def test_the_tree_state_survives_storage_and_goes_on_growing(log):
    """A frontier read back from its bytes or from nodes is the same tree and takes the next leaf."""
    for size in range(BIGGEST):
        again = tree.Frontier.from_bytes(log.frontiers[size].to_bytes())
        assert again == log.frontiers[size] == tree.Frontier.from_nodes(size, log.node)
        assert again.append(log.leaves[size])[0].root() == log.root(size + 1)


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_no_tree_state_or_read_back_exactly(data):
    """Stored state is refused unless its length fits its size and the size is bounded."""
    try:
        state = tree.Frontier.from_bytes(data)
    except VerificationError:
        return
    assert state.to_bytes() == data


def test_a_truncated_or_padded_tree_state_is_refused(log):
    """A tree state that lost or gained a byte, or a hash, is refused by its length."""
    state = log.frontiers[13].to_bytes()
    for bad in (state[:-1], state + b"\0", state[:-32], b"", b"\0" * 7):
        refused("FANAL-E0412", tree.Frontier.from_bytes, bad)
    refused("FANAL-E0412", tree.Frontier, 3, (bytes(32),))
    refused("FANAL-E0405", tree.Frontier, 1, (bytes(31),))


def test_a_tree_cannot_grow_beyond_its_bound():
    """The size is bounded below 2**63, in state, in proofs and in appends."""
    full = tree.Frontier(merkle.MAX_SIZE, (bytes(32),) * 63)
    refused("FANAL-E0401", full.append, bytes(32))
    refused("FANAL-E0401", tree.Frontier.from_bytes, (2**63).to_bytes(8) + bytes(32))
    refused("FANAL-E0401", tree.verify_inclusion, bytes(32), 0, 2**63, [], bytes(32))
    refused("FANAL-E0401", tree.verify_consistency, 1, bytes(32), 2**63, bytes(32), [])
    refused("FANAL-E0401", tree.consistency_proof, -1, 5, lambda level, index: bytes(32))
    refused("FANAL-E0401", tree.root_at, -1, lambda level, index: bytes(32))


def test_the_largest_tree_still_proves_and_verifies():
    """Proofs at the upper bound have 63 hashes at most and verify."""
    size = merkle.MAX_SIZE
    node = lambda level, index: hashlib.sha256(b"%d %d" % (level, index)).digest()  # noqa: E731
    for index in (0, 2**62 - 1, 2**62, size - 1):
        proof = tree.inclusion_proof(index, size, node)
        assert len(proof) <= merkle.MAX_PATH
        assert len(proof) == merkle.path_length(index, size)


def test_swapped_siblings_are_refused(log):
    """Two hashes of a proof in the wrong order lead to another root."""
    proof = tree.inclusion_proof(5, 11, log.node)
    proof[0], proof[1] = proof[1], proof[0]
    error = refused("FANAL-E0404", tree.verify_inclusion, log.leaves[5], 5, 11, proof, log.root(11))
    assert error.facts["expected"] == log.root(11).hex()
    assert error.facts["found"] != error.facts["expected"]


def test_the_proof_of_another_index_is_refused(log):
    """A leaf cannot be passed off at any other index, whatever the tree size."""
    for size in (2, 7, 8, 13):
        for index in range(size):
            proof = tree.inclusion_proof(index, size, log.node)
            for other in set(range(size)) - {index}:
                with pytest.raises(VerificationError):
                    tree.verify_inclusion(log.leaves[index], other, size, proof, log.root(size))


def test_another_leaf_under_the_same_proof_is_refused(log):
    """The proof of one leaf does not carry its neighbour's."""
    proof = tree.inclusion_proof(4, 9, log.node)
    refused("FANAL-E0404", tree.verify_inclusion, log.leaves[5], 4, 9, proof, log.root(9))


def test_a_truncated_or_padded_proof_is_refused(log):
    """A proof with a hash too few or too many is refused before any hashing."""
    proof = tree.inclusion_proof(5, 11, log.node)
    for bad in (proof[:-1], [*proof, bytes(32)], []):
        error = refused("FANAL-E0403", tree.verify_inclusion, log.leaves[5], 5, 11, bad, log.root(11))
        assert error.facts == {"expected": 4, "found": len(bad)}


def test_an_inner_node_passed_off_as_a_leaf_is_refused(log):
    """An inner node with a shortened path is no leaf: the path length gives it away."""
    proof = tree.inclusion_proof(4, 8, log.node)
    refused("FANAL-E0403", tree.verify_inclusion, log.node(1, 2), 4, 8, proof[1:], log.root(8))
    refused("FANAL-E0404", tree.verify_inclusion, log.node(1, 2), 2, 4, proof[1:], log.root(4))


def test_a_larger_or_smaller_size_than_the_tree_is_refused(log):
    """A proof and root of one size are not believed for another where the path has another length.

    Where it has the same, a root proves no size: that is why a checkpoint signs size and root together.
    """
    proof = tree.inclusion_proof(5, 11, log.node)
    for size in (6, 8, 17, 2**62):
        with pytest.raises(VerificationError):
            tree.verify_inclusion(log.leaves[5], 5, size, proof, log.root(11))


def test_an_index_outside_the_tree_is_refused(log):
    """There is no proof for, and none believed of, a leaf that the tree does not have."""
    for index in (-1, 11, 2**70):
        refused("FANAL-E0402", tree.verify_inclusion, log.leaves[0], index, 11, [], log.root(11))
        refused("FANAL-E0402", tree.inclusion_proof, index, 11, log.node)
    refused("FANAL-E0402", merkle.path_of, [], 0)
    refused("FANAL-E0402", tree.verify_inclusion, log.leaves[0], 0, 0, [], tree.empty_root())


def test_hashes_of_a_wrong_length_are_refused(log):
    """31 bytes and a 33-byte neighbour could join into the same input, so each length is checked."""
    proof = tree.inclusion_proof(5, 11, log.node)
    shifted = [proof[0][:-1], proof[0][-1:] + proof[1], *proof[2:]]
    refused("FANAL-E0405", tree.verify_inclusion, log.leaves[5], 5, 11, shifted, log.root(11))
    refused("FANAL-E0405", tree.verify_inclusion, b"", 0, 1, [], log.root(1))
    refused("FANAL-E0405", tree.verify_consistency, 1, b"", 1, b"", [])


def test_a_rewritten_prefix_fails_consistency(log):
    """A log that changed one old leaf has no proof from the old root to its new one."""
    for victim in range(7):
        leaves = [b"leaf %d" % i for i in range(12)]
        leaves[victim] = b"rewritten"
        forged = Store(leaves)
        proof = tree.consistency_proof(7, 12, forged.node)
        error = refused("FANAL-E0411", tree.verify_consistency, 7, log.root(7), 12, forged.root(12), proof)
        assert error.facts["size"] == 7


def test_a_second_root_at_one_size_fails_consistency(log):
    """Two roots signed for one size can never be consistent, with any proof."""
    forged = Store([b"other %d" % i for i in range(9)])
    refused("FANAL-E0411", tree.verify_consistency, 9, log.root(9), 9, forged.root(9), [])
    refused("FANAL-E0403", tree.verify_consistency, 9, log.root(9), 9, forged.root(9), [bytes(32)])


def test_a_shrunken_log_is_refused(log):
    """From a larger to a smaller size nothing is proved: that is a rollback."""
    refused("FANAL-E0410", tree.verify_consistency, 9, log.root(9), 8, log.root(8), [])
    refused("FANAL-E0410", tree.consistency_proof, 9, 8, log.node)


def test_a_truncated_padded_or_altered_consistency_proof_is_refused(log):
    """Every proof with one hash less, more, or changed is refused."""
    for old, new in ((1, 2), (3, 7), (4, 7), (6, 8), (8, 9), (64, 130), (65, 130)):
        proof = tree.consistency_proof(old, new, log.node)
        roots = (old, log.root(old), new, log.root(new))
        refused("FANAL-E0403", tree.verify_consistency, *roots, proof[:-1])
        refused("FANAL-E0403", tree.verify_consistency, *roots, [*proof, bytes(32)])
        for at in range(len(proof)):
            altered = [*proof[:at], bytes(32), *proof[at + 1 :]]
            with pytest.raises(VerificationError):
                tree.verify_consistency(*roots, altered)


def test_the_new_root_is_checked_as_well_as_the_old(log):
    """A proof that leads to the old root but to another new one is refused."""
    proof = tree.consistency_proof(4, 7, log.node)
    refused("FANAL-E0404", tree.verify_consistency, 4, log.root(4), 7, log.root(8), proof)


def test_growth_from_the_empty_tree_needs_the_empty_root(log):
    """Size 0 is consistent with everything, but only under the root of the empty tree."""
    empty = tree.empty_root()
    tree.verify_consistency(0, empty, 5, log.root(5), tree.consistency_proof(0, 5, log.node))
    tree.verify_consistency(0, empty, 0, empty, [])
    refused("FANAL-E0411", tree.verify_consistency, 0, log.root(1), 5, log.root(5), [])
    refused("FANAL-E0404", tree.verify_consistency, 0, empty, 0, log.root(1), [])
    refused("FANAL-E0403", tree.verify_consistency, 0, empty, 5, log.root(5), [bytes(32)])


def test_trees_of_different_domains_share_no_hash():
    """The same leaves under two domains, or none, give different leaves, nodes and empty roots."""
    domains = ["", "fanal/wraps/v1", "fanal/fields/v1"]
    assert len({merkle.leaf_hash(b"x", domain) for domain in domains}) == 3
    assert len({merkle.root_of([bytes(32)] * 2, domain) for domain in domains}) == 3
    assert len({merkle.root_of([], domain) for domain in domains}) == 3


def test_a_path_verifies_in_its_own_domain_only():
    """A path made under one domain is refused under another."""
    leaves = [merkle.leaf_hash(b"%d" % i, "fanal/wraps/v1") for i in range(5)]
    root = merkle.root_of(leaves, "fanal/wraps/v1")
    for index in range(5):
        proof = merkle.path_of(leaves, index, "fanal/wraps/v1")
        merkle.verify_path(leaves[index], index, 5, proof, root, "fanal/wraps/v1")
        refused("FANAL-E0404", merkle.verify_path, leaves[index], index, 5, proof, root, "fanal/fields/v1")


def test_an_overlong_domain_is_a_programming_error():
    """A domain of more than 255 bytes cannot be length-prefixed and is refused."""
    with pytest.raises(ValueError, match="255"):
        merkle.leaf_hash(b"", "d" * 256)
