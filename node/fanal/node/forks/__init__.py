# SPDX-License-Identifier: Apache-2.0
"""Forks of lanes, logs and documents: found, proven, kept, told to everybody."""
