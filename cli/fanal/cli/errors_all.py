# SPDX-License-Identifier: Apache-2.0
"""Every error of every room, for wording what the node refused and for ``fanal help FANAL-E0910``.

A room's errors lie in its ``errors.py``; these modules import nothing heavy.
"""

from __future__ import annotations

import functools
import importlib
from pathlib import Path

import fanal
from fanal.cli.shown.starts import in_words
from fanal.errors import ErrorKind, Exit, FanalError, VerificationError, catalogue, kind_of
from fanal.i18n import _


@functools.cache
def import_all() -> None:
    """Imports each room's errors, so that the catalogue is whole."""
    for room in fanal.__path__:
        for file in sorted(Path(room).rglob("*errors.py")):
            parts = file.relative_to(room).with_suffix("").parts
            if file.name != "errors.py" or len(parts) > 1:
                importlib.import_module(".".join(("fanal", *parts)))


def every() -> list[ErrorKind]:
    """Every declared kind, by id."""
    import_all()
    return catalogue()


def rebuild(error_id: str, facts: dict[str, str | int]) -> FanalError:
    """The error the node named. An id this version does not know is still told, by its id alone."""
    kind = kind_of(error_id)
    if kind is None:
        import_all()
        kind = kind_of(error_id)
    if kind is None:
        return FanalError(_foreign(error_id))
    told = in_words(error_id, facts)
    checked = {str(key): value if isinstance(value, int) else str(value) for key, value in told.items()}
    family = VerificationError if kind.exit == Exit.VERIFICATION_FAILED else FanalError
    return family(kind, **checked)


def _foreign(error_id: str) -> ErrorKind:
    shown = error_id[:20] if error_id.isascii() and error_id.isprintable() else "unknown"
    return kind_of(f"{shown} ") or ErrorKind(
        f"{shown} ",
        Exit.FAILED,
        _("The node refused with an error that this command does not know."),
        _("Restart the node with the version installed here, or look at its log."),
    )
