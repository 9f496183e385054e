# SPDX-License-Identifier: Apache-2.0
"""The node's doors: PeerLink and Joining over TLS, OfficerApi over a Unix socket, and the daemon.

Only this package of the node knows gRPC and sockets. It admits, authorises and carries; what a frame or
a call means is decided by gossip, host and desk.
"""
