# SPDX-License-Identifier: Apache-2.0
"""Plays a schedule of faults on whole nodes: officers, files, crashes, lines; and heals everything."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from courierkit import export, hand_in
from nodenet import some_notice
from simlines import Lines
from simschedule import Step
from wholefiles import Files, attach
from wholemembers import CHANNEL, Members, unlock
from wholenode import RESTORED, KilledError, Saved, WholeNet, WholeNode
from wholeschedule import WholeSchedule

from fanal.errors import FanalError
from fanal.keys.charter import RelayView
from fanal.node.inbox.interface import ListQuery
from fanal.node.retention import restored
from fanal.notices import answers
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, WithdrawalReason


@dataclass
class Sent:
    """A notice that its author's officer was told is on its way."""

    author: str
    run: int  # how often the author's folder had been put back by then
    readers: frozenset[str]
    ref: str
    notice: Notice
    envelope_id: bytes
    deletes: bool = False
    withdrawal: bytes = b""  # envelope id
    unsure: bool = False  # the node died at the withdrawal: it is withdrawn or not
    read_by: set[str] = field(default_factory=set)
    channel: bool = False
    files: tuple[bytes, ...] = ()  # what its officer attached


@dataclass(frozen=True)
class Sack:
    """A courier file on its way. It comes when it comes, as often as it likes."""

    sender: str
    addressee: str
    data: bytes


