# SPDX-License-Identifier: Apache-2.0
"""Times, dates and periods of notices: RFC 3339 with a zone, ISO 8601 dates as far as known, periods.

Times are compared in whole nanoseconds or seconds, dates as the first and last day they may mean.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from google.protobuf.timestamp_pb2 import Timestamp

_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_PERIOD = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])|-Q[1-4])?")
_EPOCH = dt.datetime(1970, 1, 1)

_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799

DAY = 86_400


def parse_time(text: str) -> Timestamp | None:
    """The time that ``text`` says (RFC 3339 section 5.6), or None when it does not have that form.

    Raises OverflowError when the zone moves the time out of the years 1 to 9999.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    shift = int(found[9] or 0) * 60 + int(found[10] or 0)
    if int(found[9] or 0) > 23 or int(found[10] or 0) > 59:
        return None
    try:
        local = dt.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    moment = local - dt.timedelta(minutes=-shift if found[8] == "-" else shift)
    nanos = int((found[7] or "").ljust(9, "0"))
    return Timestamp(seconds=int((moment - _EPOCH).total_seconds()), nanos=nanos)


def print_time(moment: Timestamp) -> str:
    """The time in UTC, with as many places as it needs (0, 3, 6 or 9).

    A time from the wire that lies outside the calendar is printed as its nearest end.
    """
    seconds = min(max(moment.seconds, _FIRST_SECOND), _LAST_SECOND)
    whole = (_EPOCH + dt.timedelta(seconds=seconds)).isoformat(timespec="seconds")
    if not 0 < moment.nanos < 1_000_000_000:
        return whole + "Z"
    places = f"{moment.nanos:09d}"
    while places.endswith("000"):
        places = places[:-3]
    return f"{whole}.{places}Z"


def nanoseconds(moment: Timestamp) -> int:
    """The time as one number that can be compared."""
    return moment.seconds * 1_000_000_000 + moment.nanos


def day_of(moment: Timestamp) -> dt.date:
    """The day in UTC. A time from the wire that lies outside the calendar is moved to its nearest end."""
    return _day(moment.seconds)


def date_span(text: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day that a date as far as known may mean; None when it is no date."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), found[2], found[3]
    try:
        first = dt.date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    last_month = int(month or 12)
    return first, dt.date(year, last_month, calendar.monthrange(year, last_month)[1])


def is_whole_date(text: str) -> bool:
    """Whether ``text`` is a date with year, month and day."""
    return len(text) == 10 and date_span(text) is not None


def is_period(text: str) -> bool:
    """Whether ``text`` is YYYY, YYYY-MM or YYYY-Qn."""
    return _PERIOD.fullmatch(text) is not None


def on_earth(moment: Timestamp) -> bool:
    """Whether a time from the wire lies in the years 1 to 9999 with proper nanoseconds (timestamp.proto)."""
    return _FIRST_SECOND <= moment.seconds <= _LAST_SECOND and 0 <= moment.nanos <= 999_999_999


def latest_day_of(moment: Timestamp) -> dt.date:
    """The latest day that it is anywhere on earth at ``moment`` (UTC+14): dates are written in local time."""
    return _day(moment.seconds + 14 * 3600)


def is_after_day(date: str, moment: Timestamp) -> bool:
    """Whether a date as far as known had begun nowhere on earth at ``moment``. False for no date."""
    span = date_span(date)
    return span is not None and span[0] > latest_day_of(moment)


def _day(seconds: int) -> dt.date:
    inside = min(max(seconds, _FIRST_SECOND), _LAST_SECOND)
    return dt.date(1970, 1, 1) + dt.timedelta(days=inside // DAY)
