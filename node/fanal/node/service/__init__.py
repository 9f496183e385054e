# SPDX-License-Identifier: Apache-2.0
"""The node's doors: PeerLink and Joining over TLS, OfficerApi over a Unix socket, and the daemon.

Only this package of the node knows gRPC and sockets. It admits, authorises and carries; what a frame or
a call means is decided by gossip, host and desk.

gRPC reads its environment when it is first imported; it must not log the handshakes of strangers, and a node
never forks.
"""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