class WholeWorld(Lines, Members, Files):
    """One network of whole nodes under one schedule. `counts` says what really happened. ``folder``: where
    attached files lie, if the schedule has any."""

    net: WholeNet

    def __init__(self, plan: WholeSchedule, folder: Path | None = None) -> None:
        self.plan = plan
        self.channels = {CHANNEL: plan.readers}
        served = tuple(name for name in plan.names if name not in (plan.relay, plan.island))
        relays = {plan.relay: RelayView(plan.relay, True, served)} if plan.relay else {}
        who = {"channels": self.channels, "relays": relays}
        self.net = WholeNet(*plan.names, seed=plan.seed, linked=False, files=folder, **who)
        self.keepers = {}
        self.made, self.serials = [], {}
        self.counts: Counter[str] = Counter()
        self.sent: list[Sent] = []
        self.sacks: list[Sack] = []
        self.saved: dict[str, Saved] = {}
        self.honest = [name for name in plan.names if name not in plan.bad]
        for name, behaviour in plan.bad.items():
            self.net.whole[name].behaviour = behaviour
        self.net.run(600.0)  # the youngest keys are valid by the slowest clock
        for name, seconds in plan.ahead.items():
            host = self.net.whole[name]
            host.crash()
            host.clock_ahead = seconds
            host.start()
        for a, b, faults in plan.lines:
            self.net.connect(a, b, replace(faults))
        self.net.run(2.0)

    def play(self, step: Step) -> None:
        """One step; what cannot be (a dead node that writes) is passed over."""
        try:
            done = STEPS[step.kind](self, step)
        except KilledError as killed:
            self.net.kills[killed.host.name] += 1
            killed.host.crash()
            done = True
        self.counts[step.kind] += bool(done)
        self.net.run(step.wait)

    def heal(self) -> None:
        """Nothing goes wrong any more but lines that are long and slow, and peers that mean ill."""
        for link in self.net.links.values():
            link.faults.drop_link = 0.0
        self.net.heal()
        for host in self.net.whole.values():
            host.fill(False)
            host.kill_after(0)
            if not host.alive:
                host.start()
            elif host.node.locked:
                unlock(host)
        newest = max(host.node.directory.newest.version for host in self.net.whole.values())
        while newest <= len(self.made) and self.hand_in_charter(self.net.whole[self.plan.names[0]]):
            pass  # nobody else has what the governor signed and lost

    # officers

    def write(self, step: Step) -> bool:
        host = self.up(step.agency)
        if host is None:
            return False
        self.send(host, self.audience(host, step))
        return True

    def audience(self, host: WholeNode, step: Step) -> list[str]:
        group = self.group(host, step)
        return [f"group:{group}"] if group else [step.other]

    def send(self, host: WholeNode, to: list[str], files: tuple[bytes, ...] = ()) -> Sent:
        """One notice. What the officer was told counts; a node that dies at it tells nothing."""
        draft = some_notice(host.name, f"Seen {len(self.sent)}", host.node.now)
        keys = attach(host, draft, files)
        reply = host.hand_in(host.draft(draft, to), keys)
        shown = host.vault.notices.find(reply.ref, host.node.now)
        channel = to[0].startswith("group:")
        named = host.roster.channels[to[0].removeprefix("group:")] if channel else to
        readers = frozenset(named) - {host.name}
        notice = Notice.FromString(shown.notice)
        one = Sent(host.name, host.restored, readers, reply.ref, notice, reply.envelope_id, channel=channel)
        one.files = files
        self.sent.append(one)
        return one

    def withdraw(self, step: Step) -> bool:
        mine = [o for o in self.sent if o.author == step.agency and not (o.withdrawal or o.unsure)]
        mine = [one for one in mine if self.standing(one)]
        host = self.up(step.agency)
        if host is None or not mine:
            return False
        one = mine[int(step.amount * len(mine))]
        delete = step.share < 0.7
        draft = answers.withdraw(
            one.notice,
            host.name,
            WithdrawalReason.ERROR,
            host.node.now,
            os.urandom,
            delete_required=delete,
        )
        one.unsure = True
        one.withdrawal, one.deletes = host.send(draft).envelope_id, delete
        one.unsure = False
        return True

    def read(self, step: Step) -> bool:
        host = self.up(step.agency)
        if host is None:
            return False
        page = host.vault.notices.list(ListQuery(now=host.node.now, unread=True))
        known = {one.ref: one for one in self.sent}
        unread = [one for one in page.summaries if one.ref in known]
        if not unread:
            return False
        ref = unread[int(step.amount * len(unread))].ref
        if restored.closed(host.node):
            return False  # until a peer was caught up with
        host.read(ref)
        known[ref].read_by.add(f"{host.name}{host.restored}")
        return True

    def standing(self, one: Sent) -> bool:
        """Whether the author's folder is still the one that the notice was written in."""
        return self.net.whole[one.author].restored == one.run

    def met(self, a: str, b: str) -> bool:
        """Whether two agencies have a line, or one of them exchanges files with everybody."""
        return frozenset((a, b)) in self.net.links or self.plan.island in (a, b)

    def reached(self, one: Sent, name: str) -> bool:
        """Whether a notice comes to a reader: by line, by files, or, for named agencies, by the relay."""
        relay = self.plan.relay
        ends = [frozenset((relay, end)) in self.net.links for end in (one.author, name)]
        return self.met(one.author, name) or (bool(relay) and not one.channel and all(ends))

    # lines and machines

    def partition(self, step: Step) -> bool:
        names = sorted(
            self.plan.names, key=lambda name: hashlib.sha256(f"{name}{step.amount}".encode()).digest()
        )
        at = 1 + int(step.share * (len(names) - 1))
        self.net.partition(names[:at], names[at:])
        return True

    def crash(self, step: Step) -> bool:
        host = self.net.whole[step.agency]
        if host.alive:
            host.crash()
            return True
        return False

    def commit_crash(self, step: Step) -> bool:
        self.net.whole[step.agency].kill_after(1 + int(step.amount * 6))
        return True

    def start(self, _step: Step) -> bool:
        dead = [host for host in self.net.whole.values() if not host.alive and not host.full]
        for host in dead:
            host.start()
        return bool(dead)

    def backup(self, step: Step) -> bool:
        """A backup that is too old at once."""
        host = self.up(step.agency)
        if host is None:
            return False
        self.saved[step.agency] = host.backup()
        return self.write(step)

    def restore(self, step: Step) -> bool:
        """The folder of whoever has a backup is put back; the node goes on."""
        if not self.saved:
            return False
        names = sorted(self.saved)
        name = names[int(step.amount * len(names))]
        self.net.whole[name].restore(self.saved[name], RESTORED[int(step.share * 2)])
        return True

    def full(self, step: Step) -> bool:
        self.net.whole[step.agency].fill(True)
        return True

    def room(self, _step: Step) -> bool:
        full = [host for host in self.net.whole.values() if host.full]
        for host in full:
            host.fill(False)
        return bool(full)

    def slow(self, step: Step) -> bool:
        link = self.net.links.get(frozenset((step.agency, step.other)))
        if link is None:
            return False
        link.faults.bytes_per_second = (8_000.0, 16_000.0, 125_000.0, 0.0)[int(step.amount * 4)]
        return True

    # courier files

    def export(self, step: Step) -> bool:
        """A file is made by the production exporter, and its bytes are kept."""
        host = self.up(step.agency)
        if host is None:
            return False
        self.sacks.append(self.packed(host, step.other, everything=step.share < 0.2))
        return True

    def packed(self, host: WholeNode, to: str, *, everything: bool = False) -> Sack:
        return Sack(host.name, to, export(host, to, everything=everything))

    def imported(self, step: Step) -> bool:
        """Some file, old or new, once more or for the first time."""
        sack = self._some(step)
        host = self.up(sack.addressee) if sack is not None else None
        if sack is None or host is None:
            return False
        hand_in(host, sack.data)
        return True

    def truncated(self, step: Step) -> bool:
        """Half a file is refused as a whole, and changes nothing but the log."""
        sack = self._some(step)
        host = self.up(sack.addressee) if sack is not None else None
        if sack is None or host is None:
            return False
        self._refused(host, sack.data[: int(step.share * len(sack.data))], "a file that was cut")
        return True

    def misdirected(self, step: Step) -> bool:
        """A file for somebody else is refused."""
        sack, host = self._some(step), self.up(step.other)
        if sack is None or host is None or host.name == sack.addressee:
            return False
        self._refused(host, sack.data, "a file for somebody else")
        return True

    def _refused(self, host: WholeNode, data: bytes, what: str) -> None:
        before = host.ledger.head().entries
        taken = True
        try:
            hand_in(host, data)
        except FanalError:
            taken = False
        assert not taken, f"{host.name} took {what}"
        assert host.ledger.head().entries == before, f"{host.name} took something out of {what}"

    def _some(self, step: Step) -> Sack | None:
        return self.sacks[int(step.amount * len(self.sacks))] if self.sacks else None

    def ferry(self) -> None:
        """Whoever has no line exchanges one file each way with every honest agency."""
        island = self.plan.island
        for name in self.honest if island in self.honest else ():
            if name != island:
                for sender, receiver in ((name, island), (island, name)):
                    sack = self.packed(self.net.whole[sender], receiver)
                    self.sacks.append(sack)
                    hand_in(self.net.whole[receiver], sack.data)
                    self.net.run(1.0)

    def confirm_inbox(self) -> None:
        """What no line leads to opens its restored inbox by its officer's word, once the files are in."""
        host = self.net.whole.get(self.plan.island)
        if host is not None and restored.closed(host.node):
            host.desk.confirm(host.officer, api.ConfirmRequest(what="inbox"))

    def late_files(self) -> Iterator[Sack]:
        """Every file of the run once more, at its addressee, the newest first."""
        for sack in reversed(self.sacks):
            hand_in(self.net.whole[sack.addressee], sack.data)
            yield sack


STEPS: dict[str, Callable[[WholeWorld, Step], bool]] = {
    "write": WholeWorld.write,
    "withdraw": WholeWorld.withdraw,
    "read": WholeWorld.read,
    "partition": WholeWorld.partition,
    "heal": WholeWorld.heal_lines,
    "cut": WholeWorld.cut,
    "drop": WholeWorld.drop,
    "crash": WholeWorld.crash,
    "commit-crash": WholeWorld.commit_crash,
    "start": WholeWorld.start,
    "backup": WholeWorld.backup,
    "restore": WholeWorld.restore,
    "export": WholeWorld.export,
    "import": WholeWorld.imported,
    "truncated": WholeWorld.truncated,
    "misdirected": WholeWorld.misdirected,
    "full": WholeWorld.full,
    "room": WholeWorld.room,
    "slow": WholeWorld.slow,
    "lock": WholeWorld.lock,
    "unlock": WholeWorld.unlock,
    "rotate": WholeWorld.rotate,
    "charter": WholeWorld.charter,
    "attach": WholeWorld.attach,
    "damage": WholeWorld.damage,
}
