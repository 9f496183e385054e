# SPDX-License-Identifier: Apache-2.0
"""Where an agency's files lie. Nothing else in Fanal spells these names.

The folder is ``--home``, else ``$FANAL_HOME``, else ``fanal`` under the user's data folder of the platform.
Officers' keys may lie elsewhere on their own machines: ``officers/`` is where ``fanal init`` puts the first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fanal.config.errors import BAD_OFFICER_ID, HOME_DENIED, NO_HOME, NOT_INITIALISED
from fanal.errors import FanalError

_OFFICER_ID = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_TLS = re.compile(r"tls-([1-9][0-9]{0,9})\.key", re.ASCII)
_REVOCATION = re.compile(r"revocation-([0-9]{4,10})\.doc", re.ASCII)
_WAITING = re.compile(r"revocations-([0-9]{4,10})\.waiting", re.ASCII)
_NUMBERED = re.compile(r"([0-9]{4,10})\.doc", re.ASCII)


def check_officer_id(text: str) -> str:
    """The id itself if it is a pseudonymous officer id (1 to 32 of a-z 0-9 -); it names a file."""
    if not _OFFICER_ID.fullmatch(text):
        raise FanalError(BAD_OFFICER_ID, value=repr(text))
    return text


@dataclass(frozen=True)
class Home:
    """The folder of one agency and every path in it; no path is opened or created here."""

    path: Path

    @classmethod
    def find(
        cls, given: str | os.PathLike[str] | None = None, environ: Mapping[str, str] = os.environ
    ) -> Home:
        """The folder named, else FANAL_HOME, else the platform's; made absolute. FanalError NO_HOME."""
        text = os.fspath(given) if given else environ.get("FANAL_HOME", "")
        return cls(Path(text).absolute() if text else _platform_folder(environ))

    def require(self) -> Home:
        """Itself, once ``fanal init`` has run here; FanalError NOT_INITIALISED or HOME_DENIED."""
        try:
            found = self.settings_file.is_file()
        except PermissionError as error:
            raise FanalError(HOME_DENIED, path=str(self.path)) from error
        if not found:
            raise FanalError(NOT_INITIALISED, path=str(self.path))
        return self

    @property
    def settings_file(self) -> Path:
        return self.path / "fanal.toml"

    @property
    def root(self) -> Path:
        """The agency's root keys; belongs offline once the agency has joined."""
        return self.path / "root"

    @property
    def node_keys(self) -> Path:
        """Keystore with node-sign, encrypt-<epoch>, log and vault."""
        return self.path / "node.keys"

    @property
    def tls_key(self) -> Path:
        return self.path / "tls.key"

    @property
    def tls_certificate(self) -> Path:
        return self.path / "tls.crt"

    def tls_pair(self, epoch: int) -> tuple[Path, Path]:
        """Private key and certificate of a TLS key, by its number in the identity document."""
        if epoch == 1:
            return self.tls_key, self.tls_certificate
        return self.path / f"tls-{epoch}.key", self.path / f"tls-{epoch}.crt"

    def tls_pairs(self) -> dict[int, tuple[Path, Path]]:
        """Every pair of which the key lies here, the newest last; the first one also when it is missing."""
        found = (_TLS.fullmatch(file.name) for file in _listing(self.path))
        epochs = sorted({1, *(int(match[1]) for match in found if match)})
        return {epoch: self.tls_pair(epoch) for epoch in epochs}

    @property
    def unlock_key(self) -> Path:
        """The 32-byte key file, present only after ``fanal init --key-file``."""
        return self.path / "unlock.key"

    @property
    def officers_folder(self) -> Path:
        return self.path / "officers"

    def officer_file(self, officer_id: str) -> Path:
        """The key file of one officer; FanalError BAD_OFFICER_ID for anything that is no officer id."""
        return self.officers_folder / f"{check_officer_id(officer_id)}.keys"

    def officers(self) -> tuple[str, ...]:
        """The ids of the officers whose keys lie here, ascending."""
        found = (file.stem for file in _listing(self.officers_folder) if file.suffix == ".keys")
        return tuple(sorted(name for name in found if _OFFICER_ID.fullmatch(name)))

    @property
    def identity_folder(self) -> Path:
        return self.path / "identity"

    def identity_file(self, serial: int) -> Path:
        return self.identity_folder / f"{serial:04d}.doc"

    def identity_files(self) -> tuple[Path, ...]:
        """Own identity documents, oldest first."""
        return _numbered(self.identity_folder)

    def revocation_file(self, number: int) -> Path:
        return self.identity_folder / f"revocation-{number:04d}.doc"

    def revocation_files(self) -> tuple[Path, ...]:
        """Own revocations that need no governors, the first one first."""
        return tuple(file for file in _listing(self.identity_folder) if _REVOCATION.fullmatch(file.name))

    def waiting_revocations(self, number: int) -> Path:
        """Own revocations up to this number, the last of which waits for the governors."""
        return self.identity_folder / f"revocations-{number:04d}.waiting"

    def waiting_revocation_files(self) -> tuple[Path, ...]:
        return tuple(file for file in _listing(self.identity_folder) if _WAITING.fullmatch(file.name))

    @property
    def charter_folder(self) -> Path:
        return self.path / "charter"

    def charter_file(self, version: int) -> Path:
        return self.charter_folder / f"{version:04d}.doc"

    def charter_files(self) -> tuple[Path, ...]:
        """The chain of charters, version 1 first."""
        return _numbered(self.charter_folder)

    @property
    def reservations(self) -> Path:
        """Which charter versions the root has signed; written before each signature."""
        return self.root / "charter-reservations"

    @property
    def peers_folder(self) -> Path:
        return self.path / "peers"

    def peer_file(self, agency: str) -> Path:
        """Identity document of another agency, got at joining; ``agency`` is checked by the caller."""
        return self.peers_folder / f"{agency}.doc"

    def peer_files(self) -> tuple[Path, ...]:
        return tuple(file for file in _listing(self.peers_folder) if file.suffix == ".doc")

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger.db"

    @property
    def vault(self) -> Path:
        return self.data / "vault.db"

    @property
    def marker(self) -> Path:
        return self.data / "marker"

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def taken_up(self) -> Path:
        """The serial of the own identity document that the running node goes by."""
        return self.run / "identity"

    @property
    def socket(self) -> Path:
        """Where the officers' socket is unless the setting ``socket`` says otherwise."""
        return self.run / "api.sock"


def _numbered(folder: Path) -> tuple[Path, ...]:
    files = [file for file in _listing(folder) if _NUMBERED.fullmatch(file.name)]
    return tuple(sorted(files, key=lambda file: int(file.stem)))


def _listing(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _platform_folder(environ: Mapping[str, str]) -> Path:
    """platformdirs falls back to the password database; without either there is no home."""
    import platformdirs

    try:
        folder = Path(platformdirs.user_data_path("fanal"))
    except (RuntimeError, KeyError, OSError) as error:
        raise FanalError(NO_HOME) from error
    if not folder.is_absolute() or not environ.get("HOME", str(Path("~").expanduser())).startswith("/"):
        raise FanalError(NO_HOME)
    return folder
