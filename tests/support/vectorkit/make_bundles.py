# SPDX-License-Identifier: Apache-2.0
"""Cases of evidence bundles: those that networks of whole nodes made (`pin_bundles`), and spoiled ones.

They are kept and not made again: keys and ids were drawn, and a bundle of today must verify tomorrow. A case
is accepted whatever the verdict: the verdict is what it gives.
"""

from __future__ import annotations

import base64
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable

from vectorkit.case import FOLDER
from vectorkit.make_base import Collected, flipped
from vectorkit.world import drawn

from fanal.proof.evidence import container, layout

Files = dict[str, bytes]
NOBODY = "— stranger AAAAAAAA\n".encode()
PINNED_BUNDLES = {
    "redacted": ("Two named fields of the notice.", "passed"),
    "whole": ("The whole notice.", "passed"),
    "erased": ("Its content was erased on a legal basis.", "passed"),
    "withdrawn": ("Its author took it back with deletion; the content is erased.", "passed"),
    "withdrawn-kept": ("Its author took it back and did not ask for deletion.", "passed"),
    "withdrawn-unproven": (
        "The log says that it was erased as withdrawn, and the prover left the withdrawal out.",
        "undecided",
    ),
    "sealed": ("A reader's, with the seal of its node over all files.", "passed"),
    "revoked-before": ("The author's key was revoked from before any witness saw the notice.", "undecided"),
    "revoked-after": ("The author's key was revoked from after witnesses saw the notice.", "passed"),
}
"""Name -> what, verdict."""


def make(out: Collected) -> None:
    bundle = (FOLDER / "pinned-bundle.zip").read_bytes()
    network = (FOLDER / "pinned-bundle.network").read_text().strip()
    out.judge(
        "good",
        "A bundle of a notice to two readers; it shows no content.",
        bundle,
        "passed",
        network=network,
    )
    out.judge("no-network-id", "The auditor brought no network id.", bundle, "undecided")
    out.judge("other-network-id", "The auditor brought another network's id.", bundle, "failed",
              network=drawn("other network"))  # fmt: skip
    spoiled: dict[str, tuple[str, Callable[[Files], None]]] = {
        "manifest-flipped": (
            "One bit of the manifest flipped, the sums made again.",
            _flip("notice/manifest.bin"),
        ),
        "signature-flipped": ("One bit of the signature flipped.", _flip("notice/manifest.sig")),
        "receipt-flipped": ("One bit of a receipt flipped.", _flip("receipts/0001/receipts.bin")),
        "leaf-flipped": ("One letter of a leaf changed.", _flip("log/0001.leaf")),
        "proofs-swapped": ("Two inclusion proofs in each other's place.", _swap),
    }
    spoiled |= {
        "charter-missing": ("The first charter is not in it.", lambda files: files.pop("charters/0001.doc")),
        "receipt-missing": (
            "A receipt was taken out later.",
            _without("receipts/0001/"),
        ),
        "export-leaf-missing": ("The leaf of the export was taken out.", _last_leaf),
        "leaf-swapped": ("Two leaves in each other's place.", _swap_leaves),
        "extra-file": ("A file without a meaning.", lambda files: files.update({"more.txt": b"more"})),
    }
    for name, (what, change) in spoiled.items():
        files = container.read(bundle)
        change(files)
        files[layout.SUMS] = layout.sums_of(files)
        out.judge(name, what, container.write(files), "failed", network=network)
    _sums(out, bundle, network)
    _kept(out)
    _withdrawals(out)
    _seals(out)
    _archives(out, bundle, network)


def _sums(out: Collected, bundle: bytes, network: str) -> None:
    """Changed without making the sums again."""
    files = container.read(bundle)
    files["README.txt"] += b"Trust us."
    out.judge(
        "sums-do-not-fit",
        "A changed README.",
        container.write(files),
        "failed",
        network=network,
    )


