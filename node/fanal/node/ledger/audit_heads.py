# SPDX-License-Identifier: Apache-2.0
"""The heads of others' logs that an audited agency vouched for, and the incarnations of its own lanes.

Promise: a stored head is what its log's key signed, and none that a leaf tells of is missing or older; the
incarnations follow each other, and no lane of the agency's own is of another.
"""

from __future__ import annotations

from collections.abc import Mapping

from fanal.errors import VerificationError
from fanal.i18n import _, translate
from fanal.node.ledger.audit_entries import failed, passed, undecided
from fanal.node.ledger.audit_trust import Trusted
from fanal.node.ledger.readonly import LedgerView
from fanal.proof import note as notes
from fanal.proof.audit import Check
from fanal.proof.checkpoint import log_number, parse_text

HEADS = "peers.heads"
INCARNATIONS = "incarnations"

_NOT_ITS = _("The row of the head of {origin} says another size, root or agency than its signed text.")
_NO_HEAD = _("Leaf {index} tells of a head of {agency}'s log {number} of size {size}; none so new is here.")
_NO_KEY = _("No identity document here names a key for {origin}, whose head is stored.")
_ORDER = _("Incarnation {incarnation} does not name the one before it.")
_UNKNOWN = _("A lane of {agency} is of incarnation {incarnation}, which is not among its own.")


def check_peer_heads(
    view: LedgerView, trusted: Trusted, told: Mapping[tuple[str, int], tuple[int, int]]
) -> Check:
    """Each stored head against its note, its log's key and the newest leaf about that log (``told``)."""
    held: dict[tuple[str, int], int] = {}
    doubt: Check | None = None
    for row in view.peer_checkpoints():
        text = notes.parse(row.note)
        point = parse_text(text.text)
        if (point.origin, point.size, point.root) != (row.origin, row.size, row.root) or (
            point.origin.split("/")[2:3] != [row.agency]
        ):
            return failed(HEADS, point.origin, row.origin, translate(_NOT_ITS).format(origin=row.origin))
        keys = trusted.keys_of_log(point.origin)
        if not keys:
            doubt = undecided(HEADS, detail=translate(_NO_KEY).format(origin=row.origin))
        else:
            try:
                notes.verify(text, keys)
            except VerificationError as error:
                return failed(HEADS, row.origin, "", error.sentence)
        held[row.agency, log_number(row.origin)] = row.size
    for (agency, number), (index, size) in told.items():
        if held.get((agency, number), -1) < size:
            facts = {"index": index, "agency": agency, "number": number, "size": size}
            return failed(HEADS, str(size), "", translate(_NO_HEAD).format_map(facts))
    return doubt or passed(HEADS, found=str(len(held)))


def check_incarnations(view: LedgerView, agency: str) -> Check:
    """Each names the one before it, the first one none; the agency's own lanes are of these."""
    before, known = b"", set[bytes]()
    for incarnation, predecessor in view.rows("incarnations", ("incarnation", "predecessor"), "n"):
        if predecessor != before:
            detail = translate(_ORDER).format(incarnation=incarnation.hex())
            return failed(INCARNATIONS, before.hex(), predecessor.hex(), detail)
        before = incarnation
        known.add(incarnation)
    for incarnation in view.own_incarnations(agency) if agency else ():
        if incarnation not in known:
            detail = translate(_UNKNOWN).format(agency=agency, incarnation=incarnation.hex())
            return failed(INCARNATIONS, "", incarnation.hex(), detail)
    return passed(INCARNATIONS, found=str(len(known)))
