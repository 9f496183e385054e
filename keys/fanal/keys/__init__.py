# SPDX-License-Identifier: Apache-2.0
"""Who speaks and who may read: keys, signed documents, identities, the charter, files that hold secrets.

Start with ``charter`` and ``identity`` for the rules, ``trust`` for the state a node holds.
"""
