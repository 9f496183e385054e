# SPDX-License-Identifier: Apache-2.0
"""The key to which notices are sealed for an agency: until when it is good, and whether it has ended."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.errors import FanalError
from fanal.keys.errors import UnknownIdentity
from fanal.keys.identity import DAY, KeyView
from fanal.keys.trust import Directory
from fanal.node.lanes.errors import READING_KEY_ENDED, READING_KEY_ENDS
from fanal.node.quotas import asking
from fanal.v1.identity_pb2 import KeyUse

SOON = 7 * DAY
"""Its owner makes the next one thirty days ahead; who has not done so by now may have forgotten."""


@dataclass(frozen=True)
class Reading:
    """``ends``: Unix seconds at which the key in use ends, or the last one ended; 0 when none is known.
    ``finding``: READING_KEY_ENDED or READING_KEY_ENDS."""

    ends: int = 0
    finding: FanalError | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing can be sealed for the agency, because its key ended or was revoked."""
        return self.finding is not None and self.finding.kind is READING_KEY_ENDED


def of(directory: Directory, agency: str, now: int) -> Reading:
    """How it stands with an agency. Nothing is found of one whose document is not here or not yet valid."""
    try:
        keys = directory.identity(agency).of_use(KeyUse.ENCRYPT)
    except UnknownIdentity:
        return Reading()
    ends = max((_end(directory, agency, key, now) for key in keys if key.not_before <= now), default=0)
    if not ends or ends > now + SOON:
        return Reading(ends)
    kind = READING_KEY_ENDED if ends <= now else READING_KEY_ENDS
    return Reading(ends, FanalError(kind, agency=agency, when=asking.when(ends)))


def _end(directory: Directory, agency: str, key: KeyView, now: int) -> int:
    """A revoked key has ended, whatever time its revocation names."""
    cut_off = directory.revoked(agency, key.key_id)
    return key.not_after if cut_off is None else min(key.not_after, cut_off, now)
