# SPDX-License-Identifier: Apache-2.0
"""Whether the author took a notice back: the withdrawal that the author's officer signed, and whom it names.

Promise: it passes for this notice only if an officer of the notice's author signed for it. It names the
notice by the SHA-256 of its manifest, so it stands when the content of both has been erased; one of before
that was written names the number of the notice only, and counts where the notice shows that number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fanal.envelope.trust import Standing
from fanal.errors import VerificationError
from fanal.i18n import _, say, translate
from fanal.keys.trust import Directory
from fanal.proof.evidence import items
from fanal.proof.evidence.errors import BUNDLE_MISMATCH
from fanal.proof.evidence.findings import Findings, Undecided
from fanal.proof.evidence.items import Shown, plain
from fanal.proof.evidence.layout import Item
from fanal.proof.evidence.told import moment
from fanal.v1.notice_pb2 import WithdrawalReason

NAMES = "withdrawal.names"
_WITH, _WITHOUT = "withdrawal.with_deletion[", "withdrawal.without_deletion["
_NUMBERS = "withdrawal.notice_ids["
_DELETE = _("WITHDRAWN by its author {author} on {at} ({reason}). Every holder is asked to delete it.")
_KEEP = _("WITHDRAWN by its author {author} on {at} ({reason}). Deletion is not asked.")
_OPEN = _("WITHDRAWN by its author {author} on {at} ({reason}). Whether deletion is asked is not shown.")
_UNPROVEN = _("The officer's signature on what is withdrawn is not proven.")
_UNTIED = _(
    "It names notices by their numbers only, and the number of this one is not shown: whether it is meant is "
    "open."
)
_CLAIMED = _(
    "The prover erased the content as withdrawn, but the author's signed withdrawal is not in the bundle: "
    "that the notice was withdrawn is the prover's word alone."
)
_ABSENT = _(
    "No withdrawal is in the bundle, which does not prove that the notice was not withdrawn: it shows "
    "{shown} of the {count} entries of the prover's log from the notice to the export. All of them are in "
    "an export of that log (fanal audit export), and the author's own bundle would hold the withdrawal."
)
_OTHERS = _(
    "The prover holds more of this notice, by its own word. What became of each is proven by a bundle of it:"
)
_REVOKED = _("The key that signed the withdrawal has been revoked since.")


def names_manifest(values: Mapping[str, bytes], manifest_sha256: bytes) -> bool:
    """Whether these fields of a withdrawal name that manifest."""
    named = [value for path, value in values.items() if path.startswith((_WITH, _WITHOUT))]
    return _hex(manifest_sha256) in named


def check_withdrawal(
    findings: Findings, item: Item | None, shown: Shown, directory: Directory
) -> Shown | None:
    """Every check of the withdrawal in a bundle; None without one, or when its manifest does not verify."""
    found = items.check_item(findings, item, directory, "withdrawal") if item is not None else None
    if found is None:
        return None
    if found.verified.standing is Standing.REVOKED:
        with findings.check("withdrawal.key"):
            raise Undecided(translate(_REVOKED))
    with findings.check(NAMES) as step:
        step.detail = _named(shown, found)
    return found


def check_absent(findings: Findings, claimed: bool, shown: int, count: int) -> None:
    """For a bundle without a withdrawal; ``claimed``: the prover erased the content as withdrawn. ``shown``
    of the ``count`` entries of the prover's log since the notice are in the bundle."""
    with findings.check(NAMES):
        if claimed:
            raise Undecided(translate(_CLAIMED))
        raise Undecided(say(_ABSENT, shown=shown, count=count), needed=False)


def check_others(findings: Findings, others: Sequence[str]) -> None:
    """What else the prover says it holds of this notice, where it does: each has a bundle of its own."""
    if others:
        with findings.check("notice.others"):
            raise Undecided("\n".join([translate(_OTHERS), *others]), needed=False)


def _named(shown: Shown, found: Shown) -> str:
    """When and why it was withdrawn, with or without deletion."""
    author, other = shown.received.header.author, found.received.header.author
    if author != other:
        raise _mismatch("The withdrawal's author", author, other)
    if found.statement is None or not found.values:
        raise Undecided(translate(_UNPROVEN))
    manifest, values = _hex(shown.received.manifest_sha256), found.values
    with_, without, numbers = (_values(values, start) for start in (_WITH, _WITHOUT, _NUMBERS))
    number, listed = shown.values.get("notice_id", b""), manifest in (*with_, *without)
    if (number and number not in numbers) or (not listed and (with_ or without)):
        raise _mismatch("The withdrawal", manifest.decode(), plain(b", ".join(with_ + without + numbers)))
    if not listed and not number:
        raise Undecided(translate(_UNTIED))
    delete = manifest in with_ or values.get("withdrawal.delete_required") == b"true"
    asks = _DELETE if delete else _KEEP if listed else _OPEN
    return say(asks, author=author, at=moment(found.statement.signed_at), reason=_reason(values))


def _values(values: Mapping[str, bytes], start: str) -> list[bytes]:
    return [value for path, value in values.items() if path.startswith(start)]


def _reason(values: Mapping[str, bytes]) -> str:
    number = values.get("withdrawal.reason", b"")
    known = {str(code).encode(): name for name, code in WithdrawalReason.Code.items() if code}
    return known.get(number, "-")


def _hex(digest: bytes) -> bytes:
    return digest.hex().encode()


def _mismatch(what: str, expected: str, found: str) -> VerificationError:
    return VerificationError(BUNDLE_MISMATCH, what=what, expected=expected, found=found)
