# SPDX-License-Identifier: Apache-2.0
"""Courier files between nodes in memory: exported and imported by the calls of their officers."""

from __future__ import annotations

import hashlib

import pytest
from nodenet import NodeHost, NodeNet

from fanal.errors import ErrorKind, FanalError
from fanal.keys import ed25519, strict
from fanal.keys.pae import COURIER, pae
from fanal.node.courier.calls import PIECE
from fanal.node.courier.form import MAGIC
from fanal.v1 import officer_pb2 as api
from fanal.v1.courier_pb2 import CourierHeader
from fanal.v1.peer_pb2 import Frame


def export(host: NodeHost, to: str, *, everything: bool = False, rest: bool = False, limit: int = 0) -> bytes:
    """The file that ``fanal courier export --to TO`` writes."""
    courier = host.desk.courier
    request = api.CourierExportRequest(to=to, all=everything, rest=rest, max_bytes=limit)
    made = courier.export(host.officer, request)
    data = b""
    while piece := courier.read(
        host.officer, api.CourierReadRequest(handle=made.handle, offset=len(data))
    ).piece:
        data += piece
    assert (len(data), hashlib.sha256(data).digest()) == (made.size, made.sha256)
    return data


def hand_in(host: NodeHost, data: bytes) -> api.CourierImportReply:
    """What ``fanal courier import FILE`` does."""
    courier, handle = host.desk.courier, b""
    for at in range(0, max(len(data), 1), PIECE):
        request = api.CourierWriteRequest(handle=handle, offset=at, piece=data[at : at + PIECE])
        handle = courier.write(host.officer, request).handle
    return courier.take(host.officer, api.CourierImportRequest(handle=handle))


def carry(net: NodeNet, sender: str, receiver: str, *, everything: bool = False) -> api.CourierImportReply:
    """One file on its way, and time for what follows from it."""
    reply = hand_in(net.nodes[receiver], export(net.nodes[sender], receiver, everything=everything))
    net.run(1)
    return reply


def parts(data: bytes) -> tuple[CourierHeader, list[Frame]]:
    """Header and frames of a file, read as docs/courier.md says."""
    found, at = [], len(MAGIC)
    while length := int.from_bytes(data[at : at + 4], "big"):
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    assert at + 4 + 96 == len(data)
    return CourierHeader.FromString(found[0]), [Frame.FromString(one) for one in found[1:]]


def forged(header: CourierHeader, frames: list[Frame], seed: bytes) -> bytes:
    """A file of the right form with anything in it."""
    data = MAGIC
    for part in (strict.encode(header), *(one.SerializeToString(deterministic=True) for one in frames)):
        data += len(part).to_bytes(4, "big") + part
    return sealed(data + bytes(4), seed)


def sealed(body: bytes, seed: bytes) -> bytes:
    """These bytes, hashed and signed as a file is."""
    digest = hashlib.sha256(body).digest()
    return body + digest + ed25519.sign(seed, pae(COURIER, digest))


def refused(host: NodeHost, data: bytes) -> ErrorKind:
    """Why the host does not take the file; that it changed nothing but one line about the refusal."""
    size, entries = host.ledger.head().size, host.ledger.head().entries
    with pytest.raises(FanalError) as error:
        hand_in(host, data)
    kind = error.value.kind
    assert host.ledger.head().entries == entries
    assert host.ledger.head().size - size <= 1
    assert words(host, f"code={kind.id.lower()}")
    return kind


def words(host: NodeHost, what: str) -> list[str]:
    """The leaves of the host's log that have this in them."""
    size = host.ledger.head().size
    return [leaf.decode() for leaf in host.ledger.log.leaves(0, size) if what in leaf.decode()]
