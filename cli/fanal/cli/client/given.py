# SPDX-License-Identifier: Apache-2.0
"""What was said on the command line about the folder, the officer and the way to the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fanal.config.home import Home


class Given(Protocol):
    """The part of a session that opening a key needs."""

    officer_given: str | None
    """Pseudonym or path of the officer's key file; None for the only one in the folder."""
    key_file: str | None
    passphrase_fd: int | None
    last_line: str | None
    """The line read from the descriptor before; one passphrase may open several files."""

    @property
    def home(self) -> Home: ...
