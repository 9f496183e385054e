# SPDX-License-Identifier: Apache-2.0
"""What a start of the ledger found, in words that end "The ledger was ..."; the tokens are the ledger's."""

from __future__ import annotations

from collections.abc import Mapping

from fanal.i18n import _, say

STARTS: Mapping[str, str] = {
    "marker-missing": _("without the marker that stands beside it"),
    "marker-damaged": _("beside a marker that cannot be read"),
    "rolled-back": _("older than the marker beside it"),
    "other-incarnation": _("of another run than the marker beside it"),
    "restored": _("restored from a backup"),
    "erasures-missing": _("behind its list of erasures"),
}
_TOLD_IN = ("FANAL-E0659", "FANAL-E0690")


def in_words(error_id: str, facts: Mapping[str, str | int]) -> dict[str, str | int]:
    """The facts of an error, with the ledger's token in words where the sentence tells it."""
    found = dict(facts)
    token = str(found.get("reason", ""))
    if error_id in _TOLD_IN and token in STARTS:
        found["reason"] = say(STARTS[token])
    return found
