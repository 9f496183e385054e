# SPDX-License-Identifier: Apache-2.0
"""What this node tells of others' envelopes, and what others tell of ours."""
