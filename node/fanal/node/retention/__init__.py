# SPDX-License-Identifier: Apache-2.0
"""What is kept and for how long: recall, legal hold, erasure, and the keys that outlive nothing."""
