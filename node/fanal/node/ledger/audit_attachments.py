# SPDX-License-Identifier: Apache-2.0
"""The part of an audit that looks at the files of attachments: each is what its name says.

An attachment that has not arrived yet is no fault, and is counted; one that the ledger has as arrived, or
that this agency sent itself, and that is not there, is a doubt: a file can be lost, and its notice stands. A
file that is not what the author signed for, or that is there although its notice was erased, fails.
"""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import DecodeError

from fanal.envelope.pieces import PIECE, Pieces
from fanal.i18n import _, translate
from fanal.node.attachments.folder import NAME, UPLOADS
from fanal.node.ledger.audit_entries import First, failed, passed, undecided
from fanal.node.ledger.readonly import LedgerView
from fanal.node.ledger.rows import EntryRow
from fanal.proof.audit import Check
from fanal.v1.envelope_pb2 import EnvelopeClass, Manifest

FILES = "entries.attachments"

_ALTERED = _("The file of attachment {name} is not what the author of envelope {envelope} signed for.")
_LOST = _("The file of attachment {name} of envelope {envelope} is not here any more.")
_STILL = _("Envelope {envelope} was erased, and the file of its attachment {name} is here.")
_WAITING = _("{count} not here yet")


def check_attachments(view: LedgerView) -> Check:
    """Every attachment of every notice, read from end to end."""
    result, count, waiting, folder = First(FILES), 0, 0, view.path.parent / NAME
    kept = {name for row in view.entries() if row.body is not None for name in _names(row)}
    for row in view.entries():
        arrived = view.arrived_attachments(row.arrival)
        for name in _names(row):
            facts = {"name": name.hex(), "envelope": row.envelope_id.hex()}
            file = next((one for one in _places(folder, name) if one.is_file()), None)
            if row.body is None:
                if file is not None and name not in kept:
                    result.note(failed(FILES, "", name.hex(), translate(_STILL).format_map(facts)))
            elif file is not None:
                count += 1
                found = _name_of(file)
                if found != name:
                    detail = translate(_ALTERED).format_map(facts)
                    result.note(failed(FILES, name.hex(), found.hex(), detail))
            elif name in arrived or not row.source:
                result.note(undecided(FILES, name.hex(), "", translate(_LOST).format_map(facts)))
            else:
                waiting += 1
    found_all = result.result(count)
    if found_all.status.value == "passed" and waiting:
        return passed(FILES, found=str(count), detail=translate(_WAITING).format(count=waiting))
    return found_all


def _names(row: EntryRow) -> list[bytes]:
    """As signed; what cannot be read is reported as entries.signature."""
    if row.klass != EnvelopeClass.NOTICE:
        return []
    try:
        return list(Manifest.FromString(row.manifest).attachments)
    except DecodeError:
        return []


def _places(folder: Path, name: bytes) -> tuple[Path, Path]:
    return folder / name.hex(), folder / UPLOADS / name.hex()


def _name_of(file: Path) -> bytes:
    pieces = Pieces()
    with file.open("rb") as opened:
        while data := opened.read(PIECE):
            pieces.feed(data)
    return pieces.name()
