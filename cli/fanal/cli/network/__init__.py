# SPDX-License-Identifier: Apache-2.0
"""``fanal network``: create, invite, join, approve and the charter."""
