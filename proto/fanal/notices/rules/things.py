# SPDX-License-Identifier: Apache-2.0
"""Rules of places, conveyances, shipments and seizures."""

from __future__ import annotations

from fanal.i18n import _
from fanal.notices.codelists import flag_of_mid
from fanal.notices.rules.registry import At, Found, rule
from fanal.notices.times import is_after_day, nanoseconds
from fanal.v1.notice_pb2 import (
    CbrnIncident,
    Conveyance,
    ConveyanceNotice,
    FeedbackResult,
    Place,
    SeizureReport,
    Shipment,
    ShipmentFeedback,
    ShipmentWarning,
)

_CONVEYANCE_IDENTIFIERS = ("imo", "mmsi", "call_sign", "plate", "vin", "registration", "wagon_number")
_SHIPMENT_DOCUMENTS = (
    "bill_of_lading", "air_waybill", "consignment_note", "tir_carnet", "parcel", "flight",
)  # fmt: skip
_HIGH_SEAS = {"XZ": "ZZ"}
"""UN/LOCODE files installations on the high seas under XZ; a place says ZZ."""


def is_identified(conveyance: Conveyance) -> bool:
    """Whether a conveyance carries an identifier."""
    return any(getattr(conveyance, name) for name in _CONVEYANCE_IDENTIFIERS)


@rule("Place", "REQUIRED")
def place_can_be_found(place: Place, at: At) -> Found:
    """notice.proto: a country and at least one of unlocode, name and position."""
    if not (place.unlocode or place.name or place.HasField("position")):
        yield at.require("unlocode", _("A place needs a UN/LOCODE, a name or a position."))


@rule("Place", "INCONSISTENT")
def place_is_in_its_country(place: Place, at: At) -> Found:
    """UN/LOCODE (UNECE Recommendation 16): the first two letters are the country."""
    country = _HIGH_SEAS.get(place.unlocode[:2], place.unlocode[:2])
    if place.unlocode and place.country and country != place.country:
        yield at.find("INCONSISTENT", "unlocode", _("The UN/LOCODE is of another country."))


@rule("Conveyance", "REQUIRED")
def plate_has_its_country(conveyance: Conveyance, at: At) -> Found:
    """options.proto: a plate means nothing without its country."""
    if conveyance.plate and not conveyance.plate_country:
        yield at.require("plate_country", _("A plate needs its country."))


@rule("Conveyance", "MID_FLAG_MISMATCH")
def mmsi_fits_the_flag(conveyance: Conveyance, at: At) -> Found:
    """ITU-R M.585: the first three digits of a ship's MMSI tell its flag. Flags change: a warning."""
    mid_flag = flag_of_mid(conveyance.mmsi[:3]) if conveyance.mmsi and conveyance.flag else None
    if mid_flag is not None and mid_flag != conveyance.flag:
        message = _("The first three digits of the MMSI belong to {flag}.")
        yield at.find("MID_FLAG_MISMATCH", "mmsi", message, flag=mid_flag)


@rule("ShipmentWarning", "REQUIRED")
def warned_shipment_can_be_found(body: ShipmentWarning, at: At) -> Found:
    """WCO CENcomm: a warning that nobody can match warns nobody."""
    shipment = body.shipment
    if not body.HasField("shipment") or shipment.containers:
        return
    if any(getattr(shipment, name) for name in _SHIPMENT_DOCUMENTS):
        return
    if not any(is_identified(conveyance) for conveyance in shipment.conveyances):
        message = _("Name a container, a transport document or an identified conveyance.")
        yield at.require("shipment.containers", message)


@rule("Shipment", "DATE_ORDER")
def arrives_after_it_leaves(shipment: Shipment, at: At) -> Found:
    """notice.proto: eta is not before etd."""
    both = shipment.HasField("etd") and shipment.HasField("eta")
    if both and nanoseconds(shipment.eta) < nanoseconds(shipment.etd):
        yield at.find("DATE_ORDER", "eta", _("The shipment arrives before it leaves."))


@rule("ShipmentFeedback", "REQUIRED")
def feedback_is_complete(body: ShipmentFeedback, at: At) -> Found:
    """notice.proto: a seizure has its report, a shipment that was not controlled the reason."""
    if body.result == FeedbackResult.SEIZURE and not body.seizure_ref:
        yield at.require("seizure_ref", _("Give the reference of the seizure report."))
    if body.result == FeedbackResult.NOT_CONTROLLED and not body.reason_not_controlled.strip():
        yield at.require("reason_not_controlled", _("Say why the shipment was not controlled."))


@rule("ShipmentFeedback", "DATE_ORDER")
def control_is_before_feedback(body: ShipmentFeedback, at: At) -> Found:
    """A control is reported after it took place."""
    if not body.HasField("controlled_at") or not at.notice.HasField("issued_at"):
        return
    if nanoseconds(body.controlled_at) > nanoseconds(at.notice.issued_at):
        yield at.find("DATE_ORDER", "controlled_at", _("The control is after the feedback."))


@rule("SeizureReport", "DATE_ORDER")
def seizure_is_before_report(body: SeizureReport, at: At) -> Found:
    """notice.proto: date is not after issued_at."""
    if at.notice.HasField("issued_at") and is_after_day(body.date, at.notice.issued_at):
        yield at.find("DATE_ORDER", "date", _("The seizure is after the report."))


@rule("ConveyanceNotice", "REQUIRED")
def sought_conveyance_can_be_found(body: ConveyanceNotice, at: At) -> Found:
    """notice.proto: with an identifier, or with name and flag."""
    conveyance = body.conveyance
    if not body.HasField("conveyance") or is_identified(conveyance):
        return
    if not conveyance.name:
        yield at.require("conveyance.name", _("Name an identifier, or name and flag."))
    elif not conveyance.flag:
        yield at.require("conveyance.flag", _("A name without an identifier needs the flag."))


@rule("CbrnIncident", "OUT_OF_RANGE")
def iaea_category_exists(body: CbrnIncident, at: At) -> Found:
    """IAEA RS-G-1.9: categories 1 to 5; 0 is not said."""
    if body.iaea_category > 5:
        yield at.find("OUT_OF_RANGE", "iaea_category", _("IAEA categories go from 1 to 5."))
