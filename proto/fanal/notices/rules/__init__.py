# SPDX-License-Identifier: Apache-2.0
"""The rules of stages RULES and CONTEXT: small functions, each with its source, registered with its codes.

``fanal.notices.rules.catalogue`` gathers them all.
"""
