# SPDX-License-Identifier: Apache-2.0
"""The whole command line as a table: what there is, where it is, and one line on what it does."""

from __future__ import annotations

from typing import Any

import click

from fanal.cli.lazy import Entry, LazyGroup


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"fanal {version('fanal')}")
    except PackageNotFoundError:
        click.echo("fanal (not installed)")
    ctx.exit()


def _group(name: str, text: str, examples: tuple[str, ...], **table: Entry) -> LazyGroup:
    return LazyGroup(name, {key.rstrip("_"): entry for key, entry in table.items()}, examples, help=text)


network = _group(
    "network",
    "Make, join and change the network of agencies.",
    (
        "fanal network create caspian",
        "fanal network invite GE-CUS -o ge.token",
        "fanal network join ge.token",
    ),
    create=Entry("fanal.cli.network.create:create", "make a network of one agency"),
    invite=Entry("fanal.cli.network.create:invite", "make a one-use token for another agency"),
    join=Entry("fanal.cli.network.join:join", "answer an invitation"),
    approve=Entry("fanal.cli.network.approve:approve", "let an agency in that has asked"),
    charter=Entry("fanal.cli.network.charter:charter", "show or change members' channels and relays"),
)

node = _group(
    "node",
    "Run this agency's node.",
    ("fanal node run", "fanal node health"),
    run=Entry("fanal.cli.node.run:run", "run until it is told to stop"),
    health=Entry("fanal.cli.node.run:health", "ask whether it is serving; needs no key"),
)

peer = _group(
    "peer",
    "The other agencies' nodes, as this node sees them.",
    ("fanal peer list", "fanal peer ping GE-CUS"),
    list=Entry("fanal.cli.node.peer:list_", "who is connected, who is not and why"),
    show=Entry("fanal.cli.node.peer:show", "one peer in full"),
    ping=Entry("fanal.cli.node.peer:ping", "measure the way there and back"),
)

notice = _group(
    "notice",
    "Write, send, read, track and answer notices.",
    (
        "fanal notice new SHIPMENT_WARNING -o draft.json",
        "fanal notice send draft.json --to GE-CUS",
        "fanal notice list",
    ),
    new=Entry("fanal.cli.notice.new:new", "a draft to fill in"),
    check=Entry("fanal.cli.notice.check:check", "check notices against all rules; needs no node"),
    send=Entry("fanal.cli.notice.send:send", "show who will read it, sign it and send it"),
    list=Entry("fanal.cli.notice.read:list_", "what came in and went out"),
    show=Entry("fanal.cli.notice.read:show", "read one notice and what verifies about it"),
    track=Entry("fanal.cli.notice.track:track", "where it is at each recipient, and why"),
    ack=Entry("fanal.cli.notice.answer:ack", "accept, reject or forward what was asked"),
    reply=Entry("fanal.cli.notice.answer:reply", "answer a notice"),
    amend=Entry("fanal.cli.notice.change:amend", "send the next revision of an own notice"),
    withdraw=Entry("fanal.cli.notice.change:withdraw", "take an own notice back"),
)

key = _group(
    "key",
    "The keys of this agency.",
    ("fanal key list", "fanal key list --json"),
    list=Entry("fanal.cli.local.key:list_", "every key, its use and until when it is good"),
)

audit = _group(
    "audit",
    "Check a ledger; needs no node and no secret.",
    ("fanal audit verify", "fanal audit verify /srv/fanal/az-cus/data"),
    verify=Entry("fanal.cli.audit:verify", "leaves, tree, checkpoints and signatures of a data folder"),
)


def _root(**options: Any) -> LazyGroup:
    table = {
        "init": Entry(
            "fanal.cli.local.init:init", "make an agency: its keys and its identity document", "Start"
        ),
        "demo": Entry(
            "fanal.cli.demo:demo", "a whole network on this machine, with throw-away keys", "Start"
        ),
        "help": Entry("fanal.cli.help:help_", "topics, and what an error id means", "Start"),
        "notice": Entry(
            "fanal.cli.table:notice", "new, check, send, list, show, track, ack, reply ...", "Officer"
        ),
        "whoami": Entry("fanal.cli.node.status:whoami", "who you are to the node", "Officer"),
        "status": Entry("fanal.cli.node.status:status", "how the node is", "Operator"),
        "doctor": Entry(
            "fanal.cli.local.doctor:doctor", "what needs attention, and the command that mends it", "Operator"
        ),
        "unlock": Entry("fanal.cli.node.status:unlock", "open the node's keys", "Operator"),
        "node": Entry("fanal.cli.table:node", "run, health", "Operator"),
        "network": Entry("fanal.cli.table:network", "create, invite, join, approve, charter", "Operator"),
        "peer": Entry("fanal.cli.table:peer", "list, show, ping", "Operator"),
        "key": Entry("fanal.cli.table:key", "list", "Operator"),
        "audit": Entry("fanal.cli.table:audit", "verify", "Auditor"),
    }
    examples = (
        "fanal demo",
        "fanal init AZ-CUS",
        "fanal notice send draft.json --to GE-CUS",
        "fanal help start",
    )
    text = "Sealed notices between law-enforcement agencies, without anyone in between."
    return LazyGroup("fanal", table, examples, help=text, **options)


root = _root(
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help="Show the version and exit.",
        )
    ]
)
