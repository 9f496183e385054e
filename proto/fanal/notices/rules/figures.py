# SPDX-License-Identifier: Apache-2.0
"""Rules of figures, operations and lists of texts: sums add up, small figures stay hidden."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from google.protobuf.message import Message

from fanal.i18n import _
from fanal.notices.rules.forms import decimal
from fanal.notices.rules.registry import ANY, At, Found, rule
from fanal.notices.schema import Sort, fields_of
from fanal.notices.times import date_span
from fanal.v1.notice_pb2 import (
    Cell,
    CellStatus,
    Counter,
    MigrantCounts,
    OperationAnnouncement,
    OperationTally,
    StatisticalReturn,
    SuppressionMethod,
    Text,
)

_SHOWN = frozenset({CellStatus.OK, CellStatus.ESTIMATE})
_HIDDEN = frozenset({CellStatus.SUPPRESSED, CellStatus.NOT_AVAILABLE})


@rule(ANY, "ORIGINAL_TEXT")
def one_original(message: Message, at: At) -> Found:
    """notice.proto: a list of texts has exactly one original; the others are translations."""
    for field in fields_of(message.DESCRIPTOR).values():
        if field.sort is Sort.MESSAGE and field.message is Text.DESCRIPTOR:
            texts: Sequence[Text] = getattr(message, field.name)
            if texts and sum(text.original for text in texts) != 1:
                yield at.find("ORIGINAL_TEXT", field.name, _("Exactly one text of the list is the original."))


@rule("MigrantCounts", "TOTAL_MISMATCH")
def migrants_add_up(counts: MigrantCounts, at: At) -> Found:
    """notice.proto: total is the sum of the cells, and the unaccompanied are among the minors."""
    minors = counts.boys + counts.girls + counts.not_recorded
    total = counts.adult_men + counts.adult_women + minors
    if counts.total != total:
        message = _("The parts add up to {sum}.")
        yield at.find("TOTAL_MISMATCH", "total", message, sum=total)
    if counts.unaccompanied_minors > minors:
        message = _("More unaccompanied minors than there may be minors.")
        yield at.find("TOTAL_MISMATCH", "unaccompanied_minors", message)


@rule("Counter", "TOTAL_MISMATCH")
def parts_add_up(counter: Counter, at: At) -> Found:
    """notice.proto: if parts are given, they add up to the value."""
    total = sum(part.value for part in counter.parts)
    if counter.parts and counter.HasField("value") and counter.value != total:
        yield at.find("TOTAL_MISMATCH", "value", _("The parts add up to {sum}."), sum=total)


@rule("StatisticalReturn", "SMALL_CELL")
def small_figures_are_hidden(body: StatisticalReturn, at: At) -> Found:
    """Eurostat handbook on statistical disclosure control: a count below the threshold may point at persons.

    With NOT_NEEDED the figures do not count persons or events, and nothing is hidden.
    """
    if body.method == SuppressionMethod.NOT_NEEDED:
        return
    for index, cell in enumerate(body.cells):
        told = cell.status in _SHOWN and cell.value and decimal(cell.value) is None
        if told and Decimal(cell.value) < body.min_cell:
            message = _("The figure is below min_cell and must be suppressed.")
            yield at.find("SMALL_CELL", f"cells[{index}].value", message)


@rule("Cell", "SUPPRESSED_WITH_VALUE", "REQUIRED")
def cell_fits_its_status(cell: Cell, at: At) -> Found:
    """notice.proto: the value is empty if suppressed or not available, and only then; missing is never 0."""
    if cell.status in _HIDDEN and cell.value:
        message = _("Suppressed or not available, and still told.")
        yield at.find("SUPPRESSED_WITH_VALUE", "value", message)
    if cell.status in _SHOWN and not cell.value:
        yield at.require("value", _("Give the figure, or say that it is not available."))


@rule("OperationAnnouncement", "DATE_ORDER")
def operation_ends_after_it_starts(body: OperationAnnouncement, at: At) -> Found:
    """notice.proto: end is not before start."""
    if _backwards(body.start, body.end):
        yield at.find("DATE_ORDER", "end", _("The operation ends before it starts."))


@rule("OperationTally", "DATE_ORDER")
def tally_ends_after_it_starts(body: OperationTally, at: At) -> Found:
    """notice.proto: end is not before start."""
    if _backwards(body.start, body.end):
        yield at.find("DATE_ORDER", "end", _("The time counted ends before it starts."))


def _backwards(start: str, end: str) -> bool:
    first, last = date_span(start), date_span(end)
    return first is not None and last is not None and last[1] < first[0]
