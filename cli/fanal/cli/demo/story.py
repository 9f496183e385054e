# SPDX-License-Identifier: Apache-2.0
"""What the demo does, in order. Every claim is an expectation; nothing here is shown that is not checked.

joined -> sent -> killed -> answered -> refused -> delivered -> read -> withdrawn -> secret -> audited
"""

from __future__ import annotations

import contextlib
import time

from fanal.cli.demo import bad, ledgers, secrecy
from fanal.cli.demo.expectations import Expectations, Step, until
from fanal.cli.demo.network import Network
from fanal.cli.demo.plan import DROP_ONE, FLIP_LEAF, RELAY
from fanal.cli.demo.sending import PATIENCE, Sender, Sent
from fanal.errors import FanalError
from fanal.i18n import _

JOINED_WITHIN = 15.0
WHOLE = 8
"""With so many agencies the corpus gives at least MOST_NOTICES of MOST_KINDS."""
FEWEST_NOTICES, FEWEST_KINDS = 25, 18
SEEN = frozenset({"READ", "ANSWERED", "WITHDRAWN"})

_JOINED = _(
    "{count} agencies and the relay {relay} by create, invite, join and approve; {behind} is linked only"
    " through the relay"
)
_SENT = _("{count} notices ({kinds} kinds), each prepared, signed on the officer's side, sent")
_SELECTED = _("; in all {count} of {kinds} kinds, moved by {days} days; left out {left}: {why}")
_KILLED = _(
    "{victim} by SIGKILL while {ref} was SENT; ready again after {again} s, STORED exactly once after"
    " {seconds} s"
)
_REFUSED = _("{count} bad notices: {codes}; one of them, signed all the same, by the node")
_DELIVERED = _(
    "{count} deliveries STORED, each logged once, byte for byte as signed; the relay logged what it carried"
)
_READ = _(
    "{count} READ receipts signed by officers; {answers} answers, {acks} of them ACK notices, known to their"
    " authors"
)


def tell(network: Network, all_: Expectations) -> None:
    """The whole story. A step that breaks off has failed; the next is tried all the same, but nothing can be
    told of a network that did not come about."""
    with all_.step("joined") as step:
        joined(network, step)
    if not step.held:
        return
    sender = Sender(network, int(time.time()))
    at, victim = sender.pick_for_kill()
    items = sender.selection.items
    with all_.step("sent") as step:
        sent(sender, 0, at, step)
    with all_.step("killed") as step:
        killed(sender, at, victim, step)
    with all_.step("refused") as step:
        refused(sender, step)
    with all_.step("answered") as step:
        silent = silence(sender) if network.plan.sabotage == DROP_ONE else ""
        sent(sender, at + 1, len(items), step)
        selected(sender, step)
    with all_.step("delivered") as step:
        delivered(sender, step)
    with all_.step("read") as step:
        if silent:
            network.restart(silent)
        read(sender, step)
    with all_.step("withdrawn") as step:
        withdrawn(sender, step)
    with all_.step("secret") as step:
        secrecy.check(sender, step)
    with all_.step("audited") as step:
        if network.plan.sabotage == FLIP_LEAF:
            ledgers.flip_leaf(network, network.plan.agencies[1])
        ledgers.check(sender, step)


def joined(network: Network, step: Step) -> None:
    """Everybody is a member, runs, and is linked with whom it should be."""
    plan, began = network.plan, time.monotonic()
    network.found()
    network.join_all()
    until("every link stands and every charter has come", JOINED_WITHIN, lambda: not network.missing_links())
    seconds = time.monotonic() - began
    for agency in plan.everybody:
        status = network.desks[agency].run("status")
        step.equal(f"{agency} belongs to the network", status["network"], network.network_id)
        step.equal(f"{agency} is unlocked", status["locked"], False)
        step.expect(f"the node of {agency} is a process of its own", network.nodes[agency].alive)
        peers = network.desks[agency].run("peer", "list")["peers"]
        up = sorted(one["agency"] for one in peers if one["state"] == "CONNECTED")
        step.equal(f"{agency} is linked with whom it should be", up, sorted(plan.linked(agency)))
    if len(plan.agencies) <= WHOLE:
        slow = f"{seconds:.1f} s"
        step.expect(f"all nodes have joined within {JOINED_WITHIN:.0f} s", seconds <= JOINED_WITHIN, slow)
    step.facts.update(nodes=len(plan.everybody), within=round(seconds, 2), behind=plan.behind)
    step.say(_JOINED, count=len(plan.agencies), relay=RELAY, behind=plan.behind)


