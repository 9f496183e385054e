# SPDX-License-Identifier: Apache-2.0
"""``fanal audit suspects``: envelopes under keys that are no longer good, and what vouches for them.

A retired key's envelope is good if a later manifest of its lane under a current key chains to it, over the
ends of incarnations too; a revoked key's only under a checkpoint of this ledger that enough others cosigned
before the cut-off and that includes its leaf. The sender's clock plays no part (docs/protocol.md, Identity).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanal.envelope.trust import Standing
from fanal.envelope.verify import decode_manifest_only, verify_signed
from fanal.errors import FanalError
from fanal.keys.trust import Directory
from fanal.node.lanes.rows import header_of, successor_of
from fanal.node.ledger.readonly import LedgerView
from fanal.node.ledger.rows import EntryRow
from fanal.node.witness.names import witnesses
from fanal.proof.quorum import count, needed
from fanal.v1.identity_pb2 import KeyUse

Firsts = dict[tuple[bytes, bytes, bytes], list[EntryRow]]
"""By lane, closed incarnation and its head."""


@dataclass(frozen=True)
class Suspect:
    """An envelope that needs somebody to vouch for it. ``vouched``: by whom or what, "" for nobody."""

    row: EntryRow
    standing: str
    cut_off: int
    vouched: str


def suspects(view: LedgerView, directory: Directory, agency: str) -> Iterator[Suspect]:
    """Every stored envelope that is not under a current key of a member, in order of arrival."""
    covered = Covered(view, directory, agency)
    firsts = _firsts(view)
    for row in view.entries():
        found = _standing(row, directory)
        if found is None or found[0] is Standing.CURRENT:
            continue
        standing, cut_off = found
        vouched = ""
        if standing is Standing.RETIRED:
            vouched = _chained(view, row, directory, firsts)
        elif standing is Standing.REVOKED:
            size = covered.before(cut_off)
            vouched = f"checkpoint {size}" if row.leaf is not None and row.leaf < size else ""
        yield Suspect(row, standing.value, cut_off, vouched)


@dataclass(frozen=True)
class RevokedOfficer:
    """An officer's key that was revoked. What it signed is sealed inside envelopes: a ledger cannot tell."""

    agency: str
    officer: str
    cut_off: int


def revoked_officers(directory: Directory) -> list[RevokedOfficer]:
    """Every officer's key of the network that was revoked, by agency."""
    keys = [
        (agency, key)
        for agency in directory.agencies()
        for view in directory.identities(agency)
        for key in view.of_use(KeyUse.OFFICER)
        if key.officer is not None
    ]
    found = {
        key.key_id: RevokedOfficer(agency, key.officer.officer_id, cut_off)
        for agency, key in keys
        if key.officer is not None and (cut_off := directory.revoked(agency, key.key_id)) is not None
    }
    return list(found.values())


def _standing(row: EntryRow, directory: Directory) -> tuple[Standing, int] | None:
    """What the author's key is worth and its cut-off; None for what does not verify."""
    try:
        verified = verify_signed(decode_manifest_only(row.manifest, row.signature), directory)
    except FanalError:
        return None
    cut_off = directory.revoked(row.author, verified.header.author_key_id)
    return verified.standing, cut_off or 0


def _firsts(view: LedgerView) -> Firsts:
    """First entries by the manifest that they go on from."""
    found: Firsts = {}
    for row in view.firsts():
        one = successor_of(header_of(row))
        if one is not None:
            found.setdefault((row.lane, one.predecessor, one.head), []).append(row)
    return found


def _chained(view: LedgerView, row: EntryRow, directory: Directory, firsts: Firsts) -> str:
    """The number of the later manifest under a current key to which this one's chain leads."""
    heads, seen = [row], set[bytes]()
    while heads:
        head = heads.pop()
        if head.manifest_sha256 in seen:
            continue
        seen.add(head.manifest_sha256)
        following = view.at_row(head.lane, head.incarnation, head.seq + 1)
        later = firsts.get((head.lane, head.incarnation, head.manifest_sha256), [])
        if following is not None and following.previous == head.manifest_sha256:
            later = [following, *later]
        for one in later:
            found = _standing(one, directory)
            if found is not None and found[0] is Standing.CURRENT:
                return f"number {one.seq}"
        heads += later
    return ""


class Covered:
    """How far cosigned checkpoints of this ledger reach: who vouches that a leaf is older than a cut-off."""

    def __init__(self, view: LedgerView, directory: Directory, agency: str) -> None:
        charter = directory.newest
        self._needed = max(1, needed(len(charter.members), charter.quorum))
        self._view, self._known, self._agency = view, witnesses(directory), agency
        self._found: dict[int, int] = {}

    def before(self, cut_off: int) -> int:
        """The largest size that enough other agencies cosigned before this time; 0 for none."""
        if cut_off not in self._found:
            self._found[cut_off] = next(
                (row.size for row in self._view.checkpoints_down() if self._good(row.note, cut_off)), 0
            )
        return self._found[cut_off]

    def _good(self, note: bytes, cut_off: int) -> bool:
        try:
            found = count(note, self._agency, self._known, self._needed)
        except FanalError:
            return False
        return sum(time < cut_off for time in found.cosigned.values()) >= self._needed
