# SPDX-License-Identifier: Apache-2.0
"""Settings: precedence, refusals by name, and the example file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from fanal.config.home import Home
from fanal.config.load import checked_socket, keys, load
from fanal.config.settings import Limits, Settings
from fanal.errors import FanalError

EXAMPLE = Path(__file__).parents[2] / "config" / "examples" / "fanal.toml"


def home_with(folder: Path, text: str) -> Home:
    (folder / "fanal.toml").write_text(text, encoding="utf-8")
    return Home(folder)


def refusal(folder: Path, text: str, environ: dict[str, str] | None = None) -> FanalError:
    with pytest.raises(FanalError) as caught:
        load(home_with(folder, text), environ=environ or {})
    return caught.value


def test_example_names_every_setting_once_with_its_default(tmp_path: Path) -> None:
    """The documented example loads, and every value in it but the agency is the program's default."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = load(home_with(tmp_path, text), environ={})
    bare = load(home_with(tmp_path, 'agency = "AZ-CUS"'), environ={})
    assert shown == bare
    named = {line.removeprefix("# ").split(" = ")[0] for line in text.splitlines() if " = " in line}
    assert {key.split(".")[-1] for key in keys()} <= named


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """Each value tells where it came from, and the nearest source wins."""
    home = home_with(tmp_path, 'agency = "AZ-CUS"\nlisten = "a:1"\nadvertise = "b:2"\nlog_level = "error"')
    environ = {"FANAL_ADVERTISE": "c:3", "FANAL_LOG_LEVEL": "warning", "FANAL_UNRELATED": "x"}
    settings = load(home, {"log_level": "debug", "listen": None}, environ)
    assert (settings.listen, settings.advertise, settings.log_level) == ("a:1", "c:3", "debug")
    wanted = ("file", "environment FANAL_ADVERTISE", "flag --log-level", "default")
    assert tuple(settings.origins[key] for key in ("listen", "advertise", "log_level", "peers")) == wanted


def test_environment_parses_numbers_and_lists(tmp_path: Path) -> None:
    """Text of the environment becomes the type of its setting, nested limits included."""
    environ = {
        "FANAL_LIMITS_CONNECTIONS": "7",
        "FANAL_RECEIPTS_BATCH_SECONDS": "0.5",
        "FANAL_PEERS": "GE-CUS, TR-CUS",
    }
    settings = load(home_with(tmp_path, 'agency = "AZ-CUS"'), environ=environ)
    assert (settings.limits.connections, settings.receipts_batch_seconds) == (7, 0.5)
    assert settings.trusts("TR-CUS")
    assert not settings.trusts("IT-CGD")


def test_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    """A typo never silently leaves a default in force."""
    assert "listen" in refusal(tmp_path, 'agency = "AZ-CUS"\nlissten = "a:1"').hint
    assert "limits.connections" in refusal(tmp_path, 'agency = "AZ-CUS"\n[limits]\nconections = 1').hint
    assert "limits.nesting" in refusal(tmp_path, 'agency = "AZ-CUS"\nnesting = 3').hint
    assert "examples" in refusal(tmp_path, 'agency = "AZ-CUS"\nzzzzzzzzzz = 3').hint


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('listen = "nonsense"', "FANAL-E0509"),
        ('listen = "a:99999"', "FANAL-E0509"),
        ('listen = "a:٣"', "FANAL-E0509"),
        ("listen = 7443", "FANAL-E0509"),
        ('peers = "GE-CUS"', "FANAL-E0507"),
        ('peers = ["georgia"]', "FANAL-E0512"),
        ("receipts_batch_seconds = true", "FANAL-E0507"),
        ("receipts_batch_seconds = nan", "FANAL-E0507"),
        ("receipts_batch_seconds = -1", "FANAL-E0508"),
        ('receipts_batch_seconds = "5"', "FANAL-E0507"),
        ("data = 5", "FANAL-E0507"),
        ('data = "a\\u0000b"', "FANAL-E0507"),
        ('log_level = "loud"', "FANAL-E0510"),
        ("log_level = ['a']", "FANAL-E0510"),
        ("limits = 3", "FANAL-E0507"),
        ("[limits]\nconnections = 1.5", "FANAL-E0507"),
        ("[limits]\nconnections = 0", "FANAL-E0508"),
        ("listen = ", "FANAL-E0504"),
    ],
)
def test_wrong_value_is_refused_by_name(tmp_path: Path, line: str, error: str) -> None:
    """Every kind of wrong value has its own id and names the setting."""
    caught = refusal(tmp_path, f'agency = "AZ-CUS"\n{line}')
    assert caught.kind.id == error
    assert "{" not in caught.sentence


