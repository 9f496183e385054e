# SPDX-License-Identifier: Apache-2.0
"""User text goes through here. Catalogues live in proto/fanal/locale; only English exists for now.

``_`` marks a message where it is declared; ``translate`` looks it up where it is shown, so that importing
a module never costs a catalogue. The usual form is ``say(_("Charter {version} is in force."), version=4)``:
named places and never an f-string, so that another language can put the words in another order.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gettext

_DOMAIN = "fanal"


def _(message: str) -> str:
    """Mark a message for extraction; it is translated when it is shown."""
    return message


def translate(message: str) -> str:
    """The message in the language of the environment, or itself."""
    return _translations().gettext(message)


def say(message: str, /, **facts: object) -> str:
    """A marked message as it is shown: in the language of the environment, its ``{named}`` places filled."""
    return translate(message).format(**facts)


@functools.cache
def _translations() -> gettext.NullTranslations:
    import gettext
    from pathlib import Path

    return gettext.translation(_DOMAIN, localedir=str(Path(__file__).parent / "locale"), fallback=True)
