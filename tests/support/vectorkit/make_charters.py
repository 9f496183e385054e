# SPDX-License-Identifier: Apache-2.0
"""Cases of charters and revocations: thresholds, versions, content."""

from __future__ import annotations

from collections.abc import Callable

from vectorkit.make_base import Collected
from vectorkit.make_identities import MIXED_ORDER, ORDER_8, UNKNOWN_FIELD, roots, signed
from vectorkit.world import NOW, YEAR, Agency, drawn

from fanal.keys import charter, pae
from fanal.keys.documents import body_sha256, decode_document, encode_document
from fanal.keys.keyid import ed25519_key, key_id, ml_dsa_key
from fanal.keys.revocation import sign_revocation
from fanal.keys.strict import encode
from fanal.v1.charter_pb2 import Charter
from fanal.v1.identity_pb2 import SignedDocument


def make(out: Collected, world: dict[str, Agency]) -> bytes:
    """The network id."""
    network = _charters(out, world)
    _revocations(out, world["GE-CUS"], world["TR-CUS"])
    return network


def first_body(world: dict[str, Agency]) -> Charter:
    """Charter 1: GE-CUS alone governs."""
    members = [charter.member_of(a.name, a.root.public, a.name == "GE-CUS") for a in world.values()]
    draft = charter.draft_first(
        "Black Sea", members[0], created=NOW, expires=NOW + YEAR, nonce=drawn("nonce", 16), channels={}
    )
    del draft.members[:]
    draft.members.extend(members)
    del draft.channels[:]
    draft.channels.add(name="BLACKSEA", members=["GE-CUS", "TR-CUS", "UA-CUS"])
    draft.channels.add(name="PAIR", members=["GE-CUS", "TR-CUS"])
    return draft


def _sign(draft: Charter, *signers: Agency) -> SignedDocument:
    document = SignedDocument(type=pae.CHARTER, body=encode(draft))
    for signer in signers:
        document = signer.root.cosign(document)
    return document


def _charters(out: Collected, world: dict[str, Agency]) -> bytes:
    ge, md, tr, _ua = world.values()
    body_1 = first_body(world)
    one = _sign(body_1, ge)
    network = body_sha256(one)
    given: dict[str, object] = {"network": network}
    accept, refuse = out.accept, out.refuse
    accept("charter", "one", "Charter 1: four members, one of them governs.", encode_document(one), **given)
    view_1 = charter.first_charter(one)
    grown = Charter.FromString(encode(charter.draft_next(view_1, charter.Changes(created=NOW + 60))))
    for member in grown.members:
        member.governor = member.agency != "UA-CUS"
    grown.threshold = 2
    two = _sign(grown, ge, md)
    before_1 = {"before": "@charter/one"}
    accept(
        "charter", "two", "Three governors, of whom two must sign.", encode_document(two), **given, **before_1
    )
    view_2 = charter.update_charter(view_1, two)

    def draft_3(**changes: object) -> Charter:
        draft = charter.draft_next(view_2, charter.Changes(created=NOW + 120))
        draft.name = "Black Sea and Caspian"
        for name, value in changes.items():
            setattr(draft, name, value)
        return draft

    before = {"before": "@charter/one @charter/two"}
    accept(
        "charter",
        "three",
        "Two of three governors signed.",
        encode_document(_sign(draft_3(), ge, tr)),
        **given,
        **before,
    )
    given_3 = {**given, **before}
    _charter_thresholds(out, world, draft_3, given_3)
    _charter_rules(out, world, draft_3, given_3)
    _charter_updates(out, world, draft_3, given)
    refuse(
        "charter",
        "first-unsigned",
        "Charter 1 without signatures.",
        encode_document(_sign(body_1)),
        "FANAL-E0214",
        **given,
    )
    refuse(
        "charter",
        "not-the-network-on-paper",
        "Charter 1 of another network than the auditor brought.",
        encode_document(one),
        "FANAL-E0241",
        network=bytes(32),
    )
    return network


