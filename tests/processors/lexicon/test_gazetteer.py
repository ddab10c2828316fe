"""Places beyond those of resumes: the cities that the world's time zones are named after, and districts of China."""

from zoneinfo import available_timezones

import pytest

from processors.chat.currency import currency_of_places
from processors.lexicon.places import named_places, with_city

ISLANDS = {
    "Azores",
    "Canary",
    "Faeroe",
    "Faroe",
    "Jersey",
    "Guernsey",
    "Isle_of_Man",
    "Jan_Mayen",
    "Madeira",
    "Malta",
    "Belfast",
    "Busingen",
    "Tiraspol",
    "Nicosia",
    "Vaduz",
    "Monaco",
    "San_Marino",
    "Vatican",
    "Andorra",
    "Gibraltar",
    "Mariehamn",
    "Podgorica",
    "Uzhgorod",
    "Zaporozhye",
    "Simferopol",
    "Tirane",
    "Kiev",
}


def test_the_cities_of_europe_s_time_zones_are_read() -> None:
    zones = sorted(z.partition("/")[2] for z in available_timezones() if z.startswith("Europe/"))
    names = [name.replace("_", " ") for name in zones if name not in ISLANDS]
    missed = [name for name in names if [p for p, _, _ in named_places(f"any jobs in {name}?")] != [name.casefold()]]
    assert len(names) > 35
    assert not missed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("我想去浦东做会计", ["浦东"]),
        ("浦东新区的", ["浦东"]),
        ("上海浦东新区", ["shanghai"]),
        ("海淀或者朝阳", ["海淀", "朝阳"]),
        ("在里加找工作", ["riga"]),
        ("Kraków or Gdańsk", ["kraków", "gdańsk"]),
        ("Riga 的岗位", ["riga"]),
        ("合作过的公司", []),
        ("上海城市银行", ["shanghai"]),
        ("my name is Sofia", []),
        ("Split the list", []),
        ("work with Oracle and Delta", []),
    ],
)
def test_names_count_where_a_place_is_expected(text: str, names: list[str]) -> None:
    assert [name for name, _, _ in named_places(text)] == names


def test_a_district_is_looked_for_in_its_city() -> None:
    assert [with_city(name) for name in ("浦东", "南山", "昆山", "riga")] == ["shanghai", "shenzhen", "昆山", "riga"]
    assert currency_of_places(["riga"]) == "EUR"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("jobs in Germany or the UK", ["germany", "united kingdom"]),
        ("anywhere in the US", ["united states"]),
        ("let us see what is in New Mexico", ["new mexico"]),
        ("内蒙、新疆都能去", ["内蒙古", "新疆"]),
        ("日本料理店的厨师", []),
        ("泰国的酒店", ["thailand"]),
        ("I cook turkey", []),
    ],
)
def test_countries_and_states_are_places(text: str, named: list[str]) -> None:
    assert [name for name, _, _ in named_places(text)] == named
