# SPDX-License-Identifier: Apache-2.0
"""Composing a notice, from the draft to what an officer signs.

::

    draft = new_draft("SHIPMENT_WARNING", "GE-CUS", now, os.urandom)
    ...                                             # the officer fills it in
    notice = stamp(draft, make_ref("GE-CUS", 2024, counter), now, os.urandom)
    exact = notice.SerializeToString(deterministic=True)   # once; these bytes are signed and kept

Pure: ``now`` is Unix time in seconds, ``rng`` gives random bytes.
"""

from __future__ import annotations

from fanal.notices.answers import ack, deletion_confirmation, reply, reply_kind, withdraw
from fanal.notices.drafts import as_if_sent, draft_json, new_draft, new_notice_id, revise, stamp
from fanal.notices.refs import make_ref

__all__ = [
    "ack",
    "as_if_sent",
    "deletion_confirmation",
    "draft_json",
    "make_ref",
    "new_draft",
    "new_notice_id",
    "reply",
    "reply_kind",
    "revise",
    "stamp",
    "withdraw",
]
