# SPDX-License-Identifier: Apache-2.0
"""A node's process with something otherwise, as FANAL_TEST_NODE says: words with commas between.

bulk-notices: what is not FLASH is sealed with priority BULK, which no command asks for today.
older: the transport of a version without credits, parts and Bulk, and HTTP/2's own window of 64 KiB.
"""

from __future__ import annotations

import os

from fanal.cli.main import main
from fanal.node import outgoing
from fanal.node.service import links, tls
from fanal.v1.envelope_pb2 import EnvelopePriority
from fanal.v1.notice_pb2 import Notice, Urgency

VARIABLE = "FANAL_TEST_NODE"


def _bulk(notice: Notice) -> EnvelopePriority.Code:
    flash = notice.urgency == Urgency.FLASH
    return EnvelopePriority.FLASH if flash else EnvelopePriority.BULK


def _otherwise(words: list[str]) -> None:
    if "bulk-notices" in words:
        outgoing._priority = _bulk
    if "older" in words:
        links.TRANSPORT = 0
        tls.LOOKAHEAD = 65_535


if __name__ == "__main__":
    _otherwise(os.environ.pop(VARIABLE, "").split(","))
    main()
