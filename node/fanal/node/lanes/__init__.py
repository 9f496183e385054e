# SPDX-License-Identifier: Apache-2.0
"""Own lanes, their audiences, and an envelope in all its shapes."""
