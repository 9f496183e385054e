# SPDX-License-Identifier: Apache-2.0
"""An officer at a real node, by library functions: prepares, signs on this side, sends, asks. No commands."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from nodenet import some_notice

from fanal.cli.client.channel import Client, reach
from fanal.cli.client.officer import current_seed
from fanal.cli.client.signing import Signer
from fanal.config.home import Home
from fanal.config.load import load
from fanal.envelope.statement import compose_signed, handling_of
from fanal.envelope.trust import CharterRef
from fanal.keys.keystore import Keystore
from fanal.keys.secret import read_key_file
from fanal.node.lanes.audience import address
from fanal.notices.compose import stamp
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice, Urgency


class RealOfficer:
    """The first officer of an agency. A connection lasts until `again`."""

    def __init__(self, home: Home) -> None:
        self._settings = load(home)
        self.agency = self._settings.agency
        path = home.officer_file(home.officers()[0])
        store = Keystore.open(path, read_key_file(home.unlock_key))
        self.signer = Signer(path.stem, path, current_seed(store, home))
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = Client(reach(self._settings), self.signer)
        return self._client

    def again(self) -> None:
        """The node may have died: the next call connects anew."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def prepared(self, to: Sequence[str], text: str, urgency: Urgency = Urgency.ROUTINE) -> api.SendRequest:
        """A small notice with this text, prepared by the node and signed here."""
        now = int(time.time())
        notice = some_notice(self.agency, text, now)
        notice.urgency = urgency
        address(notice, to)
        request = api.PrepareRequest(to=to, notice=notice.SerializeToString(deterministic=True))
        return self._signed(notice, self.client.call("Prepare", request, api.PrepareReply))

    def _signed(self, notice: Notice, prepared: api.PrepareReply) -> api.SendRequest:
        assert not prepared.problems, prepared.problems
        stamped = stamp(notice, prepared.ref, prepared.now, os.urandom)
        draft = compose_signed(
            stamped.SerializeToString(deterministic=True),
            network=prepared.network,
            charter=CharterRef(prepared.charter_version, prepared.charter_sha256),
            envelope_id=os.urandom(16),
            author=self.agency,
            audience=prepared.audience,
            handling=handling_of(stamped),
            officer_seed=self.signer.seed,
            now=prepared.now,
        )
        return api.SendRequest(
            statement=draft.statement,
            officer_signature=draft.signature,
            notice=draft.notice,
            notice_salt=draft.notice_salt,
            field_salt=draft.field_salt,
            content_salt=draft.content_salt,
        )

    def send(self, request: api.SendRequest) -> api.SendReply:
        return self.client.call("Send", request, api.SendReply)

    def states(self, notice: str) -> dict[str, str]:
        """Recipient -> state, as `fanal notice track` shows it."""
        reply = self.client.call("Track", api.TrackRequest(notice=notice), api.TrackReply)
        return {one.recipient: one.state for one in reply.deliveries}

    def status(self) -> api.StatusReply:
        return self.client.call("Status", api.StatusRequest(), api.StatusReply)

    def list(self, folder: str = "inbox", limit: int = 500) -> list[api.NoticeSummary]:
        request = api.ListRequest(folder=folder, limit=limit)
        return list(self.client.call("List", request, api.ListReply).notices)

    def every(self, folder: str) -> list[api.NoticeSummary]:
        """The whole folder, page by page."""
        found: list[api.NoticeSummary] = []
        cursor = ""
        while True:
            request = api.ListRequest(folder=folder, limit=500, cursor=cursor)
            reply = self.client.call("List", request, api.ListReply)
            found += reply.notices
            cursor = reply.next_cursor
            if not cursor:
                return found

    def unlock(self, key_file: Path) -> bool:
        """Whether the node was locked until now."""
        request = api.UnlockRequest(secret=key_file.read_bytes(), is_key=True)
        return self.client.call("Unlock", request, api.UnlockReply).was_locked
