# SPDX-License-Identifier: Apache-2.0
"""Putting a bundle together in two steps, so that its export can be logged before it leaves.

core = prepare(parts)          the files that do not depend on the log, and the hash for the export leaf
... the node logs `core.digest` as an export leaf, signs a checkpoint, reads the proofs ...
data = finish(core, log, seed) the zip, sealed with the key of the prover's node
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fanal.envelope.verify import decode_manifest_only
from fanal.keys import ed25519
from fanal.keys.documents import body_sha256, decode_document
from fanal.keys.pae import BUNDLE, pae
from fanal.proof import note as notes
from fanal.proof.evidence import container, layout
from fanal.proof.evidence.layout import Log, Parts
from fanal.proof.evidence.script import readme, script

_LONGEST_LINE = 400
"""Of a signature repeated in every inclusion proof: cosignatures are shorter, anchors longer."""


@dataclass(frozen=True)
class Core:
    """The files of a bundle but its log, and what the export leaf says of them."""

    files: dict[str, bytes] = field(repr=False)
    digest: bytes


def prepare(parts: Parts) -> Core:
    """Raises VerificationError for a manifest or a document that is malformed."""
    header = decode_manifest_only(parts.notice.manifest, parts.notice.signature).header
    facts = {
        "prover": parts.cover.prover,
        "author": header.author,
        "envelope": header.envelope_id.hex(),
        "network": body_sha256(decode_document(parts.charters[0])).hex(),
    }
    files = layout.core_files(parts, readme(parts.cover.language, facts), script())
    return Core(files, layout.export_digest(files))


def finish(core: Core, log: Log, seed: bytes) -> bytes:
    """The zip, its sums signed under ``seed``, the key that the cover names. Raises VerificationError when it
    would be too large."""
    files = core.files | layout.log_files(log)
    files[layout.SUMS] = layout.sums_of(files)
    files[layout.SEAL] = ed25519.sign(seed, pae(BUNDLE, files[layout.SUMS]))
    return container.write(files)


def short_note(note: bytes) -> bytes:
    """A checkpoint for an inclusion proof: without the long lines of anchors."""
    parsed = notes.parse(note)
    kept = tuple(line for line in parsed.signatures if len(line.signature) < _LONGEST_LINE)
    return notes.Note(parsed.text, kept).to_bytes()