def sent(sender: Sender, start: int, stop: int, step: Step) -> None:
    """The notices of the corpus, each by its originator's officer."""
    for item in sender.selection.items[start:stop]:
        one = sender.send(item, step)
        step.expect(f"{one} has a ref of its author", one.ref.startswith(one.author + "-"))
    kinds = len({item.kind for item in sender.selection.items[start:stop]})
    step.facts.update(notices=stop - start, kinds=kinds)
    step.say(_SENT, count=stop - start, kinds=kinds)


def silence(sender: Sender) -> str:
    """Sabotage: a reader of the last notice is gone from before it is sent until deliveries are counted."""
    victim = min(sender.readers(sender.selection.items[-1]))
    sender.network.nodes[victim].kill()
    return victim


def selected(sender: Sender, step: Step) -> None:
    """As much of the corpus as this network can carry."""
    found, left = sender.selection, sender.selection.left_out
    step.equal("every selected notice was sent", len(sender.sent), len(found.items))
    if len(sender.plan.agencies) == WHOLE:
        step.expect(f"at least {FEWEST_NOTICES} notices", len(found.items) >= FEWEST_NOTICES)
        step.expect(f"of at least {FEWEST_KINDS} kinds", found.kinds >= FEWEST_KINDS)
    days = sender.delta / 86_400
    step.facts.update(
        total=len(found.items), total_kinds=found.kinds, left_out=dict(left), moved_days=round(days, 2)
    )
    why = ", ".join(f"{count} {reason}" for reason, count in sorted(left.items()))
    facts = {"days": f"{days:.1f}", "left": sum(left.values()), "why": why}
    step.say(_SELECTED, count=len(found.items), kinds=found.kinds, **facts)


def killed(sender: Sender, index: int, victim: str, step: Step) -> None:
    """A node dies between taking a notice and signing for it; after its restart it signs exactly once."""
    network = sender.network
    until("nothing is under way", PATIENCE, lambda: not sender.undelivered())
    one = sender.send(sender.selection.items[index], step)
    author = network.desks[one.author]

    def state() -> str:
        return author.states(one.notice_id).get(victim, "")

    until(f"{one} is SENT to {victim}", PATIENCE, lambda: state() != "QUEUED")
    network.nodes[victim].kill()
    step.equal(f"{one} is SENT and not STORED when {victim} is killed", state(), "SENT")
    step.expect(f"the node of {victim} is dead", not network.nodes[victim].alive)
    tracked = author.run("notice", "track", one.ref)["deliveries"]
    shown = {row["recipient"]: row["state"] for row in tracked}
    step.equal(f"track shows {one} as SENT", shown.get(victim), "SENT")
    began = time.monotonic()
    network.restart(victim)
    again = time.monotonic() - began
    until(f"{one} is STORED at {victim}", PATIENCE, lambda: state() == "STORED")
    seconds = time.monotonic() - began
    leaves = ledgers.leaves_of(network.homes[victim])
    step.equal(f"{victim} has logged {one} once", leaves["envelope-in", one.envelope_id], 1)
    held = [n for n in network.desks[victim].held() if n == one.notice_id]
    step.equal(f"{victim} holds {one} once", len(held), 1)
    step.facts.update(victim=victim, restart=round(again, 2), stored=round(seconds, 2))
    step.say(_KILLED, victim=victim, ref=one.ref, again=f"{again:.1f}", seconds=f"{seconds:.1f}")


def refused(sender: Sender, step: Step) -> None:
    """Bad notices do not get out."""
    codes = bad.try_all(sender, step)
    step.facts.update(codes=codes)
    step.say(_REFUSED, count=len(codes), codes=", ".join(codes))


