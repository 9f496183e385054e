# SPDX-License-Identifier: Apache-2.0
"""A second copy of every charter, identity document and revocation, in files beside the ledger.

    documents/SHA256.doc      exact SignedDocument bytes, named by the hash of the body

Promise: a copy is only ever asked for by its hash, so an old or foreign file brings nothing back; what is
read is checked against the name. Signatures are for the caller to verify. Modes 0600 and 0700.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fanal.errors import FanalError
from fanal.keys.documents import MAX_DOCUMENT, body_sha256, decode_document
from fanal.keys.files import read_private, write_private
from fanal.node.ledger.database import sync_folder, translated
from fanal.node.ledger.rows import DocumentRow
from fanal.v1.identity_pb2 import SignedDocument

NAME = "documents"


class DocumentCopies:
    """The folder; with no path none at all, and then every document is there once only."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.kept_to = 0
        """Documents of the ledger up to this number were looked at in this run."""

    @property
    def path(self) -> str:
        """Where the files are, for a person."""
        return str(self._folder or NAME)

    def get(self, sha256: bytes) -> SignedDocument | None:
        """The copy of the document with this body hash; None when there is none, or it is damaged too."""
        if self._folder is None:
            return None
        return read_copy(self._file(self._folder, sha256), sha256)

    def missing(self, rows: Iterable[DocumentRow]) -> list[DocumentRow]:
        """Those that have no file here."""
        folder = self._folder
        return [row for row in rows if folder is not None and not self._file(folder, row.sha256).exists()]

    def mend(self, rows: Iterable[DocumentRow]) -> None:
        """As ``keep``, for those that have no file here, or a damaged one."""
        self.keep(row for row in rows if self.get(row.sha256) is None)

    def keep(self, rows: Iterable[DocumentRow]) -> None:
        """Write these; durable on return. The rows are sound."""
        for row in rows if self._folder is not None else ():
            assert self._folder is not None
            self._make(self._folder)
            write_private(self._file(self._folder, row.sha256), row.document, replace=True)

    def _make(self, folder: Path) -> None:
        with translated(folder):
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                sync_folder(folder.parent)

    def _file(self, folder: Path, sha256: bytes) -> Path:
        return folder / f"{sha256.hex()}.doc"


def read_copy(file: Path, sha256: bytes) -> SignedDocument | None:
    """The document in a file if its body has this hash."""
    try:
        document = decode_document(read_private(file, MAX_DOCUMENT))
    except FanalError:
        return None
    return document if body_sha256(document) == sha256 else None
