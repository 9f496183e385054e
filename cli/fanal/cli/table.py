# SPDX-License-Identifier: Apache-2.0
"""The whole command line as a table: what there is, where it is, and one line on what it does."""

from __future__ import annotations

from typing import Any

import click

from fanal.cli.lazy import Entry, LazyGroup
from fanal.i18n import _, say


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"fanal {version('fanal')}")
    except PackageNotFoundError:
        click.echo("fanal " + say(_("(not installed)")))
    ctx.exit()


def _group(name: str, text: str, examples: tuple[str, ...], **table: Entry) -> LazyGroup:
    return LazyGroup(
        name, {key.rstrip("_").replace("_", "-"): entry for key, entry in table.items()}, examples, help=text
    )


network = _group(
    "network",
    _("Make, join and change the network of agencies."),
    (
        "fanal network create caspian",
        "fanal network invite GE-CUS -o ge.token",
        "fanal network join ge.token",
    ),
    create=Entry("fanal.cli.network.create:create", _("make a network of one agency")),
    invite=Entry("fanal.cli.network.create:invite", _("make a one-use token for another agency")),
    join=Entry("fanal.cli.network.join:join", _("answer an invitation")),
    approve=Entry("fanal.cli.network.approve:approve", _("let an agency in that has asked")),
    charter=Entry("fanal.cli.network.charter:charter", _("show or change members' channels and relays")),
)

node = _group(
    "node",
    _("Run this agency's node."),
    ("fanal node run", "fanal node health"),
    run=Entry("fanal.cli.node.run:run", _("run until it is told to stop")),
    free_reserve=Entry("fanal.cli.node.reserve:free_reserve", _("make room at once on a full disk")),
    drain=Entry("fanal.cli.node.drain:drain", _("finish what was taken, take nothing new; stop or go on")),
    confirm=Entry("fanal.cli.node.confirm:confirm", _("that the clock is right, or the inbox may open")),
    settle=Entry("fanal.cli.node.settle:settle", _("that an incident was looked into")),
    backup=Entry("fanal.cli.node.backup:backup", _("all that it holds but its private keys, to a folder")),
    restore=Entry("fanal.cli.node.backup:restore", _("such a backup into a folder that has the keys")),
    migrate=Entry("fanal.cli.node.migrate:migrate", _("bring older data to the newest formats")),
    health=Entry("fanal.cli.node.run:health", _("ask whether it is serving; needs no key")),
)

peer = _group(
    "peer",
    _("The other agencies' nodes, as this node sees them."),
    ("fanal peer list", "fanal peer ping GE-CUS"),
    list=Entry("fanal.cli.node.peer:list_", _("who is connected, who is not and why")),
    show=Entry("fanal.cli.node.peer:show", _("one peer in full")),
    block=Entry("fanal.cli.node.peer:block", _("cut an agency off until you unblock it")),
    unblock=Entry("fanal.cli.node.peer:unblock", _("let a blocked agency in again")),
    ping=Entry("fanal.cli.node.peer:ping", _("measure the way there and back")),
)

courier = _group(
    "courier",
    _("Files between agencies that share no network."),
    ("fanal courier export --to GE-CUS ge.courier", "fanal courier import az.courier"),
    export=Entry("fanal.cli.courier:export", _("what an agency may have and has not, as a signed file")),
    import_=Entry("fanal.cli.courier:import_", _("take in a file that another agency exported")),
)

notice = _group(
    "notice",
    _("Write, send, read, track and answer notices."),
    (
        "fanal notice new SHIPMENT_WARNING -o draft.json",
        "fanal notice send draft.json --to GE-CUS",
        "fanal notice list",
    ),
    new=Entry("fanal.cli.notice.new:new", _("a draft to fill in")),
    check=Entry("fanal.cli.notice.check:check", _("check notices against all rules; needs no node")),
    send=Entry("fanal.cli.notice.send:send", _("show who will read it, sign it and send it")),
    list=Entry("fanal.cli.notice.read:list_", _("what came in and went out")),
    show=Entry("fanal.cli.notice.read:show", _("read one notice and what verifies about it")),
    print=Entry("fanal.cli.copies.printing:print_", _("one notice for paper, with its handling marks")),
    export=Entry("fanal.cli.copies.export:export", _("opened notices as a file of JSON lines")),
    attachment=Entry("fanal.cli.files.attachment:attachment", _("save a file that came with a notice")),
    track=Entry("fanal.cli.notice.track:track", _("where it is at each recipient, and why")),
    ack=Entry("fanal.cli.notice.answer:ack", _("accept, reject or forward what was asked")),
    reply=Entry("fanal.cli.notice.answer:reply", _("answer a notice")),
    amend=Entry("fanal.cli.notice.change:amend", _("send the next revision of an own notice")),
    withdraw=Entry("fanal.cli.notice.change:withdraw", _("take an own notice back")),
    forward=Entry("fanal.cli.notice.forward:forward", _("let another agency read an own notice")),
    recall=Entry("fanal.cli.notice.keep:recall", _("answer another agency's withdrawal")),
    hold=Entry("fanal.cli.notice.keep:hold", _("keep a notice from being erased, or stop that")),
    erase=Entry("fanal.cli.notice.keep:erase", _("erase a notice's content for good")),
)

