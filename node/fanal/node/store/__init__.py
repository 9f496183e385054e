# SPDX-License-Identifier: Apache-2.0
"""What the stores of this node refuse, ledger and vault alike: its names, its memory, what it costs in time,
and what peers are told of it."""
