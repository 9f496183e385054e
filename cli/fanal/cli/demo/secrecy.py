# SPDX-License-Identifier: Apache-2.0
"""That nobody outside the audience can read: raw files, captured traffic and opened vaults are searched.

Each search is shown to be able to find: the relay's files name the author of what it carries, the captured
traffic shows the one name that TLS sends in the clear, and a reader's opened vault holds every phrase.
"""

from __future__ import annotations

from fanal.cli.demo.canaries import COUNT, Canary, choose, files_of, found_in, patterns
from fanal.cli.demo.expectations import Step
from fanal.cli.demo.network import Network
from fanal.cli.demo.plan import RELAY
from fanal.cli.demo.sending import Sender, Sent
from fanal.config.home import Home
from fanal.errors import Exit
from fanal.i18n import _
from fanal.keys.secret import read_key_file
from fanal.node.inbox.dump import values
from fanal.node.service.tls import TARGET_NAME
from fanal.node.unlocked import unlock
from fanal.v1.notice_pb2 import Notice

_WORDS = _(
    "{count} phrases ({languages}): 0 in {files} raw files ({stored}), write-ahead logs among them, 0 in"
    " {captured} of captured traffic; {finds} finds in the opened vaults of their readers, none elsewhere;"
    " notice show at a non-reader and at the relay ends with 9"
)


def check(sender: Sender, step: Step) -> None:
    """All of it. Withdrawn notices give no canary: whether a reader still holds them is its affair."""
    gone = {old for one in sender.sent for old in one.item.notice.withdrawal.notice_ids}
    kept = [one for one in sender.sent if one.item.notice.notice_id not in gone]
    canaries = choose([(Notice.FromString(one.notice), one.holders) for one in kept])
    if len(sender.selection.items) >= COUNT:
        step.equal("so many canaries were found in the texts", len(canaries), COUNT)
    step.expect("there are canaries at all", bool(canaries))
    files, stored = _raw_files(sender.network, canaries, step)
    captured = _traffic(sender.network, canaries, step)
    finds = _opened_vaults(sender.network, canaries, step)
    _show_commands(sender, kept, step)
    languages = sorted({one.language for one in canaries} - {"-"})
    step.facts.update(
        canaries=len(canaries), languages=languages, files=files, file_bytes=stored, captured_bytes=captured
    )
    step.say(
        _WORDS,
        count=len(canaries),
        languages=", ".join(languages),
        files=files,
        stored=_mb(stored),
        captured=_mb(captured),
        finds=finds,
    )


def _raw_files(network: Network, canaries: list[Canary], step: Step) -> tuple[int, int]:
    """Not even a reader's disk holds a phrase: number and bytes of the files searched."""
    count = size = 0
    author = patterns(network.plan.governor)[0]
    for agency, home in network.homes.items():
        names = set()
        seen = False
        for path, data in files_of(home.path):
            count, size = count + 1, size + len(data)
            names.add(path.name)
            seen = seen or (path.name.startswith("ledger.db") and author in data)
            found = [one.phrase for one in found_in(data, canaries)]
            step.expect(f"no canary in {agency}/{path.name}", not found, "; ".join(found))
        logs = {"ledger.db-wal", "vault.db-wal"}
        if network.nodes[agency].alive:
            step.expect(f"the write-ahead logs of {agency} were searched", logs <= names, str(sorted(names)))
        step.expect(f"the same search finds an agency's name in the ledger of {agency}", seen)
    return count, size


def _traffic(network: Network, canaries: list[Canary], step: Step) -> int:
    """Every link was captured in both directions; the number of bytes."""
    size = 0
    for agency, traffic in network.taps.traffic.items():
        size += traffic.size
        both = bytes(traffic.inward), bytes(traffic.outward)
        found = [one.phrase for data in both for one in found_in(data, canaries)]
        step.expect(f"no canary in the traffic at the door of {agency}", not found, "; ".join(found))
    relay = network.taps.traffic[RELAY]
    step.expect("traffic of the relay was captured in both directions", bool(relay.inward and relay.outward))
    name = TARGET_NAME.encode("ascii")
    step.expect("the same search finds the name that TLS sends in the clear", name in relay.inward)
    return size


def _opened_vaults(network: Network, canaries: list[Canary], step: Step) -> int:
    """With the agency's own key: a phrase is there if and only if the agency may know it. Number of finds."""
    finds = 0
    for agency, home in network.homes.items():
        data = b"\0".join(values(home.vault, vault_key(agency, home)))
        found = {one.phrase for one in canaries if one.phrase.encode("utf-8") in data}
        for one in canaries:
            held, may = one.phrase in found, agency in one.holders
            verb = "holds" if may else "does not hold"
            step.expect(f"the opened vault of {agency} {verb} {one.phrase!r} ({one.field})", held == may)
        finds += len(found)
    return finds


def vault_key(agency: str, home: Home) -> bytes:
    """The key of the agency's vault, from its own keystore."""
    return unlock(home.node_keys, read_key_file(home.unlock_key), agency).vault_key


def _show_commands(sender: Sender, kept: list[Sent], step: Step) -> None:
    """The command as a person types it: at a reader, at a non-reader, at the relay that carried it."""
    plan, desks = sender.plan, sender.network.desks
    carried = [one for one in kept if plan.behind in one.readers] or kept
    one = carried[0]
    stranger = next((agency for agency in plan.agencies if agency not in one.holders), RELAY)
    reader = plan.behind if plan.behind in one.readers else min(one.readers)
    for agency, wanted in ((reader, Exit.OK), (stranger, Exit.NOT_FOUND), (RELAY, Exit.NOT_FOUND)):
        code = desks[agency].as_process("notice", "show", one.notice_id, "--json")
        step.equal(f"fanal notice show {one.ref} at {agency} ends with {int(wanted)}", code, int(wanted))


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
