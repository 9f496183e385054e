# SPDX-License-Identifier: Apache-2.0
"""What this program calls itself to peers and in `fanal status`."""

from __future__ import annotations

PROTOCOL = 1
SOFTWARE = "fanal/0.1.0"
