# SPDX-License-Identifier: Apache-2.0
"""What officers do and see at their own node."""
