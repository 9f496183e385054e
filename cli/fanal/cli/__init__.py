# SPDX-License-Identifier: Apache-2.0
"""The command line: ``fanal NOUN VERB``. Thin: what it shows comes from the node, what it signs stays here.

``main`` is the entry, ``table`` the list of commands, one module per noun holds their functions.
A module here imports grpc, protobuf, cryptography or rich only inside the function that needs it.
"""
