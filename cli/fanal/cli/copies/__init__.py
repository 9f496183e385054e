# SPDX-License-Identifier: Apache-2.0
"""Commands that make copies of notices: for paper, for a file."""
