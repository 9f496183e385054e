# SPDX-License-Identifier: Apache-2.0
"""The second half of the incoming story: open -> validate -> inbox -> receipt.

It walks the ledger in order of arrival from the vault's cursor, our own entries included, so that the vault
holds what the ledger holds whatever was interrupted. What cannot be opened yet waits by name and reason; what
is wrong inside a valid signature is kept, marked and answered; neither stops what comes after it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fanal.envelope import open as envelopes
from fanal.envelope.errors import NO_BODY, NO_KEY, NOBODY
from fanal.envelope.seal import LaneKey
from fanal.envelope.trust import Standing
from fanal.envelope.verify import Verified
from fanal.errors import FanalError, VerificationError
from fanal.keys.errors import UnknownCharter, UnknownIdentity
from fanal.node import failpoints
from fanal.node.arrival import filing, offered, suspects
from fanal.node.arrival.opened import Opened
from fanal.node.damage import soundentries, soundwraps
from fanal.node.errors import STORE_FAULTS
from fanal.node.gossip.entitlement import readers_of
from fanal.node.gossip.events import WrapMeta
from fanal.node.inbox.interface import Filing, PendingOpen, StoredLaneKey
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.lanes.rows import place_of, view_of
from fanal.node.lanes.written import Written
from fanal.node.ledger.rows import Batch, EntryRow
from fanal.node.receipts import intake, issuing, keyless
from fanal.v1.envelope_pb2 import EnvelopeClass

if TYPE_CHECKING:
    from fanal.node.node import Node

log = logging.getLogger("fanal.node.arrival.opening")

WAITS_FOR_KEY = "NO_KEY"
WAITS_FOR_IDENTITY = "NO_IDENTITY"
WAITS_FOR_ENTRY = "NO_ENTRY"
"""A receipt about an entry of ours that a restore has lost."""
WAITS_FOR_READER = "NO_READER"
"""It has to be answered, and by this clock nobody has a key that is good to read the answer."""
SET_ASIDE = "SET_ASIDE"
DAMAGED_ENTRY = "DAMAGED"
"""The disk has changed it; a good copy is being fetched."""
NOT_VERIFIED = "NOT_VERIFIED"
FOR_DOCUMENTS = (suspects.SUSPECT, WAITS_FOR_IDENTITY, WAITS_FOR_READER, SET_ASIDE)
"""What another agency's identity document or revocation may end. Keys and entries come by themselves."""
_PAGE = 64


def open_arrived(
    node: Node, keys: Iterable[bytes] = (), everything: bool = False, reasons: Collection[str] = ()
) -> Opened:
    """Open all that is in the ledger beyond the vault's cursor, then what waited for one of ``keys``
    (manifest hashes of KEY envelopes), for one of ``reasons``, or everything that waits. A store that fails
    on the way ends it: what was done until then counts, and ``written.failure`` says why the rest is still
    owed.

    Whoever calls, an officer for the sake of one notice too, what came of it lies on the node's ``tray``, for
    gossip and housekeeping: the caller announces nothing of it, and may fail afterwards."""
    opened = Opened()
    with node.opening:
        node.walked.clear()
        try:
            for one in _in_turn(node, keys, everything, reasons):
                opened += one
        except FanalError as error:
            if error.kind not in STORE_FAULTS:
                raise
            log.error("not opened to the end: %s", error)
            opened += Opened(Written(failure=error))
        finally:
            node.tray.append(opened)
    return opened


def _in_turn(
    node: Node, keys: Iterable[bytes], everything: bool, reasons: Collection[str]
) -> Iterator[Opened]:
    while rows := node.ledger.entries.since(node.vault.cursor(), _PAGE):
        for row in rows:
            yield from _open_and_follow(node, row, first=True)
            yield from _open_waiting(node, intake.tag(row.manifest_sha256))
    for key in keys:
        yield from _open_waiting(node, key)
    if everything or reasons:
        yield from _open_waiting(node, None, () if everything else reasons)


def _open_waiting(node: Node, key: bytes | None, reasons: Collection[str] = ()) -> Iterator[Opened]:
    after = 0
    while waiting := node.vault.pending(_PAGE, key_envelope=key, after=after, reasons=reasons):
        found = [(one, node.ledger.entries.get(manifest_sha256=one.manifest_sha256)) for one in waiting]
        rows = [row for one, row in found if row is not None and _key_came(node, one, row)]
        yield Opened(keyless.issue_opened(node, rows))
        for _, row in found:
            if row is not None:
                yield from _open_and_follow(node, row, first=False)
        after = waiting[-1].arrival


