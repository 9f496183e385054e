# SPDX-License-Identifier: Apache-2.0
"""``fanal node``, ``peer``, ``status``, ``whoami`` and ``unlock``: the running node and its peers."""
