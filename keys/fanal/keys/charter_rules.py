# SPDX-License-Identifier: Apache-2.0
"""What a charter may say, whoever signed it. Pure; the first broken rule is named with its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from fanal.errors import VerificationError
from fanal.keys.agency import is_agency
from fanal.keys.errors import CHARTER_FIELD, KEY_REUSED
from fanal.keys.identity_rules import MAX_TIME, check_public_key
from fanal.keys.keyid import key_id
from fanal.v1.charter_pb2 import Channel, Charter
from fanal.v1.identity_pb2 import KeyAlgorithm

MAX_CHARTER = 900_000
MAX_MEMBERS = 500
MAX_GOVERNORS = 32
MAX_CHANNELS = 500
MAX_REVOCATIONS = 1000
MAX_NAME = 100
NONCE_BYTES = 16
SUITE = "XWING-HKDF-SHA256-CHACHA20POLY1305"
"""The only suite of version 1."""

_CHANNEL = re.compile(r"[A-Z0-9_]{1,32}", re.ASCII)
_SUITE = re.compile(r"[A-Z0-9-]{1,64}", re.ASCII)


def check_charter(charter: Charter) -> None:
    """Every rule of a charter's content but its revocations. Raises VerificationError."""
    _check_frame(charter)
    _check_members(charter)
    _check_governors(charter)
    agencies = {member.agency for member in charter.members}
    _check_relays(charter, agencies)
    _check_channels(charter, agencies)
    _check_policy(charter)


def is_channel(name: str) -> bool:
    """Whether ``name`` can name a channel: 1 to 32 of A-Z 0-9 _."""
    return _CHANNEL.fullmatch(name) is not None


def _check_frame(charter: Charter) -> None:
    first = charter.version == 1
    if charter.version < 1:
        _refuse("version", "versions start at 1")
    if len(charter.network) != (0 if first else 32):
        _refuse("network", "empty in charter 1, else 32 bytes")
    if len(charter.previous_sha256) != (0 if first else 32):
        _refuse("previous_sha256", "empty in charter 1, else 32 bytes")
    if len(charter.nonce) != (NONCE_BYTES if first else 0):
        _refuse("nonce", f"{NONCE_BYTES} bytes in charter 1, else empty")
    if not 0 < len(charter.name) <= MAX_NAME or not charter.name.isprintable():
        _refuse("name", f"not 1 to {MAX_NAME} printable characters")
    if not 0 < charter.created < charter.expires <= MAX_TIME:
        _refuse("expires", "it must lie after 'created', before the year 10000")


def _check_members(charter: Charter) -> None:
    if not 0 < len(charter.members) <= MAX_MEMBERS:
        _refuse("members", f"not 1 to {MAX_MEMBERS}")
    _check_ascending("members", [member.agency for member in charter.members])
    owners: dict[bytes, str] = {}
    for member in charter.members:
        if not is_agency(member.agency):
            _refuse("members", "not an agency id")
        check_public_key(member.root_ed25519, KeyAlgorithm.ED25519, f"{member.agency}.root_ed25519")
        check_public_key(member.root_ml_dsa, KeyAlgorithm.ML_DSA_44, f"{member.agency}.root_ml_dsa")
        for identifier in (key_id(member.root_ed25519), key_id(member.root_ml_dsa)):
            # One person's key under two names would count twice towards the threshold.
            if identifier in owners:
                first, second = owners[identifier], member.agency
                raise VerificationError(KEY_REUSED, key_id=identifier.hex(), first=first, second=second)
            owners[identifier] = member.agency


def _check_governors(charter: Charter) -> None:
    governors = sum(member.governor for member in charter.members)
    if not 0 < governors <= MAX_GOVERNORS:
        _refuse("members.governor", f"not 1 to {MAX_GOVERNORS} governors")
    if not 1 <= charter.threshold <= governors:
        _refuse("threshold", f"not 1 to {governors}, the number of governors")


def _check_relays(charter: Charter, agencies: set[str]) -> None:
    _check_ascending("relays", [relay.agency for relay in charter.relays])
    for relay in charter.relays:
        _check_subset("relays", [relay.agency], agencies, "a relay must be a member")
        _check_ascending("relays.serves", relay.serves)
        others = agencies - {relay.agency}
        _check_subset("relays.serves", relay.serves, others, "it serves other members only")


def _check_channels(charter: Charter, agencies: set[str]) -> None:
    if len(charter.channels) > MAX_CHANNELS:
        _refuse("channels", f"more than {MAX_CHANNELS}")
    _check_ascending("channels", [channel.name for channel in charter.channels])
    relays = {relay.agency for relay in charter.relays}
    for channel in charter.channels:
        _check_channel(channel, agencies, relays)


def _check_channel(channel: Channel, agencies: set[str], relays: set[str]) -> None:
    if not is_channel(channel.name):
        _refuse("channels.name", "not 1 to 32 of A-Z 0-9 _")
    readers, carriers = f"channels.{channel.name}.members", f"channels.{channel.name}.relays"
    if not channel.members:
        _refuse(readers, "a channel has at least one member")
    _check_ascending(readers, channel.members)
    _check_ascending(carriers, channel.relays)
    _check_subset(readers, channel.members, agencies, "not a member of the network")
    blind = relays - set(channel.members)
    _check_subset(carriers, channel.relays, blind, "not a relay that reads nothing here")


def _check_policy(charter: Charter) -> None:
    if charter.witnesses.quorum >= max(len(charter.members), 2):
        _refuse("witnesses.quorum", "there are too few other members to cosign")
    if not charter.suites or not all(_SUITE.fullmatch(suite) for suite in charter.suites):
        _refuse("suites", "at least one, of A-Z 0-9 -")
    _check_ascending("suites", charter.suites)
    if len(charter.revocations) > MAX_REVOCATIONS:
        _refuse("revocations", f"more than {MAX_REVOCATIONS}")


def _check_ascending(field: str, values: Sequence[str]) -> None:
    if list(values) != sorted(set(values)):
        _refuse(field, "not in ascending order, each once")


def _check_subset(field: str, values: Iterable[str], allowed: set[str], reason: str) -> None:
    for value in values:
        if value not in allowed:
            _refuse(field, f"{value[:40]}: {reason}")


def _refuse(field: str, reason: str) -> NoReturn:
    raise VerificationError(CHARTER_FIELD, field=field, reason=reason)
