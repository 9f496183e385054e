# SPDX-License-Identifier: Apache-2.0
"""The agency's append-only ledger: ciphertext, leaves and delivery facts. Holds no plaintext and no key."""
