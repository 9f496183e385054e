# SPDX-License-Identifier: Apache-2.0
"""What a person or a program is shown: output, tables, words, and the shapes of the JSON."""
