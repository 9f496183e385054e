# SPDX-License-Identifier: Apache-2.0
"""The checks of ``fanal doctor`` that need no running node: this folder and this machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fanal.cli.session import Session
from fanal.cli.shown.text import duration, when
from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.cli.shown.shapes import CheckRow
    from fanal.keys.identity import KeyView

SOON = 30 * 86_400
OTHERS = 0o077


def row(subject: str, level: str, sentence: str, step: str = "") -> CheckRow:
    """One row; ``level`` is ok, warning, problem or unchecked."""
    return {"subject": subject, "level": level, "sentence": sentence, "next": step}


def folder(session: Session) -> Iterator[CheckRow]:
    yield row("folder", "ok", str(session.home.require().path))


def settings(session: Session) -> Iterator[CheckRow]:
    from fanal.config.load import checked_socket

    checked_socket(session.settings)
    yield row(
        "settings",
        "ok",
        say(
            _("{agency}, listens on {address}"),
            agency=session.settings.agency,
            address=session.settings.listen or say(_("no port")),
        ),
    )
    if kbit := session.settings.limits.line_kbit_per_s:
        text = _("this node's line is thin: all its links share {kbit} kbit/s, and peers send it little")
        yield row("line", "ok", say(text, kbit=kbit))


def address(session: Session) -> Iterator[CheckRow]:
    """Others dial what the identity document names; a port changed in fanal.toml is not told to them."""
    from fanal.cli.local.key import own_identity

    told, here = own_identity(session.home).endpoints, session.settings.advertised
    for one in told:
        yield from _leads_here(one)
    if here in told or here.endswith(":0"):
        yield row("address", "ok", say(_("others are told {address}"), address=", ".join(told) or "-"))
        return
    if not here and not told:
        yield row("address", "ok", say(_("nobody is told an address: this node dials the others")))
        return
    text = _("others are told {told}, and the settings say {here}: nobody can dial this node there")
    step = _(
        "tell them the new one: fanal key rotate TLS; or set listen and advertise so that {told} leads here"
    )
    names = ", ".join(told) or say(_("no address"))
    yield row("address", "warning", say(text, told=names, here=here), say(step, told=names))


def _leads_here(endpoint: str) -> Iterator[CheckRow]:
    """A name that others cannot look up, or an address that this machine has not got."""
    host = endpoint.rpartition(":")[0].strip("[]")
    try:
        answers = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        text = _("others are told {address}, whose name this machine cannot look up: {reason}")
        step = _("mend the name service, or set advertise in fanal.toml, then: fanal key rotate TLS")
        reason = getattr(error, "strerror", None) or str(error)
        yield row("address", "warning", say(text, address=endpoint, reason=reason), say(step))
        return
    found = {str(end[0]): (int(family), end) for family, *_rest, end in answers}
    if found and not any(_is_mine(*one) for one in found.values()):
        text = _("others are told {address}, which is {found}: no address of this machine")
        step = _(
            "right only if a router passes it on to this machine; "
            "else set advertise in fanal.toml, then: fanal key rotate TLS"
        )
        sentence = say(text, address=endpoint, found=", ".join(sorted(found)))
        yield row("address", "unchecked", sentence, say(step))


def _is_mine(family: int, end: tuple[Any, ...]) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind(end)
    except OSError:
        return False
    return True


def permissions(session: Session) -> Iterator[CheckRow]:
    """Every file with a secret is its owner's alone."""
    home = session.home
    secret = [
        home.node_keys,
        *(key for key, _certificate in home.tls_pairs().values()),
        home.unlock_key,
        *(home.officer_file(one) for one in home.officers()),
    ]
    secret += sorted(home.root.glob("*.pem")) if home.root.is_dir() else []
    open_ones = [path for path in secret if path.exists() and path.stat().st_mode & OTHERS]
    newest = list(home.tls_pairs().values())[-1]
    opener = [session.settings.key_file] if session.settings.key_file else []
    missing = [path for path in (home.node_keys, *newest, *opener) if not path.exists()]
    for path in open_ones:
        yield row("permissions", "problem", say(_("others can reach {path}"), path=path), f"chmod 600 {path}")
    for path in missing:
        yield row(
            "permissions",
            "problem",
            say(_("{path} is missing"), path=path),
            say(_("restore it from the backup")),
        )
    if not open_ones and not missing:
        yield row("permissions", "ok", say(_("{count} files with secrets are private"), count=len(secret)))


def owners(session: Session) -> Iterator[CheckRow]:
    """All of the folder is its owner's: what was put back by another user is not the node's to use."""
    root = session.home.require().path
    strange = strangers(root, root.stat().st_uid)
    if strange:
        text = _("{count} file(s) belong to another user than {root}, for example {path}")
        sentence = say(text, count=len(strange), root=root, path=strange[0])
        yield row("permissions", "problem", sentence, f"chown -R --reference={root} {root}")


def strangers(root: Path, owner: int) -> list[Path]:
    """Files and folders below, as far as they can be listed, that are not the owner's. What a file system
    keeps for itself is not asked about."""
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one != "lost+found"]
        below = [Path(folder) / name for name in (*folders, *files)]
        found += [path for path in below if _owner(path) not in (None, owner)]
    return sorted(found)


def _owner(path: Path) -> int | None:
    try:
        return path.lstat().st_uid
    except OSError:  # gone meanwhile
        return None


