# SPDX-License-Identifier: Apache-2.0
"""``fanal init``: a new agency, all of it or nothing. An existing folder is never touched."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fanal.cli import errors
from fanal.cli.command import command
from fanal.cli.session import Session
from fanal.config.home import Home, check_officer_id
from fanal.errors import FanalError
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.keys.secret import Secret


@command(
    "init",
    "fanal init AZ-CUS",
    "fanal init AZ-CUS --name en='State Customs Committee' --listen 0.0.0.0:7443 --advertise node.az:7443",
    "fanal init AZ-CUS --key-file        # unattended: a key file in place of a passphrase",
)
@click.argument("agency")
@click.option(
    "--name", "names", multiple=True, metavar="LANG=TEXT", help=_("Name of the agency; repeatable.")
)
@click.option(
    "--listen",
    default="127.0.0.1:7443",
    show_default=True,
    metavar="HOST:PORT",
    help=_("For peers; '' for none."),
)
@click.option("--advertise", default="", metavar="HOST:PORT", help=_("The address others are told."))
@click.option(
    "--officer", "officer_id", default="officer-1", show_default=True, metavar="ID", help=_("Pseudonym.")
)
@click.option("--duty", is_flag=True, help=_("Somebody answers at any hour; needed to send FLASH."))
@click.option(
    "--role", "roles", multiple=True, metavar="TOKEN", help=_("For example customs; may be repeated.")
)
@click.option("--key-file", "use_key_file", is_flag=True, help=_("Make unlock.key in place of a passphrase."))
@click.option(
    "--passphrase-fd",
    "from_fd",
    type=click.IntRange(0, 1023),
    metavar="N",
    help=_("Read the passphrase from it."),
)
def init(
    session: Session,
    agency: str,
    names: Sequence[str],
    listen: str,
    advertise: str,
    officer_id: str,
    duty: bool,
    roles: Sequence[str],
    use_key_file: bool,
    from_fd: int | None,
) -> None:
    """Make an agency: root keys, node keys, certificate, first officer, identity document.

    The root folder belongs on a medium that is locked away once the agency has joined its network.
    """
    from fanal.cli.local.founding import Plan, found

    home = session.home
    refuse_existing(home.path)
    plan = Plan.checked(agency, names, listen, advertise, check_officer_id(officer_id), duty, roles)
    with whole_or_nothing(home.path) as folder:
        secret = _new_secret(Home(folder), use_key_file, from_fd)
        found(Home(folder), plan, secret, session.now(), use_key_file)
    _tell(session, plan.agency, officer_id)


def refuse_existing(path: Path) -> None:
    """FanalError ALREADY_THERE unless there is nothing, or an empty folder."""
    if path.is_symlink() or path.exists():
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            return
        raise FanalError(errors.ALREADY_THERE, path=str(path))


@contextlib.contextmanager
def whole_or_nothing(target: Path) -> Iterator[Path]:
    """A folder beside ``target`` that takes its name when all went well, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _new_secret(home: Home, use_key_file: bool, from_fd: int | None) -> Secret:
    from fanal.cli.client.secret import from_descriptor, prompt
    from fanal.keys.secret import Passphrase, create_key_file

    if use_key_file:
        return create_key_file(home.unlock_key)
    if from_fd is not None:
        return Passphrase(from_descriptor(from_fd))
    return Passphrase(prompt(say(_("New passphrase: ")), repeat=True))


def _tell(session: Session, agency: str, officer_id: str) -> None:
    from fanal.cli.shown.text import fields, groups
    from fanal.keys.documents import decode_document
    from fanal.keys.identity import verify_own_claim

    home = session.home
    view = verify_own_claim(decode_document(home.identity_file(1).read_bytes()))
    fingerprint = groups(view.sha256[:16])
    data = {
        "agency": agency,
        "home": str(home.path),
        "officer": officer_id,
        "identity_sha256": view.sha256.hex(),
        "fingerprint": fingerprint,
    }
    who = say(_("{officer} (author, release, read)"), officer=officer_id)
    lines = [
        say(_("{agency} is ready in {path}"), agency=agency, path=home.path),
        *fields((_("first officer"), who), (_("fingerprint"), fingerprint)),
        say(
            _("Lock {path} away once the agency has joined: it speaks for the whole agency."), path=home.root
        ),
        say(_("Next: fanal network create NAME, or fanal network join TOKENFILE; then fanal node run.")),
    ]
    session.out.emit(data, "\n".join(lines))
