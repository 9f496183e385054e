# SPDX-License-Identifier: Apache-2.0
"""``fanal demo``: a whole network on this machine, with real processes, real notices and throw-away keys.

Start reading at story.py: it is what the demo does, in order; every claim it makes is an expectation.
"""

from fanal.cli.demo.command import demo

__all__ = ["demo"]