def keys(session: Session) -> Iterator[CheckRow]:
    """The identity document verifies, and nothing in it ends soon unnoticed. An officer's key that was
    revoked is meant to be over."""
    from fanal.cli.local.key import key_data, own_identity, revoked_keys

    view, now = own_identity(session.home), session.now()
    document = say(_("identity document {serial}"), serial=view.serial)
    yield _expiry("identity", document, view.not_after, now, "fanal key rotate ENCRYPT")
    newest: dict[tuple[int, str], KeyView] = {}
    for key in view.keys.values():
        place = (int(key.use), key.officer.officer_id if key.officer else "")
        if place not in newest or newest[place].epoch < key.epoch:
            newest[place] = key
    revoked = revoked_keys(session.home)
    for key in newest.values():
        data = key_data(key, now, revoked)
        if data["state"] == "valid" or (key.officer is not None and data["state"] == "revoked"):
            continue
        text = _("{use} key {detail} of epoch {epoch}")
        what = say(text, use=data["use"], detail=data["detail"], epoch=key.epoch)
        yield _expiry("keys", what, key.not_after, now, rotate_command(key))


def rotate_command(key: KeyView) -> str:
    """The command that makes the successor of a key."""
    from fanal.v1.identity_pb2 import KeyUse

    if key.officer is not None:
        return f"fanal key rotate OFFICER {key.officer.officer_id}"
    if key.use == KeyUse.LOG:
        return "fanal key new-log"
    return "fanal key rotate " + KeyUse.Code.Name(key.use).removesuffix("_SPKI")


def certificate(session: Session) -> Iterator[CheckRow]:
    """The newest certificate on disk is one the identity document lists, and valid."""
    from fanal.cli.local.key import own_identity
    from fanal.config.files import read_bounded
    from fanal.keys.certificate import der_of, spki_sha256, validity
    from fanal.v1.identity_pb2 import KeyUse

    view = own_identity(session.home)
    pairs = [session.home.tls_pair(key.epoch) for key in view.of_use(KeyUse.TLS_SPKI)]
    path = next((crt for _key, crt in pairs if crt.is_file()), session.home.tls_certificate)
    der = der_of(read_bounded(path, 64 * 1024))
    if spki_sha256(der) not in view.spki_hashes:
        text = _("{name} is not in the identity document: every peer refuses it")
        yield row("certificate", "problem", say(text, name=path.name), "fanal key rotate TLS")
    what, step = say(_("TLS certificate")), "fanal key rotate TLS"
    yield _expiry("certificate", what, validity(der)[1], session.now(), step)


def taken_up(session: Session) -> Iterator[CheckRow]:
    """A running node goes by the identity document that lies here."""
    from fanal.cli.local.key import own_identity
    from fanal.cli.local.newkeys import acknowledged

    serial, told = own_identity(session.home).serial, acknowledged(session.home)
    if told < serial and told:
        text = _("the node goes by identity document {told}, and {serial} lies here")
        sentence = say(text, told=told, serial=serial)
        yield row("identity", "warning", sentence, say(_("restart the node")))


def _expiry(subject: str, what: str, not_after: int, now: int, step: str) -> CheckRow:
    if now >= not_after:
        return row(
            subject, "problem", say(_("{what} ended at {time}"), what=what, time=when(not_after)), step
        )
    left = duration(not_after - now)
    level = "warning" if not_after - now < SOON else "ok"
    return row(
        subject,
        level,
        say(_("{what} is good for {time}"), what=what, time=left),
        step if level == "warning" else "",
    )


def clock(session: Session) -> Iterator[CheckRow]:
    """The clock has not fallen behind what this agency itself has signed."""
    from fanal.cli.local.key import own_identity

    created, now = own_identity(session.home).created, session.now()
    if now < created:
        text = _("it shows {time}, before the identity document of {created} was made")
        sentence = say(text, time=when(now), created=when(created))
        yield row("clock", "problem", sentence, "timedatectl set-ntp true")
    else:
        yield row("clock", "ok", say(_("it shows {time}"), time=when(now)))


def disk(session: Session) -> Iterator[CheckRow]:
    """Room for the ledger, against the limits at which the node warns and refuses."""
    limits, place = session.settings.limits, session.settings.data
    from fanal.node.quotas.room import percent_used

    used = shutil.disk_usage(_existing(place))
    percent = percent_used(_existing(place)) or 0
    level = "ok" if percent < limits.disk_warn_percent else "warning"
    level = "problem" if percent >= limits.disk_refuse_percent else level
    step = "" if level == "ok" else say(_("make room on the disk of {path}"), path=place)
    step = "fanal node free-reserve" if level == "problem" else step
    sentence = say(
        _("{percent} % in use, {free} MiB free"), percent=percent, free=f"{used.free // 1024**2:,}"
    )
    yield row("disk", level, sentence, step)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def charter(session: Session) -> Iterator[CheckRow]:
    """The agency belongs to a network, and its charters verify."""
    from fanal.cli.network.charters import held, verify_chain

    view = verify_chain(held(session.home))
    text = _("network {name}, charter {version} with {count} members")
    what = say(text, name=view.name, version=view.version, count=len(view.members))
    if view.expired(session.now()):
        yield row(
            "charter",
            "warning",
            say(_("{what} has expired; traffic goes on, marked"), what=what),
            "fanal network charter --export FILE",
        )
    else:
        yield row("charter", "ok", say(_("{what}, until {time}"), what=what, time=when(view.expires)))
