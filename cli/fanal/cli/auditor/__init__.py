# SPDX-License-Identifier: Apache-2.0
"""The auditor's desk: reads a data folder or an export, without a node and without a secret."""
