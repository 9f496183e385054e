# SPDX-License-Identifier: Apache-2.0
"""Identifiers: forms, check digits, look-alikes; machine-readable zones; agreement with python-stdnum."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import casrn, imei, imo, iso6346, lei, luhn
from stdnum.iso7064 import mod_97_10

from fanal.notices.identifiers import walk
from fanal.notices.identifiers.checks import check_cas, check_identifier, check_phone
from fanal.notices.identifiers.mrz import check_digit, check_zone
from fanal.notices.refs import ref_check_digits
from fanal.v1.notice_pb2 import Notice
from fanal.v1.options_pb2 import IdentifierType as T

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
VISA_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
VISA_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")


def code_of(identifier: int, value: str) -> str | None:
    finding = check_identifier(identifier, value)
    return None if finding is None else finding.code


@pytest.mark.parametrize(
    ("identifier", "value"),
    [
        (T.CONTAINER, "CSQU3054383"), (T.BILL_OF_LADING, "QQQLMER240408811"), (T.AIR_WAYBILL, "214-55432101"),
        (T.FLIGHT, "PK785"), (T.FLIGHT, "9W12A"), (T.FLIGHT, "AFR1234"),
        (T.IMO_SHIP, "9074729"), (T.MMSI, "423999001"), (T.VIN, "WDB9634031L999991"), (T.WAGON, "52123452"),
        (T.WAGON, "218124712173"), (T.TRAVEL_DOCUMENT, "L898902C3"), (T.PHONE_NUMBER, "+22790000001"),
        (T.IMEI, "352099001761481"), (T.IMSI, "614029900000017"), (T.IMSI, "61402990000001"),
        (T.LEI, "9990FANALDEMO0000183"), (T.NOTICE, "018ec697-7b00-7d8b-8c1b-fcf24bfb6747"),
        (T.NOTICE_REF, "XX-DOCLAB-2024-000001-77"), (T.PLATE, "CB 1234 XX"), (T.SEAL, "TR/88-41"),
        (T.ONLINE_ACCOUNT, "пример"), (T.COMPANY_REGISTER, "№ 12"),
    ],
)  # fmt: skip
def test_a_sound_identifier_passes(identifier: int, value: str) -> None:
    """Each type has at least one number that is accepted."""
    assert code_of(identifier, value) is None


@pytest.mark.parametrize(
    ("identifier", "value", "code"),
    [
        (T.CONTAINER, "CSQU3054384", "CHECK_DIGIT"), (T.CONTAINER, "csqu3054383", "FORMAT"),
        (T.CONTAINER, "CSQU 3054383", "FORMAT"), (T.CONTAINER, "СSQU3054383", "NON_ASCII_IDENTIFIER"),
        (T.CONTAINER, "CSQU305438３", "NON_ASCII_IDENTIFIER"),
        (T.CONTAINER, "CSQU3054383\u00a0", "NON_ASCII_IDENTIFIER"),
        (T.CONTAINER, " CSQU3054383", "WHITESPACE_IN_IDENTIFIER"),
        (T.CONTAINER, "CSQU3054383\n", "WHITESPACE_IN_IDENTIFIER"),
        (T.CONTAINER, "CSQU\x003054383", "WHITESPACE_IN_IDENTIFIER"),
        (T.BILL_OF_LADING, "A" * 36, "FORMAT"), (T.BILL_OF_LADING, "A-1", "FORMAT"),
        (T.AIR_WAYBILL, "21455432101", "FORMAT"), (T.AIR_WAYBILL, "214-55432102", "CHECK_DIGIT"),
        (T.AIR_WAYBILL, "214-55432108", "CHECK_DIGIT"),
        (T.FLIGHT, "P-785", "FORMAT"), (T.FLIGHT, "PK12345", "FORMAT"),
        (T.IMO_SHIP, "0000000", "FORMAT"), (T.IMO_SHIP, "IMO9074729", "FORMAT"),
        (T.IMO_SHIP, "9074720", "CHECK_DIGIT"),
        (T.MMSI, "123456789", "FORMAT"), (T.MMSI, "823456789", "FORMAT"),
        (T.VIN, "WDB9634031L99999O", "FORMAT"), (T.VIN, "WDB9634031L99999", "FORMAT"),
        (T.WAGON, "52123453", "CHECK_DIGIT"), (T.WAGON, "218124712174", "CHECK_DIGIT"),
        (T.WAGON, "5212345", "FORMAT"), (T.TRAVEL_DOCUMENT, "L89", "FORMAT"),
        (T.TRAVEL_DOCUMENT, "l898902c3", "FORMAT"), (T.TRAVEL_DOCUMENT, "A" * 21, "FORMAT"),
        (T.PHONE_NUMBER, "0022790000001", "FORMAT"), (T.PHONE_NUMBER, "+227 90000001", "FORMAT"),
        (T.PHONE_NUMBER, "+123456", "FORMAT"), (T.PHONE_NUMBER, "+1234567890123456", "FORMAT"),
        (T.IMEI, "352099001761480", "CHECK_DIGIT"), (T.IMEI, "35209900176148", "FORMAT"),
        (T.IMSI, "6140299000000178", "FORMAT"), (T.LEI, "9990FANALDEMO0000184", "CHECK_DIGIT"),
        (T.LEI, "9990FANALDEMO00001AA", "FORMAT"),
        (T.NOTICE, "018EC697-7B00-7D8B-8C1B-FCF24BFB6747", "FORMAT"),
        (T.NOTICE, "018ec697-7b00-4d8b-8c1b-fcf24bfb6747", "FORMAT"),
        (T.NOTICE, "018ec697-7b00-7d8b-cc1b-fcf24bfb6747", "FORMAT"),
        (T.NOTICE_REF, "XX-DOCLAB-2024-000001-78", "CHECK_DIGIT"),
        (T.NOTICE_REF, "XX-DOCLAB-24-000001-77", "FORMAT"), (T.PLATE, "СВ 1234", "NON_ASCII_IDENTIFIER"),
        (T.ONLINE_ACCOUNT, "name\u2003", "WHITESPACE_IN_IDENTIFIER"),
        (T.ONLINE_ACCOUNT, "na\x85me", "WHITESPACE_IN_IDENTIFIER"),
    ],
)  # fmt: skip
def test_a_broken_identifier_is_found(identifier: int, value: str, code: str) -> None:
    """ASCII first, then outer space and control characters, then the form, then the check digit."""
    assert code_of(identifier, value) == code


def test_cas_and_telephone_of_a_post_are_checked_alike() -> None:
    """Fields without the option identifier have the same rules."""
    assert check_cas("108-24-7") is None
    for value, code in {"108-24-8": "CHECK_DIGIT", "1082-4-7": "FORMAT", "１08-24-7": "FORMAT"}.items():
        finding = check_cas(value)
        assert finding is not None
        assert finding.code == code
    assert check_phone("+21670000000") is None
    assert check_phone("70000000") is not None


@pytest.mark.parametrize("lines", [TD3, TD2, TD1, VISA_A, VISA_B])
def test_the_specimens_of_doc_9303_pass(lines: tuple[str, ...]) -> None:
    """Passport, TD2, TD1 and both visas of ICAO's own specimens."""
    assert check_zone(lines) is None