def _charter_updates(
    out: Collected, world: dict[str, Agency], draft_3: Callable[..., Charter], given: dict[str, object]
) -> None:
    ge, md, tr, _ua = world.values()
    refuse = out.refuse
    before = {"before": "@charter/one @charter/two"}
    two = decode_document(out.cases["charter/two"].data)
    three = _sign(draft_3(), ge, tr)
    rolled = {"before": "@charter/one @charter/two @charter/three"}
    skipped = draft_3(version=4)
    refuse(
        "charter",
        "rolled-back",
        "A version below the one held.",
        encode_document(two),
        "FANAL-E0243",
        **given,
        **rolled,
    )
    refuse(
        "charter",
        "same-version-other-content",
        "Another charter of the version held.",
        encode_document(_sign(draft_3(name="Elsewhere"), ge, md)),
        "FANAL-E0243",
        **given,
        **rolled,
    )
    refuse(
        "charter",
        "version-skipped",
        "Two versions up at once.",
        encode_document(_sign(skipped, ge, md)),
        "FANAL-E0242",
        **given,
        **before,
    )
    refuse(
        "charter",
        "previous-hash-wrong",
        "It names another charter before it.",
        encode_document(_sign(draft_3(previous_sha256=bytes(32)), ge, md)),
        "FANAL-E0244",
        **given,
        **before,
    )
    refuse(
        "charter",
        "other-network",
        "A charter of another network.",
        encode_document(_sign(draft_3(network=bytes(32)), ge, md)),
        "FANAL-E0241",
        **given,
        **before,
    )
    out.accept(
        "charter",
        "same-again",
        "The charter already held, once more.",
        encode_document(three),
        **given,
        **rolled,
    )


def _charter_thresholds(
    out: Collected, world: dict[str, Agency], draft_3: Callable[..., Charter], given: dict[str, object]
) -> None:
    ge, md, tr, ua = world.values()
    refuse = out.refuse
    alone = _sign(draft_3(), ge)
    copied = SignedDocument.FromString(encode_document(alone))
    for signature in alone.signatures:
        copied.signatures.add(key_id=drawn(signature.key_id.hex()), signature=signature.signature)
    renamed = SignedDocument.FromString(encode_document(alone))
    for signature, key in zip(alone.signatures, _typed(md), strict=True):
        renamed.signatures.add(key_id=key, signature=signature.signature)
    half = SignedDocument.FromString(encode_document(alone))
    half.signatures.extend(md.root.sign(pae.CHARTER, alone.body).signatures[:1])
    bad = {
        "one-of-two": ("One governor where two must sign.", alone, "FANAL-E0214"),
        "outsider-signs": ("A governor and a member who is none.", _sign(draft_3(), ge, ua), "FANAL-E0214"),
        "one-governor-under-two-ids": (
            "One governor's signatures again under made-up key ids.",
            copied,
            "FANAL-E0214",
        ),
        "one-governor-as-another": (
            "One governor's signatures again under another governor's key ids.",
            renamed,
            "FANAL-E0203",
        ),
        "governor-without-ml-dsa": ("The second governor signed with Ed25519 alone.", half, "FANAL-E0213"),
        "signature-twice": ("The same key id twice.", _doubled(_sign(draft_3(), ge, tr)), "FANAL-E0212"),
        "new-governors-only": (
            "Signed by a threshold of its own governors, not of the version before.",
            _sign(_governed(draft_3(), "GE-CUS", "UA-CUS"), ge, ua),
            "FANAL-E0214",
        ),
        "old-governors-only": (
            "Signed by a threshold of the version before, not of its own.",
            _sign(_governed(draft_3(), "TR-CUS", "UA-CUS"), ge, md),
            "FANAL-E0214",
        ),
    }
    for name, (what, document, error) in bad.items():
        refuse("charter", name, what, encode_document(document), error, **given)


