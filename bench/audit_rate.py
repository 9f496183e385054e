# SPDX-License-Identifier: Apache-2.0
"""How fast a whole ledger is audited, beside a bare loop of signature verifications, and in what memory.

Each entry costs one Ed25519 verification whatever else is checked, so V a entry is the floor. Two sizes are
audited in processes of their own: what memory grows by between them is what an entry costs.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import benchkit
from agencies import NOW, Agency, found, signed

from fanal.envelope import audience, commitments
from fanal.envelope.seal import Lane, Position, Signer, seal_content, seal_key
from fanal.envelope.verify import bound_and_decode
from fanal.keys import ed25519, xwing
from fanal.keys.documents import body_sha256, encode_document
from fanal.keys.trust import Directory
from fanal.node.lanes.leaves import entry_leaf
from fanal.node.lanes.rows import lane_of, row_of
from fanal.node.ledger.audit import audit_folder
from fanal.node.ledger.interface import Batch, Checkpoint, DocumentRow
from fanal.node.ledger.sqlite import SqliteLedger, open_ledger
from fanal.node.witness import names
from fanal.proof import checkpoint as checkpoints
from fanal.proof.cosignature import CosignatureSigner
from fanal.proof.leaf import LeafType
from fanal.proof.note_key import Ed25519Signer
from fanal.v1.envelope_pb2 import Content, EnvelopeClass, EnvelopePriority

SIZES = (20_000, 100_000)
_BATCH = 256
GE, TR = Agency("GE-CUS"), Agency("TR-CUS")


def build(folder: Path, entries: int) -> bytes:
    """A ledger with this many signed envelopes and one cosigned checkpoint over all; the network's id."""
    charter = signed(found([GE], [TR]), GE)
    directory = Directory.founded(charter)
    for agency in (GE, TR):
        directory.take_identity(agency.document)
    ledger = open_ledger(folder, now=NOW)
    documents = [("charter", "", charter), *(("identity", one.name, one.document) for one in (GE, TR))]
    rows = tuple(
        DocumentRow(kind, who, 1, body_sha256(document), encode_document(document), NOW)
        for kind, who, document in documents
    )
    ledger.append(Batch(documents=rows))
    _fill(ledger, directory, entries)
    head, origin = ledger.head(), "fanal/net/GE-CUS/log1"
    witness = names.name_of(directory.identity(TR.name).root, TR.name, names.WITNESS)
    lines = [CosignatureSigner(witness, TR.witness, ed25519.public_of(TR.witness), NOW)]
    signer = Ed25519Signer(origin, GE.log, ed25519.public_of(GE.log))
    note = checkpoints.sign(checkpoints.Checkpoint(origin, head.size, head.root), signer, lines)
    ledger.append(Batch(checkpoint=Checkpoint(head.size, head.root, note)))
    ledger.close()
    return body_sha256(charter)


def _fill(ledger: SqliteLedger, directory: Directory, entries: int) -> None:
    lane = Lane(directory.newest, audience.explicit(GE.name, [TR.name]))
    common: dict[str, Any] = {
        "lane": lane,
        "priority": EnvelopePriority.ROUTINE,
        "created": NOW,
        "expires": NOW + 1000,
        "signer": Signer(GE.name, GE.node_key_id, GE.node),
    }
    readers = {one.name: (one.encrypt_key_id, xwing.public_of(one.encrypt)) for one in (GE, TR)}
    incarnation = ledger.head().incarnation
    key = seal_key(readers, position=Position(incarnation, 0, b""), **common)
    raw, previous = [key.envelope_bytes], key.manifest_sha256
    for seq in range(1, entries):
        sealed = seal_content(
            Content(content_salt=commitments.DEFAULT_RNG(32), control=b"x"),
            EnvelopeClass.CONTROL,
            lane_key=key.lane_key,
            position=Position(incarnation, seq, previous),
            envelope_id=hashlib.sha256(b"%d" % seq).digest()[:16],
            **common,
        )
        raw.append(sealed.envelope_bytes)
        previous = sealed.manifest_sha256
        if len(raw) >= _BATCH or seq == entries - 1:
            _append(ledger, raw)
            raw = []


def _append(ledger: SqliteLedger, raw: list[bytes]) -> None:
    received = [bound_and_decode(one) for one in raw]
    ledger.append(
        Batch(
            lanes=(lane_of(received[0].header),),
            entries=tuple(row_of(one, "", NOW) for one in received),
            leaves=tuple(
                entry_leaf(LeafType.ENVELOPE_OUT, one, "", NOW, at) for at, one in enumerate(received)
            ),
        )
    )


def most_memory() -> int:
    """KiB that this program held at most. Not ru_maxrss: that begins with what the parent held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def audited(folder: str, network: bytes, answer: Any) -> None:
    """In a process of its own: CPU seconds of the audit, and the most memory that it held."""
    before = most_memory()
    began = time.process_time()
    report = audit_folder(Path(folder), agency=GE.name, network=network)
    spent = time.process_time() - began
    answer.put((report.verdict.value, spent, before, most_memory()))


def main() -> None:
    here = benchkit.begin()
    verification = benchkit.verify_seconds()
    context = multiprocessing.get_context("spawn")
    runs: list[dict[str, Any]] = []
    for entries in SIZES:
        with tempfile.TemporaryDirectory(prefix="fanal-audit-") as base:
            folder = Path(base) / "data"
            network = build(folder, entries)
            answer = context.Queue()
            process = context.Process(target=audited, args=(str(folder), network, answer))
            process.start()
            verdict, spent, before, most = answer.get()
            process.join()
            if verdict != "passed":
                sys.exit(f"the ledger of {entries} entries is {verdict}")
            size = (folder / "ledger.db").stat().st_size
        runs.append(
            {"entries": entries, "seconds": spent, "floor": entries * verification, "kib": most - before,
             "file_bytes": size}
        )  # fmt: skip
    head = ["entries", "entries a second", "x bare verifications", "MiB of memory", "MiB of file"]
    rows = [
        [f"{one['entries']:,}", round(one["entries"] / one["seconds"]), one["seconds"] / one["floor"],
         one["kib"] / 1024, one["file_bytes"] / 2**20]
        for one in runs
    ]  # fmt: skip
    benchkit.table(f"Audit of a whole ledger (V = {verification * 1e6:.0f} us)", head, rows)
    benchkit.write("audit_rate", {"machine": here, "v": verification, "runs": runs})


if __name__ == "__main__":
    main()
