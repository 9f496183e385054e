# SPDX-License-Identifier: Apache-2.0
"""Whole nodes on files, and all their bytes in the clear: what is searched for what was erased."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from nodenet import NodeHost

from fanal.node.inbox.sqlite import open_vault
from fanal.node.ledger.sqlite import open_ledger

PAGE, RESERVED, FRAME = 4096, 80, 24 + 4096


def on_disk(host: NodeHost, folder: Path) -> None:
    """Run this host on files from now on: an empty ledger and vault, with the outside list beside them."""
    host.crash()
    host.ledger = open_ledger(folder / "data", now=int(host.net.now), random=host.net.rng)  # type: ignore[assignment]
    host.vault = open_vault(folder / "data" / "vault.db", bytes(32))
    host.erasure_files = (folder / "data" / "erasures", folder / "erasures")
    host.start()


def decrypted(data: bytes, key: bytes) -> bytes:
    """A page of SQLCipher 4: AES-256-CBC, the IV in the reserved end; free pages included."""
    iv = data[PAGE - RESERVED : PAGE - RESERVED + 16]
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data[: PAGE - RESERVED])


def raw(folder: Path, key: bytes = bytes(32)) -> bytes:
    """Every byte of both databases, their logs and shared memory; the vault in the clear too."""
    found = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    vault, log = folder / "vault.db", folder / "vault.db-wal"
    pages = vault.read_bytes()
    clear = [b""]
    for at in range(0, len(pages), PAGE):
        page = pages[at : at + PAGE]
        clear.append(decrypted(page[16:] + bytes(16), key) if at == 0 else decrypted(page, key))
    frames = log.read_bytes()[32:] if log.exists() else b""
    clear += [decrypted(frames[at + 24 : at + FRAME], key) for at in range(0, len(frames), FRAME)]
    return found + b"".join(clear)


def spellings(text: str) -> list[bytes]:
    """UTF-8, UTF-16 both ways, base64 at every offset, and the word as the index keeps it."""
    data = text.encode()
    encoded = [base64.b64encode(bytes(shift) + data)[4:-4] for shift in range(3)]
    return [data, text.encode("utf-16-le"), text.encode("utf-16-be"), *encoded, text.lower().encode()]


def reopen(host: NodeHost, data: Path) -> None:
    host.ledger = open_ledger(data, now=int(host.net.now), random=host.net.rng)  # type: ignore[assignment]
    host.vault = open_vault(data / "vault.db", bytes(32))
