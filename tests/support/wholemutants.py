# SPDX-License-Identifier: Apache-2.0
"""Ways to break a node, one promise each, put in at run time: whole nodes under faults must show each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any

import pytest

from fanal.errors import FanalError
from fanal.node.arrival import offered
from fanal.node.courier import form, gather, importing, remembered
from fanal.node.courier.form import Opened
from fanal.node.forks import returned
from fanal.node.gossip import documents, entitlement
from fanal.node.gossip.ranges import Ranges
from fanal.node.inbox.interface import Filing, Recall
from fanal.node.lanes.written import Written
from fanal.node.node import Node
from fanal.node.receipts import issuing, keyless
from fanal.node.retention import recall
from fanal.node.witness import attending, standing
from fanal.node.witness.attending import Attended
from fanal.v1 import envelope_pb2, peer_pb2

Mutant = Callable[[pytest.MonkeyPatch], None]


def _nothing_written(*_args: Any, **_named: Any) -> Written:
    return Written()


# --- courier files


def take_a_file_that_was_cut(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(form, "hash_to", _any_seal)
    patch.setattr(Opened, "check_signature", lambda self, public: None)
    patch.setattr(Opened, "frames", _whole_frames)


class _AnySeal:
    """Digests that are what the file says."""

    def __init__(self, file: IO[bytes], stop: int) -> None:
        file.seek(stop)
        self._said = file.read(32)
        file.seek(stop)

    def digest(self) -> bytes:
        return self._said

    def update(self, data: bytes) -> None:
        pass


def _any_seal(file: IO[bytes], stop: int) -> Any:
    return _AnySeal(file, stop)


_frames = Opened.frames


def _whole_frames(self: Opened) -> Iterator[tuple[str, peer_pb2.Frame]]:
    try:
        yield from _frames(self)
    except FanalError:
        return


def take_a_file_for_somebody_else(patch: pytest.MonkeyPatch) -> None:
    proper = importing.verified

    def any_addressee(node: Any, file: IO[bytes]) -> Opened:
        try:
            return proper(node, file)
        except FanalError as error:
            if error.kind is not importing.OTHER_ADDRESSEE:
                raise
            return form.opened(file)

    patch.setattr(importing, "verified", any_addressee)


def export_no_receipts(patch: pytest.MonkeyPatch) -> None:
    proper = gather._entry_frames

    def told(entries: Any) -> Any:
        return proper([one for one in entries if one.klass != envelope_pb2.EnvelopeClass.RECEIPT])

    patch.setattr(gather, "_entry_frames", told)


def take_what_was_packed_for_delivered(patch: pytest.MonkeyPatch) -> None:
    def all_of_it(_node: Any, peer: Any, streams: Any) -> dict[Any, Ranges]:
        return {key: stream.held for key, stream in streams.items()} if peer.sent else {}

    patch.setattr(remembered, "told", all_of_it)


def import_without_wraps(patch: pytest.MonkeyPatch) -> None:
    proper = importing._Taking._receive
    patch.setattr(importing._Taking, "_receive", lambda self, _wraps: proper(self, ()))


# --- receipts and withdrawals


def issue_no_receipts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(issuing, "issue_coverage", _nothing_written)


def tell_nobody_that_the_key_came(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(keyless, "issue_opened", _nothing_written)


def tell_nobody_that_it_was_read(patch: pytest.MonkeyPatch) -> None:
    proper = issuing.issue

    def quiet(node: Any, author: str, receipts: Any, *args: Any, **named: Any) -> Written:
        return Written() if receipts.read else proper(node, author, receipts, *args, **named)

    patch.setattr(issuing, "issue", quiet)


def answer_no_recall(patch: pytest.MonkeyPatch) -> None:
    def mark(node: Any, told: Recall, outcome: str, *_rest: Any) -> Written:
        node.vault.answer(replace(told, outcome=outcome, answered=node.now))
        return Written()

    patch.setattr(recall, "_tell", mark)


def comply_without_erasing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recall, "_delete", lambda node: None)


def take_no_place_whose_content_is_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offered, "final", lambda node, verified: not offered.is_manifest_only(verified.received))


# --- logs and places


def cosign_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attending, "attend", lambda node, peer, offer: Attended())


def go_on_in_the_incarnation_of_the_last_run(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "incarnation", lambda node: node.ledger.head().incarnation)


# --- who is in charge


def take_what_came_while_locked_for_filed(patch: pytest.MonkeyPatch) -> None:
    proper = Node.unlock

    def unlock(self: Node, keys: Any) -> None:
        was_locked = self.locked
        proper(self, keys)
        if was_locked:
            self.vault.file(Filing(cursor=self.ledger.head().entries))

    patch.setattr(Node, "unlock", unlock)


def tell_nobody_of_new_documents(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "offer", lambda *_args: None)


def carry_nothing_for_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entitlement, "is_relay_of", lambda *_args: False)


def say_nothing_of_what_was_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(returned, "noted", lambda node, rows: ((), ()))


MUTANTS: tuple[Mutant, ...] = (
    take_a_file_that_was_cut,
    take_a_file_for_somebody_else,
    export_no_receipts,
    take_what_was_packed_for_delivered,
    import_without_wraps,
    issue_no_receipts,
    tell_nobody_that_the_key_came,
    tell_nobody_that_it_was_read,
    answer_no_recall,
    comply_without_erasing,
    take_no_place_whose_content_is_gone,
    cosign_nothing,
    go_on_in_the_incarnation_of_the_last_run,
    take_what_came_while_locked_for_filed,
    tell_nobody_of_new_documents,
    carry_nothing_for_others,
    say_nothing_of_what_was_given_back,
)
