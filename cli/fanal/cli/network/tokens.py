# SPDX-License-Identifier: Apache-2.0
"""An invitation as one line of text, from what the node answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.keys.charter import view_of
from fanal.keys.joining import Invite, encode_invite

if TYPE_CHECKING:
    from fanal.v1.officer_pb2 import InviteReply


def token_text(reply: InviteReply, inviter: str, agency: str) -> str:
    """The token: network, both agencies and the pinned join listener by name, and the secret."""
    charter = view_of(reply.charter)
    invite = Invite(
        token_id=reply.token_id,
        secret=reply.secret,
        network=charter.network,
        charter_version=charter.version,
        charter_sha256=charter.sha256,
        network_name=charter.name,
        inviter=inviter,
        agency=agency,
        address=reply.address,
        certificate=reply.certificate,
        expires=reply.expires,
    )
    return encode_invite(invite)
