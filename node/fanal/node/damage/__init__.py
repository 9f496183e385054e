# SPDX-License-Identifier: Apache-2.0
"""What the disk has changed: found when it is read, set aside, never served, and brought back by hash."""
