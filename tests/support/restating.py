# SPDX-License-Identifier: Apache-2.0
"""Forwarding as the officer's client does it."""

from __future__ import annotations

import hashlib
import os

from nodenet import NodeHost

from fanal.envelope.statement import SignedDraft, compose_signed, decode
from fanal.v1 import officer_pb2 as api


def restated(host: NodeHost, shown: api.ShowReply, to: str, notice: bytes = b"") -> SignedDraft:
    """What `fanal notice forward` signs for one revision."""
    bytes_ = notice or shown.notice
    digest = hashlib.sha256(shown.statement).digest()
    request = api.PrepareRequest(to=[to], notice=bytes_, restates=digest)
    prepared = host.desk.prepare(host.officer, request)
    return compose_signed(
        bytes_,
        network=prepared.network,
        charter=host.node.charter_ref,
        envelope_id=os.urandom(16),
        author=host.name,
        audience=prepared.audience,
        handling=decode(shown.statement).handling,
        officer_seed=host.agency.officer,
        now=prepared.now,
        restates=digest,
    )
