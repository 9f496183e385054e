# SPDX-License-Identifier: Apache-2.0
"""An edited export of a charter, judged before anything is signed: a slip of the pen is never a wish.

A charter removes what it does not list. So a file without its channels, with a key nobody knows, or with a
change that --apply does not make, is refused instead of read generously.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fanal.i18n import _, say

if TYPE_CHECKING:
    from fanal.keys.charter import CharterView
    from fanal.keys.revocation import RevocationView

EDITABLE = ("channels", "relays", "remove")
OTHER = _("it was exported from another charter than {version}, which is in force")


def parse_edited(data: bytes) -> Any:
    """The JSON value. ValueError for what is no JSON in UTF-8, or names a key twice in one object."""
    return json.loads(data.decode("utf-8"), object_pairs_hook=_unique)


def reason_against(wanted: Any, in_force: Mapping[str, Any]) -> str:
    """Why the file cannot be applied to the charter in force, as a clause; empty when it can."""
    if not isinstance(wanted, dict):
        return say(_("it is no JSON object"))
    if (wanted.get("network"), wanted.get("version")) != (in_force["network"], in_force["version"]):
        return say(OTHER, version=in_force["version"])
    if not {"channels", "relays"} <= wanted.keys():
        return say(_("channels or relays is missing, and what is not listed would be removed"))
    for key in sorted(wanted.keys() - set(EDITABLE)):
        if key not in in_force:
            return say(_("there is no key {key}"), key=repr(key[:40]))
        if wanted[key] != in_force[key]:
            return say(_("{key} cannot be changed with --apply"), key=key)
    if not _well_formed(wanted):
        return say(_("channels, relays or remove has another form"))
    for key, name in (("channels", "name"), ("relays", "agency")):
        names = [row[name] for row in wanted[key]]
        if len(names) != len(set(names)):
            return say(_("{key} names one {name} twice"), key=key, name=name)
    return ""


def new_revocations(data: bytes, view: CharterView) -> list[RevocationView]:
    """The revocations in a file for the governors that the charter has not got, each verified against the
    root that the charter names. Raises VerificationError."""
    from fanal.keys.documents import MAX_DOCUMENT
    from fanal.keys.revocation import parse_revocation, verify_revocation
    from fanal.keys.strict import decode
    from fanal.v1.peer_pb2 import Documents

    held = {one.sha256 for one in view.revocations}
    found = []
    for document in decode(Documents, data, MAX_DOCUMENT).identities:
        claimed = parse_revocation(document)
        if claimed.sha256 not in held:
            found.append(verify_revocation(document, view.root_keys(claimed.agency)))
    return found


def _well_formed(wanted: dict[str, Any]) -> bool:
    def texts(value: object) -> bool:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)

    def rows(name: str, text: str, lists: tuple[str, ...], flag: str = "") -> bool:
        value = wanted.get(name, [])
        return isinstance(value, list) and all(
            isinstance(row, dict)
            and {text, lists[0]} <= row.keys() <= {text, *lists, flag}
            and isinstance(row.get(text), str)
            and all(texts(row.get(one, [])) for one in lists)
            and isinstance(row.get(flag, False), bool)
            for row in value
        )

    channels = rows("channels", "name", ("members", "relays"))
    return channels and rows("relays", "agency", ("serves",), "direct") and texts(wanted.get("remove", []))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return made
