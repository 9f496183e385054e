# SPDX-License-Identifier: Apache-2.0
"""``python -m fanal.cli`` is ``fanal``."""

from fanal.cli.main import main

if __name__ == "__main__":
    main()
