# SPDX-License-Identifier: Apache-2.0
"""The sealed envelope: who may read a message, what officer and node signed, in which order to check.

``seal`` makes envelopes, ``verify`` is everything that is checked before one is stored, ``open`` everything
after. ``statement`` is what an officer signs on the officer's own machine and imports no cipher. All of it
is pure: no files, no sockets, no clock; randomness is a parameter. docs/protocol.md lists the exact bytes.
"""
