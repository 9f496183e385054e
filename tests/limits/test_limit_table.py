# SPDX-License-Identifier: Apache-2.0
"""No limit is forgotten: every field of Limits has a test that shows it, is read by the program, and is
documented with its default for the operator."""

from __future__ import annotations

import ast
import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from fanal.config.settings import Limits
from fanal.node.quotas.quotas import DISK_LIMIT

REPO = Path(__file__).resolve().parents[2]
FIELDS = {one.name: one for one in dataclasses.fields(Limits)}
COUNTS, FLOWS = "tests/limits/test_quota_counts.py", "tests/limits/test_quota_flows.py"
FILES = "tests/attachments/test_attachments_hostile.py"
ATTACHED = "tests/limits/test_attachment_counts.py"
DOOR = "tests/limits/test_limits_at_the_door.py"
TESTS: dict[str, tuple[str, ...]] = {
    "connections": (f"{DOOR}::test_connections_at_the_limit_and_one_past_it",),
    "connections_per_key": (
        "tests/service/test_credit_attacks.py::test_many_connections_of_one_key_leave_two",
    ),
    "line_kbit_per_s": (
        "tests/service/test_thinline.py::test_shares_are_small_but_for_who_sends_and_end_with_the_link",
    ),
    "handshake_seconds": (
        "tests/service/test_transport_attacks.py::test_silent_connections_are_closed_and_starve_nobody",
    ),
    "streams_per_connection": (f"{DOOR}::test_limits_of_a_connection_reach_the_transport",),
    "calls_per_minute": (
        "tests/limits/test_calls_at_the_port.py::test_calls_of_one_key_at_the_limit_and_one_past_it",
    ),
    "metadata_bytes": (
        "tests/service/test_transport_attacks.py::test_an_oversized_message_and_a_metadata_flood_end_the_call_only",
    ),
    "message_bytes": (
        "tests/service/test_transport_attacks.py::test_an_oversized_message_and_a_metadata_flood_end_the_call_only",
        f"{DOOR}::test_limits_of_a_connection_reach_the_transport",
    ),
    "envelope_bytes": (f"{COUNTS}::test_sizes_of_one_envelope_at_the_limit_and_one_past_it",),
    "flash_bytes": (f"{COUNTS}::test_sizes_of_one_envelope_at_the_limit_and_one_past_it",),
    "attachment_bytes": (f"{FILES}::test_own_uploads_keep_the_limits_of_the_agency",),
    "attachment_bytes_per_day": (
        f"{FILES}::test_an_author_over_its_day_waits_and_others_do_not",
        f"{ATTACHED}::test_a_restart_does_not_begin_a_new_day",
    ),
    "recipients": (f"{COUNTS}::test_sizes_of_one_envelope_at_the_limit_and_one_past_it",),
    "ids_per_message": (
        f"{DOOR}::test_items_strings_and_nesting_of_a_call_at_the_limit_and_one_past_it",
        f"{DOOR}::test_numbers_in_a_frame_at_the_limit_and_one_past_it",
    ),
    "string_bytes": (f"{DOOR}::test_items_strings_and_nesting_of_a_call_at_the_limit_and_one_past_it",),
    "nesting": (f"{DOOR}::test_items_strings_and_nesting_of_a_call_at_the_limit_and_one_past_it",),
    "unary_seconds": (
        "tests/service/test_peer_links.py::test_ping_names_a_peer_that_is_not_linked_or_does_not_answer",
    ),
    "silence_seconds": (
        f"{DOOR}::test_silence_at_the_limit_and_one_second_past_it",
        "tests/service/test_peer_links.py::test_a_silent_peer_is_cut_but_not_banned",
    ),
    "heartbeat_seconds": (f"{DOOR}::test_silence_at_the_limit_and_one_second_past_it",),
    "keepalive_seconds": (f"{DOOR}::test_limits_of_a_connection_reach_the_transport",),
    "keepalive_timeout_seconds": (f"{DOOR}::test_limits_of_a_connection_reach_the_transport",),
    "flash_per_hour": (
        f"{COUNTS}::test_flash_per_hour_at_the_limit_and_one_past_it",
        f"{FLOWS}::test_an_alert_over_its_quota_arrives_at_once_all_the_same",
        f"{FLOWS}::test_own_flash_at_the_limit_and_one_past_it_says_how_to_send_it_now",
    ),
    "routine_per_hour": (
        f"{COUNTS}::test_routine_per_hour_at_the_limit_and_one_past_it",
        f"{FLOWS}::test_over_routine_is_kept_by_its_sender_and_comes_in_the_next_hour",
        f"{FLOWS}::test_own_routine_at_the_limit_and_one_past_it_names_limit_and_time",
        f"{FLOWS}::test_one_flood_through_two_relays_spends_only_its_authors_quota",
    ),
    "lanes_per_author": (f"{COUNTS}::test_lanes_per_author_at_the_limit_and_one_past_it",),
    "new_lanes_per_hour": (
        f"{COUNTS}::test_new_lanes_per_hour_at_the_limit_and_one_past_it",
        f"{FLOWS}::test_a_new_lane_over_its_quota_waits_and_known_lanes_go_on",
    ),
    "open_incarnations": (
        f"{COUNTS}::test_open_incarnations_at_the_limit_and_one_past_it",
        f"{FLOWS}::test_incarnations_that_nobody_goes_on_from_are_bounded",
    ),
    "bad_signatures": ("tests/node/test_node_attacks.py::test_so_much_garbage_cuts_the_link",),
    "bad_signature_window_seconds": (f"{DOOR}::test_strikes_at_the_edge_of_the_window_and_past_it",),
    "cut_seconds": (
        "tests/service/test_peer_links.py::test_a_cut_peer_is_refused_for_a_while_and_longer_each_time",
    ),
    "cut_most_seconds": (f"{DOOR}::test_cuts_double_up_to_the_limit_and_no_further",),
    "storage_per_author_bytes": (
        f"{COUNTS}::test_storage_per_author_at_the_limit_and_one_past_it",
        f"{FLOWS}::test_storage_of_an_author_is_bounded_and_erasure_makes_room",
        f"{ATTACHED}::test_a_file_beyond_the_authors_storage_waits_and_its_notice_does_not",
    ),
    "disk_warn_percent": ("tests/limits/test_disk_room.py::test_the_disk_at_each_limit_and_one_below_it",),
    "disk_refuse_percent": (
        "tests/limits/test_disk_room.py::test_the_disk_at_each_limit_and_one_below_it",
        f"{FLOWS}::test_a_full_disk_takes_own_and_nothing_of_others_until_there_is_room",
    ),
    "reserve_bytes": ("tests/limits/test_disk_room.py::test_the_reserve_is_real_blocks_of_exactly_its_size",),
    "read_bytes": (f"{DOOR}::test_what_a_command_reads_at_the_limit_and_one_past_it",),
}


