# SPDX-License-Identifier: Apache-2.0
"""The way to the node: the officer's key, the secret that opens it, and signed calls over the socket."""
