# SPDX-License-Identifier: Apache-2.0
"""Figures for a monitoring system: every limit, no content, on loopback only."""

from __future__ import annotations

import dataclasses
import re
import urllib.request
from pathlib import Path

import pytest
from nodenet import NodeNet, some_notice
from prometheus_client import CollectorRegistry, generate_latest

from fanal.config.errors import NOT_LOOPBACK
from fanal.config.home import Home
from fanal.config.load import load
from fanal.config.settings import Limits
from fanal.errors import FanalError
from fanal.node.service.errors import CANNOT_LISTEN
from fanal.node.service.links import PeerLinks
from fanal.node.service.metrics import MetricsServer, NodeCollector, limits_of

WORD = "Feluccatwelve"
LINE = re.compile(r'(fanal_[a-z_]+)(\{[a-z]+="[A-Za-z0-9_.-]+"\})? [-+0-9.e]+')
LABELS = {"peer", "code", "use", "name", "kind"}


@pytest.fixture
def collector() -> NodeCollector:
    """That of a reader that was sent a notice with a word of its own, and garbage."""
    net = NodeNet("GE-CUS", "TR-CUS")
    host = net.nodes["TR-CUS"]
    net.nodes["GE-CUS"].send(some_notice("GE-CUS", WORD), ["TR-CUS"])
    net.run(30)
    host.node.counts["strike", "FANAL-E0301"] += 1
    host.node.counts["call", "FANAL-E0804"] += 2
    host.node.settings = dataclasses.replace(host.node.settings, data=Path.cwd())
    links = PeerLinks(host.node, None, Limits(), lambda agency: True, lambda: net.now)  # type: ignore[arg-type]
    return NodeCollector(host.node, links, host.host)


def text_of(collector: NodeCollector) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry).decode()


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Limits)])
def test_every_limit_is_a_metric(name: str) -> None:
    """A limit that is added to the settings is exported under its name, with its value."""
    [family] = limits_of(Limits())
    found = {sample.labels["name"]: sample.value for sample in family.samples}
    assert found[name] == float(getattr(Limits(), name))


def test_labels_name_agencies_and_codes_and_nothing_of_a_notice(collector: NodeCollector) -> None:
    """Each line has a known label or none; no word of a notice, no id of an envelope, no officer."""
    text = text_of(collector)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {found for line in lines for found in re.findall(r"\{([a-z]+)=", line)} <= LABELS
    assert WORD not in text
    assert "duty-1" not in text
    assert not re.search(r"[0-9a-f]{16}", text)


def test_what_happened_is_counted(collector: NodeCollector) -> None:
    """Entries taken, strikes by id, ledger, checkpoint, keys: each with the figure of the node."""
    text = text_of(collector)
    figures = {name + labels: value for name, labels, value in re.findall(r"^(\w+)(\S*) (\S+)$", text, re.M)}
    assert float(figures["fanal_ingested_total"]) >= 2
    assert figures['fanal_strikes_total{code="FANAL-E0301"}'] == "1.0"
    assert figures['fanal_officer_calls_refused_total{code="FANAL-E0804"}'] == "2.0"
    assert float(figures["fanal_ledger_leaves"]) > 0
    assert float(figures['fanal_key_expires_seconds{use="ENCRYPT"}']) > 0
    assert figures['fanal_link_up{peer="GE-CUS"}'] == "0.0"
    assert float(figures["fanal_disk_total_bytes"]) > 0


def test_it_is_served_on_loopback_and_nowhere_else(collector: NodeCollector, tmp_path: Path) -> None:
    """A real request is answered; a second server on the port, and other addresses, are refused."""
    server = MetricsServer("127.0.0.1:0", collector)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
            assert b"fanal_limit" in answer.read()
        with pytest.raises(FanalError) as taken:
            MetricsServer(f"127.0.0.1:{server.port}", collector)
        assert taken.value.kind is CANNOT_LISTEN
    finally:
        server.close()
    home = Home(tmp_path)
    for value in ("0.0.0.0:9443", "192.0.2.7:9443", "node.example:9443"):
        home.settings_file.write_text(f'agency = "AZ-CUS"\nmetrics_listen = "{value}"\n')
        with pytest.raises(FanalError) as refused:
            load(home)
        assert refused.value.kind is NOT_LOOPBACK
    home.settings_file.write_text('agency = "AZ-CUS"\nmetrics_listen = "[::1]:9443"\n')
    assert load(home).metrics_listen == "[::1]:9443"
