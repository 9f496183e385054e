# SPDX-License-Identifier: Apache-2.0
"""What has been stored is opened, judged and filed."""