key = _group(
    "key",
    _("The keys of this agency."),
    ("fanal key list", "fanal key rotate ENCRYPT", "fanal key add-officer auditor-1 --rights audit"),
    list=Entry("fanal.cli.local.key:list_", _("every key, its use and until when it is good")),
    revoke=Entry("fanal.cli.local.revoke:revoke", _("a key is no longer good from a time on")),
    rotate=Entry("fanal.cli.local.rotate:rotate", _("the next key of a use, beside the present one")),
    backup=Entry("fanal.cli.local.backup:backup", _("the keys, sealed under a passphrase of its own")),
    restore=Entry("fanal.cli.local.backup:restore", _("a folder anew from such a backup")),
    **{
        "add-officer": Entry("fanal.cli.local.officers:add_officer", _("a further officer, or an auditor")),
        "new-log": Entry("fanal.cli.local.new_log:new_log", _("begin a new log after a rollback")),
    },
)

audit = _group(
    "audit",
    _("Check a ledger; needs no node and no secret."),
    ("fanal audit verify", "fanal audit verify /srv/fanal/az-cus/data"),
    verify=Entry(
        "fanal.cli.audit:verify", _("leaves, tree, checkpoints, signatures and receipts of a ledger")
    ),
    prove=Entry("fanal.cli.auditor.prove:prove", _("the evidence bundle of one notice")),
    export=Entry("fanal.cli.auditor.export:export", _("a ledger as one file for another machine")),
    compare=Entry("fanal.cli.auditor.compare:compare", _("two checkpoints, or two agencies' ledgers")),
    timeline=Entry("fanal.cli.auditor.timeline:timeline", _("everything about one envelope, in order")),
    access=Entry("fanal.cli.auditor.access:access", _("who read, searched, printed or exported what")),
    suspects=Entry(
        "fanal.cli.auditor.suspects:suspects", _("what was signed with keys that are no longer good")
    ),
    stats=Entry("fanal.cli.auditor.stats:stats", _("how much of what a ledger holds, in figures")),
    completeness=Entry("fanal.cli.auditor.completeness:completeness", _("which numbers of a lane are here")),
)


def _root(**options: Any) -> LazyGroup:
    table = {
        "init": Entry(
            "fanal.cli.local.init:init", _("make an agency: its keys and its identity document"), _("Start")
        ),
        "demo": Entry(
            "fanal.cli.demo:demo", _("a whole network on this machine, with throw-away keys"), _("Start")
        ),
        "help": Entry("fanal.cli.help:help_", _("topics, and what an error id means"), _("Start")),
        "completion": Entry(
            "fanal.cli.completion:completion", _("let a shell complete commands and ids"), _("Start")
        ),
        "notice": Entry(
            "fanal.cli.table:notice", _("new, check, send, list, show, track, ack, reply ..."), _("Officer")
        ),
        "whoami": Entry("fanal.cli.node.status:whoami", _("who you are to the node"), _("Officer")),
        "status": Entry("fanal.cli.node.status:status", _("how the node is"), _("Operator")),
        "doctor": Entry(
            "fanal.cli.local.doctor:doctor",
            _("what needs attention, and the command that mends it"),
            _("Operator"),
        ),
        "unlock": Entry("fanal.cli.node.status:unlock", _("open the node's keys"), _("Operator")),
        "node": Entry("fanal.cli.table:node", _("run, health"), _("Operator")),
        "network": Entry(
            "fanal.cli.table:network", _("create, invite, join, approve, charter"), _("Operator")
        ),
        "peer": Entry("fanal.cli.table:peer", _("list, show, ping, block"), _("Operator")),
        "quota": Entry(
            "fanal.cli.node.quota:quota", _("what authors have used of the limits"), _("Operator")
        ),
        "courier": Entry(
            "fanal.cli.table:courier",
            _("export, import: files between agencies off line"),
            _("Operator"),
        ),
        "key": Entry("fanal.cli.table:key", _("list, rotate, revoke ..."), _("Operator")),
        "audit": Entry("fanal.cli.table:audit", _("verify, prove, export, compare ..."), _("Auditor")),
    }
    examples = (
        "fanal demo",
        "fanal init AZ-CUS",
        "fanal notice send draft.json --to GE-CUS",
        "fanal help start",
    )
    text = _("Sealed notices between law-enforcement agencies, without anyone in between.")
    return LazyGroup("fanal", table, examples, help=text, **options)


root = _root(
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help=_("Show the version and exit."),
        )
    ]
)
