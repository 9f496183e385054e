# SPDX-License-Identifier: Apache-2.0
"""Identity documents, charters and revocations, as our implementation reads them."""

from __future__ import annotations

import functools

from vectorkit.case import Case, named

from fanal.keys import charter, identity
from fanal.keys.charter_view import CharterView
from fanal.keys.documents import RootKeys, decode_document
from fanal.keys.revocation import verify_revocation
from fanal.keys.trust import Directory


def _roots(case: Case) -> RootKeys:
    given = case.given
    return RootKeys(bytes.fromhex(given["root-ed25519"]), bytes.fromhex(given["root-ml-dsa-44"]))


def _identity(case: Case) -> dict[str, str]:
    document, roots = decode_document(case.data), _roots(case)
    before = None
    if "before" in case.given:
        before = identity.verify_identity(decode_document(named(case.given["before"]).data), roots)
    now = int(case.given["now"]) if "now" in case.given else None
    view = identity.update_identity(before, document, roots, now)
    return {"agency": view.agency, "serial": str(view.serial), "sha256": view.sha256.hex()}


@functools.cache
def line(references: str) -> CharterView:
    """The last of a line of charters, each verified under the one before."""
    first, *rest = references.split(" ")
    view = charter.first_charter(decode_document(named(first).data))
    for reference in rest:
        view = charter.update_charter(view, decode_document(named(reference).data))
    return view


def _charter(case: Case) -> dict[str, str]:
    document, network = decode_document(case.data), bytes.fromhex(case.given["network"])
    if "before" in case.given:
        view = charter.update_charter(line(case.given["before"]), document)
    else:
        view = charter.first_charter(document, network)
    return {"version": str(view.version), "network": view.network.hex(), "sha256": view.sha256.hex()}


def _revocation(case: Case) -> dict[str, str]:
    view = verify_revocation(decode_document(case.data), _roots(case))
    return {"agency": view.agency, "number": str(view.number), "key": view.key_id.hex()}


@functools.cache
def directory(network: str, charters: str, identities: str) -> Directory:
    """What a node or an auditor holds who took these documents."""
    found = Directory(bytes.fromhex(network))
    for reference in charters.split(" "):
        found.take_charter(decode_document(named(reference).data))
    for reference in identities.split(" "):
        found.take_identity(decode_document(named(reference).data))
    return found


def directory_of(case: Case) -> Directory:
    """The documents that a case names."""
    given = case.given
    return directory(given["network"], given["charters"], given["identities"])


RUNNERS = {"identity": _identity, "charter": _charter, "revocation": _revocation}
