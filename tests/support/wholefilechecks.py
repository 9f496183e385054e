# SPDX-License-Identifier: Apache-2.0
"""What must hold of attached files: ciphertext alone lies in folders, and only where its notice may lie; in
the end each reader opens each file, and what was withdrawn lies nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attachkit import got
from wholefiles import names_of
from wholenode import WholeNode
from wholeworld import Sent, WholeWorld

from fanal.errors import FanalError
from fanal.node.attachments.serving import check_here, views
from fanal.node.gossip.entitlement import LaneView, may_hold

MARK = 64
"""Bytes of a plaintext that are looked for, from its beginning and from each quarter."""


def lanes_of(host: WholeNode, attachment: bytes) -> tuple[LaneView, ...]:
    """The lanes here of the notices that name it."""
    return views(host.node, host.ledger.entries.attached(attachment))


def check_sent(host: WholeNode, receiver: str, attachment: bytes) -> None:
    """A piece of it leaves for somebody."""
    allowed = any(may_hold(receiver, view, host.roster) for view in lanes_of(host, attachment))
    assert allowed, f"{host.name} sent a piece of a foreign file to {receiver}"


def check_folders(world: WholeWorld) -> None:
    """No plaintext in any folder, the author's included, and no file with whom its notice may not be."""
    marks = [mark for one in world.sent for data in one.files for mark in _marks(data)]
    owners = {name: one for one in world.sent for name in names_of(one.notice)}
    for host in world.net.whole.values() if marks else ():
        for name, path in _lying(host):
            data = path.read_bytes()
            assert not any(mark in data for mark in marks), f"{host.name} keeps a file as plaintext"
            one = owners.get(name)  # None: its author died before the officer was told
            known = one is None or host.name in (world.plan.relay, one.author, *one.readers)
            assert known or _joined(world, host, name), f"{host.name} keeps a foreign file"


def _joined(world: WholeWorld, host: WholeNode, name: bytes) -> bool:
    """Whether a charter has made it a member of the file's channel since: it may hold what it cannot open."""
    return any(host.name in world.channels.get(view.channel, ()) for view in lanes_of(host, name))


def _marks(data: bytes) -> set[bytes]:
    found = (data[at : at + MARK] for at in range(0, len(data), 1 + len(data) // 4))
    return {mark for mark in found if len(mark) == MARK}


def _lying(host: WholeNode) -> Iterator[tuple[bytes, Path]]:
    folder = host.files._path
    for path in sorted(folder.rglob("*")) if folder is not None and folder.is_dir() else ():
        if path.is_file():
            yield bytes.fromhex(path.name.partition(".")[0]), path


def unfetched(world: WholeWorld, among: Iterable[str]) -> str:
    """Who lacks a file that it is to have, or keeps one that it is not to have any more; "" when nobody."""
    honest = [name for name in among if name in world.honest]
    for one in world.sent:
        judged = one.files and not one.unsure and one.author in honest and world.standing(one)
        for name in sorted({one.author, world.plan.relay, *one.readers} & set(honest)) if judged else ():
            why = _wrong(world, one, world.net.whole[name])
            if why:
                return f"{why}: {one.ref} of {one.author}, {name}"
    return ""


def _wrong(world: WholeWorld, one: Sent, host: WholeNode) -> str:
    row = host.ledger.entries.get(envelope_id=one.envelope_id, author=one.author)
    names = names_of(one.notice)
    if row is None or (host.name in one.readers and not world.reached(one, host.name)):
        return ""  # whether it must be there is judged with the entries; by chance a courier file brought it
    if one.deletes:
        gone = row.body is None and not {name for name, _path in _lying(host)} & set(names)
        return "" if gone or not _concerned(one, host) else "a withdrawn file still lies there"
    if one.withdrawal or not all(_kept(world, name) for name in names):
        return ""
    if host.name not in (one.author, *one.readers):
        # Asked as by a peer: a relay that nobody asks does not know what its disk has lost.
        return "" if all(check_here(host.node, name).whole for name in names) else "no file to pass on"
    return _unopened(host, one)


def _concerned(one: Sent, host: WholeNode) -> bool:
    return host.name in (one.author, *one.readers)


def _kept(world: WholeWorld, name: bytes) -> bool:
    """Whether the copy that was spared is still on the disk that it was on."""
    keeper, run = world.keepers[name]
    return keeper in world.honest and world.net.whole[keeper].restored == run


def _unopened(host: WholeNode, one: Sent) -> str:
    try:
        same = all(got(host, one.ref, number) == data for number, data in enumerate(one.files))
    except FanalError as error:
        return f"a file cannot be opened ({error.kind.id})"
    assert same, f"{host.name} opened something else than was attached to {one.ref}"
    return ""