def _kept(out: Collected) -> None:
    """The other bundles of whole networks, as they are."""
    for name, (what, verdict) in PINNED_BUNDLES.items():
        network = (FOLDER / f"pinned-{name}.network").read_text().strip()
        out.judge(name, what, (FOLDER / f"pinned-{name}.zip").read_bytes(), verdict, network=network)


def _seals(out: Collected) -> None:
    """What nothing but the seal looks at, and the seal itself."""
    bundle = (FOLDER / "pinned-sealed.zip").read_bytes()
    network = (FOLDER / "pinned-sealed.network").read_text().strip()
    changes: dict[str, tuple[str, Callable[[Files], object]]] = {
        "seal-flipped": ("One bit of the seal.", _flip(layout.SEAL)),
        "seal-missing": ("The seal was taken off.", lambda files: files.pop(layout.SEAL)),
        "line-of-nobody-added": (
            "A line of a witness that no document names, on the checkpoint of before.",
            lambda files: files.update({layout.COSIGNED: files[layout.COSIGNED] + NOBODY}),
        ),
    }
    for name, (what, change) in changes.items():
        files = container.read(bundle)
        change(files)
        files[layout.SUMS] = layout.sums_of(files)
        out.judge(name, what, container.write(files), "failed", network=network)


def _withdrawals(out: Collected) -> None:
    """A withdrawal changed, taken out, or put where another one belongs."""
    bundle = (FOLDER / "pinned-withdrawn.zip").read_bytes()
    network = (FOLDER / "pinned-withdrawn.network").read_text().strip()
    changes: dict[str, tuple[str, Callable[[Files], None]]] = {
        "withdrawal-missing": ("The withdrawal was taken out later.", _without("withdrawal/")),
        "withdrawal-of-another": (
            "The withdrawal's manifest is the notice's own.",
            lambda files: files.update(
                {f"withdrawal/manifest.{end}": files[f"notice/manifest.{end}"] for end in ("bin", "sig")}
            ),
        ),
        "withdrawal-target-forged": ("A shown field of the withdrawal is changed.", _forge),
        "withdrawal-signature-flipped": (
            "One bit of its officer's signature.",
            _flip("withdrawal/statement.sig"),
        ),
    }
    for name, (what, change) in changes.items():
        files = container.read(bundle)
        change(files)
        files[layout.SUMS] = layout.sums_of(files)
        out.judge(name, what, container.write(files), "failed", network=network)


def _forge(files: Files) -> None:
    """Another manifest in place of the one that it names."""
    head, value = files["withdrawal/fields.txt"].split(b"with_deletion[0] ")
    index, blind, _named, *path = value.split(b" ")
    named = base64.b64encode(drawn("another manifest").hex().encode())
    files["withdrawal/fields.txt"] = head + b"with_deletion[0] " + b" ".join((index, blind, named, *path))


def _archives(out: Collected, bundle: bytes, network: str) -> None:
    """Zips that no `fanal audit prove` writes; kind `archive` has the others, in small."""
    files = list(container.read(bundle).items())
    twice, outside = [*files, ("bundle.txt", b"another")], [*files, ("../x", b"")]
    for name, what, packed in (
        ("name-twice", "Two files of one name.", twice),
        ("name-leads-outside", "A name that leads out of the folder.", outside),
    ):
        out.judge(name, what, _zip(sorted(packed)), "failed", network=network)


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as packed:
        warnings.simplefilter("ignore")  # of a name twice
        for name, data in files:
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _flip(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name] = flipped(files[name], 8 * (len(files[name]) - 10))

    return change


def _swap(files: Files) -> None:
    one, other = "log/0001.tlog-proof", "log/0002.tlog-proof"
    files[one], files[other] = files[other], files[one]


def _swap_leaves(files: Files) -> None:
    one, other = "log/0001.leaf", "log/0002.leaf"
    files[one], files[other] = files[other], files[one]


def _without(prefix: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for name in [name for name in files if name.startswith(prefix)]:
            del files[name]

    return change


def _last_leaf(files: Files) -> None:
    last = max(name for name in files if name.endswith(".leaf"))
    del files[last], files[last.replace(".leaf", ".tlog-proof")]
