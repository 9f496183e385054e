# SPDX-License-Identifier: Apache-2.0
"""What needs no node: making an agency, its keys, and the doctor's first checks."""
