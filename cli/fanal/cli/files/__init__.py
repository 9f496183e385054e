# SPDX-License-Identifier: Apache-2.0
"""Files that go with notices: encrypted before they leave, verified before they are saved."""
