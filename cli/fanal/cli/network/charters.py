# SPDX-License-Identifier: Apache-2.0
"""The charter on the officer's side: the chain the node shows is verified here, never taken on its word.

The anchor is charter 1 in the agency's folder (its hash is the network id). What was seen once is kept there,
so that a node that is rolled back or replaced cannot show this officer an older or another network.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.errors import DOCUMENT_UNREADABLE, NO_CHARTER, WRONG_NETWORK
from fanal.config.files import read_bounded
from fanal.errors import FanalError, VerificationError
from fanal.keys.charter import CharterView, first_charter, update_charter, view_of
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.files import write_private
from fanal.v1.identity_pb2 import SignedDocument

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.config.home import Home

DOCUMENT_LIMIT = 8 * 1024 * 1024


def read_document(path: Path) -> SignedDocument:
    """A stored document, strictly decoded; no signature is verified. VerificationError names the file."""
    data = read_bounded(path, DOCUMENT_LIMIT)
    try:
        return decode_document(data)
    except VerificationError as error:
        raise VerificationError(DOCUMENT_UNREADABLE, path=str(path)) from error


def verify_chain(documents: Sequence[SignedDocument], network: bytes | None = None) -> CharterView:
    """The newest charter of a chain that starts at version 1. Raises VerificationError at the first flaw."""
    view = first_charter(documents[0], network)
    for document in documents[1:]:
        view = update_charter(view, document)
    return view


def held(home: Home) -> tuple[SignedDocument, ...]:
    """The charters in the agency's folder, version 1 first. FanalError NO_CHARTER when there is none."""
    documents = tuple(read_document(path) for path in home.require().charter_files())
    if not documents:
        raise FanalError(NO_CHARTER)
    return documents


def in_force(session: Session) -> CharterView:
    """The newest charter the node holds, verified from the anchor on, and remembered.

    Raises FanalError NO_CHARTER, or VerificationError WRONG_NETWORK when the node's chain leaves ours.
    """
    from fanal.v1.officer_pb2 import GetCharterReply, GetCharterRequest

    ours = held(session.home)
    reply = session.client.call("GetCharter", GetCharterRequest(), GetCharterReply)
    theirs = list(reply.charters)
    for mine, shown in zip(ours, theirs, strict=False):
        if mine.body != shown.body:
            raise VerificationError(WRONG_NETWORK)
    if len(theirs) < len(ours):
        return verify_chain(ours)
    view = verify_chain(theirs)
    remember(session.home, theirs[len(ours) :], first=len(ours) + 1)
    return view


def named(session: Session, network: bytes, version: int, sha256: bytes) -> CharterView:
    """The charter a node acts under, as verified here: our newest if it is that one, else fetched.

    Raises VerificationError WRONG_NETWORK when it is none of our chain.
    """
    files = session.home.require().charter_files()
    if not files:
        raise FanalError(NO_CHARTER)
    mine = view_of(read_document(files[-1]))  # verified before it was remembered
    view = mine if mine.sha256 == sha256 else in_force(session)
    if (view.network, view.version, view.sha256) != (network, version, sha256):
        raise VerificationError(WRONG_NETWORK)
    return view


def remember(home: Home, documents: Iterable[SignedDocument], first: int) -> None:
    """Keeps verified charters in the folder; one that cannot be written is fetched again next time."""
    for version, document in enumerate(documents, first):
        with contextlib.suppress(FanalError):
            write_private(home.charter_file(version), encode_document(document), replace=False)
