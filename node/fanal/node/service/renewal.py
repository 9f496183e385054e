# SPDX-License-Identifier: Apache-2.0
"""What the operator changes in the home while the node runs is taken up without a restart.

`fanal key rotate` and `fanal key revoke` put new keys into the home first and the document that names them
last; the node looks at the folder of documents once a second. Promise: keys are here before anybody is told
of them, and a certificate is shown only when every trusted peer knows it, or the one before has ended: a peer
that was away still finds the one it has pinned.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from fanal.config.home import Home
from fanal.errors import FanalError
from fanal.keys.certificate import der_of, spki
from fanal.keys.documents import MAX_DOCUMENT, decode_document
from fanal.keys.files import exclusive, read_private, write_private
from fanal.keys.identity import IdentityView, KeyView, parse_identity
from fanal.keys.rotation import shown_certificate
from fanal.node.node import Node
from fanal.node.service.tls import Material
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

LOOK_SECONDS = 1.0
PATIENCE = 2.0
"""Seconds that a look waits for a command which changes keys; it comes again."""

log = structlog.get_logger(__name__)


class Renewal:
    """`changed` is called on the loop when documents were taken; `held` tells the serial of our identity that
    a linked peer holds (0: not known); `show` gets the certificate to show from now on."""

    def __init__(
        self,
        home: Home,
        node: Node,
        *,
        peers: Callable[[], tuple[str, ...]],
        held: Callable[[str], int],
        show: Callable[[Material], None],
        changed: Callable[[], None],
    ) -> None:
        self._home, self._node = home, node
        self._peers, self._held, self._show, self._changed = peers, held, show, changed
        self._known: dict[str, int] = {}
        self._materials: dict[bytes, Material] = {}
        self._stamp: tuple[int, ...] = ()
        self._shown = b""

    async def watch(self) -> None:
        """Look once a second; runs until cancelled."""
        while True:
            stamp = _stamp(self._home)
            if stamp != self._stamp:
                self._stamp = stamp
                if await asyncio.to_thread(self._take_up):
                    self._changed()
                self._acknowledge()
            self.show_best()
            await asyncio.sleep(LOOK_SECONDS)

    def show_best(self) -> None:
        """Show the newest certificate that all peers know; on the loop."""
        try:
            material = self._best()
        except FanalError as error:
            log.error("certificate_not_renewed", reason=error.kind.id, facts=error.facts)
            return
        if material is not None and material.certificate != self._shown:
            self._shown = material.certificate
            self._show(material)

    def _take_up(self) -> bool:
        """Take what is new in the folder, then the keys it names. In a worker thread."""
        node, fresh = self._node, self._seen()
        if not fresh:
            return False
        with node.writing:
            changed = node.take_documents((), fresh)
            try:
                node.renew_keys()
            except FanalError as error:
                log.error("keys_not_renewed", reason=error.kind.id, facts=error.facts)
        log.info("documents_taken_up", serial=node.identity.serial, count=len(fresh))
        return changed

    def _seen(self) -> list[SignedDocument]:
        """What is new, of what one command writes all or nothing: a revocation without the successor that
        comes with it would leave the node with no key to sign with."""
        try:
            with exclusive(self._home.path, PATIENCE):
                return [*self._fresh(), *self._brought()]
        except FanalError as error:
            log.warning("documents_not_read_yet", reason=error.kind.id, facts=error.facts)
            self._stamp = ()
            return []

    def _fresh(self) -> list[SignedDocument]:
        node = self._node
        serial, count = node.identity.serial, len(node.directory.revocations(node.agency))
        found = []
        files = [file for file in self._home.revocation_files() if int(file.stem.rpartition("-")[2]) > count]
        files += [file for file in self._home.identity_files() if int(file.stem) > serial]
        for file in files:
            try:
                found.append(decode_document(read_private(file, MAX_DOCUMENT)))
            except FanalError as error:
                log.error("document_not_read", path=str(file), reason=error.kind.id)
        return found

    def _brought(self) -> list[SignedDocument]:
        """Newer documents of other agencies that the operator put into the folder: when the certificate that
        was known here has ended, there is no other way."""
        directory, found = self._node.directory, []
        for file in self._home.peer_files():
            try:
                document = decode_document(read_private(file, MAX_DOCUMENT))
                claimed = parse_identity(document)
                if claimed.serial > directory.identity(claimed.agency).serial:
                    found.append(document)
            except FanalError as error:
                log.error("document_not_read", path=str(file), reason=error.kind.id)
        return found

    def _acknowledge(self) -> None:
        """Tell the command that waits for it by which document the node goes."""
        with contextlib.suppress(FanalError):
            write_private(self._home.taken_up, b"%d\n" % self._node.identity.serial, replace=True)

    def _best(self) -> Material | None:
        view, now = self._node.identity, self._node.now
        directory = self._node.directory
        revoked = frozenset(k for k in view.keys if directory.revoked(view.agency, k) is not None)
        first = _first_named(directory.identities(view.agency))
        for identifier in shown_certificate(view, revoked, now, self._oldest_known(view), first):
            material = self._material(view.keys[identifier])
            if material is not None:
                return material
        return None

    def _oldest_known(self, view: IdentityView) -> int:
        peers = self._peers()
        for peer in peers:
            self._known[peer] = self._held(peer) or self._known.get(peer, 0)
        return min((self._known[peer] for peer in peers), default=view.serial)

    def _material(self, key: KeyView) -> Material | None:
        """Key and certificate of a TLS key; None when the pair is not here or is another."""
        if key.key_id not in self._materials:
            paths = self._home.tls_pair(key.epoch)
            if not all(path.is_file() for path in paths):
                return None
            material = Material.load(*paths)
            if spki(der_of(material.certificate)) != key.public:
                return None
            self._materials[key.key_id] = material
        return self._materials[key.key_id]


def _first_named(views: list[IdentityView]) -> dict[bytes, int]:
    """Serial of the first document here that names a TLS key."""
    first: dict[bytes, int] = {}
    for view in views:
        for key in view.of_use(KeyUse.TLS_SPKI):
            first.setdefault(key.key_id, view.serial)
    return first


def _stamp(home: Home) -> tuple[int, ...]:
    """When the folder of own documents, and each document of a peer, changed last."""
    try:
        return tuple(one.stat().st_mtime_ns for one in (home.identity_folder, *home.peer_files()))
    except OSError:
        return ()
