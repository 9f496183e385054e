# SPDX-License-Identifier: Apache-2.0
"""What a running node checks stage CONTEXT with: its charter, its clock, and the notices in its vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.errors import FanalError
from fanal.notices.context import AgencyInfo, Context
from fanal.v1.notice_pb2 import Notice

if TYPE_CHECKING:
    from fanal.node.node import Node


def context(node: Node, originator: str) -> Context:
    """Directory = members of the charter in force; groups = its channels; known notices = the vault.

    Only the originator's duty contact is looked up: no rule asks for another's.
    """
    charter = node.directory.newest
    duty = _has_duty(node, originator)
    return Context(
        now=node.now,
        agencies={
            agency: AgencyInfo(duty_contact=duty and agency == originator) for agency in charter.members
        },
        groups={name: frozenset(view.members) for name, view in charter.channels.items()},
        known=node.vault.known,
        me=node.agency,
        forwarded=lambda notice: node.vault.notices.restated_to(notice.notice_id, notice.originator),
    )


def _has_duty(node: Node, agency: str) -> bool:
    """A `duty` mark in the identity document, or a contact at any hour in the newest directory entry."""
    try:
        if node.directory.identity(agency).duty:
            return True
    except FanalError:
        pass
    entry: Notice | None = node.vault.notices.newest_directory_entry(agency)
    return entry is not None and any(contact.duty for contact in entry.directory_entry.contacts)
