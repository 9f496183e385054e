# SPDX-License-Identifier: Apache-2.0
"""One agency's running state without any socket: ledger, directory, keys, and the vault once it is unlocked.

The two stories (`outgoing`, `incoming`) and the officers' desk work on a `Node`; the daemon gives it links,
the tests an in-memory network. Every public function may be called from any thread.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fanal.config.home import Home
from fanal.config.settings import Settings
from fanal.envelope.commitments import DEFAULT_RNG, Rng
from fanal.envelope.trust import CharterRef
from fanal.errors import FanalError
from fanal.keys.identity import IdentityView
from fanal.keys.keystore import Keystore
from fanal.keys.secret import Secret
from fanal.keys.trust import Directory
from fanal.node import documents, unlocked
from fanal.node.arrival.judged import Cursor
from fanal.node.arrival.opened import Opened
from fanal.node.arrival.walk import Walk
from fanal.node.attachments import folder
from fanal.node.attachments.budget import Budget, DayBudget
from fanal.node.attachments.folder import AttachmentFolder
from fanal.node.conduct import Conduct
from fanal.node.damage import doccopies, docdamage
from fanal.node.damage.doccopies import DocumentCopies
from fanal.node.damage.docdamage import Lost
from fanal.node.damage.setaside import Damage
from fanal.node.errors import LOCKED
from fanal.node.gossip.entitlement import Roster
from fanal.node.gossip.events import Heads
from fanal.node.inbox import unseen
from fanal.node.inbox.interface import Vault
from fanal.node.inbox.rebuilding import open_or_anew, put_aside
from fanal.node.lanes.leaves import incident_leaf
from fanal.node.ledger.interface import Ledger
from fanal.node.ledger.rows import Batch
from fanal.node.ledger.sqlite import open_ledger
from fanal.node.quotas import blocked
from fanal.node.quotas.elsewhere import Elsewhere
from fanal.node.quotas.quotas import Quotas
from fanal.node.quotas.room import Room, percent_used
from fanal.node.retention import applying, outside, trusted
from fanal.node.retention.outside import ErasureList
from fanal.node.software import PROTOCOL, PROTOCOL_LOWEST, SOFTWARE
from fanal.node.store.failures import StoreFailures
from fanal.node.unlocked import NodeKeys
from fanal.node.witness import lost
from fanal.node.witness.lost import Standing
from fanal.v1.identity_pb2 import SignedDocument
from fanal.v1.peer_pb2 import DocumentHead, HelloMessage

OpenVault = Callable[[NodeKeys], Vault]


@dataclass
class Node:
    """The state. ``clock`` gives Unix seconds; ``open_vault`` is called once, on unlocking."""

    agency: str
    ledger: Ledger
    directory: Directory
    """What is known of everybody. It never changes: under ``writing`` another takes its place, so that who
    reads it twice gets one answer."""
    settings: Settings
    clock: Callable[[], float]
    open_vault: OpenVault = field(repr=False)
    draining: bool = False
    """No new work is taken: an operator lets the node run dry."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter, repr=False)
    """What happened since the start, for metrics: (what, error id or token) -> how often."""
    steady: Callable[[], float] | None = None
    """Seconds that only go forward: a jump of the wall clock must not stop what waits. None: ``clock``."""
    home: Home | None = None
    rng: Rng = DEFAULT_RNG
    writing: threading.RLock = field(default_factory=threading.RLock, repr=False)
    """Held from reading a lane's place until the append has returned: no place is ever given twice."""
    opening: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held by the one thread that opens what has arrived."""
    erasing: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held from looking for legal holds until what is erased is in the ledger; holds change under it."""
    cosigning: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held from looking at the head held of a peer's log until the one judged by it is in the ledger."""
    tray: deque[Opened] = field(default_factory=deque, repr=False)
    """What openings wrote and found lacking, whoever had them done, until the host takes it up."""
    walked: dict[tuple[bytes, bytes], Walk] = field(default_factory=dict, repr=False)
    """What `suspects` has walked of each stream in this opening; under ``opening``."""
    on_checkpoint: Callable[[], None] = field(default=lambda: None, repr=False)
    """Called from any thread when a checkpoint was made that witnesses shall see at once."""
    standing: Standing = field(init=False)
    run: bytes = field(init=False, repr=False)
    """Of this process alone: a peer that meets another one of us believes nothing of what we had."""
    started: int = field(init=False)
    """When this run began, in Unix seconds of the node's clock."""
    found: int = field(init=False)
    """The highest arrival number that the vault can have looked at; it may be of a newer ledger."""
    judged: Cursor = field(init=False, repr=False)
    """Up to where arrivals were judged."""
    witnessed: Callable[[], int | None] = field(default=lambda: None, repr=False)
    """The newest time that a witness cosigned; None while there is no witness."""
    erasures: ErasureList = field(default_factory=ErasureList, repr=False)
    """What was erased, kept outside the databases."""
    attachments: AttachmentFolder = field(default_factory=AttachmentFolder, repr=False)
    """The ciphertext of attached files, beside the ledger."""
    budget: Budget = field(init=False, repr=False)
    """How much of attached files is taken from each author."""
    measure: Callable[[], int | None] = field(default=lambda: None, repr=False)
    """Percent of the disk in use; of a node with a home, of the disk under its data folder."""
    room: Room = field(init=False, repr=False)
    quotas: Quotas = field(init=False, repr=False)
    elsewhere: Elsewhere = field(default_factory=Elsewhere, repr=False)
    """What of ours peers take later."""
    blocked: dict[str, str] = field(init=False)
    """Agencies that the operator has cut off, with the reason."""
    conduct: Conduct = field(default_factory=Conduct, repr=False)
    """What peers and authors did that no honest node does."""
    copies: DocumentCopies = field(default_factory=DocumentCopies, repr=False)
    """Every charter, identity document and revocation once more, beside the ledger."""
    lost: Lost = field(default_factory=Lost, repr=False)
    """Documents that the disk has changed and that no copy here can mend."""
    failures: StoreFailures = field(default_factory=StoreFailures, repr=False)
    """What the stores refused lately."""
    damage: Damage = field(default_factory=Damage, repr=False)
    """Entries that the disk has changed."""
    keystore: Keystore | None = field(default=None, repr=False)
    """The opened node.keys of an unlocked node, to take destroyed keys out of it."""
    wanting: FanalError | None = None
    """Why there is no vault: the damaged one was closed, and no new one could be begun yet."""
    _aside: bool = False
    """The damaged one has its other name."""
    _keys: NodeKeys | None = field(default=None, repr=False)
    _vault: Vault | None = field(default=None, repr=False)
    _roster: tuple[tuple[bytes, frozenset[str]], Roster] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        limits = self.settings.limits
        self.budget = DayBudget(
            limits.attachment_bytes, limits.attachment_bytes_per_day, self.ledger.facts.meta
        )
        measure = self.measure
        if self.home is not None:
            measure = lambda: percent_used(self.settings.data)  # noqa: E731
        self.room = Room(measure, self.clock, limits.disk_warn_percent, limits.disk_refuse_percent)
        self.quotas = Quotas(
            limits,
            founded=lambda: self.directory.founded_at,
            members=lambda: len(self.directory.newest.members),
            load=self.ledger.facts.meta,
            disk_full=lambda: self.room.refuses,
        )
        self.blocked = blocked.load(self.ledger)
        self.standing = lost.load(self.ledger)
        self.run = self.rng(16)
        self.started = self.now
        self.found = unseen.since(self.ledger)
        self.judged = Cursor(self.ledger)

    @classmethod
    def open(cls, home: Home, settings: Settings, clock: Callable[[], float], rng: Rng = DEFAULT_RNG) -> Node:
        """The agency in this home, locked. Takes the data folder: a second node in it is refused.

        Raises FanalError: FOLDER_IN_USE, NO_NETWORK, and what is wrong with the ledger or a document.
        """
        ledger = open_ledger(settings.data, now=int(clock()), random=rng)
        try:
            copies = DocumentCopies(settings.data / doccopies.NAME)
            directory, lost_documents = documents.load(ledger, home, settings.agency, int(clock()), copies)
            erasures = ErasureList((settings.data / outside.NAME, home.path / outside.NAME))
        except BaseException:
            ledger.close()
            raise
        return cls(
            agency=settings.agency,
            ledger=ledger,
            directory=directory,
            settings=settings,
            clock=clock,
            open_vault=lambda keys: open_or_anew(
                settings.data / home.vault.name, keys.vault_key, int(clock())
            ),
            home=home,
            rng=rng,
            erasures=erasures,
            attachments=AttachmentFolder(settings.data / folder.NAME),
            copies=copies,
            lost=lost_documents,
        )

    @property
    def locked(self) -> bool:
        return self._keys is None

    @property
    def keys(self) -> NodeKeys:
        """The private keys. Raises LOCKED."""
        if self._keys is None:
            raise FanalError(LOCKED)
        return self._keys

    @property
    def vault(self) -> Vault:
        """The opened notices. Raises LOCKED."""
        if self._vault is None:
            raise FanalError(LOCKED)
        return self._vault

    def unlock(self, keys: NodeKeys) -> None:
        """Take the keys and open the vault. Twice is fine. Raises when they are not this agency's."""
        unlocked.check_belongs(keys, self.identity)
        with self.opening:
            if self._keys is None:
                self._open(keys)

    def _open(self, keys: NodeKeys) -> None:
        """Take the keys and open the vault, under ``opening``. It is seen once what was erased is gone."""
        vault = self.open_vault(keys)
        vault.step_back(self.found)
        unseen.settle(self.ledger)
        applying.to_vault(vault, self.erasures.lines, self.now)
        self._vault, self._keys = vault, keys

    @property
    def vault_path(self) -> Path | None:
        """The vault's file; None in memory."""
        return None if self.home is None else self.settings.data / self.home.vault.name

    def rebuild_vault(self, damaged: Vault, reason: str) -> None:
        """Put this vault aside and begin a new one; opening fills it from the ledger. Nothing when another is
        in its place already: several may find one damage. Raises what the disk says; then there is none, and
        the same again goes on from there."""
        path = self.vault_path
        with self.opening:
            if path is None or self._vault is not damaged:
                return
            damaged.close()
            try:
                if not self._aside:
                    put_aside(path, self.now, reason)
                    self._aside = True
                self._vault = open_or_anew(path, self.keys.vault_key, self.now)
            except FanalError as error:
                self.wanting = error
                raise
            self._aside, self.wanting = False, None
        self.ledger.append(Batch(leaves=(incident_leaf("vault-rebuilt", self.now, self.agency),)))

    def replace_keys(self, keys: NodeKeys) -> None:
        """Go on with these keys. Whoever made them of those in use, or of our newest identity, holds
        ``writing`` since before that, so that nobody takes back what another one has just taken up."""
        self._keys = keys

    def unlock_with(self, secret: Secret) -> bool:
        """Open node.keys with a passphrase or key file; True when the node was locked before."""
        if self.home is None:
            raise FanalError(LOCKED)
        store = Keystore.open(self.home.node_keys, secret)
        with self.opening, self.writing:
            store.refresh()
            keys = unlocked.of_entries(store, self.agency, self.identity, self.now)
            unlocked.check_belongs(keys, self.identity)
            was_locked = self.locked
            if was_locked:
                self._open(keys)
            self.keystore = store  # node.keys may be sealed anew, under another secret
            self.replace_keys(keys)
        return was_locked

    def renew_keys(self) -> None:
        """Read node.keys again and go on with the keys that the newest identity document names; nothing while
        locked. Raises the keystore's refusals and KEY_ABSENT: then the keys stay as they are."""
        with self.writing:
            if self.keystore is not None and not self.locked:
                self.keystore.refresh()
                keys = unlocked.of_entries(self.keystore, self.agency, self.identity, self.now)
                self.replace_keys(keys)

    @property
    def ticks(self) -> float:
        """Seconds for waits and patience: never goes back, and has nothing to say about the date."""
        return self.steady() if self.steady is not None else self.clock()

    @property
    def now(self) -> int:
        return int(self.clock())

    @property
    def network(self) -> bytes:
        """Network id: SHA-256 of charter 1."""
        return self.directory.newest.network

    @property
    def charter_ref(self) -> CharterRef:
        newest = self.directory.newest
        return CharterRef(newest.version, newest.sha256)

    @property
    def identity(self) -> IdentityView:
        """Our own newest identity document."""
        return self.directory.identity(self.agency)

    def identities(self) -> list[IdentityView]:
        """The newest identity document of every agency that we hold one of."""
        return [self.directory.identity(agency) for agency in self.directory.agencies()]

    def roster(self) -> Roster:
        """The newest charter and our trust list, as gossip judges by them."""
        newest, blocked = self.directory.newest, frozenset(self.blocked)
        if self._roster is None or self._roster[0] != (newest.sha256, blocked):
            self._roster = (newest.sha256, blocked), documents.roster_of(newest, self.settings, blocked)
        return self._roster[1]

    def trusts(self, agency: str) -> bool:
        """Whether the operator lets this node link with that agency."""
        return self.settings.trusts(agency) and agency not in self.blocked

    def heads(self) -> Heads:
        """Which documents we hold."""
        newest = self.directory.newest
        identities = {view.agency: (view.serial, view.sha256) for view in self.identities()}
        return Heads(newest.version, newest.sha256, identities)

    def hello(self) -> HelloMessage:
        """What we say first on a connection."""
        head, heads = self.ledger.head(), self.heads()
        return HelloMessage(
            protocol=PROTOCOL,
            protocol_lowest=PROTOCOL_LOWEST,
            network=self.network,
            agency=self.agency,
            store_id=head.store_id,
            incarnation=head.incarnation,
            charter_version=heads.charter_version,
            charter_sha256=heads.charter_sha256,
            identities=[
                DocumentHead(agency=agency, serial=serial, sha256=sha256)
                for agency, (serial, sha256) in sorted(heads.identities.items())
            ],
            software=SOFTWARE,
            run=self.run,
        )

    def take_documents(
        self, charters: Iterable[SignedDocument], identities: Iterable[SignedDocument], source: str = ""
    ) -> bool:
        """Verify documents and keep what is new and valid; True when anything changed. Never raises for
        what a peer sent: an invalid document is logged as a refusal, a fork as an incident."""
        with self.writing:
            given, now = (*charters, *identities), self.now
            at, admits = trusted.now(self).time, self.lost.admits
            taken, changed = documents.take(self.directory, self.ledger, given, source, now, at, admits)
            self.directory = taken
            if changed and self.lost.rows:
                again = taken.copy()
                docdamage.arrived(again, self.ledger, self.lost, now)
                self.directory = again
            return changed

    def apply_charter(self, charter: SignedDocument) -> None:
        """Take a charter that an officer applies. Raises what speaks against it. Under ``writing``."""

        def adopt(directory: Directory) -> None:
            self.directory = directory

        documents.take_or_refuse(self.directory, self.ledger, charter, self.now, adopt)

    def close(self) -> None:
        """Finish what was taken and let go of the files."""
        if self._vault is not None:
            self._vault.close()
        self.ledger.close()
