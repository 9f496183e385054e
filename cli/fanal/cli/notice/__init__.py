# SPDX-License-Identifier: Apache-2.0
"""``fanal notice``: writing, sending, reading, tracking and answering."""
