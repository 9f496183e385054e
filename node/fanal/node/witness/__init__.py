# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of our own log and of others': signed, witnessed, anchored, and asked for after a restart."""