def _key_came(node: Node, waited: PendingOpen, row: EntryRow) -> bool:
    """Whether this notice waits for nothing but to be looked at with its key."""
    lacked = waited.reason == WAITS_FOR_KEY and row.klass == EnvelopeClass.NOTICE and row.body is not None
    return lacked and node.vault.lane_key(key_manifest_sha256=row.key_envelope) is not None


def _open_and_follow(node: Node, row: EntryRow, *, first: bool) -> Iterator[Opened]:
    """One entry, then what waited for it. It counts before the others are looked at."""
    opened = _open_row(node, row, first=first)
    yield replace(opened, done=int(first or not opened.waits))
    for name in opened.then:
        yield from _open_waiting(node, name)


def _open_row(node: Node, row: EntryRow, *, first: bool) -> Opened:
    """One entry. ``first``: the cursor moves past it, whatever becomes of it."""
    cursor = row.arrival if first else None
    try:
        return _opened_or_refused(node, row, cursor)
    except intake.NotBackYet as lost:
        return _wait(node, row, cursor, WAITS_FOR_ENTRY, lost.tag)
    except (UnknownIdentity, UnknownCharter):
        return _wait(node, row, cursor, WAITS_FOR_IDENTITY, row.key_envelope)
    except FanalError as error:
        if error.kind in STORE_FAULTS:
            raise
        if error.kind in (NO_KEY, NO_BODY):
            return _keyless(node, row, cursor)
        if error.kind is NOBODY:
            return _wait(node, row, cursor, WAITS_FOR_READER, row.key_envelope)
        return _set_aside(node, row, cursor)
    except Exception:
        return _set_aside(node, row, cursor)


def _opened_or_refused(node: Node, row: EntryRow, cursor: int | None) -> Opened:
    try:
        verified = offered.stored(node, row)
        if row.body is None or node.agency not in readers_of(view_of(verified.received), node.roster()):
            node.vault.file(Filing(cursor=cursor, settled=(row.manifest_sha256,)))
            return Opened()
        if not suspects.vouched(node, row, verified):
            return _wait(node, row, cursor, suspects.SUSPECT, suspects.tag(row))
        open_one = _open_key if row.klass == EnvelopeClass.KEY else _open_content
        opened = open_one(node, row, verified, cursor)
        # Only what arrives can vouch for others; what waited is judged in one pass, not each by each.
        return opened if cursor is None else replace(opened, then=(*opened.then, suspects.tag(row)))
    except VerificationError as error:
        if not soundentries.is_sound(node, row):
            expected = node.damage.expected(place_of(row)) or row.manifest_sha256
            whole = replace(row, manifest_sha256=expected)
            return _wait(node, whole, cursor, DAMAGED_ENTRY, row.key_envelope)
        return _reject(node, row, cursor, error)


def _keyless(node: Node, row: EntryRow, cursor: int | None) -> Opened:
    """It waits under its lane key's name, a KEY envelope under its own, so that each is asked for once."""
    if row.klass == EnvelopeClass.KEY and _has_key(node, row):
        return _needless(node, row, cursor)
    name = row.key_envelope or row.manifest_sha256
    return _wait(node, row, cursor, WAITS_FOR_KEY, name)


def _set_aside(node: Node, row: EntryRow, cursor: int | None) -> Opened:
    """A fault of ours in one entry must not stop those behind it."""
    log.exception("entry set aside")
    leaf = incident_leaf("entry-set-aside", node.now, row.author, row.manifest_sha256)
    node.ledger.append(Batch(leaves=(leaf,)))
    return _wait(node, row, cursor, SET_ASIDE, row.key_envelope)


