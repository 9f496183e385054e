# SPDX-License-Identifier: Apache-2.0
"""Rules of handling: who may see a notice fits what is in it.

Sources: FIRST TLP 2.0; Europol handling codes H0-H3 (SIENA); Directive (EU) 2016/680 on personal data.
"""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.kinds import NOMINAL
from fanal.notices.rules.persons import is_minor
from fanal.notices.rules.registry import At, Found, rule
from fanal.notices.schema import nodes
from fanal.v1.notice_pb2 import EvidenceUse, HandlingCode, Notice, Onward, Person, Tlp

_NAMED_READERS = frozenset({Tlp.RED, Tlp.AMBER_STRICT, Tlp.AMBER})
_WIDE = frozenset({Onward.NATIONAL_AUTHORITIES, Onward.COMMUNITY, Onward.PUBLIC})
_RESTRICTED = frozenset({HandlingCode.H1, HandlingCode.H2, HandlingCode.H3})


@rule("Notice", "HANDLING_TOO_OPEN", "MINOR_TOO_OPEN", "HANDLING_CONFLICT")
def handling_fits(notice: Notice, at: At) -> Found:
    """notices.md, Handling: the first match is the finding."""
    persons = [node.message for node in nodes(notice) if isinstance(node.message, Person)]
    for found in (_too_open(notice, persons), _minor(notice, persons), _conflict(notice), _biometric(notice)):
        if found is not None:
            code, name, message = found
            yield at.find(code, f"handling.{name}", message)
            return


@rule("Handling", "REQUIRED")
def h3_has_conditions(handling: object, at: At) -> Found:
    """Europol handling code H3: other conditions, given in words."""
    block = at.notice.handling
    if block.code == HandlingCode.H3 and not block.conditions.strip():
        yield at.require("conditions", _("H3 says its conditions in words."))


@rule("Notice", "HANDLING_TOO_OPEN")
def controlled_delivery_is_closed(notice: Notice, at: At) -> Found:
    """UNTOC art. 2 (i), art. 20: a controlled delivery that becomes known has failed."""
    if not notice.shipment_warning.controlled_delivery:
        return
    if notice.handling.tlp not in (Tlp.UNSPECIFIED, Tlp.RED, Tlp.AMBER_STRICT):
        message = _("A controlled delivery needs TLP RED or AMBER_STRICT.")
        yield at.find("HANDLING_TOO_OPEN", "handling.tlp", message)
    elif notice.handling.code not in (HandlingCode.UNSPECIFIED, HandlingCode.H3):
        message = _("A controlled delivery needs handling code H3.")
        yield at.find("HANDLING_TOO_OPEN", "handling.code", message)


Match = tuple[str, str, str] | None


def _too_open(notice: Notice, persons: list[Person]) -> Match:
    """Personal data and conveyances sought are never for everybody."""
    body = notice.WhichOneof("body")
    closed = body in NOMINAL or body == "conveyance_notice" or bool(persons)
    if notice.handling.tlp == Tlp.CLEAR and closed:
        return "HANDLING_TOO_OPEN", "tlp", _("Persons and things sought are never TLP CLEAR.")
    return None


def _minor(notice: Notice, persons: list[Person]) -> Match:
    """Convention on the Rights of the Child art. 16, 40 (2) (b) (vii): the privacy of a child."""
    if notice.handling.tlp not in (Tlp.GREEN, Tlp.CLEAR):
        return None
    if any(is_minor(person, notice) for person in persons):
        return "MINOR_TOO_OPEN", "tlp", _("A minor is named: TLP AMBER at the most.")
    return None


def _conflict(notice: Notice) -> Match:
    """FIRST TLP 2.0 and the Europol codes say the same thing, or one of them is wrong."""
    handling = notice.handling
    if handling.tlp == Tlp.CLEAR and handling.code in _RESTRICTED:
        return "HANDLING_CONFLICT", "code", _("TLP CLEAR allows only H0.")
    if (handling.tlp in _NAMED_READERS or handling.code == HandlingCode.H2) and handling.onward in _WIDE:
        message = _("This TLP or handling code allows at most ORIGINATOR_CONSENT.")
        return "HANDLING_CONFLICT", "onward", message
    if handling.tlp == Tlp.GREEN and handling.onward == Onward.PUBLIC:
        return "HANDLING_CONFLICT", "onward", _("TLP GREEN is for the community, not for the public.")
    if handling.code == HandlingCode.H1 and handling.evidence_use == EvidenceUse.YES:
        return "HANDLING_CONFLICT", "evidence_use", _("H1: not in court proceedings without permission.")
    return None


def _biometric(notice: Notice) -> Match:
    """Directive (EU) 2016/680 art. 10: biometric data are a special category."""
    wide = notice.handling.onward in (Onward.COMMUNITY, Onward.PUBLIC)
    if wide and any(attachment.biometric for attachment in notice.attachments):
        return "HANDLING_TOO_OPEN", "onward", _("Biometric data are not passed on to a community.")
    return None
