# SPDX-License-Identifier: Apache-2.0
"""What an auditor asks of a ledger besides whether it verifies; without a node and without a secret."""
