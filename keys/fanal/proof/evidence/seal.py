# SPDX-License-Identifier: Apache-2.0
"""The seal: the prover's node signs the sums of all files, those of the log included.

Promise: whoever does not hold that key changes no byte of a bundle unseen, also where a signature of its own
is not looked at: an identity's post-quantum line in a shell, a line of a witness whom nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from fanal.errors import FanalError, VerificationError
from fanal.i18n import _, say, translate
from fanal.keys import ed25519
from fanal.keys.pae import BUNDLE, pae
from fanal.keys.trust import Directory, KeyStatus
from fanal.proof.evidence import layout
from fanal.proof.evidence.errors import BUNDLE_SEAL
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.proofs import Cover
from fanal.v1.identity_pb2 import KeyUse

_NOT_SEALED = _(
    "An older version made this bundle: a change in a part that no other check looks at would not be seen."
)
_REVOKED = _("The key of {agency} that signed this has been revoked since.")


def check_seal(findings: Findings, files: Mapping[str, bytes], cover: Cover, directory: Directory) -> None:
    """That the sums are those that the prover's node signed."""
    with findings.check("bundle.seal") as step:
        if not cover.sealed:
            raise Undecided(translate(_NOT_SEALED), needed=False)
        known = directory.signing_key(cover.prover, bytes.fromhex(cover.sealed), KeyUse.NODE_SIGN)
        if not _signed(known.key.public, files):
            raise VerificationError(BUNDLE_SEAL, agency=cover.prover)
        if known.status is KeyStatus.REVOKED:
            raise Undecided(say(_REVOKED, agency=cover.prover))
        step.found = cover.prover


def _signed(public: bytes, files: Mapping[str, bytes]) -> bool:
    try:
        ed25519.verify(public, pae(BUNDLE, files[layout.SUMS]), files[layout.SEAL])
    except FanalError:
        return False
    return True
