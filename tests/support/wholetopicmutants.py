# SPDX-License-Identifier: Apache-2.0
"""Ways to break a node in what only some networks have, attached files; and as a log before its witnesses."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from wholemutants import Mutant

from fanal.node.attachments import serving, tending
from fanal.node.desk import attaching
from fanal.node.node import Node
from fanal.node.witness import attending, standing
from fanal.proof import note as notes
from fanal.proof.checkpoint import parse_text
from fanal.v1 import peer_pb2

# --- files


def keep_the_files_of_what_was_withdrawn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tending, "drop", lambda node, entries: None)
    patch.setattr(tending, "sweep", lambda node: None)


def fetch_no_spoilt_file_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(serving, "lost", lambda node, attachment: None)
    patch.setattr(attaching, "lost", lambda node, attachment: None)


# --- roots


def sign_before_a_witness_answered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "may_sign", lambda node: standing.lost_now(node) is None)


def sign_over_a_lost_tail(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "lost_now", lambda node: None)


def tell_nobody_which_head_is_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attending, "head_for", lambda node, peer: peer_pb2.WitnessedHead())


def cosign_a_second_root_for_a_size(patch: pytest.MonkeyPatch) -> None:
    proper = attending.attend

    def attend(node: Node, peer: str, offer: peer_pb2.CheckpointOffer) -> attending.Attended:
        found, signer = proper(node, peer, offer), attending._signer(node)
        if found.answer is not None and found.cosigned and signer is not None:
            point = parse_text(notes.parse(offer.note).text)
            other = replace(point, root=hashlib.sha256(point.root).digest()).text()
            found.answer.lines[:] = [notes.sign(other, [signer]).signatures[0].line().decode()]
        return found

    patch.setattr(attending, "attend", attend)


TOPIC_MUTANTS: tuple[Mutant, ...] = (
    keep_the_files_of_what_was_withdrawn,
    fetch_no_spoilt_file_again,
    sign_before_a_witness_answered,
    sign_over_a_lost_tail,
    tell_nobody_which_head_is_held,
    cosign_a_second_root_for_a_size,
)
