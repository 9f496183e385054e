# SPDX-License-Identifier: Apache-2.0
"""Charters and identity documents: ahead of everything else, because the rest is judged by them.

Hello tells each side what the other holds; whoever holds the newer document sends it. Two charters of one
version, or two identities of one serial, are asked for so that both end up where the fork proof is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fanal.errors import FanalError
from fanal.node.gossip.actions import LoadDocuments, TakeDocuments
from fanal.node.gossip.errors import TOO_MUCH_UNANSWERED
from fanal.node.gossip.events import DocumentsMissing, DocumentsTaken, Heads, LoadedDocuments
from fanal.node.gossip.limits import GossipLimits
from fanal.node.gossip.peer_state import PeerState, Session
from fanal.node.gossip.state import State
from fanal.v1 import identity_pb2, peer_pb2

DOCUMENT_FRAME_BYTES = 512 * 1024
HOLDERS_ASKED = 3


def offer(state: State, peer: PeerState, session: Session) -> None:
    """Send the peer every document in which it is behind."""
    mine, theirs = state.heads, session.heads
    after = theirs.charter_version if theirs.charter_version < mine.charter_version else None
    newer = sorted(
        agency
        for agency, (serial, _) in mine.identities.items()
        if serial > theirs.identities.get(agency, (0, b""))[0]
    )
    if after is None and not newer:
        return
    session.heads = _merged(theirs, mine)
    _load(state, peer, session, after, newer)


def compare(state: State, peer: PeerState, session: Session) -> None:
    """A link came up: offer what is newer here, ask for what contradicts ours."""
    mine, theirs = state.heads, session.heads
    forked = 0 < theirs.charter_version == mine.charter_version
    forked = forked and theirs.charter_sha256 != mine.charter_sha256
    agencies = [
        agency
        for agency, (serial, sha256) in theirs.identities.items()
        if agency in mine.identities and mine.identities[agency][0] == serial
        if mine.identities[agency][1] != sha256
    ]
    if forked or agencies:
        after = mine.charter_version - 1 if forked else mine.charter_version
        _want(state, peer, after, sorted(agencies))
    offer(state, peer, session)


def taken(state: State, event: DocumentsTaken) -> None:
    """This node holds newer documents: pass them on."""
    link = state.link_of(event.source)
    if link is not None:
        link[1].taking.discard(event.request)
        link[1].heads = _merged(link[1].heads, _changes(state.heads, event.heads))
    state.heads = event.heads
    for peer, session in state.linked():
        offer(state, peer, session)


def missing(state: State, event: DocumentsMissing) -> None:
    """An envelope waits for a document: ask those peers who are ahead, else the most helpful ones."""
    links = state.by_score()
    ahead = [peer for peer, session in links if _is_ahead(state.heads, session.heads, event)]
    for peer in (ahead or [peer for peer, _ in links])[:HOLDERS_ASKED]:
        agencies = sorted(event.agencies)[: state.limits.documents_per_frame]
        _want(state, peer, state.heads.charter_version, agencies)


def wanted(state: State, peer: PeerState, session: Session, frame: peer_pb2.WantDocuments) -> None:
    """The peer asks for documents: one reading at a time, the rest of a flood is dropped."""
    if len(session.document_loads) < state.limits.documents_outstanding:
        _load(state, peer, session, frame.charters_after, sorted(set(frame.identities_of)))


def loaded(state: State, event: LoadedDocuments) -> None:
    """Send what was read, charters first."""
    link = state.link_of(event.peer)
    if link is None or event.request not in link[1].document_loads:
        return
    link[1].document_loads.discard(event.request)
    for frame in frames_of(event.charters, event.identities, state.limits):
        state.send(event.peer, frame)


def received(state: State, peer: PeerState, session: Session, frame: peer_pb2.Documents) -> None:
    """Hand documents to be verified; a peer that floods them is cut."""
    if len(session.taking) >= state.limits.documents_outstanding:
        what, limit = "frames of documents", state.limits.documents_outstanding
        state.cut(peer.name, FanalError(TOO_MUCH_UNANSWERED, peer=peer.name, what=what, limit=limit))
        return
    if frame.charters or frame.identities:
        request = state.request()
        session.taking.add(request)
        state.out.append(TakeDocuments(peer.name, request, tuple(frame.charters), tuple(frame.identities)))


def _load(
    state: State, peer: PeerState, session: Session, after: int | None, agencies: Iterable[str]
) -> None:
    request = state.request()
    session.document_loads.add(request)
    state.out.append(LoadDocuments(peer.name, request, after, tuple(agencies)))


def _want(state: State, peer: PeerState, after: int, agencies: list[str]) -> None:
    frame = peer_pb2.WantDocuments(charters_after=after, identities_of=agencies)
    state.send(peer.name, peer_pb2.Frame(want_documents=frame))


def frames_of(
    charters: Iterable[identity_pb2.SignedDocument],
    identities: Iterable[identity_pb2.SignedDocument],
    limits: GossipLimits,
) -> Iterator[peer_pb2.Frame]:
    """Documents in as few frames as hold them, charters first."""
    frame, size = peer_pb2.Documents(), 0
    for is_charter, document in [*((True, one) for one in charters), *((False, one) for one in identities)]:
        length = document.ByteSize()
        full = len(frame.charters) + len(frame.identities) >= limits.documents_per_frame
        if size and (full or size + length > DOCUMENT_FRAME_BYTES):
            yield peer_pb2.Frame(documents=frame)
            frame, size = peer_pb2.Documents(), 0
        (frame.charters if is_charter else frame.identities).append(document)
        size += length
    if size:
        yield peer_pb2.Frame(documents=frame)


def _merged(theirs: Heads, news: Heads) -> Heads:
    """What the peer holds once it has taken the news."""
    identities = dict(theirs.identities)
    for agency, head in news.identities.items():
        if head[0] > identities.get(agency, (0, b""))[0]:
            identities[agency] = head
    if news.charter_version > theirs.charter_version:
        return Heads(news.charter_version, news.charter_sha256, identities)
    return Heads(theirs.charter_version, theirs.charter_sha256, identities)


def _changes(before: Heads, after: Heads) -> Heads:
    changed = {a: head for a, head in after.identities.items() if before.identities.get(a) != head}
    grown = after.charter_version > before.charter_version
    return Heads(after.charter_version if grown else 0, after.charter_sha256 if grown else b"", changed)


def _is_ahead(mine: Heads, theirs: Heads, event: DocumentsMissing) -> bool:
    if event.charter and theirs.charter_version > mine.charter_version:
        return True
    return any(
        theirs.identities.get(agency, (0, b""))[0] > mine.identities.get(agency, (0, b""))[0]
        for agency in event.agencies
    )
