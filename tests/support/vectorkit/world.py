# SPDX-License-Identifier: Apache-2.0
"""The network of the test kit: agencies whose every key follows from a label, and what cannot follow.

ML-DSA-44 signatures, X-Wing wraps and P-256 certificates draw randomness that no seed of ours reaches; each
is kept in tests/vectors/pinned.json under what went into it, so that the kit is made the same every time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vectorkit.case import PINNED

from fanal.keys import certificate, ed25519, identity, keyid, mldsa, xwing
from fanal.keys.root import Root, RootKeys
from fanal.proof import checkpoint
from fanal.proof.anchor import AnchorSigner
from fanal.proof.cosignature import CosignatureSigner
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.identity_pb2 import Custody, KeyEntry, KeyUse, OfficerRight, SignedDocument

NOW = 1_800_000_000
YEAR = 365 * 86_400
NAMES = ("GE-CUS", "MD-CUS", "TR-CUS", "UA-CUS")
ALL_RIGHTS = (OfficerRight.AUTHOR, OfficerRight.RELEASE, OfficerRight.READ, OfficerRight.AUDIT)


def drawn(label: str, length: int = 32) -> bytes:
    """The kit's randomness: the same bytes for the same label, for ever."""
    return hashlib.shake_256(b"fanal test vectors v1\0" + label.encode()).digest(length)


def rng(label: str) -> Callable[[int], bytes]:
    """A source that gives other bytes at each call, the same ones in each run."""
    count = 0

    def give(length: int) -> bytes:
        nonlocal count
        count += 1
        return drawn(f"{label}/{count}", length)

    return give


class Pins:
    """What was drawn once and is kept."""

    def __init__(self) -> None:
        self.known: dict[str, str] = json.loads(PINNED.read_text()) if PINNED.exists() else {}
        self.used: set[str] = set()
        self.fresh: set[str] = set()

    def get(self, what: str, inputs: tuple[bytes, ...], make: Callable[[], bytes]) -> bytes:
        joined = b"".join(len(part).to_bytes(8, "big") + part for part in inputs)
        key = f"{what}:{hashlib.sha256(joined).hexdigest()}"
        if key not in self.known:
            self.known[key] = make().hex()
            self.fresh.add(key)
        self.used.add(key)
        return bytes.fromhex(self.known[key])

    def text(self) -> str:
        """The file, without what nothing uses any more."""
        return json.dumps({key: self.known[key] for key in sorted(self.used)}, indent=0) + "\n"


@contextlib.contextmanager
def pinned() -> Iterator[Pins]:
    """Inside, every draw that no seed reaches comes from the pins."""
    pins, sign, seal = Pins(), mldsa.sign, xwing.seal

    def pinned_sign(seed: bytes, message: bytes) -> bytes:
        return pins.get("ml-dsa-44", (mldsa.public_of(seed), message), lambda: sign(seed, message))

    def pinned_seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
        if not info:
            return seal(public, info, plaintext)  # only tries whether a key can take a secret
        return pins.get("x-wing", (public, info, plaintext), lambda: seal(public, info, plaintext))

    mldsa.sign, xwing.seal = pinned_sign, pinned_seal
    try:
        yield pins
    finally:
        mldsa.sign, xwing.seal = sign, seal


@dataclass
class Agency:
    """One agency with every private key."""

    name: str
    pins: Pins

    def seed(self, use: str) -> bytes:
        return drawn(f"{self.name}/{use}")

    @property
    def root(self) -> Root:
        one, other = self.seed("root ed25519"), self.seed("root ml-dsa")
        return Root(RootKeys(ed25519.public_of(one), mldsa.public_of(other)), one, other)

    @property
    def root_sha256(self) -> bytes:
        public = self.root.public
        return hashlib.sha256(public.ed25519 + public.ml_dsa).digest()

    def key_name(self, role: str) -> str:
        return checkpoint.key_name(self.root_sha256, self.name, role)

    @property
    def certificate(self) -> bytes:
        make = lambda: certificate.create_certificate(NOW, YEAR).der  # noqa: E731
        return self.pins.get("certificate", (self.name.encode(),), make)

    def entries(self) -> list[KeyEntry]:
        end, entry, origin = NOW + YEAR, identity.key_entry, self.key_name("log1")
        key = lambda use: ed25519.public_of(self.seed(use))  # noqa: E731
        person = identity.officer_entry
        return [
            entry(KeyUse.NODE_SIGN, key("node"), 1, NOW, end),
            identity.encrypt_entry(xwing.public_of(self.seed("encrypt")), 1, NOW),
            identity.tls_entry(self.certificate, 1),
            entry(KeyUse.LOG, key("log"), 1, NOW, end, origin),
            entry(KeyUse.WITNESS, key("witness"), 1, NOW, end),
            entry(KeyUse.ANCHOR, mldsa.public_of(self.seed("anchor")), 1, NOW, end),
            person("duty-1", ALL_RIGHTS, Custody.OWN, key("officer"), 1, NOW, end),
            person("audit-1", [OfficerRight.AUDIT], Custody.OWN, key("auditor"), 1, NOW, end),
        ]

    def document(self) -> SignedDocument:
        """Serial 1."""
        return identity.first_identity(
            self.root,
            self.name,
            keys=self.entries(),
            created=NOW,
            not_after=NOW + 2 * YEAR,
            names={"en": self.name},
            roles=["customs"],
            endpoints=["node.example:7443"],
            duty=True,
        )

    def key_id(self, use: str) -> bytes:
        return keyid.key_id(keyid.ed25519_key(ed25519.public_of(self.seed(use))))

    @property
    def encrypt_key_id(self) -> bytes:
        return keyid.key_id(keyid.x_wing_key(xwing.public_of(self.seed("encrypt"))))

    def log(self, role: str = "log1", seed: str = "log") -> Ed25519Signer:
        return Ed25519Signer(self.key_name(role), self.seed(seed), ed25519.public_of(self.seed(seed)))

    def witness(self, now: int = NOW) -> CosignatureSigner:
        seed = self.seed("witness")
        return CosignatureSigner(self.key_name("witness"), seed, ed25519.public_of(seed), now)

    def anchor(self, now: int = NOW) -> AnchorSigner:
        seed = self.seed("anchor")
        return AnchorSigner(self.key_name("anchor"), seed, mldsa.public_of(seed), now)
