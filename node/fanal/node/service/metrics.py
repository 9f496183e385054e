# SPDX-License-Identifier: Apache-2.0
"""What a monitoring system may know of the node: counters and gauges in Prometheus' text form, loopback only.

Promise: nothing of a notice and nothing of a person is in a name or label; labels are agency ids of the
charter, key uses, error ids, kinds of frames and names of settings: their number is bounded. Everything is
read when it is asked for, at a cost that does not grow with the ledger.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.keys.identity_rules import use_name
from fanal.node.host import Host
from fanal.node.node import Node
from fanal.node.service.errors import CANNOT_LISTEN
from fanal.node.service.links import PeerLinks
from fanal.node.witness import ownlog

SECONDS_OF_NOTHING = -1.0
"""The age of what has never been."""


class NodeCollector:
    """Reads a node when it is asked. Every method may be called from any thread."""

    def __init__(self, node: Node, links: PeerLinks, host: Host) -> None:
        self._node, self._links, self._host = node, links, host

    def collect(self) -> Iterable[Metric]:
        """Every family, as `prometheus_client` wants them."""
        yield from self._of_links()
        yield from self._of_lines()
        yield from self._of_work()
        yield from self._of_ledger()
        yield from self._of_keys()
        yield from self._of_disk()
        yield from limits_of(self._node.settings.limits)

    def _of_links(self) -> Iterator[Metric]:
        up = _gauge("link_up", "Whether the peer is linked.", "peer")
        sent = _counter("entries_sent", "Entries that the peer has committed.", "peer")
        received = _counter("entries_received", "Entries received from the peer.", "peer")
        outbox = _gauge("outbox_bytes", "Bytes queued for the peer.", "peer")
        queued = _gauge("entries_queued", "Entries queued for the peer.", "peer")
        flying = _gauge("entries_in_flight", "Entries sent and not yet acknowledged.", "peer")
        flying_bytes = _gauge("in_flight_bytes", "Bytes sent and not yet acknowledged.", "peer")
        for peer in self._links.others():
            link, record = self._links.links.get(peer), self._links.record(peer)
            up.add_metric([peer], float(link is not None))
            sent.add_metric([peer], record.sent + (link.counts.sent if link else 0))
            received.add_metric([peer], record.received + (link.counts.received if link else 0))
            outbox.add_metric([peer], link.outbox.size if link else 0)
            waiting, unacknowledged, size = self._host.core.outstanding(peer)
            queued.add_metric([peer], waiting)
            flying.add_metric([peer], unacknowledged)
            flying_bytes.add_metric([peer], size)
        yield from (up, sent, received, outbox, queued, flying, flying_bytes)

    def _of_lines(self) -> Iterator[Metric]:
        carried = self._links.carried
        went = _counter("link_bytes_sent", "Bytes of frames sent to all peers, by kind.", "kind")
        came = _counter("link_bytes_received", "Bytes of frames received from all peers, by kind.", "kind")
        ended = _counter("links_ended", "Links that ended, by error id; `none`: on purpose.", "code")
        for family, counts in ((went, carried.sent), (came, carried.received), (ended, carried.ended)):
            for label, count in sorted(counts.copy().items()):
                family.add_metric([label or "none"], count)
        yield from (went, came, ended)

    def _of_work(self) -> Iterator[Metric]:
        refusals = _counter("refusals", "Refused, by error id or token.", "code")
        calls = _counter("officer_calls_refused", "Calls refused, by error id.", "code")
        strikes = _counter("strikes", "Garbage and bad signatures, by error id.", "code")
        ingested = _counter("ingested", "Entries taken from peers.")
        counts = dict(self._node.counts)
        for (what, code), count in sorted(counts.items()):
            if what == "refused":
                refusals.add_metric([code], count)
            elif what == "call":
                calls.add_metric([code], count)
            elif what == "strike":
                strikes.add_metric([code], count)
        ingested.add_metric([], counts.get(("ingested", ""), 0))
        conduct = _counter("conduct", "What no honest node does, by who did it and error id.", "peer", "code")
        for agency, code, count in self._node.conduct.counts():
            conduct.add_metric([agency, code], count)
        owed = _gauge("receipts_owed_lanes", "Lanes for which a receipt is due.")
        owed.add_metric([], len(self._host.keeper.owed))
        yield from (refusals, calls, strikes, conduct, ingested, owed)

    def _of_ledger(self) -> Iterator[Metric]:
        node, head = self._node, self._node.ledger.head()
        yield _one("ledger_leaves", "Leaves of the ledger.", head.size)
        covered = head.checkpoint.size if head.checkpoint else 0
        yield _one("checkpoint_behind_leaves", "Leaves that no checkpoint covers yet.", head.size - covered)
        newest = ownlog.newest_cosigned(node)
        age = SECONDS_OF_NOTHING if newest is None else max(0, node.now - newest)
        yield _one("checkpoint_cosigned_age_seconds", "Since a witness cosigned; -1 when none has.", age)
        quorum = ownlog.newest_quorum(node)
        needed = quorum.needed if quorum else 0
        yield _one("checkpoint_quorum_needed", "Cosignatures that the charter asks for.", needed)
        cosigned = len(quorum.cosigned) if quorum else 0
        yield _one("checkpoint_quorum_found", "Cosignatures on the newest checkpoint.", cosigned)
        waiting = node.ledger.facts.waiting_count()
        yield _one("deliveries_waiting", "Deliveries that recipients have not signed for.", waiting)
        yield _one("locked", "Whether the node is locked.", float(node.locked))

    def _of_keys(self) -> Iterator[Metric]:
        view = self._node.identity
        ends = _gauge("key_expires_seconds", "Until the newest key of a use ends; below 0 after.", "use")
        for use in sorted({int(key.use) for key in view.keys.values() if key.officer is None}):
            newest = max((key for key in view.keys.values() if key.use == use), key=lambda key: key.epoch)
            ends.add_metric([use_name(use)], newest.not_after - self._node.now)
        left = view.not_after - self._node.now
        yield from (ends, _one("identity_expires_seconds", "Until the identity document ends.", left))

    def _of_disk(self) -> Iterator[Metric]:
        try:
            usage = shutil.disk_usage(self._node.settings.data)
        except OSError:
            return
        yield _one("disk_free_bytes", "Free on the disk of the data folder.", usage.free)
        yield _one("disk_total_bytes", "Size of the disk of the data folder.", usage.total)


def limits_of(limits: Limits) -> Iterator[Metric]:
    """Every limit of the settings, under its name."""
    family = _gauge("limit", "A limit of the settings, by its name.", "name")
    for field in dataclasses.fields(limits):
        family.add_metric([field.name], float(getattr(limits, field.name)))
    yield family


class MetricsServer:
    """Answers GET on a loopback address until `close`. CANNOT_LISTEN when the address is taken."""

    def __init__(self, listen: str, collector: NodeCollector) -> None:
        host, _, port = listen.rpartition(":")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(collector)
        self._server: WSGIServer
        self._thread: Any
        try:
            self._server, self._thread = start_http_server(int(port), host.strip("[]"), registry)
        except OSError as error:
            raise FanalError(CANNOT_LISTEN, address=listen, key="metrics_listen") from error
        self.port = self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"fanal_{name}", text, labels=labels)


def _counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"fanal_{name}", text, labels=labels)


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    family = _gauge(name, text)
    family.add_metric([], value)
    return family
