"""Addresses and dates of birth as forms, letterheads and tables write them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.csv_table import typed
from connectors.formats.registry import by_name
from processors.lexicon.addresses import address, birth_date
from processors.resume.import_json_resume import profile_of_json_resume
from processors.resume.parse import parse_resume
from processors.resume.talent import talent

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "street", "code"),
    [
        ("12 Harbour Road, Leeds LS1 4AB", "12 Harbour Road", "LS1 4AB"),
        ("Flat 2, 12 Harbour Road, London", "12 Harbour Road", None),
        ("123 Main St, Springfield, IL 62704-1234", "123 Main St", "62704-1234"),
        ("Hauptstraße 12a, 79098 Freiburg", "Hauptstraße 12a", "79098"),
        ("45 rue de Rivoli, 75001 Paris", "45 rue de Rivoli", "75001"),
        ("浙江省杭州市西湖区文三路138号 310012", "文三路138号", "310012"),
        ("上海浦东新区张江路８８弄3号", "张江路88弄3号", None),
        ("北京市朝阳区望京小区12号楼", "望京小区12号楼", None),
        ("Leeds, UK", None, None),
        ("杭州", None, None),
        ("Born 1990, Leeds", None, None),
    ],
)
def test_an_address_says_street_and_code(text: str, street: str | None, code: str | None) -> None:
    assert address(text) == (street, code)


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("1990-05-17T00:00:00Z", "1990-05-17"),
        ("19900517", "1990-05-17"),
        ("1990年5月", "1990-05"),
        ("17.05.1990", "1990-05-17"),
        ("17/5/1990", "1990-05-17"),
        ("5/6/1990", "1990"),
        ("May 17, 1990", "1990-05-17"),
        ("0000-00-00", None),
        ("保密", None),
        ("Jan 5", None),
    ],
)
def test_a_date_of_birth_is_as_precise_as_it_is_certain(text: str, birth: str | None) -> None:
    assert birth_date(text) == birth


def test_a_cell_that_cannot_be_read_refuses_nobody() -> None:
    said = {"name": "Ann", "birth_date": "unknown", "street_address": "Leeds", "postal_code": "n/a"}
    assert typed("talent", said) == {"name": "Ann"}
    said |= {"birth_date": "17/05/1990", "street_address": "12 Harbour Road", "postal_code": "LS1 4AB"}
    assert typed("talent", said) == {**said, "birth_date": "1990-05-17"}


def origin(fields: dict[str, Any]) -> tuple[Any, Any, Any]:
    return fields.get("birth_date"), fields.get("street_address"), fields.get("postal_code")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "李华\n出生年月：1990年5月\n地址：杭州市西湖区文三路138号\n工作经历\n2015.03-2020.06 明川食品 会计\n",
            ("1990-05", "文三路138号", None),
        ),
        (
            "Molly Bell\n12 Harbour Road, Leeds LS1 4AB\nmolly@example.com\n\nExperience\nNurse, Northgate, 2015 - 2020\n",
            (None, "12 Harbour Road", "LS1 4AB"),
        ),
        ("Molly Bell\nLeeds, UK\n2011-05\n\nExperience\nNurse, Northgate, 2015 - 2020\n", (None, None, None)),
    ],
)
def test_a_resume_says_where_somebody_lives(text: str, expected: tuple[Any, Any, Any]) -> None:
    assert origin(talent(parse_resume(text, today=date(2026, 1, 1)), text).model_dump()) == expected


def test_a_json_resume_says_where_somebody_lives() -> None:
    location = {"address": "2712 Broadway St", "postalCode": "CA 94115", "city": "San Francisco", "countryCode": "US"}
    said = {"basics": {"name": "Ann Lee", "email": "a@example.com", "birthDate": "1990-05-17", "location": location}}
    profile = profile_of_json_resume(json.dumps(said))
    assert profile
    expected = ("1990-05-17", "2712 Broadway St", "94115")
    assert origin(talent(profile).model_dump()) == expected
    assert origin(by_name("json-resume").record(said, AT)["fields"]) == expected


@pytest.mark.parametrize(
    ("system", "document", "expected"),
    [
        (
            "linkedin",
            {
                "Profile.csv": [
                    {
                        "First Name": "Ann",
                        "Last Name": "Lee",
                        "Birth Date": "May 17, 1990",
                        "Address": "12 Harbour Road, Leeds",
                        "Zip Code": "LS1 4AB",
                    }
                ]
            },
            ("1990-05-17", "12 Harbour Road", "LS1 4AB"),
        ),
        (
            "greenhouse",
            {
                "id": 1,
                "first_name": "Ann",
                "last_name": "Lee",
                "email_addresses": [],
                "addresses": [{"value": "Hauptstraße 12, 79098 Freiburg", "type": "home"}],
            },
            (None, "Hauptstraße 12", "79098"),
        ),
    ],
)
def test_systems_say_where_somebody_lives(system: str, document: Any, expected: tuple[Any, Any, Any]) -> None:
    assert origin(by_name(system).record(document, AT)["fields"]) == expected
