# SPDX-License-Identifier: Apache-2.0
"""A bundle travels in pieces, and what cannot be handed out is refused before anything is logged."""

from __future__ import annotations

import pytest
from evidencekit import Scene, scene

from fanal.errors import FanalError
from fanal.node.desk import provenlog, proving
from fanal.node.errors import PROOF_TOO_LARGE
from fanal.node.witness.errors import NOTHING_TO_ANCHOR
from fanal.v1 import officer_pb2 as api


@pytest.fixture(scope="module")
def small() -> Scene:
    """A notice to two readers."""
    return scene(("TR-CUS", "AZ-CUS"), seed=11)


def test_the_pieces_are_the_bundle(small: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is larger than the limit; the first one tells name and size; joined they verify."""
    monkeypatch.setattr(proving, "PIECE", 4096)
    host = small.host("GE-CUS")
    pieces = host.desk.prove(host.officer, api.ProveRequest(notice=small.ref))
    small.net.run(120)
    assert len(pieces) > 10
    assert max(len(one.bundle) for one in pieces) == 4096
    bundle = b"".join(one.bundle for one in pieces)
    assert [(one.name, one.size) for one in pieces[:2]] == [(f"{small.ref}.zip", len(bundle)), ("", 0)]
    assert small.report(bundle).verdict.value != "failed"


@pytest.mark.parametrize("limit", ["MAX_BUNDLE", "MAX_FILES"])
def test_what_would_be_too_large_is_refused_and_leaves_no_leaf(
    small: Scene, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """The limit is named, and the log tells of no export that nobody got."""
    host = small.host("GE-CUS")
    monkeypatch.setattr(provenlog, limit, 10)
    before = host.ledger.head().size
    with pytest.raises(FanalError) as refused:
        host.desk.prove(host.officer, api.ProveRequest(notice=small.ref, content=True))
    assert refused.value.kind is PROOF_TOO_LARGE
    assert {"MAX_BUNDLE": "bytes", "MAX_FILES": "files"}[limit] == refused.value.facts["unit"]
    assert host.ledger.head().size == before


@pytest.mark.parametrize("request_", [{}, {"content": True}])
def test_what_is_foreseen_is_never_less_than_what_comes(
    small: Scene, monkeypatch: pytest.MonkeyPatch, request_: dict[str, object]
) -> None:
    """With the size of the real bundle as the limit the same export is refused: the forecast is above it."""
    bundle = small.bundle(**request_)
    monkeypatch.setattr(provenlog, "MAX_BUNDLE", len(bundle))
    host = small.host("GE-CUS")
    with pytest.raises(FanalError) as refused:
        host.desk.prove(host.officer, api.ProveRequest(notice=small.ref, **request_))  # type: ignore[arg-type]
    assert refused.value.kind is PROOF_TOO_LARGE


def test_without_a_checkpoint_nothing_is_logged(small: Scene) -> None:
    """A node that may sign no checkpoint now refuses before it writes that something was exported."""
    host = small.host("AZ-CUS")
    host.node.standing.answered = False
    before = host.ledger.head().size
    try:
        with pytest.raises(FanalError) as refused:
            host.desk.prove(host.officer, api.ProveRequest(notice=small.ref))
    finally:
        host.node.standing.answered = True
    assert refused.value.kind is NOTHING_TO_ANCHOR
    assert host.ledger.head().size == before
