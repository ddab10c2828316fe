"""Builds processors/matching/data/vocabulary.txt: which words tell what work is about, and how much each of them tells.

    python ops/training/vocabulary.py DATA

DATA has folders of JSON Lines whose licences allow to pass on what is counted in them; ATTRIBUTION.txt beside the list
names them. Only counts of single words and pairs of characters are kept. How much a word tells is the logarithm of one
in how many texts names it, the mean over kinds of texts: what is usual in one trade only still tells of that trade.
Names of employers and places are left out. Running it again on the same files gives the same bytes.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from math import log
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from processors.lexicon.places import PROVINCES, TOWNS, country_of_city, known_places  # noqa: E402
from processors.matching.reading.vocabulary import words  # noqa: E402
from processors.skills import taxonomy  # noqa: E402

OUT = ROOT / "processors/matching/data/vocabulary.txt"
LEAST_TEXTS = 3
LEAST_TOLD = 1.5
STEP = 0.25
EMPLOYERS = set(
    """
    accenture adobe airbnb alibaba amazon apple baidu bosch bytedance capgemini cisco cognizant deloitte dell ebay
    ericsson facebook google huawei ibm infosys intel jpmorgan kpmg lenovo linkedin mckinsey meta microsoft netflix
    nokia nvidia oracle paypal pwc salesforce samsung sap siemens sony tcs tencent tesla twitter uber walmart wipro
    阿里 里巴 巴巴 腾讯 百度 字节 节跳 跳动 华为 京东 美团 网易 小米 滴滴 拼多 多多 联想 海尔
    新浪 搜狐 快手 抖音 淘宝 微软
    """.split()  # noqa: SIM905
)
"""Words of names that are famous: whose name stands in a CV must not count."""


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def english(data: Path) -> Iterator[str]:
    """Yield ads, CVs and what ESCO says of occupations."""
    posts: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for part in ("train", "dev"):
        for row in read(data / "skillspan-en" / f"{part}.jsonl"):
            posts[part, row["source"], row["idx"]] += row["tokens"]
    yield from map(" ".join, posts.values())
    for row in read(data / "resume-ner-en-anon" / "train.jsonl"):
        yield row["text"]
    for row in read(data / "esco-en" / "occupations.jsonl"):
        yield "\n".join((row["label"], *row["alt_labels"], row["description"]))


def chinese(data: Path) -> Iterator[str]:
    """Yield ads."""
    for name in ("jobs-zh-frontend", "jobs-zh-product-manager", "jobs-zh-tech-text"):
        for row in read(data / name / "dev.jsonl"):
            yield f"{row.get('title')}\n{row.get('text') or row.get('description')}"


def told(texts: Iterable[str], named: Collection[str]) -> dict[str, float]:
    """Return how much each word tells that several texts have, or that is `named`."""
    counts: Counter[str] = Counter()
    total = 1
    for text in texts:
        counts.update(set(words(text)))
        total += 1
    return {w: log(total / (counts[w] + 1)) for w in counts.keys() | named if counts[w] >= LEAST_TEXTS or w in named}


@cache
def _parts_of_places() -> frozenset[str]:
    return frozenset(city[at : at + 2] for city in (*PROVINCES, *TOWNS) for at in range(len(city) - 1))


def is_name(word: str) -> bool:
    """Whether a word is a place's or an employer's."""

    return word in EMPLOYERS or word in _parts_of_places() or bool(country_of_city(word) or known_places(word))


def main(data: Path) -> None:
    """Write the list."""
    skills = {w for skill in taxonomy().skills.values() for name in skill.spellings for w in words(name)}
    latin = {w for w in skills if w[0] < "\u3400"}
    found = told(chinese(data), skills - latin)
    found = {w: tells for w, tells in found.items() if w[0] > "\u33ff"} | told(english(data), latin)
    lines = defaultdict[float, list[str]](list)
    for word, tells in sorted(found.items()):
        if tells >= LEAST_TOLD and not word.isdigit() and not is_name(word):
            lines[round(tells / STEP) * STEP].append(word)
    OUT.write_text("".join(f"{tells:g} {' '.join(lines[tells])}\n" for tells in sorted(lines)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
