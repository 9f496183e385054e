# SPDX-License-Identifier: Apache-2.0
"""What every command gets: the agency's folder, its settings, where to write, and who the officer is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.shown.output import Output
from fanal.config.home import Home

if TYPE_CHECKING:
    from fanal.cli.client.channel import Client
    from fanal.cli.client.signing import Signer
    from fanal.config.settings import Settings


@dataclass
class Session:
    """One run of one command. Nothing is read before it is asked for."""

    out: Output
    home_given: str | None = None
    officer_given: str | None = None
    key_file: str | None = None
    passphrase_fd: int | None = None
    last_line: str | None = field(default=None, repr=False)
    _client: Client | None = field(default=None, repr=False)

    @cached_property
    def home(self) -> Home:
        """The folder of the agency; it may not be initialised."""
        return Home.find(self.home_given)

    @cached_property
    def settings(self) -> Settings:
        """The settings of the agency; FanalError when there are none."""
        from fanal.config.load import load

        return load(self.home)

    @cached_property
    def officer(self) -> Signer:
        """The officer, whose key is opened now (a prompt may come)."""
        from fanal.cli.client.officer import open_officer

        return open_officer(self)

    @property
    def client(self) -> Client:
        """The node, called as this officer. Its socket is tried first: no passphrase is typed in vain."""
        from fanal.cli.client.channel import Client, reach

        if self._client is None:
            path = reach(self.settings)
            self._client = Client(path, self.officer)
        return self._client

    def now(self) -> int:
        """Unix seconds."""
        return int(time.time())

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    @property
    def read_limit(self) -> int:
        """Longest file a command reads, in bytes."""
        if (self.home.settings_file).is_file():
            return self.settings.limits.read_bytes
        return 4 * 1024 * 1024

    def path(self, text: str) -> Path:
        """A path argument; ``-`` is standard input."""
        return Path("/dev/stdin" if text == "-" else text)
