# SPDX-License-Identifier: Apache-2.0
"""What the ledgers say: who logged which envelope, and that an auditor finds every ledger whole.

Ledgers are read from disk beside their running nodes, as an auditor reads them: no node, no secret.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fanal.cli.demo.expectations import Step
from fanal.cli.demo.network import Network
from fanal.cli.demo.plan import RELAY
from fanal.config.home import Home
from fanal.errors import Exit
from fanal.i18n import _
from fanal.node.ledger.audit import audit_folder, failures
from fanal.node.ledger.audit_witnesses import COSIGNED
from fanal.node.ledger.readonly import open_readonly
from fanal.proof.audit import Check, Status
from fanal.proof.leaf import Leaf, LeafType, decode

if TYPE_CHECKING:
    from fanal.cli.demo.sending import Sender, Sent

_IN, _OUT, _CARRIED = LeafType.ENVELOPE_IN.value, LeafType.ENVELOPE_OUT.value, LeafType.RELAY.value

Leaves = Counter[tuple[str, bytes]]
"""How many leaves of a type name an envelope."""


def leaves_of(home: Home) -> Leaves:
    """The leaves of one ledger by type and envelope."""
    view = open_readonly(home.data)
    try:
        return Counter(
            (leaf.type.value, _envelope(leaf)) for leaf in (decode(data) for _, data in view.leaves())
        )
    finally:
        view.close()


def _envelope(leaf: Leaf) -> bytes:
    try:
        value = leaf["envelope"]
    except KeyError:
        return b""
    return value if isinstance(value, bytes) else b""


def check_places(sender: Sender, step: Step) -> None:
    """Each notice is logged once at its author and at every reader, once at the relay if it was to carry it,
    and nowhere else."""
    ledgers = {agency: leaves_of(home) for agency, home in sender.network.homes.items()}
    for one in sender.sent:
        for agency, leaves in ledgers.items():
            found = {kind: leaves[kind, one.envelope_id] for kind in (_OUT, _IN, _CARRIED)}
            wanted = dict.fromkeys((_OUT, _IN, _CARRIED), 0)
            place = _place(one, agency, sender.plan.behind)
            if place:
                wanted[place] = 1
            step.equal(f"{agency} logged {one} where it should", found, wanted)


def _place(one: Sent, agency: str, behind: str) -> str:
    if agency == one.author:
        return _OUT
    if agency in one.readers:
        return _IN
    carried = behind in one.holders or bool(one.item.notice.group)
    return _CARRIED if agency == RELAY and carried else ""


def _early(check: Check) -> bool:
    """Witnesses cosign a log once a minute: a young network may lack a quorum, and the check says so."""
    return check.name == COSIGNED and check.status is Status.UNDECIDED


def check(sender: Sender, step: Step) -> None:
    """Every ledger, leaf by leaf: database, tree, checkpoints, envelopes, lanes."""
    network, size, checks = sender.network, 0, 0
    network_id = bytes.fromhex(network.network_id)
    for agency, home in network.homes.items():
        report = audit_folder(home.data, agency=agency, network=network_id)
        wrong = [
            f"{one.name} {one.status.value}: {one.detail or one.found}"
            for one in failures(report)
            if not _early(one)
        ]
        step.expect(f"the ledger of {agency} verifies", not wrong, "; ".join(wrong[:3]))
        size, checks = size + report.size, checks + len(report.checks)
    code = network.desks[network.plan.governor].as_process("audit", "verify")
    step.expect(
        "fanal audit verify verifies beside a running node", code in (Exit.OK, Exit.UNDECIDED), str(code)
    )
    step.facts.update(ledgers=len(network.homes), leaves=size, checks=checks)
    words = _("{ledgers} ledgers, {leaves} leaves, {checks} checks, beside their running nodes")
    step.say(words, ledgers=len(network.homes), leaves=size, checks=checks)


def flip_leaf(network: Network, agency: str) -> None:
    """Sabotage: one bit of one leaf on the disk of an agency, while its node is down."""
    node, home = network.nodes[agency], network.homes[agency]
    node.terminate()
    node.wait()
    view = open_readonly(home.data)
    try:
        leaves = [data for _, data in view.leaves()]
    finally:
        view.close()
    leaf = leaves[len(leaves) // 2]
    data = bytearray(home.ledger.read_bytes())
    # The last character before the line end is of a hash or a name: the leaf stays well formed enough.
    data[data.index(leaf) + len(leaf) - 2] ^= 1
    home.ledger.write_bytes(data)