def functions(path: Path) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = ast.parse(path.read_text()).body if path.is_file() else []
    return {one.name for one in found if isinstance(one, kinds)}


def readers(name: str) -> list[str]:
    """The modules of the program that read the field."""
    found = re.compile(rf"\.{name}\b")
    rooms = [REPO / "node", REPO / "cli", REPO / "config"]
    return [str(path) for room in rooms for path in room.rglob("*.py") if found.search(path.read_text())]


def test_every_limit_has_its_tests_and_no_row_is_left_over() -> None:
    """A new limit without a test at the limit and one past it fails here."""
    assert set(TESTS) == set(FIELDS)


@pytest.mark.parametrize("name", sorted(TESTS))
def test_a_limit_is_read_and_its_tests_are_in_the_tree(name: str) -> None:
    """A limit that nothing reads limits nothing."""
    assert readers(name), f"no module reads limits.{name}"
    for test in TESTS[name]:
        path, _, function = test.partition("::")
        assert function in functions(REPO / path), test


def test_every_limit_is_documented_with_its_default() -> None:
    """The example file names each field of Limits once, at its default."""
    text = (REPO / "config" / "examples" / "fanal.toml").read_text()
    assert tomllib.loads(text)["limits"] == {name: one.default for name, one in FIELDS.items()}


def test_every_limit_that_is_named_to_a_peer_is_a_setting() -> None:
    """What a deferral names is what an operator finds in the file."""
    source = (REPO / "node/fanal/node/quotas/quotas.py").read_text()
    named = set(re.findall(r'Over\(asked\.author, "(\w+)"', source)) | {DISK_LIMIT}
    assert len(named) >= 8
    assert named <= set(FIELDS)
