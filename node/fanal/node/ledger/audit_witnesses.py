# SPDX-License-Identifier: Apache-2.0
"""Who stands behind the checkpoints of an audited ledger, and the forks it keeps.

Promise: agencies are counted by the charter's own rule, never lines; too few leave the check undecided and
never failed. An anchor, the agency's own ML-DSA-44 line, either verifies or fails the audit. A fork of the
audited agency's own lane fails its audit; one of another's is that agency's.
"""

from __future__ import annotations

from fanal.errors import FanalError, VerificationError
from fanal.i18n import _, translate
from fanal.node.ledger.audit_entries import failed, passed, undecided
from fanal.node.ledger.audit_trust import Trusted
from fanal.node.ledger.readonly import LedgerView
from fanal.node.witness.names import anchor_keys, witnesses
from fanal.proof import note as notes
from fanal.proof.audit import Check
from fanal.proof.quorum import count, needed

COSIGNED = "checkpoints.cosigned"
ANCHORED = "checkpoints.anchored"
FORKS = "lanes.forks"

_SHORT = _("No checkpoint here was cosigned by {needed} other agencies; at most {found} did.")
_NONE = _("There is no checkpoint that anybody could have cosigned.")
_UP_TO = _("{agencies} cosigned the checkpoint of size {size}; {rest} leaves came after it.")
_ANCHORED = _("The newest of {count} anchored checkpoints has size {size}; {rest} leaves came after it.")
_NOT_ANCHORED = _("No checkpoint carries a post-quantum anchor yet.")
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


def check_anchored(view: LedgerView, trusted: Trusted) -> Check:
    """Every anchor on a checkpoint under the agency's good ANCHOR keys. A young log has none."""
    if trusted.directory is None or trusted.agency not in trusted.directory.agencies():
        return undecided(ANCHORED, detail=translate(_NONE))
    keys = {(key.name, key.key_id): key for key in anchor_keys(trusted.directory, trusted.agency)}
    sizes: list[int] = []
    for row in view.checkpoints_down():
        if b"/anchor " not in row.note:
            continue
        note = notes.parse(row.note)
        known = [keys[one.name, one.key_id] for one in note.signatures if (one.name, one.key_id) in keys]
        if not known:
            continue
        try:
            notes.verify(note, known)
        except VerificationError as error:
            return failed(ANCHORED, known[0].name, "", error.sentence)
        sizes.append(row.size)
    if not sizes:
        return passed(ANCHORED, found="0", detail=translate(_NOT_ANCHORED))
    words = {"count": len(sizes), "size": sizes[0], "rest": view.size() - sizes[0]}
    return passed(ANCHORED, found=str(len(sizes)), detail=translate(_ANCHORED).format_map(words))


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
