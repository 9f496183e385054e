# SPDX-License-Identifier: Apache-2.0
"""The wire messages of Fanal, version 1: schema files and the code generated from them."""
