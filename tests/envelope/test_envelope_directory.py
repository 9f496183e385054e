# SPDX-License-Identifier: Apache-2.0
"""The envelope over the real directory: signed charters, identity documents and a channel of two agencies."""

from __future__ import annotations

from copy import copy

import pytest
from agencies import NOW, YEAR, Agency, network

from fanal.envelope import audience, open, receipts, seal, statement, verify
from fanal.envelope.seal import Lane, Position, Signer
from fanal.envelope.trust import CharterRef, Standing, Trust
from fanal.keys import ed25519
from fanal.keys.keyid import ed25519_key, key_id
from fanal.keys.trust import Directory
from fanal.v1.envelope_pb2 import EnvelopeClass, EnvelopePriority, Receipts
from fanal.v1.notice_pb2 import Notice, Tlp

DAY = 86_400


@pytest.fixture(scope="module")
def members() -> tuple[Agency, Agency]:
    return Agency("GE-CUS"), Agency("TR-CUS")


@pytest.fixture(scope="module")
def directory(members) -> Directory:
    return network(*members, channels={"CASPIAN": ("GE-CUS", "TR-CUS")})


def signer_of(agency: Agency) -> Signer:
    return Signer(agency.name, key_id(ed25519_key(ed25519.public_of(agency.node))), agency.node)


def sealed_notice(author: Agency, directory: Directory):
    lane = Lane(directory.newest, audience.channel("CASPIAN"))
    readers = directory.encryption_keys(audience.readers(lane.audience, lane.charter), NOW + 5)
    common = {"lane": lane, "created": NOW + 5, "expires": NOW + DAY, "signer": signer_of(author)}
    priority = EnvelopePriority.FLASH
    key = seal.seal_key(readers, position=Position(b"i" * 16, 0), priority=priority, **common)
    notice = Notice(originator=author.name, group="CASPIAN", ref="GE-CUS-2025-000001-11")
    notice.handling.tlp = Tlp.AMBER
    draft = statement.compose_signed(
        notice.SerializeToString(),
        network=directory.newest.network,
        charter=CharterRef(directory.newest.version, directory.newest.sha256),
        envelope_id=b"e" * 16,
        author=author.name,
        audience=lane.audience,
        handling="AMBER",
        officer_seed=author.officer,
        now=NOW + 5,
    )
    position = Position(b"i" * 16, 1, key.manifest_sha256)
    klass = EnvelopeClass.NOTICE
    sealed = seal.seal_content(
        draft.content(),
        klass,
        lane_key=key.lane_key,
        position=position,
        priority=priority,
        envelope_id=b"e" * 16,
        **common,
    )
    return key, sealed


def test_a_notice_and_its_reading_over_signed_documents(members, directory):
    """Charter, identities, lane key, notice and the officer's READ receipt, with real documents."""
    author, reader = members
    trust: Trust = directory
    key, sealed = sealed_notice(author, directory)
    verified_key = verify.verify_received(verify.bound_and_decode(key.envelope_bytes), trust)
    assert len(key.wraps) == 2
    lane_key = open.open_key(verified_key, key.wraps[1], reader.name, {reader.encrypt_key_id: reader.encrypt})
    verified = verify.verify_received(verify.bound_and_decode(sealed.envelope_bytes), trust, NOW + 6)
    assert verified.standing is Standing.CURRENT
    opened = open.open_content(verified, lane_key, reader.name, trust, now=NOW + 6)
    assert opened.officer.officer_id == "duty-1"
    said = receipts.sign_read(
        directory.network, reader.name, verified.manifest_sha256, NOW + 7, reader.officer
    )
    content = receipts.content_of(Receipts(read=[said]))
    decoded = receipts.decode(content.receipts)
    _statement, person = receipts.read_receipt(decoded.read[0], reader.name, trust)
    assert person.agency == reader.name


def test_the_own_clock_retires_keys(members, directory):
    """Past the key's time an envelope still verifies, marked as of a retired key."""
    author, reader = members
    key, sealed = sealed_notice(author, directory)
    later = NOW + YEAR
    verified = verify.verify_received(verify.bound_and_decode(sealed.envelope_bytes), directory, later)
    assert verified.standing is Standing.RETIRED
    opened = open.open_content(verified, key.lane_key, reader.name, directory, now=later)
    assert opened.officer.standing is Standing.RETIRED


def test_a_key_is_good_for_its_one_use(members, directory, refused):
    """An officer's key signs no manifest, though it is in the identity document."""
    author, _reader = members
    wrong = copy(author)
    wrong.node = author.officer
    _key, sealed = sealed_notice(wrong, directory)
    received = verify.bound_and_decode(sealed.envelope_bytes)
    refused("author key", verify.verify_received, received, directory)
