# SPDX-License-Identifier: Apache-2.0
"""The next key of each use, put where the node or the officer finds it before any document names it.

The root signs here, not in the node. One process at a time changes an agency's keys (``files.exclusive``), so
that what a document names is always what lies in the files.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanal.cli.errors import BAD_CHOICE, NO_OFFICER
from fanal.errors import FanalError
from fanal.i18n import _, say
from fanal.keys import ed25519, mldsa, xwing
from fanal.keys.certificate import create_certificate
from fanal.keys.documents import encode_document
from fanal.keys.files import write_private
from fanal.keys.identity import IdentityView, key_entry, officer_entry, sign_identity, tls_entry
from fanal.keys.keystore import Keystore
from fanal.keys.rotation import BACKDATED, LIFE, epoch_after
from fanal.node.unlocked import entry_name
from fanal.v1.identity_pb2 import Identity, KeyEntry, KeyUse

if TYPE_CHECKING:
    from fanal.cli.session import Session
    from fanal.config.home import Home
    from fanal.keys.root import Root
    from fanal.keys.secret import Secret

USES: Mapping[str, KeyUse.Code] = {
    "NODE_SIGN": KeyUse.NODE_SIGN,
    "ENCRYPT": KeyUse.ENCRYPT,
    "TLS": KeyUse.TLS_SPKI,
    "WITNESS": KeyUse.WITNESS,
    "ANCHOR": KeyUse.ANCHOR,
    "OFFICER": KeyUse.OFFICER,
}
OF_NODE = ("NODE_SIGN", "ENCRYPT", "WITNESS", "ANCHOR")
"""Uses whose private keys lie in node.keys."""
_MAKE: Mapping[KeyUse.Code, tuple[Callable[[], bytes], Callable[[bytes], bytes]]] = {
    KeyUse.NODE_SIGN: (ed25519.generate, ed25519.public_of),
    KeyUse.WITNESS: (ed25519.generate, ed25519.public_of),
    KeyUse.ANCHOR: (mldsa.generate, mldsa.public_of),
    KeyUse.ENCRYPT: (lambda: secrets.token_bytes(32), xwing.public_of),
}
TAKEN_UP_SECONDS = 15.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Opened:
    """What a rotation needs open: the root, and the secret of the file that gets the new key."""

    authority: Root
    secret: Secret | None


EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104 - compared, not listened on


def use_of(text: str) -> str:
    """The name of a use as ``USES`` has it, however it was written. FanalError BAD_CHOICE."""
    name = text.upper().replace("-", "_").removesuffix("_SPKI")
    if name == "LOG":
        raise FanalError(BAD_CHOICE, value="LOG", what=say(_("key to rotate")), choices="fanal key new-log")
    if name not in USES:
        raise FanalError(BAD_CHOICE, value=repr(text)[:40], what=say(_("use")), choices=", ".join(USES))
    return name


def opened(session: Session, name: str, officer_id: str = "") -> Opened:
    """Ask for the secrets of a rotation: the root's, then that of node.keys or of the officer's key file."""
    from fanal.cli.client.secret import secret_for
    from fanal.keys.root import load

    authority = load(session.home.root, secret_for(session, say(_("the agency's root"))))
    if name == "TLS":
        return Opened(authority, None)
    what = officer_id if name == "OFFICER" else say(_("the node's keys"))
    return Opened(authority, secret_for(session, what))


def make(
    home: Home, view: IdentityView, name: str, given: Opened, now: int, officer_id: str = ""
) -> KeyEntry:
    """A new key in its file, durable, and the entry that names it. The caller holds ``exclusive(home.path)``.

    Raises the keystore's refusals, and NO_OFFICER when no document names the officer or no key file is here.
    """
    use = USES[name]
    epoch = epoch_after(view, use, officer_id)
    if use == KeyUse.TLS_SPKI:
        return _certificate(home, epoch, now)
    assert given.secret is not None  # asked for by `opened`
    if use == KeyUse.OFFICER:
        return _officer(home, view, officer_id, epoch, given.secret, now)
    generate, public_of = _MAKE[use]
    seed = generate()
    store = Keystore.open(home.node_keys, given.secret)
    store.put(entry_name(use, epoch), seed)
    store.save()
    start = now - BACKDATED
    return key_entry(use, public_of(seed), epoch, start, start + LIFE[use])


def tell_address(draft: Identity, address: str) -> None:
    """From this document on others dial ``address``, or nobody does when it is empty. A port that the system
    chooses, or every address of a machine, leads nobody there: what was told stays."""
    host, _colon, port = address.rpartition(":")
    if port != "0" and host not in EVERYWHERE and address not in draft.endpoints:
        draft.endpoints[:] = [address] if address else []


def publish(home: Home, view: IdentityView, draft: Identity, authority: Root) -> int:
    """The next identity document, signed and in the folder; its serial."""
    document = sign_identity(authority, draft)
    write_private(home.identity_file(view.serial + 1), encode_document(document), replace=False)
    return view.serial + 1


def taken_up(session: Session, serial: int) -> str:
    """Whether the node goes by the document now: "yes", "stopped", or "no" when it runs and did not within
    fifteen seconds."""
    from fanal.cli.client.channel import reach

    try:
        reach(session.settings)
    except FanalError:
        return "stopped"
    end = time.monotonic() + TAKEN_UP_SECONDS
    while time.monotonic() < end:
        if acknowledged(session.home) >= serial:
            return "yes"
        time.sleep(_LOOK_SECONDS)
    return "no"


def acknowledged(home: Home) -> int:
    """The serial that a node of this folder last said it goes by; 0 when none has."""
    from fanal.config.files import read_bounded

    try:
        return int(read_bounded(home.taken_up, 64))
    except (FanalError, OSError, ValueError):
        return 0


def _certificate(home: Home, epoch: int, now: int) -> KeyEntry:
    made = create_certificate(now, LIFE[KeyUse.TLS_SPKI])
    key, certificate = home.tls_pair(epoch)
    # A pair that an interrupted rotation left is named by no document.
    write_private(key, made.key_pem, replace=True)
    write_private(certificate, made.pem, replace=True)
    return tls_entry(made.der, epoch)


def _officer(
    home: Home, view: IdentityView, officer_id: str, epoch: int, secret: Secret, now: int
) -> KeyEntry:
    from fanal.cli.client.officer import add_key

    known = [k for k in view.of_use(KeyUse.OFFICER) if k.officer and k.officer.officer_id == officer_id]
    path = home.officer_file(officer_id)
    if not known or not path.is_file():
        raise FanalError(NO_OFFICER, path=str(path))
    seed, said = ed25519.generate(), known[0].officer
    assert said is not None  # looked for above
    add_key(Keystore.open(path, secret), view, epoch, seed)
    start, end = now - BACKDATED, now + LIFE[KeyUse.OFFICER]
    return officer_entry(officer_id, said.rights, said.custody, ed25519.public_of(seed), epoch, start, end)
