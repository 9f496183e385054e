# SPDX-License-Identifier: Apache-2.0
"""Officers' calls and joining: replay, redirection, a listener in the middle, a mistyped invitation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from agencies import NOW, YEAR, Agency

from fanal.errors import ErrorKind, FanalError, VerificationError
from fanal.keys import call_errors as kinds
from fanal.keys import certificate, ed25519, joining
from fanal.keys.calls import MAX_NONCES, WINDOW_SECONDS, Metadata, NonceCache, sign_call, verify_call
from fanal.keys.errors import BAD_SIGNATURE
from fanal.keys.joining import Invite

SEED = ed25519.generate()
METHOD, REQUEST = "/fanal.v1.OfficerApi/Send", b"request bytes"


def refusal(call: Callable[[], object]) -> ErrorKind:
    with pytest.raises(FanalError) as refused:
        call()
    return refused.value.kind


def find(_key_id: bytes) -> bytes:
    return ed25519.public_of(SEED)


def call(nonce: int = 0, now: int = NOW) -> Metadata:
    return sign_call(SEED, METHOD, REQUEST, now, nonce.to_bytes(16, "big"))


def check(
    metadata: Metadata,
    nonces: NonceCache | None = None,
    *,
    method: str = METHOD,
    request: bytes = REQUEST,
    now: int = NOW,
) -> bytes:
    return verify_call(metadata, method, request, find, now, nonces or NonceCache(NOW - 1000))


def test_signed_call_names_its_officer() -> None:
    """The actor is the key that signed; other metadata does not matter."""
    metadata = (("user-agent", "grpc"), ("x-bin", b"\x00"), *call())
    agency = Agency("GE-CUS", officer=SEED)
    assert verify_call(metadata, METHOD, REQUEST, find, NOW, NonceCache(NOW)) == agency.officer_key_id


def test_call_redirected_to_another_method_or_request_is_refused() -> None:
    """A signature over Show cannot send, and one request's cannot carry another."""
    assert refusal(lambda: check(call(), method="/fanal.v1.OfficerApi/Show")) is BAD_SIGNATURE
    assert refusal(lambda: check(call(), request=b"other")) is BAD_SIGNATURE


def test_replayed_call_is_refused() -> None:
    """The second time, to the last second of the window."""
    nonces = NonceCache(NOW)
    check(call(), nonces)
    for later in (0, 1, WINDOW_SECONDS):
        assert refusal(lambda later=later: check(call(), nonces, now=NOW + later)) is kinds.CALL_REPLAYED
    check(call(1, NOW + WINDOW_SECONDS), nonces, now=NOW + WINDOW_SECONDS)


def test_call_from_before_a_restart_is_refused() -> None:
    """A new cache does not know what the old one saw."""
    assert refusal(lambda: check(call(now=NOW - 1), NonceCache(NOW))) is kinds.CALL_TIME


@pytest.mark.parametrize("away", [WINDOW_SECONDS, -WINDOW_SECONDS])
def test_window_is_a_minute_either_way(away: int) -> None:
    """At the limit accepted, one second past it refused."""
    check(call(now=NOW + away))
    beyond = away + (1 if away > 0 else -1)
    assert refusal(lambda: check(call(now=NOW + beyond))) is kinds.CALL_TIME


def test_nonce_cache_is_bounded_and_forgets_only_what_has_expired() -> None:
    """Full means refuse; after the window there is room again."""
    nonces = NonceCache(NOW, limit=2)
    check(call(0), nonces)
    check(call(1), nonces)
    assert refusal(lambda: check(call(2), nonces)) is kinds.CALLS_TOO_MANY
    later = NOW + WINDOW_SECONDS + 1
    check(call(3, later), nonces, now=later)
    assert NonceCache(NOW).limit == MAX_NONCES


def test_unsigned_calls_do_not_fill_the_cache() -> None:
    """A nonce is remembered only after its signature verified."""
    nonces = NonceCache(NOW, limit=1)
    assert refusal(lambda: check(call(), nonces, request=b"forged")) is BAD_SIGNATURE
    check(call(), nonces)


@pytest.mark.parametrize("field", ["fanal-key", "fanal-time", "fanal-nonce", "fanal-signature"])
@pytest.mark.parametrize("damage", ["missing", "twice", "empty", "bytes", "long", "letters"])
def test_malformed_call_metadata_is_named(field: str, damage: str) -> None:
    """Each field, each way to be wrong."""
    values = dict(call())
    fields: list[tuple[str, str | bytes]] = [(k, v) for k, v in values.items() if k != field]
    if damage == "twice":
        fields += [(field, values[field])] * 2
    elif damage != "missing":
        text = values[field]
        fields.append(
            (field, {"empty": "", "bytes": b"x", "long": text * 9, "letters": "Z" + text[1:]}[damage])
        )
    with pytest.raises(FanalError) as refused:
        verify_call(fields, METHOD, REQUEST, find, NOW, NonceCache(NOW))
    assert refused.value.kind is kinds.CALL_MALFORMED
    assert refused.value.facts["field"] == field


