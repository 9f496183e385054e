# SPDX-License-Identifier: Apache-2.0
"""The bounds of gossip, each per peer unless said otherwise; the daemon fills them from its settings."""

from __future__ import annotations

from dataclasses import dataclass

from fanal.config.settings import Limits

CONTACT_SLACK = 10.0
"""How much later than due a heartbeat may come before it counts as coming back."""


@dataclass(frozen=True)
class GossipLimits:
    """Counts and bytes are checked before anything is allocated for an item. Times are seconds."""

    batch_entries: int = 64
    batch_bytes: int = 64 * 1024
    batch_delay: float = 0.020
    envelope_bytes: int = 68 * 1024  # 64 KiB of content, and its signed manifest
    frame_bytes: int = 1024 * 1024
    window_entries: int = 256  # sent or being read, not yet acknowledged
    window_bytes: int = 512 * 1024  # the most; it follows how soon the peer acknowledges
    window_least: int = 64 * 1024
    window_seconds: tuple[float, float] = (2.0, 5.0)  # acknowledged sooner it grows, later it shrinks
    bulk_share: float = 0.75  # of the window, so that what a peer catches up with leaves room for the rest
    flash_extra: int = 64  # FLASH entries allowed beyond a full window
    acknowledge_after: float = 60.0  # without an acknowledgement an entry leaves the window
    ids_per_frame: int = 1000
    ids_received: int = 1000  # never below what others send
    rows_per_frame: int = 500
    rows_per_peer: int = 16_000  # streams a peer may tell of: 1,000 lanes x 16 incarnations
    spans_per_stream: int = 1000  # separate runs remembered of one stream
    fetch_slice: int = 1000  # entries of one stream asked for at a time; one NotFound can answer all
    fetch_patience: float = 10.0  # without progress a holder has lost its turn
    second_entries: int = 4  # of another holder, when the first has brought nothing for `graft_patience`
    ingest_outstanding: int = 1024  # envelopes handed to the incoming story and not answered
    pieces_per_frame: int = 16  # of an attachment, asked for at once
    documents_per_frame: int = 500
    documents_outstanding: int = 16
    document_bytes: int = 256 * 1024  # of an identity
    charter_bytes: int = 900_000  # 500 members with their post-quantum roots
    requests_per_second: float = 50.0  # Want, WantWraps, Digest, Clock ... of 8 KiB: refilling
    requests_burst: int = 2000
    wrap_wants: int = 4096  # missing wraps remembered (for the whole node)
    wrap_patience: float = 2.0
    wrap_attempts: int = 6
    wraps_per_frame: int = 200
    wraps_remembered: int = 4096
    keys_per_stream: int = 64
    flash_remembered: int = 256  # sent again first when a link comes up (for the whole node)
    eager_members: int = 8  # networks up to this size, and nodes with
    eager_peers: int = 3  # up to so many peers for a lane, have everything pushed from everybody
    held_up_after: float = (
        0.5  # unacknowledged for so long at most peers of a lane: our own line is the slow one
    )
    held_up_for: float = 60.0  # and is taken to be that for so long after
    told_after: float = 3.0  # then those who are sent no copy are told of it so much later
    tree_lanes: int = 4096  # lanes whose edge to a peer is remembered to be pruned, in each direction
    announce_delay: float = 0.050  # announcements to a peer are gathered for so long
    graft_after: float = 0.150  # what was announced and did not come by then is asked for
    graft_patience: float = 0.400  # then two other announcers are asked, then four
    thin: bool = False  # the operator said so of the line of this node; then, in place of these,
    thin_after: float = 5.0
    thin_patience: float = 10.0
    thin_most: float = 45.0  # is waited for who brings other entries of the lane, and for what was fetched
    thin_delay: float = 2.0  # in place of announce_delay, and an alert that was announced is given so much
    thin_told_alerts: float = 5.0  # and towards a peer that said it of its own line,
    thin_told: float = 10.0  # so that it can say before what it has
    thin_sync: float = 60.0  # in place of sync_after_change, at both ends
    thin_entries: int = 4  # to such a peer in place of window_entries: it may turn out to have the rest
    slow_line: float = 32_000.0  # bytes a second: for so long both wait for the largest entry on top
    expected_per_peer: int = 256  # announcements of a peer that are waited for at a time
    sync_after_change: float = 2.0
    sync_every: float = 60.0
    heartbeat_every: float = 25.0
    silent_after: float = 60.0
    contact_after: float = 25.0 + CONTACT_SLACK  # a frame after so long a silence starts catch-up


def of_settings(limits: Limits) -> GossipLimits:
    """What of the operator's limits concerns gossip. What this node sends keeps to the protocol's numbers,
    and what every node may send is taken: a setting never makes an honest peer's frame garbage."""
    return GossipLimits(
        thin=limits.line_kbit_per_s > 0,
        ids_received=max(GossipLimits.ids_per_frame, limits.ids_per_message),
        heartbeat_every=limits.heartbeat_seconds,
        silent_after=limits.silence_seconds,
        contact_after=limits.heartbeat_seconds + CONTACT_SLACK,
    )