def _open_key(node: Node, row: EntryRow, verified: Verified, cursor: int | None) -> Opened:
    """Take the lane key that a KEY envelope brings, then open what waited for it."""
    wraps = soundwraps.of(node, row, [node.agency])
    if not wraps and _has_key(node, row):
        return _needless(node, row, cursor)
    if not wraps:
        missing = WrapMeta(row.manifest_sha256, row.lane, node.agency)
        waited = _wait(node, row, cursor, WAITS_FOR_KEY, row.manifest_sha256)
        return replace(waited, wraps_missing=(missing,))
    proof = soundwraps.proof_of(wraps[0])
    key = envelopes.open_key(verified, proof, node.agency, node.keys.decrypt, _original(node, row))
    stored = StoredLaneKey(row.lane, key.commitment, key.key_manifest_sha256, key.key, row.arrived)
    failpoints.hit("opening.before-key")
    settled = (row.manifest_sha256, *_announcements(node, row.lane, key.key_manifest_sha256))
    node.vault.file(Filing(cursor=cursor, lane_keys=(stored,), settled=settled))
    return Opened(then=(key.key_manifest_sha256,))


def _announcements(node: Node, lane: bytes, name: bytes) -> list[bytes]:
    """The KEY envelopes that are here and wrap this lane key again, each for who asked. One that came before
    the key waits under its own name, since its wrap may have been for us; now nothing is left to wait for."""
    streams = node.ledger.lanes.clock([lane])
    refs = (ref for one in streams for ref in node.ledger.entries.keys(lane, one.incarnation, _PAGE))
    rows = (node.ledger.entries.get(manifest_sha256=ref.manifest_sha256) for ref in refs)
    return [row.manifest_sha256 for row in rows if row is not None and row.key_envelope == name]


def _has_key(node: Node, row: EntryRow) -> bool:
    """Whether the lane key that a KEY envelope brings has come in another wrap."""
    name = row.key_envelope or row.manifest_sha256
    return node.vault.lane_key(key_manifest_sha256=name) is not None


def _needless(node: Node, row: EntryRow, cursor: int | None) -> Opened:
    """Nothing to wait for: a key that is announced again is wrapped for the reader that asked alone."""
    node.vault.file(Filing(cursor=cursor, settled=(row.manifest_sha256,)))
    return Opened()


def _original(node: Node, row: EntryRow) -> Verified | None:
    """The KEY envelope whose lane key this one wraps again."""
    found = node.ledger.entries.get(manifest_sha256=row.key_envelope) if row.key_envelope else None
    return offered.stored(node, found) if found else None


def _open_content(node: Node, row: EntryRow, verified: Verified, cursor: int | None) -> Opened:
    stored = node.vault.lane_key(key_manifest_sha256=row.key_envelope)
    if stored is None:
        return _wait(node, row, cursor, WAITS_FOR_KEY, row.key_envelope)
    lane_key = LaneKey(stored.key, stored.commitment, stored.key_manifest_sha256)
    opened = envelopes.open_content(
        verified, lane_key, node.agency, node.directory, node.vault.notices.accepted_in
    )
    if isinstance(opened, envelopes.OpenedNotice):
        if opened.officer.standing is Standing.REVOKED:
            return _wait(node, row, cursor, suspects.SUSPECT, suspects.tag(row))
        told = keyless.issue_opened(node, [row] if cursor is not None else ())
        return Opened(told + filing.file_notice(node, row, opened, cursor))
    written = Written()
    if isinstance(opened, envelopes.OpenedReceipts):
        take = intake.take_own if row.author == node.agency else intake.take_receipts
        written = take(node, row, opened.receipts)
    node.vault.file(Filing(cursor=cursor, settled=(row.manifest_sha256,)))
    return Opened(written)


def _wait(node: Node, row: EntryRow, cursor: int | None, reason: str, key_envelope: bytes) -> Opened:
    pending = PendingOpen(row.manifest_sha256, row.arrival, key_envelope, reason, node.now)
    node.vault.file(Filing(cursor=cursor, pending=(pending,)))
    return Opened(waiting=reason == WAITS_FOR_KEY, waits=True)


def _reject(node: Node, row: EntryRow, cursor: int | None, error: VerificationError) -> Opened:
    """Validly signed by the author's node and wrong inside: kept, told to the author, and an incident."""
    log.error("not opened: %s (step %s)", error, error.facts.get("step", ""))
    written = Written()
    if row.klass == EnvelopeClass.NOTICE and row.author != node.agency:
        step = str(error.facts.get("step", "")).replace(" ", "_")
        written = issuing.issue_rejected(node, row, ((NOT_VERIFIED, step),))
    leaf = incident_leaf("not-opened", node.now, row.author, row.manifest_sha256)
    node.ledger.append(Batch(leaves=(leaf,)))
    node.vault.file(Filing(cursor=cursor, settled=(row.manifest_sha256,)))
    return Opened(written)
