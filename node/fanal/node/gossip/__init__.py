# SPDX-License-Identifier: Apache-2.0
"""Gossip between nodes as a pure state machine: events in, actions out, no clock, no socket, no store."""
