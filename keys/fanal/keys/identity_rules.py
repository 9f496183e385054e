# SPDX-License-Identifier: Apache-2.0
"""What an identity document may say, whoever signed it. Pure; the first broken rule is named with its field.

Called before signing and after verifying, so that no agency can publish what its peers would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from fanal.errors import VerificationError
from fanal.keys import ed25519, mldsa, xwing
from fanal.keys.agency import is_agency
from fanal.keys.certificate import spki
from fanal.keys.errors import IDENTITY_FIELD, KEY_REUSED
from fanal.keys.keyid import key_id
from fanal.v1.identity_pb2 import Custody, Identity, KeyAlgorithm, KeyEntry, KeyUse, OfficerRight, PublicKey

MAX_IDENTITY = 256 * 1024
MAX_KEYS = 500
MAX_NAMES = 32
MAX_NAME = 200
MAX_ROLES = 16
MAX_ENDPOINTS = 8
MAX_SPKI = 512
MAX_TIME = 253_402_300_799
"""The end of the year 9999: times are clamped before any arithmetic."""

ALGORITHM_OF_USE = {
    KeyUse.NODE_SIGN: KeyAlgorithm.ED25519,
    KeyUse.ENCRYPT: KeyAlgorithm.X_WING,
    KeyUse.TLS_SPKI: KeyAlgorithm.SPKI,
    KeyUse.LOG: KeyAlgorithm.ED25519,
    KeyUse.WITNESS: KeyAlgorithm.ED25519,
    KeyUse.ANCHOR: KeyAlgorithm.ML_DSA_44,
    KeyUse.OFFICER: KeyAlgorithm.ED25519,
}

_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_TOKEN = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_OFFICER_ID = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_ORIGIN = re.compile(r"[!-*,-~]{1,255}", re.ASCII)
_ENDPOINT = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,252})):([0-9]{1,5})", re.ASCII)


def check_identity(identity: Identity) -> None:
    """Every rule of an identity document. Raises VerificationError naming field and reason."""
    _check_frame(identity)
    check_public_key(identity.root_ed25519, KeyAlgorithm.ED25519, "root_ed25519")
    check_public_key(identity.root_ml_dsa, KeyAlgorithm.ML_DSA_44, "root_ml_dsa")
    _check_description(identity)
    if len(identity.keys) > MAX_KEYS:
        _refuse("keys", f"more than {MAX_KEYS}")
    for index, entry in enumerate(identity.keys):
        _check_entry(entry, f"keys[{index}]")
    _check_each_key_once(identity)
    _check_epochs(identity)


def check_public_key(key: PublicKey, algorithm: KeyAlgorithm.Code, field: str) -> None:
    """Raise VerificationError unless the key has this algorithm and is acceptable under it."""
    if key.algorithm != algorithm:
        _refuse(field, "it has the wrong algorithm for its use")
    if algorithm == KeyAlgorithm.SPKI:
        if not 0 < len(key.key) <= MAX_SPKI:
            _refuse(field, f"not 1 to {MAX_SPKI} bytes")
        return
    _VALIDATORS[algorithm](key.key)


_VALIDATORS: dict[KeyAlgorithm.Code, Callable[[bytes], None]] = {
    KeyAlgorithm.ED25519: ed25519.validate_public,
    KeyAlgorithm.ML_DSA_44: mldsa.validate_public,
    KeyAlgorithm.X_WING: xwing.validate_public,
}


def use_name(use: int) -> str:
    """The name of a key use for messages, also of a number nobody knows."""
    return KeyUse.Code.Name(KeyUse.Code.ValueType(use)) if use in KeyUse.Code.values() else str(use)


def _check_frame(identity: Identity) -> None:
    if not is_agency(identity.agency):
        _refuse("agency", "not an agency id")
    if identity.serial < 1:
        _refuse("serial", "serials start at 1")
    if len(identity.previous_sha256) != (0 if identity.serial == 1 else 32):
        _refuse("previous_sha256", "empty for serial 1, else 32 bytes")
    _check_period(identity.created, identity.not_after, "not_after")


def _check_description(identity: Identity) -> None:
    languages = [name.lang for name in identity.names]
    if len(languages) > MAX_NAMES or len(set(languages)) != len(languages):
        _refuse("names", f"at most {MAX_NAMES}, one a language")
    for name in identity.names:
        if (
            not _LANG.fullmatch(name.lang)
            or not 0 < len(name.name) <= MAX_NAME
            or not name.name.isprintable()
        ):
            _refuse("names", f"a language tag and 1 to {MAX_NAME} printable characters")
    if len(identity.roles) > MAX_ROLES or not all(_TOKEN.fullmatch(role) for role in identity.roles):
        _refuse("roles", f"at most {MAX_ROLES} tokens of a-z 0-9 -")
    if len(identity.endpoints) > MAX_ENDPOINTS or not all(is_endpoint(e) for e in identity.endpoints):
        _refuse("endpoints", f"at most {MAX_ENDPOINTS} of the form host:port")


def is_endpoint(text: str) -> bool:
    """Whether ``text`` reads host:port with a port of 1 to 65535."""
    match = _ENDPOINT.fullmatch(text)
    return match is not None and 1 <= int(match[3]) <= 65535


def _check_entry(entry: KeyEntry, field: str) -> None:
    algorithm = ALGORITHM_OF_USE.get(entry.use)
    if algorithm is None:
        _refuse(f"{field}.use", "unknown")
    check_public_key(entry.public_key, algorithm, f"{field}.public_key")
    if entry.epoch < 1:
        _refuse(f"{field}.epoch", "epochs start at 1")
    _check_period(entry.not_before, entry.not_after, f"{field}.not_after")
    _check_belongs(entry, field)


def _check_belongs(entry: KeyEntry, field: str) -> None:
    if bool(entry.log_origin) != (entry.use == KeyUse.LOG):
        _refuse(f"{field}.log_origin", "with LOG and only there")
    if entry.log_origin and not _ORIGIN.fullmatch(entry.log_origin):
        _refuse(f"{field}.log_origin", "one word without '+', at most 255 characters")
    if bool(entry.certificate) != (entry.use == KeyUse.TLS_SPKI):
        _refuse(f"{field}.certificate", "with TLS_SPKI and only there")
    if entry.certificate and spki(entry.certificate) != entry.public_key.key:
        _refuse(f"{field}.certificate", "it certifies another key")
    if entry.HasField("officer") != (entry.use == KeyUse.OFFICER):
        _refuse(f"{field}.officer", "with OFFICER and only there")
    if entry.HasField("officer"):
        _check_officer(entry, f"{field}.officer")


def _check_officer(entry: KeyEntry, field: str) -> None:
    officer = entry.officer
    if not _OFFICER_ID.fullmatch(officer.officer_id):
        _refuse(f"{field}.officer_id", "1 to 32 of a-z 0-9 -")
    rights = list(officer.rights)
    known = set(OfficerRight.Code.values()) - {OfficerRight.UNSPECIFIED}
    if not rights or not set(rights) <= known or rights != sorted(set(rights)):
        _refuse(f"{field}.rights", "at least one known right, ascending, each once")
    if officer.custody not in (Custody.OWN, Custody.NODE):
        _refuse(f"{field}.custody", "OWN or NODE")


def _check_each_key_once(identity: Identity) -> None:
    places: dict[bytes, str] = {}
    keys = [(identity.root_ed25519, "root_ed25519"), (identity.root_ml_dsa, "root_ml_dsa")]
    keys += [(e.public_key, f"keys[{i}] ({use_name(e.use)})") for i, e in enumerate(identity.keys)]
    for key, place in keys:
        # The id covers the algorithm: Ed25519 bytes under two algorithm names cannot pass, for every
        # algorithm but Ed25519 has another length.
        identifier = key_id(key)
        if identifier in places:
            raise VerificationError(
                KEY_REUSED, key_id=identifier.hex(), first=places[identifier], second=place
            )
        places[identifier] = place


def _check_epochs(identity: Identity) -> None:
    seen: set[tuple[int, str, int]] = set()
    for entry in identity.keys:
        place = (int(entry.use), entry.officer.officer_id, entry.epoch)
        if place in seen:
            _refuse("keys.epoch", f"two keys for {use_name(entry.use)} share epoch {entry.epoch}")
        seen.add(place)


def _check_period(start: int, end: int, field: str) -> None:
    if not 0 < start < end <= MAX_TIME:
        _refuse(field, "it must lie after the beginning, before the year 10000")


def _refuse(field: str, reason: str) -> NoReturn:
    raise VerificationError(IDENTITY_FIELD, field=field, reason=reason)