def delivered(sender: Sender, step: Step) -> None:
    """Every notice is at every reader: signed for, once, byte for byte, and at nobody else."""
    network = sender.network
    with contextlib.suppress(FanalError):  # each that is missing is named below
        until("every notice is STORED at every reader", PATIENCE, lambda: not sender.undelivered())
    late = set(sender.undelivered())
    for agency, node in network.nodes.items():
        step.expect(f"the node of {agency} runs", node.alive)
    for one in sender.sent:
        for reader in sorted(one.readers):
            step.expect(f"{one} is STORED at {reader}", f"{one} at {reader}" not in late)
            if network.nodes[reader].alive:
                step.expect(f"{reader} is shown {one} as it was signed", _same(network, reader, one))
    ledgers.check_places(sender, step)
    pairs = sum(len(one.readers) for one in sender.sent)
    step.facts.update(deliveries=pairs)
    step.say(_DELIVERED, count=pairs)


def _same(network: Network, reader: str, one: Sent) -> bool:
    """Whether the reader's officer is shown the very bytes that were signed."""
    try:
        shown = network.desks[reader].fetch(one.notice_id, one.item.notice.revision)
    except FanalError:
        return False
    erased = not shown.notice and bool(shown.withdrawn_reason)
    return shown.notice == one.notice or erased


def read(sender: Sender, step: Step) -> None:
    """Officers read, and sign that they did; the authors see who read and who answered."""
    network, count = sender.network, 0
    pairs = [(one, reader) for one in sender.sent for reader in sorted(one.readers)]
    for one, reader in pairs:
        if not network.nodes[reader].alive or one.notice_id in _withdrawn_ids(sender):
            continue
        shown = network.desks[reader].run("notice", "show", one.notice_id, "--mark-read")
        step.expect(f"{reader} verifies the officer's signature of {one}", "verified" in shown["signature"])
        count += bool(shown["read_receipt"])
    answers = {(sent.item.notice.in_reply_to, sent.author) for sent in sender.sent}

    def behind() -> list[str]:
        return [f"{one} at {reader}" for one, reader in pairs if _state(sender, one, reader) not in SEEN]

    with contextlib.suppress(FanalError):  # each that is missing is named below
        until("every author knows who has read", PATIENCE, lambda: not behind())
    for one, reader in pairs:
        asked = (one.item.notice.notice_id, reader) in answers
        wanted = {"ANSWERED", "WITHDRAWN"} if asked else SEEN
        state = _state(sender, one, reader)
        step.expect(f"{one} is {' or '.join(sorted(wanted))} at {reader}", state in wanted, state)
    replies = sum(1 for sent in sender.sent if sent.item.notice.in_reply_to)
    acks = sum(1 for sent in sender.sent if sent.item.kind == "ACK")
    step.facts.update(read=count, answers=replies, acks=acks)
    step.say(_READ, count=count, answers=replies, acks=acks)


def _state(sender: Sender, one: Sent, reader: str) -> str:
    return sender.network.desks[one.author].states(one.notice_id).get(reader, "")


def _withdrawn_ids(sender: Sender) -> frozenset[str]:
    named = {old for sent in sender.sent for old in sent.item.notice.withdrawal.notice_ids}
    return frozenset(sender.issued.ids[old] for old in named)


def withdrawn(sender: Sender, step: Step) -> None:
    """What its author took back is WITHDRAWN wherever it is: by a notice of the corpus, and by command."""
    gone = [one for one in sender.sent if one.notice_id in _withdrawn_ids(sender)]
    widest = max(sender.sent, key=lambda one: (len(one.readers), one.item.line))
    desk = sender.network.desks[widest.author]
    desk.run("notice", "withdraw", widest.notice_id, "--reason", "ERROR", "--yes")
    gone.append(widest)
    for one in gone:
        for reader in sorted(one.readers):
            _expect_withdrawn(sender, one, reader, step)
    step.facts.update(withdrawn=len(gone))
    step.say(_("{count} notices by their authors; every reader sees them WITHDRAWN"), count=len(gone))


def _expect_withdrawn(sender: Sender, one: Sent, reader: str, step: Step) -> None:
    def seen() -> tuple[str, str]:
        held = sender.network.desks[reader].held().get(one.notice_id)
        return (held.status if held else "absent"), _state(sender, one, reader)

    both = ("WITHDRAWN", "WITHDRAWN")
    with contextlib.suppress(FanalError):
        until(f"{one} is withdrawn at {reader}", PATIENCE, lambda: seen() == both)
    step.equal(f"{one} is WITHDRAWN at {reader}, and its author sees so", seen(), both)
