# SPDX-License-Identifier: Apache-2.0
"""Sizes and fixed values of version 1 of the envelope. Bytes unless said otherwise."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
SUITE: Final = "XWING-HKDF-SHA256-CHACHA20POLY1305"
"""The only suite of version 1: a second one is a new version, so nothing can be negotiated down."""

HASH: Final = 32
SALT: Final = 32
KEY: Final = 32
TAG: Final = 16
SIGNATURE: Final = 64
ENVELOPE_ID: Final = 16
INCARNATION: Final = 16
OWN_WRAP: Final = KEY + TAG
SEALED_KEY: Final = 1168
"""An X-Wing encapsulation (1,120) and the sealed lane key (48)."""

ENVELOPE: Final = 64 * 1024
"""Of manifest and body together; the signature and the own wrap are not counted."""
ENVELOPE_RAW: Final = ENVELOPE + 256
"""Of the encoded envelope: room for signature, own wrap and framing. Checked before anything is decoded."""
FLASH: Final = 16 * 1024
"""Of manifest and body together, at priority FLASH."""
RECIPIENTS: Final = 500
"""Agencies in an audience beside the author."""
WRAPS: Final = RECIPIENTS + 1
ATTACHMENTS: Final = 64
ATTACHMENT: Final = 64 * 1024 * 1024
"""Of one attached file, before it is padded and encrypted."""
WRAP: Final = 2048
"""Of one encoded Wrap."""
STATEMENT: Final = 32 * 1024
READ_STATEMENT: Final = 1024
RECEIPTS: Final = 1000
"""Receipts of one kind in one envelope."""
PROBLEMS: Final = 100
"""Problems of one rejection."""
REASONS: Final = 32
REASON_CODE: Final = 64
REASON_TEXT: Final = 2000
FIELDS: Final = 8192
"""Scalar fields of one notice; with more the fields root is undecided, so that nobody can buy our time."""
MAX_SEQ: Final = 2**53 - 1
"""Frames of gossip name no number above 2**53: an entry that could not be acknowledged is refused here."""
MAX_TIME: Final = 253_402_300_799
"""9999-12-31T23:59:59Z in Unix seconds."""