@pytest.mark.parametrize("lines", [TD3, TD2, TD1, VISA_A, VISA_B])
def test_a_changed_check_digit_of_a_zone_is_found(lines: tuple[str, ...]) -> None:
    """Every digit that stands at a check position matters, also the composite."""
    layouts = {
        TD3: [(1, 9), (1, 19), (1, 27), (1, 42), (1, 43)],
        TD2: [(1, 9), (1, 19), (1, 27), (1, 35)],
        TD1: [(0, 14), (1, 6), (1, 14), (1, 29)],
        VISA_A: [(1, 9), (1, 19), (1, 27)],
        VISA_B: [(1, 9), (1, 19), (1, 27)],
    }
    for line, at in layouts[lines]:
        changed = list(lines)
        digit = str((int(changed[line][at]) + 1) % 10)
        changed[line] = changed[line][:at] + digit + changed[line][at + 1 :]
        finding = check_zone(changed)
        assert finding is not None, (line, at)
        assert finding.code == "CHECK_DIGIT"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (TD3[:1], "FORMAT"), ((*TD3, TD3[0]), "FORMAT"), ((TD3[0], TD2[1]), "FORMAT"),
        ((TD3[0][:-1], TD3[1]), "FORMAT"), ((TD3[0].lower(), TD3[1]), "FORMAT"),
        ((TD3[0].replace("UTO", "QQQ"), TD3[1]), "UNKNOWN_CODE"),
        ((TD3[0].replace("UTO", "<<<"), TD3[1]), "UNKNOWN_CODE"),
    ],
)  # fmt: skip
def test_a_zone_of_another_form_is_found(lines: tuple[str, ...], code: str) -> None:
    """Number and length of lines, letters, and the issuer."""
    finding = check_zone(lines)
    assert finding is not None
    assert finding.code == code


def test_a_one_letter_issuer_is_known() -> None:
    """Germany writes D and two fillers."""
    assert check_zone((TD3[0].replace("P<UTO", "P<D<<"), TD3[1])) is None


