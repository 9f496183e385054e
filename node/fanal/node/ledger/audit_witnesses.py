# SPDX-License-Identifier: Apache-2.0
"""Who stands behind the checkpoints of an audited ledger, and the forks it keeps.

Promise: agencies are counted by the charter's own rule, never lines; too few leave the check undecided and
never failed. A fork of the audited agency's own lane fails its audit; one of another's is that agency's.
"""

from __future__ import annotations

from fanal.errors import FanalError
from fanal.i18n import _, translate
from fanal.node.ledger.audit_entries import failed, passed, undecided
from fanal.node.ledger.audit_trust import Trusted
from fanal.node.ledger.readonly import LedgerView
from fanal.node.witness.names import witnesses
from fanal.proof.audit import Check
from fanal.proof.quorum import count, needed

COSIGNED = "checkpoints.cosigned"
FORKS = "lanes.forks"

_SHORT = _("No checkpoint here was cosigned by {needed} other agencies; at most {found} did.")
_NONE = _("There is no checkpoint that anybody could have cosigned.")
_UP_TO = _("{agencies} cosigned the checkpoint of size {size}; {rest} leaves came after it.")
_OWN = _("This agency signed two manifests for one place in its own lane: envelope {envelope}.")
_OTHERS = _("forks of other agencies are kept as proof: {agencies}")


def check_cosigned(view: LedgerView, trusted: Trusted) -> Check:
    """The newest checkpoint that the charter's quorum of other agencies cosigned. Counts from the end."""
    directory = trusted.directory
    if directory is None:
        return undecided(COSIGNED, detail=translate(_NONE))
    charter = directory.newest
    quorum = needed(len(charter.members), charter.quorum)
    if not quorum:
        return passed(COSIGNED, "0", "0")
    known, best, seen = witnesses(directory), 0, False
    for row in view.checkpoints_down():
        seen = True
        try:
            found = count(row.note, trusted.agency, known, quorum)
        except FanalError as error:
            return failed(COSIGNED, str(quorum), "", error.sentence)
        best = max(best, len(found.cosigned))
        if found.passed:
            who, rest = ", ".join(sorted(found.cosigned)), view.size() - row.size
            detail = translate(_UP_TO).format(agencies=who, size=row.size, rest=rest)
            return passed(COSIGNED, str(quorum), str(len(found.cosigned)), detail)
    detail = translate(_SHORT).format(needed=quorum, found=best) if seen else translate(_NONE)
    return undecided(COSIGNED, str(quorum), str(best), detail)


def check_forks(view: LedgerView, trusted: Trusted) -> Check:
    """Two manifests at one place: the agency's own accuse it, others' are listed."""
    others: list[str] = []
    for row in view.forks():
        if trusted.agency and row.author == trusted.agency:
            return failed(
                FORKS, "", row.envelope_id.hex(), translate(_OWN).format(envelope=row.envelope_id.hex())
            )
        others.append(row.author)
    named = ", ".join(sorted(set(others)))
    return passed(
        FORKS, found=str(len(others)), detail=translate(_OTHERS).format(agencies=named) if others else ""
    )
