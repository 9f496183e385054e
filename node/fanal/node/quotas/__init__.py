# SPDX-License-Identifier: Apache-2.0
"""What one author may put on this node, counted before anything is stored, and how full the disk is."""
