# SPDX-License-Identifier: Apache-2.0
"""Fork proofs of which a part stands under a key that was replaced or revoked.

A revoked key accuses nobody: whoever stole it could make such pairs without end. The dates inside are the
thief's to choose, so it makes no difference on which side of the cut-off an entry says that it was written.
"""

from __future__ import annotations

from vectorkit.make_base import Collected
from vectorkit.make_envelopes import AUTHOR, INCARNATION, Sent, a_notice, compose, put, signer
from vectorkit.make_forks import NO_FORK, entry_pair, root_pair
from vectorkit.make_notes import point
from vectorkit.world import NOW, YEAR, Agency, drawn

from fanal.envelope.seal import Position, Sealed, Signer
from fanal.keys import charter, ed25519, identity, keyid, pae
from fanal.keys.documents import decode_document, encode_document
from fanal.keys.revocation import sign_revocation
from fanal.keys.strict import encode
from fanal.proof import checkpoint
from fanal.proof.checkpoint import Checkpoint
from fanal.v1.envelope_pb2 import Predecessor
from fanal.v1.identity_pb2 import KeyUse, SignedDocument

CUT_OFF = NOW + 3600
BEFORE, AFTER = CUT_OFF - 1800, CUT_OFF + 1800


def make(out: Collected, world: dict[str, Agency], sent: Sent) -> None:
    ge = world[AUTHOR]
    _documents(out, ge)
    names = "@identity/ge-cus @identity/ge-cus-next-node-key @identity/tr-cus @identity/ua-cus"
    replaced = {**sent.given, "identities": names}
    revoked = {**replaced, "charters": "@charter/one @charter/revokes-node-and-log"}
    _entries(out, ge, sent, replaced, revoked)
    _successors(out, ge, sent, replaced, revoked)
    _roots(out, ge, revoked)


def _next_seed(ge: Agency) -> bytes:
    return ge.seed("node 2")


def _documents(out: Collected, ge: Agency) -> None:
    """The next node key, and the charter that revokes the one before and the log's."""
    first = identity.verify_identity(ge.document(), ge.root.public)
    draft = identity.draft_next_identity(first, CUT_OFF + 60)
    del draft.keys[0]
    key = identity.key_entry(KeyUse.NODE_SIGN, ed25519.public_of(_next_seed(ge)), 2, CUT_OFF, CUT_OFF + YEAR)
    draft.keys.insert(0, key)
    document = identity.sign_identity(ge.root, draft)
    out.accept(
        "identity",
        "ge-cus-next-node-key",
        "The next serial names another node key, of the next epoch.",
        encode_document(document),
        root_ed25519=ge.root.public.ed25519,
        root_ml_dsa_44=ge.root.public.ml_dsa,
        before="@identity/ge-cus",
    )
    one = charter.first_charter(decode_document(out.cases["charter/one"].data))
    told = tuple(
        sign_revocation(ge.root, AUTHOR, number, ge.key_id(use), CUT_OFF, "compromised", CUT_OFF + 60)
        for number, use in ((1, "node"), (2, "log"))
    )
    body = charter.draft_next(one, charter.Changes(created=CUT_OFF + 120, revocations=told))
    revoking = ge.root.cosign(SignedDocument(type=pae.CHARTER, body=encode(body)))
    out.accept(
        "charter",
        "revokes-node-and-log",
        "The next charter revokes two keys of one agency.",
        encode_document(revoking),
        network=one.network,
        before="@charter/one",
    )


def _signers(ge: Agency) -> tuple[Signer, Signer]:
    """Under the key that is revoked, and under the next one."""
    seed = _next_seed(ge)
    identifier = keyid.key_id(keyid.ed25519_key(ed25519.public_of(seed)))
    return signer(ge), Signer(ge.name, identifier, seed)


def _entries(
    out: Collected, ge: Agency, sent: Sent, replaced: dict[str, object], revoked: dict[str, object]
) -> None:
    where = Position(INCARNATION, 1, sent.key.manifest_sha256)
    old, new = _signers(ge)

    def entry(label: str, by: Signer, created: int) -> Sealed:
        content = compose(ge, sent.lane, a_notice(5), label).content()
        times = {"created": created, "expires": created + 86_400}
        return put(ge, sent.lane, sent.key.lane_key, content, label, position=where, signer=by, **times)

    early, late = entry("old early", old, BEFORE), entry("old late", old, AFTER)
    one, other = entry("new one", new, AFTER), entry("new other", new, AFTER)
    accept, refuse = out.accept, out.refuse
    what = "One under the key before, one under its successor: replaced is not revoked."
    accept("fork", "entry-key-replaced", what, entry_pair(early, one), **replaced)
    what = "Both under a good key of an agency that has another one revoked."
    accept("fork", "entry-beside-a-revoked-key", what, entry_pair(one, other), **revoked)
    cases = {
        "entry-revoked-before-cut-off": (
            "One is under a revoked key and says it was written before the cut-off.",
            entry_pair(early, one),
        ),
        "entry-revoked-after-cut-off": (
            "One is under a revoked key and says it was written after the cut-off.",
            entry_pair(one, late),
        ),
        "entry-revoked-both": (
            "Both are under a revoked key, on either side of the cut-off.",
            entry_pair(early, late),
        ),
    }
    for name, (said, data) in cases.items():
        refuse("fork", name, said, data, NO_FORK, **revoked)


def _successors(
    out: Collected, ge: Agency, sent: Sent, replaced: dict[str, object], revoked: dict[str, object]
) -> None:
    old, new = _signers(ge)
    content = compose(ge, sent.lane, a_notice(6), "late heir").content()
    closed = Predecessor(incarnation=INCARNATION, next=3, head=sent.second.manifest_sha256)

    def first(label: str, by: Signer, created: int) -> Sealed:
        place = Position(drawn(label, 16), 0, b"", closed)
        times = {"created": created, "expires": created + 86_400}
        return put(ge, sent.lane, sent.key.lane_key, content, label, position=place, signer=by, **times)

    heir = first("heir new", new, AFTER)
    early, late = first("heir early", old, BEFORE), first("heir late", old, AFTER)
    what = "Two that close one incarnation, under the key before and its successor."
    out.accept("fork", "successor-key-replaced", what, entry_pair(early, heir), **replaced)
    for side, one in (("before", early), ("after", late)):
        what = f"Of two that close one incarnation one is under a revoked key, from {side} the cut-off."
        data = entry_pair(one, heir)
        out.refuse("fork", f"successor-revoked-{side}-cut-off", what, data, NO_FORK, **revoked)


def _roots(out: Collected, ge: Agency, revoked: dict[str, object]) -> None:
    honest = point(ge)
    bent = Checkpoint(honest.origin, honest.size, drawn("another root"))
    notes = [checkpoint.sign(one, ge.log()) for one in (honest, bent)]
    what = "Two roots at one size under a LOG key that is revoked."
    out.refuse("fork", "root-revoked", what, root_pair(*notes), NO_FORK, **revoked)
