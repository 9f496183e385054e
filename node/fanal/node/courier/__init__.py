# SPDX-License-Identifier: Apache-2.0
"""Courier files: what a link would carry, in a file, for agencies that share no network."""
