# SPDX-License-Identifier: Apache-2.0
"""Who a lane is for: one channel of the charter, or a fixed list of agencies with the author in it.

Promise: an audience has one canonical form, and a lane id is bound to network, author and that form. The
audience is fixed before anything is encrypted and nothing is ever filtered inside a lane.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Final

from fanal.envelope import limits
from fanal.envelope.commitments import digest
from fanal.envelope.errors import AUDIENCE, LANE, NOBODY, NOT_A_MEMBER, NOT_A_READER, RECIPIENTS
from fanal.envelope.trust import Charter
from fanal.errors import FanalError, VerificationError
from fanal.keys import strict
from fanal.keys.agency import is_agency
from fanal.keys.errors import NO_CHANNEL
from fanal.keys.pae import LANE_DOMAIN
from fanal.v1.envelope_pb2 import Audience

_CHANNEL: Final = re.compile(r"[A-Z0-9_]{1,32}")


def explicit(author: str, agencies: Iterable[str]) -> Audience:
    """The audience of a list of agencies: ascending, each once, the author included.

    Raises FanalError when nobody but the author is left or more than 500 recipients are named.
    """
    everyone = sorted({author, *agencies})
    audience = Audience(agencies=everyone)
    if len(everyone) < 2:
        raise FanalError(NOBODY)
    if len(everyone) > limits.RECIPIENTS + 1:
        raise FanalError(RECIPIENTS, found=len(everyone) - 1, limit=limits.RECIPIENTS)
    check(audience, author)
    return audience


def channel(name: str) -> Audience:
    """The audience of a channel: its members at the charter version that a header names."""
    audience = Audience(channel=name)
    _check_channel(name)
    return audience


def check(audience: Audience, author: str) -> None:
    """Raise VerificationError unless this is the canonical form of an audience of ``author``."""
    if audience.channel and audience.agencies:
        raise VerificationError(AUDIENCE, reason="it names both a channel and agencies")
    if audience.channel:
        return _check_channel(audience.channel)
    return _check_agencies(list(audience.agencies), author)


def canonical(audience: Audience) -> bytes:
    """The one encoding of an audience: ascending field numbers, shortest forms (docs/protocol.md)."""
    return strict.encode(audience)


def lane_id(network: bytes, author: str, audience: Audience) -> bytes:
    """The 32-byte id of one author's stream to one audience."""
    return digest(LANE_DOMAIN, network, author.encode(), canonical(audience))


def check_lane(lane: bytes, network: bytes, author: str, audience: Audience) -> None:
    """Raise VerificationError unless ``lane`` is the id of these three."""
    expected = lane_id(network, author, audience)
    if lane != expected:
        raise VerificationError(LANE, expected=expected.hex(), found=lane.hex())


def readers(audience: Audience, charter: Charter) -> tuple[str, ...]:
    """Who may read, ascending: a channel's members at this charter version, or the listed agencies.

    Raises VerificationError for a channel that the charter does not have.
    """
    if not audience.channel:
        return tuple(audience.agencies)
    if audience.channel not in charter.channels:
        raise VerificationError(NO_CHANNEL, channel=audience.channel, version=charter.version)
    return tuple(charter.members_of(audience.channel))


def check_author(audience: Audience, author: str, charter: Charter) -> None:
    """Raise VerificationError unless the author is a member, may write there, and somebody else may read."""
    if not charter.is_member(author):
        raise VerificationError(NOT_A_MEMBER, agency=author, place="the network", version=charter.version)
    everyone = readers(audience, charter)
    if author not in everyone:
        raise VerificationError(NOT_A_MEMBER, agency=author, place=audience.channel, version=charter.version)
    if not any(agency != author and charter.is_member(agency) for agency in everyone):
        raise VerificationError(NOBODY)


def check_reader(agency: str, audience: Audience, charter: Charter) -> None:
    """Raise VerificationError unless ``agency`` is a reader and a member."""
    if agency not in readers(audience, charter) or not charter.is_member(agency):
        raise VerificationError(NOT_A_READER, agency=agency)


def _check_channel(name: str) -> None:
    if not _CHANNEL.fullmatch(name):
        raise VerificationError(AUDIENCE, reason="a channel's name is 1 to 32 of A-Z 0-9 _")


def _check_agencies(agencies: list[str], author: str) -> None:
    if len(agencies) > limits.RECIPIENTS + 1:
        raise VerificationError(RECIPIENTS, found=len(agencies) - 1, limit=limits.RECIPIENTS)
    if any(first >= second for first, second in itertools.pairwise(agencies)):
        raise VerificationError(AUDIENCE, reason="its agencies are not ascending, each once")
    if author not in agencies:
        raise VerificationError(AUDIENCE, reason="its author is missing")
    if len(agencies) < 2:
        raise VerificationError(NOBODY)
    for agency in agencies:
        if not is_agency(agency):
            raise VerificationError(AUDIENCE, reason=f"{agency[:40]!r} is no agency id")
