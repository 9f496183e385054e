# SPDX-License-Identifier: Apache-2.0
"""Attached files: ciphertext beside the ledger, fetched from peers piece by piece."""
