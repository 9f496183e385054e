# SPDX-License-Identifier: Apache-2.0
"""``fanal key backup`` and ``fanal key restore``: an agency's keys and documents as one sealed file.

Promise: what must not outlive its time is not in it. X-Wing private keys are left out, so a backup opens
nothing that the node has destroyed since (lane keys lie in the vault, never here). The root stays on its own
medium. The list of erasures is in it, for a restored node must not bring back what was erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.cli.shown.text import fields
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.key_shapes import KeyBackup, KeyRestored
    from fanal.config.home import Home
    from fanal.keys.secret import Passphrase

STORE = "node.keys/"
"""Before the name of an entry of node.keys, which is sealed anew when it is restored."""
LEFT_OUT = "encrypt-"
_FILES = re.compile(
    r"fanal\.toml|unlock\.key|erasures|tls(-[0-9]{1,10})?\.(key|crt)|officers/[a-z0-9-]{1,32}\.keys"
    r"|(identity|charter)/[0-9]{4,10}\.doc|identity/revocation-[0-9]{4,10}\.doc"
    r"|identity/revocations-[0-9]{4,10}\.waiting|peers/[A-Z]{2}-[A-Z0-9]{2,8}\.doc",
    re.ASCII,
)
_FOLDERS = ("officers", "identity", "charter", "peers", "data", "run")
_MOST = 1024 * 1024


@command(
    "backup", "fanal key backup -o az-cus.keybackup", "fanal key backup -o usb/az.keybackup --passphrase-fd 3"
)
@click.option("-o", "--output", "output", required=True, metavar="FILE", help=_("Where; never overwritten."))
@click.option("--key-file", metavar="FILE", help=_("The 32-byte key that opens the node's keys."))
@click.option(
    "--passphrase-fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_(
        "Lines there: the passphrase of the node's keys, unless a key file opens them; then the backup's."
    ),
)
def backup(session: Session, output: str) -> None:
    """Write the agency's keys and documents to one file, sealed under a passphrase of its own.

    Left out are the keys for reading, which never outlive their time, and the root, which has its own place.
    After a restore make a new one with: fanal key rotate ENCRYPT
    """
    from fanal.cli.client.secret import secret_for
    from fanal.keys.keystore import Keystore
    from fanal.keys.sealedfile import write_sealed

    home = session.home.require()
    store = Keystore.open(home.node_keys, secret_for(session, say(_("the node's keys"))))
    entries = {STORE + name: value for name, value in store.items() if not name.startswith(LEFT_OUT)}
    entries |= dict(_files(home))
    write_sealed(Path(output), _passphrase(session, repeat=True), entries)
    data: KeyBackup = {"file": output, "entries": sorted(entries)}
    done = say(_("{count} keys and documents are in {path}."), count=len(entries), path=output)
    session.out.emit(
        data, "\n".join([done, say(_("Keep it apart from the machine and from its passphrase."))])
    )


@command(
    "restore", "fanal key restore az-cus.keybackup", "fanal key restore az.keybackup --home /srv/fanal/az-cus"
)
@click.argument("file", metavar="FILE")
@click.option(
    "--passphrase-fd", type=click.IntRange(0, 1023), metavar="N", help=_("The backup's passphrase there.")
)
def restore(session: Session, file: str) -> None:
    """Make the agency's folder anew from a backup of its keys. An existing folder is never touched.

    The node's keys are sealed under the backup's passphrase, or under the key file that was in it. The ledger
    is not in it: put its backup into data/ before the first start, or let the peers send what they hold.
    """
    from fanal.cli.local.init import refuse_existing, whole_or_nothing
    from fanal.config.home import Home
    from fanal.keys.sealedfile import read_sealed

    home = session.home
    refuse_existing(home.path)
    passphrase = _passphrase(session, repeat=False)
    entries = read_sealed(Path(file), passphrase)
    with whole_or_nothing(home.path) as folder:
        _write(Home(folder), Path(file), entries, passphrase)
    data: KeyRestored = {"home": str(home.path), "entries": sorted(entries)}
    rows = fields((_("next"), "fanal key rotate ENCRYPT"), (_("then"), "fanal doctor"))
    done = say(_("{count} keys and documents restored to {path}."), count=len(entries), path=home.path)
    session.out.emit(data, "\n".join([done, *rows]))


def _passphrase(session: Session, *, repeat: bool) -> Passphrase:
    """The backup's own passphrase: the next line of the descriptor, or typed."""
    from fanal.cli.client.secret import from_descriptor, prompt
    from fanal.keys.secret import Passphrase

    if session.passphrase_fd is not None:
        return Passphrase(from_descriptor(session.passphrase_fd))
    return Passphrase(prompt(say(_("Passphrase of the backup: ")), repeat=repeat))


def _files(home: Home) -> Iterator[tuple[str, bytes]]:
    """Every file that goes in, by its place in the folder."""
    from fanal.config.files import read_bounded

    for path in sorted(home.path.glob("*")) + sorted(home.path.glob("*/*")):
        name = path.relative_to(home.path).as_posix()
        if _FILES.fullmatch(name) and path.is_file():
            yield name, read_bounded(path, _MOST)


def _write(home: Home, source: Path, entries: Mapping[str, bytes], passphrase: Passphrase) -> None:
    from fanal.keys.file_errors import BACKUP_FORMAT
    from fanal.keys.files import write_private
    from fanal.keys.keystore import Keystore
    from fanal.keys.secret import read_key_file

    for folder in _FOLDERS:
        (home.path / folder).mkdir(mode=0o700)
    for name, value in entries.items():
        if _FILES.fullmatch(name):
            write_private(home.path / name, value, replace=False)
        elif not name.startswith(STORE):
            raise FanalError(BACKUP_FORMAT, path=str(source))
    keys = {name.removeprefix(STORE): value for name, value in entries.items() if name.startswith(STORE)}
    secret = read_key_file(home.unlock_key) if home.unlock_key.is_file() else passphrase
    Keystore.create(home.node_keys, secret, keys)
