# SPDX-License-Identifier: Apache-2.0
"""The zip around a bundle: one byte string for one set of files, and nothing beside them.

Promise: ``read`` gives back files only when ``write`` makes exactly the same bytes of them, so nothing hides
between, before or behind the files, no two readers see two contents, and every flipped bit is noticed. Files
are stored and not compressed: there is no such thing as a bomb. Sizes, counts, names, encryption and methods
are judged from the directory of the zip before any file is read. Source: PKWARE APPNOTE 6.3.3, 4.3 and 4.4.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from fanal.errors import VerificationError
from fanal.proof.evidence.errors import BUNDLE_FORM, BUNDLE_SIZE

MAX_BUNDLE: Final = 64 * 1024 * 1024
"""The charters of some 300 members that joined one by one."""
MAX_FILE: Final = 1_050_000
"""A charter of a megabyte still fits."""
MAX_FILES: Final = 16_000
"""Three receipts of each of some 800 readers: four files and two of the log each, and an identity."""
MAX_NAME: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}", re.ASCII)
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_MODE: Final = 0o100644 << 16
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000


def write(files: Mapping[str, bytes]) -> bytes:
    """The one zip of these files: names ascending, times fixed, nothing compressed.

    Raises VerificationError for what ``read`` would refuse.
    """
    _check_names(list(files))
    _check_sizes([len(data) for data in files.values()])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as packed:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system, info.external_attr = _UNIX, _MODE
            packed.writestr(info, files[name])
    return out.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """The files of a bundle by name. Raises VerificationError: BUNDLE_SIZE, BUNDLE_FORM."""
    if len(data) > MAX_BUNDLE:
        raise VerificationError(BUNDLE_SIZE, unit="bytes", found=len(data), expected=MAX_BUNDLE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            infos = packed.infolist()
            _check_infos(infos)
            files = {info.filename: packed.read(info) for info in infos}
    except VerificationError:
        raise
    # A hostile archive reaches corners of the library that raise whatever they like.
    except Exception as error:
        raise _form(f"it cannot be read as a zip ({type(error).__name__})") from None
    if write(files) != data:
        raise _form("the archive is not packed in the one allowed way")
    return files


def _check_infos(infos: list[zipfile.ZipInfo]) -> None:
    _check_names([info.orig_filename for info in infos])
    _check_sizes([info.file_size for info in infos])
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise _form("it holds an encrypted file")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise _form("it holds a compressed file")
        if info.filename != info.orig_filename:
            raise _form("a file name means another one")


def _check_names(names: list[str]) -> None:
    if len(names) > MAX_FILES:
        raise VerificationError(BUNDLE_SIZE, unit="files", found=len(names), expected=MAX_FILES)
    for name in names:
        if len(name) > MAX_NAME or not _NAME.fullmatch(name):
            raise _form("a file name is absolute, leads outside, is too long or holds odd characters")
    if len({name.lower() for name in names}) != len(names):
        raise _form("two files have one name")


def _check_sizes(sizes: list[int]) -> None:
    if max(sizes, default=0) > MAX_FILE:
        raise VerificationError(BUNDLE_SIZE, unit="bytes in one file", found=max(sizes), expected=MAX_FILE)
    if sum(sizes) > MAX_BUNDLE:
        raise VerificationError(BUNDLE_SIZE, unit="bytes", found=sum(sizes), expected=MAX_BUNDLE)


def _form(reason: str) -> VerificationError:
    return VerificationError(BUNDLE_FORM, reason=reason)
