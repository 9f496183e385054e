# SPDX-License-Identifier: Apache-2.0
"""What a check that failed means to an auditor, and what to do next, in a sentence or two.

The check itself says which hash or number was expected and found. The longest name that fits counts.
"""

from __future__ import annotations

from typing import Final

from fanal.i18n import _, translate

_CHANGED = _(
    "The file was changed after its agency made it. Rely on nothing in it, keep it, and ask there "
    "for it again."
)
_NOT_SIGNED = _(
    "Its author did not sign what stands here. Do not rely on it; ask the author, or another "
    "reader, for a bundle."
)
_NOT_TOLD = _(
    "What an agency is said to have told does not verify. Do not count it; ask that agency for a "
    "bundle of its own."
)
_NOT_LOGGED = _(
    "The log of whoever made this does not hold what it claims. Ask another holder of the notice "
    "for a bundle."
)
_EDITED = _(
    "The ledger was edited after it was written. Keep this copy; fanal audit compare with a peer's "
    "export shows who tells it otherwise."
)
_DAMAGE = _(
    "The database file is damaged or was edited, which alone accuses nobody. Copy it again; if this "
    "stays, go by the other checks and by a backup."
)
_UNFIT = _(
    "The working tables say more than the signed leaves prove. Believe the leaves, and ask the "
    "agency named for its own ledger."
)
_MEANING: Final = {
    "bundle.": _CHANGED,
    "log.export": _CHANGED,
    "log.leaves": _CHANGED,
    "network": _(
        "This is another network than the one whose id you gave. Compare the id with the paper; if "
        "it is right, rely on nothing here."
    ),
    "charters": _(
        "The rules of the network do not lead from its first charter by signatures of its "
        "governors. Ask another member."
    ),
    "identities": _("A document that names keys is not signed by its agency's root. Ask that agency for it."),
    "documents": _("Documents that name keys and members do not verify. Ask another member for them."),
    "notice.": _NOT_SIGNED,
    "withdrawal": _(
        "This is no withdrawal that the author signed for this notice. Treat the notice as not "
        "withdrawn, and ask its author."
    ),
    "withdrawal.stored.": _NOT_TOLD,
    "withdrawal.recall.": _NOT_TOLD,
    "receipts.": _NOT_TOLD,
    "stored.": _NOT_TOLD,
    "relayed.": _NOT_TOLD,
    "read.": _NOT_TOLD,
    "rejected.": _NOT_TOLD,
    "held.": _NOT_TOLD,
    "log.": _NOT_LOGGED,
    "database.": _DAMAGE,
    "leaves.": _EDITED,
    "tree.": _EDITED,
    "entries.": _EDITED,
    "lanes.": _EDITED,
    "access.": _EDITED,
    "checkpoints.": _(
        "A signed state of the log does not fit its leaves or its keys. Keep this copy; the peers "
        "that cosigned hold the true one."
    ),
    "checkpoints.one-root-per-size": _(
        "The agency signed two histories: these two notes alone convict it. Keep both and show them "
        "to its peers."
    ),
    "ledger.tail": _(
        "The end of the ledger is missing, after a restore or by hand. Ask for the newest backup, "
        "and its peers for what they hold."
    ),
    "ledger.": _EDITED,
    "receipts.matched": _UNFIT,
    "receipts.logged": _EDITED,
    "receipts.envelope": _EDITED,
    "peers.": _EDITED,
    "incarnations": _EDITED,
    "incidents": _EDITED,
    "marker": _(
        "Database and marker are not of one moment: one of them was put back. Ask when it was "
        "restored, and from what."
    ),
    "compare.": _(
        "The two do not tell one story. The lines below name each difference: ask both agencies about those."
    ),
}


def meaning(name: str) -> str:
    """For a check of this name; empty for a name that nobody has explained."""
    fits = [one for one in _MEANING if name.startswith(one)]
    return translate(_MEANING[max(fits, key=len)]) if fits else ""