def _typed(agency: Agency) -> tuple[bytes, bytes]:
    public = agency.root.public
    return key_id(ed25519_key(public.ed25519)), key_id(ml_dsa_key(public.ml_dsa))


def _doubled(document: SignedDocument) -> SignedDocument:
    document.signatures.append(document.signatures[0])
    return document


def _governed(draft: Charter, *governors: str) -> Charter:
    for member in draft.members:
        member.governor = member.agency in governors
    return draft


def _charter_rules(
    out: Collected, world: dict[str, Agency], draft_3: Callable[..., Charter], given: dict[str, object]
) -> None:
    ge, md = world["GE-CUS"], world["MD-CUS"]

    def bad(name: str, what: str, error: str, change: Callable[[Charter], object]) -> None:
        draft = draft_3()
        change(draft)
        out.refuse("charter", name, what, encode_document(_sign(draft, ge, md)), error, **given)

    bad("threshold-zero", "Nobody would have to sign.", "FANAL-E0240", lambda d: setattr(d, "threshold", 0))
    bad(
        "threshold-above-governors",
        "More must sign than govern.",
        "FANAL-E0240",
        lambda d: setattr(d, "threshold", 4),
    )
    bad(
        "two-members-one-root",
        "Two members with one root key.",
        "FANAL-E0221",
        lambda d: d.members[1].root_ed25519.CopyFrom(d.members[0].root_ed25519),
    )
    bad("members-not-ascending", "Members in another order.", "FANAL-E0240", lambda d: d.members.reverse())
    bad(
        "small-order-root",
        "A member's root of small order.",
        "FANAL-E0202",
        lambda d: setattr(d.members[3].root_ed25519, "key", ORDER_8),
    )
    bad(
        "mixed-order-root",
        "A member's root that is the sum of a good point and one of order 8.",
        "FANAL-E0202",
        lambda d: setattr(d.members[3].root_ed25519, "key", MIXED_ORDER),
    )
    bad(
        "channel-with-stranger",
        "A channel that a stranger reads.",
        "FANAL-E0240",
        lambda d: d.channels[0].members.append("ZZ-ZZ"),
    )
    bad("no-suite", "No suite is allowed.", "FANAL-E0240", lambda d: d.ClearField("suites"))
    bad(
        "quorum-too-high",
        "More cosignatures than other members.",
        "FANAL-E0240",
        lambda d: setattr(d.witnesses, "quorum", 4),
    )
    body = encode(draft_3()) + UNKNOWN_FIELD
    document = md.root.cosign(ge.root.sign(pae.CHARTER, body))
    out.refuse(
        "charter",
        "unknown-field",
        "A field smuggled under the governors' signatures.",
        encode_document(document),
        "FANAL-E0208",
        **given,
    )


def _revocations(out: Collected, ge: Agency, tr: Agency) -> None:
    good = sign_revocation(ge.root, "GE-CUS", 1, ge.key_id("officer"), NOW + 3600, "lost", NOW + 7200)
    given, refuse = roots(ge), out.refuse
    out.accept(
        "revocation",
        "officer-key-lost",
        "An officer's key is good no longer.",
        encode_document(good),
        **given,
    )
    alone = SignedDocument(type=good.type, body=good.body, signatures=good.signatures[:1])
    refuse(
        "revocation",
        "without-ml-dsa",
        "Signed by Ed25519 alone.",
        encode_document(alone),
        "FANAL-E0213",
        **given,
    )
    refuse(
        "revocation",
        "by-another-root",
        "Another agency revokes a key that is not its own.",
        encode_document(tr.root.sign(pae.REVOCATION, good.body)),
        "FANAL-E0213",
        **given,
    )
    refuse(
        "revocation",
        "reason-unknown",
        "A reason outside the list.",
        signed(ge, pae.REVOCATION, good.body.replace(b"lost", b"whim")),
        "FANAL-E0251",
        **given,
    )
