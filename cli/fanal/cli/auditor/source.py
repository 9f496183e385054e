# SPDX-License-Identifier: Apache-2.0
"""What an auditor points at: a data folder, an agency's folder, or an export of a ledger; read only.

The network id is what the auditor brings. Only for the data folder of the agency that runs the command its
own charter 1 is brought instead: whoever asks there has founded or joined that network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.errors import BAD_CHOICE
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.node.ledger.readonly import LedgerView

NETWORK_HEX = 64


@dataclass(frozen=True)
class Ledger:
    """An open ledger: where it is, whose it should be ("" if nobody said), and the network brought."""

    path: Path
    view: LedgerView
    agency: str
    network: bytes | None


@contextmanager
def ledger_at(
    session: Session, given: str | None, agency: str = "", network: bytes | None = None
) -> Iterator[Ledger]:
    """Open what was named, else this agency's own ledger. Raises FanalError when it is no ledger."""
    from fanal.node.ledger.exported import open_export
    from fanal.node.ledger.readonly import open_readonly

    path, own = data_of(session, given)
    view = open_export(path) if path.is_file() else open_readonly(path)
    try:
        if own:
            agency = agency or session.settings.agency
            network = network or _founded(session)
        yield Ledger(path, view, agency, network)
    finally:
        view.close()


def data_of(session: Session, given: str | None) -> tuple[Path, bool]:
    """The data folder or the file, and whether it is that of FANAL_HOME. Raises STORE_MISSING when nothing
    is where ``given`` points."""
    from fanal.node.errors import STORE_MISSING

    if given is None:
        return session.settings.data, True
    path = Path(given)
    if not path.exists():
        raise FanalError(STORE_MISSING, path=given)
    if (path / "fanal.toml").is_file() and (path / "data").is_dir():
        path = path / "data"
    return path, _is_own(session, path)


def _is_own(session: Session, path: Path) -> bool:
    if not session.home.settings_file.is_file():
        return False
    try:
        return path.resolve() == session.settings.data.resolve()
    except FanalError:
        return False


def _founded(session: Session) -> bytes | None:
    """The id of the network as this agency's own folder holds its charter 1."""
    from fanal.keys.documents import body_sha256, decode_document

    try:
        return body_sha256(decode_document(session.home.charter_file(1).read_bytes()))
    except (OSError, FanalError):
        return None


def network_id(text: str | None) -> bytes | None:
    """The id as 64 hex digits, blanks allowed as on paper. Raises BAD_CHOICE."""
    if text is None:
        return None
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != hashlib.sha256().digest_size:
        choices = say(_("{count} hexadecimal digits"), count=NETWORK_HEX)
        raise FanalError(BAD_CHOICE, value=repr(text)[:80], what=say(_("network id")), choices=choices)
    return found
