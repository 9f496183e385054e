# SPDX-License-Identifier: Apache-2.0
"""The evidence bundle: one zip from which a stranger with the network id can tell what became of a notice.

Pure: bytes in, checks out. No node, no secret, no network and no clock.
"""