# --- Joining ---

INVITE = Invite(
    token_id=b"t" * 16,
    secret=b"s" * 32,
    network=b"n" * 32,
    charter_version=3,
    charter_sha256=b"c" * 32,
    network_name="Caspian pilot",
    inviter="GE-CUS",
    agency="TR-CUS",
    address="192.0.2.1:7444",
    certificate=certificate.create_certificate(NOW, YEAR).der,
    expires=NOW + 3600,
)


def test_invitation_is_one_line_that_reads_back() -> None:
    """Also with white space around it; the secret does not show in repr."""
    text = joining.encode_invite(INVITE)
    assert text.startswith("fanal-invite-1:")
    assert text.isascii()
    assert not set(text) & set(" \n=+/")
    assert joining.decode_invite(f"  {text}\n") == INVITE
    assert "ssss" not in repr(INVITE)
    assert INVITE.spki_sha256 == certificate.spki_sha256(INVITE.certificate)


def test_mistyped_cut_or_foreign_invitation_is_refused() -> None:
    """Every cut, other text, too long, not base64url: one clear refusal."""
    text = joining.encode_invite(INVITE)
    bad = [text[:length] for length in range(len(text))]
    bad += [text + "A", text + "AAAA", text[:20] + "*" + text[21:], "hello", "fanal-invite-2:" + text[15:]]
    bad += [text[:i] + ("B" if text[i] == "A" else "A") + text[i + 1 :] for i in range(15, len(text) - 1)]
    bad += ["fanal-invite-1:" + "A" * 9000, text.replace("f", "ф", 1), text + "é"]
    for attempt in bad:
        assert refusal(lambda a=attempt: joining.decode_invite(a)) is kinds.INVITE_MALFORMED, attempt


@pytest.mark.parametrize(
    "change",
    [
        {"token_id": b"t"},
        {"secret": b""},
        {"network": bytes(31)},
        {"charter_sha256": b""},
        {"inviter": "nobody"},
        {"agency": ""},
        {"address": "nowhere"},
        {"certificate": b""},
        {"certificate": bytes(5000)},
        {"charter_version": 0},
        {"network_name": ""},
        {"network_name": "two\nlines"},
    ],
)
def test_incomplete_invitation_is_not_made(change: dict[str, object]) -> None:
    """What could not be used is not handed out."""
    broken = dataclasses.replace(INVITE, **change)  # type: ignore[arg-type]
    assert refusal(lambda: joining.encode_invite(broken)) is kinds.INVITE_MALFORMED


def test_invitation_runs_out() -> None:
    """Valid until one second before its end."""
    INVITE.check_valid(NOW + 3599)
    assert refusal(lambda: INVITE.check_valid(NOW + 3600)) is kinds.INVITE_EXPIRED


def test_macs_of_the_three_messages_cannot_stand_for_each_other() -> None:
    """Same secret, same bodies, three different proofs; parts cannot be cut elsewhere."""
    secret = INVITE.secret
    macs = {joining.request_mac(secret, b"ab"), joining.outcome_mac(secret, b"ab")}
    macs |= {joining.reply_mac(secret, b"a", b"b"), joining.reply_mac(secret, b"ab", b"")}
    macs |= {joining.request_mac(bytes(32), b"ab")}
    assert len(macs) == 5


def test_mac_without_the_secret_is_refused() -> None:
    """Somebody who only knows the address gets no answer."""
    good = joining.request_mac(INVITE.secret, b"identity")
    joining.check_mac(good, good)
    for forged in (b"", good[:-1], joining.request_mac(bytes(32), b"identity")):
        with pytest.raises(VerificationError) as refused:
            joining.check_mac(good, forged)
        assert refused.value.kind is kinds.JOIN_MAC


def test_digits_change_when_anything_in_the_middle_changes() -> None:
    """Charter, either identity or token: six groups of four digits differ."""
    parts = [b"c" * 32, b"i" * 32, b"j" * 32, b"t" * 16]
    codes = {joining.join_code(*parts)}
    for index in range(4):
        changed = list(parts)
        changed[index] = b"x" * len(parts[index])
        codes.add(joining.join_code(*changed))
    codes.add(joining.join_code(parts[0], parts[2], parts[1], parts[3]))
    assert len(codes) == 6
    assert all(len(c) == 29 and all(len(g) == 4 and g.isdigit() for g in c.split()) for c in codes)
    with pytest.raises(ValueError, match="length"):
        joining.join_code(b"", *parts[1:])


def test_digits_read_by_telephone_are_compared_without_spaces() -> None:
    """Spaces and hyphens do not matter, one wrong digit does."""
    code = joining.join_code(b"c" * 32, b"i" * 32, b"j" * 32, b"t" * 16)
    for typed in (code, code.replace(" ", ""), code.replace(" ", "-"), f" {code}\n"):
        joining.check_code(code, typed)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for typed in (wrong, "", code[:-1], "١" + code[1:]):
        assert refusal(lambda typed=typed: joining.check_code(code, typed)) is kinds.JOIN_CODE
