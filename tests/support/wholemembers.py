# SPDX-License-Identifier: Apache-2.0
"""Steps about who is in charge of a node: locked and unlocked, keys rotated, charters changed.

What is made outside the databases stays whatever becomes of them: the governor's signed charters, an agency's
signed identity documents, and its keys.
"""

from __future__ import annotations

import os

from agencies import MemoryReservations
from nodenet import NodeHost
from simschedule import Step
from wholenode import WholeNet, WholeNode

from fanal.keys import charter as charters
from fanal.keys import ed25519
from fanal.keys.identity import DAY, key_entry, sign_identity
from fanal.keys.rotation import KEY_DAYS, draft_rotated
from fanal.v1 import officer_pb2 as api
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

CHANNEL, LATER = "CASPIAN", "BLACKSEA"
"""LATER begins, and grows, with charters that the governor signs on the way."""
SKEW = 300
"""Seconds by which a new key is good before the clock of its agency says so, for the clocks of others."""


class Members:
    """Each step says whether it changed anything."""

    net: WholeNet
    made: list[SignedDocument]  # charters 2, 3, ...
    serials: dict[str, int]  # of the newest identity document of whoever rotated a key
    channels: dict[str, tuple[str, ...]]

    def up(self, name: str) -> WholeNode | None:
        """The node, if its officers can work."""
        host = self.net.whole[name]
        return host if host.alive and not host.full and not host.node.locked else None

    def lock(self, step: Step) -> bool:
        """It starts anew, and nobody is there who has its secret."""
        host = self.up(step.agency)
        if host is None:
            return False
        host.crash()
        host.start(locked=True)
        return True

    def unlock(self, _step: Step) -> bool:
        """Whoever is locked is unlocked, as its operator does."""
        locked = [one for one in self.net.whole.values() if one.alive and one.node.locked and not one.full]
        for host in locked:
            unlock(host)
        return bool(locked)

    def rotate(self, step: Step) -> bool:
        """A new key for signing, named in the agency's next document, is used from now on."""
        host = self.up(step.agency)
        if host is None:
            return False
        seed, now, serial = os.urandom(32), host.node.now, host.node.identity.serial + 1
        host.more_keys[f"node-sign-{serial}"] = seed
        public = ed25519.public_of(seed)
        entry = key_entry(KeyUse.NODE_SIGN, public, serial, now - SKEW, now + KEY_DAYS * DAY)
        document = sign_identity(host.agency.root, draft_rotated(host.node.identity, entry, now))
        host.documents.append(document)
        self.serials[host.name] = serial
        host.node.take_documents((), [document])
        host.node.replace_keys(host.keys())
        host.host.roster_changed()
        return True

    def charter(self, step: Step) -> bool:
        """The governor signs the next charter, or hands in again the one that its folder has lost."""
        host = self.up(next(iter(self.net.whole)))
        if host is None:
            return False
        if not self.hand_in_charter(host):
            grown = {*self.channels.get(LATER, ()), host.name, step.agency, step.other}
            self.channels[LATER] = tuple(sorted(grown))
            views = {name: charters.ChannelView(name, who) for name, who in self.channels.items()}
            changes = charters.Changes(created=host.node.now, channels=views)
            draft = charters.draft_next(host.node.directory.newest, changes)
            self.made.append(charters.sign_charter(host.agency.root, draft, MemoryReservations()))
            self.hand_in_charter(host)
        return True

    def hand_in_charter(self, host: NodeHost) -> bool:
        """The first that this node has not got; False when it has all."""
        known = host.node.directory.newest.version - 1
        for document in self.made[known : known + 1]:
            host.desk.apply_charter(host.officer, api.ApplyCharterRequest(charter=document))
        return known < len(self.made)

    def group(self, host: NodeHost, step: Step) -> str:
        """The channel that is written to, as far as the author knows it; "" for none."""
        name = CHANNEL if step.share < 0.6 else LATER if step.share < 0.85 else ""
        return name if host.name in host.roster.channels.get(name, ()) else ""


def unlock(host: NodeHost) -> None:
    """As the running node does it when the secret comes."""
    host.node.unlock(host.keys())
    host.host.start()
