# SPDX-License-Identifier: Apache-2.0
"""What officers do at their own node, each function one call of the officers' API.

Functions block (disk, cryptography) and run in worker threads. The caller has been authenticated and
authorised; what a person sees or does is logged as an access in the same transaction as the act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from fanal.config.home import Home
from fanal.envelope.statement import SignedDraft
from fanal.errors import FanalError
from fanal.keys.documents import encode_document
from fanal.keys.files import write_private
from fanal.keys.secret import KeyFile, Passphrase
from fanal.node import blocking, documents, outgoing
from fanal.node.arrival import opening
from fanal.node.attachments.uploads import Upload
from fanal.node.courier.calls import Courier
from fanal.node.desk import attaching, condition, copies, keeping, proving, settling, shelf, tracking
from fanal.node.desk.actor import Actor
from fanal.node.desk.looks import Looks
from fanal.node.errors import DRAFT_UNREADABLE, SECRET_FORM
from fanal.node.lanes import audience
from fanal.node.lanes.written import Written
from fanal.v1 import officer_pb2 as api
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node


class Desk:
    """``announce`` tells gossip what was committed, ``changed`` that documents changed, ``unlocked`` that
    the node can sign now; each may be called from any thread. ``link`` gives the state of a peer's link."""

    def __init__(
        self,
        node: Node,
        announce: Callable[[Written], None],
        changed: Callable[[], None],
        unlocked: Callable[[], None],
        link: tracking.Link,
    ) -> None:
        self.node = node
        self._looks = Looks()
        self.announce = announce
        self.changed = changed
        self.unlocked = unlocked
        self.link = link
        self.courier = Courier(node, announce)
        self.patience = 0.0
        """Seconds that an export waits for witnesses; the daemon, whose links run meanwhile, sets it."""

    # --- the node --------------------------------------------------------------------------------

    def who_am_i(self, actor: Actor, _request: api.WhoAmIRequest) -> api.WhoAmIReply:
        key = self.node.identity.officer(actor.key_id)
        return api.WhoAmIReply(
            agency=self.node.agency,
            officer={
                "officer_id": actor.officer_id,
                "rights": sorted(actor.rights),
                "custody": actor.custody,
            },
            key_id=actor.key_id,
            not_after=key.not_after,
        )

    def block_peer(self, actor: Actor, request: api.BlockPeerRequest) -> api.BlockPeerReply:
        """Cut an agency off, or let it in again. Raises as ``blocking.change``."""
        was = blocking.change(self.node, actor, request)
        self.changed()
        return api.BlockPeerReply(was_blocked=was)

    def status(self, _actor: Actor, request: api.StatusRequest) -> api.StatusReply:
        reply = condition.status(self.node)
        reply.settled.extend(settling.told(self.node) if request.settled else ())
        return reply

    def unlock(self, _actor: Actor, request: api.UnlockRequest) -> api.UnlockReply:
        """Unlock with a passphrase (UTF-8) or a key file's 32 bytes."""
        was_locked = self.node.unlock_with(_secret(request))
        if was_locked:
            self.unlocked()
        return api.UnlockReply(was_locked=was_locked)

    # --- notices ---------------------------------------------------------------------------------

    def prepare(self, _actor: Actor, request: api.PrepareRequest) -> api.PrepareReply:
        node = self.node
        if request.restates:
            prepared = outgoing.prepare_restatement(node, request.notice, request.to, request.restates)
        else:
            prepared = outgoing.prepare(node, _parse(request.notice), request.to, dry_run=request.dry_run)
        charter = node.charter_ref
        return api.PrepareReply(
            ref=prepared.ref,
            readers=audience.shown(node, prepared.resolved, node.now),
            network=node.network,
            charter_version=charter.version,
            charter_sha256=charter.sha256,
            audience=prepared.resolved.audience,
            now=node.now,
            problems=[shelf.problem_of(one) for one in prepared.report.problems],
            carriers=audience.carriers(node, prepared.resolved),
        )

    def send(self, actor: Actor, request: api.SendRequest) -> api.SendReply:
        """Returned after the commit; the own copy is filed before anybody is told. When it cannot be filed,
        peers are told all the same, and the officer is refused: the same bytes offered again are answered."""
        node = self.node
        draft = SignedDraft(
            request.statement,
            request.officer_signature,
            request.notice,
            request.notice_salt,
            request.field_salt,
            request.content_salt,
        )
        sent = outgoing.send(node, actor, draft, request.attachment_keys)
        failure = opening.open_arrived(node).written.failure
        self.announce(sent.written)
        if failure is not None:
            raise failure
        return api.SendReply(
            notice_id=sent.notice.notice_id,
            ref=sent.notice.ref,
            envelope_id=sent.envelope_id,
            leaf_index=sent.leaf_index,
            readers=audience.shown(node, sent.resolved, node.now),
        )

    def attach(self, _actor: Actor, request: api.AttachRequest) -> Upload:
        """Begin an upload; the caller writes the rest of the stream and finishes it."""
        return attaching.begin_upload(self.node, request.attachment, request.length)

    def fetch_attachment(self, actor: Actor, request: api.FetchAttachmentRequest) -> attaching.Opened:
        """What may be handed out piece by piece, its export logged."""
        return attaching.opened(self.node, actor, request)

    def list(self, actor: Actor, request: api.ListRequest) -> api.ListReply:
        return shelf.listed(self.node, actor, request, self._looks)

    def show(self, actor: Actor, request: api.ShowRequest) -> api.ShowReply:
        return shelf.shown(self.node, actor, request)

    def print(self, actor: Actor, request: api.PrintRequest) -> api.PrintReply:
        return copies.printed(self.node, actor, request)

    def export(self, actor: Actor, request: api.ExportRequest) -> api.ExportReply:
        return copies.exported(self.node, actor, request)

    def log_export(self, actor: Actor, request: api.LogExportRequest) -> api.LogExportReply:
        return copies.ledger_exported(self.node, actor, request)

    def mark_read(self, actor: Actor, request: api.MarkReadRequest) -> api.MarkReadReply:
        first, written = shelf.mark_read(self.node, actor, request)
        self.announce(written)
        return api.MarkReadReply(first=first)

    def track(self, _actor: Actor, request: api.TrackRequest) -> api.TrackReply:
        return tracking.track(self.node, request.notice, self.link)

    # --- recall, hold, erasure -------------------------------------------------------------------

    def answer_recall(self, actor: Actor, request: api.AnswerRecallRequest) -> api.AnswerRecallReply:
        outcome, written = keeping.answer_recall(self.node, actor, request)
        self.announce(written)
        return api.AnswerRecallReply(outcome=outcome)

    def set_hold(self, actor: Actor, request: api.SetHoldRequest) -> api.SetHoldReply:
        was_held, written = keeping.set_hold(self.node, actor, request)
        self.announce(written)
        return api.SetHoldReply(was_held=was_held)

    def erase(self, actor: Actor, request: api.EraseRequest) -> api.EraseReply:
        return keeping.erase(self.node, actor, request)

    def confirm(self, actor: Actor, request: api.ConfirmRequest) -> api.ConfirmReply:
        return keeping.confirm(self.node, actor, request)

    def settle(self, actor: Actor, request: api.SettleRequest) -> api.SettleReply:
        return api.SettleReply(was_settled=settling.settle(self.node, actor, request))

    def prove(self, actor: Actor, request: api.ProveRequest) -> Sequence[api.ProveReply]:
        """The evidence bundle of a notice in pieces, handed out after its export is logged."""
        return proving.prove(self.node, actor, request, self.patience)

    # --- the network -----------------------------------------------------------------------------

    def get_charter(self, _actor: Actor, _request: api.GetCharterRequest) -> api.GetCharterReply:
        return api.GetCharterReply(
            charters=documents.charters_after(self.node.ledger, 0),
            identities=[view.document for view in self.node.identities()],
        )

    def apply_charter(self, _actor: Actor, request: api.ApplyCharterRequest) -> api.ApplyCharterReply:
        """Take a charter that governors signed, as any peer would; refuse it with its reason."""
        node = self.node
        with node.writing:
            node.apply_charter(request.charter)
            if node.home is not None:
                _keep_file(node.home, node.directory.newest.version, encode_document(request.charter))
        self.changed()
        return api.ApplyCharterReply(version=node.directory.newest.version)


def _keep_file(home: Home, version: int, document: bytes) -> None:
    """Beside the ledger's copy, so that a lost data folder does not lose the network."""
    home.charter_folder.mkdir(mode=0o700, exist_ok=True)
    write_private(home.charter_file(version), document, replace=True)


def _parse(draft: bytes) -> Notice:
    try:
        return Notice.FromString(draft)
    except DecodeError:
        raise FanalError(DRAFT_UNREADABLE) from None


def _secret(request: api.UnlockRequest) -> Passphrase | KeyFile:
    if request.is_key:
        return KeyFile(request.secret)
    try:
        return Passphrase(request.secret.decode("utf-8"))
    except UnicodeDecodeError:
        raise FanalError(SECRET_FORM) from None
