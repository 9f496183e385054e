# SPDX-License-Identifier: Apache-2.0
"""The seal over a bundle: no byte of any file changes unseen, by the program or by the script."""

from __future__ import annotations

import random

import pytest
from bundlescript import Run, lines
from evidencekit import Scene, failed, repacked, statuses
from vectorkit.case import FOLDER

from fanal.keys import ed25519
from fanal.keys.pae import BUNDLE, pae
from fanal.proof.audit import Status
from fanal.proof.evidence import container, layout
from fanal.proof.evidence.verify import verify_bundle

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def theirs(five: Scene) -> bytes:
    """A reader's bundle: identities of witnesses stand in the folder of its log."""
    bundle = five.bundle("TR-CUS", content=True)
    assert any(name.startswith("log/") and name.endswith(".doc") for name in container.read(bundle))
    return bundle


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def test_any_changed_byte_of_any_file_is_seen_by_both_programs(five: Scene, run: Run, theirs: bytes) -> None:
    """With right sums, and a script of one's own, for the one in the bundle may have been changed too."""
    chance = random.Random(7)
    for name, data in container.read(theirs).items():
        at, bit = chance.randrange(len(data)), chance.randrange(8)
        files = {**container.read(theirs), name: flipped(data, at, bit)}
        if name not in (layout.SUMS, layout.SEAL):
            files[layout.SUMS] = layout.sums_of(files)
        assert five.report(container.write(files)).verdict is Status.FAILED, (name, at, bit)
        ran = run(files, five.network.hex(), own=True)
        assert ran.returncode == 6, (name, at, bit, ran)


def test_the_post_quantum_line_of_a_witness_and_a_surplus_line_are_under_the_seal(
    five: Scene, run: Run, theirs: bytes
) -> None:
    """The two changes that one or both programs used to pass."""

    def signature(files: dict[str, bytes]) -> None:
        name = next(n for n in files if n.startswith("log/") and n.endswith(".doc"))
        files[name] = flipped(files[name], len(files[name]) - 400, 0)

    def surplus(files: dict[str, bytes]) -> None:
        files[layout.COSIGNED] += "— stranger AAAAAAAA\n".encode()

    for change in (signature, surplus):
        changed = repacked(theirs, change)
        assert "bundle.seal" in lines(run(changed, five.network.hex()), "FAILED")
        assert run(changed, five.network.hex()).returncode == 6
        assert five.report(changed).verdict is Status.FAILED


def test_attack_a_seal_taken_off_or_made_by_another_is_refused(five: Scene, run: Run, bare: bytes) -> None:
    """The log vouches for the cover, and that names the key."""

    def strip(files: dict[str, bytes]) -> None:
        del files[layout.SEAL]

    def as_of_before(files: dict[str, bytes]) -> None:
        del files[layout.SEAL]
        files[layout.COVER] = b"\n".join(files[layout.COVER].split(b"\n")[:5]) + b"\n"

    for change, name in ((strip, "bundle.form"), (as_of_before, "log.export")):
        changed = repacked(bare, change)
        assert failed(five.report(changed)) == lines(run(changed, five.network.hex()), "FAILED") == {name}
    forged = repacked(bare, lambda files: None)
    files = container.read(forged)
    files[layout.SEAL] = ed25519.sign(five.host("TR-CUS").agency.node, pae(BUNDLE, files[layout.SUMS]))
    assert failed(five.report(container.write(files))) == {"bundle.seal"}
    assert lines(run(files, five.network.hex()), "FAILED") == {"bundle.seal"}


def test_a_bundle_of_before_the_seal_still_verifies_and_says_so(run: Run) -> None:
    """Both programs, on bundles that were handed out by an earlier version."""
    network = (FOLDER / "pinned-whole.network").read_text().strip()
    bundle = (FOLDER / "pinned-whole.zip").read_bytes()
    report = verify_bundle(bundle, bytes.fromhex(network))
    assert (report.verdict, statuses(report)["bundle.seal"]) == (Status.PASSED, "undecided")
    assert run(bundle, network).returncode == 0
