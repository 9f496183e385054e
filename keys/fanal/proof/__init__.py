# SPDX-License-Identifier: Apache-2.0
"""What an agency logged, provable to a stranger: Merkle tree, leaves, signed notes, checkpoints, audit.

Everything here is pure: no files, no sockets, no clock. The formats are those of RFC 6962 and C2SP
(signed-note, tlog-checkpoint), so that tools which are not ours can check them too.
"""