def test_wrong_number_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    """The refusal points at the source that was wrong, not at the file."""
    caught = refusal(tmp_path, 'agency = "AZ-CUS"', {"FANAL_LIMITS_NESTING": "many"})
    assert "FANAL_LIMITS_NESTING" in caught.sentence


def test_agency_is_required_and_checked(tmp_path: Path) -> None:
    """A file without an agency, or with a wrong one, speaks for nobody."""
    assert refusal(tmp_path, "").kind.id == "FANAL-E0513"
    assert refusal(tmp_path, 'agency = "azerbaijan"').kind.id == "FANAL-E0512"
    assert refusal(tmp_path, "agency = 3").kind.id == "FANAL-E0512"


def test_missing_huge_binary_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Whatever lies at fanal.toml, the answer is a sentence."""
    with pytest.raises(FanalError, match="E0502"):
        load(Home(tmp_path), environ={})
    assert refusal(tmp_path, "#" * 300_000).kind.id == "FANAL-E0505"
    (tmp_path / "fanal.toml").write_bytes(b"agency = '\xff'")
    with pytest.raises(FanalError, match="E0504"):
        load(Home(tmp_path), environ={})
    (tmp_path / "fanal.toml").write_bytes(b"a = " + b"[" * 50_000)
    with pytest.raises(FanalError, match="E0504"):
        load(Home(tmp_path), environ={})


def test_relative_paths_lie_under_the_home(tmp_path: Path) -> None:
    """A folder that is moved keeps working."""
    settings = load(
        home_with(tmp_path, 'agency = "AZ-CUS"\ndata = "d"\nsocket = "/s"\nkey_file = "k"'), environ={}
    )
    assert (settings.data, settings.socket, settings.key_file) == (tmp_path / "d", Path("/s"), tmp_path / "k")


def test_socket_path_past_the_limit_is_refused(tmp_path: Path) -> None:
    """107 bytes bind, 108 do not, and the refusal says which setting mends it."""
    base: dict[str, Any] = {"agency": "AZ-CUS", "data": tmp_path}
    assert checked_socket(Settings(**base, socket=Path("/" + "s" * 106)))
    with pytest.raises(FanalError, match="E0511") as caught:
        checked_socket(Settings(**base, socket=Path("/" + "s" * 107)))
    assert "socket" in caught.value.hint


def test_join_listener_takes_the_next_port(tmp_path: Path) -> None:
    """Without a setting the join listener is where a firewall rule can expect it."""
    base: dict[str, Any] = {"agency": "AZ-CUS", "data": tmp_path, "socket": tmp_path}
    assert Settings(**base, listen="[::1]:7443").join_address == "[::1]:7444"
    assert Settings(**base, listen="h:0").join_address == "h:0"
    assert Settings(**base, listen="h:65535").join_address == "h:0"
    assert Settings(**base, join_listen="x:9").join_address == "x:9"
    assert Settings(**base, listen="").join_address == ""
    assert Settings(**base, listen="", join_listen="x:9").join_address == "x:9"
    assert Settings(**base, advertise="y:1").advertised == "y:1"


def test_every_limit_has_bounds_that_hold_its_default() -> None:
    """A default outside its own bounds could not be written into the file."""
    for one in dataclasses.fields(Limits):
        assert one.metadata["low"] <= one.default <= one.metadata["high"], one.name


def test_a_node_may_listen_nowhere(tmp_path: Path) -> None:
    """An empty address is a choice: nothing is opened, and others are told nothing."""
    settings = load(home_with(tmp_path, 'agency = "AZ-CUS"\nlisten = ""'), environ={})
    assert (settings.listen, settings.advertised) == ("", "")


def test_what_a_thin_line_carries_is_said_in_the_file_or_the_environment(tmp_path: Path) -> None:
    """Unset it is 0, and nothing is different; below that and beyond 1,024 it is refused with both bounds."""
    assert load(home_with(tmp_path, 'agency = "AZ-CUS"'), environ={}).limits.line_kbit_per_s == 0
    home = home_with(tmp_path, 'agency = "AZ-CUS"\n[limits]\nline_kbit_per_s = 64')
    assert load(home, environ={}).limits.line_kbit_per_s == 64
    assert load(home, environ={"FANAL_LIMITS_LINE_KBIT_PER_S": "128"}).limits.line_kbit_per_s == 128
    for wrong in (-1, 1_025):
        error = refusal(tmp_path, f'agency = "AZ-CUS"\n[limits]\nline_kbit_per_s = {wrong}')
        facts = error.facts
        assert (error.kind.id, facts["low"], facts["high"]) == ("FANAL-E0508", "0", "1,024")
