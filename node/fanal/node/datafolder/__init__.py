# SPDX-License-Identifier: Apache-2.0
"""A data folder as a whole, for an operator: brought to the newest formats, backed up, restored."""