def test_an_empty_personal_number_may_have_a_filler_as_digit() -> None:
    """Doc 9303 part 4: < instead of 0 when the field is empty, and only then."""
    stem = TD3[1][:28] + "<" * 14 + "<"
    composite = check_digit(stem[:10] + stem[13:20] + stem[21:43])
    assert check_zone((TD3[0], stem + composite)) is None
    stem = TD3[1][:42] + "<"
    composite = check_digit(stem[:10] + stem[13:20] + stem[21:43])
    assert check_zone((TD3[0], stem + composite)) is not None


def test_a_long_document_number_runs_on_into_the_optional_data() -> None:
    """Doc 9303 part 5: the number goes on after <, and its check digit ends it."""
    number = "D23145890735"
    first = f"I<UTO{number[:9]}<{number[9:]}{check_digit(number)}".ljust(30, "<")
    body = TD1[1][:29]
    composite = check_digit(first[5:30] + body[0:7] + body[8:15] + body[18:29])
    assert check_zone((first, body + composite, TD1[2])) is None
    wrong = first.replace(number[9:], "36")
    assert check_zone((wrong, body + composite, TD1[2])) is not None
    assert check_zone(("I<UTOD23145890<".ljust(30, "<"), TD1[1], TD1[2])) is not None


ASCII = string.ascii_uppercase + string.digits


@settings(max_examples=60, deadline=None)
@given(st.text(ASCII, min_size=3, max_size=3), st.sampled_from("UJZ"), st.integers(0, 10**7 - 1))
def test_containers_agree_with_stdnum(owner: str, category: str, serial: int) -> None:
    """Behind the gate, what stdnum accepts is accepted, and nothing else."""
    value = f"{owner}{category}{serial:07d}"
    formed = owner.isalpha()
    assert (code_of(T.CONTAINER, value) is None) == (formed and iso6346.is_valid(value))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**15 - 1))
def test_digit_identifiers_agree_with_stdnum(number: int) -> None:
    """IMO, IMEI and wagons: the same verdict as stdnum on ASCII digits."""
    seven, eight, fifteen = f"{number % 10**7:07d}", f"{number % 10**8:08d}", f"{number:015d}"
    assert (code_of(T.IMO_SHIP, seven) is None) == (seven[0] != "0" and imo.is_valid(seven))
    assert (code_of(T.IMEI, fifteen) is None) == imei.is_valid(fifteen)
    assert (code_of(T.WAGON, eight) is None) == luhn.is_valid(eight)


@settings(max_examples=60, deadline=None)
@given(st.text(ASCII, min_size=18, max_size=18), st.integers(2, 99))
def test_legal_entities_agree_with_stdnum(stem: str, digits: int) -> None:
    """LEI: mod 97-10 over the whole."""
    value = f"{stem}{digits:02d}"
    assert (code_of(T.LEI, value) is None) == lei.is_valid(value)


@settings(max_examples=60, deadline=None)
@given(st.integers(10, 9_999_999), st.integers(0, 99), st.integers(0, 9))
def test_cas_numbers_agree_with_stdnum(first: int, second: int, digit: int) -> None:
    """CAS: weighted sum from the right."""
    value = f"{first}-{second:02d}-{digit}"
    assert (check_cas(value) is None) == casrn.is_valid(value)


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[A-Z]{2}-[A-Z0-9]{2,8}-[0-9]{4}-[0-9]{6}", fullmatch=True))
def test_reference_digits_agree_with_stdnum(stem: str) -> None:
    """ISO 7064 MOD 97-10 by another implementation."""
    assert ref_check_digits(stem) == mod_97_10.calc_check_digits(stem.replace("-", ""))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(T.Code.values())), st.text(max_size=40))
def test_no_text_makes_an_identifier_check_raise(identifier: int, value: str) -> None:
    """Foreign digits, controls, anything: a finding or none."""
    finding = check_identifier(identifier, value)
    assert finding is None or finding.code.isupper()


def test_the_walk_finds_every_identifier_with_type_and_path() -> None:
    """One walk over the schema's options, lists and nested messages included."""
    notice = Notice(notice_id="n", related=["r"])
    shipment = notice.shipment_warning.shipment
    shipment.containers.add(number="C").seals.add(number="S")
    shipment.conveyances.add(plate="P", name="not an identifier")
    assert list(walk(notice)) == [
        ("NOTICE", "n", "notice_id"),
        ("NOTICE", "r", "related[0]"),
        ("CONTAINER", "C", "shipment_warning.shipment.containers[0].number"),
        ("SEAL", "S", "shipment_warning.shipment.containers[0].seals[0].number"),
        ("PLATE", "P", "shipment_warning.shipment.conveyances[0].plate"),
    ]
