# SPDX-License-Identifier: Apache-2.0
"""The rules of notices: what may be said, checked in four stages, composed, read and walked.

Start with ``fanal.notices.check``. Importing this package loads no code list and no identifier library.
"""
