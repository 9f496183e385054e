# SPDX-License-Identifier: Apache-2.0
"""Cases of evidence bundles: one that a network of whole nodes made, kept in pinned-bundle.zip, and spoiled.

The bundle is kept and not made again: its lane keys and ids were drawn. A case is accepted whatever the
verdict: the verdict is what it gives.
"""

from __future__ import annotations

from collections.abc import Callable

from vectorkit.case import FOLDER
from vectorkit.make_base import Collected, flipped
from vectorkit.world import drawn

from fanal.proof.evidence import container, layout

Files = dict[str, bytes]


def make(out: Collected) -> None:
    bundle = (FOLDER / "pinned-bundle.zip").read_bytes()
    network = (FOLDER / "pinned-bundle.network").read_text().strip()
    out.judge("good", "A bundle of a notice to two readers.", bundle, "passed", network=network)
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
    for name, (what, change) in spoiled.items():
        files = container.read(bundle)
        change(files)
        files[layout.SUMS] = layout.sums_of(files)
        out.judge(name, what, container.write(files), "failed", network=network)


def _flip(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name] = flipped(files[name], 8 * (len(files[name]) - 10))

    return change


def _swap(files: Files) -> None:
    one, other = "log/0001.tlog-proof", "log/0002.tlog-proof"
    files[one], files[other] = files[other], files[one]
