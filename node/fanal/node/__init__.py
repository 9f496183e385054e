# SPDX-License-Identifier: Apache-2.0
"""The daemon of one agency: ledger, inbox, gossip and services.

Start reading at outgoing.py and incoming.py.
"""
