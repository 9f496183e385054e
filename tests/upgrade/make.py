# SPDX-License-Identifier: Apache-2.0
"""Keep a home of the present formats for every later version: `.venv/bin/python tests/upgrade/make.py`.

Two real nodes exchange a few notices; the receiver's stopped home is packed into tests/upgrade/homes/ under
its format numbers, in place of one of the same numbers. To be run before each release (docs/upgrade.md).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / room) for room in ("proto", "keys", "config", "node", "cli", "tests/support")]

from realdraft import new_draft, send  # noqa: E402
from realnet import RealNode, found_network, until  # noqa: E402
from realofficer import RealOfficer  # noqa: E402
from upgradekit import keep, present  # noqa: E402

from fanal.node.software import SOFTWARE  # noqa: E402

A, B = "AZ-CUS", "GE-CUS"
READ, WAITING, GONE, ERASED, FILE = range(5)


def main() -> None:
    """Make the home, pack it, say where."""
    with tempfile.TemporaryDirectory() as folder:
        nodes = found_network(Path(folder), [A, B])
        try:
            nodes[B].start()
            noted = _story(nodes[A], nodes[B], Path(folder))
        finally:
            for node in nodes.values():
                if node.process is not None:
                    node.end()
        manifest = {
            "formats": asdict(present()),
            "software": SOFTWARE,
            "agency": B,
            "peer": A,
            "made": int(time.time()),
            **noted,
        }
        path = keep(nodes[B].home, manifest)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def _story(sender: RealNode, reader: RealNode, folder: Path) -> dict[str, object]:
    """Received, read, withdrawn, erased, with a file, and one sent."""
    officer, other = RealOfficer(sender.home), RealOfficer(reader.home)
    refs = [officer.send(officer.prepared([B], f"Kept notice {n}")).ref for n in range(FILE)]
    refs.append(_with_file(sender, folder))
    until(lambda: all(officer.states(ref) == {B: "STORED"} for ref in refs), "all have arrived")
    reader.fanal("notice", "show", refs[READ])
    sender.fanal("notice", "withdraw", refs[GONE], "--reason", "ERROR", "--delete", "--yes")
    until(lambda: officer.states(refs[GONE]) == {B: "WITHDRAWN"}, "the withdrawal is complied with")
    reader.fanal("notice", "erase", refs[ERASED], "--basis", "COURT_ORDER", "--yes")
    saved = folder / "saved"
    saved.mkdir()
    until(lambda: _file_is_here(reader, refs[FILE]), "the attached file has arrived")
    sent = other.send(other.prepared([A], "Kept notice of its own")).ref
    until(lambda: other.states(sent) == {A: "STORED"}, "its own notice has arrived")
    for one in (officer, other):
        one.again()
    return {
        "read": refs[READ],
        "waiting": refs[WAITING],
        "withdrawn": refs[GONE],
        "erased": refs[ERASED],
        "with_file": refs[FILE],
        "sent": sent,
        "text": "Kept notice 0",
    }


def _file_is_here(reader: RealNode, ref: str) -> bool:
    found = json.loads(reader.fanal("notice", "show", ref, "--json"))
    return all(one["state"] == "HERE" for one in found["attachments"]) and bool(found["attachments"])


def _with_file(sender: RealNode, folder: Path) -> str:
    draft, file = folder / "draft.json", folder / "scan.txt"
    file.write_text("A page of the way-bill\n" * 20)
    return send(sender, new_draft(sender, draft, "Kept notice with a file"), B, "--attach", str(file))


if __name__ == "__main__":
    main()
