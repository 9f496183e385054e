# SPDX-License-Identifier: Apache-2.0
"""The vault: opened notices, their search index and the keys to them, encrypted at rest."""
